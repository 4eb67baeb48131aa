"""The shop's own phrases, by which it says what a call or a search came to, held against what the tools returned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.evidence import Ledger
from assistant.grounding.claims import split_sentences
from assistant.phrases import PHRASES, phrase, refusal, replies
from assistant.recommended import question_words
from retriever.text import fold

# Phrases that state nothing of the records.
STATING_NOTHING = ("sign_in", "limited", "limited_nothing", "nothing")
# What the newest result says, and the phrase for it.
OUTCOMES = {
    "nothing_found": re.compile(r"Nothing found for '(?P<query>.*)'\.(?:\n|$)"),
    "no_rule": re.compile(r"The shop's policies say nothing about '(?P<query>.*)'\.$"),
    "no_orders": re.compile(r"There are no orders yet\.$"),
    "recommend_none": re.compile(r"There is nothing to recommend\.$"),
}
_RELAXED = re.compile(r"^(?P<names>[^:\n]+): (?P<count>\d+)(?P<more> or more)? results? without", re.MULTILINE)
_COUNTED = r"(?P<count>\d+)(?P<more>\+)?"


def outcome(sentence: str, ledger: Ledger) -> bool:
    """Whether a sentence is, word for word, what the newest result or a call refused in this turn comes to."""
    said = fold(sentence)
    return said in _stating_nothing() or said in {fold(part) for made in _made(ledger) for part in _sentences(made)}


def opening(name: str) -> str:
    """A pattern for what a phrase begins with, in any language."""
    starts = {held[name].partition("{")[0].rstrip(" :：,，") for held in PHRASES.values()}
    return "|".join(re.escape(start) for start in sorted(starts) if start)


def counted_without(sentence: str, ledger: Ledger) -> bool | None:
    """Whether the newest search counted what there would be without some conditions; ``None`` if it says no such."""
    said = fold(sentence).rstrip(" .。")
    newest = ledger.texts[0] if ledger.texts else ""
    for language in PHRASES:
        if match := _without(language).fullmatch(said):
            names = re.split(f"{PHRASES[language]['list']}|{PHRASES[language]['and']}", match["names"])
            return any(
                (line["count"], bool(line["more"])) == (match["count"], bool(match["more"]))
                and _same_conditions(names, line["names"].split(", "), language)
                for line in _RELAXED.finditer(newest)
            )
    return None


def _made(ledger: Ledger) -> Iterator[str]:
    newest = ledger.texts[0] if ledger.texts else ""
    for name, pattern in OUTCOMES.items():
        if match := pattern.match(newest):
            yield from (phrase(name, language, **match.groupdict()) for language in PHRASES)
    if ledger.question:
        yield from (question_words(ledger.question, language) for language in PHRASES)
    if ledger.nearest:
        yield from (phrase("lead", language, without=ledger.nearest) for language in PHRASES)
    for reason in ledger.refused:
        parts = _sentences(reason)  # the message, and after it what the model may do about it
        for end in range(len(parts) + 1):
            yield from (refusal(" ".join(parts[:end]), language) for language in PHRASES)


@cache
def _stating_nothing() -> frozenset[str]:
    texts = [held[name] for held in PHRASES.values() for name in STATING_NOTHING]
    texts += [text for held in replies().values() for said in held.values() for text in said]
    return frozenset(fold(part) for text in texts for part in _sentences(text))


def _sentences(text: str) -> list[str]:
    whole, rest = split_sentences(text)
    return [part.strip() for part in (*whole, rest) if part.strip()]


@cache
def _without(language: str) -> re.Pattern[str]:
    held = PHRASES[language]
    said = held["relaxed"].format(without=held["without"].format(conditions="\0"), count="\1").rstrip(".。")
    return re.compile(re.escape(fold(said)).replace("\0", "(?P<names>.+?)").replace("\1", _COUNTED))


def _same_conditions(names: Sequence[str], conditions: Sequence[str], language: str) -> bool:
    """Whether each name is one of the conditions and none of these is left out."""
    pairs = [(name, condition) for name in names for condition in conditions if _is(name, condition, language)]
    return {name for name, _ in pairs} == set(names) and {condition for _, condition in pairs} == set(conditions)


def _is(name: str, condition: str, language: str) -> bool:
    held = PHRASES[language]
    kind, _, attribute = condition.partition(".")
    if kind != "attributes":
        return name == fold(held.get(kind, ""))
    named = {held["feature"], held["colours"], held["attribute"].format(attribute=attribute)}
    return name in {fold(each) for each in named}
