"""The call that a message surely asks for, so that a model need not know the tool: about recommendations alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage

from assistant.conversation import this_turn
from assistant.deciding import TOOL, decision_of
from assistant.suggesting import content, last_recommendation, mended, pointed_at, wish_of

READ, EXPLAIN = "get_profile", "explain_recommendation"
SETTLED = frozenset({TOOL, READ, EXPLAIN})
"""Tools whose results are said in the shop's own words: a small model has nothing to add to them."""

_WHY = re.compile(
    r"^(?:(?:ok|okay|but|and|so|hey|hi|please|tell me) )*(?:why|how come|what makes you|what made you|on what basis)"
    r"(?: (?:do|did|are|were|would|have|is|was|you|it|this|that|these|those|the|me|us|to|one|first|second|third|fourth"
    r"|fifth|1st|2nd|3rd|4th|5th))*(?: (?:recommend(?:ed|ing)?|suggest(?:ed|ing)?|show(?:ed|n|ing)?|pick(?:ed|ing)?"
    r"|cho(?:ose|se|osing)|propos(?:e|ed|ing))| (?:this|that|these|those|second|first|third)(?: one)?$)"
    r"|^(?:why|how come) (?:was|is|were|are|did you) .{1,60} (?:recommended|suggested|shown|picked|chosen)$"
    r"|\b(?:reasons?|basis) (?:for|behind|of) (?:this|that|these|those|your|the)\b"
    r"|(?:为什么|为啥|为何|凭什么|怎么)(?:会|要|给我|向我|你们?|就)*(?:推荐|选|挑)|推荐(?:它|这个|这些|这款)?的?(?:理由|原因|依据)"
)
_ONLY_WHY = re.compile(r"^(?:but |and )?(?:why|how come|what for)(?: so| though)?$|^(?:为什么|为啥|为何)呢?$")
_POINTING = re.compile(r"第[一二三四五1-5]|[这那](?:[个款件双条些]|$)|它")
_ABOUT_ME = re.compile(
    r"^(?:(?:ok|okay|so|and|please|hey|hi) )*(?:"
    r"what (?:else )?(?:do|does|have|did|can) (?:you|this shop|the shop) (?:already )?(?:know|remember"
    r"|record(?:ed)?|learn(?:ed|t)?|got|have)(?: out| down| on record| stored| saved)? (?:about|on|of) me"
    r"|(?:show|tell|let me see|can i see|see|view|whats|what is|what are)(?: me)?(?: (?:in|on))? my (?:taste )?"
    r"(?:profile|interests|tastes?)"
    r"|what (?:have i|did i|is|are) (?:mute|muted|block|blocked|hide|hidden)"
    r"|what (?:dont you|do you not|will you not|wont you) recommend(?: to me| me)?"
    r")(?: (?:now|please|here|again|look like))*$"
    r"|^(?:请问)?你们?(?:都)?(?:知道|了解|记得|记录了?|掌握)(?:了|些)?我的?(?:什么|哪些|多少)(?:信息|喜好|东西)?$"
    r"|^(?:请)?(?:看看|看一下|显示|查看|给我看看?)我的(?:个人)?(?:画像|喜好|兴趣|偏好)$|^我的(?:个人)?(?:画像|喜好|偏好)(?:是什么|是啥)?$"
    r"|^我(?:屏蔽|关掉)了(?:什么|哪些).*$"
)
_ASKED = re.compile(r"\b(?:reasons?|basis|behind|makes|made|come|propos(?:e|ed|ing)|cho(?:ose|se|osing))\b")
_HAN_ASKED = re.compile("为什么|为啥|为何|凭什么|怎么|推荐|理由|原因|依据|选|挑")


def sure_call(messages: Sequence[AnyMessage], currency: str) -> tuple[str, dict[str, Any]] | None:
    """The tool and its arguments; ``None`` where the message leaves a doubt.

    Args:
        messages: the conversation, the shopper's latest message included.
        currency: the shop's, for prices in the message.
    """
    if (decision := decision_of(messages)) is not None:
        return TOOL, decision.arguments
    now = this_turn(messages)
    words = mended(str(now[0].content)) if now and isinstance(now[0], HumanMessage) else ""
    words = " ".join(words.split())
    if _ABOUT_ME.search(words):
        return READ, {}
    if _ONLY_WHY.search(words) and last_recommendation(messages):
        return EXPLAIN, {}
    if _WHY.search(words) and (asked := _asked_why(words, messages)) is not None:
        return EXPLAIN, asked
    wish = wish_of(messages, currency)
    return None if wish is None else ("recommend_products", wish.arguments)


def _asked_why(words: str, messages: Sequence[AnyMessage]) -> dict[str, Any] | None:
    """Of which product the reason is asked; without an id of all. ``None`` where something else is asked."""
    rest = _HAN_ASKED.sub(" ", _ASKED.sub(" ", re.sub(r"\b(?:recommend|suggest|show|pick|chosen)\w*", " ", words)))
    one = re.search(r"\b(?:this|that|it|first|second|third|fourth|fifth|[1-5](?:st|nd|rd|th))\b", rest)
    if not content(_POINTING.sub(" ", re.sub(r"\b(?:first|second|third|fourth|fifth)\b", " ", rest))):
        pointed = pointed_at(rest, messages) if one or _POINTING.search(rest) else None
        return {"product_id": pointed[0]} if pointed and len(pointed) == 1 else {}
    named = pointed_at(rest, messages)
    return {"product_id": named[0]} if named else None
