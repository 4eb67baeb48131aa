"""New arrivals: goods published lately, first those of the kinds that the person and the moment are about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.kinds import kinds_of
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation

DAY = 86_400.0
DAYS = 30.0
TIE = 1e-12  # a place in the merchant's order, which decides between goods that are equally new


class Arrivals:
    """Goods published within the last days. A product without a date is not new: its place in a feed proves nothing.

    Args:
        days: for which a product is new.
        pull: how much the kind counts beside the age: 1 lets a product of the favourite kind on its last day as a new
            one stand level with a product of today of a kind that the person never looked at.
    """

    name = "arrivals"

    def __init__(self, days: float = DAYS, pull: float = 1.0) -> None:
        self._days = days
        self._pull = pull

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The newest, by age and kind."""
        goods = situation.goods
        rows = self._new(situation)
        if not len(rows) or limit <= 0:
            return ()
        kinds = kinds_of(situation)
        category = goods.category[rows]
        score = 1 - _age(situation, rows) / self._days + self._pull * kinds.wanted[category]
        key = TIE * goods.position[rows] - score
        if len(rows) > limit:
            first = np.argpartition(key, limit - 1)[:limit]
            rows, category, score, key = rows[first], category[first], score[first], key[first]
        return [
            Candidate(
                goods.ids[rows[at]],
                float(score[at]),
                self.name,
                _because(goods.categories[category[at]], category[at] == kinds.favourite),
            )
            for at in np.argsort(key, kind="stable").tolist()
        ]

    def _new(self, situation: Situation) -> NDArray[np.int64]:
        rows, published = _dated(situation.goods)
        oldest = situation.now - self._days * DAY
        # A second more on either side: what is new is decided by the age.
        some = slice(*np.searchsorted(published, (oldest - 1, situation.now + 1)).tolist())
        rows = np.sort(rows[some])
        age = _age(situation, rows)
        return rows[(age >= 0) & (age <= self._days)]


@Once
def _dated(goods: Goods) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What can be bought and has a date, and these dates, the earliest first."""
    rows = np.flatnonzero(goods.available & np.isfinite(goods.published))
    rows = rows[np.argsort(goods.published[rows])]
    return rows, goods.published[rows]


def _age(situation: Situation, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """In days."""
    return (situation.now - situation.goods.published[rows]) / DAY


def _because(name: str, favourite: bool) -> tuple[Because, ...]:
    new = Because("new", name=name)
    return (new, Because("favourite", name=name)) if favourite else (new,)
