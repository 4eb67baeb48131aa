"""Whom the demo store proposes to be looked at as, by what is on record of its customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retriever.database import Database
from retriever.demo.people import customers
from retriever.demo.tastes import crowd, tastes
from retriever.records import CustomerRecord, EventRecord, ProductRecord
from ui.trying import people_to_try

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    opened.migrate()
    with opened.transaction() as session:
        for name in ("ada", "bruno", "cleo"):
            session.add(CustomerRecord(id=name, name=name.title(), payment_methods=[], feed="demo", content_hash=""))
        session.add(
            ProductRecord(
                id="soap", title="Soap", images=[], categories=[], attributes={}, texts={}, available=True,
                status="in_stock", currency="USD", feed="demo", content_hash="",
            )
        )  # fmt: skip
    yield opened
    opened.close()


def happened(database: Database, customer: str, kind: str, *ago: float) -> None:
    with database.transaction() as session:
        session.add_all(
            EventRecord(
                id=f"{customer}-{kind}-{days}", kind=kind, customer_id=customer, product_id="soap",
                at=NOW - timedelta(days=days), value={}, feed="demo", content_hash="",
            )
            for days in ago
        )  # fmt: skip


def proposed(database: Database) -> dict[str, tuple[str, str]]:
    return {person.why: (person.name, person.told) for person in people_to_try(database, NOW)}


def test_somebody_new_somebody_with_a_habit_that_is_due_and_who_did_most(database: Database) -> None:
    happened(database, "bruno", "purchase", 150, 100, 50)
    happened(database, "cleo", "view", *range(1, 30))
    happened(database, "", "view", *range(30, 90))
    assert proposed(database) == {
        "new": ("Ada", "is new here"),
        "again": ("Bruno", "buys Soap about every 50 days"),
        "much": ("Cleo", "has looked, searched and bought 29 times"),
    }


@pytest.mark.parametrize("ago", [(60, 10), (120, 70, 20), (400, 350, 300)])
def test_twice_is_no_habit_and_one_may_be_not_yet_due_or_given_up(database: Database, ago: tuple[float, ...]) -> None:
    happened(database, "bruno", "purchase", *ago)
    assert set(proposed(database)) == {"new", "much"}


def test_a_shop_without_customers_proposes_nobody(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    empty.migrate()
    assert people_to_try(empty, NOW) == []
    empty.close()


def test_the_demo_stores_newcomers_are_customers_who_have_done_nothing() -> None:
    known = {customer.id for customer in customers()}
    assert crowd().newcomers
    assert set(crowd().newcomers) <= known
    assert all(tastes()[id].sessions == 0 for id in crowd().newcomers)
