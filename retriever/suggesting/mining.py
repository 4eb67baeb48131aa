"""Phrases that shoppers might type, mined from titles: frequent word sequences that end in the name of a thing.

No list of nouns is needed. A word is a head if it often ends the stretches of words before
the commas of titles, and the sooner if a category is called by it: "headphones" does and
is, "wireless" does not. Sequences grow a word at a time from frequent shorter ones, as
in Agrawal and Srikant, "Fast algorithms for mining association rules" (1994), so that
rare ones are never counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retriever.suggesting.words import HAN, keys
from retriever.text import STOP_WORDS, exact, holds_han, stem

LONGEST = 4  # words of a phrase
HEAD, NAMED_HEAD = 0.5, 0.2  # of a word's stretches that it has to end to be a thing's name; where a category has it
ALONE = 0.35  # the same for a phrase of one word, which a category has to have
HEAD_SEEN = 3  # stretches, before that is believed
INSIDE = 0.6  # of a phrase's titles have it within one longer phrase: then it is half of that one
RARE = 20_000  # titles among which a phrase has to come once more to be frequent
CHINESE_TITLES = 20_000  # that are segmented: this is slow
SHORT_TITLE, SHORT_HAN = 7, 24  # words and Chinese characters of a title that is itself a phrase
MAX_CHARACTERS = 60
REMEMBERED = 100_000  # words

_BREAK = re.compile(r"[^\w\s'\u2019-]+|\s-+\s|_")
_HAN_RUN = re.compile(rf"(?<![\d{HAN}])[{HAN}]+(?![\d{HAN}])")  # beside a number it says how much
_WORD = re.compile("[^\\W_][\\w'\u2019-]*")
_STOPS = STOP_WORDS | frozenset("without no non per via by plus 适用 适合".split())  # noqa: SIM905 (words read better as words)

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of words of a title. It is ``closed`` where no preposition follows: "compatible with" ends in no thing."""

    words: Words
    closed: bool = True


def stretches(title: str) -> list[Stretch]:
    """The runs of words of a title that a phrase may lie in; numbers, prepositions and punctuation end one."""
    found: list[Stretch] = []
    for piece in _BREAK.split(title.casefold()):
        run: list[str] = []
        for word in piece.split():
            if _carries_on(word):
                run.append(word)
            else:
                found.append(Stretch(tuple(run), closed=word not in _STOPS))
                run = []
        found.append(Stretch(tuple(run)))
    return [run for run in found if run.words]


@lru_cache(maxsize=REMEMBERED)
def _carries_on(word: str) -> bool:
    """Whether a stretch goes on over the word."""
    return word not in _STOPS and bool(_WORD.fullmatch(word)) and not word[0].isdigit() and not holds_han(word)


def chinese_stretches(title: str) -> list[Stretch]:
    """The same of the Chinese in a title, in its words."""
    found: list[Stretch] = []
    for piece in _HAN_RUN.findall(title):
        run: list[str] = []
        for word in exact(piece):
            if word in _STOPS:
                found.append(Stretch(tuple(run), closed=False))
                run = []
            else:
                run.append(word)
        found.append(Stretch(tuple(run)))
    return [run for run in found if run.words]


@dataclass(frozen=True, slots=True)
class Mined:
    """A phrase and how many titles have it."""

    text: str
    count: int


def mine(titles: Iterable[str], categories: Iterable[str]) -> list[Mined]:
    """The phrases of titles, the most frequent first. ``categories`` are names of kinds of goods."""
    latin: list[list[Stretch]] = []
    chinese: list[list[Stretch]] = []
    short: Counter[str] = Counter()
    for title in titles:
        if holds_han(title):
            if len(chinese) < CHINESE_TITLES:
                chinese.append(chinese_stretches(title))
        else:
            latin.append(stretches(title))
        if _short(title):
            short[title] += 1
    names = list(categories)
    found: dict[str, int] = {}
    for between, some in ((" ", latin), ("", chinese)):
        named = _category_heads(name for name in names if holds_han(name) == (not between))
        found |= {between.join(words): count for words, count in _frequent(some, named, alone=not between).items()}
    for title, count in short.items():
        found.setdefault(title, count)
    kept = (Mined(text, count) for text, count in found.items() if 1 < len(text) <= MAX_CHARACTERS)
    return sorted(kept, key=lambda each: (-each.count, each.text))


def _short(title: str) -> bool:
    """Whether a title is what somebody would type to find it."""
    if len(title) > MAX_CHARACTERS:
        return False
    if holds_han(title):
        return len(title) <= SHORT_HAN
    return len(keys(title)) <= SHORT_TITLE


def _category_heads(names: Iterable[str]) -> set[str]:
    """The stems of the words that categories end in: of "Headphones & Earbuds" both."""
    heads: set[str] = set()
    for name in names:
        for run in re.split(r"[&,/|、]|\band\b", name.casefold()):
            words = exact(run) if holds_han(run) else run.split()
            heads.update(stem(word) for word in words[-1:])
    return heads


def _frequent(titles: Sequence[Sequence[Stretch]], named: set[str], *, alone: bool) -> dict[Words, int]:
    least = max(2, len(titles) // RARE)
    frequent: Counter[Words] = Counter()
    of_length: set[Words] = set()
    for length in range(1, LONGEST + 1):
        counts: Counter[Words] = Counter()
        for title in titles:
            counts.update({sequence for run in title for sequence in _sequences(run.words, length, of_length)})
        of_length = {sequence for sequence, count in counts.items() if count >= least}
        if not of_length:
            break
        frequent.update({sequence: counts[sequence] for sequence in of_length})
    ends, halves = _ending(titles, alone=alone), _halves(frequent)
    return {
        sequence: count
        for sequence, count in frequent.items()
        if sequence not in halves and _is_thing(sequence, ends, named)
    }


def _sequences(run: Words, length: int, shorter: set[Words]) -> Iterable[Words]:
    for at in range(len(run) - length + 1):
        sequence = run[at : at + length]
        if length == 1 or (sequence[:-1] in shorter and sequence[1:] in shorter):
            yield sequence


def _is_thing(sequence: Words, ends: Mapping[str, float], named: set[str]) -> bool:
    *_, last = sequence
    head = stem(last)
    share = ends.get(head, 1.0 if head in named else 0.0)
    if len(sequence) == 1:
        return share >= ALONE and (head in named or (not named and head in ends))
    return share >= (NAMED_HEAD if head in named else HEAD)


def _ending(titles: Sequence[Sequence[Stretch]], *, alone: bool) -> dict[str, float]:
    """How often a stretch that has a word ends in it, by the word's stem.

    What stands ``alone`` counts in Chinese only: between the commas of English titles those are colours and sizes.
    """
    ends: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for title in titles:
        for run in title:
            if len(run.words) > 1 or alone:
                seen.update(run.words)
                ends.update(dict.fromkeys(run.words[-1:], int(run.closed)))
    stemmed: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for word, count in seen.items():
        root = stem(word)
        stemmed[root] += count
        ended[root] += ends[word]
    return {root: ended[root] / count for root, count in stemmed.items() if count >= HEAD_SEEN}


def _halves(frequent: Counter[Words]) -> set[Words]:
    """Phrases that mostly come as a part of one longer phrase: "cancelling headphones"."""
    halves: set[Words] = set()
    for sequence, count in frequent.items():
        for part in (sequence[1:], sequence[:-1]):
            if len(part) > 1 and count >= INSIDE * frequent[part]:
                halves.add(part)
    return halves
