"""A query in one language over goods in the other: 无线耳机 is looked for as "wireless headphones".

What the shop's own bilingual goods teach comes first, then a lexicon of shop words
(``bridging.toml``). The longest known wording is taken; what nobody knows stays as it is.
A shop that speaks the query's language needs none of it, and then nothing is changed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate, pairwise
from typing import Protocol

from retriever.text import exact, fold, holds_han, stem

LONGEST_HAN = 10  # characters of a wording
LONGEST_LATIN = 4  # words of one
MAX_RUN = 100  # characters in a row: more is a pasted page
UNKNOWN = 8  # what a character that nobody knows costs; a wording costs one, so that few long ones win

_HAN_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_LATIN_WORD = re.compile(r"[A-Za-z0-9]+(?:['\u2019][A-Za-z]+)?")
_GAP = re.compile(r"[\s-]*")

Wordings = Mapping[str, Sequence[str]]


class Taught(Protocol):
    """What the shop's bilingual goods teach."""

    def translations(self, word: str) -> Sequence[str]:
        """A folded word or phrase in the other language, the surest first; empty where it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """A part of a query and what it is looked for as. ``why`` is ``lexicon`` or ``catalogue``."""

    said: str
    meant: str
    why: str


@dataclass(frozen=True, slots=True)
class Bridged:
    """A query in the shop's language, and which parts of it were put into other words."""

    text: str
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Shop words. ``units`` are read behind a number only; ``nothing`` is left out."""

    english: Wordings  # of Chinese words
    chinese: Wordings  # of English ones, whose words are stemmed
    units: Mapping[str, str]
    nothing: frozenset[str]


class Bridge:
    """Puts queries into the language of the goods. Safe to share.

    Args:
        taught: what the shop's own goods teach.
        sold: how many products have a wording: of several ones the first is taken that the shop has goods for.
        words: the lexicon; by default the one that comes with the package.
    """

    def __init__(
        self, taught: Taught | None = None, sold: Callable[[str], int] | None = None, words: Lexicon | None = None
    ) -> None:
        self._taught = taught
        self._sold = sold
        self._lexicon = words or lexicon()

    def bridge(self, text: str, languages_of_shop: Collection[str]) -> Bridged:
        """The query in a language of the shop; unchanged where the shop has the query's own."""
        if "zh" not in languages_of_shop and "en" in languages_of_shop and holds_han(text):
            return self.to_english(text)
        if "en" not in languages_of_shop and "zh" in languages_of_shop:
            return self.to_chinese(text)
        return Bridged(text)

    def to_english(self, text: str) -> Bridged:
        """The query with its Chinese in English words."""
        pairs: list[Pair] = []
        parts: list[str] = []
        at = 0
        for run in _HAN_RUN.finditer(text):
            start = run.start()
            if start > at and text[start - 1 : start + 1] in self._mixed:  # T恤
                start -= 1
            parts.append(text[at:start])
            parts.extend(self._english(text[start : run.end()], text[:start], pairs))
            at = run.end()
        parts.append(text[at:])
        return Bridged(_spaced(parts), tuple(pairs)) if pairs else Bridged(text)

    def to_chinese(self, text: str) -> Bridged:
        """The query with the English words that are known in Chinese."""
        words = list(_LATIN_WORD.finditer(text))
        stems = ["".join(stem(part) for part in exact(word[0])) for word in words]
        pairs: list[Pair] = []
        written: list[str] = []
        end = at = 0
        while at < len(words):
            length, found = self._chinese(text, words, stems, at)
            if found is None:
                at += 1
                continue
            first, last = words[at], words[at + length - 1]
            between = text[end : first.start()]
            written += [between if between.strip() or not written else "", found.meant]
            pairs.append(found)
            end = last.end()
            at += length
        written.append(text[end:])
        return Bridged("".join(written).strip(), tuple(pairs)) if pairs else Bridged(text)

    @property
    def _mixed(self) -> frozenset[str]:
        return _mixed(self._lexicon.english)

    def _english(self, run: str, before: str, pairs: list[Pair]) -> list[str]:
        """The parts of a run of Chinese, each in English where it is known."""
        parts: list[str] = []
        unit = self._unit(run) if before[-1:].isdigit() else ""
        if unit:
            parts.append(self._lexicon.units[unit])
            pairs.append(Pair(unit, parts[-1], "lexicon"))
            run = run[len(unit) :]
        for piece, known in self._pieces(run[:MAX_RUN]):
            found = self._known(piece) if known else None
            if found is not None:
                parts.append(found.meant)
                pairs.append(found)
            elif not known:
                parts.append(piece)
        return [*parts, run[MAX_RUN:]]

    def _unit(self, run: str) -> str:
        known = (run[:length] for length in (3, 2, 1))
        unit = next((unit for unit in known if unit in self._lexicon.units), "")
        # 2人 is two persons, 2人造革 is none.
        return unit if unit and (len(exact(run)[0]) <= len(unit) or len(unit) > 1) else ""

    def _pieces(self, run: str) -> list[tuple[str, bool]]:
        """The run cut so that the fewest characters are unknown, and then into the fewest wordings, known or not."""
        ends = set(accumulate(len(word) for word in exact(run)))
        best: list[tuple[int, list[tuple[str, bool]]]] = [(0, [])]
        for end in range(1, len(run) + 1):
            cost, pieces = best[end - 1]
            stray = ""
            if pieces and not pieces[-1][1]:
                stray, pieces = pieces[-1][0], pieces[:-1]
            ways = [(cost + UNKNOWN, [*pieces, (stray + run[end - 1], False)])]
            for start in range(max(0, end - LONGEST_HAN), end):
                piece = run[start:end]
                # One character is a word only where a word ends: 包 in 登山包, not in 包装.
                if self._told(piece) and (len(piece) > 1 or end in ends):
                    ways.append((best[start][0] + 1, [*best[start][1], (piece, True)]))
            best.append(min(ways, key=lambda way: way[0]))
        return best[-1][1]

    def _told(self, piece: str) -> bool:
        return piece in self._lexicon.nothing or fold(piece) in self._lexicon.english or bool(self._learned(piece))

    def _learned(self, words: str) -> Sequence[str]:
        return self._taught.translations(fold(words)) if self._taught else ()

    def _known(self, piece: str) -> Pair | None:
        if learned := self._learned(piece):
            return Pair(piece, learned[0], "catalogue")
        wordings = self._lexicon.english.get(fold(piece), ())
        return Pair(piece, self._wording(wordings), "lexicon") if wordings else None

    def _chinese(
        self, text: str, words: Sequence[re.Match[str]], stems: Sequence[str], at: int
    ) -> tuple[int, Pair | None]:
        """The longest known wording that starts at a word, with how many words it has."""
        for length in range(min(LONGEST_LATIN, len(words) - at), 0, -1):
            span = words[at : at + length]
            if not all(_GAP.fullmatch(text, one.end(), other.start()) for one, other in pairwise(span)):
                continue
            said = text[span[0].start() : span[-1].end()]
            if learned := self._learned(said):
                return length, Pair(said, learned[0], "catalogue")
            if wordings := self._lexicon.chinese.get(" ".join(stems[at : at + length])):
                return length, Pair(said, self._wording(wordings), "lexicon")
        return 1, None

    def _wording(self, wordings: Sequence[str]) -> str:
        """The first wording that the shop has goods for; the first of all where it has none or nobody counts.

        The one with most goods would be another thing too often: a 推车 is a stroller before it is a cart.
        """
        if self._sold is None or len(wordings) == 1:
            return wordings[0]
        return next((wording for wording in wordings if self._sold(wording)), wordings[0])


@cache
def lexicon() -> Lexicon:
    """The lexicon that comes with the package."""
    text = resources.files("retriever.understanding").joinpath("bridging.toml").read_text(encoding="utf-8")
    held = tomllib.loads(text)
    nothing, units = held.pop("nothing"), held.pop("units")
    english = {
        fold(said): tuple(wording.strip() for wording in wordings.split(","))
        for section in held.values()
        for said, wordings in section.items()
    }
    return Lexicon(english, _turned(english), units, frozenset(nothing["words"]))


def _turned(english: Wordings) -> dict[str, tuple[str, ...]]:
    """English wordings with their Chinese: the words that mean it first of all before those that mean it too."""
    places: dict[str, list[tuple[int, int, str]]] = {}
    for number, (said, wordings) in enumerate(english.items()):
        for place, wording in enumerate(wordings):
            key = " ".join("".join(stem(part) for part in exact(word)) for word in re.split(r"[\s-]+", wording))
            places.setdefault(key, []).append((place, number, said))
    return {key: tuple(said for _, _, said in sorted(found)) for key, found in places.items()}


def _mixed(english: Wordings) -> frozenset[str]:
    """How the wordings start that have a letter before their Chinese."""
    return frozenset(start for word in english if word[0].isascii() for start in (word[:2], word[:2].capitalize()))


def _spaced(parts: Sequence[str]) -> str:
    return " ".join(" ".join(part for part in parts if part).split())
