"""Profiles over both databases: what is known of a person, and the person's say in it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from ranker.encoder import Vectors
from retriever.database import Database
from retriever.errors import BadInputError, NotFoundError
from retriever.interactions.consent import purge
from retriever.interactions.histories import recorded_history
from retriever.interactions.taking import EventTaker
from retriever.product import Availability, Money, PriceRange, Product
from retriever.profiles.building import Profiles
from retriever.profiles.profile import Muted
from retriever.profiles.wording import in_words
from retriever.records import EventAside, EventRecord, Forgotten, ProductRecord, ProfileChoice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = {"scent": ("Beauty", "Perfume"), "tent": ("Outdoor", "Tents"), "coffee": ("Food", "Coffee")}


def product(id: str) -> Product:
    kind, number = id.split("-")
    price = Money(amount=int(number) * 1_000, currency="USD")
    return Product(
        id=id, title=f"{kind.title()} number {number}", description="", url="", images=(), brand=f"{kind.title()}co",
        categories=KINDS[kind], price_range=PriceRange(min=price, max=price), rating=None, attributes={},
        availability=Availability(available=True, status="in_stock"), variants=(),
    )  # fmt: skip


GOODS = {f"{kind}-{number}": product(f"{kind}-{number}") for kind in KINDS for number in range(1, 5)}


class Shelf:
    def get(self, ids: Sequence[str]) -> list[Product]:
        return [GOODS[id] for id in ids if id in GOODS]


def meaning(ids: Sequence[str]) -> dict[str, Vectors]:
    """Vectors near one another for goods of a kind."""
    found: dict[str, Vectors] = {}
    for id in ids:
        vector = np.full(8, 0.05, np.float32)
        vector[list(KINDS).index(id.split("-")[0])] = 1.0
        vector[3 + int(id[-1]) % 5] += 0.1
        found[id] = vector / np.linalg.norm(vector)
    return found


def event(id: str, product: str, days: float, kind: str = "view", **more: Any) -> dict[str, Any]:
    at = (NOW - timedelta(days=days)).isoformat()
    return {"id": id, "kind": kind, "at": at, "customer_id": "ann", "product_id": product, **more}


EVENTS = [
    *(event(f"s{number}", f"scent-{number}", 2 + number) for number in range(1, 5)),
    *(event(f"t{number}", f"tent-{number}", 60 + number) for number in range(1, 4)),
    *(event(f"c{number}", "coffee-2", 21 * number, "purchase") for number in range(1, 5)),
    event("q1", "", 3, "search", value={"query": "Perfume for him"}),
    event("q2", "", 3, "search", value={"query": "tents"}),
]


@pytest.fixture
def profiles(database: Database) -> Profiles:
    with database.transaction() as session:
        for id in GOODS:
            session.add(
                ProductRecord(
                    id=id, feed="f", content_hash="", title=id, images=[], categories=[], attributes={}, texts={},
                    available=True, status="in_stock", currency="USD",
                )
            )  # fmt: skip
    told = list(EVENTS)
    random.Random(5).shuffle(told)
    taken = EventTaker(database, lambda: NOW).take([*told, event("b1", "tent-1", 1, customer_id="bob")])
    assert taken.accepted == len(EVENTS) + 1
    return Profiles(database, Shelf(), meaning, lambda: NOW)


def test_a_profile_says_what_a_person_likes(profiles: Profiles) -> None:
    found = profiles.of("ann")

    assert {one.name: len(one.product_ids) for one in found.interests} == {"Perfume": 4, "Tents": 3, "Coffee": 1}
    assert sum(one.share for one in found.interests) == pytest.approx(1, abs=0.001)
    assert found.brands[0].name == "Coffeeco"
    assert (found.price_band.low.amount, found.price_band.of) == (2_000, "purchases")
    assert [(one.product_id, one.days, one.times) for one in found.repeats] == [("coffee-2", 21.0, 4)]
    assert found.repeats[0].due == NOW, "every 21 days, the last one 21 days ago"
    assert [one.name for one in found.short_term] == ["Perfume"], "what was long ago is no taste of now"
    assert {one.name for one in found.long_term} == {"Perfume", "Tents", "Coffee"}


def test_the_profile_of_a_stranger_is_empty(profiles: Profiles) -> None:
    found = profiles.of("nobody")

    assert (found.enabled, found.acts, found.interests) == (True, 0, ())
    assert in_words(found) == ["Nothing is known of your taste yet."]


def test_a_profile_is_told_in_plain_words(profiles: Profiles) -> None:
    english, chinese = "\n".join(in_words(profiles.of("ann"))), "\n".join(in_words(profiles.of("ann"), "zh"))

    assert "You buy Coffee number 2 about every 21 days; the next time would be around 2026-03-01." in english
    assert "These days you look most at Perfume." in english
    assert "最近您看得最多的是香水。" in chinese
    assert len(english.splitlines()) == len(chinese.splitlines())


@pytest.mark.parametrize(
    ("what", "gone", "left"),
    [
        ("perfume", 5, {"tent", "coffee"}),
        ("Tents", 4, {"scent", "coffee"}),
        ("coffeeco", 4, {"scent", "tent"}),
        ("coffee-2", 4, {"scent", "tent"}),
        ("scent number", 4, {"tent", "coffee"}),
    ],
    ids=["interest and search", "category", "brand", "product", "words of a title"],
)
def test_what_is_forgotten_is_gone_and_does_not_come_back(
    profiles: Profiles, database: Database, what: str, gone: int, left: set[str]
) -> None:
    assert profiles.forget("ann", what) == gone

    assert {e.item.split("-")[0] for e in recorded_history(database, "ann", now=NOW.timestamp())} == left
    again = EventTaker(database, lambda: NOW).take(EVENTS)
    assert len(again.refused) == gone
    assert again.accepted == 0
    assert profiles.of("bob").acts == 1, "others lose nothing"
    assert what.casefold() not in str(profiles.export("ann")["profile"]).casefold()


def test_forgetting_what_was_never_done_says_so(profiles: Profiles) -> None:
    with pytest.raises(NotFoundError, match="called 'bicycle'"):
        profiles.forget("ann", "bicycle")


def test_everything_is_forgotten_everywhere(profiles: Profiles, database: Database) -> None:
    profiles.choices.mute("ann", Muted(kind="brand", name="Tentco"))
    EventTaker(database, lambda: NOW).take([event("x", "unheard-of", 1)])
    assert profiles.choices.forget_everything("ann") == len(EVENTS)

    assert profiles.of("ann").acts == 0
    with database.session() as session:
        for table in (EventRecord, EventAside):
            assert session.scalars(select(table.id).where(table.customer_id == "ann")).all() == []
        assert session.get(ProfileChoice, "ann").muted == []
        assert session.scalars(select(Forgotten.kind)).all() == ["all"], "all that is kept is that it is forgotten"
    assert EventTaker(database, lambda: NOW).take([event("late", "tent-1", 1)]).accepted == 0


def test_what_an_import_brings_back_is_purged(profiles: Profiles, database: Database) -> None:
    profiles.forget("ann", "perfume")
    profiles.choices.switch("bob", on=False)
    back = [one for one in EVENTS if one["id"] in ("s1", "q1", "q2")]
    with database.transaction() as session:
        for one in [*back[:2], event("b2", "tent-2", -1, customer_id="bob")]:
            fields = one | {"id": f"again-{one['id']}", "at": datetime.fromisoformat(one["at"])}
            session.add(EventRecord(feed="f", content_hash="", session_id="", **({"value": {}} | fields)))
    with database.transaction() as session:
        assert purge(session) == 3
    with database.transaction() as session:
        assert purge(session) == 0


def test_a_profile_that_is_off_is_none_and_comes_back(profiles: Profiles, database: Database) -> None:
    before = profiles.of("ann")
    profiles.choices.switch("ann", on=False)

    assert profiles.of("ann").model_dump(exclude_defaults=True) == {"customer_id": "ann", "enabled": False}
    assert recorded_history(database, "ann", now=NOW.timestamp()) == []
    assert in_words(profiles.of("ann"))[0].startswith("Your profile is switched off")
    profiles.choices.switch("ann", on=True)
    assert profiles.of("ann") == before


def test_a_person_edits_the_profile(profiles: Profiles) -> None:
    profiles.choices.mute("ann", Muted(kind="interest", name="tents"))
    profiles.choices.set_size("ann", "Shoes", "42")
    found = profiles.of("ann")

    assert [one.name for one in found.interests if one.muted] == ["Tents"]
    assert found.sizes == {"Shoes": "42"}
    assert "interested in Perfume, Coffee." in " ".join(
        in_words(found)
    ) or "interested in Coffee, Perfume." in " ".join(in_words(found))
    profiles.choices.mute("ann", Muted(kind="interest", name="TENTS"), on=False)
    profiles.choices.set_size("ann", "shoes", "")
    assert (profiles.of("ann").muted, profiles.of("ann").sizes) == ((), {})
    with pytest.raises(BadInputError):
        profiles.choices.set_size("ann", " ", "42")
    with pytest.raises(BadInputError):
        profiles.choices.switch("", on=False)


def test_without_vectors_interests_are_the_kinds_of_goods(profiles: Profiles, database: Database) -> None:
    plain = Profiles(database, Shelf(), clock=lambda: NOW)

    assert {one.name for one in plain.of("ann").interests} == {"Perfume", "Tents", "Coffee"}
