"""What is learned from a shop's records, kept until the next import."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, Protocol, TypeVar

from sqlalchemy import func, select

from retriever.database import Database
from retriever.records import FeedRecord

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
    """

    def __init__(self, source: Source[T], every: float = 0.0, clock: Callable[[], float] = monotonic) -> None:
        self._source = source
        self._every = every
        self._clock = clock
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
        if not self._lock.acquire(blocking=known is None):
            return known[1] if known else self.get()
        try:
            if self._known is None or self._known[0] != state:
                self._known = (state, self._source.read())
            self._asked = now
            return self._known[1]
        finally:
            self._lock.release()


def imports(database: Database) -> object:
    """How many feeds there are and when the last one was imported: the state of what is learned from goods.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    with database.session() as session:
        feeds, last = session.execute(select(func.count(FeedRecord.name), func.max(FeedRecord.imported_at))).one()
    return feeds, last
