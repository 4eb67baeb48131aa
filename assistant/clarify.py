"""The clerk asks one question where a wish is too open, and never a second one in a row.

That a wish is too open is the model's to decide: it asks, and calls no tool. Once it has asked, the
shopper's answer has to do: instead of a second question goods are shown that what was said so far
finds, or the best rated there are. Questions about orders and rules are no part of this: no list
of goods stands in for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.conversation import this_turn
from assistant.fallback import search_plainly
from assistant.grounding import clerk_words, stems
from assistant.suggesting import asked_last
from assistant.tools.context import TurnContext
from retriever.filters import Filters

_SMALL_TALK = re.compile(
    r"(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks?|thank you|bye|goodbye|ok|okay|great|perfect"
    r"|cool|nice|there|so much|very much|a lot|你好|您好|嗨|早上好|晚上好|下午好|早|谢谢|多谢|感谢|再见|拜拜|好的|好"
    r"|太好了|您|你|了|啊|呀)[\s,.!~，。！～]*)+",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"(?<![a-z])(?:orders?|ordered|parcels?|packages?|refund|return|returns|returned|deliver\w*|shipp?\w*|cancel\w*"
    r"|exchange\w*|address|account|sign in|log ?in|pay\w*|invoice|warranty|cart|basket|complain\w*"
    r"|(?:real|live) (?:person|human)|human agent|customer service|(?:speak|talk) to)"
    r"(?![a-z])"
    r"|订单|包裹|快递|物流|退款|退货|换货|配送|发货|取消|地址|账号|账户|登录|付款|支付|发票|保修|购物车|人工|客服|投诉",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?<![a-z])(?:stuff|whatever|ideas?|suggestions?|recommendations?|idk|dunno|not sure|no idea|don'?t know"
    r"|don'?t mind|doesn'?t matter)(?![a-z])"
    r"|推荐|随便|都行|都可以|不知道|不清楚|无所谓|没想好|[一点个]*(?:东西|商品|产品)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s\"\\?!？！。，,;；、]+")


def may_ask(text: str, before: Sequence[AnyMessage]) -> bool:
    """Whether the clerk may answer ``text`` with a question; ``before`` is the conversation so far."""
    last = this_turn(before)
    if asked_last([*before, HumanMessage(text)]):
        return _small_talk(text) or _SERVICE.search(text) is not None
    if not last or any(isinstance(message, ToolMessage) for message in last) or _small_talk(text):
        return True
    wish = str(last[0].content) if isinstance(last[0], HumanMessage) else ""
    asked = isinstance(last[-1], AIMessage) and re.search(r"[?？]", str(last[-1].content)) is not None
    return not asked or _small_talk(wish) or _SERVICE.search(f"{wish} {text}") is not None


async def goods_for(context: TurnContext, messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """A search with what the last two messages of the shopper say, or for the best rated goods: its call and result."""
    said = [str(message.content) for message in messages if isinstance(message, HumanMessage)][-2:]
    words = " ".join(filter(None, map(_content, said)))
    if words:
        found = await search_plainly(context, words[:200])
        if context.log.products:
            return found
    return await search_plainly(context, "", Filters(in_stock=True), "rating")


def _content(text: str) -> str:
    """The words of a message that something can be searched by."""
    kept = [word for word in _WORD.findall(_EMPTY.sub(" ", text)) if set(stems(word)) - clerk_words()]
    return " ".join(kept)


def _small_talk(text: str) -> bool:
    return _SMALL_TALK.fullmatch(text.strip()) is not None
