"""Made-up people who look at goods and buy some: good for speed, meaningless for quality.

Everybody has a few favourite categories, some goods are wanted far more than others (Zipf), acts come in visits over
the last 90 days, most looks lead to nothing, and some goods are bought again and again. The same seed gives the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select, update

from ranker.behaviour.model import Event
from retriever.database import Database
from retriever.feeds.feed import Progress, silent
from retriever.interactions.log import KINDS
from retriever.interactions.weighing import Weights
from retriever.records import EventRecord, ProductRecord

FEED = "made-up"
DAY = 86_400.0
DAYS = 90
FAVOURITES, FAITHFUL = (0.6, 0.3, 0.1), 0.8  # shares of favourite categories; of looks, that are at goods of these
A_VISIT, APART = 8, 60.0  # goods looked at in a visit, and seconds between two, on average
ANONYMOUS = 0.2  # visits in which nobody signed in
CLICKED, CARRIED, BOUGHT = 0.3, 0.12, 0.05  # of looks
AGAIN, TIMES, GAP = 20, 3, 25 * DAY  # every 20th product is bought again, so often, after so long
DATED = 730  # days over which goods were published
AT_ONCE = 20_000  # rows in a transaction

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Acts:
    """What was done, earliest first. ``person`` is -1 in a visit without one; ``kind`` is a place in KINDS."""

    person: Rows
    visit: Rows
    row: Rows
    kind: Rows
    at: Floats

    def __len__(self) -> int:
        return len(self.at)

    def only(self, chosen: NDArray[Any]) -> Self:
        """These alone, in this order."""
        person, visit, row, kind = (column[chosen] for column in (self.person, self.visit, self.row, self.kind))
        return type(self)(person, visit, row, kind, self.at[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Acts]) -> Self:
        """All of them, in order of time."""
        columns = (np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__)
        found = cls(*columns)
        return found.only(np.argsort(found.at, kind="stable"))

    def histories(self, ids: Sequence[str], people: int) -> list[list[Event]]:
        """One a person, empty ones included, in order of time; each act weighs what its kind does."""
        worth = [Weights().kinds[kind] for kind in KINDS]
        found: list[list[Event]] = [[] for _ in range(people)]
        rows: list[int] = self.row.tolist()
        for person, row, kind, at in zip(self.person.tolist(), rows, self.kind.tolist(), self.at.tolist(), strict=True):
            if person >= 0:
                found[person].append(Event(ids[row], at, worth[kind]))
        return found


def made_up(category: NDArray[Any], people: int, events: int, *, now: float, seed: int = 0) -> Acts:
    """About so many acts (repeated purchases come on top) of these people with goods of these categories."""
    dice = np.random.default_rng(seed)
    a_look = 1 + CLICKED + CARRIED + BOUGHT
    looks = _looks(category, people, max(1, round(events / a_look)), now, dice)
    parts = [looks]
    for kind, share, later in (("click", CLICKED, 5.0), ("add_to_cart", CARRIED, 20.0), ("purchase", BOUGHT, 300.0)):
        some = looks.only(dice.random(len(looks)) < share)
        parts.append(Acts(some.person, some.visit, some.row, np.full(len(some), KINDS.index(kind)), some.at + later))
    parts += _repeated(parts[-1], dice)
    found = Acts.joined(parts)
    return found.only(found.at < now)


def _looks(category: NDArray[Any], people: int, many: int, now: float, dice: np.random.Generator) -> Acts:
    visits = max(1, many // A_VISIT)
    busy = dice.lognormal(0.0, 1.2, people)
    whose = dice.choice(people, visits, p=busy / busy.sum())
    visit = np.sort(dice.integers(visits, size=many))
    first = np.searchsorted(visit, visit)  # where each visit begins
    elapsed = np.cumsum(dice.exponential(APART, many))
    begun = now - dice.random(visits) * DAYS * DAY
    at = begun[visit] + elapsed - elapsed[first]
    named = dice.random(visits) >= ANONYMOUS
    row = _taken(category, people, whose[visit], dice)
    return Acts(np.where(named, whose, -1)[visit], visit, row, np.zeros(many, np.int64), at)


def _taken(category: NDArray[Any], people: int, who: Rows, dice: np.random.Generator) -> Rows:
    """What is looked at: of a favourite category mostly, by Zipf's law within it and in the whole shop."""
    many = len(category)
    wanted = 1.0 / (dice.permutation(many) + 10.0)
    order = np.argsort(category, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(wanted[order])])
    kinds = np.flatnonzero(np.r_[True, np.diff(category[order]) != 0])
    start, end = total[kinds], total[np.r_[kinds[1:], many]]
    favourite = dice.choice(len(kinds), (people, len(FAVOURITES)), p=(end - start) / total[-1])
    kind = favourite[who, dice.choice(len(FAVOURITES), len(who), p=FAVOURITES)]
    faithful = dice.random(len(who)) < FAITHFUL
    low, high = np.where(faithful, start[kind], 0.0), np.where(faithful, end[kind], total[-1])
    place = np.searchsorted(total, low + dice.random(len(who)) * (high - low), side="right") - 1
    return order[np.clip(place, 0, many - 1)]


def _repeated(bought: Acts, dice: np.random.Generator) -> list[Acts]:
    used_up = bought.only((bought.row % AGAIN == 0) & (bought.person >= 0))
    gap = GAP * dice.uniform(0.8, 1.2, len(used_up))
    return [
        Acts(used_up.person, used_up.visit, used_up.row, used_up.kind, used_up.at + time * gap)
        for time in range(1, TIMES + 1)
    ]


def settle(database: Database, ids: Sequence[str], acts: Acts, *, now: float, progress: Progress = silent) -> None:
    """Put the acts on record in the place of all events, and give the goods days on which they were published."""
    days = np.random.default_rng(len(ids)).random(len(ids)) * DATED
    with database.transaction() as session:
        session.execute(delete(EventRecord))
        dated = [{"id": id, "published_at": _time(now - age * DAY)} for id, age in zip(ids, days, strict=True)]
        session.execute(update(ProductRecord), dated)
    for start in range(0, len(acts), AT_ONCE):
        with database.transaction() as session:
            session.execute(insert(EventRecord), _records(ids, acts, start))
        progress("putting events on record", min(start + AT_ONCE, len(acts)), len(acts))


def settled(database: Database) -> int:
    """How many made-up events are on record."""
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(EventRecord).where(EventRecord.feed == FEED)) or 0


def customer(person: int) -> str:
    """The id of a person."""
    return f"person-{person}"


def _records(ids: Sequence[str], acts: Acts, start: int) -> list[dict[str, Any]]:
    part = acts.only(np.arange(start, min(start + AT_ONCE, len(acts))))
    columns = (part.person.tolist(), part.visit.tolist(), part.row.tolist(), part.kind.tolist(), part.at.tolist())
    return [
        {
            "id": f"made-up-{start + number}", "feed": FEED, "content_hash": "", "kind": KINDS[kind],
            "customer_id": customer(person) if person >= 0 else "", "session_id": f"visit-{visit}",
            "product_id": ids[row], "at": _time(at), "value": {"dwell_seconds": 5 + number % 90} if kind == 0 else {},
        }
        for number, (person, visit, row, kind, at) in enumerate(zip(*columns, strict=True))
    ]  # fmt: skip


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
