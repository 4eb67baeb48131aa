"""Which goods a category, a brand, an attribute or an interest means, and which are for adults: asked of the records.

Names are taken exactly, but for case and spacing: who writes a rule for "Home" does not mean "Home Office".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select

from retriever.database import Database, among
from retriever.product_records import NAME_LENGTH, key_of
from retriever.recommending.knowledge.goods import Goods
from retriever.records import ProductAttribute, ProductCategory, ProductRecord
from retriever.text import terms

Mask = NDArray[np.bool_]

ADULT = 16  # a minimum age from which on goods are not for everybody; toys have one too
MOST_KEPT = 1_000
_FLAGS = ("age_restricted", "age restricted")
_AGES = ("minimum_age", "minimum age")
_NOT = ("no", "false", "0", "none", "否", "")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Applies:
    """What a rule or a promotion is about: all that is said of it together. Nothing said: no goods.

    Attributes:
        ids: one of these products,
        categories: in one of these categories,
        brands: of one of these brands,
        attributes: with each of these names and values, its own or of one of its variants,
        but: and in none of these categories.
    """

    ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    but: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ids or self.categories or self.brands or self.attributes)


class Belonging(Protocol):
    """Says which goods are meant."""

    def rows(self, applies: Applies, goods: Goods) -> Mask:
        """The goods that it applies to."""
        ...

    def restricted(self, goods: Goods) -> Mask:
        """The goods whose attributes say that they are not for everybody."""
        ...

    def of_interest(self, ids: Collection[str], names: Collection[str]) -> set[str]:
        """Those of these products that belong to one of these interests: by a category, or by the words of a title."""
        ...


@dataclass(eq=False)
class _Held:
    """What was asked about one state of the goods."""

    goods: Goods
    masks: dict[Applies, Mask] = field(default_factory=dict[Applies, Mask])
    restricted: Mask | None = None


class RecordedBelonging:
    """What the shop's records say, asked once for each state of the goods. Safe to share.

    Args:
        database: the records. Every method raises UnavailableError when they cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: _Held | None = None

    def rows(self, applies: Applies, goods: Goods) -> Mask:
        """The goods that it applies to."""
        held = self._kept(goods).masks
        mask = held.get(applies)
        if mask is None:
            if len(held) >= MOST_KEPT:
                held.clear()
            held[applies] = mask = _mask(self.ids(applies), goods)
        return mask

    def ids(self, applies: Applies) -> set[str]:
        """The products that it applies to; of those named, the ones that the shop does not have as well."""
        if not applies:
            return set()
        parts = [set(applies.ids)] if applies.ids else []
        with self._database.session() as session:
            parts += [set(session.scalars(query)) for query in _queries(applies)]
            but = set(session.scalars(_of_categories(applies.but))) if applies.but else set[str]()
        return set[str].intersection(*parts) - but

    def restricted(self, goods: Goods) -> Mask:
        """The goods with ``age_restricted``, or with a ``minimum_age`` that is no child's."""
        held = self._kept(goods)
        if held.restricted is None:
            held.restricted = _mask(self._for_adults(), goods)
        return held.restricted

    def of_interest(self, ids: Collection[str], names: Collection[str]) -> set[str]:
        """Interests are named as profiles name them: after a category, or after words that titles share."""
        if not ids or not names:
            return set()
        dialect = self._database.dialect
        product, category = ProductRecord, ProductCategory
        keys = [key_of(name) for name in names]
        of_category = select(category.product_id).where(
            among(category.product_id, ids, dialect), among(category.key, keys, dialect)
        )
        titled = select(product.id, product.title).where(among(product.id, ids, dialect))
        wanted = [words for name in names if (words := set(terms(name)))]
        with self._database.session() as session:
            found = set(session.scalars(of_category))
            for id, title in session.execute(titled):
                held = set(terms(title))
                if any(words <= held for words in wanted):
                    found.add(id)
        return found

    def _kept(self, goods: Goods) -> _Held:
        held = self._held
        if held is None or held.goods is not goods:
            self._held = held = _Held(goods)
        return held

    def _for_adults(self) -> set[str]:
        held = ProductAttribute
        query = select(held.product_id, held.name, held.value).where(held.name.in_([*_FLAGS, *_AGES]))
        with self._database.session() as session:
            return {row.product_id for row in session.execute(query) if _restricts(row.name, row.value)}


def _mask(ids: Collection[str], goods: Goods) -> Mask:
    found = np.zeros(len(goods), np.bool_)
    found[goods.rows_of(list(ids))] = True
    return found


def _queries(applies: Applies) -> list[Select[Any]]:
    held = ProductAttribute
    queries: list[Select[Any]] = []
    if applies.categories:
        queries.append(_of_categories(applies.categories))
    if applies.brands:
        brands = [key_of(name) for name in applies.brands]
        queries.append(select(ProductRecord.id).where(ProductRecord.brand_key.in_(brands)))
    for name, value in applies.attributes:
        named = held.name == key_of(name, NAME_LENGTH)
        queries.append(select(held.product_id).where(named, held.value == key_of(value)))
    return queries


def _of_categories(names: Collection[str]) -> Select[Any]:
    return select(ProductCategory.product_id).where(ProductCategory.key.in_([key_of(name) for name in names]))


def _restricts(name: str, value: str) -> bool:
    if name in _FLAGS:
        return value not in _NOT
    number = _NUMBER.search(value)
    return number is not None and int(number[0]) >= ADULT
