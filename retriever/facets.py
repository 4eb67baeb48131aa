"""What a set of found products has in common, counted: brands, categories, price bands, attributes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from babel.numbers import get_currency_precision

from retriever.product import Product

TOP = 10
_EDGES = (0, 10, 25, 50, 100, 250, 500, 1_000)


def facets(products: Sequence[Product], currency: str) -> dict[str, Any]:
    """Counts over these products, the commonest first, at most ten values each.

    Price bands are in major units, from ``min`` up to but not including ``max``; the
    last one is open. A product counts in the band of its lowest known price.
    """
    attributes: dict[str, Counter[str]] = {}
    for product in products:
        for name, value in _attributes(product):
            attributes.setdefault(name, Counter())[value] += 1
    common = sorted(attributes.items(), key=lambda item: (-item[1].total(), item[0]))[:TOP]
    return {
        "brand": _top(Counter(product.brand for product in products if product.brand)),
        "category": _top(Counter(name for product in products for name in set(product.categories))),
        "price": _price_bands(products, currency),
        "attributes": {name: _top(values) for name, values in common},
    }


def _attributes(product: Product) -> set[tuple[str, str]]:
    options = (pair for variant in product.variants for pair in variant.options.items())
    return {*product.attributes.items(), *options}


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
