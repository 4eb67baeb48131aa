"""What recommendations led to, over both databases: who gets the credit, and what counts for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retriever.database import Database
from retriever.interactions.taking import EventTaker
from retriever.profiles.choices import Choices
from retriever.recommending.shown.attribution import CART, CLICK, PURCHASE, Reading, attributed
from retriever.recommending.shown.outcomes import Counts, evidence, report
from retriever.records import OrderLineRecord, OrderRecord, ProductRecord, RecommendationRecord

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
GOODS = ("lamp", "mug", "tent")


@pytest.fixture
def shop(database: Database) -> Database:
    with database.transaction() as session:
        for id in GOODS:
            session.add(
                ProductRecord(
                    id=id, feed="f", content_hash="", title=id, images=[], categories=[], attributes={}, texts={},
                    available=True, status="in_stock", currency="USD",
                )
            )  # fmt: skip
    return database


def show(shop: Database, id: str, hours_ago: float = 5, goods: Sequence[str] = ("lamp", "mug"), **more: Any) -> None:
    told: dict[str, Any] = {"customer_id": "ann", "session_id": "", "surface": "page", "goal": "personal", "slot": {}}
    with shop.transaction() as session:
        session.add(
            RecommendationRecord(
                id=id,
                at=NOW - timedelta(hours=hours_ago),
                policy="p",
                shown=[{"id": one, "source": "new" if one == "mug" else "popular"} for one in goods],
                **told | more,
            )
        )


def act(kind: str, product: str, list_id: str = "", hours_ago: float = 4, **more: Any) -> dict[str, Any]:
    told = {"customer_id": "ann", "product_id": product, "value": {"recommendation_id": list_id} if list_id else {}}
    at = (NOW - timedelta(hours=hours_ago)).isoformat()
    return {"id": repr((kind, product, list_id, hours_ago, more)), "kind": kind, "at": at, **told, **more}


def tell(shop: Database, *events: dict[str, Any]) -> None:
    taken = EventTaker(shop, lambda: NOW).take(events)
    assert (taken.accepted, taken.refused, taken.set_aside) == (len(events), (), ())


def outcomes(shop: Database) -> dict[str, set[tuple[str, str]]]:
    found = attributed(shop, since=SINCE, now=NOW)
    return {kind: set(pairs) for kind, pairs in found.outcomes.items()}


def test_acts_are_counted_where_they_came_from(shop: Database) -> None:
    show(shop, "r1")
    show(shop, "r2", surface="chat", goal="new", goods=("mug", "tent"))
    tell(shop, act("click", "mug", "r1"), act("add_to_cart", "mug", "r1", 3.9), act("purchase", "mug", "r1", 3.8))

    found = report(shop, SINCE, NOW)
    assert found.total == Counts(shown=4, clicked=1, carted=1, bought=1)
    assert found.by_source == {"popular": Counts(shown=2), "new": Counts(2, 1, 1, 1)}
    assert found.by_surface == {"page": Counts(2, 1, 1, 1), "chat": Counts(shown=2)}
    assert found.by_goal == {"personal": Counts(2, 1, 1, 1), "new": Counts(shown=2)}
    assert found.by_item["mug"] == Counts(2, 1, 1, 1)


@pytest.mark.parametrize(
    "event",
    [
        act("click", "mug", "unknown"),
        act("click", "tent", "r1"),
        act("click", "mug", "r1", customer_id="bob"),
        act("click", "mug", "r1", customer_id="", session_id="s9"),
        act("click", "mug", "r1", hours_ago=24 * 9),
        act("click", "mug", "r1") | {"value": {"recommendation_id": ["r1"]}},
    ],
    ids=["no such list", "not shown", "another customer", "another session", "before it was shown", "no name"],
)
def test_what_was_not_shown_to_them_counts_for_nothing(shop: Database, event: dict[str, Any]) -> None:
    show(shop, "r1")
    tell(shop, event)
    assert outcomes(shop) == {CLICK: set(), CART: set(), PURCHASE: set()}


def test_a_click_after_the_window_counts_for_nothing(shop: Database) -> None:
    show(shop, "r1", hours_ago=24 * 8)
    tell(shop, act("click", "mug", "r1", hours_ago=1))
    assert outcomes(shop)[CLICK] == set()
    assert report(shop, SINCE, NOW).ignored == 1


def test_hammering_on_a_product_is_one_click(shop: Database) -> None:
    show(shop, "r1")
    tell(shop, *(act("click", "mug", "r1", hours_ago=1 + number / 30) for number in range(60)))
    assert report(shop, SINCE, NOW).total == Counts(shown=2, clicked=1)


def test_a_purchase_is_credited_to_the_first_touch_though_it_names_none(shop: Database) -> None:
    show(shop, "r1", hours_ago=50)
    show(shop, "r2", hours_ago=20)
    tell(shop, act("click", "mug", "r2", 19), act("click", "mug", "r1", 49), act("purchase", "mug"))
    assert outcomes(shop)[PURCHASE] == {("r1", "mug")}


def test_an_order_counts_as_a_purchase_within_the_window(shop: Database) -> None:
    show(shop, "r1", hours_ago=24 * 12)
    show(shop, "r2", hours_ago=24 * 4)
    tell(shop, act("click", "mug", "r1", 24 * 11), act("click", "lamp", "r2", 24 * 3))
    with shop.transaction() as session:
        for number, status in enumerate(("delivered", "cancelled")):
            product = ("lamp", "mug")[number]
            session.add(
                OrderRecord(
                    id=f"o{number}", feed="f", content_hash="", customer_id="ann", status=status, currency="USD",
                    placed_at=NOW - timedelta(hours=2), address={}, fulfillments=[], payments=[],
                    lines=[
                        OrderLineRecord(position=0, product_id=product, variant_id="", title="", options={}, quantity=1)
                    ],
                )
            )  # fmt: skip
    assert outcomes(shop)[PURCHASE] == {("r2", "lamp")}


def test_who_signs_in_after_a_click_still_counts(shop: Database) -> None:
    show(shop, "r1", customer_id="", session_id="s1")
    tell(
        shop,
        act("click", "mug", "r1", customer_id="", session_id="s1"),
        act("purchase", "mug", hours_ago=3, session_id="s1"),
    )
    assert outcomes(shop)[PURCHASE] == {("r1", "mug")}


def test_nothing_is_used_of_those_who_want_no_profile(shop: Database) -> None:
    show(shop, "r1")
    show(shop, "r2", customer_id="", private=True)
    tell(shop, act("click", "mug", "r1"))
    Choices(shop, lambda: NOW).switch("ann", on=False)
    found = report(shop, SINCE, NOW)
    assert (found.total, found.private) == (Counts(shown=2), 1)


def test_what_a_program_clicks_counts_for_nothing_but_what_it_pays_for_does(shop: Database) -> None:
    for number in range(120):
        show(shop, f"r{number}", goods=(GOODS[number % 3],))
    clicks = [act("click", GOODS[number % 3], f"r{number}", 4 - number * 25 / 3_600) for number in range(120)]
    tell(shop, *clicks, act("purchase", "mug", "r1", 3.5))
    found = outcomes(shop)
    assert found[CLICK] == set()
    assert found[PURCHASE] == {("r1", "mug")}


def test_evidence_is_of_people_not_of_their_clicks(shop: Database) -> None:
    for number in range(10):
        show(shop, f"r{number}", goods=("mug", "lamp"))
    show(shop, "other", goods=("lamp",), customer_id="bob")
    tell(shop, *(act("click", "mug", f"r{number}", 4 - number / 5) for number in range(10)))
    tell(shop, act("click", "lamp", "other", customer_id="bob"))
    found = evidence(shop, SINCE, NOW)
    assert found.shown == {"mug": 10, "lamp": 11}
    assert found.clicked == {"mug": 1, "lamp": 1}
    assert found.rate == pytest.approx((2 + 5) / (21 + 100))


def test_clicks_of_made_up_sessions_on_one_item_are_damped(shop: Database) -> None:
    for number in range(60):
        show(shop, f"r{number}", goods=("mug",), customer_id="", session_id=f"s{number}")
    tell(shop, *(act("click", "mug", f"r{n}", 4 - n / 1_000, customer_id="", session_id=f"s{n}") for n in range(60)))
    assert evidence(shop, SINCE, NOW).clicked["mug"] < 6


def test_of_a_long_log_the_latest_lists_are_read_and_what_they_led_to(shop: Database) -> None:
    for number in range(6):
        show(shop, f"r{number}", hours_ago=60 - 10 * number)
    tell(shop, *(act("click", "mug", f"r{number}", 59 - 10 * number) for number in range(6)))
    found = attributed(shop, since=SINCE, now=NOW, reading=Reading(most=2, slots=False))
    assert [one.id for one in found.lists] == ["r4", "r5"]
    assert set(found.outcomes[CLICK]) == {("r4", "mug"), ("r5", "mug")}


def test_an_empty_log_is_evidence_of_nothing(shop: Database) -> None:
    found = evidence(shop, SINCE, NOW)
    assert (found.shown, found.clicked, found.rate) == ({}, {}, pytest.approx(0.05))
