"""Other words for what was said, learned from the shop's own goods and searches; no word comes from elsewhere.

A wrong synonym costs more than a missing one, so each source asks for proof of its own:

- compounds: "head phones" where the shop writes headphones, in the same company (Harris 1954);
- abbreviations: "solid state drive (SSD)", the letters being those of the words (Schwartz & Hearst 2003);
- searches: words that are exchanged in several queries that lead to the same products. Words of one closed group
  (colours, sizes, men and women, left and right) are told apart on purpose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, pairwise
from math import log, sqrt
from typing import Any

from retriever.text import MAX_TERMS, STOP_WORDS, exact, stem

LONGEST = 3  # words of a phrase that stands for another
EACH = 2  # other wordings of one phrase
SEEN = 2  # titles that have a word before it is believed
SPLIT = 6  # letters of a compound that is taken apart
COMPANY = 0.2  # cosine of the words beside two wordings in the titles
BEFORE = 80  # characters in which an abbreviation may be spelt out
REMEMBERED = 100_000  # words
SAMPLE = 100  # titles in which a word's company is looked at
CLICKS, SAME, FRAMES = 3, 0.6, 2  # of a query; cosine of the products of two; queries in which words are exchanged

LEARNED = 0.5  # weight of the words that are learned beside those that were typed (docs/experiments.md)

_GROUPS = """black white gray grey silver gold red pink orange yellow green blue navy purple brown tan beige ivory
    cream khaki bronze copper clear teal turquoise rose burgundy olive charcoal light dark
    small medium large xs xl xxl mini big little tall short long wide narrow slim thick thin full twin queen king single
    double triple half men man mens women woman womens male female boy boys girl girls kid kids child children baby
    adult adults toddler infant unisex left right top bottom upper lower front rear back inner outer inside outside
    indoor outdoor hot cold warm cool wet dry soft hard high low fast slow open closed on off new old first second
    summer winter spring fall autumn day night morning evening east west north south horizontal vertical in out up down
    with without wired wireless wire manual automatic electric cotton wool silk linen leather polyester nylon wood metal
    steel iron plastic glass ceramic rubber bamboo aluminum one two three four five six seven eight nine ten
    inch inches feet foot yard meter oz ounce ounces pound pounds gram grams gallon quart liter pack count pair set
    vegan vegetarian boyfriend girlfriend disposable reusable vocal instrument iphone ipad android ios
    aunt uncle mom dad mother father grandma grandpa sister brother son daughter husband wife dog cat bird fish horse
    input output before after sleep wake start stop push pull buy sell ac dc sweet sour salty""".split()  # noqa: SIM905 (words read better as words)
CLOSED = frozenset(stem(word) for word in _GROUPS)

_SHORT_FORM = re.compile(r"\(([A-Z]{2,6})\)")


@dataclass(frozen=True, slots=True)
class Goods:
    """What is read of one product."""

    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another wording for a part of a query, how far it is to be trusted (0 to 1), and which source says so."""

    said: str
    also: str
    weight: float
    why: str


class Table:
    """What was learned. Phrases are known by their stems, as full text finds them.

    Args:
        others: other wordings of a phrase, each with the source that says so.
        joined: words that are believed to be one where they are typed as two.
        spaced: compounds with their spaced form.
    """

    def __init__(
        self,
        others: Mapping[str, Sequence[tuple[str, str]]],
        joined: Collection[str],
        spaced: Mapping[str, str],
    ) -> None:
        self._others = others
        self._joined = frozenset(joined)
        self._spaced = spaced

    @classmethod
    def from_json(cls, held: Any) -> Table:
        """The table that ``json`` gave.

        Raises:
            ValueError: if it is none.
        """
        try:
            others = {
                str(said): [(str(also), str(why)) for also, why in wordings]
                for said, wordings in held["others"].items()
            }
            spaced = {str(word): str(words) for word, words in held["spaced"].items()}
            return cls(others, [str(word) for word in held["joined"]], spaced)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("This is no table of synonyms.") from error

    def json(self) -> dict[str, Any]:
        """What was learned, to be kept."""
        return {"others": self._others, "joined": sorted(self._joined), "spaced": self._spaced}

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """Other wordings of the phrases of a text, in its order."""
        return expanded(text, self._wordings, LEARNED, EACH)

    def _wordings(self, words: Sequence[str], key: str) -> Iterable[tuple[str, str]]:
        yield from self._others.get(key, ())
        joined = "".join(words)
        if len(words) == 1 and joined in self._spaced:
            yield self._spaced[joined], "compound"
        elif len(words) == 2 and joined in self._joined and _compound(*words):
            yield joined, "compound"

    def __len__(self) -> int:
        """How many phrases have another wording, compounds that are found as they come aside."""
        return len(self._others)


def expanded(
    text: str, wordings: Callable[[Sequence[str], str], Iterable[tuple[str, str]]], weight: float, each: int
) -> tuple[Expansion, ...]:
    """Other wordings of the phrases of a text, in its order and ``each`` at most, that say more than the text itself.

    ``wordings`` gives those of a phrase, by its words and by its ``phrase_key``, each with the source that says so.
    """
    words = exact(text)[:MAX_TERMS]
    stems = [stem(word) for word in words]
    asked = set(stems)
    found: dict[tuple[str, str], Expansion] = {}
    for start in range(len(words)):
        for end in range(min(start + LONGEST, len(words)), start, -1):
            phrase = words[start:end]
            others = wordings(phrase, " ".join(stems[start:end]))
            new = (other for other in others if not {stem(word) for word in exact(other[0])} <= asked)
            for also, why in islice(new, each):
                said = " ".join(phrase)
                found.setdefault((said, also), Expansion(said, also, weight, why))
    return tuple(found.values())


def learn(goods: Sequence[Goods], clicks: Iterable[tuple[str, str]] = ()) -> Table:
    """Learn from a shop's goods and from (query, product) pairs of clicks."""
    company = _Company(goods)
    others: dict[str, list[tuple[str, str]]] = {}
    pairs = [(pair, "abbreviation") for pair in _abbreviations(goods, company.words)]
    pairs += [(pair, "searches") for pair in _exchanged(clicks, company.words)]
    for (one, other), why in pairs:
        for said, also in ((one, other), (other, one)):
            held = others.setdefault(phrase_key(said), [])
            if all(also != word for word, _ in held):
                held.append((also, why))
    spaced, apart = company.compounds()
    joined = [word for word, count in company.words.items() if count >= SEEN and word.isalpha() and word not in apart]
    return Table(others, joined, spaced)


def phrase_key(phrase: str) -> str:
    """What a phrase is known by: the stems of its words."""
    return " ".join(stem(word) for word in exact(phrase))


class _Company:
    """The words of the titles, and which others stand beside them."""

    def __init__(self, goods: Sequence[Goods]) -> None:
        self._titles = [[word for word in exact(held.title) if word.isascii()] for held in goods]
        self.words: Counter[str] = Counter(word for title in self._titles for word in set(title))
        self._pairs: Counter[tuple[str, str]] = Counter(
            pair for title in self._titles for pair in set(pairwise(title)) if _compound(*pair)
        )
        self._where: dict[str, list[int]] = {}
        for number, title in enumerate(self._titles):
            for word in set(title):
                held = self._where.setdefault(word, [])
                if len(held) < SAMPLE:
                    held.append(number)

    def alike(self, one: str, other: str) -> float:
        """The cosine of what stands beside two wordings, rarer words weighing more; each may be two words."""
        first, second = self._beside(one, {one, *other.split()}), self._beside(other, {one, *other.split()})
        shared = sum(weight * second[word] for word, weight in first.items() if word in second)
        return shared / (_length(first) * _length(second) or 1.0)

    def compounds(self) -> tuple[dict[str, str], set[str]]:
        """Compounds with their spaced form, and those that are something else: a carpet is no car pet."""
        spaced: dict[str, str] = {}
        apart: set[str] = set()
        for (first, second), count in self._pairs.items():
            joined = first + second
            if count < SEEN or len(joined) < SPLIT:
                continue
            if self.words[joined] >= SEEN and self.alike(joined, f"{first} {second}") < COMPANY:
                apart.add(joined)
            elif joined not in spaced or count > self._pairs[_two(spaced[joined])]:
                spaced[joined] = f"{first} {second}"
        return {joined: words for joined, words in spaced.items() if joined not in apart}, apart

    def _beside(self, wording: str, but: set[str]) -> dict[str, float]:
        parts = wording.split()
        where = self._where.get(min(parts, key=lambda part: self.words[part]), [])
        counts: Counter[str] = Counter()
        for number in where:
            title = self._titles[number]
            if len(parts) == 1 or _two(wording) in pairwise(title):
                counts.update(word for word in set(title) if word not in but and word not in STOP_WORDS)
        return {
            word: (1 + log(times)) * log(1 + len(self._titles) / self.words[word]) for word, times in counts.items()
        }


def _abbreviations(goods: Sequence[Goods], words: Mapping[str, int]) -> list[tuple[str, str]]:
    forms: dict[str, Counter[str]] = {}
    for held in goods:
        found = {
            (match[1].casefold(), long_form)
            for text in (held.title, held.description)
            for match in _SHORT_FORM.finditer(text)
            if (long_form := _spelt_out(text[max(0, match.start() - BEFORE) : match.start()], match[1]))
        }
        for short, long_form in found:
            forms.setdefault(short, Counter())[long_form] += 1
    pairs: list[tuple[str, str]] = []
    for short, counts in forms.items():
        (best, times), *rest = counts.most_common(2)
        # One that stands for two things is neither.
        if times >= SEEN and words.get(short, 0) >= SEEN and (not rest or times > 2 * rest[0][1]):
            pairs.append((short, best))
    return pairs


def _spelt_out(before: str, short: str) -> str:
    """The last words before an abbreviation, if their first letters are it."""
    words = exact(before)[-len(short) :]
    return " ".join(words) if "".join(word[0] for word in words) == short.casefold() else ""


def _exchanged(clicks: Iterable[tuple[str, str]], words: Mapping[str, int]) -> list[tuple[str, str]]:
    """Words in whose place another stands in several queries that lead to the same products."""
    led: dict[str, Counter[str]] = {}
    for query, product_id in clicks:
        led.setdefault(" ".join(exact(query)), Counter())[product_id] += 1
    frames: dict[tuple[str, ...], list[tuple[str, Counter[str]]]] = {}
    for query, products in led.items():
        said = query.split()
        if products.total() < CLICKS or len(said) > LONGEST + 1:
            continue
        for at, word in enumerate(said):
            if words.get(word, 0) >= SEEN and stem(word) not in CLOSED and word not in STOP_WORDS:
                frames.setdefault((*said[:at], "", *said[at + 1 :]), []).append((word, products))
    times: Counter[tuple[str, str]] = Counter()
    for held in frames.values():
        for (one, first), (other, second) in combinations(held[:SAMPLE], 2):
            if stem(one) != stem(other) and _cosine(first, second) >= SAME:
                times[_ordered(one, other)] += 1
    return [pair for pair, count in times.most_common() if count >= FRAMES]


def _compound(first: str, second: str) -> bool:
    """Whether two words may be written as one; numbers and small words are no parts of a compound."""
    return len(second) > 2 and _is_part(first) and _is_part(second)


@lru_cache(maxsize=REMEMBERED)
def _is_part(word: str) -> bool:
    return word.isascii() and word.isalpha() and word not in STOP_WORDS


def _two(words: str) -> tuple[str, str]:
    first, _, second = words.partition(" ")
    return first, second


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _cosine(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    shared = sum(count * other[key] for key, count in one.items() if key in other)
    return shared / (_length(one) * _length(other) or 1.0)


def _length(counts: Mapping[str, float]) -> float:
    return sqrt(sum(count * count for count in counts.values()))
