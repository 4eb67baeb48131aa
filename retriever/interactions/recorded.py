"""The acts that a shop has on record: its events, and the orders that no event tells of."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, select

from retriever.database import Database
from retriever.interactions.consent import Consent, read_consent
from retriever.interactions.log import KINDS, Act
from retriever.records import EventRecord, OrderLineRecord, OrderRecord

AT_ONCE = 1_000  # rows between two reads; requests beside them wait for one such read at most
SESSION = "session:"
UNDONE = ("cancelled", "canceled", "returned")  # orders that tell of no liking
LONGEST_DWELL = 3_600.0  # seconds; whoever looks for longer has left the page open

# Read at every request, and so built once.
_ACTS = select(
    EventRecord.kind,
    EventRecord.at,
    EventRecord.customer_id,
    EventRecord.session_id,
    EventRecord.product_id,
    EventRecord.value,
).where(EventRecord.kind.in_(KINDS), EventRecord.product_id != "")
_PEOPLE = bindparam("people", expanding=True)
_OF_CUSTOMERS = _ACTS.where(EventRecord.customer_id.in_(_PEOPLE))
# As an expression: else SQLite reads the acts of all visits without a customer, by the index over customers.
_OF_VISITS = _ACTS.where(func.coalesce(EventRecord.customer_id, "") == "", EventRecord.session_id.in_(_PEOPLE))
_LINES = (
    select(OrderRecord.id, OrderRecord.customer_id, OrderRecord.placed_at, OrderLineRecord.product_id)
    .join(OrderLineRecord, OrderLineRecord.order_id == OrderRecord.id)
    .where(OrderRecord.placed_at.is_not(None), OrderRecord.status.not_in(UNDONE), OrderRecord.customer_id != "")
)
_LINES_OF = _LINES.where(OrderRecord.customer_id.in_(_PEOPLE))

_Row = tuple[str, datetime, str, str, str, dict[str, Any]]


def recorded_acts(database: Database, people: Collection[str] | None = None) -> Iterator[Act]:
    """The acts of everybody, or of these people, in no order.

    A person is a customer, or a session in which nobody signed in. Left out are customers
    without a profile, and what was to be forgotten. An order line counts as a purchase
    unless an event with its order's number, in ``value.order_id``, tells of it.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    # A plain connection: mapped sessions take half the time in which one person's acts are read.
    with database.connection() as connection:
        consent = read_consent(connection, people)
        told: set[str] = set()
        for act, order_id in _events(connection, consent, people):
            told.add(order_id)
            yield act
        yield from _orders(connection, consent, people, told)


def _events(connection: Connection, consent: Consent, people: Collection[str] | None) -> Iterator[tuple[Act, str]]:
    if people is None:
        yield from _read(connection.execute(_ACTS.execution_options(yield_per=AT_ONCE)), consent)
        return
    customers, sessions = split(people)
    if customers:
        yield from _read(connection.execute(_OF_CUSTOMERS, {"people": customers}), consent)
    if sessions:
        yield from _read(connection.execute(_OF_VISITS, {"people": sessions}), consent)


def _read(rows: Iterable[Any], consent: Consent) -> Iterator[tuple[Act, str]]:
    for kind, at, customer, visit, product, value in cast("Iterable[_Row]", rows):
        person = customer or (SESSION + visit if visit else "")
        if person and not consent.objection(person, product, value, at):
            yield (
                Act(
                    person=person,
                    kind=kind,
                    item=product,
                    at=at.timestamp(),
                    dwell=_number(value, "dwell_seconds", LONGEST_DWELL),
                    stars=_number(value, "rating", 5.0),
                ),
                str(value.get("order_id", "")) if value else "",
            )


def _orders(
    connection: Connection, consent: Consent, people: Collection[str] | None, told: Collection[str]
) -> Iterator[Act]:
    if people is None:
        rows = connection.execute(_LINES.execution_options(yield_per=AT_ONCE))
    elif customers := split(people)[0]:
        rows = connection.execute(_LINES_OF, {"people": customers})
    else:
        return
    for id, customer, at, product in rows:
        if at is not None and id not in told and not consent.objection(customer, product, {}, at):
            yield Act(customer, "purchase", product, at.timestamp())


def split(people: Collection[str]) -> tuple[list[str], list[str]]:
    """Customers, and sessions without one, of people as histories name them."""
    customers = [person for person in people if person and not person.startswith(SESSION)]
    return customers, [person.removeprefix(SESSION) for person in people if person.startswith(SESSION)]


def _number(value: Mapping[str, Any], name: str, most: float) -> float | None:
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found) or found < 0:
        return None
    return min(float(found), most)
