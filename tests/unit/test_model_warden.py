"""The warden ends a whole group of processes, however it or its parent comes to an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from assistant.model import warden

SCRIPT = str(Path(warden.__file__))
GRACE = "0.5"
# Stands for a server with an engine: a process and its child, neither of which heeds a polite request.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(600)"])
time.sleep(600)
"""
# Starts a warden as its parent and waits.
PARENT = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, sys.argv[1], str(os.getpid()), "0.5", sys.executable, "-c", sys.argv[2]])
time.sleep(600)
"""
POLITE = "import time; print('up', flush=True); time.sleep(600)"


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=30)[1]


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"  # the innermost child runs
    return psutil.Process(process.pid).children(recursive=True)


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    started: list[subprocess.Popen[bytes]] = []

    def run(*line: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, *line], stdout=subprocess.PIPE))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_told_to_stop_it_ends_the_group(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = start(SCRIPT, str(os.getpid()), GRACE, sys.executable, "-c", POLITE)
    below = family(process)
    process.terminate()
    assert process.wait(timeout=30) != 0
    assert gone(below)


def test_what_does_not_listen_is_killed(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = start(SCRIPT, str(os.getpid()), GRACE, sys.executable, "-c", STUBBORN)
    below = family(process)
    assert len(below) == 2
    process.terminate()
    assert gone(below)


def test_a_parent_killed_outright_leaves_nothing(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = start("-c", PARENT, SCRIPT, STUBBORN)
    below = family(process)
    assert len(below) == 3
    process.send_signal(signal.SIGKILL)
    assert gone(below)


def test_a_warden_killed_outright_takes_the_command_along(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = start(SCRIPT, str(os.getpid()), GRACE, sys.executable, "-c", POLITE)
    below = family(process)
    process.send_signal(signal.SIGKILL)
    assert gone(below)


def test_a_child_left_by_a_command_that_died_is_ended(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = start(SCRIPT, str(os.getpid()), GRACE, sys.executable, "-c", STUBBORN)
    command, child = sorted(family(process), key=lambda one: one.create_time())
    command.kill()
    assert gone([child])
    assert process.wait(timeout=30) != 0


def test_it_ends_as_the_command_did(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    assert start(SCRIPT, str(os.getpid()), GRACE, sys.executable, "-c", "raise SystemExit(7)").wait(timeout=30) == 7


def test_idle_it_costs_nothing(start: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = start(SCRIPT, str(os.getpid()), GRACE, sys.executable, "-c", POLITE)
    family(process)
    before = sum(psutil.Process(process.pid).cpu_times()[:2])
    time.sleep(3)
    assert sum(psutil.Process(process.pid).cpu_times()[:2]) - before < 0.3
