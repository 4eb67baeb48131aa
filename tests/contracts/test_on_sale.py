"""What can be bought is said by the records at the time of the answer, and they are read once."""

from __future__ import annotations

from typing import Any

import pytest

from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.lexical import lexical_for
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.listing.on_sale import SPARE, OnSale
from retriever.records import ProductRecord


@pytest.fixture
def shop(database: Database) -> Database:
    """A mug, a lamp that is sold out, a dear tent, and a rug whose price nobody knows."""
    for id, price, available in (
        ("mug", 900, True),
        ("lamp", 2_000, False),
        ("tent", 19_900, True),
        ("rug", None, True),
    ):
        plain: dict[str, Any] = {
            "feed": "f", "content_hash": "", "title": id, "images": [], "categories": [], "attributes": {},
            "texts": {}, "related": {}, "status": "in_stock" if available else "out_of_stock", "currency": "USD",
        }  # fmt: skip
        with database.transaction() as session:
            session.add(ProductRecord(id=id, available=available, price_min=price, price_max=price, **plain))
    return database


def on_sale(database: Database) -> OnSale:
    return OnSale(database, Catalogue(database, lexical_for(database), "USD"))


def candidates(*ids: str, about: str = "") -> list[Candidate]:
    because = Because("bought", (about,)) if about else Because("popular")
    return [Candidate(id, 1.0, "test", (because,)) for id in ids]


def shown(database: Database, listed: list[Candidate], **asked: Any) -> list[str]:
    return [one.id for one in on_sale(database).first(listed, Asked(**asked))[0]]


def test_the_next_candidate_stands_in_for_what_is_sold_out_or_gone(shop: Database) -> None:
    assert shown(shop, candidates("lamp", "gone", "mug", "tent", "rug"), k=2) == ["mug", "tent"]


def test_no_more_are_looked_at_than_are_spare(shop: Database) -> None:
    gone = [f"gone-{number}" for number in range(SPARE)]
    assert shown(shop, candidates(*gone, "mug", "tent"), k=1) == ["mug"]
    assert shown(shop, candidates(*gone, "gone", "mug"), k=1) == []


def test_a_highest_price_leaves_out_what_is_dearer_and_what_has_none(shop: Database) -> None:
    asked = Asked(price_max=100)
    assert shown(shop, candidates("tent", "rug", "mug"), price_max=100) == ["mug"]
    assert on_sale(shop).among(["tent", "rug", "mug", "lamp", "gone"], asked) == {"mug"}
    assert on_sale(shop).among(["tent", "rug", "mug", "lamp", "gone"], Asked()) == {"tent", "rug", "mug"}


def test_what_something_is_shown_because_of_is_read_with_it(shop: Database) -> None:
    _, read = on_sale(shop).first(candidates("mug", about="lamp"), Asked(k=1))
    assert sorted(read) == ["lamp", "mug"]
