"""What a query names of a shop: its brands, categories, colours, materials and other attribute values.

A brand may be an ordinary word (Oak, Champion), so a word is taken for a brand by what the shop's own
titles say: of the products that have it in their title, how many are of that brand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select

from retriever.database import Database
from retriever.kept import PATIENCE, Kept, Source, imports
from retriever.quality.lexicon import lexicon
from retriever.records import ProductAttribute, ProductCategory, ProductRecord
from retriever.spelling import ordinary_word
from retriever.text import STEMMED, STOP_WORDS, fold, holds_han
from retriever.understanding.audience import read_audience
from retriever.understanding.colours import colours, colours_of

BRAND, CATEGORY, COLOUR, MATERIAL, ATTRIBUTE = "brand", "category", "colour", "material", "attribute"
SURE = 0.7  # from here on, a product that says something else contradicts
LIKELY = 0.5  # below, nothing is recognised

TITLES = 20_000  # of products that are read for how the words of brands are used
VALUES = 50_000  # of the commonest attribute values
WEIGHT = 3  # titles that the first guess at a brand is worth
RARE, ORDINARY, TAKEN = 0.9, 0.3, 0.05  # that guess: a word of no language, an English word, a colour or category
FIRST = 0.1  # what it adds to stand at the start of the query, where shoppers put the brand
LONGEST = 5  # words of a name, LONGEST_HAN characters
LONGEST_HAN = 8

_NO_BRAND = frozenset(
    {"generic", "unknown", "unbranded", "no brand", "none", "na", "n a", "other", "others", "various", "brand"}
)
_LINKS = frozenset("without with for not no from that and or in by of w".split())  # noqa: SIM905
_WORD = re.compile(r"[^\W_\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
PARTS = re.compile(r"\s*(?:[&,/|>]|\band\b|与|和|、)\s*", re.IGNORECASE)
_PLURAL = re.compile(r"(?<=\w\w)(?P<y>ies)$|(?<=\w)(?P<kept>ch|sh|x|ss|zz)es$|(?<=\w)(?<![sui])s$")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019](?=\w)")
_FOLDED = str.maketrans("áàâäãéèêëíìîïóòôöõúùûüñç", "aaaaaeeeeiiiiooooouuuunc")


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that a query names: what it is, its value as the shop writes it, the words, how sure it is.

    ``value`` of a colour is its family. ``field`` is the attribute's name, empty for the other kinds.
    """

    kind: str
    value: str
    said: str
    confidence: float
    field: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """What a shop's records say, as names are made from it; each with the number of its products.

    ``titles`` are of some of its products, each with its brand.
    """

    brands: Sequence[tuple[str, int]] = ()
    categories: Sequence[tuple[str, int]] = ()
    attributes: Sequence[tuple[str, str, int]] = ()
    titles: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    kind: str
    value: str
    confidence: float
    field: str = ""


class NameTable:
    """The names of a shop as it is now.

    Args:
        stock: what its records say.
    """

    def __init__(self, stock: Stock) -> None:
        self._kinds: dict[tuple[str, ...], _Held] = {}  # categories and values, by their words in the singular
        self._brands: dict[tuple[str, ...], str] = {}
        self._shortened: dict[tuple[str, ...], str] = {}
        self._han: dict[str, _Held] = {}
        self._add_categories(stock.categories)
        self._add_attributes(stock.attributes)
        self._add_brands(stock.brands)
        self._used, self._own = _usage(self._brands.keys() | self._shortened.keys(), stock.titles)

    def recognise(self, text: str) -> tuple[Slot, ...]:
        """What the text names, in its order; where two names share a word, the longer one."""
        plain = _plain(text)
        matches = list(_WORD.finditer(plain))
        words = tuple(match[0] for match in matches)
        head = _head(words)
        found: list[tuple[int, int, Slot]] = []
        for start in range(len(words)):
            for end in range(min(len(words), start + LONGEST), start, -1):
                held = self._held(words[start:end], first=start == 0, last=end == head)
                if held:
                    low, high = matches[start].start(), matches[end - 1].end()
                    found.append((low, high, _slot(held, plain[low:high])))
                    break
        found += self._colours_and_materials(plain)
        if holds_han(plain):
            found += self._chinese(plain)
        return tuple(slot for _, _, slot in _apart(found))

    def _held(self, words: tuple[str, ...], *, first: bool, last: bool) -> _Held | None:
        other = self._kinds.get(singular(words))
        if other and other.kind == CATEGORY and last:
            other = _Held(CATEGORY, other.value, min(1.0, other.confidence + 2 * FIRST))
        best = max(
            (held for held in (self._brand(words, first=first), other) if held),
            key=lambda held: held.confidence,
            default=None,
        )
        return best if best and best.confidence >= LIKELY else None

    def _brand(self, words: tuple[str, ...], *, first: bool) -> _Held | None:
        """The brand, with what the shop's titles say of its words, weighed against how likely they were to mean it."""
        name = self._brands.get(words) or self._shortened.get(words)
        if name is None:
            return None
        guess = self._guess(words, own=words in self._brands)
        confidence = (self._own[words] + WEIGHT * guess) / (self._used[words] + WEIGHT)
        return _Held(BRAND, name, min(1.0, confidence + (FIRST if first else 0)))

    def _guess(self, words: tuple[str, ...], *, own: bool) -> float:
        text = " ".join(words)
        if singular(words) in self._kinds or colours(text) or read_audience(text) or lexicon().material.value_of(text):
            return TAKEN
        if len(words) == 1 and (ordinary_word(text) or text.isdigit()):
            return ORDINARY if own else TAKEN
        return RARE

    @staticmethod
    def _colours_and_materials(plain: str) -> Iterator[tuple[int, int, Slot]]:
        for family, word in colours(plain).items():
            at = plain.find(word)
            if at >= 0:
                yield at, at + len(word), Slot(COLOUR, family, word, 0.9)
        mention = lexicon().material.find(plain, "")
        if mention and mention.word in plain:
            at = plain.find(mention.word)
            yield at, at + len(mention.word), Slot(MATERIAL, mention.value, mention.word, 0.8)

    def _chinese(self, plain: str) -> Iterator[tuple[int, int, Slot]]:
        for run in _HAN.finditer(plain):
            at = run.start()
            while at < run.end():
                for end in range(min(run.end(), at + LONGEST_HAN), at + 1, -1):
                    held = self._han.get(plain[at:end])
                    if held:
                        yield at, end, _slot(held, plain[at:end])
                        at = end - 1
                        break
                at += 1

    def _add_categories(self, categories: Iterable[tuple[str, int]]) -> None:
        for name, _ in sorted(categories, key=lambda pair: -pair[1]):
            for part in PARTS.split(name):
                words = words_of(part)
                # "Women" and "Dogs" say whom it is for, which is another question.
                if words and len(words) <= LONGEST and not (len(words) == 1 and read_audience(part)):
                    held = _Held(CATEGORY, name, RARE if len(words) > 1 else SURE - FIRST)
                    self._kinds.setdefault(singular(words), held)
                for run in _HAN.findall(part):
                    if len(run) > 1 and not read_audience(run):
                        self._han.setdefault(run, _Held(CATEGORY, name, RARE))

    def _add_attributes(self, attributes: Iterable[tuple[str, str, int]]) -> None:
        names = lexicon().names
        for field, value, number in attributes:
            words = words_of(value)
            if any(sign.isdigit() for sign in value) or not 1 <= len(words) + holds_han(value) <= LONGEST - 1:
                continue
            if field in names["color"]:
                families = list(colours_of(value)) if number >= WEIGHT else []
                if len(families) != 1:  # what else shops write there are models and patterns
                    continue
                held = _Held(COLOUR, families[0], LIKELY + FIRST)
            else:
                kind = MATERIAL if field in names["material"] else ATTRIBUTE
                held = _Held(kind, value, RARE if len(words) > 1 else LIKELY + FIRST, field)
            if len(words) > 1 or _holds_on(words):
                self._kinds.setdefault(singular(words), held)
            for run in _HAN.findall(value):
                if len(run) > 1:
                    self._han.setdefault(run, held)

    def _add_brands(self, brands: Iterable[tuple[str, int]]) -> None:
        for name, _ in sorted(brands, key=lambda brand: -brand[1]):
            words = words_of(name)
            if " ".join(words) in _NO_BRAND:
                continue
            for run in _HAN.findall(name):
                if len(run) > 1 and not colours(run) and not read_audience(run):
                    self._han.setdefault(run, _Held(BRAND, name, RARE))
            if not words:
                continue
            self._brands.setdefault(words[:LONGEST], name)
            if len(words) > 1 and len("".join(words)) > LONGEST:
                self._brands.setdefault(("".join(words),), name)  # E-Cloth is typed ecloth
            if _holds_on(words):
                self._shortened.setdefault(words[:1], name)  # UGG Australia is called UGG


class _Tables:
    """The names of a shop, ready to be looked up."""

    def __init__(self, records: Source[Stock]) -> None:
        self._records = records

    def state(self) -> object:
        return self._records.state()

    def read(self) -> NameTable:
        return NameTable(self._records.read())


class ShopNames:
    """Recognises a shop's names in queries. They are read at the first query, anew after an import. Safe to share.

    In a large shop the old ones serve until the new ones are read.

    Args:
        records: the shop's names, for example ``RecordedNames``.
    """

    def __init__(self, records: Source[Stock]) -> None:
        self._table = Kept(_Tables(records), patience=PATIENCE)

    def recognise(self, text: str) -> tuple[Slot, ...]:
        """What the text names, in its order.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        return self._table.get().recognise(text)


class RecordedNames:
    """The names in a shop's records. Every method raises UnavailableError when they cannot be read.

    Args:
        database: the shop's records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return imports(self._database)

    def read(self) -> Stock:
        """Brands, categories and the commonest attribute values with their counts, and a part of the titles."""
        product, category, held = ProductRecord, ProductCategory, ProductAttribute
        number = func.count()
        with self._database.session() as session:
            brands = session.execute(
                select(func.min(product.brand), number).where(product.brand_key != "").group_by(product.brand_key)
            )
            categories = session.execute(select(func.min(category.name), number).group_by(category.key))
            values = session.execute(
                select(held.name, held.value, number)
                .group_by(held.name, held.value)
                .order_by(number.desc())
                .limit(VALUES)
            )
            titles = session.execute(select(product.title, product.brand).order_by(product.id).limit(TITLES))
            return Stock(
                [(name, count) for name, count in brands],
                [(name, count) for name, count in categories],
                [(name, value, count) for name, value, count in values],
                [(title, brand) for title, brand in titles],
            )


def _usage(
    called: Collection[tuple[str, ...]], titles: Iterable[tuple[str, str]]
) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
    """In how many titles each name stands, and of these, how many are of a brand that is called so."""
    starting: dict[str, list[tuple[str, ...]]] = {}
    for words in called:
        starting.setdefault(words[0], []).append(words)
    used: Counter[tuple[str, ...]] = Counter()
    own: Counter[tuple[str, ...]] = Counter()
    for title, brand in titles:
        words = words_of(title)
        named = {
            name
            for at, word in enumerate(words)
            for name in starting.get(word, ())
            if len(name) == 1 or words[at : at + len(name)] == name
        }
        used.update(named)
        if named:
            maker = words_of(brand)
            own.update(name for name in named if maker[: len(name)] == name or name == ("".join(maker),))
    return used, own


def _holds_on(words: tuple[str, ...]) -> bool:
    """Whether the first word can stand for all of them."""
    first = next(iter(words), "")
    return len(first) > 2 and first not in STOP_WORDS


def _slot(held: _Held, said: str) -> Slot:
    return Slot(held.kind, held.value, said, round(held.confidence, 3), held.field)


def _apart(found: list[tuple[int, int, Slot]]) -> list[tuple[int, int, Slot]]:
    """Those that share no word: the longer, then the surer ones."""
    kept: list[tuple[int, int, Slot]] = []
    for low, high, slot in sorted(found, key=lambda each: (each[0] - each[1], -each[2].confidence)):
        if all(high <= start or low >= end for start, end, _ in kept):
            kept.append((low, high, slot))
    return sorted(kept, key=lambda each: each[0])


def _plain(text: str) -> str:
    if "'" in text or "\u2019" in text:
        text = _APOSTROPHE.sub("", text)
    folded = fold(text)
    return folded if folded.isascii() else folded.translate(_FOLDED)


def words_of(text: str) -> tuple[str, ...]:
    """The English words and numbers of a text, folded, without accents and apostrophes."""
    return tuple(_WORD.findall(_plain(text)))


def _head(words: tuple[str, ...]) -> int:
    """Where the thing itself is said: before "for", "without", and the words for whom and of which colour."""
    head = next((at for at, word in enumerate(words) if at and word in _LINKS), len(words))
    while head > 1 and (read_audience(words[head - 1]) or colours(words[head - 1]) or words[head - 1].isdigit()):
        head -= 1
    return head


def singular(words: tuple[str, ...]) -> tuple[str, ...]:
    """Nouns in the singular; a verb keeps its ending: bathing suits are sold in no bath."""
    return tuple(_singular(word) if word.endswith("s") else word for word in words)


@lru_cache(maxsize=STEMMED)
def _singular(word: str) -> str:
    return _PLURAL.sub(_one, word)


def _one(plural: re.Match[str]) -> str:
    return "y" if plural["y"] else plural["kept"] or ""
