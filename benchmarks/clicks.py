"""Whether clicks corrected for position bias order goods better: ``python -m benchmarks.clicks --home DIR --data DIR``.

The home has the ESCI products and is read; the judgments are the truth. Simulated visitors ask the judged queries,
look at place k with probability ``k ** -steepness`` and click what they look at by its true gain, with a little noise.
Most see the hybrid list, some another one, as in any shop that tries things out. The first page's products are then
ordered by plain click rate and by corrected gain.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.shops import esci_shop
from eval.retrieval.metrics import ndcg
from eval.significance import bootstrap
from ranker.clicks import Act, Estimator, Limits, Showing, Tally, learn, position_bias, tally
from retriever.judgments import Judgments, read_judgments
from retriever.search import Searcher

JUDGMENTS = "esci_us_judgments.json"
LISTED = 20
SHARES = (("hybrid", 0.8), ("bm25", 0.1), ("dense", 0.1))
LEAST, MOST = 0.05, 0.6  # how often what is looked at is clicked, at gain 0 and 1
SEED = 20

Lists = Mapping[str, Mapping[str, Sequence[str]]]
"""Query to mode to the ids shown."""


@dataclass(frozen=True)
class Visitors:
    """Who comes: how many a query, how steeply they look, and whether all see the same list."""

    a_query: int
    steepness: float
    one_list: bool = False


def simulate(lists: Lists, judgments: Judgments, visitors: Visitors, seed: int = SEED) -> list[Showing]:
    """A log of visits."""
    dice = np.random.default_rng(seed)
    looked = np.arange(1, LISTED + 1, dtype=np.float64) ** -visitors.steepness
    modes, shares = zip(*SHARES, strict=True)
    log: list[Showing] = []
    for query, ways in lists.items():
        for _ in range(visitors.a_query):
            shown = ways[modes[0] if visitors.one_list else str(dice.choice(modes, p=shares))]
            gains = np.array([judgments[query].get(id, 0.0) for id in shown])
            chance = looked[: len(shown)] * (LEAST + (MOST - LEAST) * gains)
            clicked = np.flatnonzero(dice.random(len(shown)) < chance)
            at = 100.0 * len(log)
            acts = tuple(Act(shown[place], "click", at + place) for place in clicked)
            log.append(Showing(query, f"visitor {len(log)}", at, tuple(shown), acts))
    return log


def orders(log: Sequence[Showing], estimator: Estimator) -> dict[str, list[str]]:
    """Each query's products by their corrected gains."""
    lessons = learn(log, Limits(visitors=1, showings=1), estimator)
    return {
        one.query: [one.ids[row] for row in np.argsort(-np.array(one.gains), kind="stable")] for one in lessons.queries
    }


def raw_orders(counts: Tally) -> dict[str, list[str]]:
    """Each query's products by clicks per showing."""
    rate = counts.by_pair(counts.clicks) / np.maximum(counts.by_pair(counts.shown), 1)
    ordered: dict[str, list[str]] = {}
    for row in np.argsort(-rate, kind="stable"):
        query, id = counts.pairs[row]
        ordered.setdefault(query, []).append(id)
    return ordered


def measure(lists: Lists, judgments: Judgments, visitors: Visitors) -> list[tuple[str, ...]]:
    """The rows of the table for one kind of visitors."""
    log = simulate(lists, judgments, visitors)
    counts = tally(log)
    bias = position_bias(counts)
    ways = {
        "hybrid, as shown": {query: list(found["hybrid"]) for query, found in lists.items()},
        "click rate": raw_orders(counts),
        "inverse propensity": orders(log, "inverse"),
        "expected looks": orders(log, "examined"),
        "the best there is": {query: _best(lists[query], gains) for query, gains in judgments.items()},
    }
    scores = {
        name: np.array([ndcg(found.get(query) or lists[query]["hybrid"], judgments[query]) for query in judgments])
        for name, found in ways.items()
    }
    kind = f"{visitors.a_query} a query, k^-{visitors.steepness:g}{', one list' if visitors.one_list else ''}"
    tenth = f"p10 {bias.propensities[9]:.2f} (true {10**-visitors.steepness:.2f})"
    seen = f"{'measured' if bias.measured else 'assumed'}, {tenth}"
    return [
        (kind, seen, name, bootstrap(found).text(), bootstrap(found - scores["click rate"]).text())
        for name, found in scores.items()
    ]


def _best(ways: Mapping[str, Sequence[str]], gains: Mapping[str, float]) -> list[str]:
    shown = dict.fromkeys(id for found in ways.values() for id in found)
    return sorted(shown, key=lambda id: -gains.get(id, 0.0))


def main() -> int:
    """Simulate and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clicks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the ESCI products and judgments")
    parser.add_argument("--home", type=Path, required=True, help="where the shop is imported to, or was")
    arguments = parser.parse_args()
    judgments = read_judgments(arguments.data / JUDGMENTS)
    with esci_shop(arguments.data, arguments.home) as shop:
        lists = {query: _lists(shop.searcher, query) for query in judgments}
    table = Table("visitors", "position bias", "ordered by", "nDCG@10 [95 %]", "minus click rate (paired)")
    for visitors in (
        Visitors(50, 1.0),
        Visitors(200, 1.0),
        Visitors(1000, 1.0),
        Visitors(200, 0.5),
        Visitors(200, 1.5),
        Visitors(200, 1.0, one_list=True),
    ):
        for row in measure(lists, judgments, visitors):
            table.add_row(*row)
    Console(width=140).print(table)
    return 0


def _lists(searcher: Searcher, query: str) -> dict[str, list[str]]:
    return {mode: [hit.id for hit in searcher.search(query, k=LISTED, mode=mode).results] for mode, _ in SHARES}


if __name__ == "__main__":
    sys.exit(main())
