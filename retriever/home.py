"""Who owns a shop's folder: one process at a time, and how the others reach it.

The embedded vector store and the record files have one owner process. Whoever opens
them holds ``HOME/owner.lock``. A web app that owns the folder also leaves
``HOME/server.json`` (its address, process id and a token that only this folder's
owner can read), so that a command on the same folder can go through it. The lock is
the truth: it dies with its process, so a ``server.json`` beside a free lock is stale.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from retriever.errors import BadInputError, UnavailableError

LOCK_NAME = "owner.lock"
SERVER_NAME = "server.json"
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Serving:
    """A web app that owns the folder: where it answers, and the token for its owner's requests."""

    address: str
    pid: int
    token: str


class Home:
    """One shop's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def owned(self) -> Iterator[bool]:
        """Try to own the folder, without waiting; yields whether that worked and lets go at the end."""
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            self._forget()
            yield True
        finally:
            self._forget()
            lock.release()

    @contextmanager
    def owned_within(self, seconds: float, waiting: Callable[[str], None]) -> Iterator[Serving | None]:
        """Own the folder, or name the web app that does.

        Yields ``None`` while this process owns the folder, else the web app to go through.
        When another command holds it, waits up to ``seconds`` and says so once through ``waiting``.

        Raises:
            UnavailableError: if the folder stays taken by a command that serves nothing.
        """
        deadline = time.monotonic() + seconds
        told = False
        while True:
            with self.owned() as mine:
                if mine:
                    yield None
                    return
            server = self.serving()
            if server is not None:
                yield server
                return
            if time.monotonic() >= deadline:
                raise UnavailableError(
                    f"The folder {self.folder} is in use by another command.",
                    "Wait until it ends, or name another folder with --home.",
                )
            if not told:
                waiting(f"Another command is using {self.folder}; waiting up to {seconds:.0f} s for it.")
                told = True
            time.sleep(POLL_SECONDS)

    def announce(self, address: str, token: str = "") -> Serving:
        """Leave this process's address for other commands. Only the folder's owner may call it.

        Args:
            address: where this process answers.
            token: for the owner's requests; empty: a new one, for as long as this process runs.
        """
        serving = Serving(address=address, pid=os.getpid(), token=token or secrets.token_urlsafe(32))
        draft = self.folder / f".{SERVER_NAME}.{serving.pid}"
        # The token lets its bearer act for any customer: nobody else on the machine may read it, ever.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(serving), file)
        draft.replace(self.folder / SERVER_NAME)
        return serving

    def serving(self) -> Serving | None:
        """The web app that says it owns the folder, if its process is alive."""
        try:
            values = json.loads((self.folder / SERVER_NAME).read_text(encoding="utf-8"))
            serving = Serving(address=str(values["address"]), pid=int(values["pid"]), token=str(values["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return serving if _alive(serving.pid) else None

    def _lock(self) -> FileLock:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return FileLock(self.folder / LOCK_NAME)
        except OSError as error:
            raise BadInputError(
                f"The folder {self.folder} cannot be used: {error.strerror or error}.", "Name another with --home."
            ) from error

    def _forget(self) -> None:
        (self.folder / SERVER_NAME).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, under another account
        return True
    return True
