"""Makes text from records and shoppers safe to put before a model: it stays readable, and stays data.

A chat template joins messages with marks such as ``<|im_start|>``; the tokenizer of a served model
reads a mark inside a product's description exactly like one of its own. So the marks are taken
apart, and so is what a person cannot see: invisible, direction-changing and tag characters.
"""

from __future__ import annotations

import re

# Zero-width and direction marks, variation selectors out of place, tag characters, interlinear marks, surrogates,
# and controls other than tab and newline. The joiner inside an emoji goes too: a model does not miss it.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
MARK = re.compile(
    r"<\s*[|｜][^<>\n]{0,60}?[|｜]\s*>"  # <|im_start|>, <|endoftext|>, and the full-width bars of some templates
    r"|<\s*/?\s*(?:tool_calls?|tool_response|tool_result|tools?|function_calls?|function_results?|function|invoke|antml|think|"
    r"s|system|user|assistant|human|bos|eos|start_of_turn|end_of_turn)\b[^<>\n]{0,60}>"
    r"|\[\s*/?\s*(?:INST|SYS|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS)\s*\]|<<\s*/?\s*SYS\s*>>",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"^[ \t#*>]*(?:system|assistant|user|developer|tool|human|ai|系统|助手|用户|开发者|工具)"
    r"(?:[ \t]?(?:message|prompt|note|消息|提示))?[ \t]*[:：]",
    re.IGNORECASE | re.MULTILINE,
)

# A rule is about goods, shoppers and the shop. A sentence by which an assistant does something to carts, orders, prices
# or its instructions is no rule, whoever wrote it there.
_WHO = re.compile(
    r"\b(?:assistants?|chat ?bots?|bots?|language models?|ai)\b|助手|机器人|智能客服|大?模型", re.IGNORECASE
)
_DOES = re.compile(
    r"\b(?:adds?|puts?|confirms?|cancels?|gives?|grants?|appl(?:y|ies)|sets?|quotes?|reveals?|ignores?|transfers?"
    r"|say nothing|must|should|shall)\b|取消|加入|添加|确认|忽略|透露|改为|赠送|转接",
    re.IGNORECASE,
)
_TO_WHAT = re.compile(
    r"\b(?:carts?|orders?|discounts?|free|prices?|instructions?|prompts?|say nothing|customers?)\b"
    r"|购物车|订单|折扣|免费|价格|指令|提示词",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?。！？]*(?:[.!?。！？]+\s*|$)")


def rules_only(text: str) -> str:
    """A policy's text without sentences that tell what an assistant does, or should do, beside telling of itself."""
    kept = [
        part
        for part in _SENTENCE.findall(text)
        if not (_WHO.search(part) and _DOES.search(part) and _TO_WHAT.search(part))
    ]
    return "".join(kept).strip()


def fenced(text: str) -> str:
    """``text`` without chat marks, role names at the start of a line, and characters that nobody sees."""
    seen = UNSEEN.sub("", text)
    while (cut := MARK.sub(" ", seen)) != seen:  # <<s>|im_start|> is a mark once its inside is gone
        seen = cut
    return ROLE.sub(" ", seen)


def readable(value: object) -> bool:
    """Whether every text in a JSON value can be written as UTF-8: half of a surrogate pair cannot."""
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(readable(key) and readable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(readable(item) for item in value)
    return True
