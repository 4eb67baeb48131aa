"""Comparisons and superlatives, computed from the records of what is compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from assistant.evidence import Fact
from assistant.grounding.claims import NAMED, VALUE, Piece, Reading
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Thing
from assistant.grounding.words import negated, phrases
from retriever.text import holds_han

_SHOP_WIDE = re.compile(
    r"(?<![a-z])(?:we (?:have|sell|carry|stock|offer)|(?:in|of) (?:the|our|this) (?:shop|store"
    r"|catalogue|catalog|range|collection)|on the market|anywhere|ever)(?![a-z])"
    r"|全店|本店|店里|店内|我们(?:店)?(?:的|有)|市场上|全网"
)
_ONLY_OTHERS = re.compile(
    r"than (?:the )?(?:others?|rest|both|all)(?: ones?| two)?|than (?:it|that|this)(?: one)?|比(?:其他"
    r"|其余|另外)(?:的|几款|两款)?(?:都|要)?"
)
_SUPERLATIVE_TAIL = re.compile(
    rf"(?:of|among|out of) (?:all |the |both )*(?:these|those|them|(?:these |those )?\s*{VALUE}|two"
    rf"|bunch)(?:\s+[a-z]+)?(?![a-z])|这\s*{VALUE}\s*[款个件种]?(?:当中|之中|其中|中|里)|(?:这"
    rf"|那)?(?:几|些|两|三|四|五)?款?(?:当中|之中|其中|中|里)(?:最)?"
)
_ONE_OF = re.compile(r"one of the|among the|之一|second|third|第二|第三|almost|nearly|几乎")
_GAP_WORD = re.compile(rf"(?:by )?\s*({VALUE})")


class Comparing:
    """The comparison in a piece, if it makes one."""

    def __init__(self, piece: Piece, reading: Reading, subjects: Sequence[Thing], shown: Sequence[Thing]) -> None:
        # "costs $5 less" is "costs less, by $5"; 评分比它高 is 比它评分更高.
        text = re.sub(rf"(?<![a-z])(weighs?|costs?)\s*({VALUE})\s*(less|more)(?![a-z])", r"\1 \3 \2", piece.text)
        text = re.sub(rf"(评分|价格|售价|容量|续航|重量)比\s*({NAMED})\s*更?([高低大小长短轻重])", r"比\2\1更\3", text)
        self.piece = replace(piece, text=text)
        self.reading = reading
        self.subjects = tuple(subjects)
        self.shown = tuple(shown)

    def hear(self) -> tuple[Piece, tuple[Thing, ...], list[Claim]]:
        """The piece without its comparison, whom the rest is about, and the proof.

        Raises:
            Unproved: if the records say otherwise or do not hold what is compared.
        """
        for table in ("superlatives", "comparatives"):
            pattern, meaning = phrases(table)
            match = pattern.search(self.piece.text)
            if match is None:
                continue
            if negated(self.piece.text):
                raise Unproved(f"'{match[0]}' is denied, which no record settles")
            dimension, _, end = meaning[match[0]].rpartition(" ")
            judge = self._superlative if table == "superlatives" else self._comparative
            return judge(match, dimension, 1 if end == "high" else -1)
        return self.piece, self.subjects, []

    def _superlative(
        self, match: re.Match[str], dimension: str, sign: int
    ) -> tuple[Piece, tuple[Thing, ...], list[Claim]]:
        if _SHOP_WIDE.search(self.reading.text) or _ONE_OF.search(self.reading.text):
            raise Unproved(f"'{match[0]}' speaks of more than what was shown")
        if len(self.subjects) != 1 or len(self.shown) < 2:
            raise Unproved(f"'{match[0]}' needs one product and others to compare it with")
        best = self.subjects[0]
        rivals = [thing for thing in self.shown if thing is not best]
        claims = self._beats(best, rivals, dimension, sign, match[0])
        text = _cut(self.piece.text, match)
        self._scope(text)
        text = _SUPERLATIVE_TAIL.sub(" ", text)
        return self._rest(text), self.subjects, claims

    def _scope(self, text: str) -> None:
        """Refuse "of the three" where not as many were shown."""
        tail = _SUPERLATIVE_TAIL.search(text)
        for sign in re.findall(VALUE, tail[0]) if tail else ():
            if self.reading.value(sign).low != len(self.shown):
                raise Unproved(f"{len(self.shown)} were shown, not {self.reading.value(sign).low}")

    def _comparative(
        self, match: re.Match[str], dimension: str, sign: int
    ) -> tuple[Piece, tuple[Thing, ...], list[Claim]]:
        winners, losers, text = self._sides(match)
        if len(winners) != 1 or not losers or set(map(id, winners)) & set(map(id, losers)):
            raise Unproved(f"'{match[0]}' does not say what is compared with what")
        claims = self._beats(winners[0], losers, dimension, sign, match[0])
        gap = _GAP_WORD.search(text)
        if gap and (near := self._gap(text, gap)):
            self._difference(winners[0], losers, dimension, near)
            text = text.replace(gap[1], " ", 1)
        return self._rest(text), winners, claims

    def _sides(self, match: re.Match[str]) -> tuple[tuple[Thing, ...], tuple[Thing, ...], str]:
        """Who is said to be more, than whom, and the text without these words."""
        text = self.piece.text
        if holds_han(match[0]):
            than = re.search(rf"比\s*(?P<other>{NAMED}(?:\s*(?:和|与|、)\s*{NAMED})*)", text)
            before, after = (text[: than.start()], than["other"]) if than else (text, "")
        else:
            than = re.compile(rf"\s*(?:{VALUE}\s*)?(?:\w+\s+)?than\s+(?P<other>[^,.;]*)").match(text, match.end())
            before, after = (text[: match.start()], than["other"]) if than else (text, "")
        losers = self._named(after)
        winners = self._named(before) or self.subjects
        if (
            not losers
            and (not than or _ONLY_OTHERS.search(text))
            and (len(self.shown) == 2 or _ONLY_OTHERS.search(text))
        ):
            losers = tuple(thing for thing in self.shown if all(thing is not other for other in winners))
        cut = _cut(text, match)
        cut = _ONLY_OTHERS.sub(" ", cut)
        if losers and after:
            cut = re.sub(rf"(?:than|比)\s*{NAMED}", " ", cut)
        return winners, losers, cut

    def _named(self, text: str) -> tuple[Thing, ...]:
        return tuple({t.id: t for sign in re.findall(NAMED, text) for t in self.reading.named(sign).things}.values())

    def _beats(self, best: Thing, rivals: Sequence[Thing], dimension: str, sign: int, said: str) -> list[Claim]:
        held = {thing.id: thing.measure(dimension) for thing in (best, *rivals)}
        mine = held[best.id]
        if mine is None or any(value is None for value in held.values()):
            raise Unproved(f"'{said}' compares a {dimension} that is not on record for all")
        ends = {thing.id: _ends(thing, dimension) for thing in (best, *rivals)}
        for rival in rivals:
            ahead = ends[rival.id][0] - ends[best.id][0] if sign < 0 else ends[best.id][1] - ends[rival.id][1]
            if ahead <= 0:
                raise Unproved(f"'{said}' is not so: {dimension} of {best.title} against {rival.title}")
        fact: Fact = mine[1]
        return [Claim("comparison", said, fact, {thing: _json(value) for thing, value in held.items()})]

    def _gap(self, text: str, gap: re.Match[str]) -> Any:
        value = self.reading.value(gap[1])
        return value if value.kind in ("money", "measure", "rating") else None

    def _difference(self, best: Thing, rivals: Sequence[Thing], dimension: str, value: Any) -> None:
        """A stated difference must be the difference."""
        mine, other = best.measure(dimension), rivals[0].measure(dimension)
        if (
            len(rivals) != 1
            or mine is None
            or other is None
            or not value.admits(abs(Decimal(str(mine[0])) - Decimal(str(other[0]))))
        ):
            raise Unproved("the difference is not the one between the records")

    def _rest(self, text: str) -> Piece:
        signs = re.findall(VALUE, text)
        return Piece(
            text, [self.reading.named(s) for s in re.findall(NAMED, text)], [self.reading.value(s) for s in signs]
        )


def _ends(thing: Thing, dimension: str) -> tuple[Decimal, Decimal]:
    """The lowest and the highest of what is compared: prices run over a product's variants."""
    held = thing.measure(dimension)
    value = Decimal(str(held[0])) if held else Decimal(0)
    return value, value


def _json(value: tuple[Any, Fact] | None) -> Any:
    if value is None:
        return None
    return float(value[0]) if isinstance(value[0], Decimal) else value[0]


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
