"""Colours, materials and sizes named in the words of a product, English and Chinese."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from retriever.text import fold, holds_han

Place = Literal["title", "only", "description"]
"""Where a word was: in the title (``only``: and no other value there), or in the description."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A value that the words name: the word itself, and where it stands."""

    value: str
    word: str
    place: Place


class Words:
    """The words of one attribute.

    Args:
        values: the words of each value.
        title_only: words that mean something else in a description.
        never: phrases in which a word does not mean the attribute.
    """

    def __init__(self, values: dict[str, list[str]], title_only: list[str], never: list[str]) -> None:
        self._value = {fold(word): value for value, words in values.items() for word in words}
        self._title = _pattern(list(self._value))
        self._description = _pattern([word for word in self._value if word not in set(map(fold, title_only))])
        self._never = _pattern([fold(phrase) for phrase in never])

    def find(self, title: str, description: str) -> Mention | None:
        """The value that the title names, else the one value that the description names."""
        named = self._named(self._title, title)
        if named:
            # What a product is made of or looks like comes last: Blue Buffalo dog bowl, black.
            value, word = list(named.items())[-1]
            return Mention(value, word, "only" if len(named) == 1 else "title")
        named = self._named(self._description, description)
        if len(named) != 1:
            return None
        ((value, word),) = named.items()
        return Mention(value, word, "description")

    def value_of(self, text: str) -> str | None:
        """The value that a text names, if it is exactly one."""
        named = self._named(self._title, text)
        return next(iter(named)) if len(named) == 1 else None

    def _named(self, pattern: re.Pattern[str], text: str) -> dict[str, str]:
        """Values with their words, in the order of the text."""
        folded = self._never.sub(" ", fold(text))
        return {self._value[match[0]]: match[0] for match in pattern.finditer(folded)}


class Sizes:
    """Sizes by pattern.

    Args:
        patterns: the first that is found in a title counts; its group is the size.
    """

    def __init__(self, patterns: list[str]) -> None:
        self._patterns = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]

    def find(self, title: str) -> Mention | None:
        """The size that the title names."""
        plain = " ".join(title.split())
        for pattern in self._patterns:
            found = {match[1].strip(): match[0] for match in pattern.finditer(plain)}
            if found:
                value, word = next(iter(found.items()))
                return Mention(value, word.strip(), "only" if len(found) == 1 else "title")
        return None


@dataclass(frozen=True)
class Lexicon:
    """All that is looked for, and under which attribute names a merchant would have said it."""

    color: Words
    material: Words
    size: Sizes
    names: dict[str, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    """The lexicon that comes with the package."""
    text = resources.files("retriever.quality").joinpath("lexicon.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    color, material = (
        Words(data[name]["words"], data[name]["title_only"]["words"], data[name]["never"]["words"])
        for name in ("color", "material")
    )
    names = {name: frozenset(map(fold, data[name]["names"])) for name in ("color", "material", "size")}
    return Lexicon(color=color, material=material, size=Sizes(data["size"]["patterns"]), names=names)


def _pattern(words: list[str]) -> re.Pattern[str]:
    """The longest word first; English ones between boundaries, Chinese ones anywhere."""
    parts = [
        re.escape(word) if holds_han(word) else rf"(?<![^\W_]){re.escape(word)}(?![^\W_])"
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(parts) or r"(?!)")
