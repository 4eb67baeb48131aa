"""Where a model's scores put items: a full ranking of all candidates, never a sample of them.

Metrics on a sample of negatives are inconsistent with those on all items and may order models differently (Krichene and
Rendle, "On sampled metrics for item recommendation", KDD 2020).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Scored = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placed:
    """What one person's scores come to.

    Attributes:
        ranks: the places of the wanted items, counted from 1, best first.
        midranks: the same with equal scores sharing the mean of their places, in the order of ``ranks``.
        candidates: how many items were ranked.
        first: the first items, best first, as columns.
    """

    ranks: Ints
    midranks: Floats
    candidates: int
    first: Ints


class Placing:
    """Ranks items by their scores; equal scores stand in an order that is drawn once and is the same for all models.

    A model that gives many items one score neither gains nor loses by it, whatever the order of the catalogue.

    Args:
        items: how many columns there are.
        depth: how many first items are wanted.
        seed: of the draw.
    """

    def __init__(self, items: int, depth: int, seed: int = 0) -> None:
        self._depth = depth
        self._order = np.random.default_rng(seed).permutation(items)

    def place(self, scores: Scored, wanted: Ints, excluded: Ints) -> Placed:
        """Place what is wanted among all items but the excluded ones, none of which is wanted."""
        kept = np.ones(self._order.size, dtype=bool)
        kept[excluded] = False
        columns = self._order[kept[self._order]]
        row = scores[columns]
        at = np.empty(self._order.size, dtype=np.int64)
        at[columns] = np.arange(columns.size)
        above, equal = _counts(row, scores[wanted])
        ranks = above + 1 + _equal_before(row, at[wanted], equal)
        order = np.argsort(ranks)
        return Placed(ranks[order], (above + (equal + 1) / 2)[order], columns.size, columns[_best(row, self._depth)])


def _counts(row: Scored, values: Scored) -> tuple[Ints, Ints]:
    """How many scores are above each value, and how many are equal to it."""
    ordered = np.sort(row)
    right = np.searchsorted(ordered, values, "right")
    return row.size - right, right - np.searchsorted(ordered, values, "left")


def _equal_before(row: Scored, places: Ints, equal: Ints) -> Ints:
    """How many equal scores stand before each place."""
    pairs = zip(places, equal, strict=True)
    return np.asarray([(row[:at] == row[at]).sum() if count > 1 else 0 for at, count in pairs], dtype=np.int64)


def _best(row: Scored, depth: int) -> Ints:
    """The places of the highest scores; of equal ones the earlier first."""
    if depth >= row.size:
        return np.argsort(-row, kind="stable")
    least = np.partition(row, row.size - depth)[row.size - depth]
    above = np.flatnonzero(row > least)
    level = np.flatnonzero(row == least)[: depth - above.size]
    held = np.concatenate([above, level])
    return held[np.argsort(-row[held], kind="stable")]
