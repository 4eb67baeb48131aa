"""One phrase that may be suggested, and how several sources of the same one become one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from retriever.suggesting.words import key_of

Kind = Literal["query", "category", "brand", "product", "attribute"]

# How a phrase is called that comes from several sources: the name that the shop itself gives goes first.
_PRIOR: dict[Kind, float] = {"category": 1.5, "brand": 1.0, "query": 0.5, "product": 0.3, "attribute": 0.0}
VISITOR = 2.0  # how much more a visitor's search says than a product's title, on a scale of logarithms


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text to search for that finds something.

    Attributes:
        text: as it is shown.
        kind: where it comes from.
        count: how many products it names: at least one.
        visitors: how many different visitors searched for it.
        found: products that those searches showed.
    """

    text: str
    kind: Kind
    count: int
    visitors: int = 0
    found: frozenset[str] = frozenset()

    @property
    def popularity(self) -> float:
        """What it is ranked by where it matches as well as another one."""
        return _PRIOR[self.kind] + math.log1p(self.count) + VISITOR * math.log1p(self.visitors)


def unified(phrases: Iterable[Phrase], most: int) -> list[Phrase]:
    """Each phrase once, ``tent`` and ``Tents`` being one; the ``most`` popular, best first."""
    held: dict[tuple[str, ...], Phrase] = {}
    for phrase in phrases:
        key = key_of(phrase.text)
        if not key or phrase.count < 1:
            continue
        other = held.get(key)
        held[key] = phrase if other is None else _joined(phrase, other)
    return sorted(held.values(), key=lambda phrase: (-phrase.popularity, phrase.text))[:most]


def _joined(one: Phrase, other: Phrase) -> Phrase:
    first, second = sorted((one, other), key=lambda each: (-_PRIOR[each.kind], -each.count, each.text))
    return replace(
        first,
        count=max(first.count, second.count),
        visitors=max(first.visitors, second.visitors),
        found=first.found | second.found,
    )
