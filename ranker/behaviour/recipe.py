"""How a sequence model is trained, as one value that is written down with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ranker.behaviour.model import BehaviourError


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        width: of an item's and a state's vector; a multiple of ``heads``.
        length: last events of a history that are read.
        dropout: share of each vector that is left out in training.
        id_dropout: share of the items that a step knows by their text alone, so that an item which nobody has taken
            yet can be scored.
        negatives: items that each step compares with: 0 compares with all (full softmax), as suits catalogues of
            some ten thousand items; for larger ones a thousand or so, with gBCE's correction.
        calibration: of gBCE: 0 is plain cross-entropy, 1 undoes all of the overconfidence that sampling brings.
        people: in one step.
        rate: learning rate; it rises over the first ``warmup`` steps.
        patience: epochs without a better nDCG after which it ends early; the best one is kept.
        validation: people whose last event is held out to judge by, where no other histories are given.
    """

    width: int = 64
    layers: int = 2
    heads: int = 2
    length: int = 50
    dropout: float = 0.4
    id_dropout: float = 0.1
    negatives: int = 0
    calibration: float = 0.75
    epochs: int = 60
    people: int = 256
    rate: float = 2e-3
    decay: float = 0.0
    warmup: int = 100
    clip: float = 5.0
    patience: int = 3
    validation: int = 2000
    seed: int = 7

    def __post_init__(self) -> None:
        self._check(min(self.width, self.layers, self.heads, self.length, self.epochs, self.people) >= 1, "below 1")
        self._check(self.width % self.heads == 0, "of a width that its heads cannot share")
        shares = (self.dropout, self.id_dropout)
        self._check(all(0 <= share < 1 for share in shares), "with a dropout outside of 0 to 1")
        self._check(0 <= self.calibration <= 1, "with a calibration outside of 0 to 1")
        self._check(self.rate > 0, "with a rate of 0 or less")

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise BehaviourError(f"Nothing can be trained by a recipe {otherwise}.", "Change the recipe.")

    def json_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)
