"""How a cross-encoder is trained, as one value that is written down with every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ranker.cross.scoring import MAX_TOKENS

Method = Literal["full", "lora", "layers"]
Loss = Literal["lambda", "bce", "listwise", "margin"]
Pooling = Literal["mean", "cls"]


class RecipeError(ValueError):
    """A recipe by which nothing can be trained; the message says why."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        base: folder or Hugging Face id of the encoder to start from; empty: the built-in one.
        method: ``full`` trains all weights, ``lora`` small matrices beside them, ``layers`` the upper layers.
        layers: how many upper layers ``layers`` trains.
        rank: of the matrices of ``lora``.
        depth: how many layers of the base are kept, from below; 0: all. Half of them score in half the time.
        embeddings: whether ``full`` trains the word embeddings too.
        loss: see ``losses.py``.
        pooling: what the score is read from: the mean of all tokens, which suits a sentence encoder, or the
            first token through the architecture's own head, which other servers know.
        max_tokens: of query and text together.
        docs: products of a group that one step looks at; another draw every epoch.
        groups: in one step.
        rate: highest learning rate; ``head_rate`` is that of the head, which starts from nothing.
        warmup: share of the steps in which the rate rises; it falls to nothing over the rest.
        every: steps between two judgements; 0: one an epoch.
        patience: judgements without a better nDCG after which it ends early.
    """

    base: str = ""
    method: Method = "full"
    layers: int = 2
    rank: int = 16
    depth: int = 0
    embeddings: bool = True
    loss: Loss = "lambda"
    pooling: Pooling = "mean"
    max_tokens: int = MAX_TOKENS
    docs: int = 16
    groups: int = 4
    epochs: int = 3
    rate: float = 5e-5
    head_rate: float = 1e-3
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
            (self.loss not in get_args(Loss), f"the loss is one of {', '.join(get_args(Loss))}"),
            (self.pooling not in get_args(Pooling), f"the pooling is one of {', '.join(get_args(Pooling))}"),
            (min(self.layers, self.rank, self.groups, self.epochs, self.patience) < 1, "counts are at least 1"),
            (self.depth < 0, "the depth is 0 for all layers, or how many are kept"),
            (self.docs < 2, "a step needs two products of a group to compare"),
            (not 8 <= self.max_tokens <= 512, "max_tokens is between 8 and 512"),
            (not (0 < self.rate < 1 and 0 < self.head_rate < 1), "learning rates are between 0 and 1"),
            (not (0 <= self.warmup < 1 and 0 <= self.dropout < 1), "warmup and dropout are from 0 to below 1"),
            (self.every < 0 or self.decay < 0 or self.clip <= 0, "every and decay are from 0 up, clip above 0"),
        )
        wrong = next((message for is_wrong, message in faults if is_wrong), "")
        if wrong:
            raise RecipeError(f"The recipe cannot be used: {wrong}.")
