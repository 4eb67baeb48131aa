"""What is learned from a shop's records, kept until the next import."""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import func, select

from retriever.database import Database
from retriever.errors import ShopwiseError, UnavailableError
from retriever.records import FeedRecord

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds that a query waits for what is new of a shop's words; where it takes longer the old ones do

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Source(Protocol[T_co]):
    """Where something is learned."""

    def state(self) -> object:
        """Something that is another one once there may be something else to learn; cheap to ask for."""
        ...

    def read(self) -> T_co:
        """What there is to learn now."""
        ...


class Kept(Generic[T]):
    """What a source says, read at the first question and anew when its state has changed. Safe to share.

    Args:
        source: where it comes from.
        every: seconds for which nobody asks again whether the state has changed.
        clock: seconds.
        patience: seconds that somebody may wait for a new reading. Where the last one took longer, the new one is
            made in the background, and all go on with the old until it is there: only for what may be a little old.
    """

    def __init__(
        self,
        source: Source[T],
        every: float = 0.0,
        clock: Callable[[], float] = monotonic,
        patience: float = math.inf,
    ) -> None:
        self._source = source
        self._every = every
        self._clock = clock
        self._patience = patience
        self._took = 0.0
        self._reader: threading.Thread | None = None
        self._lock = threading.Lock()
        self._known: tuple[object, T] | None = None
        self._asked = -math.inf

    def get(self) -> T:
        """What is known now. Whatever the source raises comes out here."""
        known, now = self._known, self._clock()
        if known is not None and now - self._asked < self._every:
            return known[1]
        state = self._source.state()
        if known is not None and known[0] == state:
            self._asked = now
            return known[1]
        # The first one is waited for; while a new one is read, the others go on with the old.
        if known is not None and self._took > self._patience:
            self._begin(state)
            return known[1]
        if not self._lock.acquire(blocking=known is None):
            return known[1] if known else self.get()
        try:
            if self._known is None or self._known[0] != state:
                started = self._clock()
                self._known = (state, self._source.read())
                self._took = self._clock() - started
            self._asked = now
            return self._known[1]
        finally:
            self._lock.release()

    def settled(self, timeout: float | None = None) -> None:
        """Wait for what is being read in the background."""
        if self._reader is not None:
            self._reader.join(timeout)

    def _begin(self, state: object) -> None:
        if self._lock.acquire(blocking=False):
            self._reader = threading.Thread(target=self._beside, args=(state,), name="reading", daemon=True)
            self._reader.start()

    def _beside(self, state: object) -> None:
        try:
            started = self._clock()
            self._known = (state, self._source.read())
            self._took = self._clock() - started
        except ShopwiseError as error:
            log.warning("What was learned before is still used: %s", error.message)
        finally:
            self._lock.release()


class KeptFile(Generic[T]):
    """What takes long to learn, kept in a file with the state it was learned from. Nobody waits for it.

    A file that is missing, old or unreadable is made anew in the background, while the others go on with what was
    known before. Safe to share.

    Args:
        source: where it comes from. When it does not answer, what was known before is still known.
        path: the file.
        packed: what is known as JSON.
        unpacked: the same back; a ValueError says that it is nothing of the kind.
        every: seconds for which nobody asks again whether the state has changed.
        clock: seconds.
    """

    def __init__(
        self,
        source: Source[T],
        path: Path,
        packed: Callable[[T], Any],
        unpacked: Callable[[Any], T],
        every: float = 0.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._source = source
        self._path = path
        self._packed = packed
        self._unpacked = unpacked
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[str, T] | None = None
        self._asked = -math.inf
        self._begun = ""
        self._learner: threading.Thread | None = None

    def get(self) -> T | None:
        """What is known now; ``None`` before anything was learned. Raises UnavailableError as the source does."""
        now = self._clock()
        if now - self._asked >= self._every and self._lock.acquire(blocking=False):
            try:
                self._look(repr(self._source.state()))
                self._asked = now
            finally:
                self._lock.release()
        return self._known[1] if self._known else None

    def learn(self) -> None:
        """Learn now and wait for it. What cannot be read or written now is made up for at the first question."""
        try:
            state = repr(self._source.state())
            value = self._source.read()
        except UnavailableError:
            return
        self._known = (state, value)
        self._write(state, value)

    def settled(self, timeout: float | None = None) -> None:
        """Wait for what is being learned in the background."""
        if self._learner is not None:
            self._learner.join(timeout)

    def _look(self, state: str) -> None:
        if self._known is not None and self._known[0] == state:
            return
        found = self._read(state)
        if found is not None:
            self._known = (state, found)
        elif self._begun != state:
            self._begun = state
            # Whoever exits meanwhile leaves it undone, for the next one to do.
            self._learner = threading.Thread(target=self.learn, name="learning", daemon=True)
            self._learner.start()

    def _read(self, state: str) -> T | None:
        try:
            with self._path.open(encoding="utf-8") as file:
                if json.loads(file.readline()) != {"state": state}:
                    return None
                return self._unpacked(json.loads(file.readline()))
        except (OSError, ValueError):
            return None

    def _write(self, state: str, value: T) -> None:
        draft = self._path.with_name(f".{self._path.name}.{threading.get_ident()}")
        lines = (json.dumps({"state": state}), json.dumps(self._packed(value), ensure_ascii=False))
        try:
            draft.write_text("\n".join(lines), encoding="utf-8")
            draft.replace(self._path)
        except OSError:
            draft.unlink(missing_ok=True)  # known here at least; the next process learns it anew


def imports(database: Database) -> object:
    """How many feeds there are and when the last one was imported: the state of what is learned from goods.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    with database.session() as session:
        feeds, last = session.execute(select(func.count(FeedRecord.name), func.max(FeedRecord.imported_at))).one()
    return feeds, last
