"""Whatever a tool returns or refuses, a Chinese shopper reads no English but names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from scripted import UNREPAIRED, ScriptedModel, call, small_shop

from assistant.agent import Assistant
from assistant.errors import SIGN_IN
from assistant.events import Turn
from assistant.evidence import Fact, Finding
from assistant.guard import UNCLEAR
from assistant.phrases import PHRASES, REASONS, refusal
from assistant.plain import plain_reply, start_reply
from retriever.store import Store

GOODS = [
    {"id": "s1", "title": "Pebble", "price": "19.00", "texts": {"zh": {"title": "鹅卵石蓝牙音箱"}},
     "categories": ["Audio"], "attributes": {"color": "blue"}, "stock": 3},
    {"id": "s2", "title": "Tidewater", "price": "49.00", "texts": {"zh": {"title": "潮汐蓝牙音箱"}},
     "categories": ["Audio"]},
]  # fmt: skip
SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ '’]+[A-Za-z]{2,}){2,}")  # three English words in a row are no name here


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_shop(tmp_path_factory.mktemp("shop"), GOODS)
    yield opened
    opened.close()


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("search_catalog", {"query": "音箱"}),
    ("search_catalog", {"query": "音箱", "price_max": 5}),
    ("search_catalog", {"query": "音箱", "attributes": {"color": "red"}, "price_max": 5}),
    ("search_catalog", {"query": "滑雪板"}),
    ("search_catalog", {"query": "🙂"}),
    ("search_catalog", {"query": "音箱", "limit": 1000}),
    ("search_catalog", {"query": "音箱", "price_min": 50, "price_max": 5}),
    ("get_product", {"product_id": "s1"}),
    ("get_product", {"product_id": "s1", "options": {"size": "M"}}),
    ("get_product", {"product_id": "nothing"}),
    ("compare_products", {"product_ids": ["s1", "s2"]}),
    ("compare_products", {"product_ids": ["s1", "s1"]}),
    ("search_shop_policies_and_faqs", {"query": "茅台股票"}),
    ("get_cart", {}),
    ("update_cart", {"lines": [{"product_id": "s1", "quantity": 1}]}),
    ("get_order", {"order_id": "W1"}),
    ("list_orders", {}),
    ("transfer_to_human_agents", {"reason": "wants a person"}),
    ("no_such_tool", {}),
]


@pytest.mark.parametrize("user", [None, "c1"])
def test_every_outcome_of_every_tool_is_told_in_chinese(store: Store, user: str | None) -> None:
    told: dict[str, str] = {}
    for name, arguments in CALLS:
        model = ScriptedModel([call("search_catalog", query="音箱"), "好的。", call(name, **arguments), ""])
        assistant = Assistant(store, model, UNREPAIRED, InMemorySaver())
        first = asyncio.run(assistant.reply(Turn("有音箱吗", user_id=user)))
        second = asyncio.run(assistant.reply(Turn("那帮我看看这个", first.conversation_id, user_id=user)))
        told[f"{name} {arguments}"] = second.reply

    assert {made: reply for made, reply in told.items() if not reply or SENTENCE.search(reply)} == {}


REFUSED = [
    UNCLEAR,
    SIGN_IN,
    "p1, p2 was not shown in this conversation.",
    "The cart changes only when you ask for it.",
    "A person takes over only when you ask for one.",
    "It is not clear that you meant these goods.",
    "You did not ask for 3 of them.",
    "You asked for fewer things than these.",
    "Nothing allows cancel_order to change anything.",
    "There are 2 of Pebble (blue), not 9.",
    "Pebble cannot be bought now: out of stock.",
    "Pebble comes in 2 variants: S; M.",
    "The cart holds 2 variants of 'p1'.",
    "'p1' is not in the cart.",
    "A cart holds at most 50 different things.",
    "The quantity 1000 is too large.",
    "'v1' is a variant of 'p1', not of 'p2'.",
    "A cart line names neither product nor variant.",
    "There is no order 'W1' of this customer.",
    "There is no product 'p1'.",
    "There is no product variant 'v1'.",
    "No such variant. Options are size: M, size: S.",
    "Recommendations change only when you ask for it.",
    "Comparing needs two different products.",
    "There are no words to search for in '🙂'.",
    "The query is empty.",
    "Something that nobody has thought of yet went wrong.",
]


@pytest.mark.parametrize("reason", REFUSED)
def test_every_reason_is_given_in_the_shoppers_language(reason: str) -> None:
    assert not SENTENCE.search(refusal(reason, "zh"))
    assert not re.search("[\u4e00-\u9fff]", refusal(reason, "en"))


def test_every_reason_that_has_words_is_met_above() -> None:
    assert [pattern.pattern for pattern, _ in REASONS if not any(map(pattern.search, REFUSED))] == []


def test_numbers_and_names_stay_in_the_reason() -> None:
    assert refusal("There are 2 of Pebble (blue), not 9.", "zh") == "未能完成：Pebble (blue) 只有 2 件。"
    assert refusal("There are 2 of Pebble (blue), not 9.", "en").endswith("There are 2 of Pebble (blue), not 9.")


def test_both_languages_have_the_same_phrases() -> None:
    assert PHRASES["en"].keys() == PHRASES["zh"].keys()


ORDER = Fact("order", "shipped", "order W1", "order", "W1", "status")
RULE = Fact("policy", "Returns are free for 30 days.", "Returns", "policy", "r1", "body")


@pytest.mark.parametrize(
    ("finding", "en", "zh"),
    [
        (Finding("", (), note={"orders": []}), "There are no orders yet.", "还没有订单。"),
        (Finding("", (ORDER,), note={"orders": ["W1"]}), "Order W1 is shipped.", "订单 W1 已发货。"),
        (Finding("", (RULE,), note={"query": "returns"}), "Returns are free for 30 days.",
         "店内规定的原文是：Returns are free for 30 days."),
        (Finding("", note={"query": "gold"}), "The shop's policies say nothing about “gold”.",
         "店内规定没有提到“gold”。"),
    ],
)  # fmt: skip
def test_what_orders_and_rules_say(finding: Finding, en: str, zh: str) -> None:
    assert plain_reply([finding], "", "en")[0] == en
    assert plain_reply([finding], "", "zh")[0] == zh


def test_a_search_that_could_not_be_made_is_not_quoted() -> None:
    told, _ = start_reply(Finding("There are no words to search for in '🙂'."), "zh")

    assert told == PHRASES["zh"]["nothing"]
