"""Promotions on goods, over both databases: whom, what and when they are for."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recommended_goods import Good, acts, goods_of, ids, situation

from retriever.database import Database
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.product_records import ProductRows
from retriever.recommending.explaining.on_record import covers
from retriever.recommending.listing.belonging import RecordedBelonging
from retriever.recommending.listing.promotions import Promotions, applies_of
from retriever.recommending.sources.promoted import Promoted
from retriever.records import FeedRecord, PromotionRecord

NOW = datetime(2026, 11, 10, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
SHOP = [
    Good("cat-1", "Cats", "Paws", wanted=1),
    Good("dog-1", "Dogs", "Paws", wanted=9),
    Good("dog-2", "Dogs", "Paws", available=False),
    Good("lip-1", "Lip Balms", "Soft"),
    Good("skin-1", "Creams", "Soft", wanted=3),
    Good("tent-1", "Tents", "Paws", wanted=99),
]
UPPER = {"Cats": "Pets", "Dogs": "Pets", "Lip Balms": "Skin Care", "Creams": "Skin Care", "Tents": "Outdoor"}


def product(good: Good) -> Product:
    return Product(
        id=good.id, title=good.id, brand=good.brand, categories=(UPPER[good.category], good.category),
        price_range=PriceRange(), availability=Availability(available=good.available, status="in_stock"),
    )  # fmt: skip


def promotion(id: str, starts: datetime | None, ends: datetime | None, **rules: Any) -> PromotionRecord:
    return PromotionRecord(
        id=id, feed="f", content_hash="", title=id.title(), rules=rules, texts={}, starts_at=starts, ends_at=ends
    )


@pytest.fixture
def promoted(database: Database) -> Promoted:
    rows = ProductRows("f")
    for place, good in enumerate(SHOP):
        rows.add(Stamped(product=product(good)), "", place, {})
    past, begun = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    with database.transaction() as session:
        rows.insert(session)
        session.add(FeedRecord(name="f", source="jsonl", imported_at=NOW, report={}))
        session.add_all(
            [
                promotion("pets", begun, LATER, category="Pets", percent_off=10),
                promotion("skin", begun, None, category="Skin Care", except_category="Lip Balms"),
                promotion("over", past, begun, category="Outdoor"),
                promotion("soon", LATER, None, category="Outdoor"),
                promotion("order", None, None, amount_off=5, minimum_total=40),
                promotion("coupon", None, None, product_ids=["tent-1"], households=["ann"]),
            ]
        )
    return Promoted(Promotions(database), RecordedBelonging(database))


def test_a_stranger_sees_the_most_wanted_of_what_is_on_promotion(promoted: Promoted) -> None:
    found = promoted.candidates(situation(SHOP, now=NOW.timestamp()), 10)

    assert ids(found) == ["dog-1", "skin-1", "cat-1"], "not what is sold out, over, to come, or left out"
    assert [(one.kind, one.about, one.name, one.until) for one in found[0].because] == [
        ("promoted", ("pets",), "Pets", LATER.timestamp())
    ]
    assert found[1].because[0].until == 0


def test_a_person_sees_promotions_of_the_kinds_that_count(promoted: Promoted) -> None:
    looked = situation(SHOP, now=NOW.timestamp(), history=acts("skin-1", "lip-1", "skin-1"))

    assert ids(promoted.candidates(looked, 10)) == ["skin-1"]
    assert promoted.candidates(situation(SHOP, now=NOW.timestamp(), history=acts("tent-1")), 10) == []


def test_a_promotion_for_some_is_for_them_alone(promoted: Promoted) -> None:
    ann, bob = (situation(SHOP, now=NOW.timestamp(), customer_id=name) for name in ("ann", "bob"))

    assert ids(promoted.candidates(ann, 1)) == ["tent-1"]
    assert "tent-1" not in ids(promoted.candidates(bob, 10))


def test_nothing_is_promoted_in_an_empty_shop(promoted: Promoted) -> None:
    assert not promoted.candidates(situation(now=NOW.timestamp()), 10)


DEMO = Path(__file__).resolve().parents[2] / "retriever" / "demo" / "promotions.toml"
RULES = [given["rules"] for given in tomllib.loads(DEMO.read_text(encoding="utf-8"))["promotions"]]


@pytest.mark.parametrize(
    "rules",
    [
        *RULES,
        {"categories": ["pets", "Tents"], "brand": "PAWS"},
        {"brands": ["Soft"], "except_categories": ["Creams"]},
        {"product_ids": ["dog-1", "tent-1"], "category": "Pets"},
        {"product": "cat-1"},
    ],
)
@pytest.mark.usefixtures("promoted")
def test_goods_are_put_forward_for_what_can_be_proved(rules: dict[str, Any], database: Database) -> None:
    goods = goods_of(SHOP)
    found = RecordedBelonging(database).rows(applies_of(rules), goods)

    assert [goods.ids[row] for row in np.flatnonzero(found)] == [
        good.id for good in SHOP if covers(rules, product(good))
    ]
