"""Sentences that say why something is recommended: the tool gave that reason for that product, or they are withheld."""

from __future__ import annotations

import pytest

from assistant.evidence import Fact, Given, Ledger
from assistant.grounding import Checker

TITLES = {"tent": "Ridge Tent", "mat": "Moss Mat", "lamp": "Glow Lamp, brass"}
POLES, STOVE = "Alder Poles, carbon", "Ember Stove"


def given(product: str, because: str, text: str, about: str = "", known_as: str = "") -> Given:
    return Given(
        product=product, title=TITLES[product], because=because, text=text, about=about, known_as=known_as,
        kind="order" if because == "bought" else "attribute", value="poles", type="order" if because == "bought"
        else "product", id="W1", field="lines.0.product_id",
    )  # fmt: skip


REASONS = (
    given("tent", "bought", "because you bought Alder Poles", POLES, "Alder Poles"),
    given("tent", "promoted", "on promotion until Sunday with the code POLE5: Alder days"),
    given("mat", "together", "4 people who took Ember Stove also took this", STOVE, STOVE),
    given("mat", "new", "new in Mats"),
    given("lamp", "like", "like Ember Stove", STOVE, STOVE),
    given("mat", "looks_like", "looks like Ember Stove", STOVE, STOVE),
    given("lamp", "sponsored", "sponsored by Glow Ltd"),
    given("mat", "goes_with", "可与Ember Stove搭配", STOVE, STOVE),
    given("lamp", "due", "bought about every 30 days, due now"),
    given("tent", "popular", "Tents中的热门商品"),
)
PRICES = {"tent": 4900, "mat": 1900, "lamp": 2900}


@pytest.fixture
def checker() -> Checker:
    facts = tuple(
        Fact("price", {"amount": PRICES[id], "currency": "USD"}, title, "product", id, "price_range.min")
        for id, title in TITLES.items()
    )
    texts = ("\n".join(f"{n}. {title}" for n, title in enumerate(TITLES.values(), 1)),)
    return Checker(Ledger(facts, texts, ("what do you recommend?",), found=frozenset(TITLES), reasons=REASONS))


@pytest.mark.parametrize(
    "sentence",
    [
        "I recommend the Ridge Tent because you bought the Alder Poles.",
        "The Ridge Tent is $49.00, because you bought the Alder Poles, carbon.",
        "Since you bought poles, I suggest the Ridge Tent.",
        "Based on your purchase of the Alder Poles, I recommend the Ridge Tent.",
        "The Ridge Tent is on promotion until Sunday with the code POLE5.",
        "4 people who took the Ember Stove also took the Moss Mat.",
        "The Moss Mat goes well with the Ember Stove.",
        "The Moss Mat, new in Mats, is $19.00.",
        "The Moss Mat is new and $19.00.",
        "The Glow Lamp is similar to the Ember Stove.",
        "The Moss Mat looks like Ember Stove.",
        "The Moss Mat looks a lot like the Ember Stove.",
        "The Glow Lamp is sponsored by Glow Ltd.",
        "The Glow Lamp, bought about every 30 days, is due now.",
        "推荐 Ridge Tent，因为您买过 Alder Poles。",
        "Moss Mat 可以与 Ember Stove 搭配。",
    ],
)
def test_a_reason_that_was_given_may_be_said(checker: Checker, sentence: str) -> None:
    verdict = checker.judge(sentence)

    assert verdict.ok, verdict.why
    assert verdict.evidence


@pytest.mark.parametrize(
    "sentence",
    [
        "I recommend the Ridge Tent because you bought a stove.",
        "The Ridge Tent looks like the Ember Stove.",  # the mat does
        "The Moss Mat looks like the Alder Poles.",
        "I recommend the Moss Mat because you bought the Alder Poles.",  # the reason is the tent's
        "I recommend the Ridge Tent and the Moss Mat because you bought the Alder Poles.",
        "Because you bought the Ridge Tent, I recommend the Moss Mat.",
        "I recommend the Ridge Tent because you looked at the Alder Poles.",
        "I recommend the Ridge Tent because you bought it.",
        "9 people who took the Ember Stove also took the Moss Mat.",
        "People who bought the Alder Poles also bought the Glow Lamp.",
        "The Ridge Tent goes well with the Ember Stove.",
        "The Ridge Tent is on promotion until Monday.",
        "The Ridge Tent is 50% off.",
        "The Ridge Tent is on promotion until Sunday with the code FREE9.",
        "The Moss Mat is popular.",
        "The Moss Mat is new and waterproof.",
        "The Moss Mat is not new.",
        "The Glow Lamp is new.",
        "The Ridge Tent is sponsored by Glow Ltd.",
        "The Glow Lamp is similar to the Ridge Tent.",
        "The Ridge Tent is $9.00, because you bought the Alder Poles.",
        "You bought the Glow Lamp.",
        "推荐 Moss Mat，因为您买过 Alder Poles。",
        "推荐 Ridge Tent，因为您看过 Ember Stove。",
    ],
)
def test_one_that_was_not_is_withheld(checker: Checker, sentence: str) -> None:
    assert not checker.judge(sentence).ok


def test_a_sentence_of_its_own_speaks_of_what_was_spoken_of(checker: Checker) -> None:
    assert checker.judge("The Ridge Tent is $49.00.").ok
    assert checker.judge("It is on promotion until Sunday.").ok
    assert checker.judge("I picked it because you bought the Alder Poles.").ok
    assert checker.judge("The Moss Mat is $19.00.").ok
    assert not checker.judge("I picked it because you bought the Alder Poles.").ok


def test_the_proof_is_the_record_that_the_reason_rests_on(checker: Checker) -> None:
    proofs = checker.judge("I recommend the Ridge Tent because you bought the Alder Poles.").evidence

    sources = [(proof.kind, proof.source.type, proof.source.id) for proof in proofs]
    assert sources == [("attribute", "product", "tent"), ("order", "order", "W1")]


def test_where_nothing_was_recommended_no_reason_is_true(checker: Checker) -> None:
    ledger = checker.ledger
    bare = Checker(Ledger(ledger.facts, ledger.texts, ledger.said, found=ledger.found))

    assert not bare.judge("I recommend the Ridge Tent because you bought the Alder Poles.").ok
