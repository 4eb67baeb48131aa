"""The crowd of a large shop, counted in a process of its own.

To count a million events takes a quarter of a minute. In a thread that would hold up the requests beside it, for Python
runs one thread at a time. The process gets the ids of the goods on its standard input and answers with columns of
numbers on its standard output; it ends with this one, whose end of the pipe closes then.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from retriever.database import Database
from retriever.errors import ShopwiseError, UnavailableError
from retriever.recommending.knowledge.crowd import Crowd, Repeats, Together
from retriever.recommending.knowledge.crowd_counting import read_crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.records import EventRecord

MANY = 50_000  # events: fewer are counted in less time than it takes to start a process
POLITE = 5  # how much the process gives way to requests, on the scale of nice(2)
# Where the packages are is told, not guessed: this process may have been started anywhere.
START = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from retriever.recommending.knowledge.counted_apart import main;"
    "sys.exit(main())"
)
COMMAND = (sys.executable, "-c", START, str(Path(__file__).resolve().parents[3]))

Columns = Mapping[str, NDArray[Any]]

logger = logging.getLogger(__name__)


class CountedApart:
    """Counts the crowd of a shop: a large one in a process of its own, a small one here. Safe to share.

    Where there can be no process, or it does not answer, the crowd is counted here, and the log says so.

    Args:
        database: the shop's records.
        url: of the same database.
        many: events from which on a shop is large.
        command: starts the process.
    """

    def __init__(self, database: Database, url: str, *, many: int = MANY, command: Sequence[str] = COMMAND) -> None:
        self._database = database
        self._url = url
        self._many = many
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def read(self, goods: Goods, now: float) -> Crowd:
        """The crowd, as ``read_crowd`` counts it.

        Raises:
            UnavailableError: if the database cannot be used, or ``stop`` was called meanwhile.
        """
        if self._events() >= self._many:
            try:
                return _crowd_of(self._asked(goods, now))
            except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
                if self._stopped:
                    raise UnavailableError("The crowd was not counted, for the shop is being closed.") from error
                logger.warning("the crowd is counted beside the requests, for its process gave nothing: %s", error)
        return read_crowd(self._database, goods, now=now)

    def stop(self) -> None:
        """End the process, if there is one, and start no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _events(self) -> int:
        with self._database.connection() as connection:
            return connection.scalar(select(func.count()).select_from(EventRecord)) or 0

    def _asked(self, goods: Goods, now: float) -> Columns:
        with self._lock:
            if self._stopped:
                raise OSError("the shop is being closed")
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._process = process
        try:
            with process:
                return _answered(process, {"url": self._url, "now": now, "ids": goods.ids})
        finally:
            with self._lock:
                self._process = None


def _answered(process: subprocess.Popen[bytes], asked: Mapping[str, object]) -> Columns:
    if process.stdin is None or process.stdout is None:
        raise OSError("the process has no pipes")
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.flush()  # it stays open: by its end the process knows that of this one
    answer = process.stdout.read()
    process.stdin.close()
    if code := process.wait():
        raise OSError(f"it ended with the exit code {code}")
    with np.load(io.BytesIO(answer), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def main() -> int:
    """What the process does; its exit code."""
    with contextlib.suppress(AttributeError, OSError):  # there is no nice(2) everywhere
        os.nice(POLITE)
    asked = sys.stdin.buffer.readline()
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    return answer(asked, sys.stdout.buffer)


def _end_with(pipe: int) -> None:
    """End when nobody waits any more. Nothing is read through the buffer, whose lock would hold up the exit."""
    while os.read(pipe, 1):
        pass
    os._exit(1)


def answer(asked: bytes, told: BinaryIO) -> int:
    """Count the crowd that is asked for, and tell its columns.

    Args:
        asked: JSON with the database's ``url``, the time ``now`` and the ``ids`` of the goods.
        told: gets the columns, as ``numpy.savez`` writes them.

    Returns:
        The exit code; what went wrong is on the standard error.
    """
    wanted: dict[str, Any] = json.loads(asked)
    database = Database(wanted["url"])
    try:
        crowd = read_crowd(database, _named(wanted["ids"]), now=wanted["now"])
    except ShopwiseError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    finally:
        database.close()
    columns = io.BytesIO()
    np.savez(columns, **_columns_of(crowd))
    told.write(columns.getvalue())
    told.flush()
    return 0


def _named(ids: Sequence[str]) -> Goods:
    """Goods of which only the ids are known, which is all that counting asks for."""
    many = len(ids)
    none, zeros, nothing = np.zeros(many, np.int32), np.zeros(many, np.int64), np.zeros(many)
    return Goods(
        tuple(ids), ("",), none, ("",), none, nothing, np.zeros(many, np.bool_), nothing, nothing, zeros, zeros
    )


def _columns_of(crowd: Crowd) -> dict[str, Any]:
    together, repeats = crowd.together, crowd.repeats
    found: dict[str, Any] = {
        "one": np.array([crowd.made_at, crowd.events, crowd.telling], np.float64),
        **{name: getattr(crowd, name) for name in _OF_CROWD},
        **{f"together.{name}": getattr(together, name) for name in _OF_TOGETHER},
    }
    if repeats is not None:
        found |= {f"repeats.{name}": getattr(repeats, name) for name in _OF_REPEATS}
    return found


def _crowd_of(columns: Columns) -> Crowd:
    made_at, events, telling = columns["one"].tolist()
    repeats = {name: columns[f"repeats.{name}"] for name in _OF_REPEATS if f"repeats.{name}" in columns}
    return Crowd(
        made_at=made_at,
        events=int(events),
        telling=telling,
        people=columns["people"],
        wanted=columns["wanted"],
        recent=columns["recent"],
        before=columns["before"],
        together=Together(**{name: columns[f"together.{name}"] for name in _OF_TOGETHER}),
        repeats=Repeats(**repeats) if repeats else None,
    )


_OF_CROWD = ("people", "wanted", "recent", "before")
_OF_TOGETHER = ("start", "row", "count", "score")
_OF_REPEATS = ("gap", "buyers", "again")
