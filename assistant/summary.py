"""What a large model is told of turns that no longer fit its prompt: a short account made from the records of them.

No model writes it: calls and results stand in the conversation, so that it costs nothing and invents
nothing. Everything else (which goods may be named, what may be said) goes by the whole conversation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.conversation import prompt_tokens, shown_products, text_tokens, this_turn, tool_results
from assistant.fence import fenced
from assistant.grounding import clerk_words, stems
from assistant.shorthand import short_name

ACCOUNT_SHARE = 3  # one part in so many of the room is the account's
SAID_CHARS = 80  # of a message of the shopper
SHOPPER = "The shopper wrote "
ASKED = "What has happened so far, in short?"


def summarised(messages: Sequence[AnyMessage], tokens: int) -> list[AnyMessage]:
    """The latest whole turns that fit ``tokens``, after an account of the turns before them."""
    turns = turns_of(messages)
    kept = _first_kept(turns, tokens)
    if kept == 0:
        return list(messages)
    asked = HumanMessage(ASKED)
    room = tokens // ACCOUNT_SHARE - prompt_tokens([asked, AIMessage("")])
    told = account([message for turn in turns[:kept] for message in turn], room)
    return [asked, AIMessage(told), *(message for turn in turns[kept:] for message in turn)]


def account(messages: Sequence[AnyMessage], tokens: int) -> str:
    """What was asked, looked up, shown and changed, a line each; the oldest goes where there is too much."""
    lines = list(_lines(messages))
    for dropped in (SHOPPER, ""):  # what was said is given up before what was done
        while text_tokens("\n".join(lines)) > tokens:
            place = next((place for place, line in enumerate(lines) if line.startswith(dropped)), None)
            if place is None:
                break
            del lines[place]
    return fenced("\n".join(lines))


def recalled(messages: Sequence[AnyMessage], limit: int) -> list[str]:
    """The products shown latest; where they are more than ``limit``, the ones that the shopper's message names stay."""
    shown = shown_products(messages)
    said = set(stems(str(this_turn(messages)[0].content))) - clerk_words()
    titles = _titles(artifact for _, artifact in reversed(tool_results(messages)))
    shared = {id: len(said & set(stems(titles.get(id, "")))) for id in shown}
    chosen = set(sorted(shown, key=lambda id: -shared[id])[:limit])
    return [id for id in shown if id in chosen]


def turns_of(messages: Sequence[AnyMessage]) -> list[list[AnyMessage]]:
    """The messages by turn, each of which begins with the shopper's."""
    turns: list[list[AnyMessage]] = []
    for message in messages:
        if isinstance(message, HumanMessage) or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns


def _first_kept(turns: Sequence[Sequence[AnyMessage]], tokens: int) -> int:
    """The first turn that is told in full.

    Where turns must go, half of the room is cleared at once: the prompt then keeps its beginning over
    several turns, which a server that remembers prefixes answers sooner.
    """
    sizes = [prompt_tokens(turn) for turn in turns]
    first, room = 0, tokens
    for last in range(len(sizes)):
        if sum(sizes[first : last + 1]) > room:
            room = tokens - tokens // ACCOUNT_SHARE
            while first < last and sum(sizes[first : last + 1]) > room / 2:
                first += 1
    return first


def _lines(messages: Sequence[AnyMessage]) -> Iterable[str]:
    calls: dict[str, Mapping[str, Any]] = {}
    told: set[str] = set()
    for message in messages:
        if isinstance(message, HumanMessage):
            yield f"{SHOPPER}'{' '.join(str(message.content).split())[:SAID_CHARS]}'"
        elif isinstance(message, AIMessage):
            calls |= {str(call["id"]): call["args"] for call in message.tool_calls}
        elif isinstance(message, ToolMessage) and message.status == "success" and isinstance(message.artifact, dict):
            artifact = cast("dict[str, Any]", message.artifact)
            if line := _line(str(message.name), calls.get(message.tool_call_id, {}), artifact, told):
                yield line


def _line(tool: str, arguments: Mapping[str, Any], artifact: Mapping[str, Any], told: set[str]) -> str:
    """One call and what came of it; goods are named the first time, and then go by their ids."""
    goods = _goods(artifact, told)
    match tool:
        case "search_catalog":
            conditions = {key: value for key, value in arguments.items() if key not in ("query", "limit") and value}
            asked = ", ".join(f"{key} {_plain(value)}" for key, value in conditions.items())
            found = f"{'nothing that fits, nearest ' if 'nearest' in artifact['note'] else ''}{goods or 'nothing'}"
            return f"Searched '{arguments.get('query', '')}'{f' ({asked})' if asked else ''}: {found}"
        case "update_cart":
            lines = cast("list[Mapping[str, Any]]", arguments.get("lines", []))
            set_to = [
                f"{line.get('product_id') or line.get('variant_id')} x {line.get('quantity', 1)}" for line in lines
            ]
            return f"Set in the cart: {', '.join(set_to)}"
        case "get_order" | "list_orders":
            states = [f"{fact['id']} {fact['value']}" for fact in artifact["facts"] if fact["field"] == "status"]
            return f"Orders: {', '.join(states)}" if states else ""
        case "search_shop_policies_and_faqs":
            rules = dict.fromkeys(fact["about"] for fact in artifact["facts"])
            return f"Read the rules: {', '.join(rules)}" if rules else ""
        case "transfer_to_human_agents":
            return "A person was asked to take over."
        case _:
            return f"Looked at: {goods}" if goods else ""


def _goods(artifact: Mapping[str, Any], told: set[str]) -> str:
    titles = _titles([artifact])
    named = [f"{id} {short_name(titles[id])}" if id in titles and id not in told else id for id in artifact["products"]]
    told.update(artifact["products"])
    return "; ".join(named)


def _titles(artifacts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    facts = (fact for artifact in artifacts for fact in artifact["facts"])
    return {fact["id"]: fact["about"] for fact in facts if fact["type"] == "product"}


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {held}" for key, held in cast("dict[str, Any]", value).items())
    return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)
