"""The plain words are made from the records: asked again, the check proves every sentence of every plain reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, ToolMessage

from assistant.conversation import NOT_DONE, ledger_of
from assistant.errors import SIGN_IN
from assistant.evidence import Fact, Finding, Given, Ledger, product_facts
from assistant.grounding import Checker, split_sentences
from assistant.grounding.own_words import STATING_NOTHING
from assistant.guard import UNCLEAR
from assistant.phrases import PHRASES, phrase
from assistant.phrases import replies as set_replies
from assistant.plain import nothing_found, plain_reply, start_reply, without_words
from assistant.recommended import left_to_say
from assistant.tools.catalog import listing
from benchmarks.grounding import product
from retriever.product import Product

LARCH = {
    "title": "Fernhollow Larch Two-person Tent, Green and Sand", "zh": "Fernhollow Larch 双人帐篷 绿色",
    "brand": "Fernhollow", "categories": ["Tents"], "rating": [4.6, 212], "description": "A tent for two.",
    "description_zh": "双人帐篷。", "attributes": {"weight": "2100 g"}, "attributes_zh": {"重量": "2100克"},
    "variants": [["Green", "绿色", "L|大", "137.00", True], ["Sand", "沙色", "L|大", "147.00", False]],
}  # fmt: skip
SORREL = {**LARCH, "title": "Quillmark Sorrel Tent", "zh": "Quillmark Sorrel 帐篷", "brand": "Quillmark",
          "variants": [["Red", "红色", "", "89.00", False]]}  # fmt: skip
MIST = {**LARCH, "title": "Tinmoor Mist Tent", "zh": "Tinmoor Mist 帐篷", "brand": "Tinmoor", "rating": [4.0, 5]}
REED = {**MIST, "title": "Tinmoor Reed Tarp", "zh": "Tinmoor Reed 天幕"}
ASKED = {"en": "a red Tinmoor tent under $20", "zh": "20元以下的红色帐篷"}
QUERY = {"en": "red Tinmoor tent", "zh": "红色帐篷"}
RULES = {
    "en": ("Returns", "Most goods can be returned within 30 days of delivery. Electronics have 14 days."),
    "zh": ("退货", "大多数商品收货后30天内可以退货。电子产品为14天。"),
}
RECOMMENDED = {
    "en": [
        (0, "bought", "because you bought Alder Poles", "Alder Poles, carbon"),
        (0, "promoted", "on promotion until Sunday with the code POLE5: Alder days", ""),
        (1, "sponsored", "sponsored by Quill Ltd", ""),
        (2, "together", "4 people who took Ember Stove also took this", "Ember Stove"),
        (2, "new", "new in Tents, the kind you look at most", ""),
    ],
    "zh": [
        (0, "bought", "因为您买过赤杨登山杖", "赤杨登山杖"),
        (0, "promoted", "凭优惠码 POLE5 促销至星期日：登山杖节", ""),
        (1, "sponsored", "由Quill公司赞助", ""),
        (2, "together", "4 位选了余烬炉的顾客也选了它", "余烬炉"),
        (2, "new", "Tents新品，您最常看的类别", ""),
    ],
}
STATES = ("pending", "processed", "shipped", "delivered", "cancelled", "returned", "partially_returned")
GIVEN_UP = (["price_max"], ["price_min"], ["brand"], ["category"], ["exclude"], ["in_stock"], ["attributes.color"],
            ["attributes.颜色"], ["attributes.weight"], ["attributes.fabric"],
            ["attributes.fabric", "brand", "category"])  # fmt: skip
REASONS = (
    UNCLEAR,
    SIGN_IN,
    "larch was not shown in this conversation.",
    "There is no product 'larch'.",
    "There are 3 of Quillmark Sorrel Tent, not 9.",
    "No such variant. Options are color: Green, color: Sand.",
    "Comparing needs two different products.",
)


@dataclass(frozen=True)
class Said:
    """A plain reply, and what it is held against."""

    about: str
    language: str
    text: str
    ledger: Ledger


def after(name: str, finding: Finding, asked: str) -> Ledger:
    """The ledger once a tool has found this."""
    made = ToolMessage(finding.text, name=name, tool_call_id="1", status="success", artifact=finding.artifact())
    return ledger_of([HumanMessage(asked), made], {"update_cart", "transfer_to_human_agents"})


def goods(language: str, *rows: dict[str, Any]) -> tuple[Product, ...]:
    return tuple(product(f"p{place}", row, language) for place, row in enumerate(rows))


def of(found: tuple[Product, ...], language: str, *head: str, more: tuple[Fact, ...] = (), **note: Any) -> Finding:
    facts = tuple(fact for held in found for fact in product_facts(held))
    text = "\n".join([*head, *([listing(found, language)] if found else []), *note.get("relaxed", [])])
    return Finding(text, (*facts, *more), found, note)


def searches(language: str) -> Iterator[tuple[str, Finding, str]]:
    query = QUERY[language]
    for count in range(1, 5):
        finding = of(goods(language, *(LARCH, SORREL, MIST, REED)[:count]), language, query=query)
        yield f"{count} found", finding, plain_reply([finding], "", language, ASKED[language])[0]
        yield f"{count} to start with", finding, start_reply(finding, language)[0]
    one = of(goods(language, LARCH), language, query=query)
    yield "one found, nothing asked of it", one, plain_reply([one], "", language, "hello")[0]
    relaxed = ["brand: 1 result without it", "price_max, category: 100 or more results without all of them"]
    nothing = f"Nothing found for '{query}'."
    for near in ((), goods(language, LARCH, SORREL)):
        for names in GIVEN_UP if near else [[]]:
            left = [*relaxed, "price_max, attributes.fabric: 7 results without both"]
            marks = [without_words(names, near, language), phrase("beside", language)] if near else [""]
            for mark in marks:
                lead = [phrase("lead", language, without=mark)] if mark else []
                note: dict[str, Any] = {"query": query, "relaxed": left} | ({"nearest": mark} if mark else {})
                finding = of(near, language, nothing, *lead, **note)
                yield f"nothing, {names}", finding, plain_reply([finding], "", language, ASKED[language])[0]
                yield f"lead, {names}", finding, nothing_found(finding, language)


def orders(language: str) -> Iterator[tuple[str, Finding, str]]:
    for state, tracking in zip(STATES, cycle(("TRK-99123", "1Z999AA10123456784", "940010000000")), strict=False):
        about, key = "order FS-10001", "FS-10001"
        total = {"amount": 18600, "currency": "USD"}
        facts = (
            Fact("order", state, about, "order", key, "status"),
            Fact("order", "2026-10-02", about, "order", key, "placed_at"),
            Fact("price", total, about, "order", key, "total"),
            Fact("order", tracking, about, "order", key, "fulfillments"),
        )
        finding = Finding(f"Order {key}: {state}", facts, note={"order_id": key})
        yield f"order {state}", finding, plain_reply([finding], "", language, "where is FS-10001")[0]
        finding = Finding(f"Order {key}: {state}, 2 lines", facts[:1], note={"orders": [key]})
        yield f"orders {state}", finding, plain_reply([finding], "", language, "my orders")[0]
    none = Finding("There are no orders yet.", note={"orders": []})
    yield "no orders", none, plain_reply([none], "", language, "my orders")[0]


def others(language: str) -> Iterator[tuple[str, Finding, str]]:
    one = of(goods(language, LARCH), language)
    asked = "price stock rating weight color size 多少钱 有货 评分 重量 颜色 尺码 容量"
    yield "one product", one, plain_reply([one], "", language, asked)[0]
    unpriced = tuple(held.model_copy(update={"price_range": type(held.price_range)()}) for held in one.products)
    bare = Finding("", tuple(f for f in product_facts(unpriced[0]) if f.kind != "price"), unpriced)
    yield "no price", bare, plain_reply([bare], "", language, asked)[0]
    pair = goods(language, LARCH, SORREL)
    least = next(fact for fact in product_facts(pair[1]) if fact.kind == "price")
    lowest = Fact("comparison", "lowest price", least.about, "product", "p1", least.field)
    compared = of(pair, language, more=(lowest,))
    yield "comparison", compared, plain_reply([compared], "", language, "compare")[0]
    for spoken in dict.fromkeys((language, "en")):
        title, body = RULES[spoken]
        rule = Finding(f"{title}: {body}", (Fact("policy", body, title, "policy", "r", "body"),), note={"query": "x"})
        for words in ("returned within how many days of delivery", "electronics", "退货 收货", "电子产品", "xyz"):
            yield f"rule, {words}", rule, plain_reply([rule], "", language, words)[0]
    silent = Finding("The shop's policies say nothing about 'stocks'.", note={"query": "stocks"})
    yield "no rule", silent, plain_reply([silent], "", language, "stocks")[0]


def recommended(language: str) -> Iterator[tuple[str, Finding, str]]:
    found = goods(language, LARCH, SORREL, MIST, REED)
    why = RECOMMENDED[language]
    reasons = [
        Given(
            product=found[place].id, title=found[place].title, because=because, text=text, about=about, known_as=about,
            kind="attribute", value="", type="product", id="x", field="id",
        ).data()
        for place, because, text, about in why
    ]  # fmt: skip
    option = {"id": "2000-5000", "text": "$20.00 to $50.00" if language == "en" else "US$20.00 到 US$50.00"}
    question = {
        "id": "price", "text": "How much would you like to spend?" if language == "en" else "您的预算大约是多少?",
        "options": [option, {"id": "any", "text": "No matter" if language == "en" else "都可以"}],
    }  # fmt: skip
    note: dict[str, Any] = {"recommendation_id": "r", "reasons": reasons, "question": question}
    finding = of(found, language, **note)
    yield "recommended", finding, plain_reply([finding], "", language)[0]
    named = [fact.evidence("") for fact in finding.facts if fact.field == "price_range.min"]
    yield "reasons left to say", finding, left_to_say(finding, "", named, language)[0]
    none = Finding("There is nothing to recommend.", note=note)
    yield "nothing to recommend", none, plain_reply([none], "", language)[0]


def replies() -> Iterator[Said]:
    for language in PHRASES:
        for made in (searches, orders, others, recommended):
            for about, finding, text in made(language):
                yield Said(about, language, text, after("search_catalog", finding, ASKED[language]))
        person = Finding("The request for a person was recorded.", note={"handoff_id": 3})
        reply = plain_reply([person], "", language)[0]
        yield Said("handoff", language, reply, after("transfer_to_human_agents", person, "a person please"))
        for reason in REASONS:
            content = f"{NOT_DONE}{reason} Search first."
            refused = ToolMessage(content, tool_call_id="1", status="error", artifact=Finding("").artifact())
            ledger = ledger_of([HumanMessage("that"), refused], ())
            yield Said(f"refused, {reason}", language, plain_reply([], reason, language)[0], ledger)
        for kind, held in set_replies().items():
            for text in held[language]:
                yield Said(f"reply {kind}", language, text, Ledger((), (), ("hello",)))
        for name in STATING_NOTHING:
            yield Said(name, language, phrase(name, language), Ledger((), (), ("hello",)))


REPLIES = list(replies())


def sentences(text: str) -> list[str]:
    whole, rest = split_sentences(text)
    return [part for part in (*whole, rest) if part.strip()]


@pytest.mark.parametrize("said", REPLIES, ids=lambda said: f"{said.language}: {said.about}")
def test_every_sentence_of_a_plain_reply_is_proved(said: Said) -> None:
    checker = Checker(said.ledger)
    assert said.text
    for sentence in sentences(said.text):
        verdict = checker.judge(sentence)
        assert verdict.ok, (sentence, verdict.why)


# About what the shopper decides and why: the tool makes these sentences itself; the turns of test_profile_turns.py
# hear each of them in both languages.
SAID_ELSEWHERE = frozenset(
    """because why_search why_plain why_nothing stop stop_visit allow allow_none unknown_name goods_of_brand
    goods_of_kind goods_called forget forget_none forget_all off off_visit on recommend_none_again""".split()  # noqa: SIM905
)


@pytest.mark.parametrize("language", list(PHRASES))
def test_every_phrase_was_said(language: str) -> None:
    spoken = "\n".join(said.text for said in REPLIES if said.language == language)
    unsaid = [
        name
        for name, held in PHRASES[language].items()
        if name not in SAID_ELSEWHERE
        and not re.search("".join(".+?" if part.startswith("{") else re.escape(part)
                                 for part in re.split(r"(\{[^}]*\})", held)), spoken)
    ]  # fmt: skip
    assert unsaid == []


@pytest.mark.parametrize("language", list(PHRASES))
@pytest.mark.parametrize(
    ("finding", "name", "values"),
    [
        (Finding("Nothing found for 'tent'."), "nothing_found", {"query": "kettle"}),
        (Finding("1. Larch: $137.00, in stock"), "nothing_found", {"query": "tent"}),
        (Finding("Returns: within 30 days"), "no_rule", {"query": "returns"}),
        (Finding("Order FS-1: shipped, 1 lines"), "no_orders", {}),
        (Finding(""), "refused", {"why": "Larch cannot be bought now."}),
        (Finding(""), "original", {"text": "Everything is free."}),
        (Finding(""), "handoff", {}),
        (Finding(""), "order", {"id": "FS-1", "status": "shipped"}),
    ],
)
def test_the_shops_own_words_need_their_record_too(
    language: str, finding: Finding, name: str, values: dict[str, str]
) -> None:
    first = sentences(phrase(name, language, **values))[0]
    assert not Checker(after("search_catalog", finding, "hello")).judge(first).ok


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Without the brand there would be 7."),
        ("en", "Without the category there would be 5."),
        ("en", "Without the highest price there would be 100+."),
        ("en", "Without the highest price and the category there would be 100."),
        ("zh", "去掉品牌有 7 个。"),
        ("zh", "去掉最高价有 100+ 个。"),
    ],
)
def test_only_what_the_search_counted_there_would_be_without_a_condition(language: str, sentence: str) -> None:
    relaxed = ["brand: 5 results without it", "price_max, category: 100 or more results without all of them"]
    finding = of((), language, f"Nothing found for '{QUERY[language]}'.", query=QUERY[language], relaxed=relaxed)
    assert not Checker(after("search_catalog", finding, "a tent, no more than 100 dollars")).judge(sentence).ok
