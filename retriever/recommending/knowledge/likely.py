"""What anybody may want, of whom nothing is known: popularity as far as it was counted, ratings where it was not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.once import Once

COUNTED = 200.0  # events at which counts weigh as much as ratings do
RECENT_COUNTED = 200.0  # weight of the last days' events at which they say as much as all time
SPREAD = 2.0  # a star more makes a good exp(2) times as likely


@Once
def likely(goods: Goods, crowd: Crowd) -> NDArray[np.float64]:
    """The probability that a stranger wants each product: they sum to 1 over what can be bought, if anything can.

    A shop without events goes by ratings alone. With events coming in the counts take over smoothly, and among them
    what is wanted these days, which is all that is known of the season, takes over from what was ever wanted.
    """
    buyable = goods.available.astype(np.float64)
    rated = shares(np.exp(SPREAD * (goods.rating - np.max(goods.rating, initial=0.0))) * buyable)
    ever, late = (shares(held * buyable) for held in (crowd.wanted, crowd.recent))
    season = float(crowd.recent.sum()) / (float(crowd.recent.sum()) + RECENT_COUNTED) / 2
    counted = crowd.events / (crowd.events + COUNTED) if ever.any() else 0.0
    return shares(counted * ((1 - season) * ever + season * late) + (1 - counted) * rated)


def shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same, summing to 1; all zeros stay zeros."""
    held = np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0)
    total = held.sum()
    return held / total if total > 0 else held


def highest(scores: NDArray[np.floating], limit: int) -> NDArray[np.int64]:
    """The places of the highest scores, best first; of equal ones the first in the order of the goods."""
    if limit <= 0 or not scores.size:
        return np.empty(0, dtype=np.int64)
    above = np.flatnonzero(scores > scores.mean())  # most are not, and to part a few takes a tenth of the time
    if limit <= above.size < scores.size:
        return above[highest(scores[above], limit)]
    if limit < scores.size:
        least = np.partition(scores, scores.size - limit)[scores.size - limit]
        above = np.flatnonzero(scores > least)
        held = np.concatenate([above, np.flatnonzero(scores == least)[: limit - above.size]])
    else:
        held = np.arange(scores.size)
    return held[np.lexsort((held, -scores[held]))].astype(np.int64)


def highest_positive(scores: NDArray[np.floating], limit: int) -> NDArray[np.int64]:
    """As ``highest``, of those above 0 alone: in less time where most are 0."""
    rows = np.flatnonzero(scores > 0)
    return rows[highest(scores[rows], limit)]
