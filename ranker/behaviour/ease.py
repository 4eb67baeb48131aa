"""EASE: a linear model of items by items with a closed form, hard to beat on sparse data.

H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranker.behaviour.columns import learnable
from ranker.behaviour.model import BehaviourError, BehaviourModel, History, Items, TooLargeError
from ranker.behaviour.neighbours import ItemWeights
from ranker.cross.judging import Say

MOST = 20_000  # items: three matrices of 1.6 GB each while it is made


@dataclass(frozen=True)
class Ease:
    """Learns how much each item says of each other one, all at once.

    Attributes:
        ridge: how strongly weights are held small; hundreds for a few thousand people.
        most: items that have events; more are refused, since memory grows with their square.
    """

    ridge: float = 200.0
    most: int = MOST
    name: str = "EASE"

    def __post_init__(self) -> None:
        if not self.ridge > 0:
            raise BehaviourError("EASE cannot be solved without a ridge.", "Give a ridge of more than 0.")

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """The weights; items without events have none.

        Raises:
            TooLargeError: if more items have events than fit into memory.
        """
        from scipy.linalg import cho_factor, cho_solve

        matrix = learnable(histories, items, binary=True)
        taken = np.flatnonzero(np.asarray(matrix.sum(axis=0))[0] > 0)
        size = len(taken)
        megabytes = round(size * size * 4 * 3 / 1e6)
        if size > self.most:
            raise TooLargeError(
                f"EASE would need {megabytes:,} MB for {size:,} items; it is limited to {self.most:,} items.",
                "Use item-item cosine or the sequence model, or raise the limit if there is enough memory.",
            )
        say(f"inverting {size} x {size} ({megabytes} MB)", 0, 1)
        seen = matrix[:, taken]
        gram = (seen.T @ seen).toarray().astype(np.float32)
        gram[np.diag_indices(size)] += self.ridge
        factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
        inverse = cho_solve(factor, np.eye(size, dtype=np.float32), overwrite_b=True, check_finite=False)
        weights = np.asarray(inverse / -np.diag(inverse), dtype=np.float32)
        np.fill_diagonal(weights, 0.0)
        say(f"inverting {size} x {size} ({megabytes} MB)", 1, 1)
        return ItemWeights(self.name, items.ids, weights, taken)
