"""Holds every sentence against the evidence before the shopper sees it.

First form, lexical: a sentence passes when each amount, number and content word in it stands in
the conversation's tool results or in the shopper's own words, and an amount stands beside the
product it belongs to. Comparisons and denials are not provable that way, so they pass only in
the records' own words. What does not pass is withheld, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from assistant.events import Evidence
from assistant.evidence import Fact, Ledger, money_of, stock_text
from assistant.prompts import prompt
from retriever.text import fold, language_of, segment

MONEY = re.compile(
    r"(?:US\$|CN¥|[$¥￥€£])\s?(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s?(?:dollars?|usd|eur|euros?|pounds?|yuan|元|美元|块)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、])\s*")
COMPARING = re.compile(
    r"\b(?:\w+est|best|most|least|cheaper|better|worse|more|less|fewer|top|only|always|never|every)\b|最|更|唯一",
    re.IGNORECASE,
)
DENYING = re.compile(r"\b(?:not|no|without|cannot|none)\b|n['’]t\b|不|没|无", re.IGNORECASE)
RATED = re.compile(r"(?:rated|rating of|评分)\s*(\d(?:\.\d+)?)", re.IGNORECASE)
DOING = re.compile(
    r"\b(?:done|added|put|removed|took|taken|placed|ordered|bought|cancell?ed|refunded|transferred|connected|recorded|"
    r"updated|changed|booked|reserved)\b|已|加好|放好|下单",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True)
class Verdict:
    """Whether a sentence may be said; ``why`` not, or the evidence it cites."""

    ok: bool
    why: str = ""
    evidence: tuple[Evidence, ...] = ()


def split_sentences(text: str) -> tuple[list[str], str]:
    """The whole sentences of a growing text, and the unfinished rest."""
    pieces: list[str] = []
    start = 0
    for end in SENTENCE_END.finditer(text):
        if not LIST_MARK.fullmatch(text[start : end.end()]):  # "1. " opens an item, it ends nothing
            pieces.append(text[start : end.end()])
            start = end.end()
    return pieces, text[start:]


def check(sentence: str, ledger: Ledger) -> Verdict:
    """Whether ``ledger`` proves ``sentence``."""
    body = LIST_MARK.sub("", sentence).strip()
    subjects = _subjects(body, ledger)
    cited: list[Evidence] = []
    for amount in _amounts(body):
        proof = _price_proof(amount, subjects, ledger)
        if proof is None and not _said_amount(amount, ledger):
            return Verdict(False, f"no record gives {amount} as a price of what the sentence names")
        if proof is not None:
            cited.append(proof.evidence(body))
    if subjects and ledger.found and not any(fact.id in ledger.found for fact in subjects):
        return Verdict(False, "it speaks of other goods than this turn found")
    wrong = _unproved_number(body, subjects, ledger)
    if wrong:
        return Verdict(False, wrong)
    claimed = DOING.search(body)
    if claimed and not ledger.done and not body.endswith(("?", "？")):
        return Verdict(False, f"'{claimed.group()}' claims a deed, and none was done in this turn")
    support = _support(ledger)
    unproved = [word for word in _content_words(body) if word not in support]
    if unproved:
        return Verdict(False, f"no record says: {', '.join(dict.fromkeys(unproved))}")
    risky = COMPARING.search(body) or DENYING.search(body)
    if risky and subjects and not any(fold(body).strip(" .!。！") in fold(text) for text in ledger.texts):
        return Verdict(False, f"'{risky.group()}' compares or denies, which the records do not state")
    cited.extend(_attribute_proofs(body, subjects))
    return Verdict(True, evidence=tuple(cited))


def _amounts(text: str) -> list[Decimal]:
    return [Decimal((dollars or words).replace(",", "")) for dollars, words in MONEY.findall(text)]


def _plain(number: str) -> str:
    """``1,203`` and ``1203`` are one number; so are ``4.50`` and ``4.5``."""
    return f"{Decimal(number.replace(',', '')).normalize():f}"


def _subjects(sentence: str, ledger: Ledger) -> list[Fact]:
    """The facts about whatever the sentence names: things most of whose name's leading words it holds."""
    words = set(stems(sentence))
    shares: dict[str, float] = {}
    for about in {fact.about for fact in ledger.facts}:
        name = [stem for stem in stems(about) if stem not in clerk_words()][:4]
        shares[about] = sum(stem in words for stem in name) / len(name) if name else 0.0
    # Of goods with like names only the ones named best are meant: "Tidewater speaker" is not the Pebble speaker.
    least = max(0.5, 0.9 * max(shares.values(), default=0.0))
    return [fact for fact in ledger.facts if shares[fact.about] >= least]


def _price_proof(amount: Decimal, subjects: list[Fact], ledger: Ledger) -> Fact | None:
    """The price fact of that amount, of what the sentence names, or of the only thing there is to name."""
    pool = subjects
    if not pool and len({fact.about for fact in ledger.facts if fact.kind == "price" and fact.type == "product"}) <= 1:
        pool = list(ledger.facts)
    for fact in pool:
        money = money_of(fact)
        if money is not None and money.major == amount:
            return fact
    return None


def _unproved_number(sentence: str, subjects: list[Fact], ledger: Ledger) -> str:
    """Why a number in the sentence cannot be said; empty where all can.

    A rating must be that of what the sentence names, any other number stand in its facts, or, where
    the sentence names nothing, in some tool result.
    """
    stars = {f"{fact.value['value']:.1f}" for fact in subjects if fact.kind == "rating"}
    for rating in RATED.findall(sentence):
        if f"{float(rating):.1f}" not in stars:
            return f"no record rates what the sentence names {rating}"
    sources = [text for fact in subjects for text in (fact.about, str(fact.value))] if subjects else ledger.texts
    proven = {_plain(number) for text in (*sources, *ledger.said) for number in NUMBER.findall(text)}
    proven |= {f"{Decimal(star).normalize():f}" for star in stars}
    for number in NUMBER.findall(MONEY.sub(" ", sentence)):
        if _plain(number) not in proven:
            return f"no record holds the number {number}"
    return ""


def _said_amount(amount: Decimal, ledger: Ledger) -> bool:
    """Whether the shopper named the amount: a limit may be repeated to the one who set it."""
    wanted = _plain(str(amount))
    return any(wanted in {_plain(number) for number in NUMBER.findall(text)} for text in ledger.said)


def _attribute_proofs(sentence: str, subjects: list[Fact]) -> Iterator[Evidence]:
    folded = fold(sentence)
    seen: set[tuple[str, str]] = set()
    for fact in subjects:
        if (fact.id, fact.field) in seen:
            continue
        text = ""
        if fact.kind in ("attribute", "order") and isinstance(fact.value, str):
            text = fact.value
        elif fact.kind == "rating":
            text = f"{fact.value['value']:.1f}"
        elif fact.kind == "availability":
            text = stock_text(bool(fact.value), language_of(sentence))
        if text and fold(text) in folded:
            seen.add((fact.id, fact.field))
            yield fact.evidence(sentence.strip())


def _content_words(sentence: str) -> list[str]:
    return [stem for stem in stems(sentence) if stem not in clerk_words()]


def _support(ledger: Ledger) -> set[str]:
    return {stem for text in (*ledger.texts, *ledger.said) for stem in stems(text)}


def stems(text: str) -> list[str]:
    """Words without simple English endings; Chinese words as segmented."""
    return [_stem(word) for word in WORD.findall(segment(fold(text)))]


def _stem(word: str) -> str:
    for ending in ("ies", "es", "ing", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


@cache
def clerk_words() -> frozenset[str]:
    """Stems of the words that state nothing and so need no proof."""
    lines = [line for line in prompt("clerk_words.txt").splitlines() if not line.startswith("#")]
    return frozenset(_stem(fold(word)) for line in lines for word in line.split())
