"""Reaching a model server: somebody else's, and the ways in which there may be none."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.model.client import Endpoint, chat_model, reachable, served_names
from assistant.model.serve import ModelServer
from assistant.model.weights import ensure_model
from assistant.settings import Settings
from retriever.errors import UnavailableError

MODELS = json.dumps({"object": "list", "data": [{"id": "big"}, {"id": "small"}]})


@pytest.fixture
def answering() -> Iterator[Callable[[int, str], str]]:
    """Starts a server that gives every request the same answer; returns its base URL."""
    servers: list[ThreadingHTTPServer] = []

    def serve(status: int, body: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def nobody() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(home=tmp_path / "home", cache=tmp_path / "cache", **more)


def test_another_server_is_used_with_the_first_model_it_offers(tmp_path: Path, answering: Callable[..., str]) -> None:
    url = answering(200, MODELS)
    with ModelServer(settings(tmp_path, model_url=f"{url}/", model_api_key="k")) as server:
        assert server.endpoint == Endpoint(url, "big", "k")
        assert server.healthy()
        assert server.state == "ready"
        assert not server.owned
    assert server.state == "stopped"


def test_the_model_named_is_the_one_used(tmp_path: Path, answering: Callable[..., str]) -> None:
    with ModelServer(settings(tmp_path, model_url=answering(200, MODELS), model="small")) as server:
        assert server.model_name == "small"


def test_a_model_it_does_not_offer_is_an_error_that_lists_those_it_does(
    tmp_path: Path, answering: Callable[..., str]
) -> None:
    server = ModelServer(settings(tmp_path, model_url=answering(200, MODELS), model="huge"))
    with pytest.raises(UnavailableError, match="does not offer huge, only big, small"):
        server.start()
    assert server.state == "failed"
    assert "huge" in server.problem


@pytest.mark.parametrize("url", ["", "not a url", "http://", "http://127.0.0.1:1/v1", "ftp://127.0.0.1/v1"])
def test_a_wrong_url_is_said_to_be_one(tmp_path: Path, url: str, nobody: str) -> None:
    with pytest.raises(UnavailableError, match="No model server answers at") as caught:
        served_names(url or nobody)
    assert "SHOPWISE_MODEL_URL" in caught.value.hint
    assert not reachable(url or nobody)


@pytest.mark.parametrize("body", ["<html>", "{}", "[]", '{"data": [1]}', '{"data": null}'])
def test_a_server_of_another_kind_is_said_to_be_one(answering: Callable[..., str], body: str) -> None:
    with pytest.raises(UnavailableError, match="not an OpenAI-compatible server"):
        served_names(answering(200, body))


@pytest.mark.parametrize(("status", "hint"), [(401, "SHOPWISE_MODEL_API_KEY"), (404, "/v1"), (500, "")])
def test_a_refusal_tells_what_to_do(answering: Callable[..., str], status: int, hint: str) -> None:
    with pytest.raises(UnavailableError, match=str(status)) as caught:
        served_names(answering(status, "{}"))
    assert hint in caught.value.hint


def test_a_server_that_was_not_started_has_no_address(tmp_path: Path) -> None:
    server = ModelServer(settings(tmp_path))
    assert not server.healthy()
    with pytest.raises(UnavailableError, match="not running"):
        _ = server.url
    server.stop()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=f"Port {port}") as caught:
            ModelServer(settings(tmp_path, model=str(model), model_port=port)).start()
    assert "SHOPWISE_MODEL_PORT" in caught.value.hint
    assert not list((tmp_path / "cache").glob("*.json"))


def test_a_model_by_name_or_folder_needs_no_building(tmp_path: Path) -> None:
    assert ensure_model(settings(tmp_path, model="Qwen/Qwen3.5-4B")).name == "Qwen/Qwen3.5-4B"
    folder = tmp_path / "tuned"
    folder.mkdir()
    spec = ensure_model(settings(tmp_path, model=str(folder)))
    assert (spec.source, spec.name, spec.builtin) == (str(folder), "tuned", False)


def test_the_client_carries_what_it_was_given() -> None:
    model = chat_model(Endpoint("http://127.0.0.1:9/v1", "small"), max_tokens=7)
    assert (model.model_name, model.max_tokens, model.temperature) == ("small", 7, 0.0)
    assert str(model.openai_api_base) == "http://127.0.0.1:9/v1"
