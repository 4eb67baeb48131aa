"""``POST /api/events`` over the records: batches, duplicates, and problem documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shopfront import small_demo_store
from talkers import ScriptedTalker

from retriever.interactions.histories import recorded_history
from retriever.store import Store
from ui.api import Shop, create_app

TOKEN = "the-owner"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(Path(tmp_path_factory.mktemp("events")))
    yield opened
    opened.close()


@pytest.fixture
def stranger(store: Store) -> TestClient:
    """A browser, or whoever else can reach the shop."""
    app = create_app(Shop(store=store, talker=ScriptedTalker([]), owner_token=TOKEN), page=False)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def web(stranger: TestClient) -> TestClient:
    """The shop's own server."""
    stranger.headers["Authorization"] = f"Bearer {TOKEN}"
    return stranger


def look(id: str, product: str, **more: Any) -> dict[str, Any]:
    return {"event_id": id, "type": "view", "user_id": "ann", "product_id": product, **more}


def test_events_count_at_once_and_once(web: TestClient, store: Store) -> None:
    mug, tent = store.catalogue.all_ids()[:2]
    batch = [look("e-1", mug), look("e-2", tent), look("e-3", "unheard-of"), {"event_id": "e-4", "type": "stare"}]
    first = web.post("/api/events", json={"events": batch}).json()
    again = web.post("/api/events", json=batch[:3]).json()

    assert (first["accepted"], first["duplicates"]) == (2, 0)
    assert [one["event_id"] for one in first["set_aside"]] == ["e-3"]
    assert [one["event_id"] for one in first["refused"]] == ["e-4"]
    assert (again["accepted"], again["duplicates"]) == (0, 3)
    assert web.post("/api/events", json=look("e-5", mug, user_id="bob")).json()["accepted"] == 1
    history = recorded_history(store.database, "ann", now=2e10)
    assert {event.item for event in history} == {mug, tent}


def test_only_the_shop_itself_says_what_a_customer_did(stranger: TestClient, store: Store) -> None:
    mug, tent = store.catalogue.all_ids()[:2]
    session = {"kind": "click", "session_id": "s-1"}
    batch = [
        {"event_id": "s-1", "product_id": mug, **session},
        look("s-2", mug, user_id="zoe"),
        {"event_id": "s-3", "product_id": "unheard-of", **session},
        look("s-4", tent, customer_id="zoe", session_id="s-1"),
        {"event_id": "s-5", "product_id": tent, "kind": "stare", "session_id": "s-1"},
    ]
    taken = stranger.post("/api/events", json=batch).json()

    assert taken["accepted"] == 1
    assert [(one["index"], one["event_id"]) for one in taken["set_aside"]] == [(2, "s-3")]
    assert [(one["index"], one["event_id"]) for one in taken["refused"]] == [(1, "s-2"), (3, "s-4"), (4, "s-5")]
    assert "owner's token" in taken["refused"][0]["reason"]
    assert recorded_history(store.database, "zoe", now=2e10) == []
    assert len(recorded_history(store.database, "session:s-1", now=2e10)) == 1

    alone = stranger.post("/api/events", json=look("s-6", mug))
    assert alone.status_code == 422
    assert "owner's token" in alone.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ([], 422, "no events"),
        ([look(str(n), "x") for n in range(1_001)], 422, "at most 1,000"),
        ([look(str(n), "x" * 100) for n in range(10_000)], 413, "larger than"),
        ({"event_id": "one", "type": "stare"}, 422, "No event of the batch could be taken: kind"),
        ("text", 422, "body"),
    ],
    ids=["none", "too many", "far too many", "nothing usable", "no events at all"],
)
def test_what_cannot_be_taken_is_a_problem_document(web: TestClient, body: Any, status: int, told: str) -> None:
    answer = web.post("/api/events", json=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]
