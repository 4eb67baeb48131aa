"""Goods that nobody has tried yet, scored by the behaviour around goods with words like theirs.

A good without events has no counts and, in most models, no score of its own. It gets the mean of what the goods nearest
to it by their words got for this person, times how near they are, less a discount: nearness of words is less than
behaviour. (As attribute-to-feature mappings do with a learned map: Gantner et al., ICDM 2010.)
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retriever.errors import UnavailableError
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.likely import highest, highest_positive
from retriever.vectors import VectorIndex

MOST = 1_000  # goods without events that are looked at: the newest
SEEDS = 40  # goods that a person's scores are highest for, from which scores are lifted
NEAREST = 3  # seeds that a good's score is the mean of
LEAST = 0.35  # cosine from which words begin to be near; the nearness grows from there to 1
DISCOUNT = 0.8

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Matrix = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lift:
    """Scores of goods without events.

    Attributes:
        rows: of the goods.
        scores: from 0 to 1, on the scale of the seeds' values.
        near: the row of the seed that each is nearest to.
    """

    rows: Rows
    scores: Floats
    near: Rows


@dataclass(frozen=True, eq=False)
class _Untried:
    """The goods without events, and their vectors, for as long as goods and crowd are the same."""

    goods: Goods
    crowd: Crowd
    rows: Rows
    vectors: Matrix


class Lifting:
    """Lifts scores over to goods without events. Safe to share between threads.

    Args:
        texts: vectors of the goods' words.
    """

    def __init__(self, texts: VectorIndex) -> None:
        self._texts = texts
        self._lock = Lock()
        self._kept: _Untried | None = None

    def lift(self, goods: Goods, crowd: Crowd, values: Floats) -> Lift:
        """Scores by the values (from 0 to 1) of all goods, of which only the highest count.

        Nothing while the vectors cannot be reached.
        """
        none = Lift(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        try:
            untried = self._untried(goods, crowd)
            if not untried.rows.size:
                return none
            seeds = highest_positive(values, SEEDS)
            held = self._texts.vectors([goods.ids[row] for row in seeds.tolist()])
        except UnavailableError:
            return none
        if not held:
            return none
        return _lifted(untried, goods.rows_of(list(held)), np.stack(list(held.values())), values)

    def _untried(self, goods: Goods, crowd: Crowd) -> _Untried:
        with self._lock:
            kept = self._kept
            if kept is None or kept.goods is not goods or kept.crowd is not crowd:
                kept = self._kept = self._read(goods, crowd)
            return kept

    def _read(self, goods: Goods, crowd: Crowd) -> _Untried:
        rows = np.flatnonzero((crowd.people == 0) & goods.available)
        newest = np.nan_to_num(goods.published[rows], nan=-np.inf, posinf=-np.inf)
        rows = rows[highest(newest, MOST)]
        held = self._texts.vectors([goods.ids[row] for row in rows.tolist()])
        matrix = np.stack(list(held.values())) if held else np.empty((0, 0), dtype=np.float32)
        return _Untried(goods, crowd, goods.rows_of(list(held)), matrix)


def _lifted(untried: _Untried, seeds: Rows, vectors: Matrix, values: Floats) -> Lift:
    cosine = untried.vectors @ vectors.T
    cosine[untried.rows[:, None] == seeds[None, :]] = 0.0  # a good says nothing of itself
    fit = np.flatnonzero(cosine.max(axis=1) > LEAST)
    near = np.clip((cosine[fit] - LEAST) / (1 - LEAST), 0.0, 1.0).astype(np.float64)
    few = min(NEAREST, seeds.size)
    first = np.argpartition(-near, few - 1, axis=1)[:, :few]
    nearness = np.take_along_axis(near, first, axis=1)
    mean = (nearness * values[seeds][first]).sum(axis=1) / nearness.sum(axis=1)
    nearest = seeds[near.argmax(axis=1)]
    return Lift(untried.rows[fit], DISCOUNT * mean * nearness.max(axis=1), nearest)
