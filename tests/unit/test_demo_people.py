"""The demo store's customers, orders, promotions and policies agree with each other."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from retriever.demo.day import TODAY
from retriever.demo.family import families
from retriever.demo.house import policies, promotions
from retriever.demo.orders import delivered, orders
from retriever.demo.past import past
from retriever.demo.people import customers
from retriever.demo.relations import by_id
from retriever.demo.rules import (
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
from retriever.feeds.rows import OrderRow

GOODS = by_id()
PROMOTIONS = {promotion.id: promotion for promotion in promotions()}
ORDERS = orders()
HAN = re.compile(r"[\u4e00-\u9fff]")


def policy(id: str, language: str = "en") -> str:
    row = next(row for row in policies() if row.id == f"fs-policy-{id}")
    return row.body if language == "en" else row.texts["zh"]["body"]


def paid(order: OrderRow, kind: str) -> Decimal:
    return sum((payment.amount for payment in order.payments if payment.kind == kind), Decimal(0))


def list_price(product_id: str, variant_id: str) -> Decimal:
    row = GOODS[product_id].row
    price = next((variant.price for variant in row.variants if variant.id == variant_id), row.price)
    assert price is not None
    return price


def test_customers_are_many_and_have_what_a_customer_has():
    assert len({customer.id for customer in customers()}) == len(customers()) >= 80
    assert Counter(customer.locale for customer in customers())["zh"] >= 15
    for customer in customers():
        assert customer.email.endswith("@example.com")
        assert customer.addresses
        assert customer.payment_methods
        assert customer.payment_methods[0].kind != "gift_card"
    assert {method.kind for customer in customers() for method in customer.payment_methods} == {
        "credit_card",
        "paypal",
        "gift_card",
    }


def test_orders_are_in_every_state():
    states = Counter(order.status for order in ORDERS)
    assert set(states) == {
        *("pending", "processed", "shipped", "delivered", "cancelled"),
        *("return requested", "partially returned", "returned"),
    }
    assert min(states.values()) >= 3, states


def test_an_order_costs_what_its_goods_cost_that_day():
    for order in ORDERS:
        used = [PROMOTIONS[id] for id in order.promotion_ids]
        assert all(runs(promotion, order.placed_at) for promotion in used)
        for line in order.lines:
            made = GOODS[line.product_id]
            whole = list_price(line.product_id, line.variant_id)
            possible = [reduced(whole, each) for each in used if applies(each, made, order.placed_at)]
            assert line.price == min(possible, default=whole), order.id
        off = sum((Decimal(each.rules["amount_off"]) for each in used if "amount_off" in each.rules), Decimal(0))
        assert order.total == sum(line.price * line.quantity for line in order.lines) - off
        assert paid(order, "payment") == order.total
        assert all(payment.amount > 0 for payment in order.payments)


def test_codes_are_combined_only_where_both_allow_it():
    codes = [[PROMOTIONS[id] for id in order.promotion_ids if "code" in PROMOTIONS[id].rules] for order in ORDERS]
    assert all(len(used) <= 2 for used in codes)
    assert all(each.rules["stacks"] for used in codes if len(used) == 2 for each in used)
    assert len({promotion for order in ORDERS for promotion in order.promotion_ids}) >= 6


def test_a_promotion_for_first_orders_and_one_for_once_are_used_so():
    firsts: set[str] = set()
    used: Counter[tuple[str, str]] = Counter()
    for order in ORDERS:
        for id in order.promotion_ids:
            wanted = PROMOTIONS[id].rules
            assert not (wanted.get("first_order") and order.customer_id in firsts)
            subtotal = sum(line.price * line.quantity for line in order.lines)
            assert subtotal >= wanted.get("minimum_total", 0)
            used[order.customer_id, id] += bool(wanted.get("once_per_customer"))
        firsts.add(order.customer_id)
    assert max(used.values()) == 1


def test_parcels_leave_and_arrive_as_the_policy_says():
    soonest, latest = rules().delivery.ships_within
    for order in ORDERS:
        low, high = road_days(order.address.region)
        assert bool(order.fulfillments) == (order.status not in {"pending", "processed", "cancelled"})
        for parcel in order.fulfillments:
            assert soonest <= (parcel.shipped_at - order.placed_at) / timedelta(days=1) <= latest
            assert parcel.shipped_at < TODAY
            if parcel.delivered_at:
                assert low <= (parcel.delivered_at - parcel.shipped_at) / timedelta(days=1) <= high
                assert parcel.delivered_at < TODAY
        sent = [variant for parcel in order.fulfillments for variant in parcel.variant_ids]
        assert len(sent) == len(set(sent))
        assert set(sent) <= {line.variant_id for line in order.lines}
        for line in order.lines:
            assert ships_to(GOODS[line.product_id].family, order.address.region)


def test_what_comes_back_may_come_back_and_in_time():
    kinds: set[str] = set()
    for order in ORDERS:
        arrived = {variant: parcel.delivered_at for parcel in order.fulfillments for variant in parcel.variant_ids}
        lines = {line.variant_id: line for line in order.lines}
        for back in order.returns:
            for variant in back.variant_ids:
                family = GOODS[lines[variant].product_id].family
                kinds.add(family.department)
                assert returnable(family), order.id
                assert (
                    arrived[variant] < back.requested_at <= last_return_day(family, order.placed_at, arrived[variant])
                )
                assert back.fee == return_fee(family, lines[variant].quantity)
            assert back.received_at is None or back.requested_at < back.received_at < TODAY
    assert len(kinds) >= 4


def test_refunds_are_right_in_amount_and_time():
    for order in ORDERS:
        refunds = [payment for payment in order.payments if payment.kind == "refund"]
        assert {refund.method_id for refund in refunds} <= {
            payment.method_id for payment in order.payments if payment.kind == "payment"
        }
        fees = sum((back.fee for back in order.returns), Decimal(0))
        if order.status in {"cancelled", "returned"}:
            assert paid(order, "refund") == order.total - fees
        elif order.status == "partially returned":
            assert Decimal(0) < paid(order, "refund") < order.total
        elif order.status != "return requested":
            assert not refunds
        latest = rules().returns.refund_within_working_days
        received = [back.received_at for back in order.returns if back.received_at]
        if refunds and received:
            assert max(refund.at for refund in refunds) <= working_days_after(max(received), latest)
            assert min(refund.at for refund in refunds) > min(received)


def test_purchases_in_the_events_are_the_lines_of_the_orders():
    bought = {
        (event.value["order_id"], event.value["variant_id"], event.value["quantity"])
        for event in past().events
        if event.kind == "purchase"
    }
    assert bought == {(order.id, line.variant_id, line.quantity) for order in ORDERS for line in order.lines}
    assert {piece.order_id for piece in delivered()} <= {order.id for order in ORDERS}


def test_goods_are_bought_after_they_came():
    for order in ORDERS:
        assert order.placed_at < TODAY
        assert all(GOODS[line.product_id].row.published_at < order.placed_at for line in order.lines)


def test_policies_are_bilingual_and_say_that_the_shop_is_fiction():
    assert all(HAN.search(row.texts["zh"]["body"]) and HAN.search(row.texts["zh"]["title"]) for row in policies())
    assert "fictional" in policy("fiction")
    assert "虚构" in policy("fiction", "zh")


@pytest.mark.parametrize("row", policies(), ids=lambda row: row.id)
def test_both_languages_of_a_policy_say_the_same_numbers(row):
    numbers = [sorted(re.findall(r"\d+", text)) for text in (months_as_numbers(row.body), row.texts["zh"]["body"])]
    assert numbers[0] == numbers[1]


def months_as_numbers(text: str) -> str:
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
    for number, month in enumerate((*months, "November", "December"), start=1):
        text = re.sub(rf"\b{month}\b", str(number), text)
    return text


def test_the_words_of_the_policies_are_the_rules():
    returns, delivery = rules().returns, rules().delivery
    old, new = returns.windows
    assert f"{new.days} days from delivery" in policy("returns")
    assert f"Electronics have {returns.electronics_days} days" in policy("returns")
    assert f"Orders placed before {new.since:%-d %B %Y} had {old.days} days" in policy("returns")
    assert f"fee of {returns.bulky.fee} dollars" in policy("returns")
    assert f"{returns.bulky.fee} dollars a piece" in policy("returns-bulky")
    assert "from 1 November to 24 December may come back until 31 January" in policy("returns-holiday")
    assert (returns.holiday.start, returns.holiday.until, returns.holiday.end) == ("11-01", "12-24", "01-31")
    low, high = returns.parcel_back
    assert f"{low} to {high} days back" in policy("returns-how")
    assert f"Within {returns.refund_within_working_days} working days" in policy("refunds")
    for name, (low, high) in {"leave": delivery.ships_within, "road": delivery.road, "far": delivery.far_road}.items():
        assert f"{low} to {high} days" in policy("shipping"), name
    assert f"within {rules().price_match.days} days" in policy("price-match")
    for thing, years in rules().warranty.longer.items():
        words = {"Electronics": "electronics and electric kettles"}.get(thing, f"{thing.replace('-', ' ')}s")
        assert f"{words} {years} years" in policy("warranty")


def test_rules_name_departments_and_families_that_exist():
    known = {name for family in families() for name in (family.id, family.department)}
    returns = rules().returns
    assert {*returns.never, *returns.bulky.families, *rules().delivery.not_to_far_regions} <= known
    assert set(rules().warranty.longer) <= known


def test_promotions_cover_goods_that_exist_and_say_what_their_rules_say():
    for promotion in promotions():
        wanted = promotion.rules
        if "percent_off" in wanted:
            at = promotion.starts_at
            assert any(applies(promotion, made, at) for made in GOODS.values()), promotion.id
        for key, words in (("percent_off", "{} percent off"), ("amount_off", "{} dollars off"), ("code", "code {}")):
            if key in wanted:
                assert words.format(wanted[key]) in promotion.description, promotion.id
        chinese = promotion.texts["zh"]["title"] + promotion.texts["zh"]["description"]
        assert HAN.search(chinese)
        only_some_days = re.compile(r"It is over|not begun|(?:this|last|next) year|已结束|尚未|[今去明]年")
        assert not only_some_days.search(promotion.title + promotion.description + chinese), promotion.id
    over = [each for each in promotions() if each.ends_at and each.ends_at <= TODAY]
    to_come = [each for each in promotions() if each.starts_at > TODAY]
    assert len(over) >= 4
    assert len(to_come) >= 2
    assert len(promotions()) - len(over) - len(to_come) >= 4
