"""Stands between the model and the shop: authorises every call, and bounds what a model can do in a turn.

Who asks, on whose data, on which goods and, for a call that changes something, whether the shopper
asked for it in this message (``permission.py``): all of it is read from the conversation and the records'
owners. No text from a record or from the model can widen it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import AgentState
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from assistant.conversation import NOT_DONE, shown_products, this_turn
from assistant.errors import SIGN_IN, ModelDownError, ToolInputError, UnaskedError
from assistant.events import ProductsFound, ToolCall, ToolFinished, ToolStarted
from assistant.evidence import Finding, recommended_as
from assistant.fence import fenced, readable
from assistant.permission import authorise_write
from assistant.tools.context import TurnContext
from retriever.errors import BadInputError

CALLS = 8  # tool calls of one turn; a model that wants more is going round in circles
ARGUMENTS = 4_000  # characters of one call's arguments
REASON = 400  # characters of why a call was refused
PATIENCE = 60.0  # seconds that a turn waits for its model, all calls together
UNCLEAR = "the request was not clear enough."


class Guard(AgentMiddleware[AgentState[Any], TurnContext]):
    """Checks a call, runs it, logs it and turns its ``Finding`` into what the conversation keeps.

    Args:
        patience: seconds that a turn waits for its model, all calls together.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        super().__init__()
        self.patience = patience

    async def awrap_model_call(
        self,
        request: ModelRequest[TurnContext],
        handler: Callable[[ModelRequest[TurnContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Show the model the shopper's words fenced, wait no longer than ``patience``, and take only usable calls.

        Raises:
            ModelDownError: when the time is up.
        """
        shown = [fenced_message(message) for message in request.messages]
        left = self.patience - request.runtime.context.log.model_ms / 1000
        try:
            async with asyncio.timeout(max(left, 0)):
                response = await handler(request.override(messages=shown))
        except TimeoutError as error:
            raise ModelDownError(f"The model took more than {self.patience:.0f} seconds.") from error
        done = sum(isinstance(message, ToolMessage) for message in this_turn(request.messages))
        result = [usable(message, CALLS - done) for message in response.result]
        return ModelResponse(result, response.structured_response)

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
                finding = replace(result.artifact, text=fenced(result.artifact.text))
            else:
                error = str(result.content)[:REASON]  # the arguments did not fit the tool's schema
                context.log.refused = UNCLEAR
        except BadInputError as refusal:
            error = f"{refusal.message} {refusal.hint}".strip()
            context.log.refused = said_of(refusal, context)
        ms = round((perf_counter() - started) * 1000)
        content = finding.text if error is None else f"{NOT_DONE}{error}"
        call = ToolCall(name=name, arguments=arguments, ok=error is None, error=error, ms=ms)
        context.log.tool_calls.append(call)
        context.log.tool_ms += ms
        if error is None:
            context.log.findings.append(finding)
        if finding.products:
            context.log.show(finding)
            request.runtime.stream_writer(ProductsFound(finding.products, recommended_as(finding)))
        request.runtime.stream_writer(ToolFinished(call_id, call, content))
        return ToolMessage(
            content,
            name=name,
            tool_call_id=call_id,
            artifact=finding.artifact(),
            status="success" if error is None else "error",
        )


def authorise(
    tool: BaseTool | None, arguments: dict[str, Any], messages: Sequence[AnyMessage], context: TurnContext
) -> None:
    """Refuse a call that nobody is entitled to, or that nobody asked for.

    Raises:
        ToolInputError: for no such tool, customer data without a customer, or goods this conversation has not shown.
        UnaskedError: for a change that the shopper's message does not ask for.
    """
    if tool is None:
        raise ToolInputError("There is no such tool.")
    marks = tool.metadata or {}
    if marks.get("needs_customer") and not context.user_id:
        raise ToolInputError(SIGN_IN)
    products, variants = named_goods(arguments)
    known = set(shown_products(messages))
    if marks.get("writes"):
        known |= {line.product_id for line in context.store.carts.get(context.cart_id).lines}
    owners = {context.store.catalogue.variant(variant)[0].id for variant in variants}
    unknown = sorted((products | owners) - known)
    if unknown:
        raise ToolInputError(f"{', '.join(unknown)[:REASON]} was not shown in this conversation.", "Search first.")
    if marks.get("writes"):
        authorise_write(tool.name, arguments, messages, context)


def said_of(refusal: BadInputError, context: TurnContext) -> str:
    """Why a call was refused, for the shopper; nothing where it is the model's affair and there is more to say."""
    if isinstance(refusal, UnaskedError) and context.log.findings:
        return ""
    return refusal.message if not refusal.message.startswith("There is no such tool") else UNCLEAR


def fenced_message(message: AnyMessage) -> AnyMessage:
    """The shopper's message as the model may read it; other messages are our own, or were fenced when they came."""
    if not isinstance(message, HumanMessage):
        return message
    return message.model_copy(update={"content": fenced(str(message.content))})


def usable(message: BaseMessage, calls: int) -> BaseMessage:
    """The model's message with at most ``calls`` calls, and none that could not be kept or read.

    What it wrote beside a call was judged as it came; unproved, it must not stand in the next prompt.
    """
    if not isinstance(message, AIMessage):
        return message
    kept = [call for call in message.tool_calls if readable(call["args"]) and readable(call["name"]) and fits(call)]
    kept = kept[: max(calls, 0)]
    content = "" if kept or not readable(message.content) else message.content
    unkept = {"content": content, "tool_calls": kept, "invalid_tool_calls": [], "additional_kwargs": {}}
    return message.model_copy(update=unkept)


def fits(call: Any) -> bool:
    """Whether a call is of a size that a model of good sense writes."""
    return len(json.dumps(call["args"])) <= ARGUMENTS and len(call["name"]) <= 100


def named_goods(arguments: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Product ids and variant ids anywhere in a call's arguments."""
    products = {str(arguments["product_id"])} if arguments.get("product_id") else set[str]()
    products |= {str(each) for name in ("product_ids", "like") for each in listed(arguments.get(name))}
    variants = {str(arguments["variant_id"])} if arguments.get("variant_id") else set[str]()
    for line in listed(arguments.get("lines")):
        if isinstance(line, dict):
            line_products, line_variants = named_goods(cast("dict[str, Any]", line))
            products |= line_products
            variants |= line_variants
    return products, variants


def listed(value: Any) -> list[Any]:
    """A list of the model's, or an empty one where it wrote something else."""
    return cast("list[Any]", value) if isinstance(value, list) else []
