"""Seeded draws that stay the same from one Python version to the next."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws named by a key. Only ``random.random()`` is used: its sequence is promised to be stable."""

    def __init__(self, *key: object) -> None:
        self._random = random.Random(":".join(map(str, key)))

    def share(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.share()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.share() * (high - low + 1))

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.share() * len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different items, in their own order."""
        ranked = sorted(range(len(items)), key=lambda _: self.share())
        return [items[index] for index in sorted(ranked[:count])]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All items in another order."""
        return [items[index] for index in sorted(range(len(items)), key=lambda _: self.share())]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One of the items, each as likely as its weight says; the weights must not all be 0."""
        at = self.share() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            at -= weight
            if at < 0:
                return item
        return items[-1]
