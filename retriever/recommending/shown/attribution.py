"""What recommendations led to: clicks, goods put into the cart, purchases, each credited to one list at most.

An event that names a list and one of the products shown in it touches that product, if the list is known, was shown
to whoever the event is of, and not too long before. What somebody puts into the cart or buys within a week of touching
it is credited to the list that was touched first, whether or not the event, or the order, names any list. A product of
a list is clicked, carted and bought once: hammering on it changes nothing. Clicks of programs count for nothing, and
those on an item that somebody pushes count as little as ``interactions.damping`` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from retriever.database import Database
from retriever.interactions.cleaning import cleaned
from retriever.interactions.consent import Consent, read_consent
from retriever.interactions.damping import DAY, damped
from retriever.interactions.log import Act, Log
from retriever.interactions.recorded import AT_ONCE, SESSION, UNDONE
from retriever.interactions.weighing import TIMELESS, weigh
from retriever.recommending.listing.exploring import Option, Slot
from retriever.records import EventRecord, OrderLineRecord, OrderRecord, RecommendationRecord

CLICK, CART, PURCHASE = "click", "add_to_cart", "purchase"
OUTCOMES = (CLICK, CART, PURCHASE)
WINDOW = timedelta(days=7)
SKEW = timedelta(minutes=5)  # by which clocks may differ

Pair = tuple[str, str]  # a list's id and a product's


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of the log.

    Args:
        window: how long after a list something may be credited to it.
        most: lists, the latest.
        slots: also what chance decided, which is most of what a list holds.
    """

    window: timedelta = WINDOW
    most: int = 200_000
    slots: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A list as it is in the log."""

    id: str
    at: datetime
    customer_id: str
    session_id: str
    surface: str
    goal: str
    policy: str
    sources: Mapping[str, str]  # by product, in the order in which they were shown
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Touch:
    """An event that names a list and a product of it."""

    list_id: str
    product_id: str
    kind: str
    at: datetime
    customer_id: str
    session_id: str

    @property
    def person(self) -> str:
        """As histories name people."""
        return self.customer_id or SESSION + self.session_id

    @property
    def people(self) -> tuple[str, ...]:
        """Both names of somebody who signed in during a visit."""
        found = (self.customer_id, SESSION + self.session_id if self.session_id else "")
        return tuple(name for name in found if name)


@dataclass(frozen=True)
class Attributed:
    """Lists, and what became of their products.

    Attributes:
        lists: oldest first.
        private: how many more were shown to people who want no profile; nothing can be said of them.
        outcomes: by kind, products of lists with the weight of what happened: 1, and less for a pushed item's click.
        ignored: events that name a list and count for nothing: no such list or product in it, somebody else's, too
            late, or a program's.
    """

    lists: tuple[Shown, ...]
    private: int
    outcomes: Mapping[str, Mapping[Pair, float]]
    ignored: int


def attributed(database: Database, *, since: datetime, now: datetime, reading: Reading | None = None) -> Attributed:
    """The lists shown from ``since`` on, and what they led to until ``now``.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    reading = reading or Reading()
    window = reading.window
    with database.session() as session:
        consent = read_consent(session)
        lists, private = _lists(session, since, now, reading)
        if len(lists) + private == reading.most and lists:
            since = lists[0].at  # what came before touches none of those that are read
        named = [one for one in _events(session, consent, since, now) if one.kind in OUTCOMES]
        touches = list(_valid((one for one in named if one.list_id), {one.id: one for one in lists}, window))
        names = sum(bool(one.list_id) for one in named)
        programs, kept = _doubted(session, consent, since, now) if touches else (frozenset[str](), {})
        honest = [one for one in touches if one.kind == PURCHASE or one.person not in programs]
        later = [*named, *_orders(session, consent, since, now)] if honest else []
    clicks = {
        (one.list_id, one.product_id): kept.get((one.product_id, _day(one.at)), 1.0)
        for one in honest
        if one.kind == CLICK
    }
    return Attributed(
        lists=tuple(lists),
        private=private,
        outcomes={CLICK: clicks, **_credited(honest, later, programs, window)},
        ignored=names - len(honest),
    )


def _lists(session: Session, since: datetime, now: datetime, reading: Reading) -> tuple[list[Shown], int]:
    record = RecommendationRecord
    slot = (record.slot,) if reading.slots else ()
    query = (
        select(record.id, record.at, record.customer_id, record.session_id, record.private)
        .add_columns(record.surface, record.goal, record.policy, record.shown, *slot)
        .where(record.at >= since, record.at <= now)
        .order_by(record.at.desc(), record.id)
        .limit(reading.most)
        .execution_options(yield_per=AT_ONCE)
    )
    found: list[Shown] = []
    private = 0
    for row in session.execute(query):
        if row.private:
            private += 1
        else:
            found.append(_list(row))
    return found[::-1], private


def _list(row: Any) -> Shown:
    return Shown(
        id=row.id,
        at=row.at,
        customer_id=row.customer_id,
        session_id=row.session_id,
        surface=row.surface,
        goal=row.goal,
        policy=row.policy,
        sources={one["id"]: one["source"] for one in row.shown},
        slot=read_slot(row.slot) if "slot" in row._fields else None,
    )


def read_slot(held: Mapping[str, Any]) -> Slot | None:
    """A slot from the log's form of it."""
    if not held:
        return None
    options = tuple(Option(str(id), float(share), float(mean)) for id, share, mean in held["options"])
    return Slot(int(held["place"]), str(held["chosen"]), options)


def _events(session: Session, consent: Consent, since: datetime, now: datetime) -> Iterator[Touch]:
    """What people did, with the list that it names, if any."""
    record = EventRecord
    query = (
        select(record.kind, record.at, record.customer_id, record.session_id, record.product_id, record.value)
        .where(record.at >= since - SKEW, record.at <= now + SKEW, record.kind.in_(OUTCOMES), record.product_id != "")
        .order_by(record.at, record.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for kind, at, customer, visit, product, value in session.execute(query):
        if not consent.objection(customer, product, value, at):
            name = (value or {}).get("recommendation_id")
            yield Touch(name if isinstance(name, str) else "", product, kind, at, customer, visit)


def _orders(session: Session, consent: Consent, since: datetime, now: datetime) -> Iterator[Touch]:
    order, line = OrderRecord, OrderLineRecord
    query = (
        select(order.customer_id, order.placed_at, line.product_id)
        .join(line, line.order_id == order.id)
        .where(order.placed_at >= since, order.placed_at <= now, order.status.not_in(UNDONE), order.customer_id != "")
        .order_by(order.placed_at, order.id)
    )
    for customer, at, product in session.execute(query.execution_options(yield_per=AT_ONCE)):
        if at is not None and not consent.objection(customer, product, {}, at):
            yield Touch("", product, PURCHASE, at, customer, "")


def _valid(named: Iterable[Touch], lists: Mapping[str, Shown], window: timedelta) -> Iterator[Touch]:
    """Those that tell of a list that was shown to the same person not long before."""
    for one in named:
        shown = lists.get(one.list_id)
        if shown is None or one.product_id not in shown.sources or not _same_person(one, shown):
            continue
        if shown.at - SKEW <= one.at <= shown.at + window:
            yield one


def _same_person(one: Touch, shown: Shown) -> bool:
    """A list that was shown to nobody in particular is proved by its name alone, which cannot be guessed."""
    if shown.customer_id and one.customer_id:
        return shown.customer_id == one.customer_id
    if shown.customer_id or shown.session_id:
        return bool(shown.session_id) and shown.session_id == one.session_id
    return True


def _credited(
    touches: Iterable[Touch], later: Iterable[Touch], programs: frozenset[str], window: timedelta
) -> dict[str, dict[Pair, float]]:
    """What was put into the cart and bought, by the first touch of the same product by the same person in time."""
    first: dict[Pair, list[Touch]] = {}
    for touch in sorted(touches, key=lambda one: one.at):
        for person in touch.people:
            first.setdefault((person, touch.product_id), []).append(touch)
    found: dict[str, dict[Pair, float]] = {CART: {}, PURCHASE: {}}
    for one in later:
        if one.kind == CLICK or (one.kind == CART and one.person in programs):
            continue
        before = [
            touch
            for person in one.people
            for touch in first.get((person, one.product_id), ())
            if one.at - window <= touch.at <= one.at + SKEW
        ]
        if before:
            credit = min(before, key=lambda touch: touch.at)
            found[one.kind][credit.list_id, credit.product_id] = 1.0
    return found


def _doubted(
    session: Session, consent: Consent, since: datetime, now: datetime
) -> tuple[frozenset[str], dict[tuple[str, int], float]]:
    """People who are programs, and of pushed items and days the share of weight that is left to an act."""
    record = EventRecord
    query = (
        select(record.kind, record.at, record.customer_id, record.session_id, record.product_id)
        .where(record.at >= since - SKEW, record.at <= now + SKEW, record.kind.in_(("view", *OUTCOMES)))
        .where(record.product_id != "")
        .execution_options(yield_per=AT_ONCE)
    )
    log = Log.of(
        Act(customer or SESSION + visit, kind, product, at.timestamp())
        for kind, at, customer, visit, product in session.execute(query)
        if not consent.objection(customer, product, {}, at)
    )
    clean = cleaned(log, now=now.timestamp())
    _, pushed = damped(clean.log, weigh(clean.log, TIMELESS, now=now.timestamp()))
    return frozenset(clean.programs), {(one.item, int(one.day // DAY)): one.kept for one in pushed}


def _day(at: datetime) -> int:
    return int(at.timestamp() // DAY)
