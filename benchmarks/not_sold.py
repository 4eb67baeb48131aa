"""How well goods that a shop has not got are told from those it has: ``python -m benchmarks.not_sold``.

What visitors of the demo store searched for, and its categories, are what it has; the general goods of
``assistant/tune/goods.toml`` without those of ``data/sold.toml`` are what it has not. Each is searched for
once. A query is denied where it names a thing and no product found is called so, holds all of its words or
is as near as the threshold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assistant.build import open_store
from assistant.settings import Settings
from assistant.tools.fitting import answering, near_enough, things
from assistant.tune.goods import common, kinds
from retriever.errors import BadInputError
from retriever.feeds.registry import source_feed
from retriever.search import DEPTH
from retriever.store import Store

THRESHOLDS = (0.0, 0.35, 0.4, 0.45, 0.5, 0.55, 1.01)


@dataclass(frozen=True)
class Looked:
    """One query: whether it names a thing, whether a product answers by its words, and how near the nearest is."""

    query: str
    sold: bool
    named: bool
    worded: bool
    found: bool
    nearest: float

    def denied(self, least: float) -> bool:
        """Whether the shopper hears that the shop has not got it."""
        return not self.found or (self.named and not self.worded and self.nearest < least)


def look(store: Store, query: str, *, sold: bool) -> Looked:
    """Search once; a query without words finds nothing."""
    try:
        hits = store.searcher.search(query, DEPTH).results
    except BadInputError:
        hits = ()
    nearest = max((hit.similarity or 0.0 for hit in hits), default=0.0)
    named = bool(things(query))
    return Looked(query, sold, named, named and bool(answering(query, hits, 1.01)), bool(hits), nearest)


def queries(store: Store) -> dict[tuple[str, str], list[tuple[str, bool]]]:
    """By language and sort the queries, and whether the shop has what they ask for."""
    lists, had = common(), tomllib.loads((files("benchmarks") / "data" / "sold.toml").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for language in ("en", "zh"):
        own = [kind for kind in kinds(store) if kind.language == language and not kind.general]
        absent = [thing for thing in lists[language] if thing not in had[language]]
        found[language, "things"] = [
            *((thing, True) for thing in _unique(thing for kind in own for thing in kind.things)),
            *((thing, False) for thing in absent),
        ]
        found[language, "needs"] = [(need, True) for need in _unique(need for kind in own for need in kind.needs)]
    return found


def separation(looked: Sequence[Looked]) -> float:
    """The area under the curve: how often the nearest product of a thing sold is nearer than of one not sold."""
    sold, absent = ([each.nearest for each in looked if each.sold is side] for side in (True, False))
    wins = sum((one > other) + 0.5 * (one == other) for one in sold for other in absent)
    return wins / (len(sold) * len(absent)) if sold and absent else float("nan")


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.not_sold", description=__doc__)
    parser.add_argument("--home", type=Path, help="a folder with the demo store; default: import it into a new one")
    parser.add_argument("--every", type=int, default=1, help="look at every so many queries only")
    parser.add_argument("--show", action="store_true", help="print the goods that are denied though they are sold")
    arguments = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=arguments.home or Path(folder))
        store = open_store(settings)
        try:
            if not store.catalogue.count():
                store.importer.run(source_feed("demo", downloads=settings.cache))
            _measure(store, Console(width=140), arguments.every, show=arguments.show)
        finally:
            store.close()
    return 0


def _measure(store: Store, console: Console, every: int, *, show: bool) -> None:
    used = near_enough(store.encoder)
    table = Table("queries", "of", "name a thing", "AUC", *(f"< {least}" for least in THRESHOLDS), title="Denied")
    for (language, sort), asked in queries(store).items():
        looked = [look(store, query, sold=sold) for query, sold in asked[::every]]
        for sold in (True, False):
            side = [each for each in looked if each.sold is sold]
            if not side:
                continue
            area = f"{separation(looked):.3f}" if sort == "things" and sold else ""
            denied = [f"{sum(each.denied(least) for each in side) / len(side):.3f}" for least in THRESHOLDS]
            name = f"{language} {sort}, {'sold' if sold else 'not sold'}"
            table.add_row(name, str(len(side)), str(sum(each.named for each in side)), area, *denied)
            if show and sold:
                console.print(name, [each.query for each in side if each.denied(used)])
    console.print(table)


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


if __name__ == "__main__":
    sys.exit(main())
