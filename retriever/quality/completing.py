"""Values where the merchant said nothing, each with its confidence and its source.

They are kept beside the products (the table ``completion``) and never written into them.
How sure a way of finding is was measured with known values hidden (docs/experiments.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ranker.encoder import Vectors
from retriever.feeds.rows import ProductRow
from retriever.quality.duplicates import words_of
from retriever.quality.lexicon import Lexicon, Mention, Sizes, Words, lexicon
from retriever.quality.neighbours import Neighbourhood, Vote
from retriever.text import STOP_WORDS, fold, holds_han

BRANDS = 200_000  # that are remembered
BRAND_WORDS = 6  # of the longest brand that is looked for
NOT_OF = frozenset(("for", "with", "fits", "fit", "compatible", "like", "as", "from", "vs", "用", "容", "配"))
"""After one of these a brand is that of something else: a case for Apple."""

BETWEEN = " > "

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class Completion:
    """What is believed of one field of a product. Fields: category, brand, color, material, size."""

    product_id: str
    field: str
    value: str
    confidence: float
    source: str


class CategoryConfidence(BaseModel):
    """How sure a category is by its share of the votes; the deepest path with at least ``share`` of them is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Share
    points: list[tuple[Share, Share]]


class Confidence(BaseModel):
    """How often each way of finding a value is right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least: Share
    brand: dict[str, Share]
    color: dict[str, Share]
    material: dict[str, Share]
    size: dict[str, Share]
    category: CategoryConfidence

    def of_votes(self, share: float) -> float:
        """The confidence of a category that this share of the votes is for."""
        shares, sure = zip(*self.category.points, strict=True)
        return float(np.interp(share, shares, sure))


@cache
def default_confidence() -> Confidence:
    """What was measured."""
    text = resources.files("retriever.quality").joinpath("confidence.toml").read_text(encoding="utf-8")
    return Confidence.model_validate(tomllib.loads(text))


class Brands:
    """The brands that a catalogue names itself."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, int]] = {}

    def learn(self, brand: str) -> None:
        """A brand that a merchant wrote."""
        key = " ".join(words_of(brand))
        name, count = self._names.get(key, (brand.strip(), 0))
        if key and (count or len(self._names) < BRANDS):
            self._names[key] = (name, count + 1)

    def find(self, title: str) -> tuple[str, str, str] | None:
        """(brand, how it was found, what was found), the way being start, inside or first_word."""
        words = words_of(title)
        if name := self._at(words, 0, 1):
            return name, "start", f"'{name}' opens the title"
        for place in range(1, len(words)):
            if words[place - 1] not in NOT_OF and (name := self._at(words, place, 2)):
                return name, "inside", f"'{name}' in the title"
        first = re.match(r"[A-Z][A-Za-z][A-Za-z'&-]+", title.strip())
        if first and not _ordinary(first[0]):
            return first[0], "first_word", f"'{first[0]}' is the first word of the title"
        return None

    def _at(self, words: Sequence[str], place: int, often: int) -> str | None:
        """The longest brand from a place on; inside a title a single word has to be a brand ``often``."""
        for length in range(min(BRAND_WORDS, len(words) - place), 0, -1):
            key = " ".join(words[place : place + length])
            name, count = self._names.get(key, ("", 0))
            if name and (place == 0 or length > 1 or (count >= often and len(key) > 2 and not _ordinary(key))):
                return name
        return None


class Completer:
    """Completes products out of their own words and of what the rest of the feed says.

    Args:
        neighbourhood: the feed's categorised products; None where there are no vectors.
        confidence: how sure each way of finding is.
        words: what names a colour, a material, a size.
    """

    def __init__(
        self,
        neighbourhood: Neighbourhood | None,
        confidence: Confidence | None = None,
        words: Lexicon | None = None,
    ) -> None:
        self.brands = Brands()
        self._neighbourhood = neighbourhood
        self._confidence = confidence or default_confidence()
        self._lexicon = words or lexicon()

    def learn(self, rows: Sequence[ProductRow], vectors: Vectors | None) -> None:
        """Take in what merchants say of these products."""
        for row in rows:
            if row.brand.strip():
                self.brands.learn(row.brand)
        if vectors is not None and self._neighbourhood is not None:
            self._neighbourhood.add([row.id for row in rows], [row.categories for row in rows], vectors)

    def complete(self, row: ProductRow, vector: Vectors | None = None) -> Iterator[Completion]:
        """What is believed of a product, where its merchant said nothing."""
        candidates = [*self._attributes(row), *self._brand(row)]
        if vector is not None and lacks_category(row):
            candidates += self._category(row, vector)
        yield from (found for found in candidates if found.confidence >= self._confidence.least)

    def _category(self, row: ProductRow, vector: Vectors) -> Iterator[Completion]:
        if self._neighbourhood is None:
            return
        (votes,) = self._neighbourhood.votes(vector.reshape(1, -1))
        if (vote := self.surest(votes)) is not None:
            source = f"{vote.voters} of the nearest products"
            sure = self._confidence.of_votes(vote.share)
            yield Completion(row.id, "category", BETWEEN.join(vote.path), round(sure, 3), source)

    def surest(self, votes: Sequence[Vote]) -> Vote | None:
        """The deepest category path with enough of the votes."""
        return next((vote for vote in votes if vote.share >= self._confidence.category.share), None)

    def _brand(self, row: ProductRow) -> Iterator[Completion]:
        if not row.brand.strip() and (found := self.brands.find(row.title)):
            name, way, source = found
            yield Completion(row.id, "brand", name, self._confidence.brand[way], source)

    def _attributes(self, row: ProductRow) -> Iterator[Completion]:
        told = said(row)
        for name in ("color", "material", "size"):
            if told & self._lexicon.names[name]:
                continue
            if mention := _mention(getattr(self._lexicon, name), row):
                sure: dict[str, float] = getattr(self._confidence, name)
                where = "description" if mention.place == "description" else "title"
                source = f"'{mention.word}' in the {where}"
                yield Completion(row.id, name, mention.value, sure[mention.place], source)


def lacks_category(row: ProductRow) -> bool:
    """Whether the merchant named no category."""
    return not any(name.strip() for name in row.categories)


def said(row: ProductRow) -> set[str]:
    """The folded names of all attributes and options that the merchant gives a product."""
    options = (name for variant in row.variants for name in variant.options)
    return {fold(name) for name in (*row.attributes, *options)}


def _mention(words: Words | Sizes, row: ProductRow) -> Mention | None:
    if isinstance(words, Sizes):
        return words.find(row.title)
    return words.find(row.title, row.description)


def _ordinary(word: str) -> bool:
    """Whether a word says what a product is rather than who makes it."""
    key = fold(word)
    words = lexicon()
    return key in STOP_WORDS or holds_han(key) or bool(words.color.value_of(key) or words.material.value_of(key))
