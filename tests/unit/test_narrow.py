"""What a small model is offered, and what it cannot get wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.narrow import WORDS, Shortlist, meant_goods, own_words
from ranker.encoder import SentenceEncoder

ALL = [
    "search_catalog", "get_product", "compare_products", "search_shop_policies_and_faqs", "get_cart", "update_cart",
    "get_order", "list_orders", "transfer_to_human_agents",
]  # fmt: skip


@pytest.fixture(scope="module")
def shortlist() -> Shortlist:
    return Shortlist(SentenceEncoder())


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("怎么退货啊", "search_shop_policies_and_faqs"),
        ("帮我转人工客服", "transfer_to_human_agents"),
        ("what did I put in my cart", "get_cart"),
        ("I want a red lamp", "search_catalog"),
    ],
)
def test_the_nearest_examples_name_the_tool(shortlist: Shortlist, text: str, tool: str) -> None:
    assert shortlist.tools(text, ALL)[0] == tool


def test_a_greeting_wants_no_tool(shortlist: Shortlist) -> None:
    assert shortlist.tools("hello there", ALL) == []


def test_a_tool_that_cannot_be_called_is_not_offered(shortlist: Shortlist) -> None:
    assert "update_cart" not in shortlist.tools("add it to the cart please", ["search_catalog", "get_cart"])


@pytest.mark.parametrize(
    ("text", "query", "allowed"),
    [
        ("show me a bluetooth speaker", "bluetooth speaker", True),
        ("show me a bluetooth speaker", "speaker", False),  # a word that carries meaning may not be lost
        ("show me a bluetooth speaker", "bluetooth headphones", False),
        ("charger under 20 dollars", "charger under 20 dollars", True),
        ("charger under 20 dollars", "charger", False),  # nor a limit
    ],
)
def test_a_query_is_the_shoppers_own_words(text: str, query: str, allowed: bool) -> None:
    assert bool(re.fullmatch(own_words(text), query)) is allowed


@given(st.text(min_size=1, max_size=200))
def test_any_message_gives_a_pattern_that_its_own_words_match(text: str) -> None:
    pattern = own_words(text)
    words = WORDS.findall(text)
    assert not pattern or any(re.fullmatch(pattern, " ".join(words[:end])) for end in range(1, len(words) + 1))


def test_small_talk_has_nothing_to_search_for() -> None:
    assert own_words("thank you, please!") == ""


def test_an_ordinal_means_one_of_the_latest_list() -> None:
    assert meant_goods("the second one please", ["a", "b", "c"], ["b", "c"]) == ["c"]
    assert meant_goods("第一个", ["a", "b"], ["b", "a"]) == ["b"]
    assert meant_goods("compare the first and the third", ["a", "b", "c"], ["a", "b", "c"]) == ["a", "c"]
    assert meant_goods("put it in the cart", ["a", "b"], ["a", "b"]) == ["a", "b"]
    assert meant_goods("put it in the cart", ["a", "b"], ["b"]) == ["b"]
