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
        people: how many took each product.
        wanted: weight of the acts with each product, older ones counting less.
        recent: the weight of the last days ...
        before: ... and of as many days as there were before, scaled to the same length: trending is the ratio.
        together: which products the same people took, and how many people did (symmetric, sparse).
        model: scores next products by history; its ``items`` are the ids of the goods. ``None`` where none is trained.
    """

    made_at: float
    events: int
    people: NDArray[np.int64]
    wanted: NDArray[np.float64]
    recent: NDArray[np.float64]
    before: NDArray[np.float64]
    together: Together
    model: BehaviourModel | None = None


@dataclass(frozen=True, eq=False)
class Together:
    """For each row the rows that the same people took, as many people as ``count`` says, most first.

    The neighbours of row ``r`` are ``row[start[r]:start[r + 1]]``; ``score`` is the cosine of the two products' people.
    """

    start: NDArray[np.int64]
    row: NDArray[np.int32]
    count: NDArray[np.int32]
    score: NDArray[np.float32]
