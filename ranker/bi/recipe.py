"""How a sentence encoder is tuned, as one value that is written down with every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ranker.cross.recipe import RecipeError
from ranker.encoder import MAX_TOKENS

Method = Literal["full", "layers"]
Graded = Literal["listwise", "margin", "lambda"]


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """How to train.

    Attributes:
        base: folder or Hugging Face id of the sentence encoder to start from; empty: the built-in one.
        method: ``full`` trains all layers, ``layers`` the upper ones.
        layers: how many upper layers ``layers`` trains.
        embeddings: whether ``full`` trains the word embeddings too. Frozen, words that the training data
            does not have keep their place beside those it has.
        graded: the loss over a query's own products; see ``ranker/cross/losses.py``.
        share: of the graded loss in the whole; the rest is the softmax over the batch (``losses.py``).
        scale: by which cosines are multiplied, the inverse of the softmax's temperature.
        max_tokens: of a query or a text; the dense leg cuts at the same length.
        docs: products of a group that one step looks at; another draw every epoch.
        groups: in one step: the products of each are negatives of the others.
        rate: highest learning rate.
        warmup: share of the steps in which the rate rises; it falls to nothing over the rest.
        every: steps between two judgements; 0: one an epoch.
        patience: judgements without a better nDCG after which it ends early.
    """

    base: str = ""
    method: Method = "full"
    layers: int = 2
    embeddings: bool = False
    graded: Graded = "listwise"
    share: float = 0.5
    scale: float = 20.0
    max_tokens: int = MAX_TOKENS
    docs: int = 6
    groups: int = 16
    epochs: int = 3
    rate: float = 2e-5
    warmup: float = 0.1
    decay: float = 0.01
    dropout: float = 0.1
    clip: float = 1.0
    every: int = 0
    patience: int = 4
    seed: int = 1

    def __post_init__(self) -> None:
        """Checks the recipe.

        Raises:
            RecipeError: if a value is out of its range.
        """
        faults = (
            (self.method not in get_args(Method), f"the method is one of {', '.join(get_args(Method))}"),
            (self.graded not in get_args(Graded), f"the graded loss is one of {', '.join(get_args(Graded))}"),
            (not 0 <= self.share <= 1, "the share of the graded loss is from 0 to 1"),
            (not 1 <= self.scale <= 200, "the scale is between 1 and 200"),
            (min(self.layers, self.epochs, self.patience) < 1, "counts are at least 1"),
            (min(self.groups, self.docs) < 2, "a step needs two groups, and two products of each, to compare"),
            (not 8 <= self.max_tokens <= MAX_TOKENS, f"max_tokens is between 8 and {MAX_TOKENS}"),
            (not 0 < self.rate < 1, "the learning rate is between 0 and 1"),
            (not (0 <= self.warmup < 1 and 0 <= self.dropout < 1), "warmup and dropout are from 0 to below 1"),
            (self.every < 0 or self.decay < 0 or self.clip <= 0, "every and decay are from 0 up, clip above 0"),
        )
        wrong = next((message for is_wrong, message in faults if is_wrong), "")
        if wrong:
            raise RecipeError(f"The recipe cannot be used: {wrong}.")
