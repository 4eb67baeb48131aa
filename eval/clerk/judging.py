"""Holds a turn's first call against the one that is wanted: the tool, every argument, and slot by slot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage

from assistant.events import ToolCall
from assistant.shorthand import meant
from eval.clerk.cases import Wanted
from eval.clerk.rates import Row
from retriever.text import STOP_WORDS, exact, fold, holds_han, stem

DEFAULTS: Mapping[str, Any] = {"sort": "relevance", "limit": 5}  # said or left out, they mean the same
QUERY = "query"
FREE_TEXT = (QUERY, "reason", "summary")  # a query is judged by its words; a note for a colleague may say anything
WORDS = ("attributes", "brand", "category")  # what a query can say as well; the order or a budget it cannot
SUFFIXES = ("色", "码", "号")  # 黑 is 黑色, 44 is 44码
Slots = dict[str, str]
"""Arguments laid flat: ``attributes.color`` or ``exclude[feather]`` to the value's key."""


@dataclass(frozen=True)
class Judgement:
    """What a call got right. Slots are those of the argument F1: hit, given too much, and missed."""

    tool: bool
    arguments: bool
    hits: int = 0
    extra: int = 0
    missed: int = 0
    faults: tuple[str, ...] = ()

    def rows(self, language: str, phenomenon: str) -> list[Row]:
        """The judgement as counts. F1 is hits among hits and half of what is extra or missed."""
        rows = [
            Row("tool_choice", language, phenomenon, float(self.tool)),
            Row("all_arguments", language, phenomenon, float(self.arguments)),
        ]
        slots = self.hits + (self.extra + self.missed) / 2
        return [*rows, Row("slot_f1", language, phenomenon, float(self.hits), slots)] if slots else rows


def judge(wanted: Wanted, calls: Sequence[ToolCall], before: Sequence[AnyMessage]) -> Judgement:
    """Judge the first of a turn's calls.

    Args:
        wanted: the call that is right.
        calls: the turn's calls as they were run, products by id.
        before: the conversation up to the shopper's message, which says what ``2`` and ``it`` are.
    """
    name = calls[0].name if calls else ""
    given = dict(calls[0].arguments) if calls else {}
    if name != wanted.tool and name in wanted.also:
        faults = _query_faults(wanted, given) if QUERY in given else []
        return Judgement(tool=True, arguments=not faults, faults=tuple(faults))
    resolved = resolve(wanted.arguments, before)
    right, had = (
        laid_flat({key: value for key, value in arguments.items() if key not in FREE_TEXT})
        for arguments in (resolved, given)
    )
    asks = bool(wanted.query or wanted.query_has)
    if name != wanted.tool:
        faults = (f"called {name or 'nothing'}, not {wanted.tool or 'anything'}",)
        extra = len(had) + (QUERY in given)
        return Judgement(False, False, extra=extra, missed=len(right) + asks, faults=faults)
    query = str(given.get(QUERY, ""))
    let_off = {slot for slot in right.keys() - had.keys() if _may_lack(slot, right[slot], wanted.loose, query)}
    hits = {slot for slot in right if had.get(slot) == right[slot]} | let_off
    faults = [f"{slot} should be {right[slot]}" for slot in sorted(right.keys() - hits)]
    faults += [f"{slot} is too much" for slot in sorted(had.keys() - right.keys())]
    query_faults = _query_faults(wanted, given) if asks or wanted.query_not else []
    wrong_query = bool(query_faults)
    return Judgement(
        tool=True,
        arguments=not faults and not query_faults,
        hits=len(hits) + (asks and not wrong_query),
        extra=len([slot for slot in had if had[slot] != right.get(slot)]) + (wrong_query and bool(query)),
        missed=len(right.keys() - hits) + (asks and wrong_query),
        faults=(*faults, *query_faults),
    )


def resolve(arguments: Mapping[str, Any], before: Sequence[AnyMessage]) -> dict[str, Any]:
    """The arguments with the products that are wanted by place as the ids that stood there."""
    call = AIMessage("", tool_calls=[{"name": "wanted", "args": dict(arguments), "id": "wanted"}])
    return dict(meant(call, before).tool_calls[0]["args"])


def laid_flat(arguments: Mapping[str, Any]) -> Slots:
    """Every argument as one slot or several: a list item by item, a mapping name by name."""
    slots: Slots = {}
    for name, value in arguments.items():
        if value is None or value in ({}, []) or DEFAULTS.get(name) == value:
            continue
        if isinstance(value, dict):
            items = cast("dict[str, Any]", value)
            slots |= {f"{name}.{fold(key)}": value_key(item) for key, item in items.items() if item is not None}
        elif isinstance(value, list):
            slots |= _listed(name, cast("list[Any]", value))
        else:
            slots[name] = value_key(value)
    return slots


def value_key(value: Any) -> str:
    """The key under which two ways to give one value are the same: 50 and 50.0, Feathers and feather."""
    if isinstance(value, bool):
        return str(value).casefold()
    text = fold(str(value))
    for suffix in SUFFIXES:
        text = text.removesuffix(suffix) or text
    try:
        return format(Decimal(text).normalize(), "f")
    except InvalidOperation:
        return text if holds_han(text) else " ".join(stem(word) for word in exact(text)) or text


def _listed(name: str, items: Iterable[Any]) -> Slots:
    slots: Slots = {}
    for item in items:
        if isinstance(item, dict):  # a line of the cart
            line = cast("dict[str, Any]", item)
            product = str(line.get("product_id") or line.get("variant_id") or "")
            slots[f"{name}[{product}]"] = value_key(line.get("quantity", 1))
        else:
            key = value_key(item) if name != "product_ids" else str(item)
            slots[f"{name}[{key}]"] = key
    return slots


def _query_faults(wanted: Wanted, given: Mapping[str, Any]) -> list[str]:
    query = fold(str(given.get(QUERY, "")))
    faults = [
        f"the query lacks {' or '.join(group)}"
        for group in wanted.query_has
        if not any(fold(word) in query for word in group)
    ]
    faults += [f"the query holds {word}" for word in wanted.query_not if _holds(query, fold(word))]
    if wanted.query and _words(query) != _words(wanted.query):
        faults.append(f"the query is not {wanted.query}")
    return faults


def _holds(query: str, word: str) -> bool:
    """Whether a word begins somewhere in the query; a figure must be there whole."""
    if holds_han(word):
        return word in query
    end = r"(?!\d)" if word.isdecimal() else ""
    return re.search(rf"(?<![^\W_]){re.escape(word)}{end}", query) is not None


def _may_lack(slot: str, value: str, loose: Sequence[str], query: str) -> bool:
    """Whether an argument may be absent: it is loose, and the query says it where a query can."""
    name = slot.split("[")[0]
    if name not in loose:
        return False
    return name.split(".")[0] not in WORDS or _says(query, value)


def _says(query: str, value: str) -> bool:
    """Whether a query holds a value's words, in whatever form; a short one as a word of its own."""
    if holds_han(value):
        return value in fold(query)
    words = exact(query)
    return all(
        any(held == word or stem(held) == word or (len(word) > 2 and held.startswith(word)) for held in words)
        for word in value.split()
    )


def _words(query: str) -> set[str] | str:
    """What a query looks for: its words without endings and small words; of Chinese, the characters in their order."""
    if holds_han(query):
        return "".join(fold(query).split())
    return {stem(word) for word in exact(query) if word not in STOP_WORDS}
