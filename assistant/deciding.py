"""What a message decides about recommendations: nothing of X any more, X again, forget it, off and on.

Like a wish (``suggesting.py``) a decision is read by patterns that hardly mean anything else: the whole message has
to be one. "Not Alder" is a condition of a search, "stop recommending Alder" a decision.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from assistant.conversation import this_turn, tool_results
from assistant.suggesting import content, mended, plain_words, pointed_at, points_only

Change = Literal["stop", "allow", "forget", "off", "on"]
CHANGES: tuple[Change, ...] = get_args(Change)
TOOL = "update_profile"
MOST_WORDS, MOST_SIGNS = 6, 60  # of a name; more is a sentence
_UNDO = re.compile(
    r"^(?:(?:ok|okay|no|please) )*(?:(?:undo|revert)(?: that| it| this)?|take (?:that|it) back|i changed my mind)"
    r"(?: please)?$|^(?:撤销|撤回|取消)(?:刚才的|这个|上一步)?[了吧]*$|^我?改主意了$"
)
_INVERSE: Mapping[str, Change] = {"stop": "allow", "allow": "stop", "off": "on", "on": "off"}
_BRAND = re.compile(
    r"^(?:this|that|its|the same|the) (?:brand|make|maker|manufacturer|label)$|^(?:这|那|该)个?(?:品牌|牌子|牌)$"
)
_KIND = re.compile(
    r"^(?:this|that|these|those) (?:kind|sort|type|category)s?(?: of (?:things?|stuff|products?|goods))?$"
    r"|^(?:things?|stuff|products) like (?:this|that|these|those)$|^[这那][种类](?:东西|商品|类型)?$"
)
_BEHIND = re.compile(r" (?:brand|products?|stuff|goods|items?|things|ones)$|(?:之?类|系列|品牌|牌子|牌)的?$")
_BEFORE = re.compile(r"^(?:a|an|the|any|some|brand|by|from|of|all) |^(?:任何|所有|一切|品牌|牌子)")
_LIKE_THIS = re.compile(r"\blike (?:this|that|these|those)\b")
# Not a name: a number of things, or what they are to be like.
_CONDITION = re.compile(
    r"^(?:[一二两三几四五\d]+\s*[个款件双条把台只种样支瓶]|点|些|太|更|[这那]么|贵|便宜)"
    r"|^(?:over|under|above|below|more|less|too|so|that|which|what|when|if|until|unless|because)\b"
)


_ANYTHING = re.compile(
    r"(?:(?:things?|stuff|products?|goods|items?|anything|to|for|me|us) ?)+|(?:任何|东西|商品|产品)+"
)
_CLAUSE = re.compile(r"[,，;；。!！?？\n]")


@dataclass(frozen=True)
class Decision:
    """What is decided, and of what: nothing named is everything."""

    change: Change
    name: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """Of the call that does it."""
        return {"change": self.change, **({"name": self.name} if self.name else {})}


def decision_of(messages: Sequence[AnyMessage]) -> Decision | None:
    """What the shopper's latest message surely decides about recommendations; ``None`` where it decides nothing."""
    now = this_turn(messages)
    text = str(now[0].content) if now and isinstance(now[0], HumanMessage) else ""
    if sum(bool(content(mended(clause))) for clause in _CLAUSE.split(text)) > 1:
        return None  # it says something besides
    words = _spaced(mended(text))
    if _UNDO.search(words):
        return _undone(messages)
    for change, pattern in _decisions():
        if found := pattern.search(words):
            if "name" not in found.groupdict():
                return Decision(change)
            name = "things like this" if _LIKE_THIS.search(words) else _as_said(found, text)
            if name := _named(name, messages):
                return Decision(change, name)
            if change == "stop" and _ANYTHING.fullmatch(found["name"]):
                return Decision("off")
    return None


@cache
def _decisions() -> tuple[tuple[Change, re.Pattern[str]], ...]:
    """The expressions of ``deciding.toml`` with what each decides, in their order."""
    held = tomllib.loads(resources.files("assistant").joinpath("deciding.toml").read_text(encoding="utf-8"))
    parts: dict[str, str] = held["parts"]

    def whole(pattern: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"(?<!\?P)<(\w+)>", lambda part: parts[part[1]], pattern))

    return tuple((change, whole(one)) for change, section in held["decisions"].items() for one in section["patterns"])


def _spaced(words: str) -> str:
    """One space between words; Chinese needs none."""
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=\S)|(?<=\S) (?=[\u4e00-\u9fff])", "", " ".join(words.split()))


def _as_said(found: re.Match[str], text: str) -> str:
    """The name in the shopper's own letters: what looks like a misspelt word may be a brand."""
    before, name = len(found.string[: found.start("name")].split()), found["name"]
    said = _spaced(plain_words(text)).split()
    return " ".join(said[before : before + len(name.split())]) if found.string.isascii() else name


def _named(name: str, messages: Sequence[AnyMessage]) -> str:
    """What is named, or the name of what is pointed at; empty where that is not clear."""
    for field, pattern in (("brand", _BRAND), ("categories", _KIND)):
        if pattern.search(name):
            return _of_shown(field, pointed_at("this", messages), messages)
    if points_only(name):
        pointed = pointed_at(name, messages) or ()
        # Of several products their kind is meant, where they have one.
        return _of_shown("" if len(pointed) == 1 else "categories", pointed, messages)
    bare = _BEFORE.sub("", _BEHIND.sub("", name).strip()).strip()
    if len(bare) > MOST_SIGNS or len(bare.split()) > MOST_WORDS or _CONDITION.search(bare) or not content(bare):
        return ""
    return bare


def _of_shown(field: str, ids: Sequence[str] | None, messages: Sequence[AnyMessage]) -> str:
    """The one brand, category or, without a field, title that shown products have; empty where they differ."""
    held: dict[str, str] = {}
    for _, artifact in tool_results(messages):
        for fact in artifact.get("facts", []):
            if fact["type"] == "product" and fact["id"] in (ids or ()) and fact["field"] == (field or fact["field"]):
                held[fact["id"]] = str(fact["value"] if field else fact["about"])
    return next(iter(held.values())) if held and len(set(held.values())) == 1 else ""


def _undone(messages: Sequence[AnyMessage]) -> Decision | None:
    """The opposite of what the turn before decided."""
    earlier = this_turn(messages[: len(messages) - len(this_turn(messages))])
    calls = [call for message in earlier if isinstance(message, AIMessage) for call in message.tool_calls]
    last = next((call["args"] for call in reversed(calls) if call["name"] == TOOL), None)
    change = _INVERSE.get(str((last or {}).get("change")))
    return Decision(change, str((last or {}).get("name", ""))) if change else None
