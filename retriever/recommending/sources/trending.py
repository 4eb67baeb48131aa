"""What is wanted more now than it was before, beyond what chance makes of few acts.

The weights of the last days and of as many before are taken as Poisson counts with a Gamma prior: each product is
thought to have moved as its category did until its own acts say otherwise. It is ranked by how surely it rose more
than the whole shop: in a shop that doubles, or opened a month ago, everything is wanted more than before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.kinds import kinds_of
from retriever.recommending.knowledge.likely import highest
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation

PEOPLE = 3  # fewer are no crowd, and one of them might be recognised
PRIOR = 5.0  # weight, that of one purchase, with which a product is thought to do as its category does
RISE = 1.5  # times as much as before: less is no trend
SURE = 1.0  # standard deviations of the rise's logarithm that are taken off it
LIFT = 1.0  # how much more a product of the favourite kind counts

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Trending:
    """Goods by how surely people want them more than before."""

    name = "trending"

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The surest rise first; nothing where nothing happened of late, or nothing before that."""
        goods, crowd = situation.goods, situation.crowd
        rows, times, least = _rising(goods, crowd)
        if not len(rows) or limit <= 0:
            return ()
        score = least * (1 + LIFT * kinds_of(situation).wanted[goods.category[rows]])
        order = highest(score, limit)  # of equal ones the first, as the rows ascend
        return [
            Candidate(
                goods.ids[rows[at]],
                float(score[at]),
                self.name,
                (Because("trending", name=goods.categories[goods.category[rows[at]]], number=float(times[at])),),
            )
            for at in order.tolist()
        ]


@Once
def _rising(goods: Goods, crowd: Crowd) -> tuple[Rows, Floats, Floats]:
    """The goods that rose, and of each what ``_rise`` says."""
    rows = np.flatnonzero((crowd.recent > 0) & (crowd.people >= PEOPLE) & goods.available)
    if not len(rows) or not crowd.before.any():
        return rows[:0], np.zeros(0), np.zeros(0)
    times, least = _rise(goods, crowd, rows)
    rose = (times >= RISE) & (least > 0)
    return rows[rose], times[rose], least[rose]


def _rise(goods: Goods, crowd: Crowd, rows: Rows) -> tuple[Floats, Floats]:
    """How many times as much each is wanted as before, and the logarithm of how much more than the shop at least."""
    kinds = len(goods.categories)
    late = np.bincount(goods.category, crowd.recent, kinds)
    early = np.bincount(goods.category, crowd.before, kinds)
    whole = (float(late.sum()) + PRIOR) / (float(early.sum()) + PRIOR)
    moved = ((late + PRIOR * whole) / (early + PRIOR))[goods.category[rows]]  # and categories as the shop does
    recent, before = crowd.recent[rows] + PRIOR * moved, crowd.before[rows] + PRIOR
    times = recent / before
    return times, np.log(times / max(whole, 1.0)) - SURE * np.sqrt(1 / recent + 1 / before)
