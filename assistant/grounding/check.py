"""Holds each sentence of a reply against the records before the shopper sees it.

A sentence is read as pieces; each piece is judged by whoever keeps the records it speaks of:
goods, orders, the cart, the rules. Every value must be its subject's, comparisons are computed,
and what no record accounts for refuses the whole sentence: a doubtful one is withheld.
"""

from __future__ import annotations

import re
from functools import cache

from assistant.evidence import Ledger
from assistant.grounding.claims import read
from assistant.grounding.proof import Unproved, Verdict, evidence
from assistant.grounding.records import Records, Thing
from assistant.grounding.rules import quoted
from assistant.grounding.sentence import Hearings
from assistant.grounding.words import canonical, lexicon, tokens
from retriever.text import fold

_OPENING = re.compile(
    r"^(?:(?:sure|of course|certainly|yes|okay|ok|great|absolutely|alright|all right|thanks|thank you"
    r"|no problem|good news|hi|hello|sorry)(?: there)?[,!.]\s*"
    r"|(?:好的|当然|可以|没问题|您好|你好|是的|抱歉|不好意思|对不起)[，,！!。]\s*)+"
)


class Checker:
    """Judges the sentences of one reply in order, so that "it" is what the sentence before spoke of."""

    def __init__(self, ledger: Ledger) -> None:
        self.records = Records(ledger)
        self.ledger = ledger
        self.last: tuple[Thing, ...] = ()
        self._said = {canonical(token.text) for text in ledger.said for token in tokens(fold(text))}

    def judge(self, sentence: str) -> Verdict:
        """Whether the records prove the sentence."""
        body = _OPENING.sub("", fold(sentence).strip())
        if not any(sign.isalnum() for sign in body) or _says_nothing(body):
            return Verdict(True)
        if claims := quoted(body, self.records.rules):
            return Verdict(True, evidence=tuple(evidence(claims, sentence.strip())))
        reading = read(_OPENING.sub("", sentence.strip().lstrip()) if body else sentence, self.records, self.last)
        try:
            claims, things = Hearings(self, reading).hear()
        except Unproved as reason:
            return Verdict(False, str(reason))
        self.last = things or self.last
        return Verdict(True, evidence=tuple(evidence(claims, sentence.strip())))

    def said(self, word: str) -> bool:
        """Whether the shopper used the word."""
        return canonical(word) in self._said


def check(sentence: str, ledger: Ledger) -> Verdict:
    """Whether ``ledger`` proves ``sentence`` taken by itself."""
    return Checker(ledger).judge(sentence)


@cache
def _set_phrases() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for held in lexicon()["set_phrases"].values() for phrase in held))


def _says_nothing(body: str) -> bool:
    """Whether it is one of the shop's set phrases; one with a figure in it is looked at all the same."""
    return (
        not any(sign.isdigit() for sign in body) and _set_phrases().fullmatch(body.strip(" .,!?。，！？~")) is not None
    )
