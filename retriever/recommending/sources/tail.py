"""The long tail: goods that few people have met, drawn by lot, so that over time each gets its chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.kinds import kinds_of
from retriever.recommending.situation import Situation

TAIL = 0.8  # share of the goods, those that the fewest people took
STRANGE = 0.1  # weight of a kind that the person has nothing to do with, against the favourite's of 1
GOOD, RATED = 4.0, 3  # stars, and how many people gave them, of a product that is said to be well rated


class LongTail:
    """Goods that few people took, those of the person's kinds likelier.

    Drawn by weight without replacement, by the keys of Efraimidis and Spirakis ("Weighted random sampling with a
    reservoir", Information Processing Letters 2006).

    Args:
        rng: draws; seeded, the same requests in the same order get the same goods.
    """

    name = "tail"

    def __init__(self, rng: np.random.Generator | None = None) -> None:
        self._rng = rng or np.random.default_rng()

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """Drawn anew at each call; the score is the weight with which a product was drawn."""
        goods, people = situation.goods, situation.crowd.people
        if not len(goods) or limit <= 0:
            return ()
        last = np.partition(people, place := int(TAIL * (len(people) - 1)))[place]
        rows = np.flatnonzero((people <= last) & goods.available)
        kinds = kinds_of(situation)
        weight = STRANGE + (1 - STRANGE) * kinds.wanted[goods.category[rows]]
        drawn = self._rng.standard_exponential(len(rows)) / weight
        if len(rows) > limit:
            first = np.argpartition(drawn, limit - 1)[:limit]
            rows, weight, drawn = rows[first], weight[first], drawn[first]
        return [
            Candidate(
                goods.ids[rows[at]], float(weight[at]), self.name, _because(situation, int(rows[at]), kinds.favourite)
            )
            for at in np.argsort(-weight, kind="stable").tolist()
        ]


def _because(situation: Situation, row: int, favourite: int) -> tuple[Because, ...]:
    """What can be said for it; of most goods of the long tail nothing but that it is given a chance."""
    goods = situation.goods
    found: list[Because] = []
    if goods.category[row] == favourite:
        found.append(Because("favourite", name=goods.categories[favourite]))
    if goods.rated[row] >= RATED and goods.rating[row] >= GOOD:
        found.append(Because("rated", number=float(goods.rated[row])))
    return tuple(found) or (Because("explored"),)
