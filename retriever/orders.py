"""Orders and customers. Both are read for the customer they belong to, and for nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from retriever.database import Database
from retriever.errors import NotFoundError
from retriever.product import Money, Shape
from retriever.records import AddressRecord, CustomerRecord, OrderLineRecord, OrderRecord


class Address(Shape):
    """A postal address."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


class OrderLine(Shape):
    """One line of an order: title, options and price of the day it was placed."""

    product_id: str
    variant_id: str
    title: str
    options: dict[str, str]
    quantity: int
    price: Money | None


class Order(Shape):
    """An order. ``fulfillments``, ``payments`` and ``returns`` are as the feed gave them (see ``feeds/rows.py``)."""

    id: str
    customer_id: str
    status: str
    currency: str
    total: Money | None
    placed_at: datetime | None
    address: Address
    lines: tuple[OrderLine, ...]
    fulfillments: tuple[dict[str, Any], ...] = ()
    payments: tuple[dict[str, Any], ...] = ()
    returns: tuple[dict[str, Any], ...] = ()
    promotion_ids: tuple[str, ...] = ()

    @property
    def tracking_ids(self) -> tuple[str, ...]:
        """The numbers under which the carriers know the shipments."""
        return tuple(str(number) for shipment in self.fulfillments for number in shipment.get("tracking_ids", ()))


class Customer(Shape):
    """A customer. ``payment_methods`` are labels; nothing in them pays."""

    id: str
    name: str
    email: str
    locale: str
    addresses: tuple[Address, ...]
    payment_methods: tuple[dict[str, Any], ...]


class Orders:
    """The orders of a shop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, order_id: str, customer_id: str) -> Order:
        """One order of this customer.

        Raises:
            NotFoundError: if the customer has no such order; whether another one has is not said.
        """
        with self._database.session() as session:
            record = session.get(OrderRecord, order_id)
            if record is None or not customer_id or record.customer_id != customer_id:
                raise NotFoundError(f"There is no order '{order_id}' of this customer.", "Check the order number.")
            return _order(record)

    def list(self, customer_id: str) -> list[Order]:
        """This customer's orders, the latest first."""
        if not customer_id:
            return []
        latest = OrderRecord.placed_at.desc().nulls_last()
        query = select(OrderRecord).where(OrderRecord.customer_id == customer_id).order_by(latest, OrderRecord.id)
        with self._database.session() as session:
            return [_order(record) for record in session.scalars(query)]


class Customers:
    """The customers of a shop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, id: str) -> Customer:
        """One customer.

        Raises:
            NotFoundError: if there is none with this id.
        """
        with self._database.session() as session:
            record = session.get(CustomerRecord, id)
            if record is None:
                raise NotFoundError(f"There is no customer '{id}'.")
            return Customer(
                id=record.id,
                name=record.name,
                email=record.email,
                locale=record.locale,
                addresses=tuple(_address(address) for address in record.addresses),
                payment_methods=tuple(record.payment_methods),
            )


def _order(record: OrderRecord) -> Order:
    return Order(
        id=record.id,
        customer_id=record.customer_id,
        status=record.status,
        currency=record.currency,
        total=Money.known(record.total, record.currency),
        placed_at=record.placed_at,
        address=Address.model_validate(record.address),
        lines=tuple(_line(line, record.currency) for line in record.lines),
        fulfillments=tuple(record.fulfillments),
        payments=tuple(record.payments),
        returns=tuple(record.returns),
        promotion_ids=tuple(record.promotion_ids),
    )


def _line(record: OrderLineRecord, currency: str) -> OrderLine:
    return OrderLine(
        product_id=record.product_id,
        variant_id=record.variant_id,
        title=record.title,
        options=record.options,
        quantity=record.quantity,
        price=Money.known(record.price, currency),
    )


def _address(record: AddressRecord) -> Address:
    return Address(**{name: getattr(record, name) for name in Address.model_fields})
