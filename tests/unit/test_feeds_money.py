"""How a price in a cell is read, and what is refused instead of guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.feeds.money import Price, PriceError, parse_price


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("19.99", "19.99", None),
        ("19,99", "19.99", None),
        ("19.9", "19.9", None),
        ("0", "0", None),
        ("0.00 USD", "0", "USD"),
        (".5", "0.5", None),
        ("19.99 USD", "19.99", "USD"),
        ("usd 19.99", "19.99", "USD"),
        ("19.99USD", "19.99", "USD"),
        ("$19.99", "19.99", "USD"),
        ("CA$ 19.99", "19.99", "CAD"),
        ("1.299,00", "1299", None),
        ("1,299.00", "1299", None),
        ("1 299,00 €", "1299", "EUR"),
        ("1\u202f299,00\u00a0€", "1299", "EUR"),
        ("1'299.00 CHF", "1299", "CHF"),
        ("1.299.000", "1299000", None),
        ("12,345,678.90", "12345678.90", None),
        ("1 299", "1299", None),
        ("1299.000", "1299", None),
        ("0.299", "0.299", None),
        ("1,299 JPY", "1299", "JPY"),
        ("1.299 KWD", "1.299", "KWD"),
        ("１９．９９", "19.99", None),
        ("99元", "99", "CNY"),
    ],
)
def test_prices_that_can_be_read(text, amount, currency):
    assert parse_price(text) == Price(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["", "  ", "\u00a0"])
def test_an_empty_cell_is_an_unknown_price(text):
    assert parse_price(text) == Price(None, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("free", "write 0 for what costs nothing"),
        ("-5", "cannot be negative"),
        ("−5,00 €", "cannot be negative"),
        ("(5.00)", "cannot be negative"),
        ("$-5", "cannot be negative"),
        ("1.299", "may be 1299 or 1 and a fraction; write 1299.00 or 1.29"),
        ("1,299", "may be 1299"),
        ("12.345 USD", "may be 12345"),
        ("¥1200", "may be JPY or CNY"),
        ("199 kr", "SEK, NOK, DKK or ISK"),
        ("19.99 XQZ", "'XQZ' is no currency"),
        ("10-20", "is no price"),
        ("ab 5 cd", "is no price"),
        ("1e3", "is no price"),
        ("1,29,9.00", "is no price"),
        ("1.299,00,1", "is no price"),
        ("1,299.00.5", "is no price"),
        ("12 34", "is no price"),
        ("on request", "is no price"),
        ("NaN", "is no price"),
        ("9" * 61, "61 characters"),
    ],
)
def test_prices_that_are_refused_say_why(text, reason):
    with pytest.raises(PriceError, match=reason.replace("(", r"\(")):
        parse_price(text)


AMOUNTS = st.integers(0, 10**9 * 100).map(lambda cents: Decimal(cents) / 100)


@given(AMOUNTS, st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")]))
def test_an_amount_with_cents_is_read_back_in_every_way_of_writing_it(amount, marks):
    thousands, point = marks
    written = f"{amount:,.2f}".replace(",", "T").replace(".", point).replace("T", thousands)
    assert parse_price(written).amount == amount
    assert parse_price(f"{written} EUR") == Price(amount, "EUR")


@given(st.text(alphabet="0123456789.,-+ '€$USDeE()", max_size=14) | st.text(max_size=20))
def test_any_text_is_a_price_at_or_above_nought_or_refused(text):
    try:
        price = parse_price(text)
    except PriceError:
        return
    assert price.amount is None or (price.amount.is_finite() and price.amount >= 0)


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_three_digits_after_one_mark_are_never_guessed(left, right, mark):
    with pytest.raises(PriceError, match="may be"):
        parse_price(f"{left}{mark}{right:03d}")
