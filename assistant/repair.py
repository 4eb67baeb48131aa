"""A second chance for sentences that were withheld: the model hears why, and may say them once more.

One call a turn, without tools, with bounds on its words and its time. What it writes is judged like
everything else; a model that fails here costs the reply nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import perf_counter

from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage

from assistant.answer import Answer
from assistant.decide import Model
from assistant.errors import ModelDownError
from assistant.fence import fenced
from assistant.grounding import Verdict, repair_hint
from assistant.guard import PATIENCE
from assistant.model.client import MODEL_DOWN
from assistant.prompts import prompt
from assistant.tools.context import TurnLog
from retriever.errors import UnavailableError

SENTENCES = 5  # a model that writes more untruths than that has lost the thread
RECORD_CHARS = 6_000
logger = logging.getLogger(__name__)


class Repair:
    """Asks the model once more for what it could not prove.

    Args:
        model: the model of the dialogue.
        tokens: bound on what it may write.
        seconds: bound on how long it may take, within the patience of the turn.
    """

    def __init__(self, model: Model, tokens: int = 200, seconds: float = 15.0) -> None:
        self.model = model
        self.tokens = tokens
        self.seconds = seconds

    async def chunks(self, asked: str, answer: Answer, log: TurnLog) -> AsyncGenerator[AIMessageChunk]:
        """What the model writes for the withheld sentences of ``answer``; nothing where there is nothing to repair."""
        left = min(self.seconds, PATIENCE - log.model_ms / 1000)
        # Why a call was refused nobody says better than the plain words do.
        if not answer.withheld or not answer.ledger.texts or log.refused or left <= 0:
            return
        told = request(asked, answer, log)
        answer.repair()
        started = perf_counter()
        try:
            async with aclosing(self._written(told, left)) as pieces:
                async for piece in pieces:
                    yield piece
        except (*MODEL_DOWN, TimeoutError) as error:
            logger.warning("nothing was repaired: %s", error)
        finally:
            log.model_calls += 1
            log.model_ms += round((perf_counter() - started) * 1000)

    async def _written(self, told: list[BaseMessage], seconds: float) -> AsyncGenerator[AIMessageChunk]:
        try:
            chat = self.model.chat()
        except UnavailableError as error:
            raise ModelDownError(error.message, error.hint) from error
        deadline = asyncio.get_running_loop().time() + seconds
        stream = aiter(chat.astream(told, max_completion_tokens=self.tokens))
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    piece = await anext(stream)
            except StopAsyncIteration:
                return
            yield piece


def request(asked: str, answer: Answer, log: TurnLog) -> list[BaseMessage]:
    """The shopper's words, the records of the turn, what was said and what was withheld, and why."""
    records = [finding.text for finding in log.findings] or list(answer.ledger.texts[:1])
    held = [
        f"- {sentence.text} {repair_hint(Verdict(False, sentence.why))}" for sentence in answer.withheld[:SENTENCES]
    ]
    parts = {
        "The shopper wrote": asked,
        "The records": "\n".join(records)[:RECORD_CHARS],
        "Sent already": answer.text.strip() or "(nothing)",
        "Not sent": "\n".join(held),
    }
    told = "\n\n".join(f"{name}:\n{fenced(text)}" for name, text in parts.items())
    return [SystemMessage(prompt("repair.md")), HumanMessage(told)]
