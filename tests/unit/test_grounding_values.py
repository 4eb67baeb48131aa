"""Values: however an amount, a date or a measure is written, it reads back as what it is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import HAN, in_chinese

from assistant.grounding.values import Value, find_values, only_value

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = [*" " * 2, *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]]
MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905


def english(number: int) -> str:
    if number >= 1000:
        rest = number % 1000
        return f"{english(number // 1000)} thousand" + (f" {english(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{english(number // 100)} hundred" + (f" and {english(rest)}" if rest else "")
    if number >= 20:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    return ONES[number]


def read(text: str) -> Value:
    value = only_value(text)
    assert value is not None, (text, find_values(text))
    return value


CENTS = st.integers(1, 9_999_999).map(lambda cents: Decimal(cents) / 100)
MONEY = ["${:,.2f}", "us${:.2f}", "{:.2f} dollars", "{:,.2f} usd", "{:.2f}美元", "{:.2f} 美金", "{}元", "€{:.2f}"]


@given(CENTS, st.sampled_from(MONEY))
def test_money_in_figures_is_read_back(amount: Decimal, form: str) -> None:
    value = read(form.format(amount))
    assert (value.kind, value.low, value.high) == ("money", amount, amount)


@given(st.integers(1, 9_999))
def test_money_in_words_is_read_back(amount: int) -> None:
    assert read(f"{english(amount)} dollars").low == amount
    assert read(f"{in_chinese(amount)}美元").low == amount


@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.sampled_from(["${} to ${}", "${}-{}", "{}至{}美元", "{} to {} dollars"]),
)
def test_a_range_keeps_both_ends(low: int, more: int, form: str) -> None:
    value = read(form.format(low, low + more))
    assert (value.low, value.high) == (low, low + more)


@given(st.integers(1, 12), st.integers(1, 28), st.integers(2000, 2099))
def test_a_date_is_one_date_in_every_writing(month: int, day: int, year: int) -> None:
    name = MONTHS[month - 1]
    forms = [
        f"{year}-{month:02}-{day:02}",
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"{year}年{month}月{day}日",
    ]
    assert {(value.kind, value.low, value.unit) for value in map(read, forms)} == {
        ("date", month * 100 + day, str(year))
    }
    assert read(f"{month}月{day}日").unit == ""


@given(st.integers(1, 99))
def test_a_discount_is_the_same_in_percent_and_in_zhe(off: int) -> None:
    left = 100 - off
    fold = (
        f"{HAN[left // 10]}折"
        if left % 10 == 0
        else f"{HAN[left // 10]}{HAN[left % 10]}折"
        if left > 10
        else f"{left / 10}折"
    )
    assert read(fold).low == read(f"{off}%").low == read(f"百分之{in_chinese(off)}").low == off


@given(
    st.decimals(min_value=0, max_value=5, places=1),
    st.sampled_from(["{}/5", "{} out of 5", "{} stars", "rated {}", "评分{}", "{}分", "{}星"]),
)
def test_a_rating_is_read_back(stars: Decimal, form: str) -> None:
    value = read(form.format(stars))
    assert (value.kind, value.low) == ("rating", stars)


UNITS = [("kg", "g", 1000), ("l", "ml", 1000), ("m", "cm", 100), ("cm", "mm", 10), ("h", "min", 60),
         ("千克", "克", 1000),
         ("升", "毫升", 1000), ("米", "厘米", 100), ("小时", "分钟", 60), ("years", "months", 12), ("weeks", "days", 7),
         ("kg", "克", 1000), ("周", "days", 7)]  # fmt: skip


@given(st.integers(1, 999), st.sampled_from(UNITS))
def test_a_measure_is_the_same_in_every_unit(number: int, units: tuple[str, str, int]) -> None:
    big, small, times = units
    one, other = read(f"{number} {big}"), read(f"{number * times} {small}")
    assert (one.kind, one.low, one.unit) == (other.kind, other.low, other.unit) == ("measure", one.low, one.unit)


@pytest.mark.parametrize(
    ("text", "kind", "low", "bound"),
    [
        ("about thirty dollars", "money", "30", "about"),
        ("三十美元左右", "money", "30", "about"),
        ("under $50", "money", "50", "below"),
        ("50美元以下", "money", "50", "below"),
        ("no more than $50", "money", "50", "most"),
        ("39美元起", "money", "39", "from"),
        ("1.2k reviews", "reviews", "1200", "exact"),
        ("1,203 reviews", "reviews", "1203", "exact"),
        ("over 1,000 reviews", "reviews", "1000", "above"),
        ("four and a half stars", "rating", "4.5", "exact"),
        ("四星半", "rating", "4.5", "exact"),
        ("三十天", "measure", "30", "exact"),
        ("15 inches", "measure", "381", "exact"),
        ("5 working days", "measure", "5", "exact"),
        ("5个工作日", "measure", "5", "exact"),
        ("两个", "count", "2", "exact"),
        ("two", "count", "2", "exact"),
    ],
)
def test_what_people_write(text: str, kind: str, low: str, bound: str) -> None:
    value = read(text)
    assert (value.kind, value.low, value.bound) == (kind, Decimal(low), bound)


@pytest.mark.parametrize("text", ["this one is nice", "the first one", "一下", "5 in stock, 3 on the way"])
def test_words_that_only_look_like_values_are_none(text: str) -> None:
    assert not [value for value in find_values(text) if value.kind != "count"]


@pytest.mark.parametrize(
    ("said", "held", "admitted"),
    [
        ("about $30", "29.99", True),
        ("about $30", "33", False),
        ("under $50", "50", False),
        ("at most $50", "50", True),
        ("$29.99", "29.99", True),
        ("$30", "29.99", False),
        ("1.2k reviews", "1203", True),
        ("1.2k reviews", "1300", False),
    ],
)
def test_a_hedge_admits_what_it_says_and_no_more(said: str, held: str, admitted: bool) -> None:
    assert read(said).admits(Decimal(held)) is admitted


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for value in find_values(text.casefold()):
        assert 0 <= value.start < value.end <= len(text.casefold())
