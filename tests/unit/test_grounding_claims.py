"""The check by typed claims over small shops: what passes, what is withheld, and the proof that each claim carries."""

from __future__ import annotations

from collections import Counter

import pytest

from assistant.answer import Answer
from assistant.evidence import Finding, Ledger, product_facts
from assistant.grounding import Checker, repair_hint
from assistant.plain import plain_reply, product_reply
from benchmarks.grounding import Sentence, product, sentences, typed

LARCH = {
    "title": "Fernhollow Larch Two-person Tent", "zh": "Fernhollow Larch 双人帐篷", "brand": "Fernhollow",
    "categories": ["Tents"], "rating": [4.6, 212], "description": "A tent for two.", "description_zh": "双人帐篷。",
    "attributes": {"weight": "2100 g"}, "attributes_zh": {"重量": "2100克"},
    "variants": [["Green", "绿色", "", "137.00", True], ["Sand", "沙色", "", "137.00", False]],
}  # fmt: skip
SORREL = {**LARCH, "title": "Quillmark Sorrel Two-person Tent", "brand": "Quillmark", "rating": [4.1, 58],
          "attributes": {"weight": "2.6 kg"}, "variants": [["Red", "红色", "", "89.00", False]]}  # fmt: skip


def ledger_of(language: str, *rows: dict) -> Ledger:
    goods = tuple(product(f"p{place}", row, language) for place, row in enumerate(rows))
    finding = Finding("", tuple(fact for held in goods for fact in product_facts(held)), goods)
    return Ledger.of([("", finding.artifact())], ["a tent"], found=frozenset(held.id for held in goods))


ALL = list(sentences())


@pytest.mark.parametrize("sentence", [s for s in ALL if not s.true], ids=lambda s: s.text)
def test_no_false_sentence_is_shown(sentence: Sentence) -> None:
    assert not typed(sentence)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nearly_every_true_sentence_is_shown(language: str) -> None:
    shown = Counter(typed(sentence) for sentence in ALL if sentence.true and sentence.language == language)
    assert shown[True] >= 0.95 * shown.total()


@pytest.mark.parametrize(
    ("sentence", "kind", "source", "field"),
    [
        ("The Larch costs $137.", "price", "p0", "price_range.min"),
        ("The green Larch is in stock.", "availability", "p0-0", "availability"),
        ("The Larch weighs 2.1 kg.", "attribute", "p0", "attributes.weight"),
        ("The Larch has 212 reviews.", "rating", "p0", "rating"),
        ("The Larch is lighter than the Sorrel.", "comparison", "p0", "attributes.weight"),
        ("The Sorrel is the cheapest.", "comparison", "p1", "price_range.min"),
        ("The Larch is made by Fernhollow.", "attribute", "p0", "brand"),
        ("The Larch comes in green.", "attribute", "p0-0", "options.color"),
    ],
)
def test_a_proved_claim_names_its_record(sentence: str, kind: str, source: str, field: str) -> None:
    verdict = Checker(ledger_of("en", LARCH, SORREL)).judge(sentence)
    assert verdict.ok, verdict.why
    assert (kind, source, field) in {(e.kind, e.source.id, e.source.field) for e in verdict.evidence}
    assert all(proof.claim == sentence for proof in verdict.evidence)


def test_it_is_what_the_sentence_before_spoke_of() -> None:
    checker = Checker(ledger_of("en", LARCH, SORREL))
    assert checker.judge("I'd suggest the Sorrel.").ok
    assert checker.judge("It costs $89.").ok
    assert not checker.judge("It costs $137.").ok
    assert checker.judge("The Larch is $137.").ok
    assert not checker.judge("It costs $89.").ok


def test_it_may_be_either_where_nothing_was_spoken_of() -> None:
    assert not Checker(ledger_of("en", LARCH, SORREL)).judge("It costs $89.").ok


def test_a_stream_shows_the_proved_sentences_as_they_end() -> None:
    answer = Answer(ledger_of("en", LARCH, SORREL))
    shown = [answer.write(piece) for piece in ("The Larch co", "sts $137. It is the cheap", "est. It weighs 2100 g.")]
    assert [*shown, answer.end()] == ["", "The Larch costs $137. ", "", "It weighs 2100 g."]
    assert [kept.text for kept in answer.withheld] == ["It is the cheapest."]
    assert {proof.kind for proof in answer.evidence} == {"price", "attribute"}


def test_the_hint_for_a_repair_holds_the_reason() -> None:
    checker = Checker(ledger_of("en", LARCH))
    assert "137" in repair_hint(checker.judge("The Larch costs $99."))
    assert repair_hint(checker.judge("The Larch costs $137.")) == ""


@pytest.mark.parametrize(
    ("language", "asked", "told"),
    [
        ("en", "how much is it", "Fernhollow Larch Two-person Tent costs $137.00."),
        ("en", "is it in stock?", "Fernhollow Larch Two-person Tent is in stock."),
        ("en", "how heavy is it", "Weight of Fernhollow Larch Two-person Tent: 2100 g."),
        ("en", "do you have it in green", "Fernhollow Larch Two-person Tent comes in Green, Sand."),
        ("zh", "多少钱", "Fernhollow Larch 双人帐篷 售价 US$137.00。"),
        ("zh", "有货吗", "Fernhollow Larch 双人帐篷 有货。"),
        ("zh", "它的重量是多少", "Fernhollow Larch 双人帐篷 的重量：2100克。"),
    ],
)
def test_the_plain_reply_says_what_was_asked_about_one_product(language: str, asked: str, told: str) -> None:
    reply = product_reply(product("p0", LARCH, language), asked, language)
    assert reply is not None
    assert reply[0] == told
    assert reply[1]


def test_what_the_plain_reply_says_would_pass_the_check() -> None:
    for language in ("en", "zh"):
        held = product("p0", LARCH, language)
        asked = "price stock rating 多少钱 有货 评分"
        reply = product_reply(held, asked, language)
        assert reply is not None
        answer = Answer(ledger_of(language, LARCH))
        assert (answer.write(reply[0]) + answer.end()).strip() == reply[0]


def test_the_plain_reply_quotes_the_rule_that_was_asked_about() -> None:
    rules = next(s for s in ALL if s.text == "Electronics can be returned within 14 days.").ledger
    facts = tuple(fact for fact in rules.facts if fact.id == "returns")
    text, proof = plain_reply([Finding("", facts)], "", "en", "can i send electronics back")
    assert text == "Electronics have 14 days."
    assert [(held.kind, held.source.id) for held in proof] == [("policy", "returns")]


@pytest.mark.parametrize(("language", "told"), [("en", "Order W1042 is shipped."), ("zh", "订单 W1042 已发货。")])
def test_the_plain_reply_tells_how_an_order_stands(language: str, told: str) -> None:
    ledger = next(s for s in ALL if "W1042" in s.text).ledger
    facts = tuple(fact for fact in ledger.facts if fact.type == "order")
    text, proof = plain_reply([Finding("", facts, note={"order_id": "W1042"})], "", language)
    assert text.startswith(told)
    assert "186" in text
    assert {held.source.id for held in proof} == {"W1042"}


def test_the_plain_reply_names_the_cheapest_of_a_comparison() -> None:
    goods = tuple(product(f"p{place}", row, "en") for place, row in enumerate((LARCH, SORREL)))
    ledger = ledger_of("en", LARCH, SORREL)
    cheapest = next(f for f in ledger.facts if f.id == "p1" and f.kind == "price")
    facts = (
        *ledger.facts,
        type(cheapest)("comparison", "lowest price", cheapest.about, "product", "p1", cheapest.field),
    )
    text, proof = plain_reply([Finding("", facts, goods)], "", "en", "compare them")
    assert text.startswith("Quillmark Sorrel Two-person Tent has the lowest price: $89.00.")
    assert "$137.00" in text
    assert proof[0].kind == "comparison"
