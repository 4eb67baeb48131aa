"""Matrix factorisation by the library ``implicit``: ALS and BPR, scored without it.

ALS: Y. Hu, Y. Koren, C. Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008.
BPR: S. Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009.

Both learn a vector a person, which a visitor of today lacks. So a person's vector is made of the history each time: for
ALS by its own closed form, for BPR by a linear map of the sum of the items' vectors, fitted to the people it has
learned of.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Columns, learnable
from ranker.behaviour.model import BehaviourError, BehaviourModel, History, Items, Scores
from ranker.behaviour.stored import Parts
from ranker.cross.judging import Say

INSTALL = "Install it with: pip install implicit==0.7.3"
Square = NDArray[np.float64]


class Factors:
    """A vector an item, and one a history, whose products are the scores.

    Args:
        factors: one row an item.
        bias: one number an item.
        fold: what the sum of a history's vectors is multiplied with (BPR); empty for the closed form (ALS).
        ridge: of the closed form.
        weight: how much more than nothing one event says.
    """

    kind = "factors"

    def __init__(
        self, name: str, ids: Sequence[str], factors: Scores, bias: Scores, fold: Scores, ridge: float, weight: float
    ) -> None:
        self.name = name
        self.items = tuple(ids)
        self._columns = Columns(ids)
        self._factors, self._bias, self._fold = factors, bias, fold
        self._ridge, self._weight = ridge, weight
        self._gram: Square = factors.T.astype(np.float64) @ factors

    def score(self, histories: Sequence[History]) -> Scores:
        """The products; for an empty history the items' biases alone, which ALS does not have."""
        matrix = self._columns.matrix(histories)
        people = _sums(matrix, self._factors) @ self._fold if self._fold.size else self._solved(matrix)
        return np.asarray(people @ self._factors.T + self._bias, dtype=np.float32)

    def _solved(self, matrix: Any) -> Scores:
        people = np.zeros((matrix.shape[0], self._factors.shape[1]), dtype=np.float32)
        ridge = self._ridge * np.eye(self._factors.shape[1])
        for row in range(matrix.shape[0]):
            part = slice(matrix.indptr[row], matrix.indptr[row + 1])
            taken = self._factors[matrix.indices[part]].astype(np.float64)
            sure = 1.0 + self._weight * matrix.data[part].astype(np.float64)
            if len(taken):
                left = self._gram + (taken.T * (sure - 1.0)) @ taken + ridge
                people[row] = np.linalg.solve(left, taken.T @ sure)
        return people

    def parts(self) -> Parts:
        """The vectors."""
        facts = {"name": self.name, "ridge": self._ridge, "weight": self._weight}
        return Parts(facts, {"factors": self._factors, "bias": self._bias, "fold": self._fold})

    @classmethod
    def of(cls, ids: Sequence[str], parts: Parts) -> Factors:
        """The model of its parts."""
        facts, arrays = parts.facts, parts.arrays
        return cls(
            str(facts["name"]),
            ids,
            arrays["factors"],
            arrays["bias"],
            arrays["fold"],
            float(facts["ridge"]),
            float(facts["weight"]),
        )


@dataclass(frozen=True)
class Als:
    """Alternating least squares.

    Attributes:
        factors: width of the vectors.
        ridge: how strongly they are held small.
        weight: how much more sure an event makes us than no event.
        threads: 0: all.
    """

    factors: int = 64
    ridge: float = 0.05
    weight: float = 10.0
    rounds: int = 15
    seed: int = 7
    threads: int = 0
    name: str = "ALS"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """The items' vectors.

        Raises:
            BehaviourError: if ``implicit`` is not installed.
        """
        matrix = learnable(histories, items)
        sure = matrix.copy()
        sure.data = 1.0 + self.weight * sure.data
        library = _implicit("als")
        with _one_thread_below():
            learner = library.AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.ridge,
                iterations=self.rounds,
                random_state=self.seed,
                num_threads=self.threads,
            )
            learner.fit(
                sure, show_progress=False, callback=lambda done, *_: say("alternating", int(done) + 1, self.rounds)
            )
        vectors = np.asarray(learner.item_factors, dtype=np.float32)
        nothing = np.zeros((0, 0), dtype=np.float32)
        return Factors(
            self.name, items.ids, vectors, np.zeros(len(vectors), np.float32), nothing, self.ridge, self.weight
        )


@dataclass(frozen=True)
class Bpr:
    """Bayesian personalised ranking.

    Attributes:
        factors: width of the vectors.
        threads: more than one makes it quicker and no two runs alike.
    """

    factors: int = 64
    rate: float = 0.05
    ridge: float = 0.01
    rounds: int = 100
    seed: int = 7
    threads: int = 1
    name: str = "BPR"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """The items' vectors and biases.

        Raises:
            BehaviourError: if ``implicit`` is not installed.
        """
        matrix = learnable(histories, items)
        learner = _implicit("bpr").BayesianPersonalizedRanking(
            factors=self.factors,
            learning_rate=self.rate,
            regularization=self.ridge,
            iterations=self.rounds,
            random_state=self.seed,
            num_threads=self.threads,
        )
        say("learning from pairs", 0, self.rounds)
        learner.fit(matrix, show_progress=False)
        say("learning from pairs", self.rounds, self.rounds)
        # Its last column is the items' bias, beside a 1 in each person's vector.
        vectors = np.asarray(learner.item_factors[:, :-1], dtype=np.float32)
        bias = np.asarray(learner.item_factors[:, -1], dtype=np.float32)
        people = np.asarray(learner.user_factors[:, :-1], dtype=np.float64)
        sums = _sums(matrix, vectors).astype(np.float64)
        held = 1e-3 * max(float(np.mean(sums**2)), 1e-12) * len(sums)
        fold = np.linalg.solve(sums.T @ sums + held * np.eye(self.factors), sums.T @ people)
        return Factors(self.name, items.ids, vectors, bias, fold.astype(np.float32), self.ridge, 1.0)


def _sums(matrix: Any, factors: Scores) -> Scores:
    """The sum of a history's vectors over the root of its length: long histories say more, but not in proportion."""
    lengths = np.maximum(np.asarray(matrix.sum(axis=1), dtype=np.float32), 1.0)
    return np.asarray(matrix @ factors / np.sqrt(lengths), dtype=np.float32)


def _implicit(part: Literal["als", "bpr"]) -> Any:
    try:
        return importlib.import_module(f"implicit.{part}")
    except ImportError as error:
        raise BehaviourError("ALS and BPR need the package implicit, which is not installed.", INSTALL) from error


def _one_thread_below() -> Any:
    """The library shares its work out among threads itself; a BLAS that does so too slows it down a lot."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "blas")
