"""One turn as AG-UI events over server-sent events: what ``POST /api/chat`` answers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from ag_ui.core import (
    BaseEvent,
    CustomEvent,
    RunAgentInput,
    RunErrorEvent,
    RunFinishedEvent,
    RunStartedEvent,
    StateSnapshotEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    TextPart,
    TokenUsage,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)
from ag_ui.encoder import EventEncoder

from assistant.events import (
    ProductsFound,
    RunStarted,
    TextDelta,
    ToolFinished,
    ToolStarted,
    Turn,
    TurnEvent,
    TurnFinished,
    TurnResult,
)
from retriever.errors import BadInputError, ShopwiseError
from ui.ports import Talker, checked_message
from ui.problems import UNEXPECTED

log = logging.getLogger(__name__)

CartReader = Callable[[str], dict[str, Any]]  # blocking: it reads the records


def turn_of(request: RunAgentInput) -> Turn:
    """The shopper's turn in an AG-UI request: its last user message.

    The thread is the conversation. ``forwardedProps.cart_id`` names the cart.

    Raises:
        BadInputError: if there is no user message with text in it.
    """
    spoken = [message for message in request.messages if message.role == "user"]
    if not spoken:
        raise BadInputError("There is no user message.", "Send messages with at least one of role user.")
    content: Any = spoken[-1].content
    if not isinstance(content, str):
        content = "\n".join(part.text for part in content if isinstance(part, TextPart))
    props = request.forwarded_props if isinstance(request.forwarded_props, dict) else {}
    cart_id = props.get("cart_id")
    return Turn(
        text=checked_message(content),
        conversation_id=request.thread_id,
        cart_id=cart_id if isinstance(cart_id, str) and cart_id else None,
    )


class Translator:
    """Turns the assistant's events into AG-UI events, in one run."""

    def __init__(self, request: RunAgentInput) -> None:
        self._thread = request.thread_id
        self._run = request.run_id
        self._message = f"{request.run_id}-reply"
        self._speaking = False

    def translate(self, event: TurnEvent, cart: dict[str, Any] | None = None) -> list[BaseEvent]:
        """What one event of the turn is in AG-UI. The last one tells the state, with the ``cart`` as it is now."""
        match event:
            case RunStarted(conversation_id=conversation):
                self._thread = conversation
                return [RunStartedEvent(thread_id=conversation, run_id=self._run)]
            case ToolStarted(call_id=call, name=name, arguments=arguments):
                return [
                    ToolCallStartEvent(tool_call_id=call, tool_call_name=name),
                    ToolCallArgsEvent(tool_call_id=call, delta=json.dumps(arguments, ensure_ascii=False, default=str)),
                    ToolCallEndEvent(tool_call_id=call),
                ]
            case ToolFinished(call_id=call, content=content):
                return [ToolCallResultEvent(message_id=f"{call}-result", tool_call_id=call, content=content)]
            case ProductsFound(products=products):
                return [CustomEvent(name="products", value=[product.json_dict() for product in products])]
            case TextDelta(text=text):
                return self._say(text)
            case TurnFinished(result=result):
                return self._finish(result, cart)

    def _say(self, text: str) -> list[BaseEvent]:
        said: list[BaseEvent] = []
        if not self._speaking:
            self._speaking = True
            said.append(TextMessageStartEvent(message_id=self._message, role="assistant"))
        if text:
            said.append(TextMessageContentEvent(message_id=self._message, delta=text))
        return said

    def _finish(self, result: TurnResult, cart: dict[str, Any] | None) -> list[BaseEvent]:
        whole = result.model_dump(mode="json")
        state: dict[str, Any] = {
            "conversation_id": result.conversation_id,
            "language": result.language,
            "products": [product.id for product in result.products],
            "recommendation_id": result.recommendation_id,
            "pending_action": whole["pending_action"],
        }
        if cart is not None:
            state["cart"] = cart
        ended: list[BaseEvent] = [TextMessageEndEvent(message_id=self._message)] if self._speaking else []
        usage = TokenUsage(
            model=result.model.name,
            input_tokens=result.model.prompt_tokens,
            output_tokens=result.model.completion_tokens,
            total_tokens=result.model.prompt_tokens + result.model.completion_tokens,
        )
        return [
            *ended,
            StateSnapshotEvent(snapshot=state),
            CustomEvent(name="evidence", value=whole["evidence"]),
            CustomEvent(name="turn_result", value=whole),
            RunFinishedEvent(thread_id=self._thread, run_id=self._run, usage=[usage]),
        ]


async def events(talker: Talker, request: RunAgentInput, turn: Turn, cart: CartReader) -> AsyncIterator[str]:
    """The run's server-sent events. An error ends it with ``RUN_ERROR`` and a message for a person."""
    encoder = EventEncoder()
    translator = Translator(request)
    try:
        async for event in talker.stream(turn):
            ended = isinstance(event, TurnFinished) and turn.cart_id
            now = await asyncio.to_thread(cart, turn.cart_id) if ended and turn.cart_id else None
            for translated in translator.translate(event, now):
                yield encoder.encode(translated)
    except ShopwiseError as error:
        yield encoder.encode(RunErrorEvent(message=f"{error.message} {error.hint}".strip(), code=type(error).__name__))
    except Exception:
        log.exception("The run %s failed", request.run_id)
        yield encoder.encode(RunErrorEvent(message=UNEXPECTED, code="InternalError"))
