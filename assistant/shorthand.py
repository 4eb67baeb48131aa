"""How a small tuned model sees a conversation, and how its calls are read.

It knows the tools, so they are not described to it. Earlier turns are told as the state they left
(dialogue state tracking: Henderson et al. 2014, DSTC2): the search in force, how many goods it
showed, the one in focus, the order in question, what the clerk last said without looking anything
up. The prompt stays as short in the twentieth turn as in the second, and a filter is carried on by
copying it. Product ids would cost a second of decoding each, so that goods are named as people
name them: by their number in the latest list, as ``it``, or by name. The same two functions serve the
dialogue and the training data, so that a model never meets what it was not trained on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolCall, ToolMessage

from assistant.conversation import latest_products, shown_products, this_turn, tool_results
from retriever.text import exact, fold, stem

LISTED = 2  # goods of a list that the answer may speak of; the cards show the rest
RESULT_BYTES = 640  # of a result that is to be answered from; a Chinese character has three, and as many tokens
RESULT_LINES = 12
MESSAGE_CHARS = 500  # of what the shopper wrote
SAID_CHARS = 60  # of the last reply
IT = ("it", "它")
AROUND = 0.2  # how far "around 50" reaches: the model says 50 to 50, and needs no arithmetic
NAME_CHARS = 40
_NUMBERED = re.compile(r"^\d+\. ", re.MULTILINE)


def told(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The conversation as the model is told it: the state that earlier turns left, then the present turn."""
    now = this_turn(messages)
    past = messages[: len(messages) - len(now)]
    state = so_far(past)
    return [*([SystemMessage(state)] if state else []), *(_told(message, past) for message in now)]


def so_far(past: Sequence[AnyMessage]) -> str:
    """What earlier turns left, a line each; empty at the start of a conversation."""
    lines: list[str] = []
    if search := past_search(past):
        lines.append(f"search {json.dumps(search, ensure_ascii=False)}")
    if len(goods := listed(past)) > 1:
        lines.append(f"shown {len(goods)}")
    if len(focus := latest_products(past)) == 1:
        lines.append(f"it {short_name(_title(focus[0], past))}")
    if order := _order(past):
        lines.append(f"order {order}")
    last = this_turn(past)
    if last and isinstance(last[-1], AIMessage) and not any(isinstance(message, ToolMessage) for message in last):
        lines.append(f"said {str(last[-1].content)[:SAID_CHARS]}")
    return "\n".join(lines)


def past_search(past: Sequence[AnyMessage]) -> dict[str, Any]:
    """The arguments of the latest search, empty ones left out; empty if there was none."""
    for message in reversed(past):
        for call in reversed(message.tool_calls if isinstance(message, AIMessage) else []):
            if call["name"] == "search_catalog":
                return _changed(call["args"], str)
    return {}


def meant(message: AIMessage, messages: Sequence[AnyMessage]) -> AIMessage:
    """The model's message with the goods it names as the ids that the conversation has shown, and a price as a range.

    What cannot be resolved stays as it is; the guard then refuses it.
    """
    if not message.tool_calls:
        return message
    calls = [
        cast(
            "ToolCall",
            {**call, "args": around(_changed(call["args"], lambda name: id_of(name, messages) or name))},
        )
        for call in message.tool_calls
    ]
    return message.model_copy(update={"tool_calls": calls})


def named(arguments: Mapping[str, Any], messages: Sequence[AnyMessage]) -> dict[str, Any]:
    """A call's arguments with goods named as the model would name them."""
    return _changed(arguments, lambda id: _name_of(id, messages))


def around(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with one price as a range: a search at one price is for what costs about that."""
    low, high = arguments.get("price_min"), arguments.get("price_max")
    if low is None or low != high or not isinstance(low, int):
        return arguments
    return arguments | {"price_min": round(low * (1 - AROUND)), "price_max": round(low * (1 + AROUND))}


def listed(messages: Sequence[AnyMessage]) -> list[str]:
    """Ids of the goods that numbers count: the latest list of several, else the latest at all."""
    lists = [artifact["products"] for _, artifact in tool_results(messages) if artifact.get("products")]
    return next((found for found in lists if len(found) > 1), lists[0] if lists else [])


def short_name(title: str) -> str:
    """The part of a title that people say: up to the first comma, cut at a word."""
    name = re.split(r"[,，(（|]", title, maxsplit=1)[0].strip() or title
    return name if len(name) <= NAME_CHARS else name[:NAME_CHARS].rsplit(" ", 1)[0]


def _told(message: AnyMessage, past: Sequence[AnyMessage]) -> AnyMessage:
    if isinstance(message, HumanMessage):
        return message.model_copy(update={"content": str(message.content)[:MESSAGE_CHARS]})
    if isinstance(message, ToolMessage):
        return message.model_copy(update={"content": _result(str(message.content))})
    if isinstance(message, AIMessage):
        calls = [cast("ToolCall", {**call, "args": named(call["args"], past)}) for call in message.tool_calls]
        return message.model_copy(update={"tool_calls": calls})
    return message


def _result(text: str) -> str:
    """A result short enough to be answered from: of a list its first goods, of the rest its first lines."""
    lines = text.splitlines()
    numbered = [line for line in lines if _NUMBERED.match(line)]
    if len(numbered) > LISTED:
        lead = lines[: lines.index(numbered[0])]  # what was not found, where these are only the nearest
        lines = [*lead, *numbered[:LISTED], f"({len(numbered)} in all)"]
    return "\n".join(lines[:RESULT_LINES]).encode()[:RESULT_BYTES].decode(errors="ignore")


def _order(past: Sequence[AnyMessage]) -> str:
    """The order that was looked at last, if it was a single one."""
    for _, artifact in tool_results(past):
        found = dict.fromkeys(fact["id"] for fact in artifact.get("facts", []) if fact["type"] == "order")
        if found:
            return str(next(iter(found))) if len(found) == 1 else ""
    return ""


def _title(id: str, messages: Sequence[AnyMessage]) -> str:
    return next((found[id] for _, artifact in tool_results(messages) if id in (found := _titles(artifact))), id)


def _titles(artifact: Mapping[str, Any]) -> dict[str, str]:
    return {fact["id"]: fact["about"] for fact in artifact.get("facts", []) if fact["type"] == "product"}


def _name_of(id: str, messages: Sequence[AnyMessage]) -> str:
    numbers = listed(messages)
    if latest_products(messages) == [id]:
        return IT[0]
    if id in numbers:
        return str(numbers.index(id) + 1)
    return short_name(_title(id, messages))


def id_of(name: str, messages: Sequence[AnyMessage]) -> str | None:
    """The shown product that a number of the latest list, ``it`` or a name means."""
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
        elif key in ("product_ids", "like"):
            changed[key] = [change(str(item)) for item in cast("list[Any]", value)]
        elif key == "lines":
            changed[key] = [_changed(line, change) for line in cast("list[dict[str, Any]]", value)]
        else:
            changed[key] = value
    return changed
