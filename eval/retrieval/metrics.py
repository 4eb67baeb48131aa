"""How good one ranked list is, against judgments: nDCG, recall, reciprocal rank, and how much of it was judged.

Products without a judgment count as irrelevant, so ``judged@10`` says how far the other figures can be
trusted: a list full of products that nobody looked at may be better than its nDCG.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.significance import Interval, bootstrap
from retriever.judgments import Judgments

DEPTH = 100  # products of a list that are looked at
EXACT = 1.0
MAIN = "ndcg@10"
METRICS = (MAIN, "recall@50", "mrr", "judged@10")

Metric = Callable[[Sequence[str], Mapping[str, float]], float]


@dataclass(frozen=True)
class Scores:
    """One ranker on one set of queries: of each metric a value a query, in the queries' order."""

    values: Mapping[str, tuple[float, ...]]

    @property
    def ndcg(self) -> tuple[float, ...]:
        """nDCG@10 of each query."""
        return self.values[MAIN]

    def of(self, places: Sequence[int]) -> Scores:
        """The scores of some of the queries."""
        return Scores({name: tuple(values[place] for place in places) for name, values in self.values.items()})

    def summary(self) -> dict[str, Interval]:
        """Mean and 95 % interval of each metric."""
        return {name: bootstrap(values) for name, values in self.values.items()}


def metrics(relevant: float = EXACT) -> dict[str, Metric]:
    """The metrics by name; ``relevant`` is the gain from which a product is an answer where only yes and no count."""
    return {
        MAIN: ndcg,
        "recall@50": lambda ranking, gains: recall(ranking, gains, 50, relevant),
        "mrr": lambda ranking, gains: reciprocal_rank(ranking, gains, DEPTH, relevant),
        "judged@10": judged,
    }


def evaluate(search: Callable[[str], Sequence[str]], judgments: Judgments) -> Scores:
    """Ask every judged query; ``search`` gives product ids, best first (``DEPTH`` of them)."""
    return scores({query: search(query) for query in judgments}, judgments)


def scores(rankings: Mapping[str, Sequence[str]], judgments: Judgments) -> Scores:
    """The scores of ranked lists; what counts as relevant is the highest gain that anything was judged with."""
    relevant = max((gain for gains in judgments.values() for gain in gains.values()), default=EXACT)
    measured = metrics(relevant)
    return Scores(
        {
            name: tuple(metric(rankings[query], gains) for query, gains in judgments.items())
            for name, metric in measured.items()
        }
    )


def ndcg(ranking: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """Discounted gain of the first ``k``, as a share of the best possible; 0 where nothing has a gain."""
    best = _dcg(sorted(gains.values(), reverse=True)[:k])
    return _dcg([gains.get(id, 0.0) for id in ranking[:k]]) / best if best > 0 else 0.0


def recall(ranking: Sequence[str], gains: Mapping[str, float], k: int = 50, relevant: float = EXACT) -> float:
    """Share of the relevant products that are among the first ``k``; 0 where nothing is relevant."""
    wanted = {id for id, gain in gains.items() if gain >= relevant}
    return len(wanted & set(ranking[:k])) / len(wanted) if wanted else 0.0


def reciprocal_rank(
    ranking: Sequence[str], gains: Mapping[str, float], k: int = DEPTH, relevant: float = EXACT
) -> float:
    """One over the place of the first relevant product among the first ``k``; 0 where there is none."""
    places = (place for place, id in enumerate(ranking[:k], 1) if gains.get(id, 0.0) >= relevant)
    return 1 / next(places, math.inf)


def judged(ranking: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """Share of the first ``k`` that have a judgment; 0 where nothing was found."""
    first = ranking[:k]
    return sum(id in gains for id in first) / len(first) if first else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
