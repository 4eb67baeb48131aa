"""What is much wanted, in the kinds of goods that the person or the moment is about, and in the whole shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.kinds import kinds_of
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation

PEOPLE = 3  # fewer are no crowd, and one of them might be recognised
KINDS = 5  # kinds of goods that are looked at one by one
LIFT = 2.0  # how much more a product of the favourite kind counts


@dataclass(frozen=True, eq=False)
class _Crowded:
    """The goods that enough people had to do with: their rows, categories, what they are wanted, and usually are.

    ``first`` are the rows of those that are wanted at least as usual, the most wanted first.
    """

    rows: NDArray[np.int64]
    category: NDArray[np.int32]
    wanted: NDArray[np.float64]
    usual: float
    first: NDArray[np.int64]


class Popular:
    """Goods with the most weight of recent acts. What has less than the mean of those that anybody wanted has not."""

    name = "popular"

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The most wanted first; nothing in a shop where nobody did anything yet."""
        goods, crowd = situation.goods, situation.crowd
        held = _crowded(goods, crowd)
        rows, wanted = held.rows, held.wanted
        if not len(rows) or limit <= 0:
            return ()
        kinds = kinds_of(situation).wanted
        found, usual_of = [held.first[:limit]], dict[int, float]()
        for kind in np.argsort(-kinds, kind="stable")[:KINDS].tolist():
            if kinds[kind] > 0 and (here := held.category == kind).any():
                usual_of[kind] = float(wanted[here].mean())
                found.append(_most(rows[here], wanted[here], min(held.usual, usual_of[kind]), limit))
        most = np.unique(np.concatenate(found))
        score = crowd.wanted[most] / crowd.wanted.max() * (1 + LIFT * kinds[goods.category[most]])
        order = np.lexsort((most, -score))[:limit]
        return [
            Candidate(goods.ids[row], float(points), self.name, (_because(situation, row, usual_of),))
            for row, points in zip(most[order].tolist(), score[order].tolist(), strict=True)
        ]


@Once
def _crowded(goods: Goods, crowd: Crowd) -> _Crowded:
    rows = np.flatnonzero((crowd.people >= PEOPLE) & goods.available)
    wanted = crowd.wanted[rows]
    usual = float(wanted.mean()) if len(rows) else 0.0
    first = np.argsort(-wanted, kind="stable")[: np.count_nonzero(wanted >= usual)]
    return _Crowded(rows, goods.category[rows], wanted, usual, rows[first])


def _because(situation: Situation, row: int, usual_of: Mapping[int, float]) -> Because:
    """Popular within its kind, if that is one of those that count and it is; or else in the whole shop."""
    goods, crowd = situation.goods, situation.crowd
    kind = int(goods.category[row])
    inside = crowd.wanted[row] >= usual_of.get(kind, np.inf)
    return Because("popular", name=goods.categories[kind] if inside else "", number=float(crowd.people[row]))


def _most(rows: NDArray[np.int64], wanted: NDArray[np.float64], least: float, limit: int) -> NDArray[np.int64]:
    """The most wanted of these, as far as they are wanted at least so much."""
    much = wanted >= least
    rows, wanted = rows[much], wanted[much]
    return rows[np.argpartition(-wanted, limit - 1)[:limit]] if len(rows) > limit else rows
