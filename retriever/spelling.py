"""Spelling against the shop's own words: "earbds" is searched as "earbuds", if the shop has those.

A word is mended only if nothing is known of it: not in the shop's vocabulary (titles,
brands, categories, attributes, what visitors often searched and found), not anywhere in
the full text, not an ordinary English word, not two words run together. What it becomes
is the nearest word of the vocabulary with the same first letter; a rare or foreign word
with nothing near stays as it is, and so does one in "straight quotes". In Chinese a compound
is mended where one character is another one of the same sound, as an input method picks it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise, permutations
from typing import Protocol

from sqlalchemy import func, select

from ranker.blend import Scored
from ranker.encoder import BUILT_IN_PACKAGE
from retriever.database import Database
from retriever.kept import PATIENCE, Kept, Source, imports
from retriever.records import EventRecord, ProductAttribute
from retriever.text import MAX_TERMS, STOP_WORDS, exact, holds_han, stem
from retriever.written_words import ALIEN, COMPOUND, HAN, SHORTEST, Written, named

LIKELY, ODD = 2, 3  # what a slip costs: one that fingers and ears make, and a letter in place of any other
BUDGETS = ((6, LIKELY), (10, ODD))  # what a word of fewer letters may cost to mend (docs/experiments.md); a longer one
TWO_SLIPS = 2 * LIKELY
PART = 4  # letters of each of two ordinary words that were run together
OFTEN = 3  # times that a query was made: rarer ones are slips and chance
SEARCHES = 50_000  # of the latest ones that are read
SOUNDS = 8  # places in GB 2312 within which two characters sound alike
_LEVEL_1 = range(0xB0, 0xD8)  # rows of GB 2312 that are in the order of sound

_ALIKE = frozenset(  # letters typed or heard for one another: neighbouring keys, vowels, some consonants
    pair for letters in ("aeiouy", "cksz", "fv", "mn") for pair in permutations(letters, 2)
) | frozenset(
    pair for keys in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for a, b in pairwise(keys) for pair in ((a, b), (b, a))
)
_DOERS = re.compile("[eo]rs?$")  # heater, slicers: of a word that is known

_WORD = re.compile(rf"(?<![{ALIEN}'\u2019@\"])[A-Za-z]{{{SHORTEST},32}}(?![{ALIEN}\"]|['\u2019.@][{ALIEN}])")


class FullText(Protocol):
    """What spelling asks of the full-text index: whether a word finds anything."""

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """Best matches first."""
        ...


@dataclass(frozen=True, slots=True)
class Correction:
    """One word that was mended."""

    said: str
    meant: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A text with its misspelt words mended; everything else in it is as it was."""

    text: str
    corrections: tuple[Correction, ...] = ()


class Vocabulary:
    """The words of a shop with how often they come, and what lies near a word that is none of them.

    Args:
        words: English words, folded, with how often they come.
        compounds: Chinese compounds of ``COMPOUND`` characters likewise.
    """

    def __init__(self, words: Mapping[str, int], compounds: Mapping[str, int]) -> None:
        self._stems = {stem(word) for word in words} | {stem(word.removesuffix("s")) for word in words}
        self._words = frozenset(words)
        self._near: dict[tuple[str, int], list[tuple[str, int, int, bool]]] = {}
        for word, count in words.items():
            self._add(word, count, written=True)
            # Lamps may be in the titles only and be looked for one by one.
            other = word.removesuffix("s") if word.endswith("s") else f"{word}s"
            if other not in words and len(other) >= SHORTEST and not other.endswith("s" * 2):
                self._add(other, count, written=False)
        self._compounds = dict(compounds)
        self._gaps: dict[tuple[str, str], list[str]] = {}
        for compound in compounds:
            for at in range(len(compound)):
                self._gaps.setdefault((compound[:at], compound[at + 1 :]), []).append(compound)

    def _add(self, word: str, count: int, *, written: bool) -> None:
        self._near.setdefault((word[0], len(word)), []).append((word, _letters(word), count, written))

    def __contains__(self, word: str) -> bool:
        """Whether the shop uses the word, in this or another ending."""
        return word in self._words or stem(word) in self._stems

    def nearest(self, word: str) -> str | None:
        """The word that was most likely meant: the least slip, then the same length, then the more frequent one."""
        budget = next((budget for longer, budget in BUDGETS if len(word) < longer), TWO_SLIPS)
        most = budget // LIKELY
        letters = _letters(word)
        best: tuple[int, bool, bool, int, str] | None = None
        for first in dict.fromkeys(word[:2]):
            for length in range(len(word) - most, len(word) + most + 1):
                for other, held, count, written in self._near.get((first, length), ()):
                    # An edit changes at most two letters of the set: nearly all others are out without being compared.
                    if (letters ^ held).bit_count() > 2 * most or not _comparable(word, other):
                        continue
                    # A form that nobody wrote is made up where it gets its last letter from nowhere: matcha, matchs.
                    if not written and word[-1] != other[-1]:
                        continue
                    cost = slip(word, other, budget)
                    if cost <= budget:
                        rank = (cost, not written, length != len(word), -count, other)
                        best = rank if best is None else min(best, rank)
        return best[-1] if best else None

    def sounding(self, window: str) -> Iterable[tuple[int, str]]:
        """Compounds that differ from this one in one character of the same sound, with its place."""
        if window in self._compounds:
            return
        for at in range(len(window)):
            for compound in self._gaps.get((window[:at], window[at + 1 :]), ()):
                if sound_alike(window[at], compound[at]):
                    yield at, compound

    def count(self, compound: str) -> int:
        """How often a Chinese compound comes."""
        return self._compounds.get(compound, 0)


class Speller:
    """Mends queries. Its vocabulary is read at the first query, and anew after an import. Safe to share.

    In a large shop the old vocabulary serves until the new one is read.

    Args:
        words: the shop's vocabulary, for example ``RecordedWords``.
        lexical: its full-text index: a word that finds something is not misspelt.
        ordinary: whether a folded word is one of the language; by default ``ordinary_word``.
    """

    def __init__(
        self, words: Source[Vocabulary], lexical: FullText, ordinary: Callable[[str], bool] | None = None
    ) -> None:
        self._vocabulary = Kept(words, patience=PATIENCE)
        self._lexical = lexical
        self._ordinary = ordinary or ordinary_word

    def mend(self, text: str) -> Mended:
        """The text with its misspelt words mended.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        vocabulary = self._vocabulary.get()
        corrections: list[Correction] = []

        def mended(match: re.Match[str]) -> str:
            meant = self._meant(match[0].lower(), vocabulary) if match.start() < MAX_TERMS * 16 else None
            if meant is None:
                return match[0]
            corrections.append(Correction(match[0], _cased(meant, match[0])))
            return corrections[-1].meant

        text = _WORD.sub(mended, text)
        if holds_han(text):
            text = HAN.sub(lambda run: self._mended_han(run[0], vocabulary, corrections), text)
        return Mended(text, tuple(corrections))

    def _meant(self, word: str, vocabulary: Vocabulary) -> str | None:
        def known(some: str) -> bool:
            return some in vocabulary or self._ordinary(some)

        if known(word) or _derived(word, known) or _run_together(word, known):
            return None
        meant = vocabulary.nearest(word)
        # The dearest question comes last: most words that are asked about have nothing near.
        return None if meant is None or self._lexical.search(word, 1) else meant

    def _mended_han(self, run: str, vocabulary: Vocabulary, corrections: list[Correction]) -> str:
        """A run of Chinese with the compounds that one character misses; the longest and most frequent first."""
        at = 0
        while at < len(run):
            for length in reversed(COMPOUND):
                window = run[at : at + length]
                found = self._compound(window, vocabulary) if len(window) == length else None
                if found:
                    corrections.append(Correction(window, found))
                    run = f"{run[:at]}{found}{run[at + length :]}"
                    at += length - 1
                    break
            at += 1
        return run

    def _compound(self, window: str, vocabulary: Vocabulary) -> str | None:
        near = sorted(vocabulary.sounding(window), key=lambda found: (-vocabulary.count(found[1]), found[1]))
        for at, compound in near:
            if not self._says_something(window, at):
                return compound
        return None

    def _says_something(self, window: str, at: int) -> bool:
        """Whether the odd character is there on purpose: its word is one the shop has, or it ends as one.

        登山帐 is no misspelt 登山杖 where the shop has 帐; 无限 in 无限耳机 is a word too, but none of the shop's.
        """
        start = 0
        for word in exact(window):
            end = start + len(word)
            if start <= at < end:
                if word == window:
                    return True
                inside = len(word) == 1 and end < len(window)  # a stray character amid a compound says nothing
                return not inside and bool(self._lexical.search(word, 1))
            start = end
        return True


class RecordedWords:
    """The vocabulary of a shop's records. Every method raises UnavailableError when they cannot be read.

    Args:
        database: the shop's records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return imports(self._database)

    def read(self) -> Vocabulary:
        """Words of titles, brands, categories, attributes and the searches that were made often and found something."""
        written = Written()
        with self._database.session() as session:
            for text in named(session):
                written.add(text)
            held = ProductAttribute
            for column in (held.name, held.value):
                values = select(column, func.count(held.product_id.distinct())).group_by(column)
                for value, number in session.execute(values):
                    written.add(value, number)
            searches = select(EventRecord.value).where(EventRecord.kind == "search").order_by(EventRecord.at.desc())
            found = [value for value in session.scalars(searches.limit(SEARCHES)) if value.get("results")]
        for query, times in Counter(str(value.get("query", "")) for value in found).items():
            if times >= OFTEN:
                written.add(query, times)
        return Vocabulary(written.words, written.compounds)


def ordinary_word(word: str) -> bool:
    """Whether the built-in encoder's vocabulary has a word whole, in this or another ending: then it is English."""
    words, stems = _ordinary()
    return word in words or stem(word) in stems


@cache
def _ordinary() -> tuple[frozenset[str], frozenset[str]]:
    try:
        file = resources.files(BUILT_IN_PACKAGE) / "model" / "vocab.txt"
        lines = file.read_text(encoding="utf-8").splitlines()
    except (ModuleNotFoundError, FileNotFoundError):
        lines: list[str] = []  # a machine that has another encoder only
    words = frozenset(line for line in lines if len(line) >= SHORTEST and line.isascii() and line.isalpha())
    words |= STOP_WORDS
    return words, frozenset(stem(word) for word in words)


def slip(said: str, meant: str, budget: int) -> int:
    """What it costs to have typed one word for the other; ``budget + 1`` for all that is dearer.

    Damerau and Levenshtein's edits: two neighbours swapped, a letter missing, doubled or replaced by one that is
    alike are ``LIKELY``; one replaced by any other is ``ODD``; any other letter too many costs as much as two slips.
    """
    before: list[int] = []
    row = [LIKELY * place for place in range(len(meant) + 1)]
    for at, letter in enumerate(said):
        spare = LIKELY if at and letter == said[at - 1] else TWO_SLIPS
        last, row = row, [row[0] + spare]
        for place, held in enumerate(meant):
            wrong = 0 if letter == held else LIKELY if (letter, held) in _ALIKE else ODD
            cost = min(last[place] + wrong, last[place + 1] + spare, row[place] + LIKELY)
            if at and place and letter == meant[place - 1] and said[at - 1] == held:
                cost = min(cost, before[place - 1] + LIKELY)
            row.append(cost)
        if min(row) > budget and min(last) > budget:
            return budget + 1
        before = last
    return min(row[-1], budget + 1)


def _derived(word: str, known: Callable[[str], bool]) -> bool:
    """Whether it is who or what does a known word: a slicer slices, though no list has it."""
    base = _DOERS.sub("", word)
    return SHORTEST <= len(base) < len(word) and (known(base) or known(f"{base}e"))


def _run_together(word: str, known: Callable[[str], bool]) -> bool:
    """Whether it is two known words without their space: "bookstand" is no misspelt "bookend"."""
    return any(known(word[:at]) and known(word[at:]) for at in range(PART, len(word) - PART + 1))


def sound_alike(one: str, other: str) -> bool:
    """Whether two Chinese characters have one sound, or nearly.

    The commoner half of GB 2312 is ordered by sound, so neighbours in it are typed with the same letters.
    """
    places = [_place(one), _place(other)]
    return -1 not in places and abs(places[0] - places[1]) <= SOUNDS


def _place(character: str) -> int:
    try:
        row, column = character.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return -1
    return (row * 94 + column - 0xA1) if row in _LEVEL_1 else -1


def _comparable(word: str, other: str) -> bool:
    """Whether a slip may lie between two words: the first letter is seldom wrong, and none is added at the end."""
    if word[:-1] == other and word[-1] != word[-2]:
        return False  # washi is not wash
    return word[0] == other[0] or word[:2] == other[1::-1]


def _letters(word: str) -> int:
    """The set of its letters, as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _cased(word: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word


def as_json(corrections: Sequence[Correction]) -> list[dict[str, str]]:
    """Corrections as a search result's interpretation tells them."""
    return [{"from": correction.said, "to": correction.meant} for correction in corrections]
