"""Which products satisfy conditions: a set where they are few, a question where they are many.

In a large shop half of the goods cost less than 20.00. Listing them would take longer than
the search, so they are asked about by the hundred: which of these candidates are allowed?
Columns in memory answer that (``retriever.columns``), and the database what they do not
know: attributes, and goods that have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from babel.numbers import get_currency_precision
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from retriever.columns import UNKNOWN, Bounds, Columns, Mask, listed
from retriever.current_columns import CurrentColumns
from retriever.database import Database, among
from retriever.filters import Filters
from retriever.product_records import NAME_LENGTH, key_of
from retriever.records import ProductAttribute, ProductCategory, ProductRecord, VariantRecord
from retriever.text import names

LISTED = 20_000  # products that satisfy the conditions: of more, the database makes no list
_HIGHEST = 2**62  # above every price, within what the databases compare


class Many(Collection[str]):
    """More products than are listed. Going through them all is possible and slow; ``among`` is quick.

    Args:
        pick: those of some products that are among them.
        every: all of them.
    """

    def __init__(self, pick: Callable[[Collection[str]], set[str]], every: Callable[[], set[str]]) -> None:
        self._pick = pick
        self._every = every

    @cached_property
    def _all(self) -> set[str]:
        return self._every()

    def among(self, ids: Collection[str]) -> set[str]:
        """Those of these products that are among them."""
        return self._pick(ids)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and id in self._pick([id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __bool__(self) -> bool:
        return True  # without it Python would count them all


def picked(allowed: Collection[str], ids: Collection[str]) -> set[str]:
    """Those of these products that are allowed."""
    if isinstance(allowed, Many):
        return allowed.among(ids)
    return {id for id in ids if id in allowed}


class Chosen(Many):
    """The same where columns say it, be they many or few.

    Attributes:
        fresh: those that have changed since the columns were read, or are new.
        size: how many there are at most; words that are excluded are not looked at.
        share: of all products.

    Args:
        columns: what was read of all goods.
        found: the rows that satisfy the conditions now.
        fresh: what has changed since, or is new, and satisfies them.
        excluded: gives the products with a word that is excluded.
    """

    def __init__(
        self, columns: Columns, found: Mask, fresh: Collection[str], excluded: Callable[[], Collection[str]]
    ) -> None:
        super().__init__(self._pick_by_row, self._list)
        self._columns = columns
        self._found = found
        self.fresh = frozenset(fresh)
        self._excluded = excluded
        self.size = int(np.count_nonzero(found)) + sum(id not in columns.rows for id in self.fresh)
        self.share = max(1, self.size) / max(1, len(found))

    def rows_fit(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these products may be among them, by full text's numbers: those that are, and those unheard of."""
        rows = self._columns.rows_of(numbers)
        return (rows == UNKNOWN) | self._found[rows]

    def numbers(self) -> list[int]:
        """Full text's numbers of those that columns know; one that was imported again since has another."""
        return self._columns.numbers_of(self._found).tolist()

    def _pick_by_row(self, ids: Collection[str]) -> set[str]:
        rows, found = self._columns.rows, self._found
        fitting = {id for id in ids if id in self.fresh or ((row := rows.get(id)) is not None and found[row])}
        return fitting.difference(self._excluded()) if fitting else fitting

    def _list(self) -> set[str]:
        return {*self.fresh, *listed(self._columns, self._found)}.difference(self._excluded())


class Conditions:
    """Conditions as questions to a shop's records.

    Args:
        database: the records.
        currency: the shop's; conditions on price compare prices in it only.
        listed: how many products are listed at most.
        columns: what is kept in memory of the goods of a large shop.
    """

    def __init__(
        self, database: Database, currency: str, listed: int = LISTED, columns: CurrentColumns | None = None
    ) -> None:
        self._database = database
        self._currency = currency
        self._listed = listed
        self._columns = columns

    def matching(self, filters: Filters, mentioning: Callable[[], set[str]]) -> Collection[str]:
        """Products that satisfy the conditions.

        Args:
            filters: the conditions.
            mentioning: gives the products with a word that is excluded.
        """
        chosen = self._by_columns(filters, mentioning)
        if chosen is not None:
            return chosen
        with self._database.session() as session:
            query = self._query(session, filters).limit(self._listed + 1)
            if (session.scalar(select(func.count()).select_from(query.subquery())) or 0) > self._listed:
                excluded = _Once(mentioning) if filters.exclude else set[str]
                return Many(
                    lambda ids: self._found(filters, ids) - excluded(), lambda: self._found(filters) - excluded()
                )
            found = set[str](session.scalars(self._query(session, filters).distinct()).all())
        return found - mentioning() if filters.exclude and found else found

    def _by_columns(self, filters: Filters, mentioning: Callable[[], set[str]]) -> Collection[str] | None:
        """The same by what is kept in memory; ``None`` where it does not say."""
        if self._columns is None or filters.attributes or filters == Filters(exclude=filters.exclude):
            return None
        known = self._columns.current()
        if known is None:
            return None
        columns, changed = known
        found = columns.satisfying(filters, self._bounds(filters))
        fresh = self._found(filters, changed) if changed else set[str]()
        found[[row for id in changed if (row := columns.rows.get(id)) is not None]] = False
        found[[row for id in fresh if (row := columns.rows.get(id)) is not None]] = True
        if not fresh and not found.any():
            return set[str]()
        return Chosen(columns, found, fresh, _Once(mentioning) if filters.exclude else set[str])

    def _bounds(self, filters: Filters) -> Bounds | None:
        low, high = filters.price_min, filters.price_max
        if low is None and high is None:
            return None
        return Bounds(
            -_HIGHEST if low is None else self._minor(low, ROUND_CEILING),
            _HIGHEST if high is None else self._minor(high, ROUND_FLOOR),
        )

    def _found(self, filters: Filters, ids: Collection[str] | None = None) -> set[str]:
        with self._database.session() as session:
            return set[str](session.scalars(self._query(session, filters, ids).distinct()).all())

    def _query(self, session: Session, filters: Filters, ids: Collection[str] | None = None) -> Select[Any]:
        """The products' ids, some of them more than once; only of ``ids`` where that is given."""
        parts = self._parts(session, filters, picking=ids is not None)
        first, *others = parts or [_Part(ProductRecord, ProductRecord.id, [])]
        query = select(first.id).where(*first.conditions)
        for other in others:
            query = query.join(other.table, other.id == first.id).where(*other.conditions)
        return query if ids is None else query.where(among(first.id, ids, self._database.dialect))

    def _parts(self, session: Session, filters: Filters, *, picking: bool) -> list[_Part]:
        dialect = self._database.dialect
        parts: list[_Part] = []
        if filters.brand is not None:
            brands = _answering(session, ProductRecord.brand_key, filters.brand)
            parts.append(_Part(ProductRecord, ProductRecord.id, [among(ProductRecord.brand_key, brands, dialect)]))
        if filters.category is not None:
            keys = _answering(session, ProductCategory.key, filters.category)
            chosen = among(ProductCategory.key, keys, dialect)
            parts.append(_Part(ProductCategory, ProductCategory.product_id, [chosen]))
        held = [self._attribute(session, name, value) for name, value in filters.attributes.items()]
        one_variant = [*self._price(filters, picking=picking), *([VariantRecord.available] if filters.in_stock else [])]
        if held or one_variant:
            of_variant = [condition for part in held for condition in part.conditions]
            parts += [part._replace(conditions=[]) for part in held]
            parts.append(_Part(VariantRecord, VariantRecord.product_id, [*one_variant, *of_variant]))
        return parts

    def _price(self, filters: Filters, *, picking: bool) -> list[Any]:
        if filters.price_min is None and filters.price_max is None:
            return []
        # Of a few products SQLite should look the prices up, not go through all that cost as little.
        price: Any = VariantRecord.price + 0 if picking else VariantRecord.price
        conditions = [VariantRecord.currency == self._currency, VariantRecord.price.is_not(None)]
        if filters.price_min is not None:
            conditions.append(price >= self._minor(filters.price_min, ROUND_CEILING))
        if filters.price_max is not None:
            conditions.append(price <= self._minor(filters.price_max, ROUND_FLOOR))
        return conditions

    def _minor(self, major: Decimal, rounding: str) -> int:
        """A bound in minor units. 19.999 at most is 19.99 at most, and at least is 20.00 at least."""
        if major >= _HIGHEST:
            return _HIGHEST
        return min(int(major.scaleb(get_currency_precision(self._currency)).to_integral_value(rounding)), _HIGHEST)

    def _attribute(self, session: Session, name: str, value: str) -> _Part:
        """That a variant, or its product as a whole, has an attribute."""
        held = aliased(ProductAttribute)
        named = held.name == key_of(name, NAME_LENGTH)
        values = _answering(session, held.value, value, named)
        fits = and_(named, among(held.value, values, self._database.dialect))
        return _Part(held, held.product_id, [fits, or_(held.variant_id == "", held.variant_id == VariantRecord.id)])


class _Part(NamedTuple):
    """A table whose rows decide, the column with the product's id, and the conditions."""

    table: Any
    id: Any
    conditions: list[Any]


class _Once:
    """What a function gives, asked for once."""

    def __init__(self, ask: Callable[[], set[str]]) -> None:
        self._ask = ask

    @cached_property
    def _answer(self) -> set[str]:
        return self._ask()

    def __call__(self) -> set[str]:
        return self._answer


def _answering(
    session: Session, column: InstrumentedAttribute[str], wanted: str, *conditions: ColumnElement[bool]
) -> list[str]:
    """The stored keys that answer to a wanted name; the database narrows them, ``text.names`` decides.

    It goes from key to key in the index: a thousand brands are a thousand steps, however many their products.
    """
    key = key_of(wanted)
    if not key:
        return []
    keys = select(func.min(column).label("key")).where(*conditions).cte("keys", recursive=True)
    following = select(func.min(column)).where(column > keys.c.key, *conditions).correlate(keys).scalar_subquery()
    keys = keys.union_all(select(following).where(keys.c.key.is_not(None)))
    found: Iterable[str] = session.scalars(select(keys.c.key).where(keys.c.key.contains(key, autoescape=True)))
    return [held for held in found if names(held, key)]
