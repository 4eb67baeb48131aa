"""An import brings back nothing that a customer had forgotten, and takes up events that came before their goods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from import_fakes import ListFeed
from scripted import HashEncoder
from sqlalchemy import func, select

from assistant.build import open_store
from assistant.settings import Settings
from retriever.interactions.taking import EventTaker
from retriever.profiles.building import Profiles
from retriever.records import EventAside, EventRecord
from retriever.store import Store

LAMP = {"id": "lamp", "title": "Lamp", "price": 9, "brand": "Lumo", "categories": ["Home", "Lamps"]}
TENT = {"id": "tent", "title": "Tent", "price": 90, "brand": "Ridge", "categories": ["Outdoor", "Tents"]}
ANN = {"type": "customer", "id": "ann", "name": "Ann"}
SEEN = [
    {
        "type": "event",
        "id": f"e-{id}",
        "kind": "view",
        "at": "2026-01-02T10:00:00Z",
        "customer_id": "ann",
        "product_id": id,
    }
    for id in ("lamp", "tent")
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(Settings(home=tmp_path / "home", cache=tmp_path / "cache"), encoder=HashEncoder())
    yield store
    store.close()


def held(store: Store, table: type[EventRecord] | type[EventAside] = EventRecord) -> int:
    with store.database.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_was_forgotten_stays_forgotten_after_another_import(store: Store) -> None:
    store.importer.run(ListFeed([LAMP, TENT, ANN, *SEEN]))
    assert held(store) == 2
    profiles = Profiles(store.database, store.catalogue, store.vectors.vectors)
    profiles.forget("ann", "lamps")
    assert held(store) == 1
    store.importer.run(ListFeed([LAMP | {"price": 10}, TENT, ANN, *SEEN]))
    assert held(store) == 1


def test_an_event_that_came_before_its_product_is_taken_up_with_it(store: Store) -> None:
    store.importer.run(ListFeed([LAMP]))
    early = {
        "id": "first",
        "kind": "view",
        "at": datetime.now(UTC).isoformat(),
        "customer_id": "ann",
        "product_id": "tent",
    }
    EventTaker(store.database).take([early])
    assert (held(store), held(store, EventAside)) == (0, 1)
    store.importer.run(ListFeed([LAMP, TENT]))
    assert (held(store), held(store, EventAside)) == (1, 0)
