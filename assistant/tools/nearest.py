"""What comes nearest where nothing fits: which condition to let go of, and in which order the rest is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from retriever.product import Money, Product

# What people give up first. What they asked to be spared comes last: it may be what they cannot bear.
SOFTEST = ("attributes", "price_max", "price_min", "category", "brand", "in_stock", "exclude")
LITTLE = Decimal("0.25")  # share of a price limit by which somebody may be tempted past it


@dataclass(frozen=True)
class Offer:
    """What there would be without some conditions.

    Attributes:
        given_up: the conditions.
        products: the goods, nearest first.
        answers: whether they are what was asked for, and not only what the search came upon.
        said: the search's sentence about it.
    """

    given_up: tuple[str, ...]
    products: tuple[Product, ...]
    answers: bool
    said: str


def conditions_of(relaxed: str) -> tuple[str, ...]:
    """The conditions that a search's sentence names (``brand, category: 5 results without all of them``)."""
    names = relaxed.partition(": ")[0].split(", ")
    return tuple(name for name in names if name.partition(".")[0] in SOFTEST)  # an attribute may be called anything


def in_force(interpretation: Mapping[str, Any]) -> list[str]:
    """The conditions of a search, whether its filters or the query's own words set them."""
    held = interpretation["filters"]
    named = [f"attributes.{name}" for name in sorted(held.get("attributes", {}))]
    return [*named, *(name for name in held if name != "attributes")]


def softest(offers: Sequence[Offer], interpretation: Mapping[str, Any]) -> Offer | None:
    """The thing itself is kept; a price missed by little gives way first, then a colour, then the price."""

    def hardness(offer: Offer) -> tuple[bool, int, bool, int]:
        first = SOFTEST.index(offer.given_up[0].partition(".")[0])
        return (not offer.answers, len(offer.given_up), not _narrowly(offer, interpretation), first)

    return min((offer for offer in offers if offer.given_up and offer.products), key=hardness, default=None)


def nearest(
    products: Sequence[Product], given_up: Sequence[str], interpretation: Mapping[str, Any]
) -> tuple[Product, ...]:
    """The products that miss a price limit by least first; in the order they came where no price was in the way."""
    if given_up == ("price_max",):
        over = [product for product in products if _above(product.price_range.max, interpretation["price_max"])]
        return tuple(sorted(over, key=lambda product: _amount(product.price_range.min)))
    if given_up == ("price_min",):
        under = [product for product in products if _above(product.price_range.min, interpretation["price_min"], -1)]
        return tuple(sorted(under, key=lambda product: -_amount(product.price_range.max)))
    return tuple(products)


def _narrowly(offer: Offer, interpretation: Mapping[str, Any]) -> bool:
    """Whether the first of the goods misses the only condition, a price, by little."""
    price = offer.products[0].price_range
    if offer.given_up == ("price_max",):
        return price.min is not None and price.min.major <= Decimal(str(interpretation["price_max"])) * (1 + LITTLE)
    if offer.given_up == ("price_min",):
        return price.max is not None and price.max.major >= Decimal(str(interpretation["price_min"])) * (1 - LITTLE)
    return False


def _above(money: Money | None, limit: float, sign: int = 1) -> bool:
    return money is not None and sign * money.major > sign * Decimal(str(limit))


def _amount(money: Money | None) -> int:
    return money.amount if money else 0
