"""What a full-text index holds and promises, whatever it is kept in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from ranker.blend import Scored
from retriever.feeds.feed import Progress, silent
from retriever.product import Stamped
from retriever.text import MAX_TERMS, exact, holds_han, segment

MAX_TEXT = 50_000  # characters of one column that are indexed


@dataclass(frozen=True, slots=True)
class Document:
    """What the index holds of a product: segmented words by column. ``other`` is its texts in further languages."""

    product_id: str
    title: str
    brand: str
    categories: str
    attributes: str
    description: str
    other: str


class LexicalIndex(Protocol):
    """The full-text index. Writing happens in the session of the records, so both change or neither does."""

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """The best matches, best first; only from ``allowed`` where that is given."""
        ...

    def mentioning(self, words: Sequence[str]) -> set[str]:
        """Products whose text has any of these words, in any of their English forms, or phrases."""
        ...

    def numbers(self, connection: Connection, ids: Collection[str] | None = None) -> Iterable[tuple[str, int]]:
        """Products, all or some, with the numbers that the index knows them by, if it knows them so."""
        ...

    def upsert(self, session: Session, documents: Sequence[Document]) -> None:
        """Add these documents; each replaces an earlier one of the same product."""
        ...

    def remove(self, session: Session, ids: Collection[str]) -> None:
        """Take these products out; unknown ones are ignored."""
        ...

    def settle(self, progress: Progress = silent) -> None:
        """Do what makes searching quick and may wait until after a transaction; for a caller with the import lock.

        Raises:
            UnavailableError: if the disk does not take it; searches go on without.
        """
        ...


def document_of(stamped: Stamped) -> Document:
    """A product as the index holds it."""
    product = stamped.product
    options = (pair for variant in product.variants for pair in variant.options.items())
    pairs = chain(product.attributes.items(), options)
    locales = [
        part
        for words in stamped.texts.values()
        for part in (words.title, words.description, *chain.from_iterable(words.attributes.items()))
    ]
    variant_titles = [variant.title for variant in product.variants if variant.title != product.title]
    return Document(
        product_id=product.id,
        title=_words([product.title]),
        brand=_words([product.brand]),
        categories=_words(product.categories),
        attributes=_words([f"{name} {value}" for name, value in pairs]),
        description=_words([product.description]),
        other=_words([*locales, *variant_titles]),
    )


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that a product has to hold all of, one after the other or anywhere."""

    words: tuple[str, ...]
    in_a_row: bool


def phrase_of(words: str) -> Phrase | None:
    """What a product has to contain to mention these words; ``None`` when they hold no word."""
    found = tuple(exact(words))[:MAX_TERMS]
    # A Chinese compound stands in the index beside its parts, so two words are seldom neighbours there.
    return Phrase(found, in_a_row=not holds_han(words)) if found else None


def _words(texts: Iterable[str]) -> str:
    return segment(" \n ".join(text for text in texts if text)[:MAX_TEXT])
