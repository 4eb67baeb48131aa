"""The assistant as the model ``shopwise`` of an OpenAI-compatible server.

Clients of that protocol send the whole history with every request and know no
conversations. A request goes on with the conversation that produced exactly its
history; ``metadata.conversation_id`` names one outright.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.events import TextDelta, Turn, TurnFinished, TurnResult
from retriever.errors import BadInputError, NotFoundError, ShopwiseError
from ui.ports import Talker, checked_message
from ui.problems import UNEXPECTED

log = logging.getLogger(__name__)

MODEL = "shopwise"


class Lenient(BaseModel):
    """Requests may carry fields of the protocol that mean nothing here (temperature, tools)."""

    model_config = ConfigDict(extra="ignore")


class TextPart(Lenient):
    """A piece of a message's content; only text is read."""

    type: str
    text: str = ""


class ChatMessage(Lenient):
    """One message of the history."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """The message's words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(Lenient):
    """Whether a stream ends with its usage."""

    include_usage: bool = False


class CompletionRequest(Lenient):
    """The body of ``POST /v1/chat/completions``."""

    model: str = MODEL
    messages: list[ChatMessage] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: StreamOptions | None = None
    metadata: dict[str, str] | None = None


class Conversations:
    """Which conversation a history belongs to.

    Two shoppers may have said and heard the very same: each history keeps a list of its
    conversations and gives each of them away once, so that nobody joins another's.
    """

    def __init__(self, capacity: int = 5_000) -> None:
        self._capacity = capacity
        self._by_history: OrderedDict[str, list[str]] = OrderedDict()

    def claim(self, history: Sequence[tuple[str, str]]) -> str:
        """The conversation that has this history, or a new one."""
        known = self._by_history.get(_digest(history))
        return known.pop() if known else secrets.token_urlsafe(16)

    def keep(self, history: Sequence[tuple[str, str]], conversation_id: str) -> None:
        """Remember where this history was said; the oldest are forgotten."""
        digest = _digest(history)
        self._by_history.setdefault(digest, []).append(conversation_id)
        self._by_history.move_to_end(digest)
        while len(self._by_history) > self._capacity:
            self._by_history.popitem(last=False)


def _digest(history: Sequence[tuple[str, str]]) -> str:
    return sha256(json.dumps(list(history), ensure_ascii=False).encode()).hexdigest()


class Completions:
    """Answers chat completion requests with the assistant's turns."""

    def __init__(self, talker: Talker) -> None:
        self._talker = talker
        self._conversations = Conversations()

    @staticmethod
    def models() -> dict[str, Any]:
        """The body of ``GET /v1/models``."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}

    def accept(self, request: CompletionRequest) -> tuple[Turn, list[tuple[str, str]]]:
        """The turn a request asks for, and the history it claims.

        Raises:
            NotFoundError: if another model is named.
            BadInputError: if the last message is not a user's with text in it.
        """
        if request.model != MODEL:
            raise NotFoundError(f"There is no model '{request.model}'.", f"The model here is '{MODEL}'.")
        last = request.messages[-1]
        if last.role != "user":
            raise BadInputError("The last message is not the user's.", "End messages with one of role user.")
        text = checked_message(last.text)
        history = [(message.role, message.text) for message in request.messages]
        named = (request.metadata or {}).get("conversation_id", "")
        return Turn(text=text, conversation_id=named or self._conversations.claim(history[:-1])), history

    async def complete(self, turn: Turn, history: list[tuple[str, str]]) -> dict[str, Any]:
        """The whole answer as one ``chat.completion``."""
        result: TurnResult | None = None
        async for event in self._talker.stream(turn):
            if isinstance(event, TurnFinished):
                result = event.result
        if result is None:
            raise RuntimeError("the turn ended without its result")
        self._conversations.keep([*history, ("assistant", result.reply)], result.conversation_id)
        return {
            **_envelope("chat.completion"),
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": result.reply}, "finish_reason": "stop"}
            ],
            "usage": _usage(result),
            "shopwise": result.model_dump(mode="json"),
        }

    async def stream(self, turn: Turn, history: list[tuple[str, str]], usage: bool) -> AsyncIterator[str]:
        """The answer as ``chat.completion.chunk`` events, ended by ``[DONE]``."""
        envelope = _envelope("chat.completion.chunk")
        yield _chunk(envelope, {"role": "assistant", "content": ""})
        try:
            async for event in self._talker.stream(turn):
                if isinstance(event, TextDelta) and event.text:
                    yield _chunk(envelope, {"content": event.text})
                elif isinstance(event, TurnFinished):
                    result = event.result
                    self._conversations.keep([*history, ("assistant", result.reply)], result.conversation_id)
                    yield _chunk(envelope, {}, finish="stop", shopwise=result.model_dump(mode="json"))
                    if usage:
                        yield _data({**envelope, "choices": [], "usage": _usage(result)})
        except ShopwiseError as error:
            yield _data({"error": {"message": f"{error.message} {error.hint}".strip(), "type": type(error).__name__}})
        except Exception:
            log.exception("A streamed completion failed")
            yield _data({"error": {"message": UNEXPECTED, "type": "InternalError"}})
        yield "data: [DONE]\n\n"


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), "model": MODEL}


def _usage(result: TurnResult) -> dict[str, int]:
    prompt, completion = result.model.prompt_tokens, result.model.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _chunk(envelope: dict[str, Any], delta: dict[str, str], finish: str | None = None, **extra: Any) -> str:
    return _data({**envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **extra})


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
