"""A shop whose ranker is on a server: what the setting changes in a search, and what a dead server does not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from import_fakes import ListFeed
from scripted import HashEncoder
from typer.testing import CliRunner

from assistant.build import open_store
from assistant.settings import Settings
from retriever.search import SearchResult
from ui.cli.app import app

GOODS = ("steel mug", "steel mug of the pottery", "steel mug for travellers", "garden hose")
BEST = "steel mug for travellers"


def scoring() -> FastAPI:
    """As vLLM's pooling runner answers, with an opinion that nothing else in a search has."""
    server = FastAPI()

    @server.post("/v1/score")
    def score(body: dict[str, Any]) -> dict[str, Any]:
        data = [
            {"index": place, "object": "score", "score": 9.0 if BEST in text else -9.0}
            for place, text in enumerate(body["text_2"])
        ]
        return {"object": "list", "model": body.get("model", "shop-ranker"), "data": data}

    return server


@pytest.fixture
def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def url(free_port: int) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(scoring(), host="127.0.0.1", port=free_port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{free_port}/v1"
    server.should_exit = True
    thread.join()


def found(folder: Path, ranker_url: str) -> SearchResult:
    settings = Settings(home=folder / "home", cache=folder / "cache", ranker_url=ranker_url, ranker_weight=10.0)
    store = open_store(settings, encoder=HashEncoder())
    try:
        store.importer.run(ListFeed([{"id": title, "title": title, "price": 9} for title in GOODS]))
        return store.searcher.search("steel mug", k=3)
    finally:
        store.close()


def test_the_server_has_its_say_in_the_order(tmp_path: Path, url: str) -> None:
    result = found(tmp_path, url)
    assert result.results[0].id == BEST
    assert "limited" not in result.interpretation


def test_a_search_goes_on_without_a_server_that_is_gone_and_says_so(tmp_path: Path, free_port: int) -> None:
    result = found(tmp_path, f"http://127.0.0.1:{free_port}")
    assert len(result.results) == 3
    assert "without the learned ranker: No ranker answers" in result.interpretation["limited"]


def test_the_doctor_looks_at_the_server(tmp_path: Path, url: str, free_port: int) -> None:
    def seen(ranker_url: str) -> str:
        runner = CliRunner(env={"SHOPWISE_RANKER_URL": ranker_url, "COLUMNS": "300"})
        return runner.invoke(app, ["doctor", "--home", str(tmp_path)]).stdout

    assert f"served: {url}" in seen(url)
    assert "status 404" in seen(f"http://127.0.0.1:{free_port}/nothing")
