"""How much an act says of somebody's taste: by its kind, how long it lasted, and how long ago it was."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retriever.interactions.log import KINDS, RATE, Log

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of acts.

    Args:
        kinds: what an act of a kind is worth. A rating is worth this at five stars, and nothing at two and less.
        half_lives: days after which an act of a kind says half as much; a purchase tells of taste for longer
            than a glance. Empty: time does not count.
        usual_dwell: seconds of a view that is worth just its kind; shorter ones are worth less, longer ones
            more, by their logarithm ...
        least_dwell: ... but at least this share,
        most_dwell: and at most this one.
    """

    kinds: Mapping[str, float] = field(
        default_factory=lambda: {"view": 1.0, "click": 1.0, "add_to_cart": 3.0, "purchase": 5.0, "rate": 4.0}
    )
    half_lives: Mapping[str, float] = field(
        default_factory=lambda: {"view": 30.0, "click": 30.0, "add_to_cart": 60.0, "purchase": 180.0, "rate": 360.0}
    )
    usual_dwell: float = 30.0
    least_dwell: float = 0.25
    most_dwell: float = 2.0


TIMELESS = Weights(half_lives={})
"""For models that see the times themselves: a kind and its dwell count, age does not."""


def weigh(log: Log, weights: Weights, *, now: float) -> NDArray[np.float64]:
    """The weight of each act; 0 for a rating that says the item was not liked."""
    worth = np.array([weights.kinds.get(kind, 0.0) for kind in KINDS])
    lives = np.array([weights.half_lives.get(kind, math.inf) for kind in KINDS])
    found = worth[log.kind]
    dwell = np.log1p(np.maximum(np.nan_to_num(log.dwell, nan=weights.usual_dwell), 0)) / math.log1p(weights.usual_dwell)
    found *= np.clip(dwell, weights.least_dwell, weights.most_dwell)
    liked = np.clip((np.nan_to_num(log.stars, nan=5.0) - 2) / 3, 0, 1)
    found *= np.where(log.kind == RATE, liked, 1.0)
    age = np.maximum(now - log.at, 0) / DAY
    return found * 0.5 ** (age / lives[log.kind])
