"""Reading the catalogue: products by id, by condition, and the numbers they are ordered by."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute

from retriever.allowed import Conditions
from retriever.changed_goods import ChangedGoods
from retriever.conditions import SortKey
from retriever.current_columns import CurrentColumns
from retriever.database import Database, among, among_given, given
from retriever.errors import NotFoundError
from retriever.feeds.feed import Progress, silent
from retriever.filters import Filters
from retriever.lexical import LexicalIndex
from retriever.product import (
    Availability,
    LocaleText,
    Money,
    PriceRange,
    Product,
    Rating,
    Relation,
    Stamped,
    Variant,
)
from retriever.records import ProductCategory, ProductRecord, VariantRecord
from retriever.remembered import KEPT

_PRODUCT = tuple(column for column in ProductRecord.__table__.c if column.key not in {"feed", "brand_key", "position"})
# What may change without another import: prices, ratings and what can be bought.
_CHANGING = ("id", "content_hash", "available", "status", "price_min", "price_max", "rating_value", "rating_count")
_STATE = tuple(ProductRecord.__table__.c[name] for name in _CHANGING)
_OFFER = tuple(VariantRecord.__table__.c[name] for name in ("id", "price", "currency", "available", "status"))
_VARIANT = tuple(column for column in VariantRecord.__table__.c if column.key not in {"position", "stock"})

_State = tuple[tuple[object, ...], tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Named:
    """A brand or category and how many products it has."""

    name: str
    count: int


class Catalogue:
    """The products of one shop. Safe to share between threads.

    Args:
        database: the shop's records.
        lexical: the full-text index, which knows what a product's text mentions.
        currency: the shop's currency (ISO 4217); conditions on price compare prices in it only.
    """

    def __init__(self, database: Database, lexical: LexicalIndex, currency: str) -> None:
        self._database = database
        self._lexical = lexical
        # Built once: to build them takes longer than to execute them.
        products = among_given(ProductRecord.id, database.dialect)
        variants = among_given(VariantRecord.product_id, database.dialect)
        self._offers = select(VariantRecord.product_id, *_OFFER).where(variants).order_by(VariantRecord.position)
        self._changing = select(*_STATE).where(products)
        self._variants = select(*_VARIANT).where(variants).order_by(VariantRecord.position)
        self._products = select(*_PRODUCT).where(products)
        self._kept: dict[str, tuple[_State, Stamped]] = {}
        self._lock = threading.Lock()
        self.currency = currency
        self._columns = CurrentColumns(database, currency, lexical.numbers)
        self._conditions = Conditions(database, currency, columns=self._columns)

    def get(self, ids: Sequence[str]) -> list[Product]:
        """These products in this order; missing ones are left out."""
        return [stamped.product for stamped in self.stamped(ids)]

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        """These products in this order, with their texts and dates; missing ones are left out."""
        if not ids:
            return []
        kept = self._kept
        # To read a product takes ten times as long as to ask whether it is still the one that was read before.
        with self._database.connection() as connection:
            states = self._states(connection, ids)
            found = {id: held[1] for id, state in states.items() if (held := kept.get(id)) and held[0] == state}
            fresh = self._read(connection, [id for id in states if id not in found]) if len(found) < len(states) else []
        # What changed between the readings is shown, but not kept.
        self._keep((state, stamped) for state, stamped in fresh if state == states[stamped.product.id])
        found |= {stamped.product.id: stamped for _, stamped in fresh}
        return [found[id] for id in ids if id in found]

    def _states(self, connection: Connection, ids: Sequence[str]) -> dict[str, _State]:
        """What tells each product from what it was before."""
        offers: dict[str, list[object]] = {}
        wanted = given(ids, self._database.dialect)
        for product_id, *offer in connection.execute(self._offers, wanted):
            offers.setdefault(product_id, []).append(tuple(offer))
        rows = connection.execute(self._changing, wanted)
        return {row[0]: (tuple(row), tuple(offers.get(row[0], ()))) for row in rows}

    def _read(self, connection: Connection, ids: Sequence[str]) -> list[tuple[_State, Stamped]]:
        """These products, each with its state."""
        held: dict[str, list[Variant]] = {}
        offers: dict[str, list[object]] = {}
        wanted = given(ids, self._database.dialect)
        # Plain rows: as mapped objects they took most of a search's time outside the indexes.
        for variant in connection.execute(self._variants, wanted):
            held.setdefault(variant.product_id, []).append(_variant(variant))
            offers.setdefault(variant.product_id, []).append(tuple(getattr(variant, each.key) for each in _OFFER))
        rows = connection.execute(self._products, wanted)
        return [
            (
                (tuple(getattr(row, each.key) for each in _STATE), tuple(offers.get(row.id, ()))),
                _stamped(row, tuple(held.get(row.id, ()))),
            )
            for row in rows
        ]

    def _keep(self, read: Iterable[tuple[_State, Stamped]]) -> None:
        with self._lock:
            for state, stamped in read:
                self._kept.pop(stamped.product.id, None)
                if len(self._kept) >= KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[stamped.product.id] = (state, stamped)

    def first(self, limit: int) -> list[str]:
        """The ids of so many products, in the merchant's own order."""
        with self._database.connection() as connection:
            query = select(ProductRecord.id).order_by(ProductRecord.position, ProductRecord.id).limit(limit)
            return list(connection.scalars(query))

    def product(self, id: str) -> Product:
        """One product.

        Raises:
            NotFoundError: if there is none with this id.
        """
        found = self.get([id])
        if not found:
            raise NotFoundError(f"There is no product '{id}'.", "Search for it by name.")
        return found[0]

    def variant(self, id: str) -> tuple[Product, Variant]:
        """One variant with its product.

        Raises:
            NotFoundError: if there is none with this id.
        """
        with self._database.session() as session:
            record = session.get(VariantRecord, id)
        if record is None:
            raise NotFoundError(
                f"There is no product variant '{id}'.", "Look at the product for the ids of its variants."
            )
        product = self.product(record.product_id)
        return product, next(variant for variant in product.variants if variant.id == id)

    def stock(self, variant_id: str) -> int | None:
        """How many of a variant there are; ``None`` where the feed gives no quantity."""
        with self._database.session() as session:
            return session.scalar(select(VariantRecord.stock).where(VariantRecord.id == variant_id))

    def count(self) -> int:
        """How many products there are."""
        with self._database.session() as session:
            return session.scalar(select(func.count()).select_from(ProductRecord)) or 0

    def all_ids(self) -> list[str]:
        """The ids of all products, in the merchant's order."""
        with self._database.session() as session:
            return list(session.scalars(select(ProductRecord.id).order_by(ProductRecord.position, ProductRecord.id)))

    def categories(self) -> list[Named]:
        """All categories, the largest first."""
        return self._named(ProductCategory.key, ProductCategory.name)

    def brands(self) -> list[Named]:
        """All brands, the largest first."""
        return self._named(ProductRecord.brand_key, ProductRecord.brand)

    def sort_keys(self, ids: Collection[str] | None = None) -> Mapping[str, SortKey]:
        """What these products (``None``: all) are ordered by, in the merchant's order."""
        record = ProductRecord
        columns = (record.id, record.price_min, record.rating_value, record.rating_count, record.published_at)
        query = select(*columns, record.available, record.position).order_by(record.position, record.id)
        if ids is not None:
            query = query.where(among(record.id, ids, self._database.dialect))
        with self._database.session() as session:
            return {
                row.id: SortKey(
                    id=row.id,
                    price=row.price_min,
                    rating=row.rating_value,
                    rating_count=row.rating_count or 0,
                    published_at=row.published_at,
                    available=row.available,
                    position=row.position,
                )
                for row in session.execute(query)
            }

    def settle(self, progress: Progress = silent) -> None:
        """Let the full-text index catch up with the records; see LexicalIndex."""
        self._lexical.settle(progress)
        ChangedGoods(self._database).tidy()

    def prepare(self) -> None:
        """Read what conditions ask of the goods of a large shop; until then the database is asked, which takes longer.

        Raises:
            UnavailableError: if the records cannot be read.
        """
        self._columns.prepare()

    def matching(self, filters: Filters) -> Collection[str] | None:
        """Products that satisfy the conditions; ``None`` when there is no condition.

        One and the same variant satisfies price, stock and attributes together; an
        attribute of the product counts for all its variants. Where they are many, they are
        not listed: see ``retriever.allowed``.
        """
        if filters.empty:
            return None
        return self._conditions.matching(filters, lambda: self._lexical.mentioning(filters.exclude))

    def _named(self, key: InstrumentedAttribute[str], name: InstrumentedAttribute[str]) -> list[Named]:
        count = func.count()
        query = select(func.min(name), count).where(key != "").group_by(key).order_by(count.desc(), key)
        with self._database.session() as session:
            return [Named(name, number) for name, number in session.execute(query)]


def _stamped(row: Row[Any], variants: tuple[Variant, ...]) -> Stamped:
    product = Product(
        id=row.id,
        title=row.title,
        description=row.description,
        url=row.url,
        images=tuple(row.images),
        brand=row.brand,
        categories=tuple(row.categories),
        price_range=PriceRange(min=_money(row.price_min, row.currency), max=_money(row.price_max, row.currency)),
        rating=None if row.rating_value is None else Rating(value=row.rating_value, count=row.rating_count or 0),
        attributes=row.attributes,
        availability=_availability(row.available, row.status),
        variants=variants,
    )
    texts = {language: LocaleText.model_validate(words) for language, words in row.texts.items()}
    related = cast("dict[Relation, tuple[str, ...]]", {name: tuple(ids) for name, ids in row.related.items()})
    return Stamped(product=product, texts=texts, published_at=row.published_at, related=related)


def _variant(row: Row[Any]) -> Variant:
    return Variant(
        id=row.id,
        title=row.title,
        price=_money(row.price, row.currency),
        options=row.options,
        availability=_availability(row.available, row.status),
    )


@lru_cache(maxsize=KEPT)
def _money(amount: int | None, currency: str) -> Money | None:
    return Money.known(amount, currency)


@lru_cache(maxsize=KEPT)
def _availability(available: bool, status: str) -> Availability:
    return Availability(available=available, status=status)
