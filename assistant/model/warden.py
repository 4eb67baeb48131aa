"""Runs one command as a process group and takes the whole group down when its own parent is gone.

Started as a script of its own, importing nothing of ours: ``python warden.py PARENT_PID GRACE COMMAND``.
A server of several processes leaves orphans when whoever started it is killed outright; the kernel's parent-death
signal follows threads, not processes, so the warden watches its parent instead and is itself watched by that signal.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0
_WOKEN_BY = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)


def _in_child() -> None:
    """Runs between fork and exec: signals are heard again, and the warden's death ends the command."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WOKEN_BY)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _signal_group(group: int, number: int) -> bool:
    """Whether there was still anyone to hear it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def end_group(child: subprocess.Popen[bytes], grace: float) -> None:
    """Asks the command to end, which lets it end its own children in order; then makes the whole group."""
    until = time.monotonic() + grace
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    while time.monotonic() < until:
        child.poll()  # a zombie still counts as a member of the group
        if not _signal_group(child.pid, 0):
            return
        time.sleep(0.05)
    _signal_group(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=5)


def guard(parent: int, grace: float, command: Sequence[str]) -> int:
    """Runs the command until it ends, the warden is told to stop, or the parent is gone.

    Returns:
        The command's exit code.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _WOKEN_BY)
    # The warden has one thread, so the hook between fork and exec is safe.
    child = subprocess.Popen(command, start_new_session=True, preexec_fn=_in_child)  # noqa: PLW1509
    while child.poll() is None and os.getppid() == parent:
        heard = signal.sigtimedwait(_WOKEN_BY, _LOOK_SECONDS)
        if heard is not None and heard.si_signo != signal.SIGCHLD:
            break
    end_group(child, grace)
    return child.returncode if child.returncode is not None else 1


if __name__ == "__main__":
    sys.exit(guard(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]) & 0xFF)
