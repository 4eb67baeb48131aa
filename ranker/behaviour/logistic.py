"""Logistic regression that starts from what is believed and moves as far as the data says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LOOSE = 1e-3  # how strongly the constant is drawn to 0


@dataclass(frozen=True)
class Logistic:
    """Log odds as a sum.

    Attributes:
        weights: of the features.
        constant: added to their sum.
    """

    weights: tuple[float, ...]
    constant: float

    def odds(self, features: NDArray[np.floating]) -> Floats:
        """The log odds of each row."""
        return np.asarray(features @ np.array(self.weights, dtype=features.dtype) + self.constant)


def fitted(
    features: Floats, happened: Floats, counts: Floats, belief: Sequence[float], rising: Sequence[bool], ridge: float
) -> Logistic:
    """The likeliest weights.

    Args:
        features: one row a case.
        happened: 1 or 0.
        counts: how many cases each row stands for.
        belief: the weights without any data.
        rising: which weights may not be below 0, so that more of a feature never lowers the odds, not even far from
            the cases there were.
        ridge: how strongly they are drawn to those, in cases.
    """
    from scipy.optimize import minimize

    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    rows = np.hstack([(features - mean) / spread, np.ones((len(features), 1))])
    believed = np.append(np.array(belief) * spread, 0.0)
    drawn = np.append(np.full(len(belief), ridge), LOOSE)

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = rows @ weights
        away = weights - believed
        value = (counts * (np.logaddexp(0, odds) - happened * odds)).sum() + 0.5 * (drawn * away**2).sum()
        error = counts * (1 / (1 + np.exp(-np.clip(odds, -50, 50))) - happened)
        return float(value), rows.T @ error + drawn * away

    bounds = [(0.0 if held else None, None) for held in (*rising, False)]
    found = minimize(loss, believed, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    weights = found[:-1] / spread
    return Logistic(tuple(float(weight) for weight in weights), float(found[-1] - (weights * mean).sum()))
