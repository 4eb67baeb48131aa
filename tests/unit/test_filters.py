"""Conditions as the command line and the tools give them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from retriever.errors import BadInputError
from retriever.filters import Filters, parse_filters


def test_pairs_become_conditions() -> None:
    filters = parse_filters(
        ["price_min=5", "price_max = 19.99", "brand=Acme", "category=Mugs", "in_stock=true",
         "attributes.color=dark=blue", "exclude=wool", "exclude=leather"]
    )  # fmt: skip

    assert filters == Filters(
        price_min=Decimal(5),
        price_max=Decimal("19.99"),
        brand="Acme",
        category="Mugs",
        in_stock=True,
        attributes={"color": "dark=blue"},
        exclude=("wool", "leather"),
    )


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("price_max", "not a filter"),
        ("price_max=", "not a filter"),
        ("price_max=cheap", "not a number"),
        ("price_max=NaN", "not a finite number"),
        ("price_max=Infinity", "not a finite number"),
        ("price_min=-1", "price_min"),
        ("colour=red", "no filter 'colour'"),
        ("attributes=red", "no filter 'attributes'"),
        ("attributes.=red", "no filter"),
        ("in_stock=perhaps", "in_stock"),
        ("=x", "no filter ''"),
    ],
)
def test_a_bad_pair_is_refused_by_name(pair: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        parse_filters([pair])


def test_prices_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(BadInputError, match="price_min 20 is above price_max 10"):
        parse_filters(["price_min=20", "price_max=10"])
    with pytest.raises(ValidationError):
        Filters(price_min=Decimal(2), price_max=Decimal(1))


def test_no_pairs_are_no_condition() -> None:
    assert parse_filters([]).empty
    assert not Filters(exclude=("wool",)).empty


def test_conditions_have_names_and_can_be_dropped_one_by_one() -> None:
    filters = Filters(price_max=Decimal(9), exclude=("wool",), attributes={"size": "M", "color": "red"}, in_stock=False)

    assert filters.conditions() == ["attributes.color", "attributes.size", "exclude", "price_max"]
    for name in filters.conditions():
        filters = filters.without(name)
        assert name not in filters.conditions()
    assert filters.conditions() == []
