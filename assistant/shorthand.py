"""How a small tuned model sees a conversation, and how its calls are read.

It knows the tools, so they are not described to it. Product ids would cost it a second of
decoding each, so that it names goods as people do: by their number in the latest list, as
``it``, or by name. What earlier turns found is told in one line. The same two functions serve
the dialogue and the training data, so that a model never meets what it was not trained on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolCall, ToolMessage

from assistant.conversation import shown_products, this_turn, tool_results
from retriever.text import exact, fold, stem

LISTED = 2  # goods of a list that the answer may speak of; the cards show the rest
RESULT_CHARS = 700  # of a result that is to be answered from
RESULT_LINES = 14
MESSAGE_CHARS = 500  # of what the shopper wrote
PAST_CHARS = 60  # of an earlier reply
IT = ("it", "它")
NAME_CHARS = 40
_NUMBERED = re.compile(r"^\d+\. ", re.MULTILINE)


def told(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The conversation as the model is told it."""
    current = len(messages) - len(this_turn(messages))
    return [_told(messages, place, past=place < current) for place in range(len(messages))]


def meant(message: AIMessage, messages: Sequence[AnyMessage]) -> AIMessage:
    """The model's message with the goods it names as the ids that the conversation has shown.

    What cannot be resolved stays as it is; the guard then refuses it.
    """
    if not message.tool_calls:
        return message
    calls = [
        cast("ToolCall", {**call, "args": _changed(call["args"], lambda name: _id_of(name, messages) or name)})
        for call in message.tool_calls
    ]
    return message.model_copy(update={"tool_calls": calls})


def named(arguments: Mapping[str, Any], messages: Sequence[AnyMessage]) -> dict[str, Any]:
    """A call's arguments with goods named as the model would name them."""
    return _changed(arguments, lambda id: _name_of(id, messages))


def listed(messages: Sequence[AnyMessage]) -> list[str]:
    """Ids of the goods that numbers count: the latest list of several, else the latest at all."""
    lists = [artifact["products"] for _, artifact in tool_results(messages) if artifact.get("products")]
    return next((found for found in lists if len(found) > 1), lists[0] if lists else [])


def short_name(title: str) -> str:
    """The part of a title that people say: up to the first comma, cut at a word."""
    name = re.split(r"[,，(（|]", title, maxsplit=1)[0].strip() or title
    return name if len(name) <= NAME_CHARS else name[:NAME_CHARS].rsplit(" ", 1)[0]


def _told(messages: Sequence[AnyMessage], place: int, *, past: bool) -> AnyMessage:
    message = messages[place]
    if isinstance(message, HumanMessage):
        return message.model_copy(update={"content": str(message.content)[:MESSAGE_CHARS]})
    if isinstance(message, ToolMessage):
        return message.model_copy(update={"content": _remembered(message) if past else _result(str(message.content))})
    if isinstance(message, AIMessage):
        before = messages[:place]
        calls = [cast("ToolCall", {**call, "args": named(call["args"], before)}) for call in message.tool_calls]
        words = str(message.content)
        shown = words[:PAST_CHARS] if past else words
        return message.model_copy(update={"content": shown, "tool_calls": calls})
    return message


def _result(text: str) -> str:
    """A result short enough to be answered from: of a list its first goods, of the rest its first lines."""
    lines = [line[:RESULT_CHARS] for line in text.splitlines()]
    numbered = [line for line in lines if _NUMBERED.match(line)]
    if len(numbered) > LISTED:
        lines = [*numbered[:LISTED], f"({len(numbered)} in all)"]
    return "\n".join(lines[:RESULT_LINES])[:RESULT_CHARS]


def _remembered(message: ToolMessage) -> str:
    """What an earlier result is remembered as: the names of its goods, else its first words."""
    artifact = cast("dict[str, Any]", message.artifact) if isinstance(message.artifact, dict) else {}
    titles = _titles(artifact)
    goods = [id for id in artifact.get("products", []) if id in titles]
    if not goods:
        return str(message.content)[:PAST_CHARS]
    return " ".join(f"{number}. {short_name(titles[id])}" for number, id in enumerate(goods, start=1))


def _titles(artifact: Mapping[str, Any]) -> dict[str, str]:
    return {fact["id"]: fact["about"] for fact in artifact.get("facts", []) if fact["type"] == "product"}


def _name_of(id: str, messages: Sequence[AnyMessage]) -> str:
    numbers = listed(messages)
    results = tool_results(messages)
    latest = next((artifact["products"] for _, artifact in results if artifact.get("products")), [])
    if id in numbers:
        return str(numbers.index(id) + 1)
    if latest == [id]:
        return IT[0]
    titles = {key: title for _, artifact in reversed(results) for key, title in _titles(artifact).items()}
    return short_name(titles[id]) if id in titles else id


def _id_of(name: str, messages: Sequence[AnyMessage]) -> str | None:
    shown = shown_products(messages)
    wanted = fold(name).lstrip("#")
    if not shown or name in shown:
        return name if name in shown else None
    if wanted.isdecimal():
        numbers = listed(messages)
        return numbers[int(wanted) - 1] if 1 <= int(wanted) <= len(numbers) else None
    if wanted in IT:
        return shown[0]
    titles = {
        key: title for _, artifact in reversed(tool_results(messages)) for key, title in _titles(artifact).items()
    }
    words = {stem(word) for word in exact(name)}
    shares = {id: _share(words, titles[id]) for id in shown if id in titles}
    best = max(shares.values(), default=0.0)
    # Half of the words must be the title's; of goods that are named equally well the latest shown is meant.
    return next((id for id, share in shares.items() if share == best), None) if best >= 0.5 else None


def _share(words: set[str], title: str) -> float:
    held = {stem(word) for word in exact(title)}
    return len(words & held) / len(words) if words else 0.0


def _changed(arguments: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """The arguments with every product named in them changed; what is empty is left out."""
    changed: dict[str, Any] = {}
    for key, value in arguments.items():
        if value is None:
            continue
        if key == "product_id":
            changed[key] = change(str(value))
        elif key == "product_ids":
            changed[key] = [change(str(item)) for item in cast("list[Any]", value)]
        elif key == "lines":
            changed[key] = [_changed(line, change) for line in cast("list[dict[str, Any]]", value)]
        else:
            changed[key] = value
    return changed
