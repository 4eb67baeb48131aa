"""The shop's customers and their past: orders, reviews; and its policies and promotions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from retriever.demo.dice import Dice
from retriever.demo.family import read
from retriever.demo.generate import CURRENCY, SEED, TODAY, Made, holds
from retriever.feeds.rows import (
    CustomerRow,
    FulfillmentRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    PolicyRow,
    PromotionRow,
    ReviewRow,
)

# Status, how many days before TODAY the order was placed, and after how many it left and arrived.
PAST: tuple[tuple[str, tuple[int, int], int | None, int | None], ...] = (
    ("pending", (0, 1), None, None),
    ("delivered", (10, 25), 1, 5),
    ("processed", (1, 2), None, None),
    ("delivered", (45, 300), 2, 6),
    ("shipped", (3, 5), 2, None),
    ("cancelled", (5, 90), None, None),
    ("returned", (40, 120), 1, 4),
    ("delivered", (8, 29), 1, 4),
)
ORDERS_EACH = 3


@dataclass(frozen=True)
class Sale:
    """One buyable form of a product, with its known price."""

    made: Made
    variant_id: str
    options: dict[str, str]
    price: Decimal


def policies() -> Iterator[PolicyRow]:
    """The shop's policies and answers, each in English and Chinese."""
    for entry in read("policies.toml")["policies"]:
        yield PolicyRow(
            type="policy",
            id=f"fs-policy-{entry['id']}",
            title=entry["title"],
            body=entry["body"],
            topic=entry["id"],
            texts={"zh": {"title": entry["zh"]["title"], "body": entry["zh"]["body"]}},
        )


def promotions() -> Iterator[PromotionRow]:
    """The promotions of the season."""
    for entry in read("promotions.toml")["promotions"]:
        yield PromotionRow.model_validate({"type": "promotion", **entry})


def customers() -> Iterator[CustomerRow]:
    """The shop's customers: invented people at addresses that are not real."""
    for entry in read("customers.toml")["customers"]:
        yield CustomerRow.model_validate({"type": "customer", **entry})


def orders(goods: tuple[Made, ...]) -> Iterator[OrderRow]:
    """A few orders for every customer, so that each status occurs."""
    sales = [sale for made in goods for sale in _sales(made)]
    number = 10_400
    for index, customer in enumerate(customers()):
        for turn in range(ORDERS_EACH):
            number += 1
            past = PAST[(index * ORDERS_EACH + turn) % len(PAST)]
            yield _order(f"FS-{number}", customer, past, sales)


def reviews(goods: tuple[Made, ...]) -> Iterator[ReviewRow]:
    """Every review text goes to one product whose attributes make it possible."""
    buyers = [customer.id for customer in customers()]
    number = 0
    for family_id in dict.fromkeys(made.family.id for made in goods):
        members = [made for made in goods if made.family.id == family_id]
        for text in members[0].family.reviews:
            possible = [made for made in members if made.row.rating and holds(text.when, made.values)]
            for language, body in (("en", text.en), ("zh", text.zh)):
                if not possible:
                    continue
                number += 1
                dice = Dice(SEED, "review", family_id, text.en, language)
                made = dice.one(possible)
                published = made.row.published_at or TODAY
                yield ReviewRow(
                    type="review",
                    id=f"fs-review-{number}",
                    product_id=made.row.id,
                    customer_id=dice.one(buyers),
                    rating=text.stars,
                    body=body,
                    language=language,
                    written_at=published + (TODAY - published) * dice.between(0.2, 0.95),
                )


def _sales(made: Made) -> Iterator[Sale]:
    row = made.row
    if not row.variants and row.price is not None:
        yield Sale(made, row.id, {}, row.price)
    for variant in row.variants:
        if variant.price is not None:
            yield Sale(made, variant.id, variant.options, variant.price)


def _order(
    order_id: str,
    customer: CustomerRow,
    past: tuple[str, tuple[int, int], int | None, int | None],
    sales: list[Sale],
) -> OrderRow:
    status, (newest, oldest), sent_after, came_after = past
    dice = Dice(SEED, "order", order_id)
    placed = TODAY - timedelta(days=dice.whole(newest, oldest), minutes=dice.whole(1, 600))
    on_sale = [sale for sale in sales if (sale.made.row.published_at or TODAY) < placed]
    lines = [
        OrderLineRow(
            product_id=sale.made.row.id,
            variant_id=sale.variant_id,
            title=sale.made.row.title,
            options=sale.options,
            quantity=2 if dice.share() < 0.2 else 1,
            price=sale.price,
        )
        for sale in dice.some(on_sale, dice.whole(1, 3))
    ]
    total = sum(((line.price or Decimal(0)) * line.quantity for line in lines), Decimal(0))
    method = customer.payment_methods[0].id
    payments = [PaymentRow(kind="payment", amount=total, method_id=method)]
    if status in {"cancelled", "returned"}:
        payments.append(PaymentRow(kind="refund", amount=total, method_id=method))
    return OrderRow(
        type="order",
        id=order_id,
        customer_id=customer.id,
        status=status,
        currency=CURRENCY,
        placed_at=placed,
        address=customer.addresses[0],
        lines=lines,
        fulfillments=_shipments(order_id, placed, lines, sent_after, came_after),
        payments=payments,
        total=total,
    )


def _shipments(
    order_id: str, placed: datetime, lines: list[OrderLineRow], sent_after: int | None, came_after: int | None
) -> list[FulfillmentRow]:
    if sent_after is None:
        return []
    shipment = FulfillmentRow(
        tracking_ids=[f"TRK{order_id.removeprefix('FS-')}{Dice(SEED, order_id).whole(1000, 9999)}"],
        variant_ids=[line.variant_id for line in lines],
        shipped_at=placed + timedelta(days=sent_after),
        delivered_at=None if came_after is None else placed + timedelta(days=came_after),
    )
    return [shipment]
