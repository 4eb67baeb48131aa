"""Goods like those that are asked about, by the vectors of their words and, where there are any, of their pictures.

Words say what a thing is and what it is for, pictures how it looks (McAuley, Targett, Shi and van den Hengel 2015,
"Image-based recommendations on styles and substitutes"). So words and the category decide what can stand in for a thing
at all, and looks among these: the likeness of a picture is added to the cosine of the words, for goods of the anchor's
category only. Such a good is found by its picture alone, too. Otherwise lamps come beside tents of their colour.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retriever.errors import UnavailableError
from retriever.pictures.index import Pictures
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.likely import highest, likely
from retriever.recommending.knowledge.past import past_of
from retriever.recommending.situation import Situation
from retriever.vectors import VectorIndex, search_each

SEARCHES = 3  # around the named goods; more of them are searched for in groups
SAME_KIND = 0.1  # of cosine: what being of the anchor's category is worth
LEAST = 0.3  # cosine below which a good of another category is not called alike
LOOKS = 0.3  # of cosine: what the same picture is worth; enough to turn near goods round, not near and far ones
SPARE = 20  # more are fetched than are asked for, since the index may know goods that the shop no longer has

Vector = NDArray[np.float32]
Best = dict[str, tuple[float, str]]  # of each good its score and the anchor that it is near
logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Group:
    """Goods that are near to one another: what is searched with, and the one that stands for all."""

    vector: Vector
    medoid: str


@dataclass(frozen=True)
class _Looks:
    """How much goods look like one that is asked about: those that do at all."""

    anchor: str = ""
    alike: Mapping[str, float] = field(default_factory=dict[str, float])


class Similar:
    """Goods near the ones that the request is about, or else near the last ones of the person's history.

    Args:
        texts: vectors of the goods' words.
        pictures: of their pictures, where the shop has any. They are searched once a request, whatever it is about.
    """

    name = "similar"

    def __init__(self, texts: VectorIndex, pictures: Pictures | None = None) -> None:
        self._texts = texts
        self._pictures = pictures

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The nearest, those of the same category first among equals."""
        about = _about(situation)
        if not about or limit <= 0:
            return ()
        try:
            best = _near(self._texts, about, situation, limit)
        except UnavailableError:
            best = {}
        looks = self._looks(about, situation, limit)
        added = _added(best, looks, situation)
        if not best and not added:
            best = _same_category(about, situation, limit)
        return _told(about, best, added, looks.anchor, limit)

    def _looks(self, about: Mapping[str, Because], situation: Situation, limit: int) -> _Looks:
        """What looks like the first of the anchors that has a picture's vector."""
        pictures = self._pictures
        if pictures is None:
            return _Looks()
        try:
            known = pictures.vectors(list(about))
            anchor = next((id for id in about if id in known), None)
            if anchor is None:
                return _Looks()
            near = pictures.search(known[anchor], limit + len(about) + SPARE)
            alike = {one.id: much for one in near if (much := pictures.alike(one.score)) > 0}
        except UnavailableError as error:
            logger.warning("what is similar goes by words alone: %s", error)
            return _Looks()
        return _Looks(anchor, {id: much for id, much in alike.items() if id in situation.goods.rows})


def _about(situation: Situation) -> dict[str, Because]:
    """What the goods are to be like, and the reason that this makes."""
    rows = situation.goods.rows
    if named := [id for id in dict.fromkeys(situation.anchors) if id in rows]:
        return {id: Because("like", (id,)) for id in named}
    past = past_of(situation)
    last = past.rows[:SEARCHES].tolist()
    return {situation.goods.ids[row]: past.because(place, situation) for place, row in enumerate(last)}


def _near(index: VectorIndex, about: Mapping[str, Because], situation: Situation, limit: int) -> Best:
    """By one kind of vectors; nothing where none of the anchors has one."""
    goods = situation.goods
    known = index.vectors(list(about))
    anchors = [id for id in about if id in known]
    best: Best = {}
    groups = _groups(anchors, np.stack([known[id] for id in anchors])) if anchors else []
    searched = search_each(index, np.array([group.vector for group in groups]), limit + len(about) + SPARE)
    for group, found in zip(groups, searched, strict=True):
        kind = int(goods.category[goods.rows[group.medoid]]) if goods.category_of(group.medoid) else None
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


def _added(best: Best, looks: _Looks, situation: Situation) -> dict[str, float]:
    """What looks add to the scores of goods of the anchor's category; where it has none, of what words found."""
    category_of = situation.goods.category_of
    kind = category_of(looks.anchor) if looks.alike else ""
    return {
        id: LOOKS * much
        for id, much in looks.alike.items()
        if (category_of(id) == kind if kind else id in best or not best)
    }


def _told(
    about: Mapping[str, Because], best: Best, added: Mapping[str, float], looks_of: str, limit: int
) -> list[Candidate]:
    """The candidates, best first. That they look alike is told where they would stand further back without it."""
    scores = {id: score for id, (score, _) in best.items()}
    # How near the words of the others are is not known: as near as is needed to be called alike.
    scores |= {id: scores.get(id, LEAST + SAME_KIND) + part for id, part in added.items()}
    kept = sorted(scores.keys() - about.keys(), key=lambda id: (-scores[id], id))
    places = sorted(scores[id] for id in kept)
    found: list[Candidate] = []
    for id in kept[:limit]:
        because = [about[best[id][1]]] if id in best else []
        if added.get(id, 0.0) > 0 and (not because or _moved(places, scores[id], added[id])):
            why = about[looks_of]
            because.insert(0, Because("looks_like", why.about) if why.kind == "like" else why)
        found.append(Candidate(id, scores[id], Similar.name, tuple(dict.fromkeys(because))))
    return found


def _moved(places: Sequence[float], score: float, part: float) -> bool:
    """Whether a good with this score would stand further back among these scores without a part of it."""
    return bisect_left(places, score - part) < bisect_left(places, score)


def _same_category(about: Mapping[str, Because], situation: Situation, limit: int) -> Best:
    """Without vectors: what is likely to be wanted of the first anchor's category, if that has a name."""
    goods = situation.goods
    anchor = next(iter(about))
    if not goods.category_of(anchor):
        return {}
    scores = likely(goods, situation.crowd) * (goods.category == goods.category[goods.rows[anchor]])
    rows = highest(scores, limit + len(about))
    return {goods.ids[row]: (float(scores[row]), anchor) for row in rows if scores[row] > 0}
