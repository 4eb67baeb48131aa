"""What a person means by a name when they say what they do not want to be shown: a brand, a kind of goods, a word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from sqlalchemy import select

from retriever.database import Database
from retriever.profiles.profile import Muted
from retriever.records import ProductRecord
from retriever.text import fold, holds_han, stem, terms
from retriever.understanding.bridging import Bridge, lexicon

READ = 2_000  # titles that are looked at for the forms of a word
FORMS = 3  # of a word: perfume, perfumes
SEVERAL = 10  # kinds of goods that one word may mean: shoes
LIKE, LONG = 0.85, 5  # how much a misspelt name is like the one that is meant, of so many letters at least


class Named(Protocol):
    """A name of the shop's."""

    @property
    def name(self) -> str:
        """As the shop writes it."""
        ...


class Names(Protocol):
    """Where the names of brands and categories are read."""

    def brands(self) -> Sequence[Named]:
        """All brands."""
        ...

    def categories(self) -> Sequence[Named]:
        """All categories."""
        ...


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name means.

    Attributes:
        name: as the shop writes it; as it was said, where it is a word of titles.
        muted: what a profile holds of it.
    """

    name: str
    muted: tuple[Muted, ...]


class Naming:
    """Finds what a name means in one shop.

    Args:
        database: the records, for the words of titles. Raises UnavailableError when they cannot be used.
        names: of brands and categories.
    """

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names
        self._bridge = Bridge()

    def meant(self, said: str) -> Meant | None:
        """The brand, the kinds of goods or else the words of titles that are called so; ``None`` for nothing here.

        A misspelt name is taken for the one that it is like, a Chinese one for its English wordings.
        """
        wordings = self._wordings(said)
        brands = [one.name for one in self._names.brands()]
        kinds = [one.name for one in self._names.categories()]
        for words in wordings:
            if brand := _same(words, brands):
                return Meant(brand, (Muted(kind="brand", name=brand),))
            if of_kind := _kinds(words, kinds):
                return Meant(of_kind[0] if len(of_kind) == 1 else said, _interests(of_kind))
        for words in wordings:
            if forms := self._forms(words):
                return Meant(said, _interests(forms))
        if close := _close(said, [*brands, *kinds]):
            return Meant(close, (Muted(kind="brand" if close in brands else "interest", name=close),))
        return None

    def _wordings(self, said: str) -> list[str]:
        """The name, and what it is in English."""
        if not holds_han(said):
            return [said]
        english = self._bridge.to_english(said).text
        known = [*lexicon().english.get(fold(said), ()), english]
        return [said, *(words for words in dict.fromkeys(known) if not holds_han(words))]

    def _forms(self, words: str) -> list[str]:
        """The words of titles that have the stems of these, most often found first."""
        wanted = {stem(word) for word in terms(words)}
        if not wanted:
            return []
        title = ProductRecord.title
        query = select(title).where(*(title.icontains(part, autoescape=True) for part in wanted)).limit(READ)
        with self._database.session() as session:
            titles = list(session.scalars(query))
        found: Counter[str] = Counter()
        for each in titles:
            held = {stem(word): word for word in terms(each)}
            if wanted <= held.keys():
                found[" ".join(held[part] for part in sorted(wanted))] += 1
        return [form for form, _ in found.most_common(FORMS)]


def _key(name: str) -> str:
    """The words of a name: marks do not count, which people leave out."""
    return " ".join(re.findall(r"\w+", fold(name)))


def _stems(name: str) -> list[str]:
    return [stem(word) for word in _key(name).split()]


def _same(words: str, names: Sequence[str]) -> str:
    """The name that is these words, or the only one that has all of them in a row."""
    key = _key(words)
    if not key:
        return ""
    exact = next((name for name in names if _key(name) == key), "")
    within = [name for name in names if f" {key} " in f" {_key(name)} "]
    return exact or (within[0] if len(within) == 1 and not holds_han(key) else "")


def _kinds(words: str, names: Sequence[str]) -> list[str]:
    """The category that is called so, in the singular or plural; else those that have all of the words."""
    wanted = _stems(words)
    if not wanted:
        return []
    exact = [name for name in names if _stems(name) == wanted]
    return exact or [name for name in names if set(wanted) <= set(_stems(name))][:SEVERAL]


def _close(said: str, names: Sequence[str]) -> str:
    keys: dict[str, Any] = {_key(name): name for name in names}
    if len(_key(said)) < LONG:
        return ""
    return next((keys[key] for key in get_close_matches(_key(said), keys, n=1, cutoff=LIKE)), "")


def _interests(names: Sequence[str]) -> tuple[Muted, ...]:
    return tuple(Muted(kind="interest", name=name) for name in names)
