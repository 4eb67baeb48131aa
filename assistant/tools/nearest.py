"""What comes nearest where nothing fits: which condition to let go of, and in which order the rest is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from retriever.product import Money, Product

# What people give up first. What they asked to be spared comes last: it may be what they cannot bear.
SOFTEST = ("price_max", "price_min", "attributes", "category", "brand", "in_stock", "exclude")


def conditions_of(relaxed: str) -> tuple[str, ...]:
    """The conditions that a search's sentence names (``brand, category: 5 results without all of them``)."""
    names = relaxed.partition(": ")[0].split(", ")
    return tuple(name for name in names if name.partition(".")[0] in SOFTEST)  # an attribute may be called anything


def softest(relaxed: Sequence[str]) -> tuple[str, ...]:
    """Of the conditions that stand in the way the one to let go of; several where no single one is to blame."""
    found = [conditions_of(said) for said in relaxed]
    return min(
        filter(None, found), key=lambda names: (len(names), SOFTEST.index(names[0].partition(".")[0])), default=()
    )


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


def _above(money: Money | None, limit: float, sign: int = 1) -> bool:
    return money is not None and sign * money.major > sign * Decimal(str(limit))


def _amount(money: Money | None) -> int:
    return money.amount if money else 0
