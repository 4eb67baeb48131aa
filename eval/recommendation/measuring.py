"""One model asked one trial's questions: scores in batches that fit into memory, metrics person by person."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.recommendation.metrics import DEPTH, METRICS, SHOWN, Lists, Shelf, accuracy, lists, of_list
from eval.recommendation.placing import Floats, Ints, Placing, Scored
from eval.recommendation.trials import Case, Trial
from ranker.behaviour.model import BehaviourModel, Event
from ranker.cross.judging import Say

SCORES_AT_ONCE = 8_000_000
MOST_AT_ONCE = 256


class ScoreError(ValueError):
    """A model whose scores cannot be ranked."""


@dataclass(frozen=True)
class Measured:
    """One model in one trial.

    Attributes:
        values: of each metric one value a case; not a number where it says nothing of the case.
        lists: of all lists together.
        milliseconds: of scoring, a person.
    """

    values: Mapping[str, Floats]
    lists: Lists
    milliseconds: float


class Measuring:
    """Measures models on one catalogue.

    Args:
        items: the catalogue.
        shelf: what is known of its items.
        seed: of the order in which equal scores stand.
    """

    def __init__(self, items: Sequence[str], shelf: Shelf, seed: int = 0) -> None:
        self._columns = {id: column for column, id in enumerate(items)}
        self._shelf = shelf
        self._surprise, self._tail = shelf.surprise(), shelf.tail()
        self._placing = Placing(len(items), DEPTH, seed)

    def measure(self, model: BehaviourModel, trial: Trial, say: Say) -> Measured:
        """The model's metrics.

        Raises:
            ScoreError: if the model does not give one finite score an item.
        """
        rows: list[dict[str, float]] = []
        shown: list[Ints] = []
        spent = 0.0
        size = max(1, min(MOST_AT_ONCE, SCORES_AT_ONCE // len(self._columns)))
        for start in range(0, len(trial.cases), size):
            batch = trial.cases[start : start + size]
            began = time.process_time()
            scores = self._scores(model, batch)
            spent += time.process_time() - began
            for row, case in zip(scores, batch, strict=True):
                excluded = (
                    np.empty(0, dtype=np.int64) if trial.repeats else self._of(event.item for event in case.history)
                )
                placed = self._placing.place(row, self._of(case.wanted), excluded)
                rows.append(accuracy(placed) | of_list(placed.first, self._shelf, self._surprise, self._tail))
                shown.append(placed.first[:SHOWN])
            say(f"{model.name}: {trial.name}", start + len(batch), len(trial.cases))
        profiles = [self._of(event.item for event in case.history) for case in trial.cases]
        values = {name: np.array([row[name] for row in rows]) for name in METRICS}
        return Measured(values, lists(shown, profiles, self._shelf), 1000 * spent / len(trial.cases))

    def _scores(self, model: BehaviourModel, cases: Sequence[Case]) -> Scored:
        scores = np.asarray(model.score([case.history for case in cases]), dtype=np.float32)
        ids = tuple(model.items)
        if scores.shape != (len(cases), len(ids)) or not np.isfinite(scores).all():
            raise ScoreError(f"{model.name} did not give one finite score an item.")
        if ids == tuple(self._columns):
            return scores
        missing = self._columns.keys() - set(ids)
        if missing:
            raise ScoreError(f"{model.name} gives {len(missing)} items of the catalogue no score.")
        place = {id: column for column, id in enumerate(ids)}
        return scores[:, [place[id] for id in self._columns]]

    def _of(self, ids: Iterable[str]) -> Ints:
        found = dict.fromkeys(self._columns[id] for id in ids if id in self._columns)
        return np.fromiter(found, dtype=np.int64, count=len(found))


def shelf(
    items: Sequence[str],
    training: Sequence[Sequence[Event]],
    vectors: Scored | None,
    categories: Mapping[str, str],
) -> Shelf:
    """What is known of the items of a catalogue."""
    columns = {id: column for column, id in enumerate(items)}
    counts = np.zeros(len(items), dtype=np.int64)
    for history in training:
        for id in {event.item for event in history}:
            if id in columns:
                counts[columns[id]] += 1
    if vectors is not None:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return Shelf(counts, len(training), vectors=vectors / np.where(lengths > 0, lengths, 1))
    if not categories:
        return Shelf(counts, len(training))
    numbers = {name: number for number, name in enumerate(sorted(set(categories.values())))}
    told = np.array([numbers[categories[id]] if id in categories else -1 for id in items], dtype=np.int64)
    return Shelf(counts, len(training), categories=told)
