"""Conditions and orders on a single product, by what its record says now.

The database answers the same questions for the whole catalogue; this is the last look
at a product before it leaves a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from retriever.filters import Filters
from retriever.product import Money, Product, Stamped, Variant
from retriever.text import fold, names


@dataclass(frozen=True, slots=True)
class SortKey:
    """What a product can be ordered by; ``None`` is unknown and comes last in every order that asks for it."""

    id: str
    price: int | None = None
    rating: float | None = None
    rating_count: int = 0
    published_at: datetime | None = None
    available: bool = True
    position: int = 0

    @classmethod
    def of(cls, stamped: Stamped) -> SortKey:
        """The key of a product that is at hand."""
        product = stamped.product
        return cls(
            id=product.id,
            price=None if product.price_range.min is None else product.price_range.min.amount,
            rating=None if product.rating is None else product.rating.value,
            rating_count=0 if product.rating is None else product.rating.count,
            published_at=stamped.published_at,
            available=product.availability.available,
        )

    def place(self, sort: str) -> tuple[Any, ...]:
        """Sorts ascending into the asked order; equals keep the order they came in."""
        if sort in ("price_asc", "price_desc"):
            price = self.price or 0
            return (self.price is None, price if sort == "price_asc" else -price)
        if sort == "rating":
            return (self.rating is None, -(self.rating or 0.0), -self.rating_count)
        if sort == "newest":
            return (self.published_at is None, -self.published_at.timestamp() if self.published_at else 0.0)
        return (not self.available,)


def passes(product: Product, wanted: Filters, currency: str) -> bool:
    """Whether a product satisfies price, stock, brand, category and attributes.

    One and the same variant has to satisfy price, stock and attributes together.
    ``exclude`` looks at every word of a product and is left to the full-text index.
    """
    if wanted.brand is not None and not names(product.brand, wanted.brand):
        return False
    if wanted.category is not None and not any(names(held, wanted.category) for held in product.categories):
        return False
    return any(_variant_passes(product, variant, wanted, currency) for variant in product.variants)


def _variant_passes(product: Product, variant: Variant, wanted: Filters, currency: str) -> bool:
    if wanted.in_stock and not variant.availability.available:
        return False
    if not _price_passes(variant.price, wanted, currency):
        return False
    held = [*variant.options.items(), *product.attributes.items()]
    return all(
        any(fold(name) == fold(wanted_name) and names(value, wanted_value) for name, value in held)
        for wanted_name, wanted_value in wanted.attributes.items()
    )


def _price_passes(price: Money | None, wanted: Filters, currency: str) -> bool:
    if wanted.price_min is None and wanted.price_max is None:
        return True
    if price is None or price.currency != currency:
        return False
    over = wanted.price_min is None or price.major >= wanted.price_min
    return over and (wanted.price_max is None or price.major <= wanted.price_max)
