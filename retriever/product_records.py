"""Products as the rows of the records: their own, their variants', and those by which filters find them.

They are written as plain rows, many at a time: as mapped objects they took twice as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from retriever.product import LocaleText, Stamped, Variant
from retriever.records import ProductAttribute, ProductCategory, ProductRecord, VariantRecord
from retriever.text import fold

NAME_LENGTH = 80  # of a folded attribute name, and KEY_LENGTH of a value:
KEY_LENGTH = 160  # PostgreSQL's indexes hold rows of some 2,700 bytes

Values = dict[str, Any]


def key_of(name: str, length: int = KEY_LENGTH) -> str:
    """What a brand, a category, an attribute or its value is found by."""
    return fold(name)[:length]


class ProductRows:
    """The rows of some products of one feed.

    Args:
        feed: name of the feed that owns them.
    """

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self.products: list[Values] = []
        self.variants: list[Values] = []
        self.categories: list[Values] = []
        self.attributes: list[Values] = []

    def add(self, stamped: Stamped, content_hash: str, position: int, stocks: Mapping[str, int | None]) -> None:
        """Take a product in.

        Args:
            stamped: the product.
            content_hash: of the feed's row; tells a changed one from an unchanged one.
            position: place in the feed.
            stocks: quantities by variant id, as far as the feed gives them.
        """
        product = stamped.product
        self.products.append(
            {"feed": self._feed, "content_hash": content_hash, "position": position, **_product(stamped)}
        )
        self.variants += [
            {"product_id": product.id, "position": place, "stock": stocks.get(variant.id), **_variant(variant)}
            for place, variant in enumerate(product.variants)
        ]
        categories = {key: name for name in reversed(product.categories) if (key := key_of(name))}
        self.categories += [{"product_id": product.id, "key": key, "name": name} for key, name in categories.items()]
        self.attributes += [
            {"product_id": product.id, "variant_id": owner, "name": name, "value": value}
            for owner, name, value in sorted(_attributes(stamped))
            if name and value
        ]

    def insert(self, session: Session) -> None:
        """Write them all; the tables do not hold them yet."""
        connection = session.connection()
        tables = (ProductRecord, VariantRecord, ProductCategory, ProductAttribute)
        for table, rows in zip(tables, (self.products, self.variants, self.categories, self.attributes), strict=True):
            if rows:
                connection.execute(insert(table), rows)


def _product(stamped: Stamped) -> Values:
    product = stamped.product
    low, high = product.price_range.min, product.price_range.max
    prices = [variant.price for variant in product.variants if variant.price is not None]
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "url": product.url,
        "images": list(product.images),
        "brand": product.brand,
        "brand_key": key_of(product.brand),
        "categories": list(product.categories),
        "attributes": dict(product.attributes),
        "texts": {language: words.model_dump() for language, words in stamped.texts.items()},
        "related": {relation: list(ids) for relation, ids in stamped.related.items()},
        "rating_value": product.rating.value if product.rating else None,
        "rating_count": product.rating.count if product.rating else None,
        "available": product.availability.available,
        "status": product.availability.status,
        "currency": low.currency if low else (prices[0].currency if prices else ""),
        "price_min": low.amount if low else None,
        "price_max": high.amount if high else None,
        "published_at": stamped.published_at,
    }


def _variant(variant: Variant) -> Values:
    return {
        "id": variant.id,
        "title": variant.title,
        "options": dict(variant.options),
        "price": variant.price.amount if variant.price else None,
        "currency": variant.price.currency if variant.price else "",
        "available": variant.availability.available,
        "status": variant.availability.status,
    }


def _attributes(stamped: Stamped) -> set[tuple[str, str, str]]:
    """(owner, name, value) of every attribute and option, in every language; the owner is a variant or nobody."""
    product = stamped.product
    held = [("", name, value) for name, value in product.attributes.items()]
    held += [(variant.id, name, value) for variant in product.variants for name, value in variant.options.items()]
    for words in stamped.texts.values():
        held += [("", name, value) for name, value in words.attributes.items()]
        held += _translated(words, product.variants)
    return {(owner, key_of(name, NAME_LENGTH), key_of(str(value))) for owner, name, value in held}


def _translated(words: LocaleText, variants: tuple[Variant, ...]) -> list[tuple[str, str, str]]:
    if not words.options:
        return []
    return [
        (variant.id, words.options.get(name, name), words.options.get(value, value))
        for variant in variants
        for name, value in variant.options.items()
    ]
