"""How often things were shown and clicked of late, counted beside the requests."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from retriever.errors import ShopwiseError
from retriever.recommending.beside import Start, beside, started
from retriever.recommending.listing.exploring import Evidence

EVERY = 300.0  # seconds between two counts
logger = logging.getLogger(__name__)


class RecentClicks:
    """Holds the last count. Safe to share; nobody waits for a new one.

    Args:
        count: counts anew; may raise a ShopwiseError, and the last count then stays.
        every: seconds between two counts.
        clock: seconds that only ever grow.
        start: starts a job beside the caller; where it cannot, the next count is tried when it is due.
    """

    def __init__(
        self,
        count: Callable[[], Evidence],
        *,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
        start: Start | None = None,
    ) -> None:
        self._count = count
        self._every = every
        self._clock = clock
        self._start = start or beside("clicks")
        self._counting = threading.Lock()
        self._known = Evidence()
        self._next = 0.0
        self._closed = False

    def __call__(self) -> Evidence:
        """What was counted last; nothing before the first count."""
        if not self._closed and self._clock() >= self._next and self._counting.acquire(blocking=False):
            self._next = self._clock() + self._every
            if not started(self._start, self._counted, "the count of clicks on recommendations"):
                self._counting.release()
        return self._known

    def close(self) -> None:
        """Wait for a count that is under way, which reads the records, and begin no other."""
        self._closed = True
        with self._counting:
            pass

    def _counted(self) -> None:
        try:
            self._known = self._count()
        except ShopwiseError as error:
            logger.warning("the clicks on recommendations were not counted: %s", error)
        finally:
            self._counting.release()
