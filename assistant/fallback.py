"""What the assistant does itself where the model does not: search with the shopper's own words."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from assistant.events import ToolCall
from assistant.evidence import Finding
from assistant.tools.catalog import SHOWN, look_for
from assistant.tools.context import TurnContext
from retriever.errors import BadInputError
from retriever.filters import Filters
from retriever.search import NO_FILTERS

SEARCH = "search_catalog"


async def search_plainly(
    context: TurnContext, words: str, filters: Filters = NO_FILTERS, sort: str = "relevance"
) -> list[AnyMessage]:
    """Search as if the model had asked for it; returns its call and the result, so that later turns know them."""
    arguments: dict[str, Any] = {"query": words, **filters.model_dump(mode="json", exclude_defaults=True)}
    if sort != "relevance":
        arguments["sort"] = sort
    started = perf_counter()
    try:
        finding = await asyncio.to_thread(look_for, context, words, SHOWN, filters, sort)
    except BadInputError as error:  # nothing but an emoji, say
        finding = Finding(error.message)
    ms = round((perf_counter() - started) * 1000)
    log = context.log
    log.tool_calls.append(ToolCall(name=SEARCH, arguments=arguments, ok=True, ms=ms))
    log.tool_ms += ms
    log.findings.append(finding)
    log.show(finding)
    call_id = uuid4().hex
    return [
        AIMessage("", tool_calls=[{"name": SEARCH, "args": arguments, "id": call_id}]),
        ToolMessage(finding.text, name=SEARCH, tool_call_id=call_id, artifact=finding.artifact()),
    ]
