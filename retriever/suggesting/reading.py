"""Reading the phrases of a shop from its records."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from retriever.database import Database, among
from retriever.kept import imports
from retriever.quality.lexicon import lexicon
from retriever.records import CustomerRecord, EventRecord, OrderRecord, ProductAttribute, ProductRecord
from retriever.suggesting.index import PhraseIndex
from retriever.suggesting.mining import mine
from retriever.suggesting.phrases import Phrase, unified
from retriever.suggesting.searches import Searched, numbered, shared, without_ids
from retriever.suggesting.words import keys, tidy, tokens
from retriever.text import STOP_WORDS, exact, fold, holds_han, stem

PHRASES = 60_000  # that are kept: the most popular
MINED = 100_000  # products whose titles are mined
DRAWN = 20_260_101  # what the draw begins with: the same goods give the same phrases
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
        mined: products whose titles are mined; of more, as many that are drawn.
    """

    def __init__(self, database: Database, mined: int = MINED) -> None:
        self._database = database
        self._mined = mined

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return imports(self._database)

    def read(self) -> PhraseIndex:
        """Categories, brands, phrases of titles and attributes, past queries, each with how many products it names."""
        record, held = ProductRecord, ProductAttribute
        columns = select(
            record.id, record.title, record.brand, cast(record.categories, Text), cast(record.texts, Text)
        ).order_by(record.position, record.id)
        values = select(held.product_id, held.value).distinct()
        with self._database.session() as session:
            total = session.scalar(select(func.count(record.id))) or 0
            goods = _Goods(self._queries(session), total, self._mined)
            rows = session.connection().execution_options(yield_per=500)
            for id, title, brand, categories, texts in rows.execute(columns):
                goods.add(id, title, brand, categories, texts)
            for id, value in rows.execute(values):
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
    """What is gathered of the products, one after the other.

    Args:
        queries: past ones that may be passed on.
        total: products there are.
        mined: how many of their titles are mined.
    """

    def __init__(self, queries: Sequence[Searched], total: int, mined: int) -> None:
        drawn = random.Random(DRAWN).sample(range(total), mined) if total > mined else None  # noqa: S311 (no secret)
        self._mined = None if drawn is None else frozenset(drawn)
        self._share = 1.0 if drawn is None else mined / total
        self._queries = [(each, frozenset(_needs(each.text))) for each in queries]
        self._needed = frozenset(need for _, needs in self._queries for need in needs)
        self._holders: dict[str, set[int]] = {need: set() for need in self._needed}
        self._stems: dict[str, str] = {}
        self._titles: list[str] = []
        self._words: set[str] = set()  # of the titles
        self._brands: Counter[str] = Counter()
        self._categories: Counter[str] = Counter()
        self._kinds: dict[str, list[str]] = {}  # categories by their JSON: many goods have the same ones
        self._places: dict[str, _Place] = {}
        self._valued: Counter[tuple[str, str]] = Counter()

    def add(self, id: str, title: str, brand: str, categories: str, texts: str) -> None:
        """One product; ``categories`` and ``texts`` as JSON."""
        number = len(self._places)
        kinds = self._kinds.get(categories)
        if kinds is None:
            kinds = self._kinds[categories] = json.loads(categories)
        mined = self._mined is None or number in self._mined
        further = json.loads(texts) if texts != "{}" and (mined or self._needed) else {}
        titles = [title, *(str(words.get("title", "")) for words in further.values())]
        if mined:
            self._titles += [tidy(each) for each in titles if each]
        if brand:
            self._brands[brand] += 1
        self._categories.update(set(kinds))
        self._places[id] = _Place(number, kinds[-1] if kinds else "", brand.casefold())
        if self._needed:
            self._hold(" ".join((*titles, brand, *kinds)), number)

    def value(self, id: str, value: str) -> None:
        """An attribute or option of a product; only short values in words are worth a phrase."""
        place = self._places.get(id)
        if place is None:
            return
        if self._needed:
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
                yield Phrase(mined.text, "product", round(mined.count / self._share))
        yield from self._attributes()
        for each, needs in self._queries:
            holders = [self._holders[need] for need in needs]
            count = len(set.intersection(*holders)) if holders else 0
            yield Phrase(each.text, "query", count, len(each.visitors), frozenset(each.found))

    def _attributes(self) -> Iterator[Phrase]:
        self._words = set(chain.from_iterable(map(keys, self._titles)))
        said = {value: self._said(value) for (value, _), count in self._valued.items() if count >= ATTRIBUTE_OFTEN}
        for (value, leaf), count in self._valued.items():
            if said.get(value) and holds_han(value) == holds_han(leaf) and count >= ATTRIBUTE_OFTEN:
                between = "" if holds_han(leaf) else " "
                yield Phrase(tidy(f"{value}{between}{leaf.lower()}"), "attribute", count)

    def _said(self, value: str) -> bool:
        """Whether shoppers would say it of a thing: a colour, a material, or a word that titles have too."""
        words = keys(value)
        if not 0 < len(words) <= ATTRIBUTE_WORDS or any(map(str.isdigit, value)):
            return False
        if any(word in NAMELESS or word in STOP_WORDS for word in words) or "without" in words:
            return False
        return _look(value) or self._words.issuperset(words)

    def _hold(self, text: str, number: int) -> None:
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
