"""Baselines that learn nothing: what one took most, or most of late, and what is described like it.

The first is hard to beat where people buy the same again. It is sometimes called personal top frequency, and is
stronger than many published models of baskets (Li et al., "A next basket recommendation reality check", ACM TOIS 2023).
The second knows an item that nobody has taken as well as any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ranker.behaviour.columns import Columns, learnable
from ranker.behaviour.model import BehaviourError, BehaviourModel, History, Items, Scores, Vectors
from ranker.behaviour.towers import fading
from ranker.cross.judging import Say

DAY = 86_400.0
FADE = 0.8  # how much less an event says than the one after it


class OwnFrequency:
    """What a person took most comes first; then what others take most."""

    def __init__(self, name: str, ids: Sequence[str], popularity: Scores, half_life: float | None) -> None:
        self.name = name
        self.items = tuple(ids)
        self._columns = Columns(ids)
        self._popularity = popularity / (2 * max(1.0, float(popularity.max())))
        self._half_life = half_life

    def score(self, histories: Sequence[History]) -> Scores:
        """Above 1 for what is in the history, at most a half for all else."""
        scores = np.tile(self._popularity, (len(histories), 1))
        for row, history in zip(scores, histories, strict=True):
            known = self._columns.known(history)
            if not known:
                continue
            own = np.bincount(self._columns.places(history), weights=self._weights(history), minlength=row.size)
            had = own > 0
            row[had] = 1 + own[had] / own.max() + row[had] * 1e-3  # among equals, what others take more
        return scores

    def _weights(self, history: History) -> Scores:
        known = self._columns.known(history)
        weights = np.array([event.weight for event in known], dtype=np.float32)
        if self._half_life is None:
            return weights
        ages = max(event.at for event in known) - np.array([event.at for event in known])
        return (weights * 0.5 ** (ages / (self._half_life * DAY))).astype(np.float32)


@dataclass(frozen=True)
class PersonalFrequency:
    """Counts what each person took.

    Attributes:
        half_life: days after which an event counts half as much, counted back from the person's last one; ``None``:
            its age does not count.
    """

    half_life: float | None = None
    name: str = "personal frequency"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """What others take fills a list that the person's own items do not."""
        matrix = learnable(histories, items, binary=True)
        say("counting", len(histories), len(histories))
        popularity = np.asarray(matrix.sum(axis=0), dtype=np.float32)[0]
        return OwnFrequency(self.name, items.ids, popularity, self.half_life)


class Likeness:
    """Cosines of the items' words with those of what a person took, late events more."""

    def __init__(self, name: str, ids: Sequence[str], vectors: Vectors) -> None:
        self.name = name
        self.items = tuple(ids)
        self._columns = Columns(ids)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._vectors = np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def score(self, histories: Sequence[History]) -> Scores:
        """The same for all items where nothing is known of a person."""
        means = np.zeros((len(histories), self._vectors.shape[1]), dtype=np.float32)
        for mean, history in zip(means, histories, strict=True):
            places = self._columns.places(history)
            if len(places):
                mean[:] = fading(len(places), FADE) @ self._vectors[places]
        return np.asarray(means @ self._vectors.T, dtype=np.float32)


@dataclass(frozen=True)
class TextLikeness:
    """Learns nothing; needs the vectors of the items' words."""

    name: str = "text likeness"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        """The vectors.

        Raises:
            BehaviourError: if there are none.
        """
        if items.vectors is None:
            raise BehaviourError("The items have no vectors.", "Encode the items first.")
        return Likeness(self.name, items.ids, items.vectors)
