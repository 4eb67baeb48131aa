"""What a Chinese query does not want: 不含酒精的洗手液, 耳机 不要入耳式, 除了红色以外的裙子, 无糖饮料."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retriever.text import exact, fold

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_THING = rf"(?P<thing>[{_HAN}A-Za-z0-9][{_HAN}A-Za-z0-9 &+-]{{0,23}}?)"
_STOP = r"(?=的|[,，。;；、!！?？\s]|和|或|以及|但|要|就|$)"

# 有没有, 要不要 ask; 不要紧, 不要太贵 deny no thing.
_MARKED = re.compile(
    rf"(?P<mark>(?<!要)不(?:想)?要(?:有|带|含)?|不(?:想|喜欢|含有?|包含|包括|带|配|加|添加)|(?<!有)没有?|排除|去掉){_THING}{_STOP}"
)
_BESIDES = re.compile(rf"除了?{_THING}(?:之外|以外|外)(?:的)?")
_LIKE = re.compile(
    rf"(?<![{_HAN}])(?P<mark>[无零0])(?P<thing>[{_HAN}]{{1,8}})|(?P<mark2>(?<=[{_HAN}\s])无)(?P<thing2>[{_HAN}]{{1,8}})"
)
_NO_THING = re.compile(
    r"^(?:太|很|那么|这么|过|紧|脸|钱|客气|关系|问题|别的|其他|其它|什么|办法|货|了|的|想|得|再|能|会|是|到|错|限)"
)
_END = re.compile(r"(?:的|了|吧|呢|啊|哦|款|类|那种|这种|任何)+$")
_START = re.compile(r"^(?:任何|那种|这种|一点|有|带|含)+")
# With 无 these are words of their own, not something that is missing.
_WORDS = (
    *"线绳人极限敌锡忧尘痕缝叶火土烟袖边框核骨刺菌声影双量疑论需法价名际色底息氧源籽损比间感级水",
    "花果",
    "印良品",
    "纺布",
    "公害",
    "障碍",
    "动力",
    "钥匙",
)


def read_chinese(text: str) -> Iterator[tuple[int, int, tuple[str, ...], float, bool]]:
    """Start, end, things, confidence and whether the words stay, for every exclusion in a text."""
    for match in _BESIDES.finditer(text):
        thing = _tidy(match["thing"])
        if thing:
            yield match.start(), match.end(), _listed(thing), 0.9, False
    for match in _MARKED.finditer(text):
        thing = _tidy(match["thing"])
        if thing and not _NO_THING.match(match["thing"]):
            # The 的 that ties the exclusion to its noun goes with it: 不含酒精的洗手液 wants 洗手液.
            end = match.end() + (text[match.end() : match.end() + 1] == "的")
            yield match.start(), end, _listed(thing), 0.9, False
    yield from _properties(text)


def _properties(text: str) -> Iterator[tuple[int, int, tuple[str, ...], float, bool]]:
    """无糖, 无香精: what products say of themselves, so the words stay."""
    for match in _LIKE.finditer(text):
        named = match["thing"] or match["thing2"]
        mark = match["mark"] or match["mark2"]
        if any(named.startswith(word) for word in _WORDS) and mark == "无":
            continue
        words = exact(named)
        if not words or (mark != "无" and words[0] not in ("糖", "脂", "卡", "酒精", "添加", "蔗糖")):
            continue
        start = match.start()
        yield start, start + 1 + len(words[0]), (words[0],), 0.6, True


def _tidy(thing: str) -> str:
    return fold(_START.sub("", _END.sub("", thing.strip())))[:24]


def _listed(thing: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[和或与及/、]", thing) if part) or (thing,)
