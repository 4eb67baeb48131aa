"""What a visitor who has not signed in decides: it holds for the visit, and goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retriever.database import Database
from retriever.interactions.histories import recorded_history
from retriever.interactions.taking import EventTaker
from retriever.product import Availability, PriceRange, Product
from retriever.profiles.building import Profiles
from retriever.profiles.choices import Choices, Chosen
from retriever.profiles.naming import Naming
from retriever.profiles.profile import Muted
from retriever.profiles.wording import in_words
from retriever.records import ProductRecord

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
VISIT, OTHER = "session:v1", "session:v2"
ALDER = Muted(kind="brand", name="Alder")
TITLES = {"p1": "Rose Perfume", "p2": "Two Perfumes in a box", "t1": "Ridge Tent"}


def product(id: str) -> Product:
    return Product(
        id=id, title=TITLES[id], description="", url="", images=(), brand="", categories=(), rating=None, attributes={},
        price_range=PriceRange(min=None, max=None), availability=Availability(available=True, status="in_stock"),
        variants=(),
    )  # fmt: skip


class Shelf:
    def get(self, ids: Sequence[str]) -> list[Product]:
        return [product(id) for id in ids]


def view(id: str, of: str, visit: str = "v1", hours: float = 1) -> dict[str, Any]:
    at = (NOW - timedelta(hours=hours)).isoformat()
    return {"id": id, "kind": "view", "at": at, "session_id": visit, "product_id": of}


@pytest.fixture
def taker(database: Database) -> EventTaker:
    with database.transaction() as session:
        for id, title in TITLES.items():
            session.add(
                ProductRecord(
                    id=id, feed="f", content_hash="", title=title, images=[], categories=[], attributes={}, texts={},
                    available=True, status="in_stock", currency="USD",
                )
            )  # fmt: skip
    taker = EventTaker(database, lambda: NOW)
    assert taker.take([view("e1", "p1"), view("e2", "t1"), view("e3", "p1", "v2")]).accepted == 3
    return taker


def seen(database: Database, person: str) -> list[str]:
    return [event.item for event in recorded_history(database, person, now=NOW.timestamp())]


def test_what_a_visitor_mutes_holds_in_this_visit_and_after_signing_in(database: Database, taker: EventTaker) -> None:
    choices = Choices(database, lambda: NOW)
    mine = Muted(kind="interest", name="Perfume")
    choices.mute("ann", mine)
    choices.mute(VISIT, ALDER, mine)

    assert choices.of_visit("", "v1").muted == (ALDER, mine)
    assert choices.of_visit("", "v2") == Chosen()
    assert choices.of_visit("ann", "v1").muted == (mine, ALDER)
    assert choices.of("ann").muted == (mine,)  # nobody's own profile is changed by a visit
    choices.mute(VISIT, ALDER, mine, on=False)
    assert choices.of_visit("", "v1").muted == ()


def test_a_visitor_has_one_thing_forgotten(database: Database, taker: EventTaker) -> None:
    profiles = Profiles(database, Shelf(), clock=lambda: NOW)

    assert profiles.forget(VISIT, "Perfume") == 1

    assert seen(database, VISIT) == ["t1"]
    assert seen(database, OTHER) == ["p1"]
    late = taker.take([view("e4", "p1", hours=2)])
    assert [one.reason for one in late.refused] == ["product_id: this person has asked that it be forgotten"]


def test_of_a_visitor_who_wants_no_profile_nothing_is_used_or_kept(database: Database, taker: EventTaker) -> None:
    profiles = Profiles(database, Shelf(), clock=lambda: NOW)
    profiles.choices.mute(VISIT, ALDER)
    profiles.choices.switch(VISIT, on=False)

    assert seen(database, VISIT) == []
    assert taker.take([view("e4", "t1"), view("e5", "t1", "v2")]).accepted == 1
    assert in_words(profiles.of(VISIT))[1:] == ["Muted at your wish: Alder."]
    profiles.choices.switch(VISIT, on=True)
    assert seen(database, VISIT) == ["p1", "t1"]


def test_what_was_decided_in_a_visit_goes_with_it(database: Database, taker: EventTaker) -> None:
    choices = Choices(database, lambda: NOW)
    choices.mute(VISIT, ALDER)
    choices.mute(OTHER, ALDER)

    assert choices.forget_visit("v1") == 2
    assert choices.of(VISIT) == Chosen()
    assert choices.of(OTHER).muted == (ALDER,)


class Names:
    """Brands and categories of a shop."""

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

    def brands(self) -> list[Names.Named]:
        return [self.Named(name) for name in ("Alder & Sons", "Glow", "H&M")]

    def categories(self) -> list[Names.Named]:
        return [self.Named(name) for name in ("Outdoor", "Tents", "Trail Shoes", "Running Shoes")]


@pytest.mark.parametrize(
    ("said", "name", "muted"),
    [
        ("glow", "Glow", "brand Glow"),
        ("alder", "Alder & Sons", "brand Alder & Sons"),
        ("h m", "H&M", "brand H&M"),
        ("tent", "Tents", "interest Tents"),
        ("shoes", "shoes", "interest Trail Shoes|interest Running Shoes"),
        ("帐篷", "Tents", "interest Tents"),
        ("perfumes", "perfumes", "interest perfume|interest perfumes"),
        ("香水", "香水", "interest perfume|interest perfumes"),
        ("outdor", "Outdoor", "interest Outdoor"),
    ],
)
def test_a_name_means_a_brand_a_kind_or_a_word_of_titles(
    said: str, name: str, muted: str, database: Database, taker: EventTaker
) -> None:
    found = Naming(database, Names()).meant(said)

    assert found is not None
    assert found.name == name
    assert "|".join(f"{one.kind} {one.name}" for one in found.muted) == muted


@pytest.mark.parametrize("said", ["submarines", "", "!!", "潜水艇", "the"])
def test_what_the_shop_has_not_means_nothing(said: str, database: Database, taker: EventTaker) -> None:
    assert Naming(database, Names()).meant(said) is None
