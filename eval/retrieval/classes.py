"""What kind of query one is, read from its words and the catalogue; a query may be of several classes.

A mean over all queries hides what one kind of them suffers: "mugs without handles" needs another remedy than "erbuds".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from retriever.product import Product
from retriever.spelling import Mended, ordinary_word
from retriever.text import exact
from retriever.understanding.measures import BED_SIZE, FIT, LETTER_SIZE, RESOLUTION, read_measures
from retriever.understanding.negation import is_negated

PLAIN, NEGATED, BRAND, MISSPELT, NUMERIC = "plain", "negated", "brand", "misspelt", "numeric"
CLASSES = (PLAIN, NEGATED, BRAND, MISSPELT, NUMERIC)

LONGEST_BRAND = 5  # words
OWN_SHARE = 0.5  # of the titles with an ordinary word in them, those of the brand of that name
_DIGIT = re.compile(r"\d")
_NAMES = frozenset({LETTER_SIZE, BED_SIZE, FIT, RESOLUTION})  # measures that are words: petite, queen

Words = tuple[str, ...]


class Spelling(Protocol):
    """What reading a class needs of whoever mends misspelt words."""

    def mend(self, text: str) -> Mended:
        """The text with its misspelt words mended."""
        ...


class Brands:
    """The brands of a catalogue, as they come in queries.

    A brand that is called by an ordinary word (Apple, but also Simple) counts if the products in whose titles the
    word stands are mostly its own.

    Args:
        products: the catalogue.
    """

    def __init__(self, products: Iterable[Product]) -> None:
        titled, own = Counter[Words](), Counter[Words]()
        named = [(_words(product.brand), set(_runs(_words(product.title)))) for product in products]
        # A brand without a letter (3) would be in every query with its number.
        brands = {brand for brand, _ in named if len(brand) <= LONGEST_BRAND and any(map(_lettered, brand))}
        for brand, runs in named:
            titled.update(runs & brands)
            own[brand] += brand in runs
        self._brands = {
            brand for brand in brands if not _ordinary(brand) or own[brand] >= OWN_SHARE * max(1, titled[brand])
        }

    def named_in(self, query: str) -> bool:
        """Whether a query names one of them."""
        return not self._brands.isdisjoint(_runs(_words(query)))


class ClassReader:
    """Tells the classes of queries.

    Args:
        brands: of the shop.
        spelling: the shop's.
    """

    def __init__(self, brands: Brands, spelling: Spelling) -> None:
        self._brands = brands
        self._spelling = spelling

    def classes(self, query: str) -> tuple[str, ...]:
        """The classes of a query, in the order of ``CLASSES``; ``plain`` where it is of no other."""
        found = {
            NEGATED: is_negated(query),
            BRAND: self._brands.named_in(query),
            MISSPELT: bool(self._spelling.mend(query).corrections),
            NUMERIC: _numeric(query),
        }
        return tuple(name for name in CLASSES if found.get(name)) or (PLAIN,)


def by_class(classes: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """The places of the queries of each class that has any, in the order of ``CLASSES``."""
    places = {name: [place for place, held in enumerate(classes.values()) if name in held] for name in CLASSES}
    return {name: found for name, found in places.items() if found}


def _numeric(query: str) -> bool:
    """Whether there is a number in it, in digits or, before a unit, in words."""
    return bool(_DIGIT.search(query)) or any(held.dimension not in _NAMES for held in read_measures(query))


def _words(text: str) -> Words:
    return tuple(exact(text))


def _runs(words: Words) -> Iterator[Words]:
    for start in range(len(words)):
        for stop in range(start + 1, min(start + LONGEST_BRAND, len(words)) + 1):
            yield words[start:stop]


def _ordinary(brand: Words) -> bool:
    return all(len(word) < 3 or not word.isalpha() or ordinary_word(word) for word in brand)


def _lettered(word: str) -> bool:
    return any(character.isalpha() for character in word)
