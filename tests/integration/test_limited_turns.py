"""What a shopper gets while no model answers: the same records by the same tools, and the same guard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from scripted import UNREPAIRED, ScriptedModel, down, small_shop

from assistant.agent import Assistant
from assistant.events import Turn, TurnResult
from retriever.store import Store

GOODS = [
    {"id": "s1", "title": "Tidewater Bluetooth Speaker", "price": "49.00", "brand": "Tidewater",
     "categories": ["Audio"], "attributes": {"color": "black"}},
    {"id": "s2", "title": "Pebble Bluetooth Speaker Mini", "price": "19.00", "categories": ["Audio"]},
    {"id": "t1", "title": "Ridge Tent", "price": "120.00", "categories": ["Outdoor"]},
    {"type": "policy", "id": "returns", "title": "Returns", "body": "You can return goods within 30 days."},
    {"type": "customer", "id": "ann", "name": "Ann"},
    {"type": "order", "id": "W100", "customer_id": "ann", "status": "delivered",
     "lines": [{"product_id": "s1", "variant_id": "s1", "title": "Tidewater Bluetooth Speaker", "price": "49.00"}]},
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = small_shop(tmp_path, GOODS)
    yield opened
    opened.close()


def talk(store: Store, *messages: str, user_id: str | None = None) -> TurnResult:
    """The last answer of a conversation in which the model is down all the time."""
    assistant = Assistant(store, ScriptedModel([down()] * len(messages)), UNREPAIRED, InMemorySaver())

    async def held() -> TurnResult:
        result = None
        for message in messages:
            conversation = result.conversation_id if result else None
            result = await assistant.reply(Turn(message, conversation, user_id=user_id))
            assert "limited" in result.reply or "受限" in result.reply
        assert result is not None
        return result

    return asyncio.run(held())


def called(result: TurnResult) -> list[str]:
    return [call.name for call in result.tool_calls]


def test_the_price_of_what_was_shown_first(store: Store) -> None:
    listed = talk(store, "bluetooth speaker")

    asked = talk(store, "bluetooth speaker", "how much is the first one?")

    assert called(asked) == ["get_product"]
    assert f"{listed.products[0].title} costs" in asked.reply
    assert {product.id for product in asked.products} == {listed.products[0].id}


@pytest.mark.parametrize("message", ["can I return something that I bought", "退货政策是什么"])
def test_a_rule_of_the_shop(store: Store, message: str) -> None:
    result = talk(store, message)

    assert called(result) == ["search_shop_policies_and_faqs"]
    assert {proof.source.id for proof in result.evidence} <= {"returns"}


@pytest.mark.parametrize("message", ["I want to talk to a human", "转人工客服"])
def test_a_person_is_asked_to_take_over(store: Store, message: str) -> None:
    result = talk(store, message)

    assert result.handoff is not None
    assert len(store.handoffs.list()) == 1


def test_goods_are_put_into_the_cart_only_where_one_can_be_meant(store: Store) -> None:
    put = talk(store, "ridge tent", "put the first one in my cart")
    assert called(put) == ["update_cart"]
    assert "Ridge Tent" in put.reply

    unclear = talk(store, "bluetooth speaker", "add them to my cart")
    assert all(name != "update_cart" for name in called(unclear))


def test_an_order_is_told_to_nobody_but_its_customer(store: Store) -> None:
    stranger = talk(store, "where is my order W100")
    assert "sign in" in stranger.reply
    assert "delivered" not in stranger.reply

    assert "delivered" in talk(store, "where is my order W100", user_id="ann").reply


def test_small_talk_is_answered_with_what_can_be_done(store: Store) -> None:
    hello = talk(store, "hello")

    assert not hello.products
    assert "What are you looking for?" in hello.reply


def test_a_limit_in_the_words_is_kept(store: Store) -> None:
    found = talk(store, "a bluetooth speaker under 30")

    assert [product.id for product in found.products] == ["s2"]


def test_the_conversation_knows_one_message_and_one_answer_a_turn(store: Store) -> None:
    """A model that comes back reads what was said while it was away."""
    assistant = Assistant(store, ScriptedModel([down(), down(), "Hello."]), UNREPAIRED, InMemorySaver())

    async def held() -> list[str]:
        first = await assistant.reply(Turn("ridge tent"))
        await assistant.reply(Turn("how much is the first one", first.conversation_id))
        await assistant.reply(Turn("thanks", first.conversation_id))
        model = assistant.model
        assert isinstance(model, ScriptedModel)
        return [
            f"{m.type}: {m.content}" for m in model.asked[-1]["messages"] if m.type in ("human", "ai") and m.content
        ]

    said = asyncio.run(held())

    assert [line.split(":")[0] for line in said] == ["human", "ai", "human", "ai", "human"]
