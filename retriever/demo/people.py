"""The shop's customers: a few written by hand, the rest drawn from lists of names. All are invented."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from retriever.demo.dice import Dice
from retriever.demo.family import read
from retriever.demo.generate import SEED, slug
from retriever.feeds.rows import AddressRow, CustomerRow, PaymentMethodRow

CUSTOMERS = 120
CHINESE = 0.24  # share of those who write Chinese
FAR = 0.06  # share of those who live where parcels take longer
SECOND_ADDRESS, GIFT_CARD, PAYPAL = 0.25, 0.15, 0.2


@cache
def customers() -> tuple[CustomerRow, ...]:
    """Every customer: name, addresses, labels of payment methods."""
    written = [
        CustomerRow.model_validate({"type": "customer", **entry}) for entry in read("customers.toml")["customers"]
    ]
    return (*written, *_drawn(CUSTOMERS - len(written), {customer.name for customer in written}))


def _drawn(count: int, taken: set[str]) -> Iterator[CustomerRow]:
    lists = read("names.toml")
    number = 0
    while count:
        number += 1
        dice = Dice(SEED, "customer", number)
        locale = "zh" if dice.share() < CHINESE else "en"
        language = {"zh": "chinese", "en": "english"}[locale]
        name = f"{dice.one(lists[f'{language}_first'])} {dice.one(lists[f'{language}_last'])}"
        if name in taken:
            continue
        taken.add(name)
        count -= 1
        yield CustomerRow(
            type="customer",
            id=f"fs-customer-{slug(name)}",
            name=name,
            email=f"{slug(name)}@example.com",
            locale=locale,
            addresses=[_address(lists, dice) for _ in range(1 + (dice.share() < SECOND_ADDRESS))],
            payment_methods=_methods(slug(name), lists, dice),
        )


def _address(lists: dict[str, Any], dice: Dice) -> AddressRow:
    city, region, postcode = dice.one(lists["far_cities"] if dice.share() < FAR else lists["cities"])
    return AddressRow(
        line1=f"{dice.whole(1, 480)} {dice.one(lists['streets'])}",
        line2=f"Apt {dice.whole(1, 40)}" if dice.share() < 0.3 else "",
        city=city,
        region=region,
        postcode=postcode,
        country="US",
    )


def _methods(name: str, lists: dict[str, Any], dice: Dice) -> list[PaymentMethodRow]:
    """A card or PayPal first, which pays whatever it has to; perhaps a gift card with something on it."""
    if dice.share() < PAYPAL:
        methods = [PaymentMethodRow(id=f"pay-{name}-paypal", kind="paypal")]
    else:
        brand, digits = dice.one(lists["card_brands"]), f"{dice.whole(0, 9999):04d}"
        methods = [PaymentMethodRow(id=f"pay-{name}-card", kind="credit_card", brand=brand, last_four=digits)]
    if dice.share() < GIFT_CARD:
        balance = Decimal(dice.one([25, 50, 100])) - Decimal(dice.whole(0, 2000)) / 100
        methods.append(PaymentMethodRow(id=f"pay-{name}-gift", kind="gift_card", balance=balance))
    return methods
