"""Why a result is where it is, and what was made of the query, in words that are true of the record.

``matches: earbuds, wireless``, ``price 24.99 under 30``, ``brand UGG``, ``no mugs``, ``rated 4.5 by 1,203``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from retriever.candidates import Run
from retriever.filters import Filters
from retriever.product import Product, Stamped
from retriever.query import Reading
from retriever.spelling import as_json
from retriever.text import fold, language_of, segment, terms
from retriever.understanding.agreement import Agreement
from retriever.understanding.asserting import verdict


def why(reading: Reading, agreed: Agreement, stamped: Stamped, wanted: Filters, run: Run) -> tuple[str, ...]:
    """The reasons for one result, what was asked for first."""
    product = stamped.product
    reasons: list[str] = []
    if product.id in run.lexical:
        shared = shared_words(reading.text, stamped)
        others = _other_words(reading, stamped, shared)
        if shared or not others:
            reasons.append(f"matches: {', '.join(shared)}" if shared else "matches in its description")
        reasons.extend(others)
    if product.id in run.dense:
        reasons.append(f"close in meaning ({run.dense[product.id]:.2f})")
    reasons.extend(agreed.reasons)
    reasons.extend(_exclusions(reading, product))
    reasons.extend(_conditions(product, wanted))
    if run.mode == "full" and product.rating is not None:
        reasons.append(f"rated {product.rating.value:.1f} by {product.rating.count:,}")
    return tuple(reasons)


def interpretation(reading: Reading, wanted: Filters, run: Run, sort: str, currency: str) -> dict[str, Any]:
    """What was made of the query, as JSON; ``steps`` has what each step of reading did."""
    said: dict[str, Any] = {
        "text": reading.text,
        "language": language_of(reading.text),
        "mode": run.mode,
        "sort": sort,
        "filters": {name: _plain(value) for name, value in wanted if value not in (None, (), {}, False)},
        "from_query": reading.conditions,
        "currency": currency,
        "steps": reading.steps(),
    }
    if reading.corrections:
        said["corrected"] = as_json(reading.corrections)
    if excluded := [one.thing for one in reading.exclusions if one.sure]:
        said["excluded"] = excluded
    for name in ("price_min", "price_max"):
        price = getattr(wanted, name)
        if price is not None:
            said[name] = _plain(price)
    if run.limited:
        said["limited"] = "; ".join(run.limited)
    return said


def shared_words(text: str, stamped: Stamped) -> list[str]:
    """The words of a text that are in a product's title, brand or categories."""
    product = stamped.product
    locale_titles = (texts.title for texts in stamped.texts.values())
    held = {
        fold(word)
        for word in segment(" ".join((product.title, product.brand, *product.categories, *locale_titles))).split()
    }
    return [word for word in dict.fromkeys(terms(text)) if word in held]


def _other_words(reading: Reading, stamped: Stamped, shared: Sequence[str]) -> list[str]:
    """The other words for what was asked for that a product has in place of it; what it spares is told on its own."""
    return [
        f"matches: {one.also}, another word for {one.said}"
        for one in reading.synonyms
        if one.why != "exclusion"
        and not set(terms(one.said)) <= set(shared)
        and len(shared_words(one.also, stamped)) == len(terms(one.also))
    ]


def _exclusions(reading: Reading, product: Product) -> Sequence[str]:
    said: list[str] = []
    for exclusion in reading.exclusions:
        if exclusion.sure:
            found = verdict(exclusion, product)
            if found.stance == "has":
                said.append(f"but has {exclusion.thing} ({found.field})")
            elif found.stance == "says_without":
                said.append(f"without {exclusion.thing} ({found.field})")
    return said


def _conditions(product: Product, wanted: Filters) -> Sequence[str]:
    said: list[str] = []
    price = product.price_range.min
    for name in wanted.conditions():
        if name in ("price_min", "price_max") and price is not None:
            limit = getattr(wanted, name)
            side = "at" if price.major == limit else "over" if price.major > limit else "under"
            said.append(f"price {price.major:,} {side} {_plain(limit):,}")
        elif name == "in_stock":
            said.append("in stock")
        elif name == "exclude":
            said.append(f"mentions no {' or '.join(wanted.exclude)}")
        else:
            value = wanted.attributes.get(name.removeprefix("attributes."), getattr(wanted, name, ""))
            said.append(f"{name.removeprefix('attributes.')}: {value}")
    return said


def _plain(value: Any) -> Any:
    """A filter's value as JSON has it."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return list(cast("tuple[str, ...]", value)) if isinstance(value, tuple) else value
