"""Queries made from products, for a ranker that has no judgments to learn from.

People name the kind of thing and what matters about it: "wireless mouse logitech",
"womens black leggings". So a query here is the kind of a product, read from the words
that titles of its category share, with none to three of its other words. The method is
known as distant supervision (Mintz et al. 2009) and, for ranking, as weak supervision
with made-up queries (Dehghani et al. 2017).
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retriever.product import Product
from retriever.text import STOP_WORDS, exact, fold, holds_han, stem

KIND_WORDS = 3
SPAN = range(3, 7)  # words of a title that are taken as they stand
TITLE_WORDS = 24
MOST_TYPICAL = 0.35  # how typical of its category a word is beside the most typical one, to be of the kind
_SEGMENT = re.compile(r"\s+[-–—|]\s+|[,(\[|/;:]|\s{2,}")
_PIECE = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_FORMS = {"kind": 0.14, "one": 0.3, "two": 0.26, "three": 0.12, "span": 0.1, "category": 0.08}  # with their shares
_FURTHER = {"kind": 0, "one": 1, "two": 2, "three": 3}
LAST = 0.25  # of the queries put what matters after the kind
_COLOURS = frozenset({"color", "colour", "颜色"})


@dataclass(frozen=True, slots=True)
class Invented:
    """A query and the product it was made from, which answers it."""

    query: str
    product_id: str


@dataclass(frozen=True, slots=True)
class _Titled:
    product: Product
    words: tuple[str, ...]
    stems: tuple[str, ...]
    group: str  # its most particular category


class Inventor:
    """Makes queries for the products of one shop.

    Args:
        products: the shop's goods; what their titles share by category says which words name a kind.
        seed: another one gives other queries.
    """

    def __init__(self, products: Sequence[Product], seed: int = 0) -> None:
        self._rng = random.Random(seed)  # noqa: S311 (samples, no secrets)
        self._titled = [titled for product in products if (titled := _titled(product)).words]
        self._all: Counter[str] = Counter()
        self._by_group: dict[str, Counter[str]] = {}
        self._sizes: Counter[str] = Counter()
        for titled in self._titled:
            stems = set(titled.stems)
            self._all.update(stems)
            self._by_group.setdefault(titled.group, Counter()).update(stems)
            self._sizes[titled.group] += 1

    def queries(self, count: int) -> Iterator[Invented]:
        """At most ``count`` different queries; every product gets its turn before one gets a second."""
        seen: set[str] = set()
        for _ in range(2 + 2 * count // max(1, len(self._titled))):
            for titled in self._rng.sample(self._titled, len(self._titled)):
                if len(seen) >= count:
                    return
                query = self._query(titled)
                if query and query not in seen:
                    seen.add(query)
                    yield Invented(query, titled.product.id)

    def _query(self, titled: _Titled) -> str:
        form = self._rng.choices(list(_FORMS), list(_FORMS.values()))[0]
        if form == "category":
            return self._by_category(titled.product)
        if form == "span":
            length = self._rng.choice(SPAN)
            start = self._rng.randrange(max(1, len(titled.words) - length + 1))
            return _joined(titled.words[start : start + length])
        kind = self._kind(titled)
        others = [at for at, stemmed in enumerate(titled.stems) if at not in kind and _telling(stemmed)]
        picked = self._picked(titled, others, _FURTHER[form])
        last = self._rng.random() < LAST
        places = [*kind, *picked] if last else sorted({*kind, *picked})
        return _joined([titled.words[at] for at in places])

    def _kind(self, titled: _Titled) -> list[int]:
        """Places of the words that name what the product is, in the title's order."""
        here, size, total = self._by_group[titled.group], self._sizes[titled.group], len(self._titled)

        def typical(stemmed: str) -> float:
            if not _telling(stemmed) or stemmed.isdigit():
                return 0.0
            share = here[stemmed] / size
            return share * math.log(1 + share / (self._all[stemmed] / total))

        scores = [typical(stemmed) for stemmed in titled.stems]
        best = sorted(range(len(scores)), key=lambda at: (-scores[at], at))[:KIND_WORDS]
        return sorted(at for at in best if scores[at] > 0 and scores[at] >= MOST_TYPICAL * max(scores))

    def _picked(self, titled: _Titled, places: list[int], wanted: int) -> list[int]:
        # What the shop's own titles repeat (a make, a material, who it is for) is what people ask for by name.
        weights = [math.log(1 + self._all[titled.stems[at]]) for at in places]
        picked: set[int] = set()
        while len(picked) < min(wanted, len(places)):
            picked.add(self._rng.choices(places, weights)[0])
        return sorted(picked)

    def _by_category(self, product: Product) -> str:
        if not product.categories:
            return ""
        colours = [value for name, value in product.attributes.items() if fold(name) in _COLOURS]
        lead = self._rng.choice([product.brand, *colours[:1]])
        return _joined([*exact(lead)[:2], *exact(product.categories[-1])])


def _titled(product: Product) -> _Titled:
    words: list[str] = []
    for part in _SEGMENT.split(product.title):
        words.extend(exact(part) if holds_han(part) else [fold(piece) for piece in _PIECE.findall(part)])
    kept = tuple(dict.fromkeys(words))[:TITLE_WORDS]
    group = fold(product.categories[-1]) if product.categories else ""
    return _Titled(product, kept, tuple(stem(re.sub(r"['’]", "", word)) for word in kept), group)


def _telling(word: str) -> bool:
    return word not in STOP_WORDS and (len(word) > 1 or holds_han(word))


def _joined(words: Sequence[str]) -> str:
    cut = list(dict.fromkeys(words))
    while cut and cut[-1] in STOP_WORDS:
        cut.pop()
    return ("" if cut and all(map(holds_han, cut)) else " ").join(cut)
