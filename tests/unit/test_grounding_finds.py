"""Who says to have found goods, or to have them, must have found some, and must call them what they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evidence import Fact, Finding, Ledger, product_facts
from assistant.grounding import Checker
from assistant.grounding.words import lexicon
from benchmarks.grounding import product

LARCH = {
    "title": "Fernhollow Larch Two-person Tent", "zh": "Fernhollow Larch 双人帐篷", "brand": "Fernhollow",
    "categories": ["Tents"], "rating": [4.6, 212], "description": "", "description_zh": "",
    "attributes": {"weight": "2100 g"}, "attributes_zh": {"重量": "2100克"},
    "variants": [["Green", "绿色", "", "137.00", True]],
}  # fmt: skip
MAT = {**LARCH, "title": "Sorrel Welcome Mat", "zh": "Sorrel 欢迎 地垫", "brand": "Sorrel", "categories": ["Mats"]}
RULE = Fact("policy", "Most goods can be returned within 30 days of delivery.", "Returns", "policy", "r", "body")


def found(language: str, *rows: dict) -> Ledger:
    goods = tuple(product(f"p{place}", row, language) for place, row in enumerate(rows))
    finding = Finding("1. ...", tuple(fact for held in goods for fact in product_facts(held)), goods)
    return Ledger.of([(finding.text, finding.artifact())], [], found=frozenset(held.id for held in goods))


EMPTY = Ledger((), (), ("谢谢", "thanks"))
POLICY = Ledger.of([(f"Returns: {RULE.value}", Finding("", (RULE,)).artifact())], ["谢谢", "thanks"])
EARLIER = found("en", LARCH)  # goods of an earlier turn, and a search since that found none
NOTHING = Ledger(EARLIER.facts, ("Nothing found for 'hammock'.", *EARLIER.texts), ("hammocks",))
TENTS = {language: found(language, LARCH, {**LARCH, "title": "Quillmark Reed Tent", "zh": "Quillmark Reed 帐篷"})
         for language in ("en", "zh")}  # fmt: skip

CLAIMS = [
    "I found some options for you.",
    "I found it.",
    "We have several products.",
    "Here are some options:",
    "There are some products you may like.",
    "为您找到了以下商品。",
    "找到了。",
    "我们有几款可以看看。",
    "有几款可选。",
]


@pytest.mark.parametrize("sentence", CLAIMS)
def test_nothing_was_found_where_there_are_no_goods(sentence: str) -> None:
    for ledger in (EMPTY, POLICY, NOTHING):
        assert not Checker(ledger).judge(sentence).ok


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "I found some options for you."),
        ("en", "I found two tents."),
        ("en", "Here are some tents you may like:"),
        ("en", "There is one in stock."),
        ("zh", "为您找到了以下商品。"),
        ("zh", "我们有以下几款帐篷。"),
        ("zh", "有几款可以看看。"),
        ("zh", "找到了两款。"),
    ],
)
def test_what_was_found_may_be_said_to_be(language: str, sentence: str) -> None:
    verdict = Checker(TENTS[language]).judge(sentence)
    assert verdict.ok, verdict.why


@pytest.mark.parametrize(
    "sentence",
    [
        "You're welcome.",
        "不客气，还有什么需要帮您的吗？",
        "I can help you find some products.",
        "可以帮您找到适合的商品。",
        "If you have any questions, let me know.",
        "如果有需要，请告诉我。",
        "Would you like me to find some options?",
    ],
)
def test_an_offer_and_a_courtesy_claim_no_find(sentence: str) -> None:
    for ledger in (EMPTY, POLICY, *TENTS.values()):
        verdict = Checker(ledger).judge(sentence)
        assert verdict.ok, verdict.why


@pytest.mark.parametrize("sentence", ["I found nothing for that.", "I could not find any hammocks."])
def test_that_nothing_was_found_may_be_said_where_it_is_so(sentence: str) -> None:
    assert Checker(NOTHING).judge(sentence).ok


def test_goods_are_not_called_what_only_other_goods_are() -> None:
    assert not Checker(TENTS["en"]).judge("I found lamps.").ok
    assert not Checker(TENTS["zh"]).judge("找到台灯。").ok


@given(st.sampled_from(lexicon()["finds"]["courtesies_zh"].split()), st.sampled_from(["商品", "产品", "款式"]))
def test_a_word_of_courtesy_names_no_goods_in_chinese(word: str, noun: str) -> None:
    for ledger in (EMPTY, POLICY, NOTHING, TENTS["zh"]):
        assert not Checker(ledger).judge(f"找到{word}的{noun}。").ok


@given(st.sampled_from(lexicon()["finds"]["courtesies_en"].split()), st.sampled_from(["products", "goods", "items"]))
def test_a_word_of_courtesy_names_no_goods_in_english(word: str, noun: str) -> None:
    for ledger in (EMPTY, POLICY, NOTHING, TENTS["en"]):
        assert not Checker(ledger).judge(f"I found {word} {noun}.").ok


def test_goods_that_are_called_so_may_be() -> None:
    assert Checker(found("en", MAT)).judge("I found a welcome mat.").ok
