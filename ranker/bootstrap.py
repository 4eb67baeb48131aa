"""How sure a mean difference is, for whatever decides whether something new takes the place of something old."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DRAWS = 2_000


def interval(differences: NDArray[np.float64], seed: int = 7) -> tuple[float, float]:
    """The 95 % interval of a mean, by bootstrap (Efron 1979): of the differences of single people or queries."""
    dice = np.random.default_rng(seed)
    size = len(differences)
    means = [float(differences[dice.integers(size, size=size)].mean()) for _ in range(DRAWS)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
