"""How a person takes an item again and again, in numbers: how often and how lately, and how others do with the item.

Which of these matter, and that counting decides most, is known from J. Anderson et al., "The dynamics of repeat
consumption" (WWW 2014) and M. Li et al., "A next basket recommendation reality check" (ACM TOIS 2023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Columns, Places
from ranker.behaviour.model import History

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[np.float32]]

DAY = 86_400.0
HALF_LIVES = 15.0, 60.0, 240.0  # days: of late, these months, this year
VISITS = 120.0  # half-life of the visits that an item's share is of
FLOOR = 0.02  # of a faded count, before its logarithm
USUAL = 20.0  # people who are added to each item's own, who take things again as often as all people do
FEATURES = (
    "of late",
    "these months",
    "this year",
    "share of visits",
    "visits",
    "again",
    "popular",
    "rising",
    "once",
    "once and again",
)


@dataclass(frozen=True)
class Told:
    """Events of some people as columns.

    Attributes:
        people: the row of each event's person.
        items: the column of its item.
        days: when it was, in days since 1970.
        weights: how much it says.
    """

    people: Places
    items: Places
    days: Floats
    weights: Floats

    def where(self, chosen: NDArray[np.bool_] | Places) -> Told:
        """Some of the events, or all in another order."""
        return Told(self.people[chosen], self.items[chosen], self.days[chosen], self.weights[chosen])

    def pairs(self, size: int) -> Places:
        """A number for each event's person and item; ``size`` is how many items there are."""
        return self.people * size + self.items


def told(histories: Sequence[History], columns: Columns) -> Told:
    """The known events of histories."""
    known = [columns.known(history) for history in histories]
    places = [columns.places(history) for history in histories]
    return Told(
        np.repeat(np.arange(len(known)), [len(events) for events in known]),
        np.concatenate([*places, np.zeros(0, dtype=np.int64)]),
        np.array([event.at for events in known for event in events], dtype=np.float64) / DAY,
        np.array([event.weight for events in known for event in events], dtype=np.float64),
    )


@dataclass(frozen=True)
class ItemHabits:
    """What all people do with each item.

    Attributes:
        again: log odds that somebody who took it takes it twice or more, drawn to those of all items.
        popular: log of the people who took it, and one.
        rising: log of how much of what was taken in the last months was taken in the last weeks.
    """

    again: NDArray[np.float32]
    popular: NDArray[np.float32]
    rising: NDArray[np.float32]

    @classmethod
    def of(cls, events: Told, now: float, size: int) -> ItemHabits:
        """As of a day."""
        pairs, times = np.unique(events.pairs(size), return_counts=True)
        takers = np.bincount(pairs % size, minlength=size)
        repeaters = np.bincount(pairs[times > 1] % size, minlength=size)
        usual = (repeaters.sum() + 1) / (takers.sum() + 2)
        odds = (repeaters + USUAL * usual) / (takers - repeaters + USUAL * (1 - usual))
        weeks, months = (
            np.bincount(events.items, 0.5 ** ((now - events.days) / half_life), minlength=size)
            for half_life in (15.0, 120.0)
        )
        found = np.log(odds), np.log1p(takers), np.log((weeks + 0.5) / (months + 4.0))
        return cls(*(np.asarray(each, dtype=np.float32) for each in found))

    def arrays(self) -> Arrays:
        """As it is stored."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[np.float32]]) -> ItemHabits:
        """As it was stored."""
        return cls(**{each.name: arrays[each.name] for each in fields(cls)})


@dataclass(frozen=True)
class Habits:
    """What each person took before, one row a person and item.

    Attributes:
        people: the row's person.
        items: its item.
        features: a column each of ``FEATURES``.
    """

    people: Places
    items: Places
    features: Floats


def habits(events: Told, now: Floats, items: ItemHabits) -> Habits:
    """The habits of people as of a day.

    Args:
        events: theirs; none is after the day.
        now: each person's day.
        items: what all people do with the items.
    """
    size = len(items.again)
    order = np.argsort(events.pairs(size), kind="stable")
    events = events.where(order)
    pairs, starts = np.unique(events.pairs(size), return_index=True)
    people, columns = pairs // size, pairs % size
    if not len(pairs):
        return Habits(people, columns, np.zeros((0, len(FEATURES))))
    ages = now[events.people] - events.days

    def faded(half_life: float) -> Floats:
        return np.add.reduceat(events.weights * 0.5 ** (ages / half_life), starts)

    visits, share = _visits(events, now, 60.0)[people], _visits(events, now, VISITS)[people]
    once = (np.diff(np.append(starts, len(events.days))) == 1).astype(np.float64)
    found = (
        *(np.log(faded(half_life) + FLOOR) for half_life in HALF_LIVES),
        np.log((faded(VISITS) + FLOOR) / (share + 0.5)),
        np.log(visits + 0.3),
        *(each[columns] for each in (items.again, items.popular, items.rising)),
        once,
        once * items.again[columns],
    )
    return Habits(people, columns, np.stack(found, axis=1).astype(np.float64))


def _visits(events: Told, now: Floats, half_life: float) -> Floats:
    """How often each person came, older visits counting less; what is taken at one time is one visit."""
    met = np.unique(np.stack([events.people.astype(np.float64), events.days]), axis=1)
    people = met[0].astype(np.int64)
    visits = np.bincount(people, 0.5 ** ((now[people] - met[1]) / half_life), minlength=len(now))
    return np.asarray(visits, dtype=np.float64)
