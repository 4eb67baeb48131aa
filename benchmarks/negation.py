"""Queries that exclude something, each treatment beside none: ``python -m benchmarks.negation --data DIR``.

DIR holds the ESCI products and their judgments. The hybrid candidates of every negated query
are asked what they say about the excluded thing; then those that have it are moved down and
those that say they do without it up. Every row is beside the same candidates as they came.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

from rich.console import Console
from rich.table import Table

from benchmarks import shops
from benchmarks.retrieval import JUDGMENTS
from eval.retrieval.metrics import ndcg
from eval.significance import paired_difference, randomisation
from ranker.blend import Scored
from retriever.judgments import Judgments, read_judgments
from retriever.search import SearchResult
from retriever.understanding.asserting import ExclusionFeatures, exclusion_features
from retriever.understanding.negation import is_negated, read_negations

DEPTH = 100


@dataclass(frozen=True, slots=True)
class Treatment:
    """By how much of its score a candidate moves; ``has`` of 1 puts it behind all others."""

    has: float = 0.0
    says_without: float = 0.0
    mentions: float = 0.0

    def moved(self, score: float, features: ExclusionFeatures) -> float:
        """The candidate's score after it."""
        if features.has:
            return score * (1 - self.has)
        if features.says_without:
            return score * (1 + self.says_without)
        return score * (1 - self.mentions) if features.mentions else score


TREATMENTS: Mapping[str, Treatment] = {
    "as found": Treatment(),
    "has: half the score": Treatment(has=0.5),
    "says without: 15 % more": Treatment(says_without=0.15),
    "both": Treatment(has=0.5, says_without=0.15),
    "both, and mentions 10 % less": Treatment(has=0.5, says_without=0.15, mentions=0.1),
    "the same, has last": Treatment(has=1.0, says_without=0.15, mentions=0.1),
}


def treated(found: Sequence[Scored], features: Mapping[str, ExclusionFeatures], treatment: Treatment) -> list[str]:
    """The candidates' ids in the treated order; equals stay as they came."""
    return [c.id for c in sorted(found, key=lambda c: -treatment.moved(c.score, features[c.id]))]


def measure(judgments: Judgments, results: Mapping[str, SearchResult]) -> tuple[dict[str, list[float]], float]:
    """nDCG@10 by treatment, a value a query, and the mean milliseconds that asking a query's candidates took."""
    values: dict[str, list[float]] = {name: [] for name in TREATMENTS}
    spent = 0.0
    for query, result in results.items():
        started = thread_time()
        exclusions = read_negations(query).exclusions
        features = {hit.id: exclusion_features(exclusions, hit.product) for hit in result.results}
        spent += thread_time() - started
        found = [Scored(hit.id, hit.score) for hit in result.results]
        for name, treatment in TREATMENTS.items():
            values[name].append(ndcg(treated(found, features, treatment), judgments[query]))
    return values, 1000 * spent / max(len(results), 1)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.negation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the ESCI products and judgments")
    data: Path = parser.parse_args().data
    judgments = read_judgments(data / JUDGMENTS)
    negated = [query for query in judgments if is_negated(query)]
    with tempfile.TemporaryDirectory(prefix="shopwise-bench-") as work, shops.esci_shop(data, Path(work)) as shop:
        results = {query: shop.searcher.search(query, k=DEPTH, mode="hybrid") for query in negated}
        values, spent = measure(judgments, results)
    table = Table("treatment", "nDCG@10", "minus as found [95 %]", "p", title=f"{len(negated)} negated queries")
    baseline = values["as found"]
    for name, row in values.items():
        difference = paired_difference(row, baseline).text()
        table.add_row(name, f"{sum(row) / len(row):.3f}", difference, f"{randomisation(row, baseline):.4f}")
    console = Console(width=120)
    console.print(table)
    console.print(f"Asking {DEPTH} candidates takes {spent:.1f} ms of processor time in the mean, compiling included.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
