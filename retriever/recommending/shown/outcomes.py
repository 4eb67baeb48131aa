"""What recommendations led to, counted: for a shop to read, and as evidence for what is worth another try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from retriever.database import Database
from retriever.recommending.listing.exploring import Evidence
from retriever.recommending.shown.attribution import CART, CLICK, PURCHASE, Attributed, Pair, Reading, attributed

RECENT = Reading(most=20_000, slots=False)  # lists that say what people like now
USUAL = Evidence().rate  # of clicks ...
DOUBT = 100.0  # ... in so many showings, beside those of the shop


@dataclass
class Counts:
    """Of products in lists."""

    shown: int = 0
    clicked: int = 0
    carted: int = 0
    bought: int = 0


@dataclass(frozen=True)
class Report:
    """What recommendations led to, by where they came from, what they were for, where they were shown, and item."""

    since: datetime
    lists: int
    private: int
    explored: int
    ignored: int
    total: Counts
    by_source: Mapping[str, Counts] = field(default_factory=dict[str, Counts])
    by_goal: Mapping[str, Counts] = field(default_factory=dict[str, Counts])
    by_surface: Mapping[str, Counts] = field(default_factory=dict[str, Counts])
    by_item: Mapping[str, Counts] = field(default_factory=dict[str, Counts])


def report(database: Database, since: datetime, now: datetime | None = None) -> Report:
    """The counts of the lists shown from ``since`` on.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    return counted(attributed(database, since=since, now=now or datetime.now(UTC)), since)


def counted(found: Attributed, since: datetime) -> Report:
    """The counts of these lists."""
    total = Counts()
    groups: tuple[dict[str, Counts], ...] = ({}, {}, {}, {})
    for one in found.lists:
        for product, source in one.sources.items():
            names = (source, one.goal, one.surface, product)
            held = [group.setdefault(name, Counts()) for group, name in zip(groups, names, strict=True)]
            for counts in (total, *held):
                _count(counts, found, (one.id, product))
    return Report(
        since=since,
        lists=len(found.lists),
        private=found.private,
        explored=sum(one.slot is not None for one in found.lists),
        ignored=found.ignored,
        total=total,
        by_source=groups[0],
        by_goal=groups[1],
        by_surface=groups[2],
        by_item=groups[3],
    )


def _count(counts: Counts, found: Attributed, pair: Pair) -> None:
    counts.shown += 1
    counts.clicked += pair in found.outcomes[CLICK]
    counts.carted += pair in found.outcomes[CART]
    counts.bought += pair in found.outcomes[PURCHASE]


def evidence(database: Database, since: datetime, now: datetime | None = None) -> Evidence:
    """How often items were shown and clicked from ``since`` on.

    One person vouches for an item once a day, however many lists show it. The rate is drawn to the usual one.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    found = attributed(database, since=since, now=now or datetime.now(UTC), reading=RECENT)
    clicks = found.outcomes[CLICK]
    shown = Counter[str]()
    vouched: dict[tuple[str, str, object], float] = {}
    for one in found.lists:
        shown.update(one.sources.keys())
        who = one.customer_id or one.session_id or one.id
        for product in one.sources:
            if weight := clicks.get((one.id, product), 0.0):
                key = product, who, one.at.date()
                vouched[key] = max(weight, vouched.get(key, 0.0))
    clicked: dict[str, float] = {}
    for (product, _, _), weight in vouched.items():
        clicked[product] = clicked.get(product, 0.0) + weight
    rate = (sum(clicked.values()) + DOUBT * USUAL) / (shown.total() + DOUBT)
    return Evidence(dict(shown), clicked, rate)
