"""What all people did, counted once and kept for many requests: wanted, wanted more than before, wanted together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.model import BehaviourModel


@dataclass(frozen=True, eq=False)
class Crowd:
    """Counts over the rows of ``Goods``, from cleaned and damped histories. All zeros for a new shop.

    Attributes:
        made_at: seconds since 1970.
        events: how many there were.
        people: how many did anything with each product, looked at it or took it.
        wanted: weight of the acts with each product, older ones counting less; a person counts once a day.
        recent: the weight of the last days ...
        before: ... and of as many days as there were before, scaled to the same length: trending is the ratio.
        together: which products the same people took (bought, put into the cart, rated), and how many people did.
        model: scores next products by history; its ``items`` are the ids of the goods. ``None`` where none is trained.
        repeats: how products are bought again; ``None`` where nothing is known of it.
        telling: from 0 to 1, how much what a person took says of what they take beside what all people do; 1 where
            that was not counted.
    """

    made_at: float
    events: int
    people: NDArray[np.int64]
    wanted: NDArray[np.float64]
    recent: NDArray[np.float64]
    before: NDArray[np.float64]
    together: Together
    model: BehaviourModel | None = None
    repeats: Repeats | None = None
    telling: float = 1.0


@dataclass(frozen=True, eq=False)
class Together:
    """For each row the rows that the same people took, nearest first, as many people as ``count`` says.

    The neighbours of row ``r`` are ``row[start[r]:start[r + 1]]``; ``score`` is the cosine of the two products' people,
    drawn towards 0 where they are few.
    """

    start: NDArray[np.int64]
    row: NDArray[np.int32]
    count: NDArray[np.int32]
    score: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Repeats:
    """How often the same people buy each product. Purchases of one day are one.

    Attributes:
        gap: median seconds from one purchase to the next by the same person; NaN where nobody bought twice.
        buyers: how many bought it ...
        again: ... and how many of them more than once.
    """

    gap: NDArray[np.float64]
    buyers: NDArray[np.int64]
    again: NDArray[np.int64]
