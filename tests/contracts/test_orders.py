"""Who may read which order and customer, on SQLite and on PostgreSQL; requests for a person."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retriever.database import Database
from retriever.errors import NotFoundError
from retriever.handoffs import Handoffs
from retriever.orders import Address, Customers, Orders
from retriever.product import Money
from retriever.records import AddressRecord, CustomerRecord, OrderLineRecord, OrderRecord


def order(id: str, customer_id: str, placed_at: datetime | None = None, total: int | None = 2500) -> OrderRecord:
    line = OrderLineRecord(
        position=0,
        product_id="mug",
        variant_id="mug-blue",
        title="Mug",
        options={"color": "blue"},
        quantity=2,
        price=1250,
    )
    return OrderRecord(
        id=id, feed="test", content_hash="", customer_id=customer_id, status="shipped", currency="USD", total=total,
        placed_at=placed_at, address={"city": "Oslo"}, fulfillments=[{"tracking_ids": ["T1", "T2"]}, {}], payments=[],
        lines=[line],
    )  # fmt: skip


@pytest.fixture
def orders(database: Database) -> Orders:
    with database.transaction() as session:
        session.add_all(
            [
                order("#W1", "ann", datetime(2026, 1, 5, tzinfo=UTC)),
                order("#W2", "ann", datetime(2026, 3, 5, tzinfo=UTC)),
                order("#W3", "ann", total=None),
                order("#W4", "bob"),
                order("#W5", ""),
            ]
        )
    return Orders(database)


def test_a_customer_reads_an_own_order(orders: Orders) -> None:
    found = orders.get("#W1", "ann")

    assert (found.status, found.total) == ("shipped", Money(amount=2500, currency="USD"))
    assert found.address == Address(city="Oslo")
    assert found.lines[0].price == Money(amount=1250, currency="USD")
    assert found.tracking_ids == ("T1", "T2")
    assert found.placed_at == datetime(2026, 1, 5, tzinfo=UTC)


def test_an_unknown_total_is_unknown(orders: Orders) -> None:
    assert orders.get("#W3", "ann").total is None


@pytest.mark.parametrize(("id", "customer"), [("#W4", "ann"), ("#W9", "ann"), ("#W1", ""), ("#W5", ""), ("", "ann")])
def test_any_other_order_does_not_exist(orders: Orders, id: str, customer: str) -> None:
    with pytest.raises(NotFoundError, match="no order"):
        orders.get(id, customer)


def test_orders_are_listed_the_latest_first(orders: Orders) -> None:
    assert [found.id for found in orders.list("ann")] == ["#W2", "#W1", "#W3"]
    assert orders.list("nobody") == orders.list("") == []


def test_a_customer_has_addresses_in_order(database: Database) -> None:
    with database.transaction() as session:
        session.add(
            CustomerRecord(
                id="ann", feed="test", content_hash="", name="Ann", email="ann@shop.example", locale="en",
                payment_methods=[{"id": "p1", "kind": "credit_card", "last_four": "4242"}],
                addresses=[AddressRecord(position=1, city="Bergen"), AddressRecord(position=0, city="Oslo")],
            )
        )  # fmt: skip
    customers = Customers(database)

    found = customers.get("ann")
    assert [address.city for address in found.addresses] == ["Oslo", "Bergen"]
    assert found.payment_methods[0]["last_four"] == "4242"
    with pytest.raises(NotFoundError, match="no customer 'eve'"):
        customers.get("eve")


def test_requests_for_a_person_are_kept_the_latest_first(database: Database) -> None:
    handoffs = Handoffs(database)
    first = handoffs.record("conv-1", reason="refund", queue="general", packet={"cart": {"lines": []}})
    second = handoffs.record("conv-2", reason="投诉", queue="general", packet={}, customer_id="ann")

    kept = handoffs.list()
    assert [request.id for request in kept] == [second, first]
    assert (kept[0].reason, kept[0].customer_id) == ("投诉", "ann")
    assert kept[1].packet == {"cart": {"lines": []}}
