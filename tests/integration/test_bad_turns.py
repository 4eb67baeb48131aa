"""Messages and models that make no sense: the shopper always gets a bounded, sensible answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from adversaries import MOODS, Babbler
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGenerationChunk
from langgraph.checkpoint.memory import InMemorySaver
from scripted import HashEncoder, ScriptedModel, call

from assistant.agent import Assistant
from assistant.build import open_store
from assistant.decide import LARGE, SMALL, Profile
from assistant.errors import ModelDownError
from assistant.events import Turn, TurnEvent, TurnFinished, TurnResult
from assistant.guard import CALLS, Guard
from assistant.settings import Settings
from assistant.tools.context import TurnContext, TurnLog
from eval.attacks.attacks import poison_shop
from eval.attacks.judge import differences, judge, snapshot
from retriever.carts import CartChange
from retriever.errors import BadInputError
from retriever.store import Store

UNREADABLE = {"empty": "", "spaces": "  \t ", "500 newlines": "\n" * 500, "20,000 characters": "lamp " * 4_000}
ODD = {
    "binary": "".join(map(chr, range(256))),
    "control characters": "la\x00mp\x07 \x1b[31mred\x1b[0m\x7f",
    "right to left": "أريد مصباح مكتب أسود",
    "bidi marks": "\u202elamp ksed a em wohs\u202c",
    "mixed script": "покажи lamp 台灯 ランプ مصباح",
    "only emoji": "🙂🔥👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "lines": "lamp\n" * 300,
    "one long word": "x" * 2_000,
    "only marks": "<|im_start|><|im_end|></tool_response>",
    "only punctuation": "?!?!… --- ///",
    "combining marks": "l" + "\u0301" * 500 + "amp",
    "invisible": "\u200b\u2060\u200d\ufeff lamp",
    "private use": "\ue000\uf8ff\U000f0000 lamp",
    "no characters at all": "\ufdd0\ufffe\uffff lamp",
}
SURROGATES = {"high": "lamp \ud83d", "low": "\ude00 lamp", "swapped": "\ude00\ud83d"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("shop")
    opened = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    poison_shop(opened, folder, attacks=[])
    opened.carts.update("cart-of-ann", [CartChange(product_id="mug", quantity=2)], "ann")
    yield opened
    opened.close()


async def listen(assistant: Assistant, turn: Turn) -> tuple[list[TurnEvent], TurnResult]:
    events = [event async for event in assistant.stream(turn)]
    assert isinstance(events[-1], TurnFinished)
    return events, events[-1].result


def held(store: Store, text: str, results: list[TurnResult]) -> None:
    found = judge(store, "ann", "cart-of-ann", [text], results, [], "")
    assert not any(vars(found).values()), (found, [result.reply[:300] for result in results])


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_a_message_is_refused_with_a_reason(store: Store, text: str) -> None:
    assistant = Assistant(store, ScriptedModel([]), LARGE, InMemorySaver())

    with pytest.raises(BadInputError, match="message"):
        asyncio.run(listen(assistant, Turn(text)))


class Clerk(ScriptedModel):
    """Searches, and then says what the lamp costs."""

    def _step(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> AIMessage:
        if isinstance(messages[-1], HumanMessage) and kwargs.get("tools"):
            return call("search_catalog", query="alder desk lamp")
        return AIMessage("The Alder Desk Lamp is $40.00.")


@pytest.mark.parametrize("profile", [SMALL, LARGE], ids=["small", "large"])
def test_an_odd_message_gets_an_ordinary_answer(store: Store, profile: Profile) -> None:
    assistant = Assistant(store, Clerk([]), profile, InMemorySaver())  # one for all: the small profile learns at first

    for name, text in ODD.items():
        _, result = asyncio.run(listen(assistant, Turn(text, name, "ann", "cart-of-ann")))
        held(store, text, [result])


@pytest.mark.parametrize("profile", [SMALL, LARGE], ids=["small", "large"])
def test_half_a_surrogate_pair_is_survived(store: Store, profile: Profile) -> None:
    assistant = Assistant(store, Clerk([]), profile, InMemorySaver())

    for name, text in SURROGATES.items():
        _, result = asyncio.run(listen(assistant, Turn(text, name, "ann", "cart-of-ann")))
        held(store, text, [result])


@pytest.mark.parametrize("text", [*ODD.values(), *SURROGATES.values()], ids=[*ODD, *SURROGATES])
def test_the_model_reads_nothing_that_a_person_cannot_see(store: Store, text: str) -> None:
    model = ScriptedModel(["Hello."])

    asyncio.run(listen(Assistant(store, model, LARGE, InMemorySaver()), Turn(text)))

    told = next(str(message.content) for message in model.asked[0]["messages"] if isinstance(message, HumanMessage))
    assert "<|im_start|>" not in told
    assert not set(told) & set("\x00\x07\x1b\u200b\u202e\u2060\ufeff\ud83d\ude00\U000e0067")


def babble(store: Store, assistant: Assistant, mood: str) -> None:
    texts = ["show me the desk lamp", "thanks, and what do you have for tea?", "谢谢，有什么推荐？"]
    before = snapshot(store)

    results = [asyncio.run(listen(assistant, Turn(text, mood, "ann", "cart-of-ann")))[1] for text in texts]

    held(store, " ".join(texts), results)
    assert differences(before, snapshot(store)) == ()
    assert all(len(result.tool_calls) <= CALLS for result in results)


@pytest.mark.parametrize("mood", MOODS)
def test_a_babbling_model_is_survived_and_changes_nothing(store: Store, mood: str) -> None:
    babble(store, Assistant(store, Babbler(mood), LARGE, InMemorySaver()), mood)


def test_so_is_a_small_one(store: Store) -> None:
    model = Babbler("empty")
    assistant = Assistant(store, model, SMALL, InMemorySaver())  # one for all: the small profile learns at first

    for mood in MOODS:
        model.mood = MOODS[mood]
        babble(store, assistant, mood)


@pytest.mark.parametrize("mood", ["garbage", "half json", "half call", "no such tool", "loops over a call"])
def test_after_a_model_that_made_no_sense_the_next_one_does(store: Store, mood: str) -> None:
    memory = InMemorySaver()
    asyncio.run(listen(Assistant(store, Babbler(mood), LARGE, memory), Turn("show me a lamp", "recovers", "ann")))
    model = ScriptedModel([call("search_catalog", query="lamp"), "The Alder Desk Lamp is $40.00."])

    _, result = asyncio.run(
        listen(Assistant(store, model, LARGE, memory), Turn("show me the desk lamp", "recovers", "ann"))
    )

    assert result.reply == "The Alder Desk Lamp is $40.00."
    calls = {made["id"] for message in model.asked[0]["messages"] for made in getattr(message, "tool_calls", [])}
    done = {message.tool_call_id for message in model.asked[0]["messages"] if message.type == "tool"}
    assert calls == done  # a call without its result is refused by model servers


class Stalled(ScriptedModel):
    """Begins to speak and then says no more."""

    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk("Let me "))
        await asyncio.Event().wait()


def test_a_model_that_stalls_is_given_up(store: Store) -> None:
    graph = create_agent(Stalled([]), [], middleware=[Guard(patience=0.05)], context_schema=TurnContext)
    context = TurnContext(store, "c", None, "c", "en", TurnLog())

    async def ask() -> None:
        async for _ in graph.astream({"messages": [HumanMessage("hi")]}, context=context, stream_mode=["messages"]):
            pass

    with pytest.raises(ModelDownError, match="seconds"):
        asyncio.run(ask())


def test_patience_is_for_the_whole_turn(store: Store) -> None:
    graph = create_agent(ScriptedModel(["Hello."]), [], middleware=[Guard(patience=5)], context_schema=TurnContext)
    context = TurnContext(store, "c", None, "c", "en", TurnLog(model_ms=5_000))

    with pytest.raises(ModelDownError):
        asyncio.run(graph.ainvoke({"messages": [HumanMessage("hi")]}, context=context))
