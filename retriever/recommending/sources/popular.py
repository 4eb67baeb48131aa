"""What is much wanted, in the kinds of goods that the person or the moment is about, and in the whole shop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.kinds import kinds_of
from retriever.recommending.situation import Situation

PEOPLE = 3  # fewer are no crowd, and one of them might be recognised
KINDS = 5  # kinds of goods that are looked at one by one
LIFT = 2.0  # how much more a product of the favourite kind counts
STAND_OUT = 1.0  # times the mean weight of the goods that anybody wanted: what has less is not much wanted


class Popular:
    """Goods with the most weight of recent acts."""

    name = "popular"

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The most wanted first; nothing in a shop where nobody did anything yet."""
        goods, crowd = situation.goods, situation.crowd
        rows = np.flatnonzero((crowd.people >= PEOPLE) & goods.available)
        if not len(rows) or limit <= 0:
            return ()
        wanted = crowd.wanted[rows]
        kinds = kinds_of(situation).wanted
        near = [int(kind) for kind in np.argsort(-kinds, kind="stable")[:KINDS] if kinds[kind] > 0]
        most = _most(rows, wanted, limit)
        inside = [_most(rows[here], wanted[here], limit) for here in (goods.category[rows] == kind for kind in near)]
        found = np.unique(np.concatenate([most, *inside]))
        score = crowd.wanted[found] / crowd.wanted.max() * (1 + LIFT * kinds[goods.category[found]])
        order = np.lexsort((found, -score))[:limit]
        return [
            Candidate(goods.ids[row], float(points), self.name, (self._because(situation, row, kinds),))
            for row, points in zip(found[order].tolist(), score[order].tolist(), strict=True)
        ]

    def _because(self, situation: Situation, row: int, kinds: NDArray[np.float64]) -> Because:
        kind = int(situation.goods.category[row])
        name = situation.goods.categories[kind] if kinds[kind] > 0 else ""
        return Because("popular", name=name, number=float(situation.crowd.people[row]))


def _most(rows: NDArray[np.int64], wanted: NDArray[np.float64], limit: int) -> NDArray[np.int64]:
    """The most wanted of these, as far as they are wanted more than most."""
    much = wanted >= STAND_OUT * wanted.mean() if len(wanted) else np.zeros(0, np.bool_)
    rows, wanted = rows[much], wanted[much]
    if len(rows) > limit:
        chosen = np.argpartition(-wanted, limit - 1)[:limit]
        return rows[chosen]
    return rows
