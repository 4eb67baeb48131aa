"""Colours, materials and sizes named in the words of a product, English and Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from retriever.text import fold, holds_han

WORD = re.compile(r"[^\W_\u4e00-\u9fff]+")

Place = Literal["title", "only", "description"]
"""Where a word was: in the title (``only``: and no other value there), or in the description."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A value that the words name: the word itself, and where it stands."""

    value: str
    word: str
    place: Place


class Phrases:
    """Finds phrases in a text: English ones word by word, Chinese ones anywhere. The longest that fits counts.

    Args:
        values: what each phrase stands for; None is a phrase that stands for nothing, whatever its words do.
    """

    def __init__(self, values: dict[str, str | None]) -> None:
        self._value = {fold(phrase): value for phrase, value in values.items()}
        chinese = [phrase for phrase in self._value if holds_han(phrase)]
        self._chinese = re.compile("|".join(map(re.escape, sorted(chinese, key=len, reverse=True))) or r"(?!)")
        self._starting: dict[str, list[tuple[tuple[str, ...], str | None]]] = {}
        for phrase, value in self._value.items():
            if phrase not in chinese:
                words = tuple(WORD.findall(phrase))
                self._starting.setdefault(words[0], []).append((words, value))
        for held in self._starting.values():
            held.sort(key=lambda pair: -len(pair[0]))

    def values(self, text: str) -> dict[str, str]:
        """The values that a text names, each with its last phrase, in the order of the text."""
        folded = fold(text)
        words = WORD.findall(folded)
        # Most texts have none of the words, and that is soon said.
        found = [] if self._starting.keys().isdisjoint(words) else [*self._english(words)]
        han = [] if folded.isascii() else [*self._chinese.finditer(folded)]
        if han:
            starts = [match.start() for match in WORD.finditer(folded)]
            found = [(starts[place], phrase, value) for place, phrase, value in found]
            found = sorted([*found, *((match.start(), match[0], self._value[match[0]]) for match in han)])
        return {value: phrase for _, phrase, value in found if value is not None}

    def _english(self, words: Sequence[str]) -> Iterator[tuple[int, str, str | None]]:
        """The phrases, each with its value and the place of its first word among the words."""
        place = 0
        while place < len(words):
            for phrase, value in self._starting.get(words[place], ()):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    yield place, " ".join(phrase), value
                    place += len(phrase)
                    break
            else:
                place += 1


class Words:
    """The words of one attribute.

    Args:
        values: the words of each value.
        title_only: words that mean something else in a description.
        never: phrases in which a word does not mean the attribute.
    """

    def __init__(self, values: dict[str, list[str]], title_only: list[str], never: list[str]) -> None:
        nothing: dict[str, str | None] = dict.fromkeys(map(fold, never))
        meant = {fold(word): value for value, words in values.items() for word in words}
        uncertain = set(map(fold, title_only))
        self._title = Phrases(nothing | meant)
        self._description = Phrases(nothing | {word: value for word, value in meant.items() if word not in uncertain})

    def find(self, title: str, description: str) -> Mention | None:
        """The value that the title names, else the one value that the description names."""
        named = self._title.values(title)
        if named:
            # Of several, the last: a brand or what it is for comes first (Blue Buffalo dog bowl, black).
            value, word = list(named.items())[-1]
            return Mention(value, word, "only" if len(named) == 1 else "title")
        named = self._description.values(description)
        if len(named) != 1:
            return None
        ((value, word),) = named.items()
        return Mention(value, word, "description")

    def value_of(self, text: str) -> str | None:
        """The value that a text names, if it is exactly one."""
        named = self._title.values(text)
        return next(iter(named)) if len(named) == 1 else None


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
