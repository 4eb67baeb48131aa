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
from assistant.grounding.own_words import counted_without, opening, outcome
from assistant.grounding.proof import Unproved, Verdict, evidence
from assistant.grounding.reasons import proofs, told
from assistant.grounding.records import Records, Thing
from assistant.grounding.rules import quoted
from assistant.grounding.sentence import NOT_FOUND, Hearings
from assistant.grounding.words import canonical, lexicon, tokens
from retriever.text import fold

_OPENING = re.compile(
    r"^(?:(?:sure|of course|certainly|yes|okay|ok|great|absolutely|alright|all right|thanks|thank you"
    r"|no problem|good news|hi|hello|sorry)(?: there)?[,!.]\s*"
    r"|(?:好的|当然|可以|没问题|您好|你好|是的|抱歉|不好意思|对不起)[，,！!。]\s*)+"
)
# A share off a price. A product's description may say so; only a rule or promotion of the shop can mean it.
_OFFER = re.compile(r"\d\s?(?:%|per ?cent)\s+off\b|\bhalf[- ]price\b|打?[\d.一二三四五六七八九半]+折(?!叠)")
# Praise that no rating settles, whoever wrote it into a record.
_PRAISE = re.compile(
    r"(?:全网|全国|全球|全世界|世界上|市面上)最|(?:医生|专家|明星)\S{0,4}推荐|第一品牌"
    r"|\bbest\b[^.]{0,40}\b(?:in the world|on the market|anywhere|ever made)\b"
    r"|\b(?:doctors?|experts?|dermatologists?|vets?)\b[^.]{0,20}\brecommend"
)
# Words by which goods are said to be what was asked for, true of none where only nearest ones were found.
_FITS = re.compile(
    r"(?<![a-z])(?:(?:these|those|they|both|all|some|it|this|that|this one) (?:all )?(?:fits?|match(?:es)?)(?![a-z])"
    r"|match(?:es|ing)? (?:your|what|the)|(?:that|which) (?:fits?|match(?:es)?)"
    r"|(?:found|there (?:is|are)|here (?:is|are)|have) (?:one|two|three|four|five|\d+)(?![\w.]))"
    r"|符合|合适|满足|(?:找到了?|有)\s*[\d一二两三四五]+\s*[款个件种]"
)
_ORIGINAL = re.compile(rf"^(?:{opening('original') or '(?!)'})\s*[:：]\s*")  # what follows must be a rule's own words


class Checker:
    """Judges the sentences of one reply in order, so that "it" is what the sentence before spoke of."""

    def __init__(self, ledger: Ledger) -> None:
        self.records = Records(ledger)
        self.ledger = ledger
        self.last: tuple[Thing, ...] = ()
        # "Without the highest price: ..." as the newest result has it, where its goods only come nearest.
        marks = [opening("start"), *([re.escape(ledger.nearest)] if ledger.nearest else [])]
        self._opening = re.compile(rf"^(?:{'|'.join(marks)})\s*[:：,，]\s*(?=\S)", re.IGNORECASE)
        self._said = {canonical(token.text) for text in ledger.said for token in tokens(fold(text))}

    def judge(self, sentence: str) -> Verdict:
        """Whether the records prove the sentence."""
        verdict = self._judge(sentence)
        return verdict if verdict.ok or not self.ledger.reasons else self._recommends(sentence) or verdict

    def _recommends(self, sentence: str) -> Verdict | None:
        """The verdict on a sentence that says why something is recommended; ``None`` where it gives no true reason."""
        body = fold(sentence.strip())
        for said in told(body, self.ledger.reasons):
            before, self.last = self.last, ()
            bare = not any(sign.isalnum() for sign in said.rest)
            # Further reasons of the same sentence are judged in what is left of it.
            rest = Verdict(True) if bare else self.judge(said.rest)
            subjects = self.last or before
            about = said.beside or [thing.id for thing in subjects]
            given = said.of(about) or (bare and said.within) or ()
            if rest.ok and given:
                self.last = subjects or tuple(
                    thing for thing in self.records.shown if thing.id in {each.product for each in given}
                )
                words = sentence.strip()
                held = (proof.model_copy(update={"claim": words}) for proof in rest.evidence)
                return Verdict(True, evidence=(*held, *proofs(given, words)))
            self.last = before
        return None

    def _judge(self, sentence: str) -> Verdict:
        if outcome(sentence, self.ledger) or (counted := counted_without(sentence, self.ledger)):
            return Verdict(True)
        if counted is False:
            return Verdict(False, "no search counted that")
        said = self._opening.sub("", _ORIGINAL.sub("", sentence.strip()))
        body = _OPENING.sub("", fold(said))
        if not any(sign.isalnum() for sign in body) or _says_nothing(body):
            return Verdict(True)
        if claims := quoted(body, self.records.rules):
            return Verdict(True, evidence=tuple(evidence(claims, sentence.strip())))
        if _ORIGINAL.match(sentence.strip()):
            return Verdict(False, "no rule of the shop reads so")
        if _PRAISE.search(body):
            return Verdict(False, "no rating settles such praise")
        if _OFFER.search(body) and not self.records.rules:
            return Verdict(False, "no rule or promotion of the shop takes that off a price")
        if self.ledger.nearest and _FITS.search(body) and not NOT_FOUND.search(body):
            return Verdict(False, "nothing fits all that was asked for; these only come nearest")
        reading = read(_OPENING.sub("", said) if body else said, self.records, self.last)
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


def denies(sentence: str) -> bool:
    """Whether it says that something was not found."""
    return NOT_FOUND.search(fold(sentence)) is not None


@cache
def _set_phrases() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for held in lexicon()["set_phrases"].values() for phrase in held))


def _says_nothing(body: str) -> bool:
    """Whether it is one of the shop's set phrases; one with a figure in it is looked at all the same."""
    return (
        not any(sign.isdigit() for sign in body) and _set_phrases().fullmatch(body.strip(" .,!?。，！？~")) is not None
    )
