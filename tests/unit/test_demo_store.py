"""The demo store: its words, attributes, prices and past agree with each other."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.demo import rows
from retriever.demo.family import families, shop
from retriever.demo.generate import TODAY, Made, Value, holds, products, slug
from retriever.feeds.rows import CustomerRow, OrderRow, PolicyRow, ProductRow, PromotionRow, ReviewRow

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH_MEASURE = re.compile(
    rf"(?<![\w.])(\d+(?:\.\d+)?) ({'|'.join(sorted(map(re.escape, shop().units), key=len, reverse=True))})\b"
)
CHINESE_MEASURE = re.compile(
    rf"(?<![\w.])(\d+(?:\.\d+)?)\s?({'|'.join(sorted(map(re.escape, shop().units.values()), key=len, reverse=True))})"
)
PRODUCTS = products()


def each_product():
    return pytest.mark.parametrize("made", PRODUCTS, ids=lambda made: made.row.id)


def test_two_runs_yield_the_same_rows():
    first = [row.model_dump_json() for row in rows()]
    products.cache_clear()
    assert [row.model_dump_json() for row in rows()] == first


def test_every_row_is_what_a_jsonl_feed_may_say():
    for row in rows():
        assert type(row).model_validate_json(row.model_dump_json()) == row


def test_the_shop_has_its_breadth():
    variants = sum(len(made.row.variants) or 1 for made in PRODUCTS)
    departments = {made.family.department for made in PRODUCTS}
    assert (len(families()) >= 14, 120 <= len(PRODUCTS) <= 140, variants >= 400, len(departments) >= 6) == (True,) * 4
    counts = Counter(type(row) for row in rows())
    assert counts[PolicyRow] == 10
    assert min(counts[kind] for kind in (CustomerRow, OrderRow, ReviewRow, PromotionRow)) >= 3


def test_ids_and_titles_are_unique():
    ids = [row.id for row in rows()] + [variant.id for made in PRODUCTS for variant in made.row.variants]
    titles = [made.row.title for made in PRODUCTS]
    assert len(set(ids)) == len(ids)
    assert len(set(titles)) == len(titles)


@each_product()
def test_english_measures_in_the_words_are_attributes(made: Made):
    known = {tuple(value.en.split(" ")) for value in made.values.values()}
    for words in (made.row.title, made.row.description):
        assert set(ENGLISH_MEASURE.findall(words)) <= known


@each_product()
def test_chinese_measures_in_the_words_are_attributes(made: Made):
    zh = made.row.texts["zh"]
    known = set(zh.attributes.values())
    for words in (zh.title, zh.description):
        assert {number + unit for number, unit in CHINESE_MEASURE.findall(words)} <= known


@each_product()
def test_no_word_names_a_value_the_product_does_not_have(made: Made):
    """A pan of carbon steel is nowhere called cast iron, in either language."""
    zh = made.row.texts["zh"]
    for key, value in made.values.items():
        for choice in made.family.attributes[key].choices:
            for text, other, own in (
                (made.row.title + " " + made.row.description, choice[0], value.en),
                (zh.title + zh.description, choice[1], value.zh),
            ):
                if other not in own and own not in other:
                    assert not re.search(rf"(?<![a-z-]){re.escape(other)}(?![a-z-])", text.lower()), (other, own)


@each_product()
def test_both_languages_say_every_attribute(made: Made):
    zh = made.row.texts["zh"]
    assert HAN.search(zh.title)
    assert HAN.search(zh.description)
    assert not HAN.search(made.row.title + made.row.description)
    assert "{" not in made.row.title + made.row.description + zh.title + zh.description
    assert len(zh.attributes) >= len(made.row.attributes)


@settings(max_examples=30)
@given(st.integers())
def test_joint_ranges_hold_for_any_seed(seed: int):
    for made in products(str(seed)):
        facts = {**made.values, "price": Value(float(made.price), "", "", "")}
        for rule in made.family.rules:
            assert not holds(rule.when, facts) or holds(rule.then, facts), (made.row.title, made.price, rule)


def test_some_goods_are_sold_out_and_some_have_no_known_price():
    sold_out = [made for made in PRODUCTS if not made.row.stock and not any(v.stock for v in made.row.variants)]
    unpriced = [made for made in PRODUCTS if all(v.price is None for v in made.row.variants) and made.row.price is None]
    assert 0.08 <= len(sold_out) / len(PRODUCTS) <= 0.12
    assert 0.04 <= len(unpriced) / len(PRODUCTS) <= 0.06


def test_ratings_follow_quality():
    def mean_rating(character: str) -> float:
        rated = [made.row.rating.value for made in PRODUCTS if made.row.rating and made.brand.character == character]
        return sum(rated) / len(rated)

    assert mean_rating("cheap") < mean_rating("solid") < mean_rating("premium")


def test_every_family_has_something_for_every_purse():
    for family in families():
        characters = {made.brand.character for made in PRODUCTS if made.family == family}
        assert characters == {"cheap", "solid", "premium"}


def test_a_twin_resembles_its_original_and_is_newer():
    by_id = {made.row.id: made for made in PRODUCTS}
    pairs = [
        tuple(by_id[f"fs-{family.id}-{slug(name)}"] for name in pair)
        for family in families()
        for pair in family.twins.items()
    ]
    assert len(pairs) >= 3
    for twin, original in pairs:
        assert twin.brand == original.brand
        assert twin.colors == original.colors
        assert original.row.published_at < twin.row.published_at < TODAY


def test_orders_name_existing_goods_and_add_up():
    prices: dict[str, Decimal | None] = {}
    published = {}
    for made in PRODUCTS:
        published[made.row.id] = made.row.published_at
        prices.update({v.id: v.price for v in made.row.variants} or {made.row.id: made.row.price})
    orders = [row for row in rows() if isinstance(row, OrderRow)]
    customers = {row.id for row in rows() if isinstance(row, CustomerRow)}
    assert {order.status for order in orders} >= {"pending", "processed", "delivered", "cancelled"}
    for order in orders:
        assert order.customer_id in customers
        assert order.placed_at < TODAY
        assert order.total == sum(line.price * line.quantity for line in order.lines)
        assert order.payments[0].amount == order.total
        for line in order.lines:
            assert line.price == prices[line.variant_id]
            assert published[line.product_id] < order.placed_at


def test_only_what_left_has_a_shipment_and_only_what_ended_a_refund():
    for order in (row for row in rows() if isinstance(row, OrderRow)):
        assert bool(order.fulfillments) == (order.status in {"shipped", "delivered", "returned"})
        assert any(p.kind == "refund" for p in order.payments) == (order.status in {"cancelled", "returned"})
        for shipment in order.fulfillments:
            assert order.placed_at < shipment.shipped_at < TODAY
            assert (shipment.delivered_at is None) == (order.status == "shipped")
            assert shipment.delivered_at is None or shipment.delivered_at < TODAY


def test_reviews_are_possible_for_their_products():
    by_id = {made.row.id: made for made in PRODUCTS}
    for review in (row for row in rows() if isinstance(row, ReviewRow)):
        made = by_id[review.product_id]
        text = next(t for t in made.family.reviews if review.body in (t.en, t.zh))
        assert holds(text.when, made.values)
        assert made.row.published_at < review.written_at < TODAY
        assert bool(HAN.search(review.body)) == (review.language == "zh")


def test_policies_are_bilingual_and_say_that_the_shop_is_fiction():
    policies = [row for row in rows() if isinstance(row, PolicyRow)]
    assert all(HAN.search(policy.texts["zh"]["body"]) for policy in policies)
    fiction = next(policy for policy in policies if policy.topic == "fiction")
    assert "fictional" in fiction.body
    assert "虚构" in fiction.texts["zh"]["body"]


def test_families_go_with_families_that_exist():
    known = {family.id for family in families()}
    assert {other for family in families() for other in family.goes_with} <= known


def test_a_product_is_bought_in_one_form_or_in_variants_of_its_options():
    for made in PRODUCTS:
        row: ProductRow = made.row
        names = {frozenset(variant.options) for variant in row.variants}
        assert len(names) <= 1
        assert len({tuple(v.options.values()) for v in row.variants}) == len(row.variants)
