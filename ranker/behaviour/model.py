"""What every behaviour model is given and promises: histories of events in, one score an item out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ranker.cross.judging import Say

Scores = NDArray[np.float32]
Vectors = NDArray[np.float32]


class BehaviourError(ValueError):
    """A model that cannot be made, read or used as asked; the message says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UnfitError(BehaviourError):
    """A model whose file is damaged, or that was made for another catalogue."""


class OtherShapeError(BehaviourError):
    """A model that cannot learn on as another one, since their networks differ in shape."""


class TooLargeError(BehaviourError):
    """More items than a model can hold in memory."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a person did with an item.

    Attributes:
        at: seconds since 1970.
        weight: how much it says: a purchase more than a glance. Nothing is learned from weights of 0 and less.
        kind: what was done, such as ``purchase`` or ``view``; empty where all events are of one kind.
    """

    item: str
    at: float
    weight: float = 1.0
    kind: str = ""


History = Sequence[Event]  # one person's events, in time order


@dataclass(frozen=True, eq=False)
class Items:
    """The items of a catalogue, in the order of the scores' columns.

    Attributes:
        vectors: one row an item, as an encoder gives them; ``None`` where there are none.

    Raises:
        BehaviourError: if an id occurs twice, or the vectors are not one finite row an id.
    """

    ids: tuple[str, ...]
    vectors: Vectors | None = None

    def __post_init__(self) -> None:
        if len(set(self.ids)) != len(self.ids):
            raise BehaviourError("An item's id occurs twice.", "Give every item once.")
        if self.vectors is None:
            return
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.ids):
            raise BehaviourError(
                f"The vectors' shape is {self.vectors.shape} for {len(self.ids)} items.", "Give one row an item."
            )
        if not np.isfinite(self.vectors).all():
            raise BehaviourError("A vector has values that are no numbers.", "Encode the items again.")


class BehaviourModel(Protocol):
    """Says what people are likely to want next. A score depends on the history as it is when asked."""

    @property
    def name(self) -> str:
        """What it is called in comparisons."""
        ...

    @property
    def items(self) -> Sequence[str]:
        """The ids that are scored, in the order of the columns."""
        ...

    def score(self, histories: Sequence[History]) -> Scores:
        """One row a history and one column an item: higher is likelier, always finite.

        Unknown ids in a history are ignored; a history without any known one gets the scores of nobody in particular.
        """
        ...


class Trainer(Protocol):
    """Makes a model of what people did."""

    @property
    def name(self) -> str:
        """The name of the models that it makes."""
        ...

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """A model that scores all of ``items``, those without any event included.

        Args:
            histories: one a person.
            items: of the catalogue; events of other items are ignored.
            say: hears (what, done, total).

        Raises:
            BehaviourError: if nothing can be learned.
        """
        ...


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A person's history and what came next, to judge by."""

    history: History
    target: str
