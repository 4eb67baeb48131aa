"""The log of recommendations over both databases: what is kept, of whom, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from retriever.database import Database
from retriever.product import Availability, PriceRange, Product
from retriever.profiles.choices import Choices
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because
from retriever.recommending.listing.exploring import Option, Slot
from retriever.recommending.recommendation import Recommended
from retriever.recommending.shown.served import Served
from retriever.records import RecommendationRecord

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def result(id: str, **more: Any) -> Recommended:
    product = Product(
        id=id, title=id, description="", url="", images=(), brand="", categories=(), price_range=PriceRange(),
        rating=None, attributes={}, availability=Availability(available=True, status="in_stock"), variants=(),
    )  # fmt: skip
    return Recommended(id=id, score=1, reasons=(), source="popular", product=product, **more)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(database: Database, clock: Clock) -> Iterator[Served]:
    opened = Served(database, clock)
    yield opened
    opened.close()


def rows(database: Database) -> list[RecommendationRecord]:
    with database.session() as session:
        return list(session.scalars(select(RecommendationRecord).order_by(RecommendationRecord.at)))


def test_a_list_is_kept_as_it_was_shown(served: Served, database: Database) -> None:
    slot = Slot(1, "mug", (Option("cup", 0.8, 0.05), Option("mug", 0.2, 0.1)))
    told = (Because("popular"), Because("explored"))
    asked = Asked(goal="personal", customer_id="ann", session_id="s1", surface="page")

    id = served.keep(asked, [result("lamp"), result("mug", because=told, propensity=0.2)], policy="p1", slot=slot)
    served.flush()

    (row,) = rows(database)
    assert (row.id, row.at, row.customer_id, row.session_id) == (id, NOW, "ann", "s1")
    assert (row.surface, row.goal, row.policy, row.private) == ("page", "personal", "p1", False)
    assert [one["id"] for one in row.shown] == ["lamp", "mug"]
    assert row.shown[1] == {"id": "mug", "source": "popular", "propensity": 0.2, "because": ["popular", "explored"]}
    assert row.slot == {"place": 1, "chosen": "mug", "options": [["cup", 0.8, 0.05], ["mug", 0.2, 0.1]]}


def test_ids_cannot_be_guessed_from_one_another(served: Served) -> None:
    ids = {served.keep(Asked(), [], policy="p") for _ in range(100)}
    assert len(ids) == 100
    assert all(len(id) == 32 and int(id, 16) for id in ids)


def test_more_lists_than_fit_a_transaction_are_all_kept(served: Served, database: Database) -> None:
    ids = [served.keep(Asked(session_id=f"s{number}"), [result("lamp")], policy="p") for number in range(1_203)]
    served.flush()
    assert {row.id for row in rows(database)} == set(ids)


@pytest.mark.parametrize("how", ["told", "known"])
def test_nobody_is_named_who_wants_no_profile(served: Served, database: Database, how: str) -> None:
    if how == "known":
        Choices(database, lambda: NOW).switch("ann", on=False)
    served.keep(Asked(customer_id="ann", session_id="s1"), [result("lamp")], policy="p", private=how == "told")
    served.flush()

    (row,) = rows(database)
    assert (row.customer_id, row.session_id, row.private) == ("", "", True)


@pytest.mark.parametrize("what", ["everything", "a product"])
def test_what_is_forgotten_takes_what_was_recommended_along(
    served: Served, database: Database, clock: Clock, what: str
) -> None:
    for name in ("ann", "bob"):
        served.keep(Asked(customer_id=name), [result("lamp")], policy="p")
    served.flush()
    clock.now = NOW + timedelta(minutes=1)
    choices = Choices(database, clock)
    choices.forget_everything("ann") if what == "everything" else choices.forget("ann", ["lamp"])
    assert [row.customer_id for row in rows(database)] == ["bob"]

    clock.now = NOW
    served.keep(Asked(customer_id="ann"), [result("lamp")], policy="p")  # was under way when all was forgotten
    clock.now = NOW + timedelta(minutes=2)
    served.keep(Asked(customer_id="ann"), [result("mug")], policy="p")
    served.flush()
    assert [(row.customer_id, row.shown[0]["id"]) for row in rows(database)] == [("bob", "lamp"), ("ann", "mug")]


def test_a_search_that_finds_nothing_to_forget_takes_nothing_along(served: Served, database: Database) -> None:
    served.keep(Asked(customer_id="ann"), [result("lamp")], policy="p")
    served.flush()
    assert Choices(database, lambda: NOW).forget("ann", [], "tents") == 0
    assert len(rows(database)) == 1


def test_old_lists_go_with_time(served: Served, database: Database, clock: Clock) -> None:
    served.keep(Asked(session_id="old"), [], policy="p")
    served.flush()
    clock.now = NOW + timedelta(days=91)
    served.keep(Asked(session_id="new"), [], policy="p")
    served.flush()
    assert [row.session_id for row in rows(database)] == ["new"]


def test_a_name_that_no_event_could_carry_is_left_out(served: Served, database: Database) -> None:
    served.keep(Asked(customer_id=" ann ", session_id="s\0"), [], policy="p")
    served.flush()
    (row,) = rows(database)
    assert (row.customer_id, row.session_id) == ("ann", "")


def test_lists_wait_while_the_records_are_away(tmp_path: Any) -> None:
    nowhere = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")  # a file without tables is a defect, a folder is none
    (tmp_path / "shop.sqlite").mkdir()
    served = Served(nowhere, lambda: NOW)
    ids = [served.keep(Asked(), [result("lamp")], policy="p") for _ in range(3)]
    served.flush()
    (tmp_path / "shop.sqlite").rmdir()
    nowhere.migrate()
    served.flush()
    served.close()
    assert {row.id for row in rows(nowhere)} == set(ids)
    nowhere.close()


def test_a_visit_that_is_forgotten_takes_its_lists_along(served: Served, database: Database) -> None:
    for asked in (Asked(session_id="s1"), Asked(session_id="s2"), Asked(customer_id="ann", session_id="s1")):
        served.keep(asked, [result("lamp")], policy="p")
    served.flush()
    Choices(database, lambda: NOW).forget_visit("s1")
    assert sorted((row.customer_id, row.session_id) for row in rows(database)) == [("", "s2"), ("ann", "s1")]
