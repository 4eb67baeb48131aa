"""Holds the conversations of scripts, and keeps what was said in them, by the model too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langgraph.checkpoint.base import BaseCheckpointSaver

from assistant.conversation import thread
from assistant.decide import Model
from assistant.events import Turn, TurnFinished, TurnResult
from eval.attacks.attacks import Clerk
from eval.clerk.cases import Line, Script

WARM_UP = ("hello", "a desk lamp under 50 dollars", "你好", "无线耳机，两百元以内")


# What the model says in the turn under way. Each conversation has a list of its own, though all share one model.
_heard: ContextVar[list[AIMessage] | None] = ContextVar("heard", default=None)


class Ear(BaseCallbackHandler):
    """Hears what a model says before anybody has judged it."""

    run_inline = True  # in the turn's own context, which knows whose turn it is

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Keep the message."""
        generation, heard = response.generations[0][0], _heard.get()
        if heard is not None and isinstance(generation, ChatGeneration) and isinstance(generation.message, AIMessage):
            heard.append(generation.message)


class Overheard:
    """A model that is listened to: the contender asks it as it would ask the model itself."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._copy: tuple[BaseChatModel, BaseChatModel] | None = None
        self._ear = Ear()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    def chat(self) -> BaseChatModel:
        """The model's client with an ear at it.

        Raises:
            UnavailableError: the model is served nowhere.
        """
        chat = self._model.chat()
        if self._copy is None or self._copy[0] is not chat:
            self._copy = (chat, chat.model_copy(update={"callbacks": [self._ear]}))
        return self._copy[1]


@dataclass(frozen=True)
class Played:
    """One turn that was held.

    Attributes:
        line: what the shopper said, and what is right.
        result: the turn's result.
        before: the conversation up to the shopper's message.
        after: the conversation with this turn.
        spoken: what the model said, message by message, before any check.
    """

    line: Line
    result: TurnResult
    before: tuple[AnyMessage, ...]
    after: tuple[AnyMessage, ...]
    spoken: tuple[AIMessage, ...]


class Player:
    """Holds scripts with one clerk.

    Args:
        clerk: who answers.
        model: the model behind the clerk.
        memory: where the clerk keeps conversations.
    """

    def __init__(self, clerk: Clerk, model: Overheard, memory: BaseCheckpointSaver[Any]) -> None:
        self.clerk = clerk
        self.model = model
        self._memory = memory
        self._warm = False
        self._warming = asyncio.Lock()

    async def warm_up(self) -> None:
        """Hold a few turns that nobody counts, once: the first of a server and of a process are slow."""
        async with self._warming:
            if self._warm:
                return
            self._warm = True
            for text in WARM_UP:
                await self.play(Script(id="warm-up", language="", lines=(Line(text=text, phenomenon=""),)))

    async def play(
        self, script: Script, heard: Callable[[Played, str], None] = lambda _turn, _cart: None
    ) -> list[Played]:
        """The turns of a script in a conversation of its own.

        Args:
            script: what is said, and by whom.
            heard: is given each turn as soon as it is over, with the id of the conversation's cart.
        """
        conversation = f"eval-{uuid4().hex}"
        user, cart = script.user or None, f"cart-of-{conversation}"
        turns: list[Played] = []
        for line in script.lines:
            before = await self._messages(conversation, user)
            spoken: list[AIMessage] = []
            _heard.set(spoken)
            result = await self._reply(Turn(line.text, conversation, user, cart))
            after = await self._messages(conversation, user)
            turns.append(Played(line, result, before, after, tuple(spoken)))
            heard(turns[-1], cart)
        return turns

    async def _reply(self, turn: Turn) -> TurnResult:
        async with aclosing(cast("Any", self.clerk.stream(turn))) as events:
            async for event in events:
                if isinstance(event, TurnFinished):
                    return event.result
        raise RuntimeError("the turn ended without a result")

    async def _messages(self, conversation: str, user: str | None) -> tuple[AnyMessage, ...]:
        kept = await self._memory.aget_tuple(thread(conversation, user))
        values: dict[str, Any] = kept.checkpoint["channel_values"] if kept else {}
        return tuple(cast("Sequence[AnyMessage]", values.get("messages", [])))
