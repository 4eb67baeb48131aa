"""What a set of found products has in common, counted: brands, categories, colours, audiences, prices, attributes.

Every list is in a stable order: the commonest first, and what is equally common by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from babel.numbers import get_currency_precision

from retriever.product import Product
from retriever.quality.lexicon import lexicon
from retriever.remembered import Remembered
from retriever.text import fold
from retriever.understanding.audience import read_audience
from retriever.understanding.colours import colours, colours_of

TOP = 10
DEPTH = 4  # levels of categories
_EDGES = (0, 10, 25, 50, 100, 250, 500, 1_000)


def facets(products: Sequence[Product], currency: str) -> dict[str, Any]:
    """Counts over these products, at most ten values each.

    ``category`` counts each category by itself, ``category_tree`` in its place under the
    wider ones. ``color`` counts families of colours (navy is blue) that a product comes in:
    those of its attributes and options, or where it has none those that its title names.
    ``audience`` is whom titles and categories say it is for. A product that says nothing
    of either is not counted there. Price bands are in major units, from ``min`` up to but
    not including ``max``; the last one is open. A product counts in the band of its lowest
    known price.
    """
    attributes: dict[str, Counter[str]] = {}
    said = [_said.of(product.id, product) for product in products]
    for one in said:
        for name, value in one.attributes:
            attributes.setdefault(name, Counter())[value] += 1
    common = sorted(attributes.items(), key=lambda item: (-item[1].total(), item[0]))[:TOP]
    return {
        "brand": _top(Counter(product.brand for product in products if product.brand)),
        "category": _top(Counter(name for product in products for name in set(product.categories))),
        "category_tree": _tree([product.categories for product in products]),
        "color": _top(Counter(family for one in said for family in one.colours)),
        "audience": _top(Counter(group for one in said for group in one.audience)),
        "price": _price_bands(products, currency),
        "attributes": {name: _top(values) for name, values in common},
    }


def _tree(paths: Sequence[Sequence[str]], depth: int = DEPTH) -> list[dict[str, Any]]:
    """Categories under the wider ones that products name before them."""
    below: dict[str, list[Sequence[str]]] = {}
    for path in paths:
        if path:
            below.setdefault(path[0], []).append(path[1:])
    counted = _top(Counter({name: len(rest) for name, rest in below.items()}))
    return [{**each, "children": _tree(below[each["value"]], depth - 1) if depth > 1 else []} for each in counted]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one product adds to the counts."""

    attributes: frozenset[tuple[str, str]]
    colours: frozenset[str]
    audience: tuple[str, ...]


def _read(product: Product) -> _Said:
    options = (pair for variant in product.variants for pair in variant.options.items())
    attributes = frozenset((*product.attributes.items(), *options))
    names = lexicon().names["color"]
    families = {family for name, value in attributes if fold(name) in names for family in colours_of(value)}
    audience = read_audience(" | ".join((product.title, *product.categories)))
    return _Said(attributes, frozenset(families or colours(product.title)), audience.groups)


_said = Remembered(_read)


def _top(counts: Counter[str]) -> list[dict[str, Any]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    return [{"value": value, "count": count} for value, count in ordered]


def _price_bands(products: Iterable[Product], currency: str) -> list[dict[str, Any]]:
    # A currency without minor units (yen, won) counts in hundreds what others count in ones.
    scale = 1 if get_currency_precision(currency) else 100
    known = [product.price_range.min.major for product in products if product.price_range.min is not None]
    bands: list[dict[str, Any]] = []
    for low, high in (*pairwise(_EDGES), (_EDGES[-1], None)):
        top = None if high is None else high * scale
        count = sum(1 for price in known if price >= low * scale and (top is None or price < top))
        if count:
            bands.append({"min": low * scale, "max": top, "count": count})
    return bands
