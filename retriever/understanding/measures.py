"""Numbers with their units as shops write them: "1/2 inch", ``1/2"``, "0.5 in" and 12.7毫米 are one length.

One reader serves queries, titles, attributes and options, so whatever it gets wrong it gets
wrong on both sides alike. A word with two meanings (oz) is read both ways, as measures of one
span; a number without a unit ("airpods 2") keeps the word before it, which says what it numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from retriever.numerals import chinese
from retriever.understanding.units import COUNT, NAMED, SCREENS, UNITS

NUMBER = "number"  # the dimension of a number that has none
LETTER_SIZE, SIZE_NUMBER, BED_SIZE, FIT, RESOLUTION = "letter size", "size number", "bed size", "fit", "resolution"
KEPT = 20_000  # numbers that are remembered
LONGEST = 4_000  # characters that are read: a description says its sizes early
TOLERANCE = Fraction(2, 100)  # 16.4 ft are sold as 5 m
_TOLERANCES = {"storage": Fraction(3, 100)} | dict.fromkeys(  # of storage, because 1 TB may be 1,024 GB
    (NUMBER, COUNT, LETTER_SIZE, SIZE_NUMBER, BED_SIZE, FIT, RESOLUTION), Fraction(0)
)

_DENOMINATORS = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 32, 64})  # 18/8 is a steel, 24/7 all the time
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8"}
_COUNTED: dict[str, int] = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip

# One character for one character: what is found stands at the same place in the text as it was given.
_PLAIN = str.maketrans("０１２３４５６７８９．／％″”“＂′’⁄×✕–‐－", '0123456789./%""""\'\'/xx---')

_ONE = (
    rf"(?:(?:\d{{1,3}}[ -])?\d{{1,2}}/\d{{1,2}}(?![\d/])|\d{{0,3}} ?[{''.join(_VULGAR)}]"
    r"|(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,6})?|\.\d{1,6})"
)
_FLUID = r"fl(?:uid)?[. -]{0,2}(?:oz|ounces?)|(?:cu|cubic)[. -]{0,2}(?:ft|feet|foot)|(?:years?|months?|yrs?)[ -]old"


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_LATIN = _either([word for word in UNITS if word.isascii() and word.isalpha()])
_HAN = _either([word for word in UNITS if not word.isascii() and word.isalpha()])

_MEASURE = re.compile(
    rf"(?<![a-z0-9_.,/$€£¥])(?P<numbers>{_ONE}(?:(?: ?[x*] ?|-){_ONE})*)"
    rf"(?:(?P<gap>[ -]?)(?P<latin>{_FLUID}|{_LATIN})(?![a-z0-9])| ?(?P<sign>''|[\"%°]|'(?![a-z]))| ?(?P<han>{_HAN})"
    r"|(?![a-z0-9_/]|[.,]\d))",
    re.IGNORECASE,
)
_EACH = re.compile(_ONE, re.IGNORECASE)
_START = re.compile(rf"[0-9]+|\d|[{''.join(_VULGAR)}]| (?=[{''.join(_VULGAR)}])|\.(?=\d)")  # of what ``_MEASURE`` finds
_HAN_MEASURE = re.compile(
    rf"(?P<numbers>[零一二两三四五六七八九十][零一二两三四五六七八九十百千万点]{{0,7}}|半)(?P<han>{_HAN})"
)
_OF = re.compile(rf"\b(?:packs?|sets?|box|case|bag|lot|bundle) of (\d{{1,4}}|{'|'.join(_COUNTED)})\b", re.IGNORECASE)
_PIECES = re.compile(rf"\b({'|'.join(_COUNTED)})[ -](?:packs?|pieces?|pairs?|counts?)\b", re.IGNORECASE)
_SIZE = re.compile(
    r"(?:\b(?:sizes?|us|eu|uk|talla)[ :#]{1,2}|尺码[ ::]?)(?P<size>\d{1,2}(?:\.\d)?|m|s|l)(?![\w/%\"'-]|\.\d| ?x ?\d)",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"(?<![a-z0-9-])(?:{_either([*NAMED, *SCREENS])})(?![a-z0-9])", re.IGNORECASE)
_BED = re.compile(
    r"\b(?:size|beds?|bedding|mattress\w*|futon\w*|sheets?|comforters?|duvets?|quilts?|blankets?|bedspreads?|"
    r"pillow\w*|headboards?|toppers?|box springs?|sleepers?|murphy|coverlets?)\b|床|被",
    re.IGNORECASE,
)
_UNIT_NEXT = re.compile(rf"[ -]?(?:(?:{_FLUID}|{_LATIN})(?![a-z0-9])|{_HAN})", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")
_FIRST_OF_NAMES = frozenset(match[0] for name in (*NAMED, *SCREENS) if (match := _WORD.match(name)))
_FIRST_OF_PACKS = frozenset({"pack", "packs", "set", "sets", "box", "case", "bag", "lot", "bundle", *_COUNTED})
_FIRST_OF_SIZES = frozenset({"size", "sizes", "us", "eu", "uk", "talla"})
_BEFORE = re.compile(r"([^\W\d_]+)[ -]*$")
_NO_INCHES = re.compile(r"[-\s]*(?:\d|(?:one|two|an?|the|my|your|stock|total|each|case|order)\b)", re.IGNORECASE)
_ATTACHED = frozenset({"a", "k", "M", "G", "A", "K"})  # "9 M" is a width of shoes, "2 a day" no current


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured.

    ``value`` is in base units (mm, ml, g, W, V, s ...), or the place of a named size among its kind. ``start`` is
    where ``said`` stands: measures of one start are readings of the same words. ``number`` is the number as written,
    and ``before`` the word before it.
    """

    dimension: str
    value: Fraction
    said: str
    start: int
    number: Fraction
    before: str = ""

    def same(self, other: Measure) -> bool:
        """Whether both say the same, as closely as shops round."""
        if self.dimension != other.dimension:
            return False
        within = _TOLERANCES.get(self.dimension, TOLERANCE)
        return abs(self.value - other.value) <= within * max(self.value, other.value)


_Found = Iterator[tuple[int, list[Measure]]]


def read_measures(text: str) -> tuple[Measure, ...]:
    """Everything measured, counted or numbered in a text, in its order; all readings of what is ambiguous."""
    plain = text[:LONGEST]
    plain = plain if plain.isascii() else plain.translate(_PLAIN)
    found: list[Measure] = []
    taken: list[tuple[int, int]] = []
    for reader in _readers(plain):
        for end, measures in reader(plain):
            start = measures[0].start
            if all(end <= low or start >= high for low, high in taken):
                taken.append((start, end))
                found += measures if plain == text else [replace(one, said=text[start:end]) for one in measures]
    return tuple(sorted(found, key=lambda measure: measure.start))


def _readers(plain: str) -> Sequence[Callable[[str], _Found]]:
    """The readers that may find something: each has words without which it need not look."""
    if not plain.isascii():
        return (_screens_and_names, _packs, _sizes, _numbers, _han_numbers)
    words = frozenset(_WORD.findall(plain.lower()))
    needed = ((_screens_and_names, _FIRST_OF_NAMES), (_packs, _FIRST_OF_PACKS), (_sizes, _FIRST_OF_SIZES))
    return (*(reader for reader, any_of in needed if not any_of.isdisjoint(words)), _numbers)


@lru_cache(maxsize=KEPT)
def fraction(written: str) -> Fraction | None:
    """The number that "1-1/2", "1½", "0.5" or "1,000" is; ``None`` of what is no share of anything: "18/8"."""
    for sign, plain in () if written.isascii() else _VULGAR.items():
        written = written.replace(sign, f" {plain}")
    whole, _, part = written.replace("-", " ").strip().rpartition(" ")
    if "/" not in part:
        return Fraction(part.replace(",", "")) if not whole else None
    above, below = (int(number) for number in part.split("/"))
    if below not in _DENOMINATORS or not 0 < above < below:
        return None
    return Fraction(above, below) + int(whole.strip() or 0)


def _screens_and_names(plain: str) -> _Found:
    beds: bool | None = None
    for match in _NAMED.finditer(plain):
        word = match[0].casefold()
        if word in SCREENS:
            dimension, value = RESOLUTION, Fraction(SCREENS[word])
        else:
            dimension, value = NAMED[word]
        if dimension == BED_SIZE:  # a queen may be any, but not beside a bed
            beds = _BED.search(plain) is not None if beds is None else beds
            if not beds:
                continue
        yield match.end(), [Measure(dimension, value, match[0], match.start(), value)]


def _packs(plain: str) -> _Found:
    for pattern in (_OF, _PIECES):
        for match in pattern.finditer(plain):
            number = Fraction(_COUNTED.get(match[1].casefold()) or int(match[1]))
            yield match.end(), [Measure(COUNT, number, match[0], match.start(), number)]


def _sizes(plain: str) -> _Found:
    for match in _SIZE.finditer(plain):
        size = match["size"].casefold()
        if size.isalpha():
            dimension, value = NAMED[{"s": "small", "m": "medium", "l": "large"}[size]]
        else:
            dimension, value = SIZE_NUMBER, Fraction(size)
            if _UNIT_NEXT.match(plain, match.end()):
                continue
        yield match.end(), [Measure(dimension, value, match[0], match.start(), value)]


def _numbers(plain: str) -> _Found:
    for match in _written(plain):
        unit = _unit(match, plain)
        end = match.end() if unit else match.end("numbers")
        before = _BEFORE.search(plain, max(0, match.start() - 30), match.start())
        said = plain[match.start() : end]
        measures: list[Measure] = []
        for written in _EACH.findall(match["numbers"]):
            number = fraction(written)
            if number is None:
                continue
            word = before[1].casefold() if before else ""
            values = _values(number, unit)
            measures += [Measure(dimension, value, said, match.start(), number, word) for dimension, value in values]
        if measures:
            yield end, measures


def _written(plain: str) -> Iterator[re.Match[str]]:
    """What the pattern finds; it is tried only where a number may start."""
    end = 0
    for place in _START.finditer(plain):
        if place.start() >= end and (match := _MEASURE.match(plain, place.start())):
            end = match.end()
            yield match


@lru_cache(maxsize=KEPT)
def _values(number: Fraction, unit: str) -> Sequence[tuple[str, Fraction]]:
    readings = UNITS[unit] if unit else ()
    return [(reading.dimension, number * reading.size) for reading in readings] or [(NUMBER, number)]


def _unit(match: re.Match[str], plain: str) -> str:
    """The unit as the table has it, or nothing where the word behind the number is not meant as one."""
    word = match["latin"]
    if not word:
        return match["sign"] or match["han"] or ""
    if match["gap"] and word in _ATTACHED:
        return ""
    if word.lower() == "in" and _NO_INCHES.match(plain, match.end()):  # 3 in 1, 5 in a box
        return ""
    if word.lower() == "w" and plain.startswith("/", match.end()):  # 12 w/ lid
        return ""
    folded = word.lower()
    if folded.startswith("fl"):
        return "floz"
    if folded.startswith("cu") and folded != "cup" and folded != "cups":
        return "cuft"
    if folded.endswith("old"):
        return "monthold" if folded.startswith("m") else "yearold"
    return folded


def _han_numbers(plain: str) -> _Found:
    for match in _HAN_MEASURE.finditer(plain) if not plain.isascii() else ():
        units = UNITS[match["han"]]
        # 一个 and 两件 count nothing that is sold by the number, 两件套 does.
        if units[0].dimension == COUNT and match["han"][-1] not in "装套打":
            continue
        number = Fraction(1, 2) if match["numbers"] == "半" else Fraction(chinese(match["numbers"]))
        yield (
            match.end(),
            [Measure(unit.dimension, number * unit.size, match[0], match.start(), number) for unit in units],
        )
