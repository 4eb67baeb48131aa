"""Whom to try the demo store as: one of its invented customers of whom nothing is known, and two who are known well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from sqlalchemy import func, select

from retriever.database import Database
from retriever.recommending.knowledge.purchases import DAY, gaps
from retriever.recommending.sources.again import FROM, OFTEN, UNTIL
from retriever.records import CustomerRecord, EventRecord, ProductRecord

Why = Literal["new", "again", "much"]


@dataclass(frozen=True)
class Person:
    """A customer, why to look at the shop as this one, and in words what is known of them."""

    id: str
    name: str
    why: Why
    told: str


def people_to_try(database: Database, now: datetime) -> list[Person]:
    """Somebody new, somebody whom something is due again, and who did most; each only where there is one.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    event = EventRecord
    grouped = select(event.customer_id, func.count()).group_by(event.customer_id)
    bought = select(event.customer_id, event.product_id, event.at).where(event.kind == "purchase").order_by(event.at)
    with database.session() as session:
        people = select(CustomerRecord.id, CustomerRecord.name).order_by(CustomerRecord.id)
        names = {row.id: row.name for row in session.execute(people)}
        acts = {id: count for id, count in session.execute(grouped) if id in names}
        due = _most_due(_times((id, product, at) for id, product, at in session.execute(bought) if id in names), now)
        title = session.scalar(select(ProductRecord.title).where(ProductRecord.id == due[1])) if due else None
    return list(_told(names, acts, due, title))


def _told(
    names: Mapping[str, str], acts: Mapping[str, int], due: tuple[str, str, float] | None, title: str | None
) -> Iterator[Person]:
    unknown = next((id for id in names if id not in acts), None)
    if unknown is not None:
        yield Person(unknown, names[unknown], "new", "is new here")
    if due and title:
        yield Person(due[0], names[due[0]], "again", f"buys {title} about every {due[2]:.0f} days")
    known = max((id for id in acts if not due or id != due[0]), key=lambda id: acts[id], default=None)
    if known is not None:
        yield Person(known, names[known], "much", f"has looked, searched and bought {acts[known]:,} times")


def _times(bought: Iterable[tuple[str, str, datetime]]) -> dict[tuple[str, str], list[float]]:
    """When each customer bought each product."""
    found: dict[tuple[str, str], list[float]] = {}
    for customer, product, at in bought:
        found.setdefault((customer, product), []).append(at.timestamp())
    return found


def _most_due(times: Mapping[tuple[str, str], Sequence[float]], now: datetime) -> tuple[str, str, float] | None:
    """Who has most things due again, the one bought most often among them, and after how many days."""
    found: dict[str, list[tuple[int, str, float]]] = {}
    for (customer, product), at in times.items():
        between = [gap for gap in gaps(at) if gap >= DAY]
        if len(between) >= OFTEN - 1 and FROM <= (now.timestamp() - at[-1]) / median(between) <= UNTIL:
            found.setdefault(customer, []).append((len(at), product, median(between) / DAY))
    if not found:
        return None
    customer = max(found, key=lambda id: (len(found[id]), max(found[id]), id))
    _, product, days = max(found[customer])
    return customer, product, days
