"""New arrivals: goods published lately, first those of the kinds that the person and the moment are about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.kinds import kinds_of
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
        age = (situation.now - goods.published) / DAY
        rows = np.flatnonzero((age >= 0) & (age <= self._days) & goods.available)
        if not len(rows) or limit <= 0:
            return ()
        kinds = kinds_of(situation)
        category = goods.category[rows]
        score = 1 - age[rows] / self._days + self._pull * kinds.wanted[category]
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


def _because(name: str, favourite: bool) -> tuple[Because, ...]:
    new = Because("new", name=name)
    return (new, Because("favourite", name=name)) if favourite else (new,)
