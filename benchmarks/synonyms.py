"""What other words for those of a query are worth: ``python -m benchmarks.synonyms --home DIR [--judgments FILE]``.

DIR is a home with an imported shop that nobody else has open. With judgments, nDCG@10 and Recall@50 of all queries
with other words from no source, from some and from all, and by how much processor time a search gets dearer. Without,
queries are made from the shop's own titles: compounds as two words ("head phones" for headphones) and two words as
one; what is right is every product whose title has the words as the shop writes them.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from time import thread_time

from rich.console import Console
from rich.table import Table as Printed
from sqlalchemy import select

from assistant.build import open_store
from assistant.settings import Settings
from eval.retrieval.metrics import ndcg, recall
from eval.significance import paired_difference
from ranker.cross.serving import LastGood
from ranker.cross.shelf import Shelf, shipped
from ranker.signals import default_weights
from retriever.judgments import read_judgments
from retriever.lexical import lexical_for
from retriever.ordering import Ordering
from retriever.query import QueryReader, Reading
from retriever.records import ProductRecord
from retriever.search import Searcher
from retriever.spelling import RecordedWords, Speller, ordinary_word
from retriever.store import Store
from retriever.text import STOP_WORDS, exact
from retriever.understanding.bridging import Bridge
from retriever.understanding.languages import RecordedLanguages, ShopLanguages
from retriever.understanding.names import RecordedNames, ShopNames
from retriever.understanding.own_synonyms import OwnSynonyms, SynonymFile
from retriever.understanding.recorded import RecordedGoods, Synonyms

LEARNED = ("compound", "abbreviation", "searches")
SOURCES: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "learned": LEARNED,
    "what goods without it say": ("exclusion",),
    "all": (*LEARNED, "exclusion", "owner"),
}
MODES = ("bm25", "hybrid", "full")
DEPTH = 50
WARMING = 10  # queries before time is taken
MADE = 60  # queries of each kind that are made from titles

Gains = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one search was worth, and the milliseconds of processor time it took."""

    ndcg: float
    recall: float
    spent: float


class Hearing(QueryReader):
    """Reads as the shop does, and hears other words from some sources only."""

    sources: tuple[str, ...] = ()

    def read(self, query: str) -> Reading:
        """See QueryReader."""
        reading = super().read(query)
        return replace(reading, synonyms=tuple(one for one in reading.synonyms if one.why in self.sources))


@dataclass(frozen=True)
class Shop:
    """A search whose reader can be told what to hear."""

    reader: Hearing
    searcher: Searcher

    def measured(
        self, queries: Mapping[str, Gains], mode: str, source: str, before: Mapping[str, Figures] | None = None
    ) -> dict[str, Figures]:
        """Each query's figures; those of ``before`` where there is no other word from this source."""
        self.reader.sources = SOURCES[source]
        found = dict(before or {})
        for query, gains in queries.items():
            if before is None or self.reader.read(query).synonyms:
                started = thread_time()
                ids = [hit.id for hit in self.searcher.search(query, k=DEPTH, mode=mode).results]
                found[query] = Figures(ndcg(ids, gains), recall(ids, gains), 1000 * (thread_time() - started))
        return found


def shop_of(store: Store, home: Path, scratch: Path) -> Shop:
    """The search of an open store, wired as it is, with synonyms that are learned now."""
    synonyms = Synonyms(RecordedGoods(store.database), scratch, OwnSynonyms(SynonymFile(home)))
    synonyms.learn()
    lexical = lexical_for(store.database)
    reader = Hearing(
        store.currency,
        Speller(RecordedWords(store.database), lexical),
        ShopNames(RecordedNames(store.database)),
        Bridge(sold=lambda word: len(lexical.mentioning([word]))),
        ShopLanguages(RecordedLanguages(store.database)),
        synonyms,
    )
    rankers = LastGood(Shelf(home / "ranker").in_use, otherwise=shipped)
    ordering = Ordering(store.vectors, default_weights(), rankers.current)
    searcher = Searcher(store.catalogue, lexical, store.vectors, store.encoder, store.currency, reader, ordering)
    return Shop(reader, searcher)


def made(titles: Mapping[str, Sequence[str]], dice: random.Random) -> dict[str, dict[str, Gains]]:
    """Queries of each kind that are made from titles, given as words, with the products that are right."""
    words: dict[str, set[str]] = {}
    pairs: dict[tuple[str, str], set[str]] = {}
    for id, title in titles.items():
        for word in title:
            words.setdefault(word, set()).add(id)
        for pair in pairwise(title):
            pairs.setdefault(pair, set()).add(id)
    apart = {" ".join(parts): ids for word, ids in words.items() for parts in _parts(word) if parts not in pairs}
    joined = {
        "".join(pair): ids
        for pair, ids in pairs.items()
        if len(ids) > 1 and all(_ordinary(word) for word in pair) and "".join(pair) not in words
    }
    return {"one word typed as two": _some(apart, dice), "two words typed as one": _some(joined, dice)}


def _parts(word: str) -> Iterator[tuple[str, str]]:
    """The two ordinary words that a word is made of, where it is."""
    if word.isascii() and word.isalpha():
        for at in range(3, len(word) - 2):
            if _ordinary(word[:at]) and _ordinary(word[at:]):
                yield word[:at], word[at:]
                return


def _ordinary(word: str) -> bool:
    return bool(re.fullmatch("[a-z]{4,}", word)) and ordinary_word(word) and word not in STOP_WORDS


def _some(queries: Mapping[str, set[str]], dice: random.Random) -> dict[str, Gains]:
    chosen = dice.sample(sorted(queries), min(MADE, len(queries)))
    return {query: dict.fromkeys(queries[query], 1.0) for query in chosen}


def table_of(shop: Shop, queries: Mapping[str, Gains], title: str, sources: Sequence[str]) -> Printed:
    """The figures of one set of queries; the time is that of the queries with other words, and what it was without."""
    heads = (
        "mode",
        "other words",
        "of them have any",
        "nDCG@10",
        "minus none [95 %]",
        "Recall@50",
        "ms, before, after",
    )
    table = Printed(*heads, title=title)
    for mode in MODES:
        shop.measured(dict(islice(queries.items(), WARMING)), mode, "none")
        plain = shop.measured(queries, mode, "none")
        for source in sources:
            rows = shop.measured(queries, mode, source, plain)
            told = [query for query in queries if rows[query] is not plain[query]]
            table.add_row(mode, source, str(len(told)), *_figures(rows, plain), _times(rows, plain, told))
    return table


def _figures(rows: Mapping[str, Figures], plain: Mapping[str, Figures]) -> tuple[str, str, str]:
    gained = [rows[query].ndcg for query in plain]
    recalled = [rows[query].recall for query in plain]
    difference = paired_difference(gained, [one.ndcg for one in plain.values()]).text()
    return f"{sum(gained) / len(gained):.4f}", difference, f"{sum(recalled) / len(recalled):.4f}"


def _times(rows: Mapping[str, Figures], plain: Mapping[str, Figures], told: Sequence[str]) -> str:
    if not told:
        return ""
    before, after = (sum(figures[query].spent for query in told) / len(told) for figures in (plain, rows))
    return f"{before:.1f}, {after:.1f}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synonyms", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a home with an imported shop")
    parser.add_argument("--judgments", type=Path, help="judgments of that shop's products")
    arguments = parser.parse_args()
    console = Console(width=120)
    store = open_store(Settings(home=arguments.home, database_url="", chroma_url=""))
    with tempfile.TemporaryDirectory(prefix="shopwise-bench-") as scratch:
        try:
            started = thread_time()
            shop = shop_of(store, arguments.home, Path(scratch))
            console.print(f"Learning took {thread_time() - started:.1f} s of processor time.")
            if arguments.judgments:
                judged = read_judgments(arguments.judgments)
                console.print(_changed(shop, judged))
                console.print(table_of(shop, judged, f"{len(judged)} judged queries", list(SOURCES)))
            else:
                with store.database.session() as session:
                    rows = session.execute(select(ProductRecord.id, ProductRecord.title).order_by(ProductRecord.id))
                    titles = {id: exact(title) for id, title in rows}
                for kind, queries in made(titles, random.Random(7)).items():
                    if queries:
                        console.print(table_of(shop, queries, f"{len(queries)} queries: {kind}", ("none", "learned")))
        finally:
            store.close()
    return 0


def _changed(shop: Shop, queries: Mapping[str, Gains]) -> str:
    """How many queries have other words, by source."""
    shop.reader.sources = SOURCES["all"]
    counts = Counter(why for query in queries for why in {one.why for one in shop.reader.read(query).synonyms})
    return "Queries with other words: " + ", ".join(f"{why} {count}" for why, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
