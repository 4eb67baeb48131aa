"""Price words become filters; everything else stays what the shopper wrote."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.filters import Filters
from retriever.understanding.prices import Priced, priced


def read(query: str, currency: str = "USD") -> tuple[str, str | None, str | None]:
    """The text, the lowest and the highest price that a query names."""
    found = priced(query, currency)
    return found.text, *(None if price is None else str(price) for price in (found.price_min, found.price_max))


@pytest.mark.parametrize(
    ("query", "text", "low", "high"),
    [
        ("phone charger under 20 dollars", "phone charger", None, "20"),
        ("phone charger under $20", "phone charger", None, "20"),
        ("under $20 phone charger", "phone charger", None, "20"),
        ("earbuds cheaper than 30", "earbuds", None, "30"),
        ("earbuds Less Than USD 30.50", "earbuds", None, "30.50"),
        ("a gift over 50", "a gift", "50", None),
        ("monitor between $100 and $200", "monitor", "100", "200"),
        ("monitor between 200 and 100 dollars", "monitor", "100", "200"),
        ("monitor $1,000-$1,500", "monitor", "1000", "1500"),
        ("lamp from 10 to 20 dollars", "lamp", "10", "20"),
        ("lamp 20 dollars or less", "lamp", None, "20"),
        ("lamp $20+", "lamp", "20", None),
        ("lamp over $10 and under $20", "lamp", "10", "20"),
        ("headphones that cost less than 40 bucks for running", "headphones for running", None, "40"),
        ("chargers under 20 for iphone", "chargers for iphone", None, "20"),
        ("under 20 dollars", "", None, "20"),
        ("200元以下的无线耳机", "无线耳机", None, "200"),
        ("无线耳机 不超过200", "无线耳机", None, "200"),
        ("不超过两百元的耳机", "耳机", None, "200"),
        ("价格低于1500块的手机", "手机", None, "1500"),
        ("水杯100到300元", "水杯", "100", "300"),
        ("100-300元之间的水杯", "水杯", "100", "300"),
        ("一千二百元以上的手表", "手表", "1200", None),
        ("50美元以内的礼物", "礼物", None, "50"),
    ],
)
def test_price_words_become_filters(query: str, text: str, low: str | None, high: str | None) -> None:
    assert read(query) == (text, low, high)


@pytest.mark.parametrize(
    "query",
    [
        "tv over 50 inches",
        'tv under 50"',
        "cream for women over 50",
        "toys for kids under 5",
        "drive between 5 and 10 tb",
        "kayak rated over 300 pounds",
        "1-2 person tent",
        "8 or more hooks",
        "under armour size 12",
        "under cabinet light",
        "tens unit 3000",
        "50寸以上的电视",
        "3岁以上玩具",
        "不超过50厘米的架子",
        "charger $20",
    ],
)
def test_other_numbers_stay_words(query: str) -> None:
    assert read(query) == (query, None, None)


@pytest.mark.parametrize(
    ("query", "currency"),
    [
        ("charger under 20 euros", "USD"),
        ("charger under £20", "USD"),
        ("charger under 20 dollars", "EUR"),
        ("人民币200以下 200人民币以下", "USD"),
        ("耳机不超过3000日元", "USD"),
    ],
)
def test_another_currency_is_not_converted(query: str, currency: str) -> None:
    assert read(query, currency) == (query, None, None)


def test_the_shops_own_currency_is_read() -> None:
    assert read("charger under 20 euros", "EUR") == ("charger", None, "20")
    assert read("耳机 ¥200以下", "CNY") == ("耳机", None, "200")
    assert read("不超过200元的耳机", "CNY") == ("耳机", None, "200")


def test_a_query_that_contradicts_itself_is_left_alone() -> None:
    query = "lamp under $10 and over $20"
    assert read(query) == (query, None, None)


def test_explicit_filters_win() -> None:
    found = priced("charger under 20 dollars", "USD")
    assert found.merged(Filters(price_max=Decimal(30))).price_max == 30
    assert found.merged(Filters(price_min=Decimal(5))) == Filters(price_min=Decimal(5), price_max=Decimal(20))
    assert found.merged(Filters(price_min=Decimal(50))) == Filters(price_min=Decimal(50))


def test_it_says_which_conditions_the_query_set() -> None:
    assert Priced("x", price_min=Decimal(1), price_max=Decimal(2)).conditions == ["price_min", "price_max"]
    assert priced("plain words", "USD").conditions == []


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(query: str) -> None:
    found = priced(query, "USD")
    assert len(found.text) <= len(query)


@given(st.integers(0, 99_999), st.sampled_from(["kettle", "red shoes", "水壶"]))
def test_any_whole_amount_is_read(amount: int, words: str) -> None:
    assert read(f"{words} under ${amount}") == (words, None, str(amount))
    assert read(f"{words} under ${amount:,}") == (words, None, str(amount))
