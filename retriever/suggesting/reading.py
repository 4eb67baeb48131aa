"""Reading the phrases of a shop from its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from retriever.database import Database, among
from retriever.kept import imports
from retriever.quality.lexicon import lexicon
from retriever.records import CustomerRecord, EventRecord, OrderRecord, ProductAttribute, ProductRecord
from retriever.suggesting.index import PhraseIndex
from retriever.suggesting.mining import mine
from retriever.suggesting.phrases import Phrase, unified
from retriever.suggesting.searches import Searched, numbered, shared, without_ids
from retriever.suggesting.words import tidy, tokens
from retriever.text import STOP_WORDS, exact, fold, holds_han, stem

PHRASES = 60_000  # that are kept: the most popular
TITLES = 200_000  # that are mined, in the merchant's order
SEARCHES = 50_000  # the latest ones, that are read
ATTRIBUTE_WORDS = 2  # of a value that is put before a category
ATTRIBUTE_OFTEN = 2  # products of a category that have a value
NAMELESS = frozenset(  # say nothing before the name of a thing
    "yes true false none other others assorted various one single pair set included standard 是 否 有 无 其他".split()  # noqa: SIM905
)


class RecordedPhrases:
    """The phrases of a shop's records. Every method raises UnavailableError when they cannot be read.

    Args:
        database: the shop's records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return imports(self._database)

    def read(self) -> PhraseIndex:
        """Categories, brands, phrases of titles and attributes, past queries, each with how many products it names."""
        with self._database.session() as session:
            queries = self._queries(session)
            goods = _Goods(queries)
            record = ProductRecord
            columns = (record.id, record.title, record.brand, record.categories, record.texts)
            for row in session.execute(select(*columns).order_by(record.position, record.id)):
                goods.add(*row)
            held = ProductAttribute
            values = select(held.product_id, held.value).distinct()
            for id, value in session.execute(values):
                goods.value(id, value)
        return PhraseIndex(unified(goods.phrases(), PHRASES))

    def _queries(self, session: Session) -> list[Searched]:
        event = EventRecord
        columns = select(event.customer_id, event.session_id, event.value)
        latest = columns.where(event.kind == "search").order_by(event.at.desc()).limit(SEARCHES)
        queries = shared((row[0], row[1], row[2]) for row in session.execute(latest))
        words = numbered(queries)
        ids: set[str] = set()
        for column in (OrderRecord.id, CustomerRecord.id):
            ids.update(session.scalars(select(column).where(among(column, words, self._database.dialect))))
        return without_ids(queries, ids)


class _Place(NamedTuple):
    """What is kept of a product: its number, the last and so narrowest of its categories, and its brand, folded."""

    number: int
    category: str
    brand: str


class _Goods:
    """What is gathered of the products, one after the other."""

    def __init__(self, queries: Sequence[Searched]) -> None:
        self._queries = [(each, frozenset(_needs(each.text))) for each in queries]
        self._needed = frozenset(need for _, needs in self._queries for need in needs)
        self._holders: dict[str, set[int]] = {need: set() for need in self._needed}
        self._stems: dict[str, str] = {}
        self._titles: list[str] = []
        self._words: set[str] = set()  # of the titles
        self._brands: Counter[str] = Counter()
        self._categories: Counter[str] = Counter()
        self._places: dict[str, _Place] = {}
        self._valued: Counter[tuple[str, str]] = Counter()

    def add(self, id: str, title: str, brand: str, categories: list[str], texts: dict[str, Any]) -> None:
        """One product."""
        titles = [title, *(str(words.get("title", "")) for words in texts.values())]
        if len(self._titles) < TITLES:
            self._titles += [tidy(each) for each in titles if each]
        if brand:
            self._brands[brand] += 1
        self._categories.update(set(categories))
        self._places[id] = _Place(len(self._places), categories[-1] if categories else "", brand.casefold())
        self._hold(" ".join((*titles, brand, *categories)), len(self._places) - 1)

    def value(self, id: str, value: str) -> None:
        """An attribute or option of a product; only short values in words are worth a phrase."""
        place = self._places.get(id)
        if place is None:
            return
        self._hold(value, place.number)
        if place.category and value != place.brand and len(value) > 1 and len(value.split()) <= ATTRIBUTE_WORDS:
            self._valued[(value, place.category)] += 1

    def phrases(self) -> Iterator[Phrase]:
        """Everything that may be suggested."""
        for name, count in self._categories.items():
            yield Phrase(tidy(name), "category", count)
        for name, count in self._brands.items():
            yield Phrase(tidy(name), "brand", count)
        for mined in mine(self._titles, self._categories):
            if not _look(mined.text):
                yield Phrase(mined.text, "product", mined.count)
        yield from self._attributes()
        for each, needs in self._queries:
            holders = [self._holders[need] for need in needs]
            count = len(set.intersection(*holders)) if holders else 0
            yield Phrase(each.text, "query", count, len(each.visitors), frozenset(each.found))

    def _attributes(self) -> Iterator[Phrase]:
        self._words = {token.key for title in self._titles for token in tokens(title)}
        said = {value: self._said(value) for (value, _), count in self._valued.items() if count >= ATTRIBUTE_OFTEN}
        for (value, leaf), count in self._valued.items():
            if said.get(value) and holds_han(value) == holds_han(leaf) and count >= ATTRIBUTE_OFTEN:
                between = "" if holds_han(leaf) else " "
                yield Phrase(tidy(f"{value}{between}{leaf.lower()}"), "attribute", count)

    def _said(self, value: str) -> bool:
        """Whether shoppers would say it of a thing: a colour, a material, or a word that titles have too."""
        words = [token.key for token in tokens(value)]
        if not 0 < len(words) <= ATTRIBUTE_WORDS or any(map(str.isdigit, value)):
            return False
        if any(word in NAMELESS or word in STOP_WORDS for word in words) or "without" in words:
            return False
        return _look(value) or self._words.issuperset(words)

    def _hold(self, text: str, number: int) -> None:
        if not self._needed:
            return
        found: set[str] = set()
        for token in tokens(text):
            if token.han:
                found.update(_pieces(token.key))
                continue
            root = self._stems.get(token.key)
            if root is None:
                root = self._stems[token.key] = stem(token.key)
            found.add(root)
        for need in found & self._needed:
            self._holders[need].add(number)


def _look(text: str) -> bool:
    """Whether a text only names a colour or a material."""
    kinds = lexicon()
    found = (words.find(text, "") for words in (kinds.color, kinds.material))
    return any(mention is not None and mention.word == fold(text) for mention in found)


def _needs(query: str) -> Iterable[str]:
    """What a product's text has to hold to be what a query says: stems, and pairs of Chinese characters."""
    for token in tokens(query):
        if token.han:
            for word in exact(token.key):
                if word not in STOP_WORDS:
                    yield from _pairs(word)
        elif token.key not in STOP_WORDS:
            yield stem(token.key)


def _pairs(word: str) -> Iterable[str]:
    return (first + second for first, second in pairwise(word)) if len(word) > 1 else (word,)


def _pieces(run: str) -> Iterator[str]:
    yield from run
    yield from (first + second for first, second in pairwise(run))
