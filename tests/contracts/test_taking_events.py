"""Events taken into the records of both databases: what is kept, what waits, and what is refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from retriever.database import Database
from retriever.errors import BadInputError
from retriever.interactions.histories import recorded_histories, recorded_history
from retriever.interactions.taking import MOST, EventTaker
from retriever.records import (
    EventAside,
    EventRecord,
    Forgotten,
    OrderLineRecord,
    OrderRecord,
    ProductRecord,
    ProfileChoice,
    VariantRecord,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(id: str, product: str = "mug", ago: float = 60, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(seconds=ago)
    return {"id": id, "kind": "view", "at": at.isoformat(), "customer_id": "ann", "product_id": product, **more}


def sell(database: Database, *ids: str) -> None:
    with database.transaction() as session:
        for id in ids:
            session.add(
                ProductRecord(
                    id=id, feed="f", content_hash="", title=id, images=[], categories=[], attributes={}, texts={},
                    available=True, status="in_stock", currency="USD",
                    variants=[
                        VariantRecord(
                            id=f"{id}-blue", position=0, title="Blue", options={}, currency="USD", available=True,
                            status="in_stock",
                        )
                    ],
                )
            )  # fmt: skip


@pytest.fixture
def taker(database: Database) -> EventTaker:
    sell(database, "mug", "tent")
    return EventTaker(database, lambda: NOW)


def held(database: Database, table: Any = EventRecord) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def items(database: Database, person: str = "ann") -> list[str]:
    return [event.item for event in recorded_history(database, person, now=NOW.timestamp())]


def test_events_become_a_history_in_the_order_of_time(database: Database, taker: EventTaker) -> None:
    taken = taker.take([event("2", "tent", 10), event("1", "mug", 500), event("3", "mug-blue", 300)])

    assert taken.accepted == 3
    assert items(database) == ["mug", "mug", "tent"], "a variant stands for its product"


def test_sending_a_batch_again_changes_nothing(database: Database, taker: EventTaker) -> None:
    batch = [event(str(number), ago=100.0 * number) for number in range(20)]
    taker.take(batch)
    once = items(database)
    random.Random(3).shuffle(batch)
    again = taker.take(batch + batch[:3])

    assert (again.accepted, again.duplicates) == (0, 23)
    assert items(database) == once
    assert held(database) == 20


def test_a_bad_event_does_not_cost_the_others(database: Database, taker: EventTaker) -> None:
    batch = [
        event("good"),
        "no event",
        event("kind", kind="stare"),
        event("time", at="yesterday"),
        event("typo", produkt="mug"),
        event("nobody", customer_id=""),
        event("nothing", product_id=""),
        event("epoch", at="1970-01-01T00:00:00Z"),
        event("good", "tent"),
        event("better", ago=900),
    ]
    taken = taker.take(batch)

    assert taken.accepted == 2
    assert [one.index for one in taken.refused] == [1, 2, 3, 4, 5, 6, 7, 8]
    reasons = {one.index: one.reason for one in taken.refused}
    assert reasons[1] == "an event must be a JSON object"
    assert "kind" in reasons[2]
    assert "at" in reasons[3]
    assert reasons[4] == "produkt: is not a field of this row"
    assert reasons[8] == "id: another event has it already"
    assert items(database) == ["mug", "mug"]


def test_what_cannot_be_used_yet_waits(database: Database) -> None:
    sell(database, "mug")
    now = [NOW]
    taker = EventTaker(database, lambda: now[0])
    batch = [event("early", ago=-3_600), event("unknown", "lamp-blue", 30), event("fine")]
    taken = taker.take(batch)

    assert taken.accepted == 1
    assert [(one.event_id, one.reason.partition(":")[0]) for one in taken.set_aside] == [
        ("early", "at"),
        ("unknown", "product_id"),
    ]
    assert taker.take(batch).duplicates == 3, "what waits is known"
    assert taker.retry() == 0
    sell(database, "lamp")
    assert taker.retry() == 1
    assert items(database) == ["mug", "lamp"]
    assert taker.take(batch).duplicates == 3
    now[0] += timedelta(hours=2)
    assert taker.retry() == 1
    assert held(database, EventAside) == 0


def test_a_clock_a_little_ahead_is_none_in_the_future(taker: EventTaker) -> None:
    assert taker.take([event("1", ago=-120)]).accepted == 1


@pytest.mark.parametrize("batch", [[], [event(str(number)) for number in range(MOST + 1)]], ids=["none", "too many"])
def test_a_batch_of_no_possible_size_is_refused_whole(
    database: Database, taker: EventTaker, batch: list[dict[str, Any]]
) -> None:
    with pytest.raises(BadInputError) as refused:
        taker.take(batch)
    assert refused.value.hint
    assert held(database) == 0


def decide(database: Database, *decisions: Any) -> None:
    with database.transaction() as session:
        session.add_all(decisions)


def off(customer: str) -> ProfileChoice:
    return ProfileChoice(customer_id=customer, enabled=False, muted=[], sizes={}, changed_at=NOW)


def forgotten(kind: str, value: str = "") -> Forgotten:
    return Forgotten(customer_id="ann", kind=kind, value=value, until=NOW - timedelta(seconds=100))


@pytest.mark.parametrize(
    ("decision", "told", "left"),
    [
        (lambda: off("ann"), ["old", "tent", "search", "new"], []),
        (lambda: forgotten("all"), ["old", "tent", "search"], ["mug"]),
        (lambda: forgotten("product", "mug"), ["old"], ["tent", "mug"]),
        (lambda: forgotten("search", "red wine"), ["search"], ["mug", "tent", "mug"]),
    ],
    ids=["switched off", "everything forgotten", "a product forgotten", "a search forgotten"],
)
def test_what_a_person_does_not_want_kept_is_refused_and_not_kept(
    database: Database, taker: EventTaker, decision: Callable[[], Any], told: list[str], left: list[str]
) -> None:
    batch = [
        event("old", ago=500),
        event("tent", "tent", 400),
        event("search", "", 300, kind="search", value={"query": "Red  WINE"}),
        event("new", ago=50),
        event("other", customer_id="bob"),
    ]
    decide(database, decision())
    taken = taker.take(batch)

    assert [one.event_id for one in taken.refused] == told
    assert all("this person has" in one.reason for one in taken.refused)
    assert held(database) + held(database, EventAside) == len(batch) - len(told), "nothing of it is kept"
    assert items(database) == left
    assert items(database, "bob") == ["mug"]


def test_what_is_decided_later_counts_for_what_is_on_record(database: Database, taker: EventTaker) -> None:
    taker.take([event("1", ago=500), event("2", "tent", 50), event("3", customer_id="", session_id="s")])
    decide(database, forgotten("all"))

    found = recorded_histories(database, now=NOW.timestamp())
    assert {person: [e.item for e in history] for person, history in found.people.items()} == {
        "ann": ["tent"],
        "session:s": ["mug"],
    }


def test_orders_are_purchases_unless_an_event_tells_of_them(database: Database, taker: EventTaker) -> None:
    with database.transaction() as session:
        for id, status, product in (
            ("o-1", "delivered", "mug"),
            ("o-2", "cancelled", "mug"),
            ("o-3", "shipped", "tent"),
        ):
            line = OrderLineRecord(
                position=0, product_id=product, variant_id=product, title=product, options={}, quantity=1
            )
            session.add(
                OrderRecord(
                    id=id, feed="f", content_hash="", customer_id="ann", status=status, currency="USD",
                    placed_at=NOW - timedelta(days=3), address={}, fulfillments=[], payments=[], lines=[line],
                )
            )  # fmt: skip
    taker.take([event("1", "tent", kind="purchase", value={"order_id": "o-3"})])

    assert items(database) == ["mug", "tent"]
