"""A model that plays the clerk of a planned dialogue, and writes down what it was told and what it said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import Field

Step = AIMessage | Callable[[Sequence[BaseMessage]], str]
"""What to say next: a message, or a function that finds the words in what the tool answered."""


@dataclass(frozen=True)
class Spoken:
    """One call of the model: what it was told, and what it answered."""

    told: tuple[BaseMessage, ...]
    answer: AIMessage


class Actor(BaseChatModel):
    """Says the steps it is given, one a call; ``heard`` keeps each with what the model was told."""

    steps: list[Any] = Field(default_factory=list[Any])
    heard: list[Any] = Field(default_factory=list[Any])

    def plays(self, *steps: Step) -> None:
        """Prepare the steps of the next turn."""
        self.steps = list(steps)

    def spoken(self) -> list[Spoken]:
        """What was said since the last time this was asked."""
        heard, self.heard = self.heard, []
        return heard

    @property
    def _llm_type(self) -> str:
        return "actor"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        """The tools are known."""
        return self.bind(**kwargs)

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(self._next(messages)):
            yield chunk

    def _next(self, messages: list[BaseMessage]) -> AIMessage:
        step = self.steps.pop(0) if self.steps else AIMessage("")
        answer = step if isinstance(step, AIMessage) else AIMessage(str(step(messages)))
        self.heard.append(Spoken(tuple(messages), answer))
        return answer


class Stage:
    """Where the assistant asks for its model, and finds the actor."""

    name = "actor"

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def chat(self) -> Actor:
        """The actor."""
        return self._actor


def _chunks(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    calls = [
        {"name": call["name"], "args": json.dumps(call["args"], ensure_ascii=False), "id": call["id"], "index": place}
        for place, call in enumerate(message.tool_calls)
    ]
    yield ChatGenerationChunk(
        message=AIMessageChunk(
            content=str(message.content),
            tool_call_chunks=[{**call, "type": "tool_call_chunk"} for call in calls],  # type: ignore[typeddict-item]
        )
    )
