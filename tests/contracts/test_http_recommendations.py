"""``/api/recommendations`` and ``/api/profile``: who may ask for whom, what comes back, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from recommended import ScriptedRecommender, shown
from shopfront import small_demo_store
from talkers import ScriptedTalker

from retriever.store import Store
from ui.api import Shop, create_app

TOKEN = "the-owner"
OWNER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(Path(tmp_path_factory.mktemp("recommendations")))
    yield opened
    opened.close()


@pytest.fixture
def recommender(store: Store) -> ScriptedRecommender:
    goods = store.catalogue.get(store.catalogue.all_ids()[:3])
    return ScriptedRecommender(lambda asked: [shown(product, "well rated by 12 people") for product in goods])


@pytest.fixture
def web(store: Store, recommender: ScriptedRecommender) -> TestClient:
    shop = Shop(store=store, talker=ScriptedTalker([]), owner_token=TOKEN, recommends=recommender)
    return TestClient(create_app(shop, page=False), raise_server_exceptions=False)


def test_goods_come_with_their_reasons_and_an_id_to_send_clicks_back_with(web: TestClient) -> None:
    answer = web.get("/api/recommendations", params={"k": 2}).json()

    assert set(answer) == {"results", "recommendation_id", "questions"}
    assert len(answer["results"]) == 2
    first = answer["results"][0]
    assert set(first) == {"id", "score", "reasons", "source", "product", "sponsored"}
    assert first["reasons"] == ["well rated by 12 people"]
    assert first["product"]["id"] == first["id"]


def test_everything_that_is_known_of_the_moment_reaches_the_recommender(
    web: TestClient, recommender: ScriptedRecommender
) -> None:
    words = (
        "goal=complement&session_id=s-1&history=a,b&history=c&like=d&basket=e&exclude=f&price_max=19.99&upsell=false"
        "&product_id=p&category=Tents&query=rain&referrer=https://example.org&locale=zh-CN&answers.kind=tent&k=4"
    )
    assert web.get(f"/api/recommendations?{words}").status_code == 200

    asked = recommender.asked[-1]
    assert (asked.goal, asked.session_id, asked.k, asked.upsell) == ("complement", "s-1", 4, False)
    assert (asked.history, asked.like, asked.basket, asked.exclude) == (("a", "b", "c"), ("d",), ("e",), ("f",))
    assert asked.price_max == Decimal("19.99")
    assert (asked.language, asked.surface) == ("zh", "api")
    context = asked.context
    assert (context.product_id, context.category, context.query, context.locale) == ("p", "Tents", "rain", "zh-CN")
    assert dict(context.answers) == {"kind": "tent"}


@pytest.mark.parametrize("path", ["/api/recommendations", "/api/profile", "/api/profile/export"])
def test_a_customers_own_are_for_the_owner_alone(web: TestClient, path: str, recommender: ScriptedRecommender) -> None:
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        refused = web.get(path, params={"customer_id": "ann"}, headers=headers)
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
    assert recommender.asked == []

    assert web.get(path, params={"customer_id": "ann"}, headers=OWNER).status_code == 200


def test_without_an_owner_nobody_speaks_for_customers(store: Store, recommender: ScriptedRecommender) -> None:
    shop = Shop(store=store, talker=ScriptedTalker([]), recommends=recommender)
    web = TestClient(create_app(shop, page=False))

    for headers in ({}, {"Authorization": "Bearer "}):
        assert web.get("/api/recommendations?customer_id=ann", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ("k=0", 422, "k"),
        ("k=51", 422, "k"),
        ("goal=wealth", 422, "goal"),
        ("price_max=-1", 422, "price_max"),
        ("price_max=much", 422, "price_max"),
        ("price_mx=10", 422, "There is no parameter 'price_mx'"),
        ("like=" + ",".join(map(str, range(51))), 422, "like"),
        ("adult=true", 401, "owner"),
        ("&".join(f"answers.{n}=x" for n in range(11)), 422, "answers"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_document(web: TestClient, words: str, status: int, told: str) -> None:
    answer = web.get(f"/api/recommendations?{words}")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]


def look(id: str, product: str, **who: str) -> dict[str, Any]:
    return {"event_id": id, "kind": "view", "product_id": product, **who}


def test_a_visit_sees_what_is_known_of_it_and_has_it_forgotten(web: TestClient, store: Store) -> None:
    mug = next(id for id in store.catalogue.all_ids() if "mug" in id)
    soon = look("v-2", "not sold yet", session_id="visit-9")
    web.post("/api/events", json=[look("v-1", mug, session_id="visit-9"), soon])

    profile = web.get("/api/profile", params={"session_id": "visit-9"}).json()
    assert profile["acts"] == 1
    assert profile["words"]

    assert web.delete("/api/profile", params={"session_id": "visit-9"}).json() == {"forgotten": 1}
    assert web.get("/api/profile", params={"session_id": "visit-9"}).json()["acts"] == 0
    assert web.post("/api/events", json=soon).json()["duplicates"] == 0, "what had been set aside is forgotten too"


def test_a_visit_decides_what_is_recommended_in_it(web: TestClient, store: Store) -> None:
    mug, other = store.catalogue.get(store.catalogue.all_ids())[:2]
    web.post("/api/events", json=[look(f"w-{one.id}", one.id, session_id="visit-8") for one in (mug, other)])
    whose = {"session_id": "visit-8"}

    changed = web.post("/api/profile", json={**whose, "mute": [{"kind": "brand", "name": mug.brand}]}).json()
    assert changed["muted"] == [{"kind": "brand", "name": mug.brand}]
    assert web.get("/api/profile", params={"session_id": "visit-7"}).json()["muted"] == []
    assert web.delete("/api/profile", params={**whose, "what": mug.id}).json() == {"forgotten": 1}
    assert web.post("/api/profile", json={**whose, "enabled": False}).json()["enabled"] is False
    late = web.post("/api/events", json=look("w-late", other.id, **whose))
    assert late.status_code == 422
    assert "this person has switched their profile off" in late.text

    assert web.delete("/api/profile", params=whose).json() == {"forgotten": 1}
    assert web.get("/api/profile", params=whose).json()["enabled"]  # what was decided goes with the visit


def test_a_customer_is_switched_off_muted_and_forgotten_by_the_owner(web: TestClient, store: Store) -> None:
    mug, other = store.catalogue.get(store.catalogue.all_ids())[:2]
    batch = [look("c-1", mug.id, customer_id="cleo"), look("c-2", other.id, customer_id="cleo")]
    assert web.post("/api/events", json=batch, headers=OWNER).json()["accepted"] == 2
    whose = {"customer_id": "cleo"}

    muted = {**whose, "mute": [{"kind": "brand", "name": mug.brand}], "sizes": {"shoes": "42"}}
    changed = web.post("/api/profile", json=muted, headers=OWNER).json()
    assert changed["sizes"]["shoes"] == "42"
    assert changed["muted"] == [{"kind": "brand", "name": mug.brand}]
    undone = web.post("/api/profile", json={**whose, "unmute": muted["mute"]}, headers=OWNER).json()
    assert undone["muted"] == []

    gone = web.delete("/api/profile", params={**whose, "what": mug.id}, headers=OWNER).json()
    assert gone == {"forgotten": 1}
    assert web.get("/api/profile/export", params=whose, headers=OWNER).json()["acts"][0]["product_id"] == other.id

    assert web.post("/api/profile", json={**whose, "enabled": False}, headers=OWNER).json()["enabled"] is False
    assert web.delete("/api/profile", params=whose, headers=OWNER).json() == {"forgotten": 1}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_stranger_changes_nobodys_profile(web: TestClient, method: str) -> None:
    refused = web.request(
        method, "/api/profile", params={"customer_id": "ann"}, json={"customer_id": "ann"} if method == "POST" else None
    )
    assert refused.status_code == 401


@pytest.mark.parametrize("words", ["", "customer_id=ann&session_id=s"])
def test_a_profile_is_of_one_person(web: TestClient, words: str) -> None:
    assert web.get(f"/api/profile?{words}", headers=OWNER).status_code == 422


def test_a_command_on_a_served_folder_is_answered_by_the_server_for_the_owner_alone(
    web: TestClient, store: Store
) -> None:
    asked = {"history": store.catalogue.all_ids()[:1], "k": 3, "surface": "cli"}

    answer = web.post("/internal/recommend", json=asked, headers=OWNER)
    assert len(answer.json()["results"]) == 3
    assert web.post("/internal/recommend", json=asked).status_code == 401
    unknown = web.post("/internal/recommend", json={"like": ["unheard-of"]}, headers=OWNER)
    assert unknown.status_code == 404
    assert "'unheard-of'" in unknown.json()["detail"]
