"""How fast type-ahead is: ``python -m benchmarks.suggest --data DIR [--size N]``.

DIR holds the ESCI products. The shop is synthetic: N copies of them with a word of each
title changed, in a SQLite file of its own, with searches by made-up visitors. Measured are
the time and memory to read its phrases, and then keystrokes drawn from the judged queries and
the shop's own categories and brands, typed letter by letter, every fourth with a slip.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from assistant.tune.slots import misspelt
from benchmarks import retrieval
from retriever.database import Database
from retriever.feeds import feed as feeds
from retriever.feeds.esci import EsciFeed
from retriever.feeds.rows import ProductRow
from retriever.judgments import read_judgments
from retriever.records import EventRecord, ProductAttribute, ProductRecord
from retriever.suggest import Suggester
from retriever.suggesting.index import PhraseIndex
from retriever.suggesting.reading import RecordedPhrases
from retriever.text import fold

NAMES = 300  # categories and brands that are typed
KEYSTROKES, WARM_UP = 2_000, 50
VISITORS = 3
BATCH = 5_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Kept:
    """The phrases of a shop, read once; keeps the index, to say how large it is."""

    def __init__(self, source: RecordedPhrases) -> None:
        self._source = source
        self.index = PhraseIndex(())

    def state(self) -> object:
        """See ``ShopPhrases``."""
        return self._source.state()

    def read(self) -> PhraseIndex:
        """See ``ShopPhrases``."""
        self.index = self._source.read()
        return self.index


def fill(database: Database, rows: Sequence[ProductRow], size: int, queries: Sequence[str]) -> None:
    """The products, their attributes and searches, without what type-ahead does not read."""
    goods, place = copies(rows, size), 0
    while batch := list(islice(goods, BATCH)):
        with database.transaction() as session:
            session.execute(insert(ProductRecord), [_product(row, place + at) for at, row in enumerate(batch)])
            session.execute(insert(ProductAttribute), [each for row in batch for each in _attributes(row)])
        place += len(batch)
    searches = [_search(query, visitor) for query in queries for visitor in range(VISITORS)]
    with database.transaction() as session:
        session.execute(insert(EventRecord), searches)


def copies(rows: Sequence[ProductRow], size: int) -> Iterator[ProductRow]:
    """``size`` products, each with a word of another one in the place of one of its own; the same in every run."""
    dice = random.Random(5)
    for number in range(size):
        row = rows[number % len(rows)]
        words = row.title.split()
        words[dice.randrange(len(words))] = dice.choice(dice.choice(rows).title.split())
        yield row.model_copy(update={"id": f"{row.id}-{number}", "title": " ".join(words)})


def _product(row: ProductRow, place: int) -> dict[str, object]:
    return {
        "id": row.id, "feed": "bench", "content_hash": "", "title": row.title, "brand": row.brand,
        "brand_key": fold(row.brand), "categories": row.categories, "attributes": row.attributes, "texts": {},
        "related": {}, "images": [], "available": True, "status": "in_stock", "currency": "USD", "position": place,
    }  # fmt: skip


def _attributes(row: ProductRow) -> Iterator[dict[str, str]]:
    for name, value in row.attributes.items():
        yield {"product_id": row.id, "variant_id": "", "name": fold(name)[:80], "value": fold(str(value))[:160]}


def _search(query: str, visitor: int) -> dict[str, object]:
    return {
        "id": f"{query}-{visitor}", "feed": "bench", "content_hash": "", "kind": "search",
        "session_id": f"session-{visitor}", "at": NOW, "value": {"query": query, "results": ["1"]},
    }  # fmt: skip


def keystrokes(texts: Sequence[str], dice: random.Random) -> Iterator[str]:
    """Every beginning of every text; every fourth text has a slip in one of its words."""
    for number, text in enumerate(texts):
        words = text.split()
        if number % 4 == 3:
            at = dice.randrange(len(words))
            words[at] = misspelt(words[at], dice)
        typed = " ".join(words)
        yield from (typed[:length] for length in range(1, len(typed) + 1))


def main() -> int:
    """Measure one size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suggest", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the ESCI products and judgments")
    parser.add_argument("--size", type=int, default=100_000, help="products of the synthetic shop")
    arguments = parser.parse_args()
    console = Console(width=120)
    queries = list(read_judgments(arguments.data / retrieval.JUDGMENTS))
    with tempfile.TemporaryDirectory(prefix="shopwise-bench-") as work:
        database = Database(f"sqlite:///{Path(work) / 'shop.sqlite'}")
        try:
            database.migrate()
            items = EsciFeed(arguments.data, Path(work)).read(feeds.silent)
            rows = [item[1] for item in items if isinstance(item, tuple)]
            fill(database, [row for row in rows if isinstance(row, ProductRow)], arguments.size, queries)
            _measure(database, queries, arguments.size, console)
        finally:
            database.close()
    return 0


def _measure(database: Database, queries: Sequence[str], size: int, console: Console) -> None:
    source = Kept(RecordedPhrases(database))
    suggester, process = Suggester(source), psutil.Process()
    before, started, spent = process.memory_info().rss, perf_counter(), thread_time()
    suggester.prepare(wait=True)
    console.print(
        f"{size:,} products: {len(source.index.phrases):,} phrases read in {thread_time() - spent:.1f} s of processor "
        f"time ({perf_counter() - started:.1f} s by the clock); the index holds about {source.index.nbytes / 1e6:.0f} "
        f"MB, the process grew by {(process.memory_info().rss - before) / 1e6:.0f} MB"
    )
    dice = random.Random(7)  # the same keystrokes in every run
    names = [phrase.text for phrase in source.index.phrases if phrase.kind in ("category", "brand")]
    every = list(keystrokes([*queries, *dice.sample(names, min(NAMES, len(names)))], dice))
    typed = dice.sample(every, min(KEYSTROKES, len(every)))
    for prefix in typed[:WARM_UP]:
        suggester.suggest(prefix)
    clock: list[float] = []
    processor: list[float] = []
    answered = 0
    for prefix in typed:
        started, spent = perf_counter(), thread_time()
        answered += bool(suggester.suggest(prefix))
        clock.append((perf_counter() - started) * 1000)
        processor.append((thread_time() - spent) * 1000)
    table = Table("ms a keystroke", "p50", "p95", "p99", title=f"{len(typed):,} keystrokes, {answered:,} answered")
    for name, times in (("by the clock", clock), ("processor", processor)):
        table.add_row(name, *(f"{value:.2f}" for value in np.percentile(times, (50, 95, 99))))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
