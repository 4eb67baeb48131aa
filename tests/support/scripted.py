"""Stand-ins that are passed in where a test needs to decide what the model says."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from assistant.build import open_store
from assistant.decide import LARGE
from assistant.settings import Settings
from retriever.feeds.registry import source_feed
from retriever.store import Store

# For scripts that tell what becomes of the model's first words: it is not asked for a second try.
UNREPAIRED = replace(LARGE, repair=False)


def call(name: str, /, **arguments: Any) -> AIMessage:
    """A model's step that calls one tool."""
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{name}"}])


def down() -> openai.APIConnectionError:
    """What a client raises that reaches no server: an entry of a script."""
    return openai.APIConnectionError(request=httpx.Request("POST", "http://127.0.0.1/v1"))


class ScriptedModel(BaseChatModel):
    """Says what the script says, one step a call: an AIMessage, a text, or an exception to raise.

    ``asked`` keeps what it was sent, with the tools offered and the tool choice.
    """

    script: list[Any]
    asked: list[dict[str, Any]]

    def __init__(self, script: Sequence[Any]) -> None:
        super().__init__(script=list(script), asked=[])

    name: str | None = "scripted"

    def chat(self) -> ScriptedModel:
        return self

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        return self.bind(tools=list(tools), **kwargs)

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._step(messages, kwargs))])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        step = self._step(messages, kwargs)
        if step.tool_calls:
            yield ChatGenerationChunk(
                message=AIMessageChunk(
                    "",
                    tool_call_chunks=[
                        {
                            "name": c["name"],
                            "args": _json(c["args"]),
                            "id": c["id"],
                            "index": i,
                            "type": "tool_call_chunk",
                        }
                        for i, c in enumerate(step.tool_calls)
                    ],
                )
            )
        for piece in str(step.content).split(" "):
            yield (
                ChatGenerationChunk(message=AIMessageChunk(piece + " "))
                if piece
                else ChatGenerationChunk(message=AIMessageChunk(""))
            )
        usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
        yield ChatGenerationChunk(
            message=AIMessageChunk("", usage_metadata=usage, response_metadata=step.response_metadata)
        )

    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages, stop, run_manager, **kwargs):
            yield chunk

    def _step(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> AIMessage:
        self.asked.append({"messages": messages, **kwargs})
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        return AIMessage(step) if isinstance(step, str) else step


def _json(value: Any) -> str:
    return json.dumps(value)


class HashEncoder:
    """Vectors from the words' hashes: texts that share words lie near each other. No model, no load."""

    name = "hash-64"
    dimension = 64
    languages: frozenset[str] | None = frozenset({"en", "zh"})
    floor = 0.1

    def encode(self, texts: Sequence[str], progress: Any = None) -> Any:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.casefold().split():
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1.0
            vectors[row, 0] += 1e-3
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def small_shop(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Store:
    """A real store (SQLite, Chroma) with these rows in it."""
    feed = folder / "goods.jsonl"
    feed.write_text("\n".join(json.dumps(row) for row in rows))
    store = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    store.importer.run(source_feed("jsonl", feed, downloads=folder))
    return store
