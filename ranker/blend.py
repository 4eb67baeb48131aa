"""Putting ranked lists together.

Scores of different rankers are not comparable, so lists are fused by rank; a mean of few
ratings is drawn towards the mean of all. The last order is ``ranker.signals``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

RRF_K = 60  # Cormack et al. 2009; flat between 20 and 100 on the judgments in docs/experiments.md


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate and how well it answers; higher is better, comparable within one list only."""

    id: str
    score: float


def ranked(scores: Mapping[str, float]) -> list[Scored]:
    """Best first; equal scores by id, so that the order is the same in every process."""
    return [Scored(id, score) for id, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]


def reciprocal_rank_fusion(
    rankings: Iterable[Sequence[Scored]], *, k: int = RRF_K, weights: Sequence[float] | None = None
) -> list[Scored]:
    """One list from several: each adds ``weight / (k + rank)`` to the candidates it holds.

    Raises:
        ValueError: if there is not one weight per ranking.
    """
    lists = list(rankings)
    shares = [1.0] * len(lists) if weights is None else list(weights)
    totals: dict[str, float] = {}
    for ranking, share in zip(lists, shares, strict=True):
        for rank, candidate in enumerate(ranking, start=1):
            totals[candidate.id] = totals.get(candidate.id, 0.0) + share / (k + rank)
    return ranked(totals)


def bayesian_rating(rating: float | None, count: int, *, prior: float, prior_count: float) -> float:
    """A mean rating drawn towards ``prior`` as if ``prior_count`` average ratings had come first."""
    if rating is None or count <= 0:
        return prior
    return (rating * count + prior * prior_count) / (count + prior_count)
