"""The HTTP contract, spoken to the app over the demo shop with an assistant that says what the test decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from shopfront import demo_store
from talkers import Line, ScriptedTalker, priced

from assistant.events import TurnFinished, Withheld
from retriever.errors import BadInputError, UnavailableError
from retriever.store import Store
from ui import wire
from ui.api import Shop, create_app
from ui.ports import MAX_MESSAGE, PartState

TOKEN = "the-owner"
OWNER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = demo_store(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()


@pytest.fixture
def talker(store: Store) -> ScriptedTalker:
    speaker = store.searcher.search("bluetooth speaker", k=1).results[0].product
    line = Line("This one is in stock.", [speaker], [priced(speaker)], [Withheld(text="It sings.", why="no record")])
    return ScriptedTalker([line])


@pytest.fixture
def web(store: Store, talker: ScriptedTalker) -> TestClient:
    return client(store, talker)


def client(store: Store, talker: ScriptedTalker, **parts: PartState) -> TestClient:
    def check(state: PartState) -> Any:
        async def asked() -> PartState:
            return state

        return asked

    checks = {name: check(state) for name, state in parts.items()}
    shop = Shop(store=store, talker=talker, checks=checks, owner_token=TOKEN)
    return TestClient(create_app(shop, page=False), raise_server_exceptions=False)


def run_input(text: str, **more: Any) -> dict[str, Any]:
    """An AG-UI request with one thing said."""
    return {"threadId": "t-1", "runId": "r-1", "messages": [{"id": "m", "role": "user", "content": text}], **more}


def events_of(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def expect_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["detail"]
    assert "Traceback" not in answer.text
    return document


def test_a_turn_is_a_whole_ag_ui_run(web: TestClient, talker: ScriptedTalker) -> None:
    answer = web.post("/api/chat", json=run_input("a speaker", forwardedProps={"cart_id": "cart-of-mine"}))
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer)
    kinds = [event["type"] for event in events]
    assert kinds[0] == "RUN_STARTED"
    assert kinds[-1] == "RUN_FINISHED"
    order = ["TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END", "TOOL_CALL_RESULT", "TEXT_MESSAGE_START"]
    assert [kind for kind in kinds if kind in order] == order
    assert kinds.index("TEXT_MESSAGE_END") < kinds.index("STATE_SNAPSHOT")
    said = "".join(event["delta"] for event in events if event["type"] == "TEXT_MESSAGE_CONTENT")
    custom = {event["name"]: event["value"] for event in events if event["type"] == "CUSTOM"}
    assert said == custom["turn_result"]["reply"] == "This one is in stock."
    assert custom["products"][0]["id"] == custom["turn_result"]["products"][0]["id"]
    assert custom["evidence"][0]["kind"] == "price"
    assert events[-2]["name"] == "turn_result", "the whole result is the last thing before the end"
    state = next(event["snapshot"] for event in events if event["type"] == "STATE_SNAPSHOT")
    assert state["cart"]["id"] == "cart-of-mine"
    assert (talker.heard[0].conversation_id, talker.heard[0].cart_id) == ("t-1", "cart-of-mine")
    assert talker.heard[0].user_id is None, "nobody on the web is a customer unless authenticated"


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UnavailableError("The model is down.", "Wait."), "UnavailableError", "The model is down."),
        (ZeroDivisionError("secret detail"), "InternalError", "Something went wrong"),
    ],
)
def test_a_run_that_fails_ends_with_run_error(store: Store, error: Exception, code: str, told: str) -> None:
    answer = client(store, ScriptedTalker([Line("So far", error=error)])).post("/api/chat", json=run_input("hello"))
    last = events_of(answer)[-1]
    assert (last["type"], last["code"]) == ("RUN_ERROR", code)
    assert told in last["message"]
    assert "secret detail" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        run_input("   "),
        run_input("x" * (MAX_MESSAGE + 1)),
        {"threadId": "t", "runId": "r", "messages": []},
        {"threadId": "t"},
    ],
)
def test_what_is_no_turn_is_refused_before_the_stream(web: TestClient, body: dict[str, Any]) -> None:
    expect_problem(web.post("/api/chat", json=body), 422)


def test_openai_clients_get_a_completion_with_usage(web: TestClient) -> None:
    assert [model["id"] for model in web.get("/v1/models").json()["data"]] == ["shopwise"]
    body = {"model": "shopwise", "messages": [{"role": "user", "content": "a speaker"}], "temperature": 0}
    answer = web.post("/v1/chat/completions", json=body).json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "This one is in stock."}
    assert answer["usage"] == {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def test_openai_streams_end_with_usage_and_done(web: TestClient) -> None:
    body = {
        "model": "shopwise",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a speaker"}]}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    answer = web.post("/v1/chat/completions", json=body)
    chunks = events_of(answer)
    assert answer.text.rstrip().endswith("data: [DONE]")
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
    assert said == "This one is in stock."
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["total_tokens"] == 18


def test_a_history_goes_on_in_the_conversation_that_made_it(web: TestClient, talker: ScriptedTalker) -> None:
    def say(messages: list[dict[str, str]]) -> str:
        answer = web.post("/v1/chat/completions", json={"model": "shopwise", "messages": messages})
        return answer.json()["shopwise"]["conversation_id"]

    first = [{"role": "user", "content": "a speaker"}]
    ann, bob = say(first), say(first)
    assert ann != bob, "two shoppers who say the same stay two"
    more = [*first, {"role": "assistant", "content": "This one is in stock."}, {"role": "user", "content": "cheaper?"}]
    assert {say(more), say(more)} == {ann, bob}, "each goes on in one of them, and nobody joins another"
    assert say(more) not in {ann, bob}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "gpt-9", "messages": [{"role": "user", "content": "hi"}]}, 404),
        ({"model": "shopwise", "messages": []}, 422),
        ({"model": "shopwise", "messages": [{"role": "assistant", "content": "hi"}]}, 422),
        ({"model": "shopwise", "messages": [{"role": "user", "content": ""}]}, 422),
    ],
)
def test_openai_requests_that_cannot_be_answered(web: TestClient, body: dict[str, Any], status: int) -> None:
    expect_problem(web.post("/v1/chat/completions", json=body), status)


def test_search_has_the_contracts_shape_and_obeys_its_filters(web: TestClient) -> None:
    found = web.get("/api/search", params={"q": "speaker", "k": 5, "price_max": "60", "mode": "bm25"}).json()
    assert set(found) == {"query", "interpretation", "results", "relaxed", "facets", "timing"}
    assert 0 < len(found["results"]) <= 5
    for hit in found["results"]:
        assert set(hit) == {"id", "score", "product", "why"}
        assert any(v["price"] and v["price"]["amount"] <= 6000 for v in hit["product"]["variants"])


@pytest.mark.parametrize(
    "params",
    [
        {"q": "x", "k": 0},
        {"q": "x", "k": 101},
        {"q": "x", "mode": "magic"},
        {"q": "x", "colour": "red"},
        {"q": "x", "price_max": "cheap"},
        {"q": "x", "price_min": "9", "price_max": "3"},
        {"q": ""},
        {"q": "🎧"},
        {"q": "%"},
        {"q": "y" * 10_001},
        {},
    ],
)
def test_a_bad_search_is_a_problem_document(web: TestClient, params: dict[str, Any]) -> None:
    expect_problem(web.get("/api/search", params=params), 422)


@pytest.mark.parametrize("q", ["tent 🎧", "'; DROP TABLE product; --", 'a "quoted" lamp', "100%", "耳机"])
def test_odd_queries_are_just_queries(web: TestClient, q: str) -> None:
    assert web.get("/api/search", params={"q": q}).status_code == 200


def test_a_product_and_its_picture(web: TestClient, store: Store) -> None:
    id = store.catalogue.all_ids()[0]
    product = web.get(f"/api/products/{id}").json()
    assert product["id"] == id
    picture = web.get(product["images"][0])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")


@pytest.mark.parametrize("path", ["/api/products/none", "/api/nothing", "/media/demo/none.svg", "/elsewhere"])
def test_what_is_not_there_is_said_to_be_missing(web: TestClient, path: str) -> None:
    expect_problem(web.get(path), 404)


def buyable(store: Store) -> tuple[str, str, int]:
    """A product, a variant of it that can be bought, and how many there are."""
    for product in store.catalogue.get(store.catalogue.all_ids()):
        for variant in product.variants:
            stock = store.catalogue.stock(variant.id)
            if len(product.variants) > 1 and variant.availability.available and variant.price and stock and stock > 1:
                return product.id, variant.id, stock
    raise AssertionError("the demo store has nothing to buy")


def test_a_cart_is_filled_changed_and_emptied(web: TestClient, store: Store) -> None:
    product, variant, _ = buyable(store)
    assert web.get("/api/carts/mine").json()["lines"] == []
    cart = web.post("/api/carts/mine", json={"lines": [{"variant_id": variant, "quantity": 2}]}).json()
    assert [(line["product_id"], line["variant_id"], line["quantity"]) for line in cart["lines"]] == [
        (product, variant, 2)
    ]
    assert cart["total"]["amount"] == 2 * cart["lines"][0]["price"]["amount"]
    assert web.get("/api/carts/mine").json() == cart
    assert web.get("/api/carts/another").json()["lines"] == []
    emptied = web.post("/api/carts/mine", json={"lines": [{"variant_id": variant, "quantity": 0}]}).json()
    assert emptied["lines"] == []


def test_a_cart_refuses_what_it_cannot_hold(web: TestClient, store: Store) -> None:
    product, variant, stock = buyable(store)

    def refused(line: dict[str, Any], status: int = 422) -> str:
        return expect_problem(web.post("/api/carts/c", json={"lines": [line]}), status)["detail"]

    assert str(stock) in refused({"variant_id": variant, "quantity": stock + 1}), "it says how many there are"
    refused({"variant_id": variant, "quantity": -1})
    refused({"variant_id": variant, "quantity": 100_000})
    refused({"product_id": product, "quantity": 1})
    refused({"quantity": 1})
    refused({"variant_id": variant, "quantity": "two"})
    refused({"product_id": "none", "quantity": 1}, 404)


def test_health_and_readiness_by_part(store: Store, talker: ScriptedTalker) -> None:
    up, down = PartState(ready=True, detail="126 products"), PartState(ready=False, detail="still starting")
    assert client(store, talker).get("/healthz").status_code == 200
    assert client(store, talker, database=up).get("/readyz").json()["ready"] is True
    answer = client(store, talker, database=up, model=down).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["model"] == {"ready": False, "detail": "still starting"}


def test_the_documentation_lists_the_endpoints_and_loads_nothing(web: TestClient) -> None:
    page = web.get("/docs").text
    assert "/api/chat" in page
    assert "/v1/chat/completions" in page
    assert "/internal" not in page
    assert "http://" not in page.replace("http://127.0.0.1", "")
    assert "https://" not in page
    assert "/api/search" in web.get("/openapi.json").json()["paths"]


def test_every_answer_carries_its_promises_and_no_request_is_too_large(web: TestClient) -> None:
    assert "default-src 'self'" in web.get("/healthz").headers["content-security-policy"]
    expect_problem(web.post("/api/chat", content=b"x" * 1_000_001), 413)


@pytest.mark.parametrize("path", ["/internal/search", "/internal/ask", "/internal/import", "/internal/quality"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_only_the_owner_gets_behind_the_counter(web: TestClient, path: str, headers: dict[str, str]) -> None:
    expect_problem(web.post(path, json={}, headers=headers), 401)


def test_without_a_token_nobody_is_the_owner(store: Store, talker: ScriptedTalker) -> None:
    closed = TestClient(create_app(Shop(store=store, talker=talker), page=False))
    expect_problem(closed.post("/internal/search", json={"query": "x"}, headers={"Authorization": "Bearer "}), 401)


def test_the_owner_searches_asks_for_a_customer_and_imports(
    web: TestClient, talker: ScriptedTalker, tmp_path: Path
) -> None:
    found = web.post("/internal/search", json={"query": "tent", "k": 3, "filters": ["in_stock=true"]}, headers=OWNER)
    assert len(found.json()["results"]) == 3

    lines = web.post("/internal/ask", json={"text": "where is it?", "user_id": "ann"}, headers=OWNER).text.splitlines()
    events = [wire.load(line) for line in lines]
    assert isinstance(events[-1], TurnFinished)
    assert talker.heard[-1].user_id == "ann"

    order = {"source": "demo", "downloads": str(tmp_path)}
    web.post("/internal/import", json=order, headers=OWNER)  # as of today; the store's day is weeks ago
    told = [json.loads(line) for line in web.post("/internal/import", json=order, headers=OWNER).text.splitlines()]
    assert told[-1]["report"]["added"] == told[-1]["report"]["removed"] == 0
    assert all("progress" in line for line in told[:-1])

    told = [json.loads(line) for line in web.post("/internal/quality", json={}, headers=OWNER).text.splitlines()]
    assert told[-1]["report"]["history"][0]["feed"] == "demo"

    bad = web.post("/internal/import", json={**order, "source": "none"}, headers=OWNER).text
    with pytest.raises(BadInputError, match="no source 'none'"):
        wire.load(bad)
