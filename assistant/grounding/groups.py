"""Sentences about several of the shown products: counts, "all three", "the only one", "a merino beanie"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from assistant.evidence import Ledger
from assistant.grounding.claims import NAMED, VALUE, Piece, Reading
from assistant.grounding.goods import Hearing
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Records, Thing
from assistant.grounding.words import is_free, lexicon, negated, phrases, tokens

_COUNTING = re.compile(
    rf"(?:found|have|has|got|there are|there're|here are|showing|see|of|matched|list|找到了?|有|共|显示"
    rf"|推荐|以下|这|搜到了?|其中)\s*(?:the|these|you|us|for you|为您|一共)?\s*({VALUE})"
    rf"|^\s*({VALUE})\s*(?:of (?:them|these|the)|(?=有|是))|({VALUE})\s*(?:results?|products?|items?"
    rf"|options|models|matches)(?![a-z])"
)
_MORE = re.compile(
    r"(?<![a-z])(?:more|further) (?:details?|information|about)(?![a-z])|更多(?:信息|详情|细节)?|最后" r"|最近|最好"
)
_ALL = re.compile(
    rf"(?<![a-z])(?:all|these|those|the)\s+({VALUE})(?:\s+of them)?|({VALUE})\s*[款个件种顶]?(?=都|均" rf"|全)"
)


class Speaker(Protocol):
    """What a sentence must know of the reply it stands in."""

    records: Records
    ledger: Ledger
    last: tuple[Thing, ...]

    def said(self, word: str) -> bool:
        """Whether the shopper used the word."""
        ...


class Groups:
    """What a sentence under judgement says of the shown ones together."""

    def __init__(self, checker: Speaker, reading: Reading) -> None:
        self.checker = checker
        self.records = checker.records
        self.reading = reading
        self.claims: list[Claim] = []
        self.things: tuple[Thing, ...] = ()  # the subject so far
        self.waiting: tuple[Thing, ...] = ()  # named, and nothing said of them yet
        self.stocked: bool | None = None

    def _absolute(self, piece: Piece, thing: Thing) -> None:
        words = lexicon()["unprovable"]
        for match in re.finditer(f"{words['en']}|{words['zh']}", _MORE.sub(" ", _opinionless(piece.text))):
            if is_free(match[0]):  # "suggest" ends like a superlative and is none
                continue
            if not any(clause.holds(match[0]) or match[0] in clause.text.split() for clause in thing.clauses):
                raise Unproved(f"'{match[0]}' compares or makes absolute what the records do not state")

    def _some(self, piece: Piece, shown: Sequence[Thing]) -> tuple[Thing, ...]:
        """The first of the shown of which "a merino beanie" is true."""
        reason = Unproved("no record of what was shown says so")
        for thing in shown:
            try:
                Hearing(thing, piece, self.reading).hear()
            except Unproved as why:
                reason = why
            else:
                return (thing,)
        raise reason

    def _count(self, piece: Piece) -> tuple[Thing, ...] | None:
        """The shown ones of which "I found three" is true, as many as it says; ``None`` if the piece counts none."""
        match = _COUNTING.search(piece.text)
        if match is None or piece.mentions:
            return None
        sign = next(group for group in match.groups() if group)
        value = self.reading.value(sign)
        if value.kind != "count" or self.things or self.waiting:
            return None
        bare = Piece(piece.text.replace(sign, " "), [], [held for held in piece.values if held is not value])
        fits, claims = self._fitting(bare)
        if value.bound != "exact" or value.low != len(fits) or not fits:
            raise Unproved(f"{value.low.normalize():f} is not how many there are: {len(fits)} of those shown fit")
        self.claims += claims
        return tuple(fits)

    def _fitting(self, piece: Piece) -> tuple[list[Thing], list[Claim]]:
        if states_nothing(piece) and not piece.values:
            return list(self.records.shown), []
        fits: list[Thing] = []
        claims: list[Claim] = []
        for thing in self.records.shown:
            try:
                self._absolute(piece, thing)
                claims += Hearing(thing, piece, self.reading).hear()
            except Unproved:
                continue
            fits.append(thing)
        return fits, claims

    def _alone(self, piece: Piece, subjects: Sequence[Thing]) -> list[Claim]:
        """What proves "the only one in stock": it is true of it, and by their records not of the others."""
        if len(subjects) != 1 or len(self.records.shown) < 2:
            raise Unproved("'only' needs one product and others beside it")
        claims = Hearing(subjects[0], piece, self.reading).hear()
        kinds = {claim.kind for claim in claims}
        if not kinds or not kinds <= {"price", "availability", "rating"}:
            raise Unproved("'only' cannot be proved of what not all records state")
        for rival in self.records.shown:
            if rival is subjects[0]:
                continue
            if any(not rival.all(kind) for kind in kinds):
                raise Unproved(f"'only' needs a record of {rival.title}")
            try:
                Hearing(rival, piece, self.reading).hear()
            except Unproved:
                continue
            raise Unproved(f"'only' is not so: it is true of {rival.title} too")
        return claims

    def _all_of(self, piece: Piece) -> Piece:
        """The piece without "all three", which must be as many as are spoken of."""
        match = _ALL.search(piece.text)
        sign = match and (match[1] or match[2])
        if not sign or self.reading.value(sign).kind != "count" or piece.mentions:
            return piece
        group = self.checker.last if len(self.checker.last) > 1 else self.records.shown
        value = self.reading.value(sign)
        if value.low != len(group):
            raise Unproved(f"there are {len(group)}, not {value.low.normalize():f}")
        return replace(
            piece, text=piece.text.replace(sign, " these "), values=[held for held in piece.values if held is not value]
        )


def distinct(things: Sequence[Thing]) -> tuple[Thing, ...]:
    """Each thing once."""
    return tuple({thing.id: thing for thing in things}.values())


def once_less(text: str, match: re.Match[str]) -> str:
    """The text without the match."""
    return f"{text[: match.start()]} {text[match.end() :]}"


def _opinionless(text: str) -> str:
    return phrases("opinions")[0].sub(" ", text)


def states_nothing(piece: Piece) -> bool:
    """Whether all of its words are free, and no value is given."""
    text = re.sub(NAMED, " ", piece.text)
    if piece.values or negated(text):
        return False
    held = "|".join(lexicon()["stock"].values())
    if re.search(rf"(?<![a-z])(?:{held})(?![a-z])", text) or any(
        phrases(t)[0].search(text) for t in ("superlatives", "comparatives", "opinions")
    ):
        return False
    words = lexicon()["unprovable"]
    if re.search(f"{words['en']}|{words['zh']}", _MORE.sub(" ", text)):
        return False
    return all(is_free(token.text) for token in tokens(text))
