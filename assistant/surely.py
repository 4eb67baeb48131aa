"""What a message surely asks of a search, by words that hardly mean anything else.

A small model now and then forgets what it was told in so many words. Only what leaves no doubt is read
here: what a pattern may misread is left to the model.
"""

from __future__ import annotations

import re
from functools import cache

from assistant.grounding.words import lexicon
from retriever.text import fold, holds_han, stem

MOST = 10  # goods that one search shows
COUNTS = "one two three four five six seven eight nine ten".split()  # noqa: SIM905 (words read better as words)
HAN_COUNTS = {
    **{letter: place for place, letter in enumerate("一二三四五六七八九十", start=1)},
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_N = rf"(?P<n>[1-9]|10|{'|'.join(COUNTS)})"
_HAN_N = rf"(?P<n>[1-9]|10|[{''.join(HAN_COUNTS)}])"
_CHOICES = (
    r"(?:options?|choices?|ideas?|suggestions?|recommendations?|picks?|results?|alternatives?|(?:of the )?cheapest"
    r"|(?:of the )?best|top|finalists?|contenders?)\b"
)
_COUNTED = (
    re.compile(rf"\btop {_N}\b(?!\s*(?:%|percent|inch|star|person|pack|piece))"),
    re.compile(rf"(?<![\d.$€£-])(?<!size )(?<!under )(?<!over )\b{_N} (?:\w+ )?{_CHOICES}"),
    # 推荐一款 asks for goods, and not for a single one.
    re.compile(
        "(?:推荐|最便宜的?|最贵的?|最好的?|最新的?|评分最高的?|评价最好的?|排名?前|挑|选|推)"
        rf"(?!一){_HAN_N}\s*(?:款|个|种|样|名)(?!人|月|小时|钟)"
    ),
    re.compile(rf"{_HAN_N}\s*(?:款|个|种)(?:选项|推荐|备选|就[好够行])"),
)
MORE = re.compile(
    r"\b(?:more|all|every|everything|entire|whole|full|lots|many|rest|others?|list|range|selection|several|loads"
    r"|carry on|go on|keep going)\b"
    r"|更多|全部|所有|都|多[来看给推]|还有|其[他它余]|列|一览|完整|多少|哪些|有啥|几款|多点|齐|统统|通通|整个|继续|接着"
)
ORDERS = {
    "price_desc": r"\b(?:most expensive|dearest|priciest|highest price[ds]?|pricey to cheap|expensive to cheap)\b"
    r"|最贵|价格?最高|从贵到(?:便宜|贱)|价[格钱]?(?:由|从)高到低|价格降序",
    "price_asc": r"\b(?:cheapest|lowest[- ]priced?|least expensive|cheap to (?:expensive|dear))\b"
    r"|最便宜|最平的?|价格?最低|从便宜到贵|价[格钱]?(?:由|从)低到高|价格升序",
    "rating": r"\b(?:(?:best|highest|top)[- ]rated|best[- ]reviewed|highest rating|best ratings?|best reviews?)\b"
    r"|(?:评分|评价|口碑)最[高好]|好评最多",
    "newest": r"\b(?:newest|latest arrivals?|most recent)\b|最新[款的上品]|最近上[架新]",
}
IN_STOCK = re.compile(
    r"\b(?:in[- ]stock|(?:not|isn'?t|aren'?t|no) (?:sold|out)[- ](?:out|of[- ]stock)(?: ones?)?"
    r"|available (?:right )?now|can (?:buy|get|order) (?:right )?now|no sold[- ]out)\b"
    r"|现货|有货的|(?:不要|别(?:给我)?[看推来]?|除去|去掉)(?:缺货|没货|断货|售罄)|(?:缺货|没货|断货|售罄)的?(?:不要|别|不看|不用)"
    r"|(?:马上|立刻|现在)(?:就)?能(?:买|发|拿)"
)
SIZES = re.compile(
    r"\bsizes? (?P<en>\d{1,3}(?:\.5)?|[2-6]?x{0,3}[sml]|small|medium|large)\b(?! (?:bag|pack|box|cup|pot|room))"
    r"|(?<![\d.])(?P<zh>\d{2}(?:\.5)?|[2-6]?x{0,3}[sml])\s*[码号](?!线|电池|钟)"
)
_SIZE_LIKE = re.compile(
    r"(?:[2-6]?x{0,3}[sml]|\d{1,3}(?:\.5)?(?:[a-h]{1,2})?|(?:extra |x-?)?(?:small|medium|large)|(?:one|free) size|均码"
    r"|[大中小特加]+[码号])(?:\s*[码号])?"
)
_COLOUR_ENDING = re.compile("[色黑白红蓝绿灰粉黄棕紫橙青银金]$")
_AFTER = r"(?:\s*(?:的|这个?牌子|家|那个牌子)*\s*(?:就算了|除外|以外|之外|就免了|免谈|不考虑|不要|不行|不想要|不喜欢))"
_BEFORE = (
    r"(?:\b(?:no|not|without|except(?: for)?|excluding|but not|anything but|other than|hate|avoid)\b"
    r"(?: (?:a|an|any|the|from|by))?|[不唔]要|不想要|别给我推?|除了|不买|不喜欢)\s*"
)
_NO = re.compile(
    r"\b(?:no|without)\s+(?P<word>[a-z]{3,}(?:-[a-z]+)?)(?=\s*(?:[,.;!?]|$|\b(?:and|or|no|please|in|on|at all)\b))"
)
_IDLE = frozenset(
    """problem problems idea ideas rush hurry worries matter thanks thank way joke more less doubt please one clue need
    budget limit preference question questions offence offense brand stress fuss nonsense bother kidding keen fan under
    below less over above than""".split()  # noqa: SIM905 (words read better as words)
)
_HAN_NO = re.compile(
    r"(?:不要|不含|不带|别带|别有|不想要|别给我[推来]荐?|不能有|拒绝)(?:那种|任何|有|带|含|用)*(?P<word>[\u4e00-\u9fff]{2,5}?)"
    r"(?:味儿?|成分|做)?(?:的|了)?(?=[，,。！!？?；;\s]|$)"
)
_HAN_IDLE = re.compile(
    "^(?:太|很|紧|这|那|最|再|跟|给|催|问|求|超|大于|高于|低于|便宜|贵|别|其他|客服|人工|推荐|缺货|没货|售罄|断货|卖完|卖光)|的|了"
)


def count(text: str) -> int | None:
    """How many goods are asked for: "top 5", "two cheapest", 推荐三款."""
    words = fold(text)
    said = next((found["n"] for pattern in _COUNTED if (found := pattern.search(words))), "")
    if not said:
        return None
    if said.isdecimal():
        return int(said)
    return COUNTS.index(said) + 1 if said in COUNTS else HAN_COUNTS[said]


def order(text: str) -> str:
    """The order asked for, where it is exactly one; else empty."""
    words = fold(text)
    found = [name for name, pattern in ORDERS.items() if re.search(pattern, words)]
    return found[0] if len(found) == 1 else ""


def in_stock(text: str) -> bool:
    """Whether only goods in stock are asked for."""
    return IN_STOCK.search(fold(text)) is not None


def size(text: str) -> str:
    """A size that is called one: "size 39", 39码; else empty."""
    found = SIZES.search(fold(text))
    said = (found["en"] or found["zh"]) if found else ""
    return said.upper() if re.fullmatch("[2-6]?x{0,3}[sml]", said) else said


def is_size(value: str) -> bool:
    """Whether a value can be a size at all."""
    return _SIZE_LIKE.fullmatch(fold(value)) is not None


def is_colour(value: str, said: str) -> bool:
    """Whether a value has the name of a colour in it, or is called one."""
    words = fold(value)
    called = re.search(
        rf"colou?r(?:ed)?:? {re.escape(words)}|{re.escape(words)} colou?r|\bin {re.escape(words)}\b", fold(said)
    )
    return (
        called is not None
        or bool(_COLOUR_ENDING.search(words))
        or any(word in colours() for word in re.findall("[a-z]+", words))
    )


@cache
def colours() -> frozenset[str]:
    """Names of colours in English, one word each."""
    named = {word for value in lexicon()["closed"]["colours"]["values"] for word in value.split() if value.isascii()}
    further = (
        "ivory khaki maroon lavender turquoise copper tan indigo violet magenta cyan lilac peach plum bronze ruby rust"
        " sand taupe aqua emerald crimson scarlet fuchsia lime sage cobalt camel nude blush wine clear"
        " transparent multicolour multicolor colourful rainbow dark light"
        " natural walnut oak honey chestnut cherry graphite slate denim champagne rose"
    )
    return frozenset(named | set(further.split()))


def refused(text: str, value: str) -> bool:
    """Whether a value is named only to be spared: "not Nike", 苹果的就算了."""
    words, held = fold(text), re.escape(fold(value))
    if not held:
        return False
    if re.search(rf"除了{held}.{{0,3}}(?:别的|其[他它]).{{0,6}}[不免别]", words):
        return False  # all others are
    if re.search(rf"without {held}.{{0,12}}(?:won'?t|wouldn'?t|don'?t|not|never)", words):
        return False  # it is a condition
    return re.search(rf"{_BEFORE}{held}|{held}{_AFTER}", words) is not None


def spares(text: str, word: str) -> bool:
    """Whether a message asks to be spared a word that is too short to be looked for without more."""
    return refused(text, word) or (holds_han(word) and word in text and f"不{word}" not in text)


def single(text: str) -> bool:
    """Whether one alone is asked for."""
    return re.search(r"\b(?:single|lone|sole|solely|only|just)\b|[就仅只唯]一|一[个款]就", fold(text)) is not None


def avoided(text: str, known: list[str]) -> list[str]:
    """Words to avoid that are named as such beside those known: the second of "no wool, no down".

    In English only further ones: "no" begins too many phrases. In Chinese the first one too.
    """
    words = fold(text)
    have = {stem(part) for word in known for part in fold(word).split()}
    found: list[str] = []
    if known:
        found = [hit["word"] for hit in _NO.finditer(words) if hit["word"] not in _IDLE]
        found = [word for word in found if stem(word) not in have]
    else:
        found = [hit["word"] for hit in _HAN_NO.finditer(words) if not _HAN_IDLE.search(hit["word"])]
    return list(dict.fromkeys(found))[:2]
