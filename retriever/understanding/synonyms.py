"""Other words for what was said, learned from the shop's own goods and searches; no word comes from elsewhere.

A wrong synonym costs more than a missing one, so each source asks for proof of its own:

- compounds: "head phones" where the shop writes headphones, in the same company;
- abbreviations: "solid state drive (SSD)", the letters being those of the words (Schwartz & Hearst 2003);
- alternatives: "couch/sofa" or "couch or sofa", where the words keep the same company (Harris 1954) and the encoder
  finds them near. Words of one closed group (colours, sizes, men and women, left and right) are told apart on purpose;
- searches: words that are exchanged in several queries that lead to the same products;
- translations: phrases of the titles of one product in two languages that come together (Dice 1945).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice, pairwise, product
from math import log, sqrt

import numpy as np

from ranker.encoder import Encoder
from retriever.text import STOP_WORDS, exact, fold, holds_han, language_of, stem

LONGEST = 3  # words of a phrase that stands for another
EACH = 2  # other wordings of one phrase
SEEN = 2  # titles that have a word before it is believed
SPLIT = 6  # letters of a compound that is taken apart
COMPANY = 0.2  # cosine of the words beside two wordings in the titles
NEAR = 0.78  # cosine of two words by the encoder (docs/experiments.md)
BEFORE = 80  # characters in which an abbreviation may be spelt out
MOST = 400  # pairs that the encoder is asked about
SAMPLE = 100  # titles in which a word's company is looked at
ALIGNED = 10_000  # bilingual products that translations are learned from
TOGETHER, DICE = 3, 0.7  # products that have both phrases; how seldom one comes without the other
CLICKS, SAME, FRAMES = 3, 0.6, 2  # of a query; cosine of the products of two; queries in which words are exchanged
SPOKEN = 0.5  # share of the products in a language before the shop is said to speak it

WEIGHTS = {"compound": 0.8, "abbreviation": 0.7, "alternative": 0.6, "searches": 0.5}

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

_ALTERNATIVE = re.compile(r"(?<![\w/-])([A-Za-z]{3,20}) ?(?:/| or | aka ) ?([A-Za-z]{3,20})(?![\w/-])")
_SHORT_FORM = re.compile(r"\(([A-Z]{2,6})\)")


@dataclass(frozen=True, slots=True)
class Goods:
    """What is read of one product. ``titles`` has further ones by language."""

    title: str
    description: str = ""
    brand: str = ""
    titles: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another wording for a part of a query, how far it is to be trusted (0 to 1), and which source says so."""

    said: str
    also: str
    weight: float
    why: str


class Table:
    """What was learned. Phrases are known by their stems, as full text finds them."""

    def __init__(
        self,
        others: Mapping[str, Sequence[tuple[str, str]]],
        words: Mapping[str, int],
        spaced: Mapping[str, str],
        translations: Mapping[str, Sequence[str]],
        languages: Iterable[str],
    ) -> None:
        self._others = others
        self._words = words
        self._spaced = spaced
        self._translations = translations
        self.languages = frozenset(languages)

    def expand(self, words: Sequence[str]) -> tuple[Expansion, ...]:
        """Other wordings of the phrases of a query, in its order."""
        folded = [fold(word) for word in words]
        asked = {stem(word) for word in folded}
        found: dict[tuple[str, str], Expansion] = {}
        for start in range(len(folded)):
            for end in range(min(start + LONGEST, len(folded)), start, -1):
                phrase = folded[start:end]
                new = (other for other in self._wordings(phrase) if not {stem(w) for w in exact(other[0])} <= asked)
                for also, why in islice(new, EACH):
                    said = " ".join(phrase)
                    found.setdefault((said, also), Expansion(said, also, WEIGHTS[why], why))
        return tuple(found.values())

    def translations(self, word: str) -> Sequence[str]:
        """A folded word or phrase in the other language, the surest first."""
        return self._translations.get(word, ())

    def _wordings(self, phrase: Sequence[str]) -> Iterable[tuple[str, str]]:
        yield from self._others.get(_key(phrase), ())
        joined = "".join(phrase)
        if len(phrase) == 1 and joined in self._spaced:
            yield self._spaced[joined], "compound"
        elif len(phrase) == 2 and _compound(*phrase) and self._words.get(joined, 0) >= SEEN:
            yield joined, "compound"

    def __len__(self) -> int:
        """How many phrases have another wording, compounds that are found as they come aside."""
        return len(self._others)


def learn(goods: Sequence[Goods], clicks: Iterable[tuple[str, str]] = (), encoder: Encoder | None = None) -> Table:
    """Learn from a shop's goods and from (query, product) pairs of clicks.

    Without an encoder, or with one that has not learned English, alternatives are left out: company alone takes
    spoons for forks.
    """
    company = _Company(goods)
    others: dict[str, list[tuple[str, str]]] = {}
    pairs = [(pair, "abbreviation") for pair in _abbreviations(goods, company.words)]
    if encoder is not None and (encoder.languages is None or "en" in encoder.languages):
        pairs += [(pair, "alternative") for pair in _near(_alternatives(goods, company), encoder)]
    pairs += [(pair, "searches") for pair in _exchanged(clicks, company.words)]
    for (one, other), why in pairs:
        for said, also in ((one, other), (other, one)):
            held = others.setdefault(_key(said.split()), [])
            if all(also != word for word, _ in held):
                held.append((also, why))
    spaced, apart = company.compounds()
    words = {word: count for word, count in company.words.items() if word not in apart}
    return Table(others, words, spaced, _translations(goods), _languages(goods))


class _Company:
    """The words of the titles, and which others stand beside them."""

    def __init__(self, goods: Sequence[Goods]) -> None:
        self._titles = [[word for word in exact(held.title) if word.isascii()] for held in goods]
        self.brands = {stem(word) for brand in {held.brand for held in goods} for word in exact(brand)}
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


def _alternatives(goods: Sequence[Goods], company: _Company) -> list[tuple[str, str]]:
    """Words that are offered beside each other as one or the other, and keep the same company; the commonest first."""
    counts: Counter[tuple[str, str]] = Counter()
    for held in goods:
        text = f"{held.title}\n{held.description}"
        counts.update({_ordered(fold(match[1]), fold(match[2])) for match in _ALTERNATIVE.finditer(text)})
    fitting = (
        pair
        for pair, _ in counts.most_common(10 * MOST)
        if all(_of_its_own(word, company) for word in pair) and stem(pair[0]) != stem(pair[1])
    )
    return list(islice((pair for pair in fitting if company.alike(*pair) >= COMPANY), MOST))


def _of_its_own(word: str, company: _Company) -> bool:
    held = stem(word)
    return company.words[word] >= SEEN and word not in STOP_WORDS and held not in CLOSED and held not in company.brands


def _near(pairs: Sequence[tuple[str, str]], encoder: Encoder) -> list[tuple[str, str]]:
    if not pairs:
        return []
    words = sorted({word for pair in pairs for word in pair})
    place = {word: number for number, word in enumerate(words)}
    vectors = encoder.encode(words)
    return [(a, b) for a, b in pairs if float(np.dot(vectors[place[a]], vectors[place[b]])) >= NEAR]


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


def _translations(goods: Sequence[Goods]) -> dict[str, tuple[str, ...]]:
    """Phrases that come together in two languages, each with the one it comes with most; longer ones first."""
    here: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for english, chinese in islice(_bilingual(goods), ALIGNED):
        here.update(english)
        here.update(chinese)
        both.update(product(english, chinese))
    dice = {pair: 2 * count / (here[pair[0]] + here[pair[1]]) for pair, count in both.items() if count >= TOGETHER}
    sure = [pair for pair, share in dice.items() if share >= DICE]
    sure.sort(key=lambda pair: (-dice[pair], -len(pair[0].split()), -len(pair[1]), pair))
    found: dict[str, tuple[str, ...]] = {}
    for english, chinese in sure:
        # 日历 that never comes but in 圣诞日历 says no more of its own.
        inside = any(
            english in held and chinese in other[0] and (english, chinese) != (held, other[0])
            and both[held, other[0]] == both[english, chinese]
            for held, other in found.items()
        )  # fmt: skip
        if not inside and english not in found and chinese not in found:
            found[english] = (chinese,)
            found[chinese] = (english,)
    return found


def _bilingual(goods: Sequence[Goods]) -> Iterable[tuple[set[str], set[str]]]:
    for held in goods:
        titles = [held.title, *held.titles.values()]
        chinese = next((title for title in titles if language_of(title) == "zh"), "")
        english = next((title for title in titles if title and not holds_han(title)), "")
        if chinese and english:
            # What stands in both, a brand or a model, needs no translation.
            same = set(exact(english)) & set(exact(chinese)) | set(exact(held.brand))
            yield _phrases(english, same, " "), {some for some in _phrases(chinese, same, "") if holds_han(some)}


def _phrases(title: str, but: set[str], gap: str) -> set[str]:
    words = exact(title)
    spans = (words[at : at + length] for length in range(1, LONGEST + 1) for at in range(len(words) - length + 1))
    return {
        gap.join(span)
        for span in spans
        if not any(word in but or word in STOP_WORDS or not word.isalpha() for word in span)
    }


def _languages(goods: Sequence[Goods]) -> set[str]:
    counts: Counter[str] = Counter()
    for held in goods:
        counts.update({language_of(title) for title in (held.title, *held.titles.values()) if title.strip()})
    return {language for language, count in counts.items() if count >= SPOKEN * len(goods)}


def _compound(first: str, second: str) -> bool:
    """Whether two words may be written as one; numbers and small words are no parts of a compound."""
    letters = first.isascii() and second.isascii() and f"{first}{second}".isalpha()
    return letters and len(second) > 2 and first not in STOP_WORDS and second not in STOP_WORDS


def _two(words: str) -> tuple[str, str]:
    first, _, second = words.partition(" ")
    return first, second


def _key(words: Sequence[str]) -> str:
    return " ".join(stem(word) for word in words)


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _cosine(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    shared = sum(count * other[key] for key, count in one.items() if key in other)
    return shared / (_length(one) * _length(other) or 1.0)


def _length(counts: Mapping[str, float]) -> float:
    return sqrt(sum(count * count for count in counts.values()))
