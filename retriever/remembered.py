"""What was read of the goods that are found again and again, kept in memory for the next query."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")

KEPT = 16_384  # products: some 10 KB each with all that is read of them


class Remembered(Generic[S, T]):
    """What is made of a thing, made once; the longest known are forgotten first. Safe to share between threads.

    Args:
        made: makes it.
        kept: things that are remembered.
    """

    def __init__(self, made: Callable[[S], T], kept: int = KEPT) -> None:
        self._made = made
        self._kept = kept
        self._known: dict[str, tuple[S, T]] = {}
        self._lock = threading.Lock()

    def of(self, id: str, thing: S) -> T:
        """What is made of the thing as it is now; ``id`` tells it from others."""
        known = self._known.get(id)
        if known is not None and (known[0] is thing or known[0] == thing):
            return known[1]
        made = self._made(thing)
        with self._lock:
            self._known.pop(id, None)
            while len(self._known) >= self._kept:
                del self._known[next(iter(self._known))]
            self._known[id] = (thing, made)
        return made
