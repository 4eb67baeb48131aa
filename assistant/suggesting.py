"""Whether a message asks to be recommended something without naming goods, and for what.

Read by patterns that hardly mean anything else: once the words that ask and the words that say
nothing are taken away, nothing may be left. "Recommend a tent under 50" has a tent left, and is a search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Literal, cast

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.conversation import latest_products, shown_products, this_turn, tool_results
from assistant.narrow import ORDINALS, meant_goods
from assistant.shorthand import id_of, listed
from retriever.product import Money
from retriever.recommending.asking import Goal
from retriever.recommending.visit.answers import AUDIENCE
from retriever.text import fold, holds_han
from retriever.understanding.prices import priced

Way = Literal["personal", "popular", "new", "again", "complement", "similar"]
ALIKE, LONG = 0.8, 5  # how much a misspelt word is like the one that is meant, of so many letters at least

_PLACE = r"(?:the )?(?:first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)(?: one)?|(?:number|no|nr) ?[1-5]"
_REF = rf"(?P<ref>{_PLACE}|(?:this|that)(?: one)?|it|these|those|them|(?:my|the) (?:cart|basket|stuff))\b"
WAYS: Mapping[Way, re.Pattern[str]] = {
    "complement": re.compile(
        r"\b(?:go(?:es)?|pairs?|works?|fits?) (?:well |nicely |best |good |together )?(?:with|wiht|whit|wth)"
        r"|\bgoes (?:well )?(?:to|together)\b|\b(?:what )?match(?:es)? (?:well )?(?:with)?|\bcomplements?"
        r"|\baccessor(?:y|ies) (?:for|to)|\b(?:do|would|will|should|might) i (?:also )?need (?:with|for)"
        r"|\bbuy(?:ing)? (?:together )?with"
        r"|(?:搭配|配套?|搭)(?:什么|啥|哪些|的)?|还(?:需要|要|该|得)(?:买|配|搭)点?(?:什么|啥|哪些)"
    ),
    "similar": re.compile(
        r"\b(?:something|anything|more|others?|ones?|stuff|products?|items?|things?) like"
        r"|\b(?:something |anything |(?:ones?|things?|products?|items?) )?similar (?:ones? |things? |items? )?to"
        r"|\balternatives? (?:to|for)|\b(?:something |anything )?resembling"
        r"|(?:和|跟|与|像)(?P<han>.{1,20}?)(?:一样|类似|相似|差不多|同款|那样|这样|这种|那种)的?"
    ),
    "again": re.compile(
        r"\b(?:buy|get|order|purchase)(?: (?:it|them|something|stuff))? again\b|\bre ?order\b|\bre ?stock\b"
        r"|\b(?:the|my) (?:usuals?|regulars?)\b|\b(?:usually|always|normally|regularly|often) (?:buy|get|order)\b"
        r"|\bdue for\b|\brun(?:ning)? (?:out|low)(?: of)?\b"
        r"|same as (?:last time|always|usual)"
        r"|再买一[次遍]|再来一[单次份]|再次?购买|回购|复购|老样子|(?:经常|平时|常|总是|通常)(?:会)?[买订]的?|该补货了?"
    ),
    "popular": re.compile(
        r"\bpopular\b|\bbest ?sell(?:ers?|ing)\b|\btop ?sell(?:ers?|ing)\b|\bsell(?:s|ing)? (?:the )?best\b"
        r"|\btrending\b|\bin demand\b|\bhot right now\b"
        r"|\bwhats hot\b|\b(?:everyone|everybody|people|others|other people|most people)(?: else)?(?: is| are| s)?"
        r" (?:buy(?:ing)?|get(?:ting)?|order(?:ing)?)\b|\b(?:everyones|everybodys)(?: else)? (?:buying|getting)\b"
        r"|热门|畅销|热卖|热销|爆款|爆品|人气|流行|大家都?(?:在|爱|喜欢)?[买看]|[卖买]得?最?[好多火]的?|最火的?|受欢迎"
    ),
    "new": re.compile(
        r"\bwhats (?:the )?new(?:est)?\b|\b(?:anything|something|whats|what is|what else is|stuff thats) new\b"
        r"|\bnew (?:arrivals?|stuff|things?|products?|releases?|in)\b"
        r"|\b(?:latest|newest|recent) (?:arrivals?|additions?)\b"
        r"|\bjust (?:arrived|came in|in|landed)\b|\bc[ao]me in (?:lately|recently|this week)\b|\bnew come in\b"
        r"|新品|上新了?|新到的?|新货|新出的?|新上的?|新来的?|新鲜玩意"
    ),
    "personal": re.compile(
        r"\brecommend(?:ed|s|ing|ations?)?\b|\bsuggest(?:s|ed|ions?)?\b|\bsurprise me\b|\btempt me\b"
        r"|\b(?:what|which) (?:one )?(?:should|shall|would|could|can|do) (?:i|you) (?:get|buy|pick|choose|go for)\b"
        r"|\b(?:anything|something|ideas?|picks?|what|stuff)(?: \w+)? for me\b|\bgive me (?:some |a few )?ideas\b"
        r"|\b(?:suit|suits|right for) me\b"
        r"|\b(?:gift|present) ideas?\b|\bideas? for a (?:gift|present)\b"
        r"|\bpick (?:something|one) (?:out )?for me\b"
        r"|推荐|推介|安利|猜我喜欢|适合我|买[点些]?(?:什么|啥)好|(?:我|觉得).{0,4}该买[点些]?(?:什么|啥)|帮我(?:选|挑)"
    ),
}  # in the order in which they are looked for: "what do you recommend to go with this" asks for what goes with it
# For whom something is: by the group that shops sort their goods into.
_WHOM = re.compile(
    r"\bfor (?:my |our |a |an |the )?(?:dear |old |young )?(?:"
    r"(?P<women>mothers?|mum|mom|mummy|mommy|wife|girlfriend|gf|sister|aunt|auntie|grandmother|grandma|granny|women|woman|her)"
    r"|(?P<men>fathers?|dad|daddy|husband|boyfriend|bf|brother|uncle|grandfather|grandpa|grandad|men|man|him)"
    r"|(?P<kids>kids?|child|children|toddlers?))\b"
    r"|(?:送给?|给|为|买给)(?:我的?|咱)?(?:"
    r"(?P<zhwomen>妈妈?|母亲|老婆|妻子|太太|女朋友|女友|姐姐?|妹妹?|奶奶|外婆|姥姥|阿姨|婆婆|岳母)"
    r"|(?P<zhmen>爸爸?|父亲|老公|丈夫|先生|男朋友|男友|哥哥?|弟弟?|爷爷|外公|姥爷|叔叔|岳父)|(?P<zhkids>孩子|小孩|儿童|宝宝))"
)
_GIFT = re.compile(
    r"\b(?:gifts?|presents?|something|anything|ideas?|recommend\w*|suggest\w*)\b|礼物|[送买]?(?:点|些)?(?:什么|啥)|推荐"
)
# Beside these a wish for somebody names no goods: on what occasion, and how dear at most, which is read by itself.
_BESIDE = re.compile(
    r"\b(?:birthday|christmas|under|below|up to|less than|dollars?|usd)\b|\d+|生日|圣诞|节日|送|以内|以下|美元|[元块]"
)
_CHEAPER = re.compile(
    r"\b(?:but )?(?:a (?:bit|little) )?(?:cheaper|less expensive|lower priced|for less|not so expensive|less money)\b"
    r"|(?:但是?|不过)?(?:要|想要)?(?:更|再)?便宜一?[点些]?的?|平价一?[点些]?的?|价格?低一?[点些]?的?"
)
_HAN_REF = re.compile(
    r"(?:第[一二三四五1-5]|[这那]|它)(?:[一两]?[款个件双条把台只种])?|购物车(?:里|中)?的?(?:东西|商品)?"
)
_MANY = re.compile(r"\b(?:these|those|them)\b|[这那]些|它们")
_CART = re.compile(r"\b(?:cart|basket|stuff)\b|购物车")
_OTHERS = re.compile(
    r"\b(?:another(?: one)?|others?|other ones?|something (?:else|different)|anything else|different ones?"
    r"|(?:some )?more(?! (?:about|on|info|of|details?))|none of (?:these|those|them))\b"
    r"|换(?:一|几|个|批|组|些|款|别的|其[他它])*|别的|其[他它]的?|另外的?|下一批|还有(?:别的|其[他它]的?|吗|没有|什么)"
    r"|再(?:推荐|来)[几一两]?[个款些]?"
)
_NOT_IT = re.compile(
    rf"\b(?:not|i (?:dont|do not|didnt) (?:really )?(?:like|want|need)|except|besides) (?:any of )?(?={_REF})"
    r"|(?:不要|不喜欢|不想要|除了)(?=第[一二三四五1-5]|[这那]|它)"
)
_NO_UPSELL = re.compile(
    r"\b(?:no|not?|dont|do not|stop|without|quit) (?:be )?(?:try(?:ing)? to )?(?:up|cross) ?sell(?:ing|s)?\b"
    r"|\b(?:i )?(?:dont|do not) (?:want|need) (?:anything|nothing) (?:else|more)\b|\bnothing else\b"
    r"|\bstop (?:trying to sell|selling|pushing)\b|\bno (?:extras|add ?ons)\b"
    r"|(?:别|不要|不用|不需要)(?:再)?(?:给我)?(?:推销|加购|凑单)|不(?:需要|要|买)(?:别的|其他的?|其它的?)(?:了|东西)?"
)
# Words that name no goods: of these alone a message that asks for a recommendation may consist besides.
_IDLE = frozenset(
    """a an the of to for from with me my i im id ive we our us you u your ya do does did would could can should will
    may might have has had having got get getting give gimme show tell see look looking find help like love want
    wanna need any anything some something sth stuff thing things one ones item items product products goods good
    nice great best cool fun interesting else other others more few couple bunch lot idea ideas pick picks choice
    choices option options what whats which who where when how why is are was were be been am it its this that
    these those there here and or but so if then just really very maybe perhaps please pls plz thanks thank thx hi
    hello hey yo ok okay oh well um hmm today now currently lately recently right moment days week month time next
    first store shop site guys people everyone buy buying purchase order spend think guess idk know say in on at
    by around about out up not sure dunno random day morning evening afternoon also too again usually offer sell
    selling money mind bit little kinda sort kind new special wat wot waht plss lol tonight weekend kindly ur
    favourite favorite only usual regular suit suits come came arrived make smth sth""".split()  # noqa: SIM905
)
_MEANT = (
    "recommend", "recommended", "recommending", "recommendation", "recommendations", "suggest", "suggesting",
    "suggestion", "suggestions",
    "something", "anything", "popular", "trending", "arrivals", "bestsellers", "similar", "cheaper", "second",
    "third", "usually", "usual", "usuals", "regulars", "again", "alternative", "alternatives", "accessories",
    "surprise", "reorder",
)  # fmt: skip
_HAN_IDLE = re.compile(
    r"再来一[单次份]|有没有|有什么|有哪些|有啥|什么|哪些|哪款|哪个|怎么|可以|能不能|能|给我|帮我|请问|请|麻烦|你们|你家|你|您|我们|我|咱|亲|店里|这里|这儿"
    r"|最近|现在|今天|目前|一下|一些|一点|一个|几个|几款|几样|两款|点|些|个|款|样|种|件|东西|商品|产品|好东西|好物|好的|好|不错|值得"
    r"|买|看看|看|逛|来|要|想|推荐|吗|呢|吧|啊|呀|嘛|哦|呗|么|的|了|是|有|没|在|和|跟|与|也|都|还|就|再|随便|求|介绍|说|知道|觉得|该|会|吧"
    r"|有没|是不是|喜欢|感兴趣|平时|经常|常|谢谢|您好|你好|嗨|hi|hello|啥|它|这|那|里|用|搭|配|一起|相似|类似|差不多|最|比较|特别|或者|或|给|帮|下|起"
)


@dataclass(frozen=True)
class Wish:
    """What is to be recommended: ``like`` these products or to go with them, at most this dear."""

    goal: Goal | None
    like: tuple[str, ...] = ()
    price_max: int | None = None
    arguments: dict[str, Any] = field(default_factory=dict[str, Any], init=False, compare=False)

    def __post_init__(self) -> None:
        given: dict[str, Any] = {"goal": self.goal, "like": list(self.like), "price_max": self.price_max}
        self.arguments.update({name: value for name, value in given.items() if value not in (None, [])})


def wish_of(messages: Sequence[AnyMessage], currency: str) -> Wish | None:
    """What the shopper's latest message surely asks to be recommended; ``None`` where it asks something else.

    Args:
        messages: the conversation, that message included.
        currency: the shop's, for prices in the message.
    """
    now = this_turn(messages)
    text = str(now[0].content) if now and isinstance(now[0], HumanMessage) else ""
    price = priced(text, currency)
    most = None if price.price_max is None else int(price.price_max)
    if asked_last(messages) and _answers(text, price.text, messages):
        return Wish("personal", price_max=most)
    words = mended(price.text)
    if for_whom(words):
        return Wish("personal", price_max=most)
    if (further := _further(words, messages, most)) is not None:
        return further
    for goal, pattern in WAYS.items():
        if (found := pattern.search(words)) is None:
            continue
        rest = f"{words[: found.start()]} {found.groupdict().get('han') or ''} {words[found.end() :]}"
        if goal not in ("similar", "complement"):
            return Wish(goal, price_max=most) if not content(rest) else None
        return _about_goods(goal, rest, messages, most)
    return None


def for_whom(words: str) -> str:
    """The group that somebody belongs to for whom a message wants anything at all: ``women``, ``men`` or ``kids``.

    Empty where it names nobody, or goods: "boots for my wife" are a search.
    """
    whom = _WHOM.search(words)
    if whom is None or not _GIFT.search(words):
        return ""
    rest = _GIFT.sub(" ", f"{words[: whom.start()]} {words[whom.end() :]}")
    if content(_BESIDE.sub(" ", rest)):
        return ""
    return next(group.removeprefix("zh") for group, held in whom.groupdict().items() if held)


def _further(words: str, messages: Sequence[AnyMessage], most: int | None) -> Wish | None:
    """The same wish once more, where the last goods were recommended: for others, cheaper ones, or up to a price."""
    last = last_recommendation(messages)
    if last is None:
        return None
    arguments, shown = last
    cheaper = _CHEAPER.search(words)
    rest = re.sub(_REF, " ", _NOT_IT.sub(" ", _OTHERS.sub(" ", _CHEAPER.sub(" ", words))))
    asked = cheaper or _NOT_IT.search(words) or _OTHERS.search(words) or most is not None
    if not asked or content(_HAN_REF.sub(" ", rest)) or any(way.search(words) for way in WAYS.values()):
        return None
    if most is None:
        most = _below(shown[:1], messages) if cheaper else arguments.get("price_max")
    return Wish(arguments.get("goal"), tuple(arguments.get("like") or ()), most)


def last_recommendation(messages: Sequence[AnyMessage]) -> tuple[dict[str, Any], list[str]] | None:
    """What the call asked for that showed the latest goods, and these; ``None`` where they were not recommended."""
    arguments: dict[str, Any] = {}
    found: tuple[dict[str, Any], list[str]] | None = None
    for message in messages:
        for call in message.tool_calls if isinstance(message, AIMessage) else []:
            arguments = call["args"]
        artifact = _artifact(message)
        if artifact.get("products"):
            found = (arguments, artifact["products"]) if "recommendation_id" in artifact.get("note", {}) else None
    return found


def turned_down(messages: Sequence[AnyMessage]) -> tuple[str, ...]:
    """What is not to be recommended again: what the shopper has refused, and all so far for who asks for others now."""
    refused: list[str] = []
    for place, message in enumerate(messages):
        words = mended(str(message.content)) if isinstance(message, HumanMessage) else ""
        if found := _NOT_IT.search(words):
            refused += pointed_at(_OTHERS.sub(" ", words[found.end() :]), messages[: place + 1]) or ()
    now = this_turn(messages)
    if now and isinstance(now[0], HumanMessage) and _OTHERS.search(mended(str(now[0].content))):
        lists = (_artifact(message) for message in messages)
        refused += [id for one in lists if "recommendation_id" in one.get("note", {}) for id in one["products"]]
    return tuple(dict.fromkeys(refused))


def _about_goods(goal: Way, rest: str, messages: Sequence[AnyMessage], most: int | None) -> Wish | None:
    """The wish for what is like shown goods or goes with them; ``None`` where it does not say with which."""
    cheaper = _CHEAPER.search(rest)
    rest = _CHEAPER.sub(" ", rest)
    if goal == "complement" and _CART.search(rest):
        return Wish(goal, price_max=most) if not content(_CART.sub(" ", rest)) else None
    like = pointed_at(rest, messages)
    if like is None and goal == "complement" and not content(rest):
        like = ()  # with what, the cart says or what was bought
    if like is None:
        return None
    if cheaper is not None and most is None:
        most = _below(like, messages)
    return Wish(goal, like, most)


def pointed_at(rest: str, messages: Sequence[AnyMessage]) -> tuple[str, ...] | None:
    """The shown products that words name, count out or point at; ``None`` where they do not say which."""
    shown, latest = shown_products(messages), latest_products(messages)
    if not shown:
        return None
    words = re.sub(_REF, " ", rest)
    words = _HAN_REF.sub(" ", words)
    if named := content(words):
        found = id_of(named, messages)
        return (found,) if found else None
    counted = any(re.search(pattern, rest) for pattern in ORDINALS.values())
    if counted or len(latest) == 1:
        return tuple(meant_goods(rest, shown, listed(messages) if counted else latest))[:1]
    if _MANY.search(rest):
        return tuple(latest)
    return (latest[0],) if re.search(rf"{_REF}|{_HAN_REF.pattern}", rest) else None


def points_only(rest: str) -> bool:
    """Whether words name nothing themselves: they may point at something."""
    return not content(_HAN_REF.sub(" ", re.sub(_REF, " ", rest)))


def _below(like: Sequence[str], messages: Sequence[AnyMessage]) -> int | None:
    """The highest whole price that is lower than that of the product; ``None`` where that is unknown."""
    for _, artifact in tool_results(messages):
        for fact in artifact.get("facts", []):
            if like and fact["id"] == like[0] and fact["field"] == "price_range.min":
                price = Money.model_validate(fact["value"])
                return max(0, int(price.major) - (price.major == int(price.major)))
    return None


def plain_words(text: str) -> str:
    """The folded text in plain words: apostrophes and marks gone."""
    return re.sub(r"[^\w\s]", " ", re.sub(r"(?<=[a-z])['’](?=[a-z])", "", fold(text)))


def mended(text: str) -> str:
    """The same with misspelt words of asking put right, each in its place."""
    words = re.sub(r"\b4(?= (?:me|us|my)\b)", "for", plain_words(text))
    return re.sub("[a-z]+", lambda found: _meant(found[0]), words)


@cache
def _meant(word: str) -> str:
    if len(word) < LONG or word in _IDLE or word in _MEANT:
        return word
    near = max(
        (other for other in _MEANT if other[0] == word[0]),
        key=lambda other: SequenceMatcher(None, word, other).ratio(),
        default="",
    )
    return near if near and SequenceMatcher(None, word, near).ratio() >= ALIKE else word


def content(rest: str) -> str:
    """The words of a rest that may name something."""
    kept = [word for word in re.findall(r"[a-z\d]+", rest) if word not in _IDLE]
    han = _HAN_IDLE.sub(" ", "".join(sign if holds_han(sign) else " " for sign in rest)).split()
    return " ".join([*kept, *han])


def spared_upsell(messages: Sequence[AnyMessage]) -> bool:
    """Whether the shopper has said in this conversation that they want nothing besides."""
    said = [str(message.content) for message in messages if isinstance(message, HumanMessage)]
    return any(_NO_UPSELL.search(mended(text)) or _NO_UPSELL.search(fold(text)) for text in said)


# the one quick question that a recommendation may end with


def asked_last(messages: Sequence[AnyMessage]) -> dict[str, Any]:
    """The quick question that the last reply before the shopper's latest message ended with; empty if it was none."""
    before = messages[: len(messages) - len(this_turn(messages))]
    turn = this_turn(before)
    last = turn[-1] if turn else None
    for message in reversed(turn):
        question = _question(message)
        if question and isinstance(last, AIMessage) and str(question["text"]) in str(last.content):
            return question
    return {}


def answers_given(messages: Sequence[AnyMessage]) -> dict[str, str]:
    """The answers to quick questions that the shopper has given in this conversation, by the question's id."""
    found: dict[str, str] = {}
    for place, message in enumerate(messages):
        if isinstance(message, HumanMessage):
            if whom := for_whom(mended(str(message.content))):
                found[AUDIENCE] = whom
            question = asked_last(messages[: place + 1])
            if option := _option(str(message.content), question):
                found[str(question["id"])] = option
    return found


def _answers(text: str, bare: str, messages: Sequence[AnyMessage]) -> bool:
    """Whether a message only answers the question: by one of its options, or by a price."""
    return bool(_option(text, asked_last(messages))) or (bare != text.strip() and not content(mended(bare)))


def _option(text: str, question: Mapping[str, Any]) -> str:
    """The option of the question that a message names; empty if it names none, or something besides."""
    words = mended(text)
    for option in cast("list[dict[str, str]]", question.get("options", [])):
        named = mended(option["text"])
        if named and named.strip() in words and not content(words.replace(named.strip(), " ", 1)):
            return option["id"]
    return ""


def _question(message: AnyMessage) -> dict[str, Any]:
    return cast("dict[str, Any]", _artifact(message).get("note", {}).get("question") or {})


def _artifact(message: AnyMessage) -> dict[str, Any]:
    """What a tool's result keeps beside its text; empty for other messages."""
    held = message.artifact if isinstance(message, ToolMessage) else None
    return cast("dict[str, Any]", held) if isinstance(held, dict) else {}
