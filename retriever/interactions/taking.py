"""Events as they come in: each is taken, set aside or refused, and whoever sent it is told which and why.

- Taken: it counts from now on. An event whose id is known already, with the same content, is a
  duplicate and changes nothing; sending a batch again after a failure is always right.
- Set aside: its product is not in the shop yet, or its time has not come. It is kept as it came,
  and taken once the shop has the product, or the time has come.
- Refused: it cannot be read, its id belongs to another event, or the person wants none kept.
  Nothing of it is kept.

One bad event does not cost the others of its batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from retriever.database import Database
from retriever.errors import BadInputError
from retriever.feeds.feed import printable, reasons
from retriever.feeds.rows import EventRow
from retriever.interactions.consent import read_consent
from retriever.interactions.recorded import SESSION
from retriever.product import Shape
from retriever.records import EventAside, EventRecord, ProductRecord, VariantRecord

MOST = 1_000
"""Events in one batch: more would hold the database for others, and are quickly sent in several."""

FEED = "(recorded)"  # owns what came in one by one; no import takes it away
SKEW = timedelta(minutes=5)  # by which clocks may differ
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before that no shop had a page: the clock was never set
NEEDS_PRODUCT = frozenset({"view", "click", "add_to_cart", "purchase", "rate"})
_ROW: TypeAdapter[EventRow] = TypeAdapter(EventRow)


class NotTaken(Shape):
    """An event that was not taken: its place in the batch (from 0), its id where it has one, and why."""

    index: int
    event_id: str
    reason: str


class Taken(Shape):
    """What became of a batch."""

    accepted: int
    duplicates: int
    set_aside: tuple[NotTaken, ...]
    refused: tuple[NotTaken, ...]


class EventTaker:
    """Takes events into a shop's records.

    Args:
        database: the records.
        clock: what time it is.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    def take(self, events: Sequence[object]) -> Taken:
        """Take a batch; each of ``events`` is a JSON object with the fields of an event row.

        Raises:
            BadInputError: if there are none, or more than MOST. Nothing was kept then.
            UnavailableError: if the database cannot be used.
        """
        if not events:
            raise BadInputError("There are no events in the batch.", "Send at least one.")
        if len(events) > MOST:
            raise BadInputError(
                f"There are {len(events):,} events in the batch; at most {MOST:,} are taken at once.",
                f"Nothing was kept. Send them in batches of {MOST:,}, or import them as a file: shopwise import jsonl.",
            )
        batch = _Batch(self._clock())
        rows = [row for index, event in enumerate(events) if (row := batch.read(index, event)) is not None]
        with self._database.transaction() as session:
            self._take(session, batch, rows)
        return Taken(
            accepted=batch.accepted,
            duplicates=batch.duplicates,
            set_aside=tuple(sorted(batch.set_aside, key=lambda one: one.index)),
            refused=tuple(sorted(batch.refused, key=lambda one: one.index)),
        )

    def retry(self) -> int:
        """Take what was set aside and can now be taken; says how many that were."""
        now, taken = self._clock(), 0
        while True:
            with self._database.transaction() as session:
                ready = select(EventAside).where(
                    EventAside.at <= now + SKEW,
                    (EventAside.product_id == "")
                    | EventAside.product_id.in_(select(ProductRecord.id))
                    | EventAside.product_id.in_(select(VariantRecord.id)),
                )
                waiting = list(session.scalars(ready.order_by(EventAside.id).limit(MOST)))
                if not waiting:
                    return taken
                rows = [(at, _ROW.validate_python(one.body)) for at, one in enumerate(waiting)]
                session.execute(delete(EventAside).where(EventAside.id.in_([one.id for one in waiting])))
                batch = _Batch(now)
                self._take(session, batch, rows)
                taken += batch.accepted

    def _take(self, session: Session, batch: _Batch, rows: Sequence[tuple[int, EventRow]]) -> None:
        known = _known(session, [row.id for _, row in rows])
        consent = read_consent(session, {_person(row) for _, row in rows})
        products = _products(session, {row.product_id for _, row in rows if row.product_id})
        for index, row in rows:
            if objection := consent.objection(_person(row), row.product_id, row.value, row.at):
                batch.refuse(index, row.id, objection)
                continue
            batch.place(index, row, known, products.get(row.product_id, ""))
        if batch.records:
            session.execute(insert(EventRecord), batch.records)
        if batch.asides:
            session.execute(insert(EventAside), batch.asides)


class _Batch:
    """One batch while it is sorted."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.accepted = 0
        self.duplicates = 0
        self.refused: list[NotTaken] = []
        self.set_aside: list[NotTaken] = []
        self.records: list[dict[str, Any]] = []
        self.asides: list[dict[str, Any]] = []

    def read(self, index: int, event: object) -> tuple[int, EventRow] | None:
        """The event as a row; ``None``, and refused, if it is none."""
        if not isinstance(event, Mapping):
            self.refuse(index, "", "an event must be a JSON object")
            return None
        given = event.get("id")
        id = printable(given)[:200] if isinstance(given, str) else ""
        try:
            row = _ROW.validate_python({"type": "event", **event})
        except ValidationError as error:
            self.refuse(index, id, reasons(error))
            return None
        if problem := _problem(row):
            self.refuse(index, id, problem)
            return None
        return index, row.model_copy(update={"at": row.at.astimezone(UTC)})

    def refuse(self, index: int, id: str, reason: str) -> None:
        """Keep nothing of it."""
        self.refused.append(NotTaken(index=index, event_id=id, reason=reason))

    def place(self, index: int, row: EventRow, known: dict[str, str], product: str) -> None:
        """Take it, set it aside, or see that it is known; ``product`` is the shop's own id of its product."""
        content = _content(row)
        if row.id in known:
            if known[row.id] == content:
                self.duplicates += 1
            else:
                self.refuse(index, row.id, "id: another event has it already")
            return
        known[row.id] = content
        if reason := self._too_early(row, product):
            self.set_aside.append(NotTaken(index=index, event_id=row.id, reason=reason))
            self.asides.append(
                {
                    "id": row.id,
                    "customer_id": row.customer_id,
                    "product_id": row.product_id,
                    "at": row.at,
                    "reason": reason,
                    "body": row.model_dump(mode="json"),
                }
            )
            return
        self.accepted += 1
        record = row.model_dump(exclude={"type"}) | {"product_id": product}
        self.records.append({**record, "feed": FEED, "content_hash": content})

    def _too_early(self, row: EventRow, product: str) -> str:
        if row.at > self._now + SKEW:
            return f"at: {row.at.isoformat()} is in the future (it is {self._now.isoformat(timespec='seconds')})"
        return (
            ""
            if product or not row.product_id
            else f"product_id: the shop has no product '{printable(row.product_id)}'"
        )


def _problem(row: EventRow) -> str:
    """What the fields of a row do not say of themselves."""
    if row.kind in NEEDS_PRODUCT and not row.product_id:
        return f"product_id: a {row.kind} needs one"
    if not row.customer_id and not row.session_id:
        return "customer_id: an event needs this or a session_id"
    if row.at < EARLIEST:
        return f"at: {row.at.isoformat()} is before there were shops on the net"
    return ""


def _person(row: EventRow) -> str:
    """Whose consent counts: the customer's, or the visit's in which nobody signed in."""
    return row.customer_id or SESSION + row.session_id


def _known(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The content of the events that are known already, taken or set aside."""
    held = session.execute(select(EventRecord.id, EventRecord.content_hash).where(EventRecord.id.in_(ids)))
    known = {row.id: row.content_hash for row in held}
    for id, body in session.execute(select(EventAside.id, EventAside.body).where(EventAside.id.in_(ids))):
        known[id] = _content(_ROW.validate_python(body))
    return known


def _content(row: EventRow) -> str:
    # Without the time: whoever sends an event again may only know when it was sent.
    return hashlib.sha256(row.model_dump_json(exclude={"at"}).encode()).hexdigest()


def _products(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The products that these ids name; that of a variant stands for its product."""
    variants = select(VariantRecord.id, VariantRecord.product_id).where(VariantRecord.id.in_(ids))
    found = {row.id: row.product_id for row in session.execute(variants)}
    found |= {id: id for id in session.scalars(select(ProductRecord.id).where(ProductRecord.id.in_(ids)))}
    return found
