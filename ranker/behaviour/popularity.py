"""The baselines that know nobody: what most people took, ever or of late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranker.behaviour.columns import Columns, learnable
from ranker.behaviour.model import BehaviourError, BehaviourModel, History, Items, Scores
from ranker.behaviour.stored import Parts
from ranker.cross.judging import Say

DAY = 86_400.0


class Popular:
    """The same scores for everybody."""

    kind = "popular"

    def __init__(self, name: str, ids: Sequence[str], counts: Scores) -> None:
        self.name = name
        self.items = tuple(ids)
        self._counts = counts

    def score(self, histories: Sequence[History]) -> Scores:
        """How popular each item is, for each history."""
        return np.tile(self._counts, (len(histories), 1))

    def parts(self) -> Parts:
        """Its counts."""
        return Parts({"name": self.name}, {"counts": self._counts})

    @classmethod
    def of(cls, ids: Sequence[str], parts: Parts) -> Popular:
        """The model of its parts."""
        return cls(str(parts.facts["name"]), ids, parts.arrays["counts"])


@dataclass(frozen=True)
class Popularity:
    """Counts the people who took an item, by the weight of their events."""

    name: str = "popularity"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """The counts."""
        matrix = learnable(histories, items)
        say("counting", len(histories), len(histories))
        return Popular(self.name, items.ids, np.asarray(matrix.sum(axis=0), dtype=np.float32)[0])


@dataclass(frozen=True)
class RecentPopularity:
    """Counts as ``Popularity`` does, but an event counts half as much after every half-life.

    Attributes:
        half_life: in days.
    """

    half_life: float = 30.0
    name: str = "recent popularity"

    def __post_init__(self) -> None:
        if not self.half_life > 0:
            raise BehaviourError("A half-life must be more than 0 days.", "Give a positive number of days.")

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """The counts, as of the last event."""
        learnable(histories, items)
        columns = Columns(items.ids)
        known = [event for history in histories for event in columns.known(history)]
        places = np.concatenate([columns.places(history) for history in histories])
        ages = max(event.at for event in known) - np.array([event.at for event in known])
        weights = np.array([event.weight for event in known]) * 0.5 ** (ages / (self.half_life * DAY))
        say("counting", len(histories), len(histories))
        counts = np.bincount(places, weights=weights, minlength=len(items.ids)).astype(np.float32)
        return Popular(self.name, items.ids, counts)
