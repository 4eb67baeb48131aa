"""Whose acts may be kept and used: nobody's who has switched their profile off, and nothing that is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from retriever.records import EventRecord, Forgotten, ProfileChoice
from retriever.text import fold

EVERYTHING, PRODUCT, SEARCH = "all", "product", "search"
LONGEST = 200  # characters of a forgotten search

# Read at every request, and so built once.
_OFF = select(ProfileChoice.customer_id).where(ProfileChoice.enabled.is_(False))
_OFF_OF = _OFF.where(ProfileChoice.customer_id.in_(bindparam("people", expanding=True)))
_GONE = select(Forgotten.customer_id, Forgotten.kind, Forgotten.value, Forgotten.until)
_GONE_OF = _GONE.where(Forgotten.customer_id.in_(bindparam("people", expanding=True)))


@dataclass(frozen=True)
class Consent:
    """What customers have decided, as it stands now.

    Args:
        off: customers without a profile.
        forgotten: until when something is forgotten, by customer, kind and value.
    """

    off: frozenset[str]
    forgotten: dict[tuple[str, str, str], datetime]

    def objection(self, customer_id: str, product_id: str, value: dict[str, Any], at: datetime) -> str:
        """Why an event may not be used; empty where it may."""
        if not customer_id or not (self.off or self.forgotten):
            return ""
        if customer_id in self.off:
            return "customer_id: this person has switched their profile off"
        if self._forgets(customer_id, EVERYTHING, "", at):
            return "customer_id: this person has asked that everything until then be forgotten"
        if product_id and self._forgets(customer_id, PRODUCT, product_id, at):
            return "product_id: this person has asked that it be forgotten"
        if (
            self.forgotten
            and (query := value.get("query"))
            and self._forgets(customer_id, SEARCH, search_key(query), at)
        ):
            return "query: this person has asked that it be forgotten"
        return ""

    def _forgets(self, customer_id: str, kind: str, value: str, at: datetime) -> bool:
        until = self.forgotten.get((customer_id, kind, value))
        return until is not None and at <= until


def read_consent(session: Session | Connection, customers: Collection[str] | None = None) -> Consent:
    """What these customers have decided, or all of them."""
    off, gone, people = _OFF, _GONE, dict[str, Any]()
    if customers is not None:
        off, gone, people = _OFF_OF, _GONE_OF, {"people": list(customers)}
    return Consent(
        off=frozenset(session.scalars(off, people)),
        forgotten={(row.customer_id, row.kind, row.value): row.until for row in session.execute(gone, people)},
    )


def purge(session: Session) -> int:
    """Delete what may not be kept: for use after an import, which may have brought it back. Says how many events."""
    event = EventRecord
    same = (Forgotten.customer_id == event.customer_id) & (event.at <= Forgotten.until)
    every = exists().where(same, Forgotten.kind == EVERYTHING)
    product = exists().where(same, Forgotten.kind == PRODUCT, Forgotten.value == event.product_id)
    off = exists().where(
        ProfileChoice.customer_id == event.customer_id,
        ProfileChoice.enabled.is_(False),
        event.at > ProfileChoice.changed_at,
    )
    deleted = [cast("Any", session.execute(delete(event).where(rule))).rowcount for rule in (every, product, off)]
    return sum(deleted) + _purge_searches(session)


def _purge_searches(session: Session) -> int:
    forgotten = select(Forgotten.customer_id).where(Forgotten.kind == SEARCH)
    customers = set(session.scalars(forgotten))
    if not customers:
        return 0
    consent = read_consent(session, customers)
    event = EventRecord
    rows = session.execute(
        select(event.id, event.customer_id, event.value, event.at).where(
            event.customer_id.in_(customers), event.kind == "search"
        )
    )
    ids = [row.id for row in rows if consent.objection(row.customer_id, "", row.value, row.at)]
    session.execute(delete(event).where(event.id.in_(ids)))
    return len(ids)


def search_key(query: object) -> str:
    """The form in which a search is forgotten: case and spacing do not count."""
    return fold(str(query))[:LONGEST]
