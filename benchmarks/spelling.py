"""How well misspelt queries are mended: ``python -m benchmarks.spelling --home DIR``.

DIR is a home with an imported shop, for example the demo store's; it is read only. Slips
are made in the words of its own titles; queries that are spelt well (categories, titles,
what visitors often searched, goods of any shop, sold here or not) should stay as they are.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from assistant.settings import Settings
from assistant.tune.goods import common
from assistant.tune.slots import misspelt
from retriever.database import Database
from retriever.lexical import lexical_for
from retriever.records import EventRecord, ProductRecord
from retriever.spelling import OFTEN, RecordedWords, Speller, ordinary_word
from retriever.text import fold, stem

LONG = re.compile(r"(?<![^\W_])[a-z]{5,}(?![^\W_])")


@dataclass(frozen=True)
class Rates:
    """What became of the slips in words of one length."""

    slips: int
    mended: int
    otherwise: int  # mended to another word
    left: int

    def row(self, name: str) -> tuple[str, ...]:
        """A line of the table."""
        shares = (f"{count / max(self.slips, 1):.3f}" for count in (self.mended, self.otherwise, self.left))
        return (name, str(self.slips), *shares)


def slips(speller: Speller, words: Sequence[str], dice: random.Random, often: int = 3) -> Rates:
    """Each word misspelt a few times. A slip that makes another ordinary word can be seen by nobody and is left out."""
    counts: Counter[str] = Counter()
    for word in words:
        for _ in range(often):
            said = misspelt(word, dice)
            if stem(said) == stem(word) or ordinary_word(said):
                continue
            became = speller.mend(said).text
            counts["mended" if stem(became) == stem(word) else "left" if became == said else "otherwise"] += 1
    return Rates(counts.total(), counts["mended"], counts["otherwise"], counts["left"])


def changed(speller: Speller, queries: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The queries that are not left as they are, with what they become."""
    for query in queries:
        became = speller.mend(query).text
        if became != query:
            yield query, became


def main() -> int:
    """Measure one shop."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spelling", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a home with an imported shop")
    parser.add_argument("--show", action="store_true", help="print every query that was changed")
    arguments = parser.parse_args()
    console = Console()
    database = Database(Settings(home=arguments.home).resolved_database_url)
    try:
        speller = Speller(RecordedWords(database), lexical_for(database))
        started = thread_time()
        speller.mend("a first query")
        console.print(f"vocabulary read in {thread_time() - started:.2f} s of processor time")
        _measure(database, speller, console, show=arguments.show)
    finally:
        database.close()
    return 0


def _measure(database: Database, speller: Speller, console: Console, *, show: bool) -> None:
    with database.session() as session:
        titles = list(session.scalars(select(ProductRecord.title)))
        categories = sorted({name for names in session.scalars(select(ProductRecord.categories)) for name in names})
        made = Counter(
            str(value.get("query", ""))
            for value in session.scalars(select(EventRecord.value).where(EventRecord.kind == "search"))
        )
    words = sorted({word for title in titles for word in LONG.findall(fold(title))})
    table = Table(
        "slips in the titles' words", "slips", "mended", "to another word", "left", title=f"{len(words)} words"
    )
    dice = random.Random(5)  # the same slips in every run
    for name, some in (
        ("5 letters", [word for word in words if len(word) == 5]),
        ("6 or 7", [word for word in words if len(word) in (6, 7)]),
        ("8 and more", [word for word in words if len(word) > 7]),
        ("all", words),
    ):
        table.add_row(*slips(speller, some, dice).row(name))
    console.print(table)

    table = Table("queries spelt well", "queries", "changed", "share")
    sets = {
        "categories": categories,
        "titles": titles,
        "visitors' queries, made often": [query for query, times in made.items() if times >= OFTEN],
        "goods of any shop, English": common()["en"],
        "goods of any shop, Chinese": common()["zh"],
        "visitors' queries, made once or twice (some are misspelt)": [q for q, times in made.items() if times < OFTEN],
    }
    listed: list[str] = []
    for name, queries in sets.items():
        found = list(changed(speller, queries))
        table.add_row(name, str(len(queries)), str(len(found)), f"{len(found) / max(len(queries), 1):.4f}")
        listed += [f"{name}: {query} -> {became}" for query, became in found]
    console.print(table)
    if show:
        console.print("\n".join(listed), markup=False, highlight=False, soft_wrap=True)
    times = [_timed(speller, query) for query in [*made, *sets["goods of any shop, English"]]]
    low, high = np.percentile(times, (50, 95))
    console.print(f"a query takes {low:.2f} ms (p50), {high:.2f} ms (p95) of processor time")


def _timed(speller: Speller, query: str) -> float:
    started = thread_time()
    speller.mend(query)
    return (thread_time() - started) * 1000


if __name__ == "__main__":
    sys.exit(main())
