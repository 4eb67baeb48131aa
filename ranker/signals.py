"""What speaks for a candidate, and one order out of it: a weighted sum of signals.

Signals of different scales (a bm25 score, a cosine, a model's logit) are comparable
within one query only, so each is standardised over the query's candidates before it is
weighted. A few signals say yes, no or nothing about one thing (the make that was asked
for, the colour): they keep their value. What is unknown speaks neither for nor against.

Margin is no signal: a shop that wants to sell what earns most says so in a rule that the
shopper can see, not in the order of a search.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ranker.blend import Scored

Column = NDArray[np.float64]

GRADED = (  # standardised over the candidates
    "lexical",  # full-text score
    "dense",  # cosine of query and product
    "coverage",  # share of the query's words that are anywhere in the product
    "phrase",  # share of the query's neighbouring words that are neighbours in the title
    "centroid",  # cosine to the middle of the first candidates (pseudo-relevance feedback, Rocchio 1971)
    "kind",  # share of the first candidates that are of the same category
    "maker",  # share of the first candidates that are of the same brand
    "title",  # share of the query's words that are in the title
    "opening",  # how near to the title's beginning the first of them stands
    "brevity",  # negated logarithm of the title's length in words
    "filed",  # share of the query's words that are in the categories
    "reranker",  # the cross-encoder's score
    "rating",  # Bayesian mean
    "popularity",  # logarithm of the number of ratings
    "freshness",  # days since publication, negated, on a logarithmic scale
)
SAID = (  # 1: agrees, -1: conflicts, 0: says nothing
    "brand",
    "category",
    "colour",
    "material",
    "attribute",
    "audience",
    "measure",
    "number",
    "exclusion",  # 1: says it is without, -1: has what was excluded
)
SIGNALS = (*GRADED, *SAID)
SMALLEST_SPREAD = 1e-9


class WeightsError(Exception):
    """Weights that cannot be used; the message says what is wrong with them."""


@dataclass(frozen=True)
class Signals:
    """The candidates of one query, in the order of the first stage.

    Attributes:
        ids: the candidates.
        values: one value a candidate for each signal that is known of; NaN where it is unknown of one.
        available: whether each can be bought now.
    """

    ids: tuple[str, ...]
    values: Mapping[str, Column]
    available: Sequence[bool] = ()

    def __post_init__(self) -> None:
        """Checks the names and lengths."""
        for name, column in self.values.items():
            if name not in SIGNALS:
                raise ValueError(f"there is no signal {name}")
            if len(column) != len(self.ids):
                raise ValueError(f"{name} has {len(column)} values for {len(self.ids)} candidates")

    def comparable(self, name: str) -> Column:
        """A signal's values on the scale that weights are for: mean 0 and deviation 1 where it is graded."""
        column = self.values.get(name)
        if column is None:
            return np.zeros(len(self.ids))
        values = np.asarray(column, dtype=np.float64)
        known = np.isfinite(values)
        if name not in GRADED:
            return np.where(known, values, 0.0)
        if not known.any():
            return np.zeros(len(self.ids))
        spread = float(values[known].std())
        if spread < SMALLEST_SPREAD:
            return np.zeros(len(self.ids))
        return np.where(known, (np.where(known, values, 0.0) - float(values[known].mean())) / spread, 0.0)

    def matrix(self, names: Sequence[str] = SIGNALS) -> NDArray[np.float64]:
        """Candidates by signals, comparable; shape (candidates, names)."""
        if not self.ids:
            return np.zeros((0, len(names)))
        return np.stack([self.comparable(name) for name in names], axis=1)


@dataclass(frozen=True)
class Weights:
    """How much each signal counts, and where the numbers come from."""

    values: Mapping[str, float]
    origin: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        """Checks the names and numbers.

        Raises:
            WeightsError: for an unknown signal or a weight that is no finite number.
        """
        for name, value in self.values.items():
            if name not in SIGNALS:
                raise WeightsError(f"There is no signal '{name}'; there are {', '.join(SIGNALS)}.")
            if not math.isfinite(value):
                raise WeightsError(f"The weight of '{name}' is {value}, which is no finite number.")

    def of(self, names: Sequence[str] = SIGNALS) -> NDArray[np.float64]:
        """The weights in the order of these names."""
        return np.array([self.values.get(name, 0.0) for name in names])

    def also(self, name: str, value: float) -> Weights:
        """The same weights with one set."""
        return Weights({**self.values, name: value}, self.origin, self.measured)

    def write(self, path: Path) -> None:
        """As JSON."""
        document = {"weights": dict(self.values), "origin": self.origin, "measured": dict(self.measured)}
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_weights(path: Path) -> Weights:
    """Weights from a JSON file.

    Raises:
        WeightsError: if it cannot be read or does not hold weights.
    """
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        values = {str(name): float(value) for name, value in document["weights"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path} does not hold weights: {error}") from error
    return Weights(values, str(document.get("origin", "")), cast("dict[str, Any]", document.get("measured", {})))


@cache
def default_weights() -> Weights:
    """The weights that come with the package."""
    with resources.as_file(resources.files("ranker") / "weights.json") as path:
        return read_weights(path)


def weighted_order(signals: Signals, weights: Weights) -> list[Scored]:
    """Best first by the weighted sum; what cannot be bought now comes after what can, in the same order.

    Equal scores keep the order of the first stage.
    """
    return ordered(signals, signals.matrix() @ weights.of())


def ordered(signals: Signals, totals: Column) -> list[Scored]:
    """Best first by their totals; what cannot be bought now comes after what can, and equals keep their order."""
    available = list(signals.available) or [True] * len(signals.ids)
    order = sorted(range(len(signals.ids)), key=lambda at: (not available[at], -totals[at], at))
    return [Scored(signals.ids[at], float(totals[at])) for at in order]
