"""The long tail: goods that few people have met, drawn by lot, so that over time each gets its chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.kinds import kinds_of
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation

Rows = NDArray[np.int64]

TAIL = 0.8  # share of the goods, those that the fewest people took
STRANGE = 0.1  # weight of a kind that the person has nothing to do with, against the favourite's of 1
GOOD, RATED = 4.0, 3  # stars, and how many people gave them, of a product that is said to be well rated


@dataclass(frozen=True, eq=False)
class _Tail:
    """The goods that the fewest people took, those of each category together.

    Those of the category ``c`` are ``rows[start[c]:start[c] + count[c]]``.
    """

    rows: Rows
    start: Rows
    count: Rows


class LongTail:
    """Goods that few people took, those of the person's kinds likelier.

    Drawn one after the other without replacement, each with the probability of its weight among those that are left.
    All goods of a category weigh the same, so the category is drawn first, and one of its goods evenly.

    Args:
        rng: draws; seeded, the same requests in the same order get the same goods.
    """

    name = "tail"

    def __init__(self, rng: np.random.Generator | None = None) -> None:
        self._rng = rng or np.random.default_rng()

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """Drawn anew at each call; the score is the weight with which a product was drawn."""
        goods = situation.goods
        if not len(goods) or limit <= 0:
            return ()
        kinds = kinds_of(situation)
        weight = STRANGE + (1 - STRANGE) * kinds.wanted
        rows = self._drawn(_tail(goods, situation.crowd), weight, limit)
        score = weight[goods.category[rows]]
        return [
            Candidate(
                goods.ids[rows[at]], float(score[at]), self.name, _because(situation, int(rows[at]), kinds.favourite)
            )
            for at in np.argsort(-score, kind="stable").tolist()
        ]

    def _drawn(self, tail: _Tail, weight: NDArray[np.float64], limit: int) -> Rows:
        if len(tail.rows) <= limit:
            return tail.rows
        left = tail.count.astype(np.float64)
        found: set[int] = set()
        while len(found) < limit:
            reached = np.cumsum(weight * left)
            kind = int(np.searchsorted(reached, self._rng.random() * reached[-1], side="right"))
            while (place := int(tail.start[kind] + self._rng.integers(tail.count[kind]))) in found:
                pass  # it was drawn before: another one of the same category
            found.add(place)
            left[kind] -= 1
        return tail.rows[list(found)]


@Once
def _tail(goods: Goods, crowd: Crowd) -> _Tail:
    last = np.partition(crowd.people, place := int(TAIL * (len(goods) - 1)))[place]
    rows = np.flatnonzero((crowd.people <= last) & goods.available)
    rows = rows[np.argsort(goods.category[rows], kind="stable")]
    count = np.bincount(goods.category[rows], minlength=len(goods.categories))
    return _Tail(rows, np.cumsum(count) - count, count)


def _because(situation: Situation, row: int, favourite: int) -> tuple[Because, ...]:
    """What can be said for it; of most goods of the long tail nothing but that it is given a chance."""
    goods = situation.goods
    found: list[Because] = []
    if goods.category[row] == favourite:
        found.append(Because("favourite", name=goods.categories[favourite]))
    if goods.rated[row] >= RATED and goods.rating[row] >= GOOD:
        found.append(Because("rated", number=float(goods.rated[row])))
    return tuple(found) or (Because("explored"),)
