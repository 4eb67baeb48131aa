"""How a query's words lie in a product's title and categories.

A title names the thing first and lists the rest behind it ("phone case for iPhone 12, black, with
strap"), so where a query's words stand in it, and how much else it says, tells the thing from its
accessories. These signals have no weight of their own in the plain order; a learned order uses them.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from retriever.product import Product
from retriever.text import segment, stem, terms

REMEMBERED = 20_000  # titles and category paths, whose words are not stemmed again for the next query


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a query's words are in a product.

    Attributes:
        title: share of the query's words that are in the title, 0 to 1.
        opening: how near to the beginning the first of them stands: 1 first, 0 last or nowhere.
        brevity: the negated logarithm of the number of words in the title.
        filed: share of the query's words that are in the categories, 0 to 1.
    """

    title: float
    opening: float
    brevity: float
    filed: float


class Placing:
    """The words of one query, to be placed in many products."""

    def __init__(self, query: str) -> None:
        self._stems = frozenset(stem(word) for word in terms(query))

    def of(self, product: Product) -> Placed:
        """Where they are in this product."""
        title = stems(product.title)
        first = next((place for place, word in enumerate(title) if word in self._stems), len(title))
        return Placed(
            self._share(title),
            1 - first / len(title) if title else 0.0,
            -math.log1p(len(title)),
            self._share(stems(" ".join(product.categories))),
        )

    def _share(self, words: Collection[str]) -> float:
        return len(self._stems.intersection(words)) / len(self._stems) if self._stems else 0.0


@lru_cache(maxsize=REMEMBERED)
def stems(text: str) -> tuple[str, ...]:
    """The stems of a text's words in their order."""
    return tuple(stem(word) for word in segment(text).split())
