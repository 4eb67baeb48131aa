"""The clerk's evaluation from a shop to a report: a model server that always says the same, and a shop of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse
from scripted import HashEncoder
from shopfront import served, small_demo_store

from assistant.build import open_store
from assistant.settings import Settings
from eval.clerk.cases import Script, held_out
from eval.clerk.run import Plan, contender, evaluate
from retriever.demo.orders import orders
from retriever.errors import BadInputError
from retriever.store import Store


def settings_in(folder: Path) -> Settings:
    return Settings(home=folder / "home", cache=folder / "cache")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(tmp_path_factory.mktemp("evaluated"))
    yield opened
    opened.close()


def polite_server() -> FastAPI:
    """An OpenAI-compatible server that greets everybody, and counts the tokens it has found in its cache."""
    app, asked = FastAPI(), []

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return {"data": [{"id": "polite"}]}

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        count = len(asked)
        lines = [f"vllm:prefix_cache_queries_total {100 * count}", f"vllm:prefix_cache_hits_total {80 * count}"]
        return PlainTextResponse("\n".join(lines))

    @app.post("/v1/chat/completions")
    def complete(body: dict[str, Any]) -> StreamingResponse:
        asked.append(body)
        common = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "polite"}
        chunks = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hello!"}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102}},
        ]
        lines = [f"data: {json.dumps(common | chunk)}\n\n" for chunk in chunks]
        return StreamingResponse(iter([*lines, "data: [DONE]\n\n"]), media_type="text/event-stream")

    return app


def test_a_served_model_is_evaluated_from_shop_to_report(store: Store, tmp_path: Path) -> None:
    settings, stages = settings_in(tmp_path), list[str]()
    with served(polite_server()) as address:
        url = contender("url", settings, f"{address}/v1", lambda _phase, _seconds: None)
        plan = Plan(("held-out", "unseen", "attacks"), limit=3, seed=2)
        report = evaluate(settings, store, [url], plan, tmp_path / "out", lambda stage, _d, _t: stages.append(stage))

    standing = report.contenders[0]
    assert (standing.name, standing.model) == ("url", "polite")
    assert standing.prefix is not None
    assert standing.prefix.found / standing.prefix.asked == 0.8
    assert {name: held.samples for name, held in standing.sets.items()} == {"held-out": 3, "unseen": 3, "attacks": 3}
    assert standing.sets["unseen"].rates["tool_choice"]["all"].of == 3
    assert standing.sets["attacks"].rates["attack_success"]["all"].right == 0
    assert standing.sets["held-out"].spreads["prompt_tokens"].p50 == 100
    assert {"url: held-out", "url: unseen", "url: attacks"} <= set(stages)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["contenders"][0]["name"] == "url"
    assert len(list((tmp_path / "out" / "logs").glob("*.eval"))) == 3
    turns = [json.loads(line) for line in (tmp_path / "out" / "unseen-url.jsonl").read_text().splitlines()]
    assert len([turn for turn in turns if turn["wanted"]]) == 3
    attacks = (tmp_path / "out" / "attacks-url.jsonl").read_text().splitlines()
    assert all(json.loads(line)["held"] for line in attacks)


def planned(store: Store, seed: int, dialogues: int = 12) -> list[Script]:
    return asyncio.run(held_out(store, dialogues, seed))


def test_held_out_dialogues_are_the_same_for_everybody_and_say_what_is_right(store: Store) -> None:
    scripts = planned(store, 5)
    assert [s.model_dump() for s in scripts] == [s.model_dump() for s in planned(store, 5)]
    assert scripts[0].lines != planned(store, 6)[0].lines
    assert {script.language for script in scripts} == {"en", "zh"}
    wanted = [line.wanted for script in scripts for line in script.lines]
    assert all(wanted)
    assert any(each and each.tool == "search_catalog" and each.query for each in wanted)
    assert any(len(script.lines) > 1 for script in scripts)
    assert {script.user for script in scripts} == {orders()[0].customer_id}


def test_a_shop_without_goods_is_refused(tmp_path: Path) -> None:
    empty = open_store(settings_in(tmp_path), encoder=HashEncoder())
    try:
        with pytest.raises(BadInputError, match="no goods"):
            evaluate(settings_in(tmp_path), empty, [], Plan(), tmp_path / "out", lambda *_: None)
    finally:
        empty.close()


def test_a_folder_that_cannot_be_made_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = ["eval", "clerk", "--out", str(tmp_path / "file" / "out"), "--home", str(tmp_path / "home")]
    line = [sys.executable, "-c", "from ui.cli import main; main()", *words]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 2
    assert "cannot be made" in ended.stderr
    assert not (tmp_path / "home").exists()
