"""The goods read from the records, as columns; and what tells whether they are still the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from retriever.database import Database
from retriever.recommending.knowledge.goods import Goods
from retriever.records import (
    EventRecord,
    FeedRecord,
    Forgotten,
    OrderRecord,
    ProductRecord,
    ProfileChoice,
)

AT_ONCE = 1_000  # rows that are read in one go, in which no request gets the interpreter
PRIOR = 10.0  # ratings at the shop's mean that every product is thought to have besides its own

Stamp = tuple[object, ...]


def read_goods(database: Database, currency: str) -> Goods:
    """All products of the shop; those priced in another currency than this one have no price.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    record = ProductRecord
    query = select(
        record.id,
        _most_special(database),
        record.brand,
        record.price_min,
        record.currency,
        record.available,
        record.published_at,
        record.rating_value,
        record.rating_count,
        record.position,
    ).order_by(record.id)
    columns: list[list[Any]] = [[] for _ in query.selected_columns]
    with database.connection() as connection:
        for rows in connection.execute(query.execution_options(yield_per=AT_ONCE)).partitions():
            for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(values)
    # Sorted once more: databases sort text by rules of their own, and a row is found by its id as Python sorts it.
    order = sorted(range(len(columns[0])), key=columns[0].__getitem__)
    return _of_columns([[column[place] for place in order] for column in columns], currency)


def goods_stamp(database: Database) -> Stamp:
    """What changes when products do: cheap to read, and to be compared with that of before.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    counted = (func.count(), func.coalesce(func.sum(ProductRecord.price_min), 0), _sold_out())
    with database.connection() as connection:
        imported = connection.execute(select(func.count(), func.max(FeedRecord.imported_at))).one()
        products = connection.execute(select(*counted).select_from(ProductRecord)).one()
    return (*imported, *products)


def acts_stamp(database: Database) -> Stamp:
    """What changes when people do something, or decide that it is not to count.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    counts = (EventRecord, OrderRecord, Forgotten, ProfileChoice)
    with database.connection() as connection:
        many = [connection.scalar(select(func.count()).select_from(table)) for table in counts]
        latest = connection.scalar(select(func.max(EventRecord.at)))
        decided = connection.scalar(select(func.max(ProfileChoice.changed_at)))
    return (*many, latest, decided)


def _sold_out() -> ColumnElement[int]:
    return func.count().filter(ProductRecord.available.is_(False))


def _most_special(database: Database) -> ColumnElement[Any]:
    """The last of a product's categories, picked by the database: to read 100,000 lists takes half a second."""
    if database.dialect == "sqlite":
        return func.json_extract(ProductRecord.categories, "$[#-1]")
    return cast(ProductRecord.categories, JSONB).op("->>")(-1)


def _of_columns(columns: Sequence[Sequence[Any]], currency: str) -> Goods:
    ids, special, brand, price, priced_in, available, published, rating, rated, position = columns
    categories, category = _named(special)
    brands, branded = _named(brand)
    counts = np.array([count or 0 for count in rated], dtype=np.int64)
    return Goods(
        ids=tuple(ids),
        categories=categories,
        category=category,
        brands=brands,
        brand=branded,
        price=np.array(
            [
                np.nan if amount is None or its != currency else amount
                for amount, its in zip(price, priced_in, strict=True)
            ],
            dtype=np.float64,
        ),
        available=np.array(available, dtype=np.bool_),
        published=_seconds(published),
        rating=drawn_to_the_mean(np.array([np.nan if mean is None else mean for mean in rating], np.float64), counts),
        rated=counts,
        position=np.array(position, dtype=np.int64),
    )


def drawn_to_the_mean(rating: NDArray[np.float64], rated: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean ratings, each drawn to the mean of all as few people gave it; 0 where nobody rated anything."""
    known = ~np.isnan(rating) & (rated > 0)
    if not known.any():
        return np.zeros(len(rating))
    counts = np.where(known, rated, 0).astype(np.float64)
    means = np.where(known, rating, 0.0)
    shop = float((means * counts).sum() / counts.sum())
    return (means * counts + shop * PRIOR) / (counts + PRIOR)


def _named(values: Sequence[str | None]) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The different names, sorted, and the place of each value among them; ``""`` stands for none."""
    names = tuple(sorted({value or "" for value in values}))
    places = {name: place for place, name in enumerate(names)}
    return names, np.array([places[value or ""] for value in values], dtype=np.int32)


def _seconds(times: Sequence[datetime | None]) -> NDArray[np.float64]:
    return np.array([np.nan if time is None else time.timestamp() for time in times], dtype=np.float64)
