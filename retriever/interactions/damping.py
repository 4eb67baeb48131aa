"""Streams that push one item: found, and damped to what the shop's other visitors say of it.

Whoever wants an item recommended can look at it often, or from many made-up sessions. Neither
looks like interest. What is trusted of an item on a day is the strongest act of each person who
also does other things: a person's hundredth look adds nothing, and a visitor who only ever
touched this item vouches for nothing. Where an item's acts of one day weigh more than ``surge``
times what is trusted (that day, on the item's other days, or for most items of the shop),
all of them are scaled down to that. Nothing is thrown away, and a product that is in fact
suddenly wanted keeps ``surge`` times what it can be trusted with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.interactions.log import Log

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Pushed:
    """An item that was pushed on a day: how many acts of how many people, and the share of weight they keep."""

    item: str
    day: float  # its first second
    acts: int
    people: int
    kept: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """When a stream is doubted.

    Args:
        acts: fewer of an item on a day are never damped.
        surge: how many times what is trusted an item may weigh.
        one_item: a person with this share of acts on one item says nothing of it to others.
        usual: the share of the shop's items and days that weigh at most what is always granted.
    """

    acts: int = 30
    surge: float = 3.0
    one_item: float = 0.8
    usual: float = 0.95


def damped(
    log: Log, weights: NDArray[np.float64], doubt: Doubt | None = None
) -> tuple[NDArray[np.float64], tuple[Pushed, ...]]:
    """The weights with pushed items scaled down, and which these were."""
    doubt = doubt or Doubt()
    if not len(log):
        return weights, ()
    day = np.floor(log.at / DAY).astype(np.int64)
    first = int(day.min())
    span = int(day.max()) - first + 1
    cells, cell = np.unique(log.item.astype(np.int64) * span + (day - first), return_inverse=True)
    acts = np.bincount(cell)
    total = np.bincount(cell, weights).astype(np.float64)
    trusted, people = _trusted(log, weights, cell, len(cells), doubt)
    floor = max(float(np.quantile(trusted[trusted > 0], doubt.usual)) if (trusted > 0).any() else 0.0, weights.max())
    item = cells // span
    # Means over the item's days with acts: one day's push moves neither the trusted acts nor their mean.
    usual = (np.bincount(item, trusted) / np.maximum(np.bincount(item), 1))[item]
    allowed = doubt.surge * np.maximum(np.maximum(trusted, usual), floor)
    pushed = (acts >= doubt.acts) & (total > allowed)
    kept = np.where(pushed, allowed / np.maximum(total, 1e-12), 1.0)
    found = tuple(
        Pushed(
            log.items[item[at]],
            float((cells[at] % span + first) * DAY),
            int(acts[at]),
            int(people[at]),
            float(kept[at]),
        )
        for at in np.flatnonzero(pushed).tolist()
    )
    return weights * kept[cell], found


def _trusted(
    log: Log, weights: NDArray[np.float64], cell: NDArray[np.intp], cells: int, doubt: Doubt
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """What is trusted in each cell, an item on a day, and how many people are in it."""
    pairs, pair = np.unique(log.person.astype(np.int64) * cells + cell, return_inverse=True)
    strongest = np.zeros(len(pairs))
    np.maximum.at(strongest, pair, weights)
    where = pairs % cells
    strongest[_one_track(log, doubt)[pairs // cells]] = 0
    return np.bincount(where, strongest, cells).astype(np.float64), np.bincount(where, minlength=cells)


def _one_track(log: Log, doubt: Doubt) -> NDArray[np.bool_]:
    """People who do next to nothing but with one item."""
    items = len(log.items)
    pairs, acts = np.unique(log.person.astype(np.int64) * items + log.item, return_counts=True)
    most = np.zeros(len(log.people), np.int64)
    np.maximum.at(most, pairs // items, acts)
    return most >= doubt.one_item * np.maximum(np.bincount(log.person, minlength=len(log.people)), 1)
