"""Authorises every tool call: who asks, on whose data, on which goods. Nothing runs around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import AgentState
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AnyMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from assistant.conversation import shown_products
from assistant.errors import SIGN_IN, ToolInputError
from assistant.events import ProductsFound, ToolCall, ToolFinished, ToolStarted
from assistant.evidence import Finding
from assistant.tools.context import TurnContext
from retriever.errors import BadInputError


class Guard(AgentMiddleware[AgentState[Any], TurnContext]):
    """Checks a call, runs it, logs it and turns its ``Finding`` into what the conversation keeps."""

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """Run one tool call, or feed the reason it may not run back to the model."""
        context = cast("TurnContext", request.runtime.context)
        name, arguments = request.tool_call["name"], request.tool_call["args"]
        call_id = request.tool_call["id"] or name
        request.runtime.stream_writer(ToolStarted(call_id, name, arguments))
        started = perf_counter()
        finding, error = Finding(""), None
        context.log.refused = ""
        try:
            authorise(request.tool, arguments, request.state["messages"], context)
            result = await handler(request)
            if not isinstance(result, ToolMessage):
                raise TypeError(f"tool {name} returned {type(result).__name__}, not a message")
            if isinstance(result.artifact, Finding):
                finding = result.artifact
            else:
                error = str(result.content)  # the arguments did not fit the tool's schema
                context.log.refused = "the request was not clear enough."
        except BadInputError as refusal:
            error = f"{refusal.message} {refusal.hint}".strip()
            context.log.refused = refusal.message
        ms = round((perf_counter() - started) * 1000)
        content = finding.text if error is None else f"Not done: {error}"
        call = ToolCall(name=name, arguments=arguments, ok=error is None, error=error, ms=ms)
        context.log.tool_calls.append(call)
        context.log.tool_ms += ms
        if error is None:
            context.log.findings.append(finding)
        if finding.products:
            context.log.products = finding.products
            request.runtime.stream_writer(ProductsFound(finding.products))
        request.runtime.stream_writer(ToolFinished(call_id, call, content))
        return ToolMessage(
            content,
            name=name,
            tool_call_id=call_id,
            artifact=finding.artifact(),
            status="success" if error is None else "error",
        )


def authorise(
    tool: BaseTool | None, arguments: dict[str, Any], messages: list[AnyMessage], context: TurnContext
) -> None:
    """Refuse a call on goods this conversation has not shown, or on customer data without a customer.

    Raises:
        ToolInputError: with what to do instead.
    """
    if tool is None:
        raise ToolInputError("There is no such tool.")
    if (tool.metadata or {}).get("needs_customer") and not context.user_id:
        raise ToolInputError(SIGN_IN)
    products, variants = named_goods(arguments)
    shown = set(shown_products(messages))
    owners = {context.store.catalogue.variant(variant)[0].id for variant in variants}
    unknown = sorted((products | owners) - shown)
    if unknown:
        raise ToolInputError(f"{', '.join(unknown)} was not shown in this conversation.", "Search first.")


def named_goods(arguments: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Product ids and variant ids anywhere in a call's arguments."""
    products = {str(arguments["product_id"])} if arguments.get("product_id") else set[str]()
    products |= {str(product) for product in arguments.get("product_ids") or ()}
    variants = {str(arguments["variant_id"])} if arguments.get("variant_id") else set[str]()
    for line in arguments.get("lines") or ():
        if isinstance(line, dict):
            line_products, line_variants = named_goods(line)
            products |= line_products
            variants |= line_variants
    return products, variants
