"""A wish that is too open gets one question; after that the shopper sees goods, not a second question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from scripted import UNREPAIRED, ScriptedModel, call, small_shop

from assistant.agent import Assistant
from assistant.events import ProductsFound, TextDelta, Turn, TurnFinished, TurnResult
from retriever.store import Store

GOODS = [
    {"id": "s1", "title": "Tidewater Bluetooth Speaker", "price": "49.00", "categories": ["Audio"],
     "texts": {"zh": {"title": "潮汐蓝牙音箱"}}, "rating": {"value": 4.5, "count": 120}},
    {"id": "r1", "title": "Heron Fishing Rod", "price": "35.00", "categories": ["Outdoor"],
     "texts": {"zh": {"title": "苍鹭钓鱼竿"}}, "rating": {"value": 4.1, "count": 30}},
    {"id": "m1", "title": "Larch Tea Mug", "price": "12.00", "rating": {"value": 4.8, "count": 60}, "stock": 0},
]  # fmt: skip
WHOM, WHAT = "Who is it for?", "What do they like?"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_shop(tmp_path_factory.mktemp("shop"), GOODS)
    yield opened
    opened.close()


@pytest.fixture
def talk(store: Store) -> Callable[..., list[TurnResult]]:
    """The turns of a conversation: what the shopper says, against what the model says."""

    def run(said: list[str], script: list[Any]) -> list[TurnResult]:
        assistant = Assistant(store, ScriptedModel(script), UNREPAIRED, InMemorySaver())
        return [asyncio.run(assistant.reply(Turn(text, "c1"))) for text in said]

    return run


@pytest.mark.parametrize(
    ("wish", "question"),
    [
        ("I need a gift", WHOM),
        ("show me something", "What kind of thing are you looking for?"),
        ("推荐点东西", "您想要哪一类？"),
    ],
)
def test_an_open_wish_may_be_answered_with_a_question(talk: Any, wish: str, question: str) -> None:
    (result,) = talk([wish], [question])

    assert (result.reply, result.tool_calls) == (question, ())


def test_instead_of_a_second_question_what_was_said_is_searched_for(talk: Any) -> None:
    first, second = talk(["I need a gift", "for my father, he likes fishing"], [WHOM, f"Sure! {WHAT}"])

    assert first.reply == WHOM
    assert second.reply.startswith("Sure! Here are some to start with: Heron Fishing Rod, $35.00, in stock")
    assert second.products[0].id == "r1"
    assert [made.name for made in second.tool_calls] == ["search_catalog"]
    assert "fishing" in second.tool_calls[0].arguments["query"]
    assert "r1" in {proof.source.id for proof in second.evidence}


def test_what_the_first_message_said_counts_too(talk: Any) -> None:
    _, second = talk(["a fishing gift", "I don't know"], [WHOM, WHAT])

    assert second.products[0].id == "r1"


@pytest.mark.parametrize(
    ("said", "start"),
    [
        (["show me something", "anything"], "Here are some to start with: Tidewater Bluetooth Speaker, $49.00"),
        (["推荐点东西", "随便"], "先看看这几款：潮汐蓝牙音箱，US$49.00"),
    ],
)
def test_where_nothing_was_said_the_best_rated_goods_that_can_be_bought_are_shown(
    talk: Any, said: list[str], start: str
) -> None:
    _, second = talk(said, ["Which?", "您想要什么？" if start.startswith("先") else WHAT])

    assert second.reply.startswith(start)
    assert [product.id for product in second.products] == ["s1", "r1"]


def test_the_shown_goods_can_be_spoken_of_afterwards(talk: Any, store: Store) -> None:
    add = call("update_cart", lines=[{"product_id": "r1", "quantity": 1}])

    *_, third = talk(
        ["a gift", "he likes fishing", "add the fishing rod to my cart"], [WHOM, WHAT, add, "It is in your cart."]
    )

    assert third.tool_calls[0].ok, third.tool_calls[0].error
    assert [line.product_id for line in store.carts.get("conversation:c1").lines] == ["r1"]


def test_a_question_is_allowed_again_after_goods_were_shown(talk: Any) -> None:
    *_, third = talk(["a gift", "he likes fishing", "hmm, something else"], [WHOM, WHAT, WHOM])

    assert third.reply == WHOM


def test_a_question_after_looking_something_up_is_no_second_one(talk: Any) -> None:
    answer = "The Heron Fishing Rod is $35.00. Shall I look for more?"

    _, second = talk(["a gift", "he likes fishing"], [WHOM, call("search_catalog", query="fishing rod"), answer])

    assert second.reply == answer


@pytest.mark.parametrize(
    "said",
    [["hello", "I need a gift"], ["I need a gift", "thanks"], ["where is my order?", "I do not have the number"]],
    ids=["after a greeting", "to thanks", "about an order"],
)
def test_small_talk_and_service_are_left_alone(talk: Any, said: list[str]) -> None:
    _, second = talk(said, ["How can I help you?", "Is there anything you can tell me?"])

    assert second.reply == "Is there anything you can tell me?"
    assert second.tool_calls == ()


def test_the_second_question_is_never_streamed(store: Store) -> None:
    assistant = Assistant(store, ScriptedModel([WHOM, f"Sure! {WHAT}"]), UNREPAIRED, InMemorySaver())
    asyncio.run(assistant.reply(Turn("a gift", "c1")))

    async def listen() -> list[Any]:
        return [event async for event in assistant.stream(Turn("he likes fishing", "c1"))]

    events = asyncio.run(listen())
    assert isinstance(events[-1], TurnFinished)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)).strip() == events[-1].result.reply
    assert WHAT not in events[-1].result.reply
    (cards,) = [event for event in events if isinstance(event, ProductsFound)]
    assert cards.products == events[-1].result.products
