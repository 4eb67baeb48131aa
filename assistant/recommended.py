"""Plain words for what was recommended: the goods with the reasons for them, and the quick question at the end."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from assistant.events import Evidence
from assistant.evidence import Finding, Given, given_by, short_title
from assistant.phrases import phrase

NAMED = 3  # products whose reasons are said; the cards show the rest
OPTIONS = 5  # of a question
_ASKS = re.compile(r"[?？]\s*$")


def is_recommendation(finding: Finding) -> bool:
    """Whether a tool's result recommends products."""
    return "recommendation_id" in finding.note


def reasons_of(finding: Finding, product: str) -> tuple[Given, ...]:
    """The reasons for one of the products."""
    return tuple(given for given in given_by(finding.note) if given.product == product)


def with_reasons(words: str, given: Sequence[Given], language: str) -> str:
    """What is said of a product, with the reasons for it."""
    if not given:
        return words
    why = phrase("list", language).join(each.text for each in given)
    return phrase("with_reasons", language, words=words, why=why)


def question_of(finding: Finding, language: str) -> str:
    """The quick question that a recommendation ends with, and some answers to it; empty where it asks none."""
    return question_words(finding.note.get("question") or {}, language)


def question_words(question: Mapping[str, Any], language: str) -> str:
    """A quick question with the first of its answers; empty for none."""
    if not question:
        return ""
    options = cast("list[dict[str, str]]", question["options"])[:OPTIONS]
    named = phrase("list", language).join(option["text"] for option in options)
    return phrase("question", language, text=question["text"], options=named)


def left_to_say(
    finding: Finding, said: str, evidence: Collection[Evidence], language: str
) -> tuple[str, tuple[Evidence, ...]]:
    """What a reply about recommendations leaves out: reasons of the goods that it names, and the question.

    That a card is paid for is always said; of the other reasons one for each product that is named.

    Args:
        finding: the recommendation.
        said: the reply so far.
        evidence: what proves it.
        language: the shopper's.
    """
    cited = {(proof.source.type, proof.source.id, proof.source.field) for proof in evidence}
    named = [product.id for product in finding.products if any(proof.source.id == product.id for proof in evidence)]
    missing: list[Given] = []
    for product in finding.products:
        given = reasons_of(finding, product.id)
        told = [each for each in given if (each.type, each.id, each.field) in cited]
        paid = [each for each in given if each.because == "sponsored" and each not in told]
        missing += paid or (given[:1] if product.id in named[:NAMED] and not told else ())
    parts: list[str] = []
    if missing:
        join = phrase("join", language)
        reasons = [phrase("reason_of", language, title=short_title(each.title), why=each.text) for each in missing]
        parts.append(phrase("side_by_side", language, goods=join.join(reasons)))
    question = question_of(finding, language)
    if question and question not in said and not _ASKS.search(said):
        parts.append(question)
    words = ("" if language == "zh" else " ").join(parts)
    return words, tuple(each.evidence(words) for each in missing)
