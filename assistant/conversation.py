"""A conversation's memory: where it is kept, what it has shown, and how much of it the model is told."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.utils import trim_messages
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from assistant.evidence import Ledger
from assistant.settings import Settings

NOT_DONE = "Not done: "  # before the reason that the model is given for a refused call


@asynccontextmanager
async def open_checkpointer(settings: Settings) -> AsyncGenerator[BaseCheckpointSaver[Any]]:
    """Where conversations are kept: a SQLite file of their own in HOME, or the shop's PostgreSQL."""
    if settings.database_url.startswith("postgres"):
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

        url = "postgresql" + settings.database_url[settings.database_url.index("://") :]
        async with AsyncPostgresSaver.from_conn_string(url) as saver:
            await saver.setup()
            yield saver
    else:
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

        settings.home.mkdir(parents=True, exist_ok=True)
        # A file of its own: sharing the shop's database makes the two lock each other out.
        async with AsyncSqliteSaver.from_conn_string(str(settings.home / "conversations.sqlite")) as saver:
            yield saver


def thread(conversation_id: str, user_id: str | None) -> RunnableConfig:
    """The checkpointer's key. The customer is part of it, so nobody reads another's conversation by its id."""
    return {"configurable": {"thread_id": json.dumps([user_id, conversation_id])}, "recursion_limit": 24}


def tool_results(messages: Sequence[AnyMessage]) -> list[tuple[str, dict[str, Any]]]:
    """Text and artifact of every tool result, newest first. What a refusal says is no finding."""
    return [
        (str(message.content), cast("dict[str, Any]", message.artifact))
        for message in reversed(messages)
        if isinstance(message, ToolMessage) and message.status == "success" and isinstance(message.artifact, dict)
    ]


def shown_products(messages: Sequence[AnyMessage]) -> list[str]:
    """Ids of the products that came from tool results, the latest first: all that a call may name."""
    ids = [product for _, artifact in tool_results(messages) for product in artifact.get("products", [])]
    return list(dict.fromkeys(ids))


def latest_products(messages: Sequence[AnyMessage]) -> list[str]:
    """Ids of the latest list of products that the shopper was shown, in its order."""
    return next((artifact["products"] for _, artifact in tool_results(messages) if artifact.get("products")), [])


def ledger_of(messages: Sequence[AnyMessage], writes: Collection[str]) -> Ledger:
    """All facts found and words said so far; ``writes`` names the tools that change something."""
    said = [str(message.content) for message in messages if isinstance(message, HumanMessage)]
    done = any(
        isinstance(message, ToolMessage) and message.name in writes and message.status == "success"
        for message in this_turn(messages)
    )
    goods = [fact for _, artifact in tool_results(this_turn(messages)) for fact in artifact["facts"]]
    found = frozenset(str(fact["id"]) for fact in goods if fact["type"] in ("product", "variant"))
    newest = next((artifact.get("note", {}) for _, artifact in tool_results(this_turn(messages))), {})
    refused = [
        str(message.content).removeprefix(NOT_DONE)
        for message in this_turn(messages)
        if isinstance(message, ToolMessage) and message.status == "error"
    ]
    return Ledger.of(tool_results(messages), said, done, found, newest.get("nearest", ""), refused)


def this_turn(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The shopper's last message and everything after it."""
    for place in range(len(messages) - 1, -1, -1):
        if isinstance(messages[place], HumanMessage):
            return list(messages[place:])
    return list(messages)


def text_tokens(text: str) -> int:
    """About how many tokens a text takes: four Latin letters make one, a Chinese character one or more."""
    wide = sum(not sign.isascii() for sign in text)
    return (len(text) - wide) // 4 + wide


def prompt_tokens(messages: Sequence[BaseMessage]) -> int:
    """About how many tokens messages take, with the calls in them and a few marks each."""
    calls = [message.tool_calls for message in messages if isinstance(message, AIMessage)]
    texts = [*(str(message.content) for message in messages), *(str(made) for made in calls if made)]
    return sum(map(text_tokens, texts)) + 4 * len(messages)


def within(messages: Sequence[AnyMessage], tokens: int) -> list[AnyMessage]:
    """The latest whole turns that fit ``tokens`` (approximate); at the least the last turn."""
    kept = trim_messages(
        list(messages),
        max_tokens=tokens,
        token_counter=prompt_tokens,
        strategy="last",
        start_on="human",
    )
    return cast("list[AnyMessage]", kept) or this_turn(messages)
