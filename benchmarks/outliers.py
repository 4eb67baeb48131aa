"""What the checks find of planted faults: ``python -m benchmarks.outliers --data DIR``.

Into real products (ESCI) faults are planted, each kind by itself: a product under another
category, a price a hundred times too high or too low, a title copied with a word changed.
Recall is over the planted ones that a check can see (categories and titles large enough);
```others told``` is what the check says of products that nothing was done to, some of it rightly.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assistant.settings import Settings
from ranker.encoder import SentenceEncoder
from retriever.feeds.esci import EsciFeed
from retriever.feeds.feed import silent
from retriever.feeds.rows import ProductRow
from retriever.indexing import EmbeddingCache
from retriever.quality.learning import FeedQuality
from retriever.quality.report import QualityReport, lowest_price
from retriever.quality.rules import default_rules

SHARE = 0.03  # of the products get a fault
BATCH = 256

Planted = tuple[list[ProductRow], set[str]]


def moved(rows: Sequence[ProductRow], rng: random.Random) -> Planted:
    """Some products under the category path of a product of another department."""
    large = {name for name, count in _leaves(rows).items() if count >= default_rules().outliers.group}
    homes = [row.categories for row in rows if row.categories and row.categories[-1] in large]
    chosen = _chosen([row for row in rows if row.categories], rng)
    changed: list[ProductRow] = []
    for row in rows:
        if row.id in chosen:
            elsewhere = rng.choice([path for path in homes if path[0] != row.categories[0]])
            row = row.model_copy(update={"categories": elsewhere})  # noqa: PLW2901 - the planted one
        changed.append(row)
    return changed, chosen


def mispriced(rows: Sequence[ProductRow], rng: random.Random) -> Planted:
    """Some prices with the decimal point two places off."""
    counts = _leaves([row for row in rows if lowest_price(row)])
    seen = [row for row in rows if row.categories and counts[row.categories[-1]] >= default_rules().outliers.group]
    chosen = _chosen([row for row in seen if row.price], rng)
    factors = (Decimal(100), Decimal("0.01"))
    return [
        row.model_copy(update={"price": row.price * rng.choice(factors)}) if row.id in chosen and row.price else row
        for row in rows
    ], chosen


def copied(rows: Sequence[ProductRow], rng: random.Random) -> Planted:
    """Some products a second time, with one word of the title changed."""
    chosen = _chosen([row for row in rows if len(row.title.split()) >= 10], rng)
    copies: list[ProductRow] = []
    for row in rows:
        if row.id in chosen:
            words = row.title.split()
            words[rng.randrange(len(words))] = "renewed"
            copies.append(row.model_copy(update={"id": f"copy-{row.id}", "title": " ".join(words)}))
    return [*rows, *copies], {row.id for row in copies}


CASES: dict[str, Callable[[Sequence[ProductRow], random.Random], Planted]] = {
    "category_outlier": moved,
    "price_outlier": mispriced,
    "near_duplicate": copied,
}


class Listed(QualityReport):
    """A report that also lists every id that one check names, not only the examples."""

    def __init__(self, check: str) -> None:
        super().__init__("USD")
        self.ids: set[str] = set()
        self._check = check

    def add(self, check: str, id: str, value: str) -> None:
        """Count a finding, and list it."""
        super().add(check, id, value)
        if check == self._check:
            self.ids.add(id)


def told_by(check: str, rows: Sequence[ProductRow], encoder: SentenceEncoder, cache: EmbeddingCache) -> set[str]:
    """The products that a check names."""
    report = Listed(check)
    with FeedQuality(report, encoder, cache, "USD") as quality:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            for row in batch:
                quality.see(row)
            if check == "category_outlier":
                quality.learn(batch)
        quality.findings()
    return report.ids


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outliers", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the ESCI products")
    arguments = parser.parse_args(words)
    rows = [
        item[1]
        for item in EsciFeed(arguments.data, arguments.data).read(silent)
        if isinstance(item, tuple) and isinstance(item[1], ProductRow)
    ]
    encoder, cache = SentenceEncoder(), EmbeddingCache(Settings().cache)
    table = Table(
        "check", "planted", "found", "recall", "others told", title=f"Planted faults in {len(rows):,} products"
    )
    for check, plant in CASES.items():
        changed, planted = plant(rows, random.Random(0))
        told = told_by(check, changed, encoder, cache)
        found = told & planted
        table.add_row(
            check, str(len(planted)), str(len(found)), f"{len(found) / len(planted):.2f}", str(len(told - planted))
        )
    Console(width=100).print(table)
    return 0


def _leaves(rows: Sequence[ProductRow]) -> Counter[str]:
    return Counter(row.categories[-1] for row in rows if row.categories)


def _chosen(rows: Sequence[ProductRow], rng: random.Random) -> set[str]:
    return {row.id for row in rng.sample(list(rows), int(len(rows) * SHARE))}


if __name__ == "__main__":
    sys.exit(main())
