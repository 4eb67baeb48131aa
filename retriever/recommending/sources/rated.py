"""A new shop: what is well rated and sensibly priced, one category after the other, while nothing else is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.situation import Situation

FAR = 2.0  # robust standard deviations of a category's log prices at which a price is half as plausible
UNPRICED = 0.5  # plausibility of a price that is not known
VARIETY = 0.7  # what the next best of a category counts, for each one before it
SPREAD = 2.0  # a star more counts exp(2) times as much


@dataclass(frozen=True, eq=False)
class _Order:
    """All goods of a shop in this source's order, kept for as long as the shop's goods are the same."""

    goods: Goods
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


class Rated:
    """Bayesian rating times plausibility of the price, each further one of a category counting less.

    Only what was rated, and not below the shop's mean, is called well rated. In a shop without any rating the goods
    are shown to learn whether people like them, and that is said.
    """

    name = "rated"

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: _Order | None = None

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The first of the order that can be bought."""
        goods = situation.goods
        order = self._order(goods)
        buyable = np.flatnonzero(goods.available[order.rows])[: max(0, limit)]
        return [
            Candidate(goods.ids[row], float(score), self.name, (_because(goods, int(row)),))
            for row, score in zip(order.rows[buyable], order.scores[buyable], strict=True)
        ]

    def _order(self, goods: Goods) -> _Order:
        with self._lock:
            if self._kept is None or self._kept.goods is not goods:
                self._kept = _ordered(goods)
            return self._kept


def plausible(price: NDArray[np.float64], category: NDArray[np.int32]) -> NDArray[np.float64]:
    """How usual a price is in its category, from 0 to 1: the extremes are accessories, bundles and typing errors."""
    known = np.isfinite(price) & (price > 0)
    logs = np.log(np.where(known, price, 1.0))
    middle = _medians(logs, category, known)[category]
    away = np.abs(logs - middle)
    usual = 1.4826 * _medians(away, category, known)[category]
    far = away / np.maximum(usual, 0.05)
    return np.where(known, 0.5 ** ((far / FAR) ** 2), UNPRICED)


def _medians(values: NDArray[np.float64], category: NDArray[np.int32], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The median of each category; 0 where nothing is known."""
    size = int(category.max(initial=-1)) + 1
    order = np.lexsort((values, category))
    order = order[known[order]]
    counts = np.bincount(category[order], minlength=size)
    starts = np.cumsum(counts) - counts
    found = np.zeros(size)
    filled = counts > 0
    low, high = starts + (counts - 1) // 2, starts + counts // 2
    ordered = values[order]
    found[filled] = (ordered[low[filled]] + ordered[high[filled]]) / 2
    return found


def _ordered(goods: Goods) -> _Order:
    rated = goods.rated > 0
    mean = float(goods.rating[rated].mean()) if rated.any() else 0.0
    shown = np.flatnonzero(rated & (goods.rating >= mean - 1e-9)) if rated.any() else np.arange(len(goods))
    worth = np.exp(SPREAD * (goods.rating - mean)) if rated.any() else np.ones(len(goods))
    base = (worth * plausible(goods.price, goods.category))[shown]
    category = goods.category[shown]
    ranked = np.lexsort((goods.position[shown], -base, category))
    first = np.searchsorted(category[ranked], category[ranked])  # where each category begins
    scores = base[ranked] * VARIETY ** (np.arange(ranked.size) - first)
    rows = shown[ranked]
    order = np.lexsort((goods.position[rows], -scores))
    return _Order(goods, rows[order].astype(np.int64), scores[order])


def _because(goods: Goods, row: int) -> Because:
    name = goods.categories[goods.category[row]]
    return Because("rated" if goods.rated[row] else "explored", name=name)
