"""Goods like those that are asked about, by the vectors of their words and, where there are any, of their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.blend import RRF_K, Scored, reciprocal_rank_fusion
from retriever.errors import UnavailableError
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.likely import highest, likely
from retriever.recommending.knowledge.past import Past
from retriever.recommending.situation import Situation
from retriever.vectors import VectorIndex

SEARCHES = 3  # around the named goods; more of them are searched for in groups
SAME_KIND = 0.1  # of cosine: what being of the anchor's category is worth
LEAST = 0.3  # cosine below which a good of another category is not called alike
SPARE = 20  # more are fetched than are asked for, since the index may know goods that the shop no longer has

Vector = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Group:
    """Goods that are near to one another: what is searched with, and the one that stands for all."""

    vector: Vector
    medoid: str


class Similar:
    """Goods near the ones that the request is about, or else near the last ones of the person's history.

    Args:
        texts: of the goods' words.
        pictures: of the goods' pictures, by the same ids; fused with the words by rank.
    """

    name = "similar"

    def __init__(self, texts: VectorIndex, pictures: VectorIndex | None = None) -> None:
        self._indexes = [texts] if pictures is None else [texts, pictures]

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The nearest, those of the same category first among equals."""
        goods = situation.goods
        about = _about(situation)
        if not about or limit <= 0:
            return ()
        try:
            lists = [found for index in self._indexes if (found := _near(index, about, situation, limit))]
        except UnavailableError:
            lists = []
        best = _fused(lists) if lists else _same_category(about, situation, limit)
        kept = [(id, score, anchor) for id, (score, anchor) in best.items() if id in goods.rows and id not in about]
        kept.sort(key=lambda found: (-found[1], found[0]))
        return [Candidate(id, score, self.name, (about[anchor],)) for id, score, anchor in kept[:limit]]


Best = dict[str, tuple[float, str]]  # of each good its score and the anchor that it is near


def _about(situation: Situation) -> dict[str, Because]:
    """What the goods are to be like, and the reason that this makes."""
    rows = situation.goods.rows
    if named := [id for id in dict.fromkeys(situation.anchors) if id in rows]:
        return {id: Because("like", (id,)) for id in named}
    past = Past.of(situation, SEARCHES)
    return {situation.goods.ids[row]: past.because(place, situation) for place, row in enumerate(past.rows)}


def _near(index: VectorIndex, about: Mapping[str, Because], situation: Situation, limit: int) -> Best:
    """By one kind of vectors; nothing where none of the anchors has one."""
    goods = situation.goods
    known = index.vectors(list(about))
    anchors = [id for id in about if id in known]
    best: Best = {}
    for group in _groups(anchors, np.stack([known[id] for id in anchors])) if anchors else ():
        kind = int(goods.category[goods.rows[group.medoid]]) if goods.category_of(group.medoid) else None
        found = index.search(group.vector, limit + len(about) + SPARE)
        held = [near for near in found if near.id in goods.rows]
        kinds = goods.category[goods.rows_of([near.id for near in held])].tolist()
        for near, its in zip(held, kinds, strict=True):
            same = its == kind
            score = near.score + SAME_KIND * same
            if (same or near.score >= LEAST) and score > best.get(near.id, (-np.inf, ""))[0]:
                best[near.id] = score, group.medoid
    return best


def _groups(ids: Sequence[str], vectors: Vector) -> list[_Group]:
    """At most ``SEARCHES`` groups: their first members are as far from one another as can be."""
    firsts = [0]
    nearest = vectors @ vectors[0]
    while len(firsts) < min(SEARCHES, len(ids)):
        firsts.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[firsts[-1]])
    member = np.argmax(vectors @ vectors[firsts].T, axis=1)
    found: list[_Group] = []
    for number in range(len(firsts)):
        rows = np.flatnonzero(member == number)
        mean = vectors[rows].mean(axis=0)
        length = float(np.linalg.norm(mean))
        if rows.size and length > 0:
            found.append(_Group(mean / length, ids[int(rows[np.argmax(vectors[rows] @ mean)])]))
    return found


def _fused(lists: Sequence[Best]) -> Best:
    """One list by the ranks in several, each good with the anchor of the list that ranks it best."""
    if len(lists) == 1:
        return lists[0]
    ranked = [sorted(found, key=lambda id: (-found[id][0], id)) for found in lists]
    fused = reciprocal_rank_fusion([[Scored(id, lists[at][id][0]) for id in ids] for at, ids in enumerate(ranked)])
    places = [{id: place for place, id in enumerate(ids)} for ids in ranked]
    best: Best = {}
    for one in fused:
        first = min(range(len(lists)), key=lambda at: places[at].get(one.id, len(places[at]) + RRF_K))
        best[one.id] = one.score, lists[first][one.id][1]
    return best


def _same_category(about: Mapping[str, Because], situation: Situation, limit: int) -> Best:
    """Without vectors: what is likely to be wanted of the first anchor's category, if that has a name."""
    goods = situation.goods
    anchor = next(iter(about))
    if not goods.category_of(anchor):
        return {}
    scores = likely(goods, situation.crowd) * (goods.category == goods.category[goods.rows[anchor]])
    rows = highest(scores, limit + len(about))
    return {goods.ids[row]: (float(scores[row]), anchor) for row in rows if scores[row] > 0}
