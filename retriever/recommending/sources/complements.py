"""What goes with a product: as the shop says, and as people take goods of other kinds with it; if it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from retriever.product import Product
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.compatibility import agreement
from retriever.recommending.knowledge.relations import Relations, Tie
from retriever.recommending.situation import Situation
from retriever.recommending.sources.together import neighbours

MOST_ANCHORS = 10  # products that something is sought for
LAST = 3  # of those that the person bought, where the request is about none
MOST = 100  # candidates whose attributes are read
AGREE = 0.3  # what attributes that agree add
REASONS = 2  # told of a candidate

# How much the shop's word counts, the product's own and the other one's; people's count by their cosine, 0 to 1.
_WEIGHTS: Mapping[tuple[Tie, bool], float] = {
    ("fits", True): 1.0,
    ("fits", False): 1.0,
    ("goes_with", True): 0.9,
    ("goes_with", False): 0.6,
}


@dataclass
class _Found:
    """A candidate while evidence for it is gathered. ``sworn``: the shop says in so many words that it fits."""

    score: float = 0.0
    because: list[tuple[float, Because]] = field(default_factory=list[tuple[float, Because]])
    anchors: set[str] = field(default_factory=set[str])
    sworn: bool = False

    def add(self, points: float, because: Because) -> None:
        """One more piece of evidence."""
        self.score += points
        self.because.append((points, because))
        self.anchors.add(because.about[0])


class Complements:
    """Goods of other kinds that go with those of the request, else with what the person bought last.

    Args:
        relations: what the shop says, as it is now.
        products: reads products; missing ones are left out.
    """

    name = "complements"

    def __init__(
        self, relations: Callable[[], Relations], products: Callable[[Sequence[str]], Sequence[Product]]
    ) -> None:
        self._relations = relations
        self._products = products

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """What goes best with them first; none that their attributes rule out."""
        anchors = _anchors(situation)
        if not anchors or limit <= 0:
            return ()
        relations = self._relations()
        found = _told(situation, anchors, relations)
        _taken(situation, anchors, relations, found)
        best = sorted(found, key=lambda id: (-found[id].score, id))[:MOST]
        fitting = {id: found[id] for id in self._fitting(best, found)}
        ordered = sorted(fitting, key=lambda id: (-fitting[id].score, id))[:limit]
        return [Candidate(id, fitting[id].score, self.name, _because(fitting[id])) for id in ordered]

    def _fitting(self, ids: Sequence[str], found: Mapping[str, _Found]) -> list[str]:
        """Those that nothing speaks against; what speaks for them is added to their scores."""
        about = sorted({anchor for id in ids for anchor in found[id].anchors})
        products = {product.id: product for product in self._products([*about, *ids])} if ids else {}
        kept: list[str] = []
        for id in ids:
            verdict = _verdict(found[id], id, products)
            if verdict >= 0 or found[id].sworn:
                found[id].score += AGREE * max(verdict, 0)
                kept.append(id)
        return kept


def _anchors(situation: Situation) -> dict[str, None]:
    """Products of the shop that something is sought for."""
    given = situation.anchors or _bought_last(situation)
    return dict.fromkeys([id for id in given if id in situation.goods.rows][:MOST_ANCHORS])


def _bought_last(situation: Situation) -> list[str]:
    last = dict.fromkeys(event.item for event in reversed(situation.history) if event.item in situation.bought)
    return list(last)[:LAST]


def _told(situation: Situation, anchors: Mapping[str, None], relations: Relations) -> dict[str, _Found]:
    """What the shop says goes with the anchors."""
    goods = situation.goods
    found: dict[str, _Found] = {}
    for anchor in anchors:
        for tied in relations.of(anchor):
            weight = _WEIGHTS.get((tied.tie, tied.told))
            row = goods.rows.get(tied.id)
            if weight is None or row is None or tied.id in anchors or not goods.available[row]:
                continue
            held = found.setdefault(tied.id, _Found())
            if anchor in held.anchors:  # the same said from both sides, or as another tie: the firmest counts
                continue
            held.add(weight, Because("goes_with", (anchor,)))
            held.sworn = held.sworn or tied.tie == "fits"
    return found


def _taken(situation: Situation, anchors: Mapping[str, None], relations: Relations, found: dict[str, _Found]) -> None:
    """What people take with the anchors: goods of the same kind, or that replace them, are taken instead of them."""
    goods = situation.goods
    near = neighbours(situation, dict.fromkeys(anchors, 1.0))
    own = goods.rows_of(list(anchors))
    other = goods.category[near.row] != goods.category[near.anchor]
    near = near.only(other & ~np.isin(near.row, own) & goods.available[near.row])
    instead = {(anchor, tied.id) for anchor in anchors for tied in relations.of(anchor) if tied.tie == "replaces"}
    columns = (near.anchor.tolist(), near.row.tolist(), near.count.tolist(), near.score.tolist())
    for place, row, count, score in zip(*columns, strict=True):
        anchor, id = goods.ids[place], goods.ids[row]
        if (anchor, id) not in instead:
            found.setdefault(id, _Found()).add(score, Because("together", (anchor,), number=float(count)))


def _verdict(found: _Found, id: str, products: Mapping[str, Product]) -> int:
    """What the attributes of the product and of what it is to go with say: one that it does not fit is enough."""
    if id not in products:
        return -1
    said = [agreement(products[anchor], products[id]) for anchor in found.anchors if anchor in products]
    return min(said) if any(verdict < 0 for verdict in said) else max(said, default=0)


def _because(found: _Found) -> tuple[Because, ...]:
    best = sorted(found.because, key=lambda pair: -pair[0])[:REASONS]
    return tuple(because for _, because in best)
