"""What became of each checkout: processed, shipped, delivered, cancelled, returned, by the rules of the shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from retriever.demo.day import of_day
from retriever.demo.dice import Dice
from retriever.demo.generate import CURRENCY, SEED
from retriever.demo.house import promotions
from retriever.demo.past import Checkout, Sold, past
from retriever.demo.people import customers
from retriever.demo.rules import (
    CENT,
    applies,
    last_return_day,
    reduced,
    return_fee,
    returnable,
    road_days,
    rules,
    runs,
    ships_to,
    working_days_after,
)
from retriever.feeds.rows import (
    AddressRow,
    CustomerRow,
    FulfillmentRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    PromotionRow,
    ReturnRow,
)

CANCELLED, RETURNED, TWO_PARCELS, USES_CODES, PAYS_BY_GIFT_CARD = 0.06, 0.2, 0.35, 0.7, 0.4
REASONS = ("not as I imagined", "found something better", "ordered by mistake", "arrived damaged", "does not work")
CLOTHES_REASONS = ("too small", "too large", *REASONS[:2])


@dataclass(frozen=True)
class Delivered:
    """A piece that reached its buyer, when, and whether it went back."""

    order_id: str
    customer_id: str
    sold: Sold
    at: datetime
    returned: bool


@dataclass
class _Case:
    """One checkout on its way to an order row."""

    checkout: Checkout
    customer: CustomerRow
    address: AddressRow
    dice: Dice
    today: datetime
    lines: list[OrderLineRow] = field(default_factory=list[OrderLineRow])
    used: list[PromotionRow] = field(default_factory=list[PromotionRow])
    off: Decimal = Decimal(0)
    arrivals: dict[str, datetime] = field(default_factory=dict[str, datetime])  # by variant, also in the future
    payments: list[PaymentRow] = field(default_factory=list[PaymentRow])
    refunds: list[PaymentRow] = field(default_factory=list[PaymentRow])

    @property
    def subtotal(self) -> Decimal:
        """What the lines cost together."""
        return sum((_cost(line) for line in self.lines), Decimal(0))

    def paid_for(self, line: OrderLineRow) -> Decimal:
        """What was paid for a line: a fixed sum off the order is shared by price, the last line takes the rest."""
        shares = [(self.off * _cost(each) / self.subtotal).quantize(CENT, ROUND_HALF_UP) for each in self.lines]
        shares[-1] += self.off - sum(shares)
        return _cost(line) - shares[self.lines.index(line)]


@of_day
def orders(today: datetime) -> tuple[OrderRow, ...]:
    """Every order of the past, in the order of time."""
    return tuple(order for order, _ in _history(today))


@of_day
def delivered(today: datetime) -> tuple[Delivered, ...]:
    """Every piece that has reached its buyer."""
    return tuple(piece for _, pieces in _history(today) for piece in pieces)


@of_day
def _history(today: datetime) -> tuple[tuple[OrderRow, tuple[Delivered, ...]], ...]:
    people = {customer.id: customer for customer in customers()}
    used: dict[str, set[str]] = {}  # promotions by customer; the key is there from the first order on
    found: list[tuple[OrderRow, tuple[Delivered, ...]]] = []
    for checkout in past(today).checkouts:
        customer = people[checkout.customer_id]
        dice = Dice(SEED, "order", checkout.order_id)
        case = _Case(checkout, customer, _address(checkout, customer, dice), dice, today)
        _price(case, used.get(customer.id))
        used.setdefault(customer.id, set()).update(promotion.id for promotion in case.used)
        found.append(_carried_out(case))
    return tuple(found)


def _address(checkout: Checkout, customer: CustomerRow, dice: Dice) -> AddressRow:
    families = [sold.made.family for sold in checkout.lines]
    possible = [
        address for address in customer.addresses if all(ships_to(family, address.region) for family in families)
    ]
    return dice.one(possible)


def _price(case: _Case, used_before: set[str] | None) -> None:
    """Prices of the day. A piece has one percentage off at most, an order one code unless both codes stack."""
    at = case.checkout.at
    percentages = [promotion for promotion in promotions() if "percent_off" in promotion.rules]
    automatic = [promotion for promotion in percentages if "code" not in promotion.rules]
    with_code = case.dice.share() < USES_CODES
    codes = [each for each in percentages if "code" in each.rules] if with_code else []
    code = max(codes, key=lambda each: _saved(case.checkout, each, at), default=None)
    if code is not None and not _saved(case.checkout, code, at):
        code = None
    for sold in case.checkout.lines:
        fitting = [each for each in (*automatic, *([code] if code else [])) if applies(each, sold.made, at)]
        best = max(fitting, key=lambda each: each.rules["percent_off"], default=None)
        if best is not None and best not in case.used:
            case.used.append(best)
        case.lines.append(
            OrderLineRow(
                product_id=sold.made.row.id,
                variant_id=sold.variant_id,
                title=sold.made.row.title,
                options=dict(sold.options),
                quantity=sold.quantity,
                price=reduced(sold.price, best) if best else sold.price,
            )
        )
    for promotion in promotions():
        if with_code and not case.off and _sum_off(promotion, case, code, used_before):
            case.off = Decimal(promotion.rules["amount_off"])
            case.used.append(promotion)


def _saved(checkout: Checkout, promotion: PromotionRow, at: datetime) -> Decimal:
    lines = [sold for sold in checkout.lines if applies(promotion, sold.made, at)]
    return sum(((sold.price - reduced(sold.price, promotion)) * sold.quantity for sold in lines), Decimal(0))


def _sum_off(promotion: PromotionRow, case: _Case, code: PromotionRow | None, used_before: set[str] | None) -> bool:
    """Whether a fixed sum comes off this order, beside the percentage code it uses."""
    wanted = promotion.rules
    if "amount_off" not in wanted or not runs(promotion, case.checkout.at):
        return False
    if case.subtotal < wanted["minimum_total"]:
        return False
    if wanted.get("first_order") and used_before is not None:
        return False
    if wanted.get("once_per_customer") and promotion.id in (used_before or ()):
        return False
    return code is None or (wanted["stacks"] and code.rules["stacks"])


def _carried_out(case: _Case) -> tuple[OrderRow, tuple[Delivered, ...]]:
    placed = case.checkout.at
    cancelled_at = placed + timedelta(hours=case.dice.between(0.2, 6))
    cancelled = case.dice.share() < CANCELLED and cancelled_at < case.today
    parcels = [] if cancelled else list(_parcels(case))
    case.payments = _payments(case)
    if cancelled:
        _pay_back(case, case.subtotal - case.off, cancelled_at)
    returns, settled = ([], True) if cancelled else _returns(case)
    order = OrderRow(
        type="order",
        id=case.checkout.order_id,
        customer_id=case.customer.id,
        status="cancelled" if cancelled else _status(case, parcels, returns, settled),
        currency=CURRENCY,
        placed_at=placed,
        address=case.address,
        lines=case.lines,
        fulfillments=parcels,
        payments=[*case.payments, *case.refunds],
        returns=returns,
        promotion_ids=[promotion.id for promotion in case.used],
        total=case.subtotal - case.off,
    )
    back = {variant for entry in returns for variant in entry.variant_ids}
    pieces = tuple(
        Delivered(order.id, case.customer.id, sold, at, sold.variant_id in back)
        for sold in case.checkout.lines
        if (at := case.arrivals.get(sold.variant_id)) is not None and at < case.today
    )
    return order, pieces


def _parcels(case: _Case) -> Iterator[FulfillmentRow]:
    """One parcel or two, as far as they have left."""
    split = len(case.lines) > 1 and case.dice.share() < TWO_PARCELS
    soonest, latest = rules().delivery.ships_within
    for number, lines in enumerate([case.lines[:1], case.lines[1:]] if split else [case.lines]):
        leaves = case.checkout.at + timedelta(days=latest if number else case.dice.between(soonest, latest))
        arrives = leaves + timedelta(days=case.dice.between(*road_days(case.address.region)))
        case.arrivals |= {line.variant_id: arrives for line in lines}
        if leaves < case.today:
            yield FulfillmentRow(
                tracking_ids=[f"TRK{case.checkout.order_id.removeprefix('FS-')}{case.dice.whole(1000, 9999)}"],
                variant_ids=[line.variant_id for line in lines],
                shipped_at=leaves,
                delivered_at=arrives if arrives < case.today else None,
            )


def _returns(case: _Case) -> tuple[list[ReturnRow], bool]:
    """Lines that go back, within the window of their kind, and whether all have been refunded."""
    returns: list[ReturnRow] = []
    settled = True
    for line, sold in zip(case.lines, case.checkout.lines, strict=True):
        family, arrived = sold.made.family, case.arrivals[line.variant_id]
        wish, wait, way, work = (case.dice.share() for _ in range(4))
        if wish > RETURNED * (1.5 - sold.made.grade) or not returnable(family):
            continue
        last = last_return_day(family, case.checkout.at, arrived)
        requested = arrived + (last - arrived) * (0.03 + 0.94 * wait**3)
        if requested >= case.today:
            continue
        soonest, latest = rules().returns.parcel_back
        received = requested + timedelta(days=soonest + (latest - soonest) * way)
        fee = return_fee(family, line.quantity)
        returns.append(
            ReturnRow(
                variant_ids=[line.variant_id],
                reason=case.dice.one(CLOTHES_REASONS if family.department == "Clothing" else REASONS),
                requested_at=requested,
                received_at=received if received < case.today else None,
                fee=fee,
            )
        )
        paid_back = working_days_after(received, 1 + int(work * rules().returns.refund_within_working_days))
        if paid_back < case.today:
            _pay_back(case, case.paid_for(line) - fee, paid_back)
        else:
            settled = False
    return returns, settled


def _status(case: _Case, parcels: list[FulfillmentRow], returns: list[ReturnRow], settled: bool) -> str:
    if not settled:
        return "return requested"
    if returns:
        return "returned" if len(returns) == len(case.lines) else "partially returned"
    if parcels:
        there = all(case.arrivals[line.variant_id] < case.today for line in case.lines)
        return "delivered" if there else "shipped"
    return "pending" if case.today - case.checkout.at < timedelta(hours=18) else "processed"


def _payments(case: _Case) -> list[PaymentRow]:
    """A card pays all of it, or what a gift card leaves."""
    total, at = case.subtotal - case.off, case.checkout.at
    main, *others = case.customer.payment_methods
    gift = next((method for method in others if method.kind == "gift_card" and method.balance), None)
    if gift is None or gift.balance is None or case.dice.share() > PAYS_BY_GIFT_CARD:
        return [PaymentRow(kind="payment", amount=total, method_id=main.id, at=at)]
    part = min(gift.balance, total)
    parts = [(gift.id, part), (main.id, total - part)]
    return [PaymentRow(kind="payment", amount=amount, method_id=id, at=at) for id, amount in parts if amount]


def _pay_back(case: _Case, amount: Decimal, at: datetime) -> None:
    """A refund: to the card or PayPal up to what it paid, the rest to the gift card."""
    for paid in reversed(case.payments):
        before = sum((back.amount for back in case.refunds if back.method_id == paid.method_id), Decimal(0))
        part = min(amount, paid.amount - before)
        if part > 0:
            case.refunds.append(PaymentRow(kind="refund", amount=part, method_id=paid.method_id, at=at))
            amount -= part


def _cost(line: OrderLineRow) -> Decimal:
    return (line.price or Decimal(0)) * line.quantity
