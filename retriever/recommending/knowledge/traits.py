"""Ways to divide the goods that a shopper can be asked about: group, category, price band, for whom, brand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from retriever.database import Database
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.once import Once
from retriever.records import ProductAttribute, ProductRecord
from retriever.text import fold

UNKNOWN = -1
AUDIENCE = ("audience", "gender", "age_group", "age group", "for whom", "适用人群", "适用对象")  # attributes, folded


@dataclass(frozen=True, eq=False)
class Trait:
    """A division of the goods by names.

    Attributes:
        id: of the question about it.
        values: names, each once.
        column: of each product, as a place in ``values``; -1 where nothing is known.
    """

    id: str
    values: tuple[str, ...]
    column: NDArray[np.int32]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each value, by its folded name."""
        return {fold(value): place for place, value in enumerate(self.values)}


@Once
def plain_traits(goods: Goods) -> tuple[Trait, ...]:
    """What the columns themselves know: category and brand."""
    named = ("category", goods.categories, goods.category), ("brand", goods.brands, goods.brand)
    return tuple(_without_blank(id, values, column) for id, values, column in named)


def read_traits(database: Database, goods: Goods) -> tuple[Trait, ...]:
    """All that the shop knows: the groups that its categories are in and for whom a product is, too.

    It reads a column of all products, so it is for when the goods are read, not for a request.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    with database.session() as session:
        trails = session.execute(select(ProductRecord.id, ProductRecord.categories))
        groups = {id: categories[0] for id, categories in trails if len(categories) > 1}
        whom = select(ProductAttribute.product_id, ProductAttribute.name, ProductAttribute.value)
        told = session.execute(whom.where(ProductAttribute.name.in_(AUDIENCE))).all()
        # A product in two languages says it twice: one of them is taken for all.
        first = sorted(told, key=lambda row: AUDIENCE.index(row.name), reverse=True)
        audience = {row.product_id: row.value for row in first}
    found = (_told("group", groups, goods), _told("audience", audience, goods))
    return (*(trait for trait in found if len(trait.values) > 1), *plain_traits(goods))


def _told(id: str, named: Mapping[str, str], goods: Goods) -> Trait:
    """A trait of what is told of some products."""
    names = {fold(name): name for name in sorted(named.values(), reverse=True) if fold(name)}
    places = {key: place for place, key in enumerate(sorted(names))}
    found = (places.get(fold(named.get(product, "")), UNKNOWN) for product in goods.ids)
    return Trait(id, tuple(names[key] for key in sorted(names)), np.fromiter(found, dtype=np.int32, count=len(goods)))


def _without_blank(id: str, values: Sequence[str], column: NDArray[np.int32]) -> Trait:
    """The blank name, which stands for goods without one, is no value."""
    blank = [place for place, value in enumerate(values) if not value]
    return Trait(id, tuple(values), np.where(np.isin(column, blank), UNKNOWN, column).astype(np.int32))
