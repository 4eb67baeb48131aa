"""What people take again, and when: for groceries and whatever else is used up.

An item that the person had is scored by their habit of it, one that is new to them by its neighbours among what they
had. Both scores are log odds that the person takes the item within the next weeks, learned from the last weeks of the
histories, so that they can stand in one list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Columns, learnable
from ranker.behaviour.habits import DAY, FEATURES, ItemHabits, Told, habits, told
from ranker.behaviour.logistic import Logistic, fitted
from ranker.behaviour.model import BehaviourError, Event, History, Items, Scores
from ranker.behaviour.neighbours import ItemCosine, ItemWeights
from ranker.behaviour.stored import Parts
from ranker.cross.judging import Say

AT_ONCE = 256  # people
SPARE = 4  # the weeks that are learned from are at most one of so many parts of all time
NEGATIVES = 400  # items that a person did not take, of those that are learned from
MOST_PEOPLE = 5000  # who are learned from; the habits of a few thousand say what there is to say
PURCHASES = frozenset({"", "purchase"})  # kinds of events that take an item; a look is no habit
UNLIKE = 0.05  # added to what the neighbours say, before its logarithm
RIDGE = 1.0
# One weight a feature. A habit goes on; taking more, or later, never lowers the odds.
AGAIN_BELIEF = (0.0, 0.0, 1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0)
AGAIN_RISING = (True, True, True, True, True, True, True, False, False, False)
FIRST_BELIEF, FIRST_RISING = (1.0, 0.1), (True, False)  # neighbours, popularity


class RepeatModel:
    """Habits and neighbours.

    Args:
        until: the day on which learning ended.
        again: scores an item that the person had.
        first: scores one that is new to them.
        habits: of all people with the items.
        near: the neighbours.
    """

    kind = "repeat"

    def __init__(
        self, name: str, until: float, again: Logistic, first: Logistic, habits: ItemHabits, near: ItemWeights
    ) -> None:
        self.name = name
        self.items = near.items
        self._columns = Columns(near.items)
        self._until, self._again, self._first = until, again, first
        self._habits, self._near = habits, near

    def score(self, histories: Sequence[History]) -> Scores:
        """Log odds; of a history that says nothing, what the people's number says of each item.

        The day is that on which learning ended, or that of a person's last event if it is later.
        """
        size = len(self.items)
        scores = np.empty((len(histories), size), dtype=np.float32)
        for start in range(0, len(histories), AT_ONCE):
            some = [_purchases(history) for history in histories[start : start + AT_ONCE]]
            scores[start : start + len(some)] = self._scored(some)
        return scores

    def _scored(self, histories: Sequence[History]) -> Scores:
        events = told(histories, self._columns)
        scores = self._first.odds(_novelty(self._near.score(histories), self._habits)).astype(np.float32)
        telling = np.zeros(len(histories), dtype=bool)
        telling[events.people] = True
        scores[~telling] = self._habits.popular
        now = np.full(len(histories), self._until)
        np.maximum.at(now, events.people, events.days)
        found = habits(events, now, self._habits)
        scores[found.people, found.items] = self._again.odds(found.features)
        return scores

    def parts(self) -> Parts:
        """Both regressions, the items' habits and the neighbours."""
        near = self._near.parts()
        arrays = {f"near.{name}": array for name, array in near.arrays.items()}
        facts: dict[str, Any] = {"name": self.name, "until": self._until}
        for name, found in (("again", self._again), ("first", self._first)):
            facts[name] = {"weights": list(found.weights), "constant": found.constant}
        return Parts(facts | {"near": dict(near.facts)}, arrays | self._habits.arrays())

    @classmethod
    def of(cls, ids: Sequence[str], parts: Parts) -> RepeatModel:
        """The model of its parts."""
        facts, arrays = parts.facts, parts.arrays
        near = {name.removeprefix("near."): array for name, array in arrays.items() if name.startswith("near.")}
        again, first = (Logistic(tuple(facts[name]["weights"]), facts[name]["constant"]) for name in ("again", "first"))
        neighbours = ItemWeights.of(ids, Parts(facts["near"], near))
        return cls(str(facts["name"]), float(facts["until"]), again, first, ItemHabits.read(arrays), neighbours)


@dataclass(frozen=True)
class RepeatTrainer:
    """Learns from the last weeks what the weeks before them said of them.

    Attributes:
        horizon: days that are looked ahead.
        least: events of less weight say something but are not what is to be found.
        neighbours: finds what people take together.
        seed: of the items that are drawn.
    """

    horizon: float = 42.0
    least: float = 0.0
    neighbours: ItemCosine = field(default_factory=ItemCosine)
    name: str = "repeat"
    seed: int = 7

    def __post_init__(self) -> None:
        if not self.horizon > 0:
            raise BehaviourError("Nothing can be foreseen for 0 days.", "Give a positive number of days.")

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> RepeatModel:
        """Both regressions, as of the last weeks; habits and neighbours as of now.

        Events of a kind other than a purchase say nothing here: what somebody looks at again is not what is used up.

        Raises:
            BehaviourError: if none of the events is a purchase of an item in the catalogue.
        """
        learnable(histories, items)
        histories = [_purchases(history) for history in histories]
        if not any(histories):
            raise BehaviourError("None of the events is a purchase.", "Train another model until there are some.")
        learnable(histories, items)
        columns = Columns(items.ids)
        every = [event.at for history in histories for event in columns.known(history)]
        first, last = min(every) / DAY, max(every) / DAY
        then = last - min(self.horizon, (last - first) / SPARE)
        say("what was taken again", 0, 3)
        again, first_taken = self._learned(_drawn(histories, self.seed), histories, items, then)
        say("what was taken again", 1, 3)
        near = self._near(histories, items)
        say("what was taken again", 2, 3)
        known = ItemHabits.of(told(histories, columns), last, len(items.ids))
        say("what was taken again", 3, 3)
        return RepeatModel(self.name, last, again, first_taken, known, near)

    def _near(self, histories: Sequence[History], items: Items) -> ItemWeights:
        return self.neighbours.fit(histories, items, lambda _what, _done, _total: None)

    def _learned(
        self, people: Sequence[History], histories: Sequence[History], items: Items, then: float
    ) -> tuple[Logistic, Logistic]:
        """The regressions that would have served best on a day."""
        columns, size = Columns(items.ids), len(items.ids)
        before = [_before(history, then) for history in histories]
        past = told(before, columns)
        if not len(past.people):
            raise BehaviourError("All events are of one moment.", "Use popularity until there are more.")
        facts = ItemHabits.of(past, then, size)
        near = self._near(before, items)
        cases = _Cases(size, facts, near, then, self.least, np.random.default_rng(self.seed))
        for start in range(0, len(people), AT_ONCE):
            cases.add(people[start : start + AT_ONCE], columns)
        return cases.again(), cases.first()


class _Cases:
    """Who had and who had not what on a day, and whether they took it afterwards."""

    def __init__(
        self, size: int, facts: ItemHabits, near: ItemWeights, then: float, least: float, dice: np.random.Generator
    ) -> None:
        self._size, self._facts, self._near = size, facts, near
        self._then, self._least, self._dice = then, least, dice
        self._again: list[NDArray[np.float64]] = [np.zeros((0, len(FEATURES) + 2))]
        self._first: list[NDArray[np.float64]] = [np.zeros((0, len(FIRST_BELIEF) + 2))]

    def add(self, people: Sequence[History], columns: Columns) -> None:
        """Some people's."""
        events = told(people, columns)
        was = events.days <= self._then
        past = events.where(was)
        taken = np.unique(events.where(~was & (events.weights >= self._least)).pairs(self._size))
        found = habits(past, np.full(len(people), self._then), self._facts)
        had = found.people * self._size + found.items
        self._again.append(_rows(found.features, np.isin(had, taken), 1.0))
        self._new(people, past, had, taken)

    def _new(self, people: Sequence[History], past: Told, had: NDArray[np.int64], taken: NDArray[np.int64]) -> None:
        told_of = np.unique(past.people)
        if not len(told_of):
            return
        scores = self._near.score([_before(history, self._then) for history in people])
        drawn = min(self._size, NEGATIVES)
        wrong = np.repeat(told_of, drawn) * self._size + self._dice.integers(self._size, size=len(told_of) * drawn)
        right = taken[np.isin(taken // self._size, told_of)]
        known = np.concatenate([had, taken])
        wrong, right = wrong[~np.isin(wrong, known)], right[~np.isin(right, had)]
        for pairs, happened, count in ((right, True, 1.0), (wrong, False, self._size / drawn)):
            row, column = pairs // self._size, pairs % self._size
            features = np.stack([_likeness(scores[row, column]), self._facts.popular[column]], axis=1)
            self._first.append(_rows(features.astype(np.float64), np.full(len(pairs), happened), count))

    def again(self) -> Logistic:
        """What had been taken before."""
        return _regression(self._again, AGAIN_BELIEF, AGAIN_RISING)

    def first(self) -> Logistic:
        """What had not."""
        return _regression(self._first, FIRST_BELIEF, FIRST_RISING)


def _rows(features: NDArray[np.float64], happened: NDArray[np.bool_], count: float) -> NDArray[np.float64]:
    return np.column_stack([features, happened.astype(np.float64), np.full(len(happened), count)])


def _regression(cases: Sequence[NDArray[np.float64]], belief: Sequence[float], rising: Sequence[bool]) -> Logistic:
    rows = np.concatenate(cases)
    if not len(rows):
        return Logistic(tuple(belief), 0.0)
    return fitted(rows[:, :-2], rows[:, -2], rows[:, -1], belief, rising, RIDGE)


def _likeness(near: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log(near + np.float32(UNLIKE))


def _novelty(near: Scores, facts: ItemHabits) -> Scores:
    """The features of what is new, for all people and items."""
    return np.stack([_likeness(near), np.broadcast_to(facts.popular, near.shape)], axis=2)


def _purchases(history: History) -> list[Event]:
    return [event for event in history if event.kind in PURCHASES]


def _before(history: History, day: float) -> list[Event]:
    return [event for event in history if event.at <= day * DAY]


def _drawn(histories: Sequence[History], seed: int) -> Sequence[History]:
    if len(histories) <= MOST_PEOPLE:
        return histories
    order = np.random.default_rng(seed).permutation(len(histories))[:MOST_PEOPLE]
    return [histories[place] for place in order]
