"""Whether what a search found is what was asked for.

A search by meaning always finds something: asked for snowboards it finds trekking poles. Where a query
names a thing in a few words, a product answers to it that is called so, that holds all of the words, or
that is near enough in meaning; where none does, the shop has not got the thing. A need ("my back hurts
at my desk") names nothing that a title could hold: what is found for it is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from assistant.grounding.words import lexicon
from ranker.encoder import BUILT_IN, TUNED, Encoder
from retriever.product import Stamped
from retriever.search import Hit
from retriever.text import STOP_WORDS, exact, fold, holds_han, stem

NEAR = {BUILT_IN: 0.45, TUNED: 0.52}  # cosine from which on a product answers without the word (docs/experiments.md)
FEW = 3  # words of a thing's name; more of them describe a need
FEW_HAN = 8  # characters of one
SLIPS = ((9, 2), (6, 1), (4, 0))  # letters of a word from which on so many of them may be wrong, swapped ones apart

# What begins to say what a thing is for, of or with; its name stands before.
_AFTER = re.compile(
    r"\b(?:for|with|without|that|which|who|from|in|into|of|to|on|onto|under|over|by|at|like|while|against|between|near"
    r"|not|no|but|around|about|less|more|cheaper|than|please|made|so)\b(?!-)"
)
_EITHER = re.compile(r"[,;/&，；、。.!?！？]+|\b(?:and|or)\b|和|或者|或|还有|以及")
# Words about somebody or of something that happens: a need, or a present with no name.
_NEED = re.compile(
    r"\b(?:i|im|i'm|my|me|we|our|us|he|she|his|her|they|their|it|is|are|does|keeps?|cannot|can't|never|always|too"
    r"|when|how|something|anything|present|gift|ideas?|way)\b"
    r"|我|(?<!吉)他|她|它|总|怕|疼|酸(?!奶|菜|梅)|不(?!锈|粘|沾)|没|太(?!阳|极)|累|冷|脏|吵|坏|被(?!子|套)|给|送"
    r"|(?<![计定])时|了|着|(?<![智阳功])能|想|老|就|到|满|(?<!安)全|股|乱|裂|漏|堵|有(?![线机])|礼物|东西|怎么|什么"
)
_ASKING = re.compile(
    r"^(?:(?:(?:look|search)(?:ing)? for|(?:i|we)(?= (?:want|need|would|am look|are look))|(?:i'?m|am|are)(?= look)"
    r"|hi|hey|hello|please|do|did|have|has|are|is|can|could|would|may|there|also|you|u|ya|yall|guys|get|buy|see|find"
    r"|show|me|want|need|like|having|sell|selling|stock|carry|got|any|some|a|an|the)\b[\s,]*)+"
    r"|^(?:请问|你们|您们|店里|这里|我(?=想|要)|有没有|有(?!线|机)|卖不卖|卖|想要|想买|需要|要|买|找|看看|来个|推荐|一些)+"
    r"|(?:有没有|有吗|有卖吗|吗|呢|么|呀|啊)+$"
)
# What says how many, how large or how good, and not what: "mug set", "ram 16gb", "headphones cheap".
_MEASURE = re.compile(
    r"\d|^(?:sets?|kits?|packs?|pairs?|pieces?|pcs|sizes?|xs|[smlx]|xl|xxl|small|medium|large|big|cheap|cheapest|best"
    r"|good|nice|new|newest|rated|affordable|budget)$|^(?:便宜|好看|最|好|新款|新|大|小|大号|小号|套装)$"
)
_HAN = re.compile("[\u3400-\u9fff]+")


@dataclass(frozen=True)
class Told:
    """What is said of a product: by title, make and categories; by attributes and options too; by all of it."""

    title: str
    called: str
    said: str

    @classmethod
    def of(cls, stamped: Stamped) -> Told:
        """From a product's record, in all its languages."""
        products = [stamped.localised(language) for language in ("", *stamped.texts)]
        names = [name for product in products for name in (product.title, product.brand, *product.categories)]
        called = [value for product in products for value in product.attributes.values()]
        called += [value for product in products for form in product.variants for value in form.options.values()]
        title = fold(" | ".join(names))
        text = f"{title} | {fold(' | '.join(called))}"
        return cls(title, text, f"{text} | {fold(' | '.join(product.description for product in products))}")

    @cached_property
    def names(self) -> frozenset[str]:
        """Stems of the English words of title, make and categories."""
        return _stems(self.title)

    @cached_property
    def traits(self) -> frozenset[str]:
        """Those and the stems of its attributes and options."""
        return _stems(self.called)

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of all English words."""
        return _stems(self.said)


@dataclass(frozen=True)
class Thing:
    """What a query names: the word that says what it is, and all words of the name."""

    head: str
    words: tuple[str, ...]

    def names(self, told: Told) -> bool:
        """Whether a product is called so, be it but for a slip of the pen; a single word may also be a trait."""
        if holds_han(self.head):
            return _han_named(self.head, told)
        held = told.traits if len(self.words) == 1 else told.names
        return stem(self.head) in held or any(_slipped(self.head, word) for word in told.names)

    def within(self, told: Told) -> bool:
        """Whether what is said of a product holds all words of the name."""
        return all(word in told.said if holds_han(word) else stem(word) in told.words for word in self.words)


def things(query: str) -> list[Thing]:
    """The things that a query names; none where it tells a need or describes in many words."""
    asked = _ASKING.sub("", fold(query)).strip()
    if not asked or _NEED.search(asked):
        return []
    parts = [part for part in _EITHER.split(asked) if part.strip()]
    found = [_thing_han(part) if holds_han(part) else _thing(part) for part in parts]
    return [thing for thing in found if thing] if found and found[0] else []


def answering(query: str, hits: Sequence[Hit], least: float, sort: str = "relevance") -> list[Hit]:
    """The hits that answer to what a query names: first those called so, in the order they came.

    Those that are only near in meaning stand behind them, and in no other order than relevance beside
    them: the dearest of all speakers is no keyboard. All hits, where the query names no thing.

    Args:
        query: the words that were searched for.
        hits: what was found.
        least: the cosine from which on a product is near.
        sort: the order that was asked for.
    """
    wanted = things(query)
    if not wanted:
        return list(hits)
    told = {hit.id: Told.of(hit.stamped) for hit in hits}
    named = [hit for hit in hits if any(thing.names(told[hit.id]) for thing in wanted)]
    if named and sort != "relevance":
        return named
    sure = {hit.id for hit in named}
    near = [
        hit
        for hit in hits
        if hit.id not in sure
        and (
            (hit.similarity is not None and hit.similarity >= least)
            or (not named and any(thing.within(told[hit.id]) for thing in wanted))
        )
    ]
    return [*named, *near]


def near_enough(encoder: Encoder) -> float:
    """The cosine from which on a product answers without the word; an encoder that was not measured is believed."""
    return next((least for name, least in NEAR.items() if encoder.name.startswith(name)), -1.0)


def _thing(part: str) -> Thing | None:
    """The last word of an English name says what it is, unless it is a colour or a measure."""
    words = [word for word in exact(_AFTER.split(part.replace("-", " "))[0]) if word not in STOP_WORDS]
    named = [word for word in words if not _MEASURE.search(word)]
    heads = [word for word in named if word not in _colours()] or named
    return Thing(heads[-1], tuple(named)) if named and len(named) <= FEW else None


def _thing_han(part: str) -> Thing | None:
    """So does the last one of a Chinese name, which follows what it is said to be: 带防雨罩的背包."""
    name = part.rpartition("的")[2].strip()
    words = [word for word in exact(name) if word not in STOP_WORDS and not _MEASURE.search(word)]
    heads = [word for word in words if word not in _colours()] or words
    if not words or len(name) > FEW_HAN:
        return None
    return Thing(heads[-1] if len(heads[-1]) > 1 else "".join(heads[-2:]), tuple(words))


@cache
def _colours() -> frozenset[str]:
    return frozenset(lexicon()["closed"]["colours"]["values"])


def _han_named(head: str, told: Told) -> bool:
    """Whether a Chinese word stands among the names, be it in parts (跑步鞋 is 跑鞋), or half of it in the title."""
    if re.search("[\u3400-\u9fff]{0,2}".join(map(re.escape, head)), told.called):
        return True
    return 2 * sum(letter in told.title for letter in head) >= len(head)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in exact(_HAN.sub(" ", text)))


def _slipped(word: str, other: str) -> bool:
    """Whether one word is the other with a slip of the pen, in a long one with two; nobody errs at once."""
    slips = next((slips for letters, slips in SLIPS if len(word) >= letters), -1)
    if slips < 0 or word[0] != other[0] or abs(len(word) - len(other)) > slips:
        return False
    return sorted(word) == sorted(other) or (slips > 0 and _edits(word, other) <= slips)


def _edits(word: str, other: str) -> int:
    """Letters to add, to leave out or to change to make one word of the other."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(word, 1):
        last, row = row, [place]
        for at, beside in enumerate(other, 1):
            row.append(min(last[at] + 1, row[-1] + 1, last[at - 1] + (letter != beside)))
    return row[-1]
