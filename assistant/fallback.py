"""What the assistant does itself where the model does not: search with the shopper's own words, or recommend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from assistant.events import ToolCall
from assistant.evidence import Finding
from assistant.suggesting import Wish
from assistant.tools.catalog import SHOWN, look_for
from assistant.tools.context import TurnContext
from assistant.tools.recommend import recommend
from retriever.errors import BadInputError
from retriever.filters import Filters
from retriever.search import NO_FILTERS


async def search_plainly(
    context: TurnContext, words: str, filters: Filters = NO_FILTERS, sort: str = "relevance"
) -> list[AnyMessage]:
    """Search as if the model had asked for it; returns its call and the result, so that later turns know them."""
    arguments: dict[str, Any] = {"query": words, **filters.model_dump(mode="json", exclude_defaults=True)}
    if sort != "relevance":
        arguments["sort"] = sort
    return await _called(context, "search_catalog", arguments, lambda: look_for(context, words, SHOWN, filters, sort))


async def recommend_plainly(context: TurnContext, messages: Sequence[AnyMessage], wish: Wish) -> list[AnyMessage]:
    """Recommend as if the model had asked for it; returns its call and the result."""
    return await _called(
        context,
        "recommend_products",
        wish.arguments,
        lambda: recommend(context, messages, wish.like, wish.goal, wish.price_max),
    )


async def _called(
    context: TurnContext, name: str, arguments: dict[str, Any], act: Callable[[], Finding]
) -> list[AnyMessage]:
    started = perf_counter()
    try:
        finding = await asyncio.to_thread(act)
    except BadInputError as error:  # nothing but an emoji, say
        finding = Finding(error.message)
    ms = round((perf_counter() - started) * 1000)
    log = context.log
    log.tool_calls.append(ToolCall(name=name, arguments=arguments, ok=True, ms=ms))
    log.tool_ms += ms
    log.findings.append(finding)
    log.products = finding.products
    call_id = uuid4().hex
    return [
        AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": call_id}]),
        ToolMessage(finding.text, name=name, tool_call_id=call_id, artifact=finding.artifact()),
    ]
