"""Lessons from the shop's own conversations: what the clerk did that shoppers then made use of.

A conversation is no proof that its calls were right. A search counts as right when goods that it
found were looked at more closely, compared or put into the cart later on; any other call when it
succeeded and the conversation never needed a person. Nothing else is learned, and nothing that a
shopper wrote leaves the machine: the lessons go into the run's folder, beside the rehearsed ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage, ToolCall, ToolMessage
from langchain_core.messages.utils import convert_to_openai_messages
from langgraph.checkpoint.base import BaseCheckpointSaver

from assistant.conversation import this_turn
from assistant.decide import TUNED
from assistant.prompts import prompt
from assistant.shorthand import named, told
from assistant.tune.data import Example
from retriever.text import language_of

SEARCH, HANDOFF = "search_catalog", "transfer_to_human_agents"
LONGEST = 300  # characters of a reply that is worth learning
PHENOMENON = "own"


async def transcripts(saver: BaseCheckpointSaver[Any]) -> list[Example]:
    """The lessons of every conversation that is kept, the newest state of each."""
    found: list[Example] = []
    threads: set[str] = set()
    async for kept in saver.alist(None):
        thread = str(kept.config.get("configurable", {}).get("thread_id"))
        if thread not in threads:  # the newest comes first
            threads.add(thread)
            found += lessons(kept.checkpoint["channel_values"].get("messages", []))
    return found


def lessons(messages: Sequence[AnyMessage]) -> list[Example]:
    """What one conversation teaches: calls that served the shopper, and what was said on them."""
    results = {
        message.tool_call_id: message
        for message in messages
        if isinstance(message, ToolMessage) and message.status == "success"
    }
    helped = not any(call["name"] == HANDOFF for _, call in _calls(messages))
    found: list[Example] = []
    for place, call in _calls(messages):
        result = results.get(str(call["id"]))
        if result is None or not (_used(result, messages[place:]) if call["name"] == SEARCH else helped):
            continue
        before = messages[:place]
        found.append(_example(before, AIMessage("", tool_calls=[_as_told(call, before)]), "decide"))
        answer = next((m for m in messages[place + 1 :] if isinstance(m, AIMessage)), None)
        if answer is not None and not answer.tool_calls and 0 < len(str(answer.content)) <= LONGEST:
            found.append(_example(messages[: messages.index(answer)], AIMessage(str(answer.content)), "answer"))
    return found


def _calls(messages: Sequence[AnyMessage]) -> Iterator[tuple[int, ToolCall]]:
    """Every call that was the only one of its message, with the message's place."""
    for place, message in enumerate(messages):
        if isinstance(message, AIMessage) and len(message.tool_calls) == 1:
            yield place, message.tool_calls[0]


def _used(result: ToolMessage, later: Sequence[AnyMessage]) -> bool:
    """Whether goods of a search were named by a later call."""
    artifact = cast("dict[str, Any]", result.artifact) if isinstance(result.artifact, dict) else {}
    goods = [str(id) for id in artifact.get("products", [])]
    return any(id in str(call["args"]) for _, call in _calls(later) for id in goods if call["name"] != SEARCH)


def _as_told(call: ToolCall, before: Sequence[AnyMessage]) -> ToolCall:
    return cast("ToolCall", {**call, "args": named(call["args"], before)})


def _example(before: Sequence[AnyMessage], answer: AIMessage, kind: str) -> Example:
    words = str(this_turn(before)[0].content)
    asked = [SystemMessage(prompt(TUNED.decide_prompt)), *told(before)]
    return Example(
        messages=convert_to_openai_messages(asked),
        answer=convert_to_openai_messages([answer])[0],
        kind=kind,
        phenomenon=PHENOMENON,
        language=language_of(words),
    )
