"""What is tried: the data, what a model may learn from, and for whom it then has to find what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ranker.behaviour.model import Event, History


@dataclass(frozen=True)
class Log:
    """What people did with the items of a shop.

    Attributes:
        name: of the data.
        people: each one's events in time order.
        items: the catalogue.
        texts: what is known of an item in words, for its vector.
        categories: of the items, where they are known.
        cut: the time of a temporal split, in seconds since 1970; ``None``: each person's last item is left out.
        checked_from: of a temporal split, when the time begins that choices between models are made on.
        dated: false where the order of a person's events is all that is known of their time.
        least: events of less weight say something of a person but are not what is to be found.
    """

    name: str
    people: Mapping[str, History]
    items: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    categories: Mapping[str, str] = field(default_factory=dict[str, str])
    cut: float | None = None
    checked_from: float | None = None
    dated: bool = True
    least: float = 0.0

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(map(len, self.people.values()))


@dataclass(frozen=True, slots=True)
class Case:
    """One person: what is known of them, and what they took then."""

    person: str
    history: tuple[Event, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """One question to all models.

    Attributes:
        name: of the question.
        told: the protocol in a sentence.
        cases: the people.
        repeats: whether what a person has already is among the candidates.
    """

    name: str
    told: str
    cases: Sequence[Case]
    repeats: bool


@dataclass(frozen=True)
class Fold:
    """What models learn from once, and the trials of what they learned."""

    name: str
    training: Sequence[History]
    trials: Sequence[Trial]
    items: tuple[str, ...]
