"""Whether a rule of the shop, or a promotion, bears out a piece of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.grounding.claims import VALUE, Piece, Reading
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Clause
from assistant.grounding.values import Value
from assistant.grounding.words import canonical, is_free, is_negation, negated, tokens
from retriever.text import fold, holds_han

# From when a term runs is no condition on whom it is for.
_TERMS = frozenset(
    canonical(word)
    for word in [
        "delivery",
        "receipt",
        "order",
        "ordering",
        "收货",
        "收货后",
        "下单",
        "下单后",
        "签收",
        "签收后",
        "起",
        "自",
        "within",
        "之日",
    ]
)
_PARTY = re.compile(r"(?<![a-z])(?:on|by) (?:us|you)(?![a-z])|由(?:我们|您|你)")
_SCOPE = re.compile(r"(?<![a-z])(?:in|on|for) (?:all |everything in )?([a-z]+)")
_OPEN = frozenset(
    canonical(word)
    for word in [
        "shop",
        "store",
        "goods",
        "anything",
        "something",
        "parcel",
        "item",
        "customer",
        "policy",
        "rule",
        "take",
        "cost",
        "term",
        "allow",
        "allowed",
        "possible",
        "天内",
        "日内",
        "内",
        "规定",
        "政策",
        "时间",
        "商品",
        "办理",
    ]
)


class Ruling:
    """One piece of a sentence held against the shop's rules."""

    def __init__(self, piece: Piece, reading: Reading, rules: Sequence[Clause]) -> None:
        self.reading = reading
        self.rules = rules
        self.text = re.sub(VALUE, " ", piece.text)
        self.values = piece.values
        held = [token.text for token in tokens(self.text) if not is_negation(token.text)]
        self.content = [word for word in held if not is_free(word) and canonical(word) not in _OPEN]
        self.denied = negated(self.text)

    def hear(self) -> list[Claim]:
        """The proof of the piece.

        Raises:
            Unproved: if no rule says so.
        """
        for clause in self.rules:
            if self._says(clause):
                return [Claim("promotion" if clause.fact.kind == "promotion" else "policy", self.text, clause.fact)]
        said = ", ".join([*self.content, *(f"{value.low.normalize():f}" for value in self.values)])
        raise Unproved(f"no rule of the shop says: {said or self.text}")

    def _says(self, clause: Clause) -> bool:
        if not self.content and not self.values:
            return False
        if clause.negated != self.denied:
            return False
        title = fold(clause.fact.about)
        topic = {canonical(token.text) for token in tokens(title)}
        words = all(
            clause.holds(word)
            or _within(word, title)
            or (canonical(word) in topic and not self._elsewhere(word, clause, title))
            for word in self.content
        )
        if any(party not in clause.text for party in _PARTY.findall(self.text)):
            return False
        return words and all(self._given(value, clause) for value in self.values) and self._meant(clause, topic)

    def _elsewhere(self, word: str, clause: Clause, title: str) -> bool:
        """Whether a word that only means the topic is said of another value: then it is that value's."""
        if word in title or not self.values:
            return False
        return any(
            c.values and c.fact is clause.fact and c is not clause and (word in c.text.split() or _within(word, c.text))
            for c in self.rules
        )

    def _scoped(self, clause: Clause) -> bool:
        """Whether a percentage is claimed of no more than the goods it is off."""
        scope = [word for word in _SCOPE.findall(clause.text) if not is_free(word)]
        if holds_han(clause.text):
            return 2 * sum(clause.holds(word) for word in self.content) >= len(clause.content)
        return all(canonical(word) in {canonical(said) for said in self.content} for word in scope)

    def _given(self, value: Value, clause: Clause) -> bool:
        for held in clause.values:
            same = (held.kind, held.low, held.high) == (value.kind, value.low, value.high)
            if same and (held.unit == value.unit or value.kind in ("money", "date")) and _no_further(value, held):
                return True
        return False

    def _meant(self, clause: Clause, topic: set[str]) -> bool:
        """Whether the claim names for whom a value holds, where the rule does: "for electronics" is not for all."""
        if not self.values:
            return bool(self.content)
        if any(value.kind == "percent" for value in self.values) and not self._scoped(clause):
            return False
        first = min((held.start for held in clause.values), default=0)
        whom = [
            token.text
            for token in tokens(clause.text[:first])
            if not is_free(token.text) and not is_negation(token.text)
        ]
        whom = [
            word
            for word in whom
            if canonical(word) not in topic | _TERMS | _OPEN and not (len(word) == 1 and holds_han(word))
        ]
        said = {canonical(word) for word in self.content}
        return not whom or any(
            canonical(word) in said or any(_within(word, s) or _within(s, word) for s in self.content) for word in whom
        )


def _within(word: str, text: str) -> bool:
    return holds_han(word) and len(word) > 1 and word in text


def _no_further(value: Value, held: Value) -> bool:
    """Whether the claim's hedge says no more than the rule's."""
    up = ("above", "least", "from")
    return value.bound == held.bound or (value.bound in ("exact", "most", "about") and held.bound not in up)


def quoted(body: str, rules: Sequence[Clause]) -> list[Claim]:
    """The proof of a sentence that is a rule's own words."""
    wanted = body.strip(" .。!！")
    if len(wanted) < 8:
        return []
    for clause in rules:
        text = fold(f"{clause.fact.about}: {clause.fact.value}")
        if wanted in text and _whole(wanted, text):
            return [Claim("policy" if clause.fact.kind == "policy" else "promotion", body, clause.fact)]
    return []


def _whole(wanted: str, text: str) -> bool:
    """Whether the words are whole sentences there: a part of one may say the opposite."""
    start = text.find(wanted)
    before, after = text[:start].rstrip(), text[start + len(wanted) :].lstrip()
    return (not before or before[-1] in ".:。：！？!?") and (not after or after[0] in ".。；;!！")
