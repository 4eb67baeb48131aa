"""Money and the product's JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from retriever.product import Availability, Money, PriceRange, Product, Rating, Variant


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "EUR", "CNY", "JPY", "KWD"]))
def test_money_survives_the_way_through_major_units(amount: int, currency: str) -> None:
    money = Money(amount=amount, currency=currency)

    assert Money.from_major(money.major, currency) == money
    assert Money.from_major(str(money.major), currency) == money


@pytest.mark.parametrize(
    ("major", "currency", "amount"),
    [
        ("19.99", "USD", 1999),
        ("19.995", "USD", 2000),
        ("0.004", "USD", 0),
        (1500, "JPY", 1500),
        ("1.2345", "KWD", 1235),
    ],
)
def test_major_units_are_rounded_to_what_the_currency_has(major: str | int, currency: str, amount: int) -> None:
    assert Money.from_major(major, currency).amount == amount


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(amount=1999, currency="USD"), "en", "$19.99"),
        (Money(amount=19900, currency="CNY"), "zh", "¥199.00"),
        (Money(amount=1500, currency="JPY"), "en", "¥1,500"),
        (Money(amount=0, currency="EUR"), "en", "€0.00"),
    ],
)
def test_money_reads_as_its_reader_writes_it(money: Money, locale: str, text: str) -> None:
    assert money.text(locale) == text


@pytest.mark.parametrize("currency", ["", "usd", "DOLLAR", "US"])
def test_a_currency_is_a_code(currency: str) -> None:
    with pytest.raises(ValidationError):
        Money(amount=1, currency=currency)


def test_a_product_has_the_json_of_the_contract() -> None:
    price = Money(amount=1250, currency="USD")
    here = Availability(available=True, status="in_stock")
    mug = Product(
        id="mug",
        title="Mug",
        price_range=PriceRange(min=price, max=price),
        rating=Rating(value=4.5, count=2),
        availability=here,
        variants=(Variant(id="mug-1", title="Mug", price=None, availability=here),),
    )

    assert mug.json_dict() == {
        "id": "mug",
        "title": "Mug",
        "description": "",
        "url": "",
        "images": [],
        "brand": "",
        "categories": [],
        "price_range": {"min": {"amount": 1250, "currency": "USD"}, "max": {"amount": 1250, "currency": "USD"}},
        "rating": {"value": 4.5, "count": 2},
        "attributes": {},
        "availability": {"available": True, "status": "in_stock"},
        "variants": [
            {
                "id": "mug-1",
                "title": "Mug",
                "price": None,
                "options": {},
                "availability": {"available": True, "status": "in_stock"},
            }
        ],
    }
    assert Product.model_validate(mug.json_dict()) == mug
