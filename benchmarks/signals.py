"""What each signal of the last order is worth: nDCG@10 on judged queries with it left out, and with others' weights.

``python -m benchmarks.signals --data DIR`` (a folder with the ESCI products and judgments; docs/evaluation.md).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant.build import open_store
from assistant.settings import Settings
from eval.retrieval.metrics import ndcg
from eval.retrieval.shop import find_judgments
from eval.significance import paired_difference
from ranker.blend import Scored
from ranker.diversity import STRENGTH, diversified
from ranker.encoder import Vectors
from ranker.signals import Signals, Weights, default_weights, weighted_order
from retriever.candidates import Run
from retriever.feeds.esci import EsciFeed
from retriever.judgments import read_judgments
from retriever.ordering import Asked, Ordering
from retriever.product import Stamped
from retriever.understanding.negation import is_negated

RRF = "reciprocal rank fusion"


@dataclass(frozen=True)
class Seen:
    """One query's candidates in the order of plain fusion, and all that is known of them."""

    first: tuple[str, ...]
    signals: Signals
    vectors: Mapping[str, Vectors]


class Recorder(Ordering):
    """The last order, which remembers what it was asked."""

    seen: Seen

    def order(
        self, asked: Asked, candidates: Sequence[Scored], records: Mapping[str, Stamped], run: Run
    ) -> list[Scored]:
        """See Ordering."""
        known = [records[candidate.id] for candidate in candidates]
        vectors = self._vectors.vectors([stamped.product.id for stamped in known])
        signals = self.signals(asked, known, vectors, run)
        self.seen = Seen(signals.ids, signals, vectors)
        return list(candidates)


def first_ten(
    seen: Mapping[str, Seen], weights: Mapping[str, float], strength: float = STRENGTH
) -> dict[str, list[str]]:
    """The first ten of each query by these weights."""
    wanted = Weights(weights)
    return {
        query: [one.id for one in diversified(weighted_order(one.signals, wanted), one.vectors, strength=strength)[:10]]
        for query, one in seen.items()
    }


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signals", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the products and judgments")
    folder: Path = parser.parse_args().data
    judgments = read_judgments(find_judgments(folder))
    with tempfile.TemporaryDirectory(prefix="shopwise-bench-") as scratch:
        store = open_store(Settings(home=Path(scratch), database_url="", chroma_url=""))
        try:
            store.importer.run(EsciFeed(folder, Path(scratch)))
            recorder = Recorder(store.vectors, default_weights())
            searcher = store.searcher.with_ordering(recorder)
            seen: dict[str, Seen] = {}
            for query in judgments:
                searcher.search(query, k=10, mode="full")
                seen[query] = recorder.seen
        finally:
            store.close()
    rows = measured(seen, judgments)
    table = Table("order", "nDCG@10", "difference to the full order", "negated")
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)


def measured(seen: Mapping[str, Seen], judgments: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str, str, str]]:
    """One row an order: the default, each signal left out, without near-duplicates' rule, plain fusion."""
    weights = dict(default_weights().values)
    lists = {"as shipped": first_ten(seen, weights)}
    for name in weights:
        lists[f"without {name}"] = first_ten(seen, {**weights, name: 0.0})
    lists["near-duplicates left where they are"] = first_ten(seen, weights, 0.0)
    lists[RRF] = {query: list(one.first[:10]) for query, one in seen.items()}
    values = {name: np.array([ndcg(found[query], judgments[query]) for query in seen]) for name, found in lists.items()}
    negated = np.array([is_negated(query) for query in seen])
    whole = values["as shipped"]
    return [
        (
            name,
            f"{of.mean():.4f}",
            "" if name == "as shipped" else paired_difference(list(of), list(whole)).text(),
            f"{of[negated].mean():.4f}" if negated.any() else "",
        )
        for name, of in values.items()
    ]


if __name__ == "__main__":
    main()
