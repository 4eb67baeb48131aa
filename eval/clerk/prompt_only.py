"""The plain agent that the clerk is compared with: a prompt, the tools' full schemas, and whatever the model writes.

Its calls pass the same guard, since a tool must be given its shop and customer and must not run for ever. There is
no check: all that the model writes is shown.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, cast
from uuid import uuid4

from langchain.agents import create_agent
from langchain_core.messages import AIMessageChunk, AnyMessage, HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver

from assistant.conversation import thread
from assistant.decide import LARGE, Decide, Model, NoModel
from assistant.events import (
    ModelUse,
    RunStarted,
    TextDelta,
    Timing,
    Turn,
    TurnEvent,
    TurnFinished,
    TurnResult,
)
from assistant.guard import Guard
from assistant.model.client import MODEL_DOWN
from assistant.tools import TOOLS
from assistant.tools.context import TurnContext, TurnLog
from retriever.store import Store
from retriever.text import language_of

logger = logging.getLogger(__name__)
# What fits beside the tools into the 4,096 tokens that the built-in model is served with, in Chinese too.
PROFILE = replace(LARGE, name="prompt-only", steps=3, history_tokens=600, answer_tokens=200)


class PromptOnly:
    """Answers turns as the assistant does, with nothing between the model and the shopper."""

    def __init__(
        self, store: Store, model: Model, memory: BaseCheckpointSaver[Any], languages: Sequence[str] = ("en", "zh")
    ) -> None:
        self.store = store
        self._model = model
        self._languages = languages
        self._graph = create_agent(
            NoModel(),
            TOOLS,
            middleware=[Decide(model, PROFILE, TOOLS, None), Guard()],
            context_schema=TurnContext,
            checkpointer=memory,
        )

    async def stream(self, turn: Turn) -> AsyncGenerator[TurnEvent]:
        """The events of one turn, ``TurnFinished`` last; a model that is down says nothing."""
        started = perf_counter()
        context = self._context(turn)
        said, first, tokens = "", None, [0, 0]
        yield RunStarted(context.conversation_id, uuid4().hex)
        try:
            async for mode, item in self._graph.astream(
                {"messages": [HumanMessage(turn.text)]},
                thread(context.conversation_id, turn.user_id),
                context=context,
                stream_mode=["messages", "custom"],
            ):
                if mode == "custom":
                    yield cast("TurnEvent", item)
                    continue
                message = cast("tuple[AnyMessage, dict[str, Any]]", item)[0]
                if not isinstance(message, AIMessageChunk):
                    continue
                if message.usage_metadata:
                    tokens[0] += message.usage_metadata["input_tokens"]
                    tokens[1] += message.usage_metadata["output_tokens"]
                if text := str(message.text):
                    first = _ms(started) if first is None else first
                    said += text
                    yield TextDelta(text)
        except MODEL_DOWN as error:
            logger.warning("the model did not answer: %s", error)
        total = _ms(started)
        log = context.log
        yield TurnFinished(
            TurnResult(
                conversation_id=context.conversation_id,
                reply=said.strip(),
                language=context.language,
                tool_calls=tuple(log.tool_calls),
                products=log.products,
                handoff=log.handoff,
                model=ModelUse(
                    name=self._model.name, prompt_tokens=tokens[0], completion_tokens=tokens[1], calls=log.model_calls
                ),
                timing=Timing(
                    first_text_ms=total if first is None else first,
                    total_ms=total,
                    model_ms=log.model_ms,
                    tool_ms=log.tool_ms,
                ),
            )
        )

    def _context(self, turn: Turn) -> TurnContext:
        conversation = turn.conversation_id or uuid4().hex
        spoken = language_of(turn.text)
        return TurnContext(
            store=self.store,
            conversation_id=conversation,
            user_id=turn.user_id,
            cart_id=turn.cart_id or f"conversation:{conversation}",
            language=spoken if spoken in self._languages else self._languages[0],
            log=TurnLog(),
        )


def _ms(started: float) -> int:
    return round((perf_counter() - started) * 1000)
