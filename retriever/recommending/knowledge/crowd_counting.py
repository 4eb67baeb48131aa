"""The crowd counted: from everybody's acts, cleaned, damped and weighed as for histories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.database import Database
from retriever.interactions.cleaning import Limits, cleaned
from retriever.interactions.damping import Doubt, damped
from retriever.interactions.log import KINDS, PURCHASE, Act, Log
from retriever.interactions.recorded import recorded_acts
from retriever.interactions.weighing import TIMELESS, Weights, weigh
from retriever.recommending.knowledge.co_occurrence import Caps, how_telling, taken_together
from retriever.recommending.knowledge.crowd import Crowd, Repeats
from retriever.recommending.knowledge.goods import Goods

DAY = 86_400.0
TAKING = tuple(KINDS.index(kind) for kind in ("add_to_cart", "purchase", "rate"))

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counting:
    """How acts become a crowd.

    Attributes:
        weights: of acts; their half-lives say how soon what was wanted is forgotten.
        recent: days that trends are about ...
        before: ... and the days before them, which they are compared with.
    """

    limits: Limits = field(default_factory=Limits)
    weights: Weights = field(default_factory=Weights)
    doubt: Doubt = field(default_factory=Doubt)
    caps: Caps = field(default_factory=Caps)
    recent: float = 14.0
    before: float = 56.0


@dataclass(frozen=True, eq=False)
class _Acts:
    """Cleaned acts with goods of the shop, by person and time. ``weight`` is damped, and no age is in it."""

    person: Rows
    row: Rows
    kind: NDArray[np.int8]
    at: Floats
    weight: Floats

    def only(self, chosen: NDArray[np.bool_]) -> _Acts:
        return _Acts(self.person[chosen], self.row[chosen], self.kind[chosen], self.at[chosen], self.weight[chosen])


def read_crowd(database: Database, goods: Goods, *, now: float, counting: Counting | None = None) -> Crowd:
    """The crowd of everybody who may be learned from; see ``recorded_acts`` for who that is.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    return count_crowd(recorded_acts(database), goods, now=now, counting=counting)


def count_crowd(acts: Iterable[Act], goods: Goods, *, now: float, counting: Counting | None = None) -> Crowd:
    """The crowd in these acts; those with products that the shop does not have count for nothing."""
    counting = counting or Counting()
    kept = _kept(Log.of(acts), goods, now, counting)
    many = len(goods)
    taken = kept.only(np.isin(kept.kind, TAKING))
    daily = _once_a_day(kept, kept.weight)
    recent, before = counting.recent * DAY, counting.before * DAY
    acts_of = (taken.person, taken.row, taken.at, many)
    together = taken_together(*acts_of, counting.caps)
    age = now - daily.at
    late, earlier = age <= recent, (age > recent) & (age <= recent + before)
    return Crowd(
        made_at=now,
        events=len(kept.at),
        people=_people(kept, many),
        wanted=_wanted(kept, counting.weights, many),
        recent=_summed(daily.row[late], daily.weight[late], many),
        before=_summed(daily.row[earlier], daily.weight[earlier], many) * (recent / before),
        together=together,
        repeats=_repeats(kept.only(kept.kind == PURCHASE), many),
        telling=how_telling(*acts_of, together, counting.caps),
    )


def _kept(log: Log, goods: Goods, now: float, counting: Counting) -> _Acts:
    log = cleaned(log, now=now, limits=counting.limits).log
    timeless = Weights(
        kinds=counting.weights.kinds,
        half_lives=TIMELESS.half_lives,
        usual_dwell=counting.weights.usual_dwell,
        least_dwell=counting.weights.least_dwell,
        most_dwell=counting.weights.most_dwell,
    )
    weight, _ = damped(log, weigh(log, timeless, now=now), counting.doubt)
    rows = np.array([goods.rows.get(item, -1) for item in log.items], dtype=np.int64)
    row = rows[log.item] if len(log) else np.zeros(0, np.int64)
    acts = _Acts(log.person.astype(np.int64), row, log.kind, log.at, weight)
    return acts.only((row >= 0) & (weight > 0))


def _once_a_day(acts: _Acts, weight: Floats) -> _Acts:
    """The weightiest act of each person with each product on each day: the hundredth look adds nothing."""
    day = np.floor(acts.at / DAY).astype(np.int64)
    order = np.lexsort((weight, day, acts.row, acts.person))
    person, row, day = acts.person[order], acts.row[order], day[order]
    last = np.ones(len(order), np.bool_)
    last[:-1] = (person[1:] != person[:-1]) | (row[1:] != row[:-1]) | (day[1:] != day[:-1])
    places = order[last]
    return _Acts(acts.person[places], acts.row[places], acts.kind[places], acts.at[places], weight[places])


def _wanted(acts: _Acts, weights: Weights, many: int) -> Floats:
    if not len(acts.at):
        return np.zeros(many)
    lives = np.array([weights.half_lives.get(kind, np.inf) for kind in KINDS])
    # Ages count from the last act: a shop whose last event is of long ago has popular goods all the same.
    age = (acts.at.max() - acts.at) / DAY
    daily = _once_a_day(acts, acts.weight * 0.5 ** (age / lives[acts.kind]))
    return _summed(daily.row, daily.weight, many)


def _people(acts: _Acts, many: int) -> Rows:
    return np.bincount(_pairs(acts.person, acts.row, many)[0] % many, minlength=many) if many else np.zeros(0, np.int64)


def _pairs(person: Rows, row: Rows, many: int) -> Any:
    """Each pair of person and product once, as one number, and how often it occurs."""
    return np.unique(person * max(many, 1) + row, return_counts=True)


def _repeats(bought: _Acts, many: int) -> Repeats:
    bought = _once_a_day(bought, bought.weight)  # ordered by person, product and day
    pairs, times = _pairs(bought.person, bought.row, many)
    product = pairs % max(many, 1)
    same = (bought.person[1:] == bought.person[:-1]) & (bought.row[1:] == bought.row[:-1])
    return Repeats(
        gap=_medians(bought.row[1:][same], np.diff(bought.at)[same], many),
        buyers=np.bincount(product, minlength=many),
        again=np.bincount(product[times > 1], minlength=many),
    )


def _medians(row: Rows, value: Floats, many: int) -> Floats:
    """The median of the values of each row; NaN where it has none."""
    found = np.full(many, np.nan)
    if not len(row):
        return found
    order = np.lexsort((value, row))
    row, value = row[order], value[order]
    rows, start, count = np.unique(row, return_index=True, return_counts=True)
    found[rows] = (value[start + (count - 1) // 2] + value[start + count // 2]) / 2
    return found


def _summed(row: Rows, weight: Floats, many: int) -> Floats:
    return np.bincount(row, weight, many).astype(np.float64)
