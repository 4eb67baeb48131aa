"""What the people took who took the same as this person, or what is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.situation import Situation

PEOPLE = 3  # of fewer nothing is told: one of them might be recognised
LAST = 10  # products of the history that are looked at
FADE = 0.85  # how much less each earlier one counts
REASONS = 2  # told of a candidate


class Together:
    """Goods near those that the request is about, else near those that the person had last, by whoever took both."""

    name = "together"

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The nearest first; never what it is asked for itself."""
        anchors = anchors_of(situation)
        if not anchors or limit <= 0:
            return ()
        goods = situation.goods
        near = neighbours(situation, anchors)
        own = goods.rows_of(list(anchors))
        fresh = ~np.isin(near.row, own) & goods.available[near.row]
        near = near.only(fresh)
        if not len(near.row):
            return ()
        rows, place = np.unique(near.row, return_inverse=True)
        score = np.bincount(place, near.score)
        order = np.lexsort((rows, -score))[:limit]
        return [
            Candidate(goods.ids[rows[at]], float(score[at]), self.name, near.reasons(situation, int(rows[at])))
            for at in order.tolist()
        ]


class Near:
    """Neighbours of some products, one row a pair.

    Args:
        anchor: the row of the product ...
        row: ... of its neighbour ...
        count: ... how many people took both ...
        score: ... and how near they are, times what the first one counts.
    """

    def __init__(
        self,
        anchor: NDArray[np.int64],
        row: NDArray[np.int64],
        count: NDArray[np.int64],
        score: NDArray[np.float64],
    ) -> None:
        self.anchor = anchor
        self.row = row
        self.count = count
        self.score = score

    def only(self, chosen: NDArray[np.bool_]) -> Near:
        """Some of the pairs."""
        return Near(self.anchor[chosen], self.row[chosen], self.count[chosen], self.score[chosen])

    def reasons(self, situation: Situation, row: int) -> tuple[Because, ...]:
        """Whose neighbour a product is, the weightiest first."""
        pairs = np.flatnonzero(self.row == row)
        best = pairs[np.argsort(-self.score[pairs], kind="stable")][:REASONS]
        ids = situation.goods.ids
        return tuple(Because("together", (ids[self.anchor[at]],), number=float(self.count[at])) for at in best.tolist())


def neighbours(situation: Situation, anchors: Mapping[str, float]) -> Near:
    """The neighbours of these products, each with its weight; pairs of too few people are left out."""
    goods, together = situation.goods, situation.crowd.together
    found: list[tuple[NDArray[np.int64], ...]] = []
    scores: list[NDArray[np.float64]] = []
    for id, weight in anchors.items():
        if (row := goods.rows.get(id)) is None:
            continue
        kept = slice(int(together.start[row]), int(together.start[row + 1]))
        near = together.row[kept].astype(np.int64)
        found.append((np.full(len(near), row, np.int64), near, together.count[kept].astype(np.int64)))
        scores.append(together.score[kept].astype(np.float64) * weight)
    if not found:
        none = np.zeros(0, np.int64)
        return Near(none, none, none, np.zeros(0))
    anchor, near, count = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return Near(anchor, near, count, np.concatenate(scores)).only(count >= PEOPLE)


def anchors_of(situation: Situation) -> dict[str, float]:
    """What the request is about, else the last products of the history, each with its weight."""
    if situation.anchors:
        return dict.fromkeys(situation.anchors, 1.0)
    last = dict.fromkeys(event.item for event in reversed(situation.history) if event.weight > 0)
    return {id: FADE**place for place, id in enumerate(list(last)[:LAST])}
