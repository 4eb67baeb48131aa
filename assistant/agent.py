"""One turn of dialogue: decide, guard, act, answer, ground. Every front end calls ``Assistant.stream``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any, cast
from uuid import uuid4
from weakref import WeakValueDictionary

from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from assistant.answer import SURROGATE, Answer, cards_reply, nothing_found, phrase, plain_reply, start_reply
from assistant.clarify import goods_for, may_ask
from assistant.conversation import ledger_of, thread
from assistant.decide import Decide, Model, NoModel, Profile
from assistant.events import (
    ModelUse,
    ProductsFound,
    RunStarted,
    TextDelta,
    Timing,
    Turn,
    TurnEvent,
    TurnFinished,
    TurnResult,
)
from assistant.evidence import Finding, Ledger, corrected
from assistant.guard import Guard
from assistant.model.client import MODEL_DOWN
from assistant.narrow import Shortlist
from assistant.recommended import is_recommendation, left_to_say
from assistant.repair import Repair
from assistant.stand_in import StandIn
from assistant.tools import TOOLS
from assistant.tools.context import TurnContext, TurnLog
from retriever.errors import BadInputError
from retriever.store import Store
from retriever.text import language_of

MAX_CHARS = 2_000  # of one message: what a person types, with room to spare
WRITES = frozenset(tool.name for tool in TOOLS if (tool.metadata or {}).get("writes"))
logger = logging.getLogger(__name__)


@dataclass
class Clock:
    """Milliseconds since the turn began."""

    started: float = field(default_factory=perf_counter)
    first_text: int | None = None

    def ms(self) -> int:
        """Milliseconds until now."""
        return round((perf_counter() - self.started) * 1000)


@dataclass
class Progress:
    """One turn under way."""

    turn: Turn
    context: TurnContext
    config: RunnableConfig
    answer: Answer
    clock: Clock = field(default_factory=Clock)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    limited: bool = False  # the model did not answer
    calls_heard: int = -1  # tool calls whose results the answer is held against

    def text(self, piece: str) -> list[TurnEvent]:
        """An event for a piece of the reply, if there is any."""
        if not piece:
            return []
        if self.clock.first_text is None:
            self.clock.first_text = self.clock.ms()
        return [TextDelta(piece)]


def looked_up(findings: Sequence[Finding]) -> set[str]:
    """Ids of the rules and orders that the turn's tools read."""
    return {fact.id for finding in findings for fact in finding.facts if fact.type in ("policy", "order")}


class Assistant:
    """Answers turns of dialogue over one store with one model."""

    def __init__(
        self,
        store: Store,
        model: Model,
        profile: Profile,
        checkpointer: BaseCheckpointSaver[Any],
        languages: Sequence[str] = ("en", "zh"),
    ) -> None:
        self.store = store
        self._languages = languages
        self.model = model
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._shortlist = Shortlist(store.encoder) if profile.narrow else None
        self._repair = Repair(model) if profile.repair else None
        graph = partial(create_agent, NoModel(), TOOLS, context_schema=TurnContext, checkpointer=checkpointer)
        self._graph = graph(middleware=[Decide(model, profile, TOOLS, self._shortlist), Guard()])
        self._limited = graph(middleware=[StandIn(), Guard()])

    def warm_up(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Load what the first turn would wait for. Blocks for seconds, in a large shop longer; safe beside turns.

        Args:
            stopped: asked between two parts; the rest is left undone once it says so.
        """
        self.store.encoder.encode(["speaker"])
        if self._shortlist is not None:
            for greeting in ("hello", "你好"):
                self._shortlist.tools(greeting, [])
        self.store.warm_up(stopped)

    async def reply(self, turn: Turn) -> TurnResult:
        """The drained stream's last word."""
        async with aclosing(self.stream(turn)) as events:
            async for event in events:
                if isinstance(event, TurnFinished):
                    return event.result
        raise RuntimeError("the stream ended without a result")

    async def stream(self, turn: Turn) -> AsyncGenerator[TurnEvent]:
        """The events of one turn, ``TurnFinished`` last.

        Raises:
            BadInputError: for an empty or overlong message.
        """
        progress = self._begin(turn)
        conversation_id = progress.context.conversation_id
        # Turns of one conversation run one after the other: each builds on the other's checkpoint.
        async with self._lock(conversation_id):
            yield RunStarted(conversation_id, str(uuid4()))
            try:
                async for event in self._think(progress):
                    yield event
            except MODEL_DOWN as error:
                logger.warning("the model did not answer: %s", error)
                async for event in self._without_model(progress):
                    yield event
            yield TurnFinished(self._result(progress))

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        """The conversation's lock; it lives as long as someone holds it."""
        lock = self._turns.get(conversation_id)
        if lock is None:
            lock = self._turns[conversation_id] = asyncio.Lock()
        return lock

    def _begin(self, turn: Turn) -> Progress:
        text = SURROGATE.sub("\ufffd", turn.text).strip()
        if not text:
            raise BadInputError("The message is empty.", "Say what you are looking for.")
        if len(text) > MAX_CHARS:
            raise BadInputError(f"The message has {len(text)} characters; at most {MAX_CHARS} can be read.")
        conversation_id = turn.conversation_id or uuid4().hex
        owner = f"customer:{turn.user_id}" if turn.user_id else f"conversation:{conversation_id}"
        spoken = language_of(text)
        context = TurnContext(
            store=self.store,
            conversation_id=conversation_id,
            user_id=turn.user_id,
            cart_id=turn.cart_id or owner,
            language=spoken if spoken in self._languages else self._languages[0],
            log=TurnLog(),
            session_id=turn.session_id,
        )
        return Progress(
            replace(turn, text=text), context, thread(conversation_id, turn.user_id), Answer(Ledger((), (), ()))
        )

    async def _think(self, progress: Progress) -> AsyncIterator[TurnEvent]:
        """Let the model decide and act until it answers; say of the answer what the records prove."""
        progress.answer.may_ask = may_ask(progress.turn.text, await self._messages(progress))
        progress.context.log.may_ask = progress.answer.may_ask
        async for mode, item in self._graph.astream(
            {"messages": [HumanMessage(progress.turn.text)]},
            progress.config,
            context=progress.context,
            stream_mode=["messages", "custom"],
        ):
            if mode == "custom":
                yield cast("TurnEvent", item)
                continue
            message = cast("tuple[AnyMessage, dict[str, Any]]", item)[0]
            if isinstance(message, AIMessageChunk):
                for event in await self._hear(progress, message):
                    yield event
        async for event in self._mend(progress):
            yield event
        for event in await self._conclude(progress):
            yield event

    async def _hear(self, progress: Progress, chunk: AIMessageChunk) -> list[TurnEvent]:
        """Take a piece of what the model writes."""
        if chunk.usage_metadata:
            progress.prompt_tokens += chunk.usage_metadata["input_tokens"]
            progress.completion_tokens += chunk.usage_metadata["output_tokens"]
        if chunk.response_metadata.get("finish_reason") == "length":
            progress.answer.cut_off = True
        text = str(chunk.text)
        if not text:
            return []
        log, answer = progress.context.log, progress.answer
        before = ""
        if progress.calls_heard != len(log.tool_calls):  # what was found since may be said from now on
            progress.calls_heard, before = len(log.tool_calls), answer.end()
            answer.may_ask |= bool(log.tool_calls)
            answer.ledger = ledger_of(await self._messages(progress), WRITES)
            answer.lead = nothing_found(log.findings[-1], progress.context.language) if answer.ledger.nearest else ""
        return progress.text(before + answer.write(text))

    async def _mend(self, progress: Progress) -> AsyncIterator[TurnEvent]:
        """End the answer; what was withheld of it the model may say once more, with what the records hold."""
        answer = progress.answer
        for event in progress.text(answer.end()):
            yield event
        if self._repair is None:
            return
        async with aclosing(self._repair.chunks(progress.turn.text, answer, progress.context.log)) as chunks:
            async for chunk in chunks:
                for event in await self._hear(progress, chunk):
                    yield event
        for event in progress.text(answer.end()):
            yield event

    async def _conclude(self, progress: Progress) -> list[TurnEvent]:
        """Where nothing of the answer could be said, or it names none of the goods found, say it plainly."""
        log, answer = progress.context.log, progress.answer
        events: list[TurnEvent] = []
        language = progress.context.language
        if answer.asked_again and not log.tool_calls:
            events += await self._show_goods(progress)
        if not answer.text.strip():
            events += progress.text(answer.state(*plain_reply(log.findings, log.refused, language, progress.turn.text)))
        elif log.products and not any(proof.source.type in ("product", "variant") for proof in answer.evidence):
            events += progress.text(answer.state(*cards_reply(log.findings, language, answer.text)))
        elif (rules := looked_up(log.findings)) and rules.isdisjoint(proof.source.id for proof in answer.evidence):
            # A question about a rule or an order, answered with something that is true of something else.
            told = [finding for finding in log.findings if looked_up([finding])]
            events += progress.text(answer.state(*plain_reply(told, log.refused, language, progress.turn.text)))
        if log.findings and is_recommendation(log.findings[-1]):
            words, proofs = left_to_say(log.findings[-1], answer.text, answer.evidence, language)
            events += progress.text(answer.state(words, proofs)) if words else []
        await self._remember(progress)
        return events

    async def _show_goods(self, progress: Progress) -> list[TurnEvent]:
        """The model asks a second time in a row: goods are shown instead, and the conversation knows them."""
        messages = await self._messages(progress)
        call, result = await goods_for(progress.context, messages)
        await self._keep(progress, [call.model_copy(update={"id": messages[-1].id}), result, AIMessage("")])
        log, language = progress.context.log, progress.context.language
        shown: list[TurnEvent] = [ProductsFound(log.products, log.recommendation_id)] if log.products else []
        return shown + progress.text(progress.answer.state(*start_reply(log.findings[-1], language)))

    async def _remember(self, progress: Progress) -> None:
        """Keep in the conversation what was said, not what the model wrote: what was withheld must not come back."""
        messages = await self._messages(progress)
        written = messages[-1].id if messages and isinstance(messages[-1], AIMessage) else None
        await self._keep(progress, [AIMessage(progress.answer.text, id=written)])

    async def _without_model(self, progress: Progress) -> AsyncIterator[TurnEvent]:
        """The model server is down: say that the assistant is limited, and what the records hold all the same."""
        context, answer = progress.context, progress.answer
        log, language = context.log, context.language
        progress.limited = True
        answer.end()
        if not log.findings:
            async for event in self._stand_in(progress):
                yield event
        done = bool(log.findings or log.refused)
        for event in progress.text(answer.state(phrase("limited" if done else "limited_nothing", language))):
            yield event
        if done:
            words, proofs = plain_reply(log.findings, log.refused, language, progress.turn.text)
            for event in progress.text(answer.state(words, proofs)):
                yield event
        await self._remember(progress)

    async def _stand_in(self, progress: Progress) -> AsyncIterator[TurnEvent]:
        """Make the call that rules read from the message; the conversation knows it like one of the model's."""
        known = await self._messages(progress)
        heard = bool(known) and isinstance(known[-1], HumanMessage)  # the model failed after it was written down
        async for event in self._limited.astream(
            {"messages": [] if heard else [HumanMessage(progress.turn.text)]},
            progress.config,
            context=progress.context,
            stream_mode="custom",
        ):
            yield cast("TurnEvent", event)

    async def _keep(self, progress: Progress, messages: list[AnyMessage]) -> None:
        """Write messages into the conversation as if the model had ended its turn with them."""
        await self._graph.aupdate_state(progress.config, {"messages": messages}, as_node="model")

    async def _messages(self, progress: Progress) -> list[AnyMessage]:
        state = await self._graph.aget_state(progress.config)
        return cast("list[AnyMessage]", state.values.get("messages", []))

    def _result(self, progress: Progress) -> TurnResult:
        log, answer, clock = progress.context.log, progress.answer, progress.clock
        total = clock.ms()
        return TurnResult(
            conversation_id=progress.context.conversation_id,
            reply=answer.text.strip(),
            language=progress.context.language,
            tool_calls=tuple(log.tool_calls),
            corrected=corrected(log.findings),
            products=log.products,
            recommendation_id=log.recommendation_id,
            evidence=tuple(answer.evidence),
            withheld=tuple(answer.withheld),
            repaired=answer.repaired,
            handoff=log.handoff,
            limited=progress.limited,
            model=ModelUse(
                name=self.model.name,
                prompt_tokens=progress.prompt_tokens,
                completion_tokens=progress.completion_tokens,
                calls=log.model_calls,
            ),
            timing=Timing(
                first_text_ms=clock.first_text if clock.first_text is not None else total,
                total_ms=total,
                model_ms=log.model_ms,
                tool_ms=log.tool_ms,
            ),
        )
