"""A cross-encoder behind HTTP: what is asked, what comes back, and what is said when it does not."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from ranker.cross.scoring import RankerMissingError
from retriever.served_ranker import PAUSE, ServedCrossEncoder


def served(answer: Callable[[httpx.Request], httpx.Response]) -> ServedCrossEncoder:
    return ServedCrossEncoder("http://gpu:8000/v1/", "shop-ranker", transport=httpx.MockTransport(answer))


def by_length(request: httpx.Request) -> httpx.Response:
    """A server that scores a text by its length, and answers in another order."""
    texts = json.loads(request.content)["text_2"]
    data = [{"index": place, "object": "score", "score": float(len(text))} for place, text in enumerate(texts)]
    return httpx.Response(200, json={"object": "list", "model": "shop-ranker", "data": data[::-1]})


def test_scores_come_in_the_order_of_the_texts() -> None:
    scores = served(by_length).score("mug", ["a", "long one", ""])
    assert scores.tolist() == [1.0, 8.0, 0.0]
    assert scores.dtype == np.float32


def test_the_request_is_that_of_the_score_endpoint() -> None:
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return by_length(request)

    served(answer).score("mug", ["a"])
    assert str(heard[0].url) == "http://gpu:8000/v1/score"
    asked = json.loads(heard[0].content)
    assert (asked["model"], asked["text_1"], asked["text_2"]) == ("shop-ranker", "mug", ["a"])


def test_nothing_is_asked_about_no_texts() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    assert served(answer).score("mug", []).shape == (0,)


def refuses(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def hangs(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refuses, "No ranker answers"),
        (hangs, "takes too long"),
        (lambda _: httpx.Response(401), "status 401"),
        (lambda _: httpx.Response(404), "status 404"),
        (lambda _: httpx.Response(200, text="<html>"), "no scoring server"),
        (lambda _: httpx.Response(200, json={"data": [{"index": 0, "score": 1.0}]}), "no scoring server"),
        (lambda _: httpx.Response(200, json={"data": [{"index": 7, "score": 1.0}]}), "no scoring server"),
        (lambda _: httpx.Response(200, json=[]), "no scoring server"),
    ],
)
def test_a_server_that_cannot_be_used_is_said(answer: Callable[[httpx.Request], httpx.Response], said: str) -> None:
    with pytest.raises(RankerMissingError, match=said):
        served(answer).score("mug", ["a", "b"])


def test_a_server_that_failed_is_left_alone_for_a_while() -> None:
    now, asked = [0.0], [0]

    def answer(request: httpx.Request) -> httpx.Response:
        asked[0] += 1
        return httpx.Response(503) if asked[0] == 1 else by_length(request)

    ranker = ServedCrossEncoder("http://gpu:8000", transport=httpx.MockTransport(answer), clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(RankerMissingError, match="status 503"):
            ranker.score("mug", ["a"])
    assert asked[0] == 1
    now[0] = PAUSE
    assert ranker.score("mug", ["abc"]).tolist() == [3.0]


def test_a_model_without_a_name_is_the_one_the_server_has() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "model" not in json.loads(request.content)
        return by_length(request)

    ServedCrossEncoder("http://gpu:8000", transport=httpx.MockTransport(answer)).load()
