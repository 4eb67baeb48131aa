"""All products of the shop as columns of numbers, for choosing among a hundred thousand within milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Goods:
    """One row a product, in the order of the ids. Stock and price may be of a while ago: what is shown is read anew.

    Attributes:
        ids: sorted.
        categories: names of the most special category of products, sorted; ``""`` is among them if some have none.
        category: of each product, as a place in ``categories``.
        brands: names, sorted.
        brand: of each product, as a place in ``brands``.
        price: lowest price in minor units of the shop's currency; NaN where unknown.
        available: whether it can be bought.
        published: seconds since 1970; NaN where unknown.
        rating: mean, drawn to the shop's mean as few people rated it (Bayesian); the shop's mean for unrated ones.
        rated: how many rated it.
        position: in the merchant's own order.
    """

    ids: tuple[str, ...]
    categories: tuple[str, ...]
    category: NDArray[np.int32]
    brands: tuple[str, ...]
    brand: NDArray[np.int32]
    price: NDArray[np.float64]
    available: NDArray[np.bool_]
    published: NDArray[np.float64]
    rating: NDArray[np.float64]
    rated: NDArray[np.int64]
    position: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of each id."""
        return {id: row for row, id in enumerate(self.ids)}

    def rows_of(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of those of these products that the shop has, in this order."""
        rows = self.rows
        return np.array([row for id in ids if (row := rows.get(id)) is not None], dtype=np.int64)

    def category_of(self, id: str) -> str:
        """The most special category of a product; empty where it has none or the shop does not have it."""
        row = self.rows.get(id)
        return "" if row is None else self.categories[self.category[row]]
