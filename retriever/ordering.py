"""The last order of the candidates: every signal that is known of them, weighted, without near-duplicates.

1. signals that cost little   2. a first order by them   3. the cross-encoder reads the best
of it   4. the order by all signals   5. near-duplicates further down, what is sold out last
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ranker.blend import Scored, bayesian_rating
from ranker.cross.scoring import CrossEncoder, RankerMissingError
from ranker.diversity import diversified
from ranker.encoder import Vectors
from ranker.signals import SAID, Column, Signals, Weights, weighted_order
from ranker.trees import Trees, learned_order
from retriever.candidates import Run
from retriever.errors import UnavailableError
from retriever.matching import Match, Matcher
from retriever.product import Product, Stamped
from retriever.ranking_text import ranking_text
from retriever.text import fold, language_of
from retriever.titles import Placed, Placing
from retriever.vectors import VectorIndex

FEEDBACK = 10  # first candidates that say what a query is about
RERANKED = 12  # candidates that the cross-encoder reads: what 60 ms of two cores are enough for (docs/experiments.md)
PRIOR_COUNT = 20.0  # average ratings that every product is given beside its own
PLACED = tuple(field.name for field in fields(Placed))
Agrees = Callable[[Product], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the last order knows of a query: its words, and how well a product agrees with what it names."""

    text: str
    agrees: Agrees


class Ordering:
    """Gives the last order.

    Args:
        vectors: where the candidates' vectors are.
        weights: of the signals.
        reranker: gives the cross-encoder in use; without one the other signals decide.
        reranked: how many candidates it reads.
        now: the time by which freshness is told.
        trees: gives the learned order in use; without one the weighted sum decides.
        hears: is told the signals of every search, for what learns from them.
    """

    def __init__(
        self,
        vectors: VectorIndex,
        weights: Weights,
        reranker: Callable[[], CrossEncoder | None] = lambda: None,
        reranked: int = RERANKED,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        trees: Callable[[], Trees | None] = lambda: None,
        hears: Callable[[Signals], None] = lambda _: None,
    ) -> None:
        self._vectors = vectors
        self._weights = weights
        self._reranker = reranker
        self._reranked = reranked
        self._now = now
        self._trees = trees
        self._hears = hears

    @property
    def weights(self) -> Weights:
        """Of the signals."""
        return self._weights

    @property
    def reranker(self) -> CrossEncoder | None:
        """The cross-encoder in use, if there is one.

        Raises:
            RankerMissingError: if the shop's own cannot be read and no other has been.
        """
        return self._reranker()

    def with_reranker(self, reranker: CrossEncoder | None) -> Ordering:
        """The same order with another cross-encoder."""
        return self._but(reranker=lambda: reranker)

    def with_trees(self, trees: Trees | None) -> Ordering:
        """The same order with another learned order in it."""
        return self._but(trees=lambda: trees)

    def heard_by(self, hears: Callable[[Signals], None]) -> Ordering:
        """The same order, of whose signals somebody is told."""
        return self._but(hears=hears)

    def _but(self, **other: Any) -> Ordering:
        own: dict[str, Any] = {
            "reranker": self._reranker,
            "reranked": self._reranked,
            "now": self._now,
            "trees": self._trees,
            "hears": self._hears,
        }
        return Ordering(self._vectors, self._weights, **(own | other))

    def order(
        self, asked: Asked, candidates: Sequence[Scored], records: Mapping[str, Stamped], run: Run
    ) -> list[Scored]:
        """The candidates that have records, best first; scores are comparable within this list only."""
        known = [records[candidate.id] for candidate in candidates if candidate.id in records]
        if not known:
            return []
        with run.clock("signals_ms"):
            vectors = self._near(known, run)
            signals = self.signals(asked, known, vectors, run)
            self._hears(signals)
            ordered = self._ordered(signals, self._weights)
        with run.clock("rerank_ms"):
            ordered = self._reranked_first(asked, signals, ordered, records, run)
        return diversified_in_stock(ordered, signals, vectors)

    def signals(self, asked: Asked, known: Sequence[Stamped], vectors: Mapping[str, Vectors], run: Run) -> Signals:
        """All signals but the cross-encoder's, of candidates in the order of the first stage."""
        matcher = Matcher(asked.text)
        matches = [matcher.match(stamped) for stamped in known]
        agreed = [asked.agrees(stamped.product) for stamped in known]
        ids = tuple(stamped.product.id for stamped in known)
        values: dict[str, Column] = {
            "lexical": _column(run.lexical.get(id, 0.0) for id in ids),
            "dense": _dense(ids, vectors, run),
            **_matched(matches),
            "centroid": _centroid(ids, vectors),
            **_alike(known),
            **_placed(asked.text, known),
            **_opinions(known),
            "freshness": _freshness(known, self._now()),
        }
        values |= {name: _column(one.get(name, 0.0) for one in agreed) for name in SAID}
        return Signals(ids, values, tuple(stamped.product.availability.available for stamped in known))

    def _near(self, known: Sequence[Stamped], run: Run) -> Mapping[str, Vectors]:
        if not run.dense:
            return {}
        try:
            return self._vectors.vectors([stamped.product.id for stamped in known])
        except UnavailableError as error:
            run.limited.append(f"ordered without vectors: {error.message}")
            return {}

    def _ordered(self, signals: Signals, weights: Weights) -> list[Scored]:
        """By the weighted sum, and by what was learned where something was."""
        trees = self._trees()
        return weighted_order(signals, weights) if trees is None else learned_order(signals, weights, trees)

    def _reranked_first(
        self, asked: Asked, signals: Signals, ordered: list[Scored], records: Mapping[str, Stamped], run: Run
    ) -> list[Scored]:
        """The best so far in a new order by all signals; what the cross-encoder did not read comes after it."""
        best = [scored.id for scored in ordered[: self._reranked]]
        language = language_of(asked.text)
        try:
            reranker = self._reranker()
            if reranker is None or not _heard(reranker, language):
                return ordered
            texts = [ranking_text(records[id], language=language) for id in best]
            scores = dict(zip(best, reranker.score(asked.text, texts).tolist(), strict=True))
        except RankerMissingError as error:
            run.limited.append(f"ordered without the learned ranker: {error}")
            return ordered
        column = _column(scores.get(id, math.nan) for id in signals.ids)
        known = Signals(signals.ids, {**signals.values, "reranker": column}, signals.available)
        again = self._ordered(known, self._weights.also("reranker", reranker.weight))
        return [*(one for one in again if one.id in scores), *ordered[self._reranked :]]


def _heard(reranker: CrossEncoder, language: str) -> bool:
    """Whether its opinion is worth the time: it counts, and it has learned the language."""
    return reranker.weight > 0 and (reranker.languages is None or language in reranker.languages)


def diversified_in_stock(ordered: Sequence[Scored], signals: Signals, vectors: Mapping[str, Vectors]) -> list[Scored]:
    """Near-duplicates further down, among what can be bought and among what cannot, each for itself."""
    available = dict(zip(signals.ids, signals.available, strict=True))
    in_stock = [candidate for candidate in ordered if available[candidate.id]]
    sold_out = [candidate for candidate in ordered if not available[candidate.id]]
    return [*diversified(in_stock, vectors), *diversified(sold_out, vectors)]


def _column(values: Iterable[float]) -> Column:
    return np.fromiter(values, dtype=np.float64)


def _dense(ids: Sequence[str], vectors: Mapping[str, Vectors], run: Run) -> Column:
    """The cosine, also of what only the words have found."""
    if run.vector is None:
        return np.full(len(ids), math.nan)
    query = run.vector
    return _column(float(vectors[id] @ query) if id in vectors else run.dense.get(id, math.nan) for id in ids)


def _matched(matches: Sequence[Match]) -> dict[str, Column]:
    return {
        "coverage": _column(match.coverage for match in matches),
        "phrase": _column(match.phrase for match in matches),
    }


def _centroid(ids: Sequence[str], vectors: Mapping[str, Vectors]) -> Column:
    first = [vectors[id] for id in ids[:FEEDBACK] if id in vectors]
    if not first:
        return np.full(len(ids), math.nan)
    middle = np.mean(first, axis=0)
    return _column(float(vectors[id] @ middle) if id in vectors else math.nan for id in ids)


def _alike(known: Sequence[Stamped]) -> dict[str, Column]:
    """The share of the first candidates that are of the same most particular category, and of the same brand."""
    return {
        "kind": _shares([stamped.product.categories[-1] if stamped.product.categories else "" for stamped in known]),
        "maker": _shares([stamped.product.brand for stamped in known]),
    }


def _shares(values: Sequence[str]) -> Column:
    folded = [fold(value) for value in values]
    first = Counter(value for value in folded[:FEEDBACK] if value)
    return _column(first[value] / FEEDBACK if value else math.nan for value in folded)


def _placed(text: str, known: Sequence[Stamped]) -> dict[str, Column]:
    placing = Placing(text)
    placed = [placing.of(stamped.product) for stamped in known]
    return {name: _column(getattr(one, name) for one in placed) for name in PLACED}


def _opinions(known: Sequence[Stamped]) -> dict[str, Column]:
    ratings = [stamped.product.rating for stamped in known]
    counted = [rating.value for rating in ratings if rating is not None and rating.count > 0]
    prior = sum(counted) / len(counted) if counted else 0.0
    return {
        "rating": _column(
            bayesian_rating(rating.value, rating.count, prior=prior, prior_count=PRIOR_COUNT) if rating else prior
            for rating in ratings
        ),
        "popularity": _column(math.log1p(rating.count) if rating else 0.0 for rating in ratings),
    }


def _freshness(known: Sequence[Stamped], now: datetime) -> Column:
    def age(stamped: Stamped) -> float:
        if stamped.published_at is None:
            return math.nan
        published = stamped.published_at
        published = published if published.tzinfo else published.replace(tzinfo=UTC)
        return -math.log1p(max(0.0, (now - published).total_seconds() / 86_400))

    return _column(age(stamped) for stamped in known)
