"""Reads a sentence as pieces that each say something of some things: who is spoken of, which values are given.

What names a thing and what gives a value is replaced by one private sign each, so that the
patterns of the judges see neither the digits of a title nor the commas of an amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assistant.evidence import short_title
from assistant.grounding.records import Records, Thing
from assistant.grounding.values import Value, find_values
from assistant.grounding.words import Token, is_free, negated, tokens, unpossessed
from retriever.text import fold, holds_han

_NAMED, _VALUE = 0xE000, 0xE400
NAMED, VALUE = "[\ue000-\ue3ff]", "[\ue400-\ue7ff]"
LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、](?!\d))\s*")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|(?<=[。！？])|\n+")
_MARKUP = re.compile(r"\*\*|__|`|[“”\"「」《》]")
_PIECE = re.compile(
    r"[,，;；:：、()（）|]|\.\s|\s[-–—]\s|——|(?<![a-z])(?:and|but|while|whereas|although|though|which"
    r"|or|plus)(?![a-z])"
    r"|但是?|而且?|并且?|不过|同时|(?<!搭)和|与|以及|或者?"
)
_DEFINITE = re.compile(
    r"(?:(?<![a-z])(?:the|this|that|these|those|both|our|your)\s+(?:[a-z]+\s+)?"
    r"|[这那该此](?:[两三四五几]?[款个件些条双台把只])?)$"
)
_INDEFINITE = re.compile(r"(?:(?<![a-z])an?\s+(?:[a-z-]+\s+)?|一[款个件条双台把只种]\s*)$")
_ORDINALS = ("first 1st 一", "second 2nd 二", "third 3rd 三", "fourth 4th 四", "fifth 5th 五")
_ORDINAL = re.compile(
    r"the (?P<en>first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)(?:\s+(?:one|option|product|item"
    r"|result|choice))?(?![a-z])"
    r"(?!\s+(?:order|time|day|week))|第(?P<zh>[一二三四五])[款个件种]"
)
_OTHER = re.compile(
    r"(?<![a-z])the others?(?: ones?)?(?![a-z])|另外?一[款个件]|其余(?:的|几款)?|其他(?:的|几款|款)" r"|另外[两几]款"
)
_JOINED = re.compile(r"[\s\-'’/&]*")


@dataclass(frozen=True)
class Mention:
    """Things that some words name; several where the words fit several."""

    things: tuple[Thing, ...]
    text: str


@dataclass
class Piece:
    """A part of a sentence that says one thing, with signs for what it names and the values it gives."""

    text: str
    mentions: list[Mention] = field(default_factory=list[Mention])
    values: list[Value] = field(default_factory=list[Value])
    comma: bool = False

    def things(self) -> tuple[Thing, ...]:
        """All that it names."""
        return _once(thing for mention in self.mentions for thing in mention.things)


@dataclass(frozen=True)
class Reading:
    """A sentence read."""

    text: str  # folded, without markup
    pieces: list[Piece]
    mentions: list[Mention]
    values: list[Value]

    @property
    def question(self) -> bool:
        """Whether it asks."""
        return self.text.rstrip(" )）").endswith(("?", "？"))

    def named(self, sign: str) -> Mention:
        """The mention that a sign stands for."""
        return self.mentions[ord(sign) - _NAMED]

    def value(self, sign: str) -> Value:
        """The value that a sign stands for."""
        return self.values[ord(sign) - _VALUE]


def split_sentences(text: str) -> tuple[list[str], str]:
    """The whole sentences of a growing text, and the unfinished rest."""
    pieces: list[str] = []
    start = 0
    for end in SENTENCE_END.finditer(text):
        if not LIST_MARK.fullmatch(text[start : end.end()]):  # "1. " opens an item, it ends nothing
            pieces.append(text[start : end.end()])
            start = end.end()
    return pieces, text[start:]


def read(sentence: str, records: Records, last: Sequence[Thing]) -> Reading:
    """The sentence in pieces; ``last`` are the things spoken of before it."""
    body = unpossessed(fold(_MARKUP.sub("", LIST_MARK.sub("", sentence))))
    signed = body
    mentions: list[Mention] = []
    for start, end, things in reversed(_mentions(body, records, last)):
        mentions.append(Mention(things, body[start:end]))
        signed = f"{signed[:start]} {chr(_NAMED + len(mentions) - 1)} {signed[end:]}"
    values = find_values(signed)
    for place in range(len(values) - 1, -1, -1):
        signed = f"{signed[: values[place].start]} {chr(_VALUE + place)} {signed[values[place].end :]}"
    pieces: list[Piece] = []
    start = 0
    ends = [end for end in _PIECE.finditer(signed) if not (end[0] in ("or", "或", "或者") and negated(signed))]
    for end in [*ends, None]:
        text = signed[start : end.start() if end else len(signed)].strip(" .!。！?？…")
        comma = bool(end) and not (end and re.match(r"[a-z和与]", end[0]))
        start = end.end() if end else start
        if text:
            named = [mentions[ord(sign) - _NAMED] for sign in re.findall(NAMED, text)]
            pieces.append(Piece(text, named, [values[ord(sign) - _VALUE] for sign in re.findall(VALUE, text)], comma))
    return Reading(body, pieces, mentions, values)


def _mentions(body: str, records: Records, last: Sequence[Thing]) -> list[tuple[int, int, tuple[Thing, ...]]]:
    taken = [False] * len(body)
    found: list[tuple[int, int, tuple[Thing, ...]]] = []

    def take(start: int, end: int, things: Iterable[Thing]) -> None:
        if end > start and not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            found.append((start, end, tuple(things)))

    for start, end, things in (*_titles(body, records), *_orders(body, records)):
        take(start, end, things)
    for match in _ORDINAL.finditer(body):
        take(match.start(), match.end(), _counted(match, records))
    for match in _OTHER.finditer(body):
        take(match.start(), match.end(), [t for t in records.shown if t not in last] if last else ())
    for start, end, things in _runs(body, records, last):
        take(start, end, things)
    return sorted(found, key=lambda item: item[0])


def _titles(body: str, records: Records) -> Iterable[tuple[int, int, Sequence[Thing]]]:
    titled: dict[str, list[Thing]] = {}
    for thing in records.goods.values():
        for title in {thing.key, unpossessed(fold(short_title(thing.title)).rstrip("…"))}:
            if title:
                titled.setdefault(title, []).append(thing)
    for title in sorted(titled, key=len, reverse=True):
        for match in re.finditer(rf"(?<![^\W_]){re.escape(title)}(?![a-z\d])…?", body):
            yield match.start(), match.end(), titled[title]


def _orders(body: str, records: Records) -> Iterable[tuple[int, int, Sequence[Thing]]]:
    for order in records.orders.values():
        for match in re.finditer(
            rf"(?:(?:the |your |my )?order\s*"
            rf"|订单(?:号)?\s*)?#?(?<![a-z\d]){re.escape(fold(order.id))}(?![a-z\d])",
            body,
        ):
            yield match.start(), match.end(), [order]


def _counted(match: re.Match[str], records: Records) -> list[Thing]:
    word = match["en"] or match["zh"]
    place = next(place for place, names in enumerate(_ORDINALS) if word in names.split())
    return records.shown[place : place + 1]


def _runs(body: str, records: Records, last: Sequence[Thing]) -> Iterable[tuple[int, int, tuple[Thing, ...]]]:
    """Rows of words of a title that name its thing: they hold the name's own words, or follow "the"."""
    words = tokens(body)
    place = 0
    while place < len(words):
        lengths = {thing.id: _run_length(words, place, thing, body) for thing in records.goods.values()}
        longest = max(lengths.values(), default=0)
        things = [thing for thing in records.goods.values() if lengths[thing.id] == longest]
        run = words[place : place + longest]
        while run and (is_free(run[-1].text) and not _is_name(run[-1].text, things)):
            run = run[:-1]
        if not run or (is_free(run[0].text) and not _is_name(run[0].text, things)):
            place += 1
            continue
        start, end = run[0].start, run[-1].end
        if _names(body, start, run, things, records):
            yield start, end, tuple(_meant(things, last))
        place += len(run)


def _run_length(words: list[Token], place: int, thing: Thing, body: str) -> int:
    length = 0
    for at in range(place, len(words)):
        word = words[at]
        joined = at == place or _JOINED.fullmatch(body[words[at - 1].end : word.start])
        held = word.text in thing.words or (holds_han(word.text) and len(word.text) > 1 and word.text in thing.key)
        if not (joined and held):
            break
        length += 1
    return length


def _names(body: str, start: int, run: list[Token], things: list[Thing], records: Records) -> bool:
    if any(_is_name(word.text, things) for word in run):
        return True
    if all(word.text in records.attributes for word in run):  # "the weight" is no thing
        return False
    return not _INDEFINITE.search(body[:start]) and _DEFINITE.search(body[:start]) is not None


def _is_name(word: str, things: list[Thing]) -> bool:
    """Whether a word opens a title, or follows the brand that opens it: names stand there, kinds of goods do not."""
    return any(word in thing.names for thing in things)


def _meant(things: list[Thing], last: Sequence[Thing]) -> list[Thing]:
    """Of things that the words fit equally well, the ones spoken of before."""
    before = [thing for thing in things if thing in last]
    return before if len(things) > 1 and before else things


def _once(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple({thing.id: thing for thing in things}.values())
