"""A shop's own conversations teach what shoppers made use of, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import MessagesState, StateGraph

from assistant.tune.transcripts import lessons, transcripts

TITLES = {"t1": "Larch Tent, Sleeps 2", "t2": "Heron Tent, Sleeps 4"}


def turn(text: str, tool: str, arguments: dict[str, Any], *goods: str, said: str = "Here.", status: str = "success"):
    facts = [{"kind": "name", "value": "", "about": TITLES[id], "type": "product", "id": id} for id in goods]
    result = ToolMessage("1. ...", tool_call_id=text, name=tool, status=status)
    result.artifact = {"facts": facts, "products": list(goods), "note": {}}
    call = {"name": tool, "args": arguments, "id": text}
    return [HumanMessage(text), AIMessage("", tool_calls=[call]), result, AIMessage(said)]


SEARCHED = turn("tents pls", "search_catalog", {"query": "tents"}, "t1", "t2", said="I found 2.")
BOUGHT = turn("the second one", "update_cart", {"lines": [{"product_id": "t2", "quantity": 1}]}, said="It is in.")
ASKED = turn("returns?", "search_shop_policies_and_faqs", {"query": "returns"}, said="Within 30 days.")
CALLED = turn("a person please", "transfer_to_human_agents", {"reason": "asked"})
REFUSED = turn("my orders", "list_orders", {}, status="error")


def calls(messages: list[AnyMessage]) -> list[str]:
    return [e.answer["tool_calls"][0]["function"]["name"] for e in lessons(messages) if e.kind == "decide"]


def test_a_search_is_learned_when_its_goods_were_used():
    assert calls(SEARCHED) == []
    assert calls([*SEARCHED, *BOUGHT]) == ["search_catalog", "update_cart"]


def test_goods_are_named_as_the_model_names_them():
    made = [e for e in lessons([*SEARCHED, *BOUGHT]) if e.kind == "decide"][1]
    assert '"product_id": "2"' in made.answer["tool_calls"][0]["function"]["arguments"]
    assert [message["role"] for message in made.messages] == ["system", "system", "user"]
    assert made.messages[1]["content"] == 'search {"query": "tents"}\nshown 2'


def test_what_was_said_on_a_result_is_learned_with_it():
    answers = [e for e in lessons(ASKED) if e.kind == "answer"]
    assert [e.answer["content"] for e in answers] == ["Within 30 days."]
    assert answers[0].messages[-1]["role"] == "tool"


def test_a_conversation_that_ended_with_a_person_teaches_no_rule():
    assert calls([*ASKED, *CALLED]) == []
    assert calls([*SEARCHED, *BOUGHT, *CALLED]) == ["search_catalog"]


def test_what_was_refused_is_not_learned():
    assert calls(REFUSED) == []


def test_each_conversation_counts_once_in_its_newest_state():
    async def held() -> list[str]:
        saver = InMemorySaver()
        graph = StateGraph(MessagesState)
        graph.add_node("say", lambda state: {"messages": []})
        graph.set_entry_point("say")
        chat = graph.compile(checkpointer=saver)
        for thread in ("one", "two"):
            for messages in (SEARCHED, BOUGHT):
                await chat.ainvoke({"messages": messages}, {"configurable": {"thread_id": thread}})
        return [e.kind for e in await transcripts(saver)]

    assert asyncio.run(held()) == ["decide", "answer", "decide", "answer"] * 2
