"""Single values of schema.org nodes: words, numbers, prices, offers, properties, ratings, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from retriever.feeds.jsonld import VOCABULARY, Graph, Node, types_of
from retriever.feeds.money import PriceError, parse_price

PLAIN_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,10})?")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
TERMS = ("color", "size", "material", "pattern", "mpn", "model")
MEASURES = ("weight", "height", "width", "depth")
IDENTIFIERS = ("gtin", "mpn")
GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8")
UNITS = {  # UN/CEFACT common codes of what goods are measured in
    "MMT": "mm",
    "CMT": "cm",
    "MTR": "m",
    "INH": "in",
    "FOT": "ft",
    "GRM": "g",
    "KGM": "kg",
    "ONZ": "oz",
    "LBR": "lb",
    "MLT": "ml",
    "LTR": "l",
    "WTT": "W",
    "KWT": "kW",
    "VLT": "V",
    "HUR": "h",
    "MIN": "min",
    "SEC": "s",
    "DAY": "d",
    "CEL": "°C",
    "P1": "%",
}
AVAILABILITY = {
    "instock": (True, "in_stock"),
    "limitedavailability": (True, "in_stock"),
    "onlineonly": (True, "in_stock"),
    "instoreonly": (True, "in_stock"),
    "madetoorder": (True, "in_stock"),
    "preorder": (True, "preorder"),
    "presale": (True, "preorder"),
    "backorder": (True, "preorder"),
    "outofstock": (False, "out_of_stock"),
    "soldout": (False, "out_of_stock"),
    "reserved": (False, "out_of_stock"),
    "discontinued": (False, "discontinued"),
}
OTHER_PRICES = ("listprice", "strikethroughprice", "msrp", "srp", "minimumadvertisedprice", "regularprice")
MOST_OFFERS = 10_000  # of one form


class UnreadableValueError(ValueError):
    """A value without which the product cannot be told truly; the message names it."""


@dataclass(frozen=True)
class Offered:
    """What an offer says about a form."""

    price: Decimal | None = None
    currency: str | None = None
    available: bool | None = None
    status: str = ""
    stock: object = None

    def fields(self) -> dict[str, Any]:
        """The row's fields."""
        return {"price": self.price, "available": self.available, "status": self.status, "stock": self.stock}


def text_of(graph: Graph, value: Any) -> str:
    """A value as words: a string, a number, the name of a thing, several of them with commas between."""
    told = [_single(item) for item in graph.items(value)]
    return ", ".join(dict.fromkeys(text for text in told if text))


def first_text(graph: Graph, value: Any) -> str:
    """The first of a value's words."""
    return next((text for item in graph.items(value) if (text := _single(item))), "")


def _single(item: Any) -> str:
    if isinstance(item, dict):
        node = cast("Node", item)
        inner = node.get("@value", node.get("name"))
        if isinstance(inner, list):
            inner = next(iter(cast("list[Any]", inner)), None)
        if isinstance(inner, dict):
            inner = cast("Node", inner).get("@value")
        return _plain(inner)
    return _plain(item)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) else ""


def in_languages(graph: Graph, value: Any) -> tuple[str, dict[str, str]]:
    """The words of a property, and what it says in named languages besides."""
    plain: list[str] = []
    named: dict[str, str] = {}
    for item in graph.items(value):
        text = _single(item)
        given = cast("Node", item).get("@language") if isinstance(item, dict) else None
        if text and given is not None:
            named.setdefault(language_of(graph, given), text)
        elif text:
            plain.append(text)
    named.pop("", None)
    if plain or not named:
        return (plain[0] if plain else ""), named
    return next(iter(named.values())), dict(list(named.items())[1:])


def language_of(graph: Graph, value: Any) -> str:
    """A language's main code: ``zh`` of ``zh-CN``; empty where it is no code."""
    found = LANGUAGE.match(first_text(graph, value))
    return found[0].lower() if found else ""


def addresses(graph: Graph, value: Any) -> list[str]:
    """Addresses of pages or pictures."""
    found: list[str] = []
    for item in graph.items(value):
        if isinstance(item, str):
            found.append(item.strip())
        elif isinstance(item, dict):
            node = cast("Node", item)
            names = ("contentUrl", "url", "@id")
            found.append(next((given for name in names if (given := first_text(graph, node.get(name)))), ""))
    return list(dict.fromkeys(address for address in found if address))


def properties(graph: Graph, node: Node) -> dict[str, str]:
    """What a node says of itself by name: schema.org's own properties, and its additional ones."""
    found = {name: text_of(graph, node.get(name)) for name in TERMS}
    found["gtin"] = next((text for name in GTINS if (text := first_text(graph, node.get(name)))), "")
    found |= {name: _measure(graph, next(iter(graph.items(node.get(name))), None)) for name in MEASURES}
    found["manufacturer"] = first_text(graph, node.get("manufacturer"))
    for extra in graph.nodes(node.get("additionalProperty")):
        name = first_text(graph, extra.get("name")) or first_text(graph, extra.get("propertyID"))
        value = _measure(graph, extra)
        if name and value and not found.get(name):
            found[name] = value
    return {name: value for name, value in found.items() if value}


def _measure(graph: Graph, value: Any) -> str:
    """A quantity with its unit: ``12 cm``, ``5-10 kg``."""
    if not isinstance(value, dict):
        return _single(value)
    node = cast("Node", value)
    given = graph.items(node.get("value"))
    if len(given) == 1 and isinstance(given[0], dict):
        return _measure_of(graph, cast("Node", given[0]), node)
    return _measure_of(graph, node, node)


def _measure_of(graph: Graph, node: Node, unit: Node) -> str:
    text = text_of(graph, node.get("value"))
    low, high = (first_text(graph, node.get(name)) for name in ("minValue", "maxValue"))
    text = text or "-".join(bound for bound in (low, high) if bound)
    code = first_text(graph, unit.get("unitCode") or node.get("unitCode"))
    named = first_text(graph, unit.get("unitText") or node.get("unitText")) or UNITS.get(code.upper(), "")
    return f"{text} {named}" if text and named else text


def rating_of(graph: Graph, node: Node) -> dict[str, Any] | None:
    """The mean of ratings on a scale of 5. One on an unknown number of ratings is left out, as is one on none."""
    for rating in graph.nodes(node.get("aggregateRating")):
        count = next(
            (given for name in ("ratingCount", "reviewCount") if (given := first_text(graph, rating.get(name)))), ""
        )
        value = stars(graph, rating)
        if count not in ("", "0") and value is not None:
            return {"value": value, "count": count.replace(",", "")}
    return None


def stars(graph: Graph, rating: Node) -> float | str | None:
    """A rating's value on a scale of 5; as it was written where it is no number, ``None`` where there is none."""
    given = first_text(graph, rating.get("ratingValue"))
    value, best = _number(given), _number(first_text(graph, rating.get("bestRating")))
    if value is None:
        return given or None
    return value if best is None or best in (0.0, 5.0) or best < 0 else value * 5 / best


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        return None


def moment(graph: Graph, value: Any) -> str | None:
    """A time with a zone; one without is taken as UTC, and what is no time is left out."""
    try:
        found = datetime.fromisoformat(first_text(graph, value))
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def offers_of(graph: Graph, nodes: list[Node]) -> list[Node]:
    """Single offers: those within an AggregateOffer instead of it, where it names them."""
    found: list[Node] = []
    for node in nodes[:MOST_OFFERS]:
        inner = graph.nodes(node.get("offers")) if "AggregateOffer" in types_of(node) else []
        found += [offer for offer in inner if offer is not node] or [node]
    return found[:MOST_OFFERS]


def offered(graph: Graph, offers: list[Node]) -> Offered:
    """What the first offer with a price says of a form, or else the first offer.

    Raises:
        UnreadableValueError: if a price is none.
    """
    read: list[Offered] = []
    for offer in offers:
        read.append(_offer(graph, offer))
        if read[-1].price is not None:
            return read[-1]
    return read[0] if read else Offered()


def _offer(graph: Graph, offer: Node) -> Offered:
    price, currency = next((found for found in _prices(graph, offer) if found[0] is not None), (None, None))
    word = VOCABULARY.sub("", first_text(graph, offer.get("availability")) or _id_of(graph, offer.get("availability")))
    available, status = AVAILABILITY.get(word.replace(" ", "").replace("_", "").lower(), (None, ""))
    return Offered(price, currency, available, status, _stock(graph, offer.get("inventoryLevel")))


def _id_of(graph: Graph, value: Any) -> str:
    return next((str(node.get("@id", "")) for node in graph.nodes(value)), "")


def _prices(graph: Graph, offer: Node) -> Iterator[tuple[Decimal | None, str | None]]:
    currency = first_text(graph, offer.get("priceCurrency"))
    if "AggregateOffer" in types_of(offer):
        # The lowest price is that of some form. It is this one's only if all cost the same.
        low, high = (_price(graph, offer.get(name), currency) for name in ("lowPrice", "highPrice"))
        if low[0] is not None and low == high:
            yield low
    yield _price(graph, offer.get("price"), currency)
    for part in graph.nodes(offer.get("priceSpecification")):
        kind = VOCABULARY.sub("", first_text(graph, part.get("priceType"))).lower()
        if kind not in OTHER_PRICES and not part.get("referenceQuantity") and not part.get("validForMemberTier"):
            yield _price(graph, part.get("price"), first_text(graph, part.get("priceCurrency")) or currency)


def _price(graph: Graph, value: Any, currency: str) -> tuple[Decimal | None, str | None]:
    given = first_text(graph, value)
    if not given:
        return None, None
    if PLAIN_NUMBER.fullmatch(given):
        return Decimal(given), currency or None
    try:
        found = parse_price(given)
    except PriceError as error:
        raise UnreadableValueError(f"price: {error}") from error
    return found.amount, currency or found.currency


def _stock(graph: Graph, value: Any) -> object:
    for item in graph.items(value):
        return first_text(graph, cast("Node", item).get("value")) or None if isinstance(item, dict) else item
    return None
