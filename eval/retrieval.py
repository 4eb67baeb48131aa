"""How good a ranked list is, against judgments: nDCG, recall, reciprocal rank, with bootstrap intervals.

Gains are those of the Shopping Queries (ESCI) task: exact 1, substitute 0.1, complement
0.01, irrelevant 0. Products without a judgment count as irrelevant.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Judgments = Mapping[str, Mapping[str, float]]
"""Query to product id to gain."""

RELEVANT = 1.0  # the gain from which a product counts as an answer where a metric knows only yes and no


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over queries and the interval that resampling the queries gives it."""

    mean: float
    low: float
    high: float

    def text(self) -> str:
        """For tables: ``.597 [.551, .642]``."""
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class RetrievalScores:
    """One ranker on one set of queries; per query values keep the queries' order."""

    ndcg: tuple[float, ...]
    recall: tuple[float, ...]
    reciprocal_rank: tuple[float, ...]

    def summary(self, resamples: int = 10_000) -> dict[str, Interval]:
        """Mean and 95 % interval of each metric."""
        return {
            "ndcg@10": bootstrap(self.ndcg, resamples=resamples),
            "recall@100": bootstrap(self.recall, resamples=resamples),
            "rr@10": bootstrap(self.reciprocal_rank, resamples=resamples),
        }


def ndcg(ranking: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """Discounted gain of the first ``k``, as a share of the best possible; 0 where nothing has a gain."""
    best = _dcg(sorted(gains.values(), reverse=True)[:k])
    return _dcg([gains.get(id, 0.0) for id in ranking[:k]]) / best if best > 0 else 0.0


def recall(ranking: Sequence[str], gains: Mapping[str, float], k: int = 100) -> float:
    """Share of the relevant products that are among the first ``k``; 0 where nothing is relevant."""
    relevant = {id for id, gain in gains.items() if gain >= RELEVANT}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """One over the place of the first relevant product among the first ``k``; 0 where there is none."""
    places = (place for place, id in enumerate(ranking[:k], 1) if gains.get(id, 0.0) >= RELEVANT)
    return 1 / next(places, math.inf)


def evaluate(search: Callable[[str], Sequence[str]], judgments: Judgments) -> RetrievalScores:
    """Ask every judged query; ``search`` gives product ids, best first (100 of them for the recall to mean it)."""
    found = {query: search(query) for query in judgments}
    return RetrievalScores(
        ndcg=tuple(ndcg(found[query], gains) for query, gains in judgments.items()),
        recall=tuple(recall(found[query], gains) for query, gains in judgments.items()),
        reciprocal_rank=tuple(reciprocal_rank(found[query], gains) for query, gains in judgments.items()),
    )


def bootstrap(values: Iterable[float], *, resamples: int = 10_000, level: float = 0.95, seed: int = 0) -> Interval:
    """Percentile interval of the mean; of differences of two rankers on the same queries it is the paired one.

    Raises:
        ValueError: if there are no values.
    """
    sample = np.asarray(list(values), dtype=np.float64)
    if sample.size == 0:
        raise ValueError("there is nothing to resample")
    rng = np.random.default_rng(seed)
    means = sample[rng.integers(0, sample.size, size=(resamples, sample.size))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(sample.mean()), float(low), float(high))


def paired_difference(candidate: Sequence[float], baseline: Sequence[float], *, resamples: int = 10_000) -> Interval:
    """How much better ``candidate`` is than ``baseline``, query by query. An interval without 0 is a difference."""
    return bootstrap((a - b for a, b in zip(candidate, baseline, strict=True)), resamples=resamples)


def read_esci_judgments(path: Path) -> Judgments:
    """The judgments file of opensearch-project/dashboards-search-relevance: ratings 100, 10, 1, 0."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        entry["query"]: {rated["docId"]: float(rated["rating"]) / 100 for rated in entry["ratings"]}
        for entry in document["judgmentRatings"]
    }


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
