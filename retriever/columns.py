"""What conditions ask of goods, as columns of numbers: in a large shop a condition is then a comparison of arrays.

A product is a row, its variants point to it. The columns are read once and never change;
goods that have changed since are brought in by making new columns of the old ones.
Attributes are not held: a shop may have tens of millions of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from retriever.database import Dialect, among
from retriever.filters import Filters
from retriever.product_records import key_of
from retriever.records import ProductCategory, ProductRecord, VariantRecord
from retriever.text import names

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]
Parts = Iterable[Sequence[Any]]  # rows, many at once

READ = 250  # rows at once: with 20,000 it took more than twice as long, as they leave the processor's cache

UNKNOWN = -1  # no such row, or no such name
PRICELESS = -(2**63)  # a price that is not known, or in another currency


@dataclass(frozen=True)
class Bounds:
    """From and up to which price in minor units, both included; ``least`` is above ``PRICELESS``."""

    least: int
    most: int


class Codes(dict[str, int]):
    """Numbers of names, given as names are asked for."""

    def __missing__(self, key: str) -> int:
        """A new name's number."""
        self[key] = len(self)
        return self[key]


class Names:
    """The different brands or categories of a shop.

    Attributes:
        codes: their numbers; new ones are given while columns are made, and not later.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.codes = Codes(zip(keys, count(), strict=False))
        self._answers: dict[str, list[int]] = {}

    @property
    def keys(self) -> list[str]:
        """The names in the order of their numbers."""
        return list(self.codes)

    def answering(self, wanted: str) -> list[int]:
        """The names that answer to a wanted one."""
        key = key_of(wanted)
        found = self._answers.get(key)
        if found is None:
            found = [code for held, code in self.codes.items() if key and key in held and names(held, key)]
            if len(self._answers) < len(self.codes):  # what is asked for in a shop is one of its names, or near one
                self._answers[key] = found
        return found


@dataclass(frozen=True)
class Columns:
    """Goods as arrays; made by ``read``.

    Attributes:
        ids: product by row; rows of what is gone stay, and satisfy nothing.
        rows: row by product.
        brand: number of the brand, by row; ``UNKNOWN`` where the product is gone.
        brands: the brands' names.
        kind: rows and numbers of their categories, one pair each, in the order of the numbers.
        categories: the categories' names.
        owner: row of each variant's product, in the order of the prices.
        price: of each variant in minor units of the shop's currency, or ``PRICELESS``; ascending.
        available: whether each variant can be bought.
        row_of: row by the number that full text knows a product by, less ``first``.
        first: the lowest such number.
    """

    ids: list[str]
    rows: Mapping[str, int]
    brand: Rows
    brands: Names
    kind: tuple[Rows, Rows]
    categories: Names
    owner: Rows
    price: NDArray[np.int64]
    available: Mask
    row_of: Rows
    first: int = 0

    @property
    def living(self) -> int:
        """How many products there are."""
        return int((self.brand != UNKNOWN).sum())

    def satisfying(self, filters: Filters, bounds: Bounds | None) -> Mask:
        """The rows that satisfy price, stock, brand and category; one and the same variant the first two."""
        found: Mask = np.ones(len(self.ids), dtype=np.bool_)
        if bounds is not None or filters.in_stock:
            found = self._sold(filters, bounds)
        if filters.brand is not None:
            found &= _chosen(self.brands, filters.brand)[self.brand]
        if filters.category is not None:
            of_kind = np.zeros(len(self.ids), dtype=np.bool_)
            for code in self.categories.answering(filters.category):
                of_kind[self.kind[0][_slice(self.kind[1], code, code)]] = True
            found &= of_kind
        return found

    def _sold(self, filters: Filters, bounds: Bounds | None) -> Mask:
        dear = slice(None) if bounds is None else _slice(self.price, bounds.least, bounds.most)
        owner = self.owner[dear]
        found = np.zeros(len(self.ids), dtype=np.bool_)
        found[owner[self.available[dear]] if filters.in_stock else owner] = True
        return found

    def rows_of(self, numbers: NDArray[np.int64]) -> Rows:
        """The rows of products by full text's numbers; ``UNKNOWN`` for those that were not there."""
        places = numbers - self.first
        known = (places >= 0) & (places < len(self.row_of))
        rows = np.full(len(numbers), UNKNOWN, dtype=np.int32)
        rows[known] = self.row_of[places[known]]
        return rows

    def numbers_of(self, found: Mask) -> NDArray[np.int64]:
        """Full text's numbers of some rows."""
        return self.first + np.flatnonzero((self.row_of != UNKNOWN) & found[self.row_of])

    def renewed(self, changed: Collection[str], part: Columns) -> Columns:
        """These columns with some products as another reading has them, which may lack what is gone."""
        rows = dict(self.rows)
        ids = [*self.ids]
        place = np.empty(len(part.ids), dtype=np.int32)  # of each product of the part
        for at, id in enumerate(part.ids):
            place[at] = rows.setdefault(id, len(ids))
            if place[at] == len(ids):
                ids.append(id)
        stale = np.zeros(len(ids), dtype=np.bool_)
        stale[[rows[id] for id in changed if id in rows]] = True
        brands, categories = Names(self.brands.keys), Names(self.categories.keys)
        brand = np.full(len(ids), UNKNOWN, dtype=np.int32)
        brand[: len(self.brand)] = self.brand
        brand[stale] = UNKNOWN
        brand[place] = _recoded(part.brands, brands)[part.brand]
        kept, kinds = ~stale[self.kind[0]], _recoded(part.categories, categories)
        sold = ~stale[self.owner]
        return Columns(
            ids=ids,
            rows=rows,
            brand=brand,
            brands=brands,
            kind=_by_kind(
                np.concatenate((self.kind[0][kept], place[part.kind[0]])),
                np.concatenate((self.kind[1][kept], kinds[part.kind[1]])),
            ),
            categories=categories,
            **_by_price(
                np.concatenate((self.owner[sold], place[part.owner])),
                np.concatenate((self.price[sold], part.price)),
                np.concatenate((self.available[sold], part.available)),
            ),
            **self._renumbered(stale, part, place),
        )

    def _renumbered(self, stale: Mask, part: Columns, place: Rows) -> dict[str, Any]:
        """``row_of`` and ``first`` with the numbers of another reading; a changed product has another number."""
        numbers = [
            (self.first + np.flatnonzero(self.row_of != UNKNOWN), self.row_of[self.row_of != UNKNOWN]),
            (part.first + np.flatnonzero(part.row_of != UNKNOWN), place[part.row_of[part.row_of != UNKNOWN]]),
        ]
        kept = ~stale[numbers[0][1]]
        return _numbered(
            np.concatenate((numbers[0][0][kept], numbers[1][0])), np.concatenate((numbers[0][1][kept], numbers[1][1]))
        )


@dataclass
class _Draft:
    """Columns while they are read, many rows at once: a tuple for each would be a million for the collector."""

    rows: dict[str, int] = field(default_factory=dict[str, int])
    brands: Names = field(default_factory=Names)
    categories: Names = field(default_factory=Names)

    def goods(self, parts: Parts) -> Rows:
        """Products by id and brand."""
        codes: list[Rows] = []
        for ids, brands in map(_turned, parts):
            self.rows.update(zip(ids, range(len(self.rows), len(self.rows) + len(ids)), strict=True))
            codes.append(np.fromiter(map(self.brands.codes.__getitem__, brands), np.int32, len(ids)))
        return _joined(codes, np.int32)

    def variants(self, parts: Parts, currency: str) -> dict[str, Any]:
        """Variants by product, price, currency and availability."""
        owners: list[Rows] = []
        prices: list[NDArray[np.int64]] = []
        stocks: list[Mask] = []
        for ids, amounts, currencies, available in map(_turned, parts):
            owners.append(self._rows_of(ids))
            known = (
                amount if amount is not None and its == currency else PRICELESS
                for amount, its in zip(amounts, currencies, strict=True)
            )
            prices.append(np.fromiter(known, np.int64, len(ids)))
            stocks.append(np.fromiter(available, np.bool_, len(ids)))
        owner = _joined(owners, np.int32)
        there = owner != UNKNOWN
        return _by_price(owner[there], _joined(prices, np.int64)[there], _joined(stocks, np.bool_)[there])

    def kinds(self, parts: Parts) -> tuple[Rows, Rows]:
        """Categories by product."""
        owners: list[Rows] = []
        codes: list[Rows] = []
        for ids, keys in map(_turned, parts):
            owners.append(self._rows_of(ids))
            codes.append(np.fromiter(map(self.categories.codes.__getitem__, keys), np.int32, len(ids)))
        owner = _joined(owners, np.int32)
        there = owner != UNKNOWN
        return _by_kind(owner[there], _joined(codes, np.int32)[there])

    def numbers(self, parts: Parts) -> dict[str, Any]:
        """``row_of`` and ``first`` by product and number."""
        owners: list[Rows] = []
        held: list[NDArray[np.int64]] = []
        for ids, numbers in map(_turned, parts):
            owners.append(self._rows_of(ids))
            held.append(np.fromiter(numbers, np.int64, len(ids)))
        owner = _joined(owners, np.int32)
        there = owner != UNKNOWN
        return _numbered(_joined(held, np.int64)[there], owner[there])

    def _rows_of(self, ids: Sequence[str]) -> Rows:
        """Rows of products; what was written while this was read has none yet."""
        return np.fromiter(map(self.rows.get, ids, repeat(UNKNOWN)), np.int32, len(ids))


def read(
    connection: Connection,
    dialect: Dialect,
    currency: str,
    numbers: Iterable[tuple[str, int]],
    ids: Collection[str] | None = None,
) -> Columns:
    """The columns of all products, or of some.

    Args:
        connection: to the records.
        dialect: their database.
        currency: the shop's; other prices are as good as unknown.
        numbers: products with the numbers that full text knows them by, if it does.
        ids: only these products.
    """

    def parts(query: Any, product_id: Any) -> Parts:
        if ids is not None:
            query = query.where(among(product_id, ids, dialect))
        return connection.execution_options(yield_per=READ).execute(query).partitions()

    draft, held = _Draft(), VariantRecord
    brand = draft.goods(parts(select(ProductRecord.id, ProductRecord.brand_key), ProductRecord.id))
    offers = select(held.product_id, held.price, held.currency, held.available)
    variants = draft.variants(parts(offers, held.product_id), currency)
    kinds = select(ProductCategory.product_id, ProductCategory.key)
    return Columns(
        ids=list(draft.rows),
        rows=draft.rows,
        brand=brand,
        brands=draft.brands,
        kind=draft.kinds(parts(kinds, ProductCategory.product_id)),
        categories=draft.categories,
        **variants,
        **draft.numbers(_cut(numbers)),
    )


def _by_price(owner: Rows, price: NDArray[np.int64], available: Mask) -> dict[str, Any]:
    order = np.argsort(price, kind="stable")
    return {"owner": owner[order], "price": price[order], "available": available[order]}


def _by_kind(rows: Rows, codes: Rows) -> tuple[Rows, Rows]:
    order = np.argsort(codes, kind="stable")
    return rows[order], codes[order]


def _slice(ascending: NDArray[Any], least: int, most: int) -> slice:
    """The places of the values from ``least`` to ``most``."""
    low, high = np.asarray([least, most], dtype=ascending.dtype)  # of another type, all values would be converted
    return slice(int(np.searchsorted(ascending, low, side="left")), int(np.searchsorted(ascending, high, side="right")))


def _turned(rows: Sequence[Any]) -> Iterable[Any]:
    return zip(*rows, strict=True)


def _cut(rows: Iterable[Any]) -> Parts:
    left = iter(rows)
    while part := list(islice(left, READ)):
        yield part


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def _numbered(numbers: NDArray[Any], rows: NDArray[Any]) -> dict[str, Any]:
    if not len(numbers):
        return {"row_of": np.zeros(0, dtype=np.int32)}
    first = int(numbers.min())
    row_of = np.full(int(numbers.max()) - first + 1, UNKNOWN, dtype=np.int32)
    row_of[numbers - first] = rows
    return {"row_of": row_of, "first": first}


def _recoded(part: Names, whole: Names) -> Rows:
    return np.asarray([whole.codes[key] for key in part.keys] or [0], dtype=np.int32)


def _chosen(held: Names, wanted: str) -> Mask:
    """Whether each name answers to a wanted one, by its number; ``UNKNOWN`` is the last place and does not."""
    found = np.zeros(len(held.codes) + 1, dtype=np.bool_)
    found[held.answering(wanted)] = True
    return found


def listed(columns: Columns, found: Mask) -> list[str]:
    """The products of some rows."""
    return [columns.ids[row] for row in np.flatnonzero(found).tolist()]
