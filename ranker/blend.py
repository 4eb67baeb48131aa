"""Putting ranked lists together and giving the last order.

Scores of different rankers are not comparable, so lists are fused by rank. The last
order is a few plain signals on top of that; the learned ranker takes its place later
and sees the same inputs: ids, scores and features, never the shop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

RRF_K = 60  # Cormack et al. 2009; flat between 20 and 100 on the judgments in docs/experiments.md
RATING_WEIGHT = 0.1
RATING_SPAN = 5.0
RATING_PRIOR_COUNT = 20.0


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate and how well it answers; higher is better, comparable within one list only."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Features:
    """What the last order looks at beside the relevance score."""

    rating: float | None = None
    rating_count: int = 0
    available: bool = True


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


def final_order(
    candidates: Sequence[Scored], features: Mapping[str, Features], *, rating_weight: float = RATING_WEIGHT
) -> list[Scored]:
    """The last order, first form: what can be bought first, then relevance nudged by the rating.

    A rating moves a candidate's score by at most ``rating_weight``, up or down,, so it
    decides between neighbours and never lifts a poor match over a good one. Ratings
    are drawn towards the mean of the candidates, so that five stars from one person
    weigh little. The learned ranker replaces this order and keeps the signature.
    Candidates without features are left out.
    """
    known = [candidate for candidate in candidates if candidate.id in features]
    rated = [f.rating for f in (features[c.id] for c in known) if f.rating is not None and f.rating_count > 0]
    prior = sum(rated) / len(rated) if rated else 0.0
    scores: dict[bool, dict[str, float]] = {True: {}, False: {}}
    for candidate in known:
        feature = features[candidate.id]
        rating = bayesian_rating(feature.rating, feature.rating_count, prior=prior, prior_count=RATING_PRIOR_COUNT)
        nudge = rating_weight * (rating - prior) / RATING_SPAN
        scores[feature.available][candidate.id] = candidate.score * (1 + nudge)
    return [*ranked(scores[True]), *ranked(scores[False])]
