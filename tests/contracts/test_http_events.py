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


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(Path(tmp_path_factory.mktemp("events")))
    yield opened
    opened.close()


@pytest.fixture
def web(store: Store) -> TestClient:
    app = create_app(Shop(store=store, talker=ScriptedTalker([])), page=False)
    return TestClient(app, raise_server_exceptions=False)


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
