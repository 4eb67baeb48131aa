"""What a small tuned model calls is bound to what the shopper said: nothing invented, no budget forgotten."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from assistant.bind import bound, says
from assistant.shorthand import around
from assistant.tune.goods import Kind
from assistant.tune.script import Shopper


def call(name: str, arguments: dict[str, Any]) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": "c"}])


def search(text: str, arguments: dict[str, Any], past: dict[str, Any] | None = None) -> dict[str, Any]:
    before: list[AnyMessage] = [HumanMessage("earlier"), call("search_catalog", past)] if past else []
    return bound(call("search_catalog", arguments), [*before, HumanMessage(text)], "USD").tool_calls[0]["args"]


def order(text: str, id: str) -> str:
    return bound(call("get_order", {"order_id": id}), [HumanMessage(text)], "USD").tool_calls[0]["args"]["order_id"]


def test_what_nobody_said_is_left_out():
    invented = {"query": "mugs", "brand": "Nike", "exclude": ["pizza"], "attributes": {"color": "teal"}, "price_max": 9}
    assert search("mugs please", invented) == {"query": "mugs"}


def test_what_was_said_stays_in_another_form_or_misspelt():
    asked = {"query": "headphones", "brand": "Logitech", "exclude": ["feathers"], "attributes": {"color": "grey"}}
    found = search("grey hedphones from logitec, no feather", asked)
    assert found == asked | {"query": "hedphones"}  # the search knows the goods' words and mends it
    assert search("gray hedphones from logitec, no feather", asked)["brand"] == "Logitech"


def test_what_the_search_in_force_holds_may_be_carried_on():
    past = {"query": "tent", "price_max": 300, "brand": "Tinmoor"}
    carried = {"query": "tent", "price_max": 300, "brand": "Tinmoor", "sort": "price_asc"}
    assert search("cheaper", carried, past) == carried
    assert search("cheaper", carried) == {"query": "cheaper", "sort": "price_asc"}


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("a mug under $20", {"price_max": 20}),
        ("200块以内的杯子", {"price_max": 200}),
        ("a mug between 10 and 15 dollars", {"price_min": 10, "price_max": 15}),
    ],
)
def test_a_price_that_the_message_surely_names_is_put_in(text: str, price: dict[str, int]):
    found = search(text, {"query": "mug" if "mug" in text else "杯子"})
    assert {name: value for name, value in found.items() if name.startswith("price")} == price


@pytest.mark.parametrize(
    ("text", "given"), [("a 30 litre bag", 30), ("32厘米的炒锅", 32), ("top 5 mugs", 9), ("2 person tent", 10)]
)
def test_a_measure_is_no_price(text: str, given: int):
    assert "price_max" not in search(text, {"query": text, "price_max": given})


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("mugs for thirty dollars tops", 30),
        ("speakers, 2k at most", 2000),
        ("三百块左右的书包", 300),
        ("shoes for 50 in black", 50),
        ("twenty-five pounds for a throw, no more", 25),
    ],
)
def test_a_price_in_words_or_thousands_stays(text: str, given: int):
    assert search(text, {"query": "mug", "price_max": given})["price_max"] == given


@pytest.mark.parametrize("text", ["a mug around $60", "mugs, sixty bucks or so", "60块上下的杯子"])
def test_about_a_price_stays_a_range(text: str):
    meant = around({"query": "mug", "price_min": 60, "price_max": 60})
    found = search(text, meant)
    assert (found["price_min"], found["price_max"]) == (48, 72)


def test_a_miscopied_figure_is_the_one_that_was_written_and_another_is_not_touched():
    assert search("三百以内的杯子", {"query": "杯子", "price_max": 30})["price_max"] == 300
    assert search("umbrella for two under a hundrd quid", {"query": "umbrella", "price_max": 100})["price_max"] == 100
    assert search("a couple hundred at most for a kite", {"query": "kite", "price_max": 200})["price_max"] == 200


def test_what_is_no_colour_and_no_size_is_left_out():
    invented = {"query": "sleeping pad", "attributes": {"color": "lightest", "size": "big", "material": "foam"}}
    assert search("the lightest sleeping pad, big, foam", invented)["attributes"] == {"material": "foam"}
    assert "attributes" not in search("usb cable 3 metres", {"query": "usb cable", "attributes": {"size": "3"}})
    assert search("gloves in walnut", {"query": "gloves", "attributes": {"color": "walnut"}})["attributes"]


def test_what_is_plainly_said_is_put_in():
    found = search("top 3 cheapest kites in stock, size XL", {"query": "kites", "sort": "rating"})
    assert found == {
        "query": "kites",
        "sort": "price_asc",
        "in_stock": True,
        "limit": 3,
        "attributes": {"size": "XL"},
    }
    assert search("洗发皂，别给我推薰衣草味的", {"query": "洗发皂"})["exclude"] == ["薰衣草"]
    assert search("toys, no rubber and no squeakers", {"query": "toys", "exclude": ["rubber"]})["exclude"] == [
        "rubber",
        "squeakers",
    ]


def test_a_number_of_goods_that_nobody_named_is_left_out():
    assert search("webcam", {"query": "webcam", "limit": 10}) == {"query": "webcam"}
    assert search("show me all webcams", {"query": "webcam", "limit": 10})["limit"] == 10
    assert search("just one webcam", {"query": "webcam", "limit": 1})["limit"] == 1
    assert search("50 webcams", {"query": "webcam", "limit": 50})["limit"] == 10  # as many as a search can show


def test_a_brand_that_is_refused_is_avoided():
    assert search("耳机，苹果的就算了", {"query": "耳机", "brand": "苹果"}) == {"query": "耳机", "exclude": ["苹果"]}
    assert search("shoes but not Nike", {"query": "shoes", "brand": "Nike"})["exclude"] == ["Nike"]


def test_a_colour_that_is_refused_is_avoided():
    assert search("a necklace, no gold please", {"query": "necklace", "attributes": {"color": "gold"}}) == {
        "query": "necklace",
        "exclude": ["gold"],
    }


@pytest.mark.parametrize(
    ("text", "price"),
    [("不超过八十的台灯", 80), ("椅子，一千五封顶", 1500), ("椅子最多十个", None), ("三十岁以下的椅子", None)],
)
def test_a_limit_in_chinese_characters_needs_no_currency(text: str, price: int | None):
    assert search(text, {"query": "椅子" if "椅" in text else "台灯"}).get("price_max") == price


def test_a_miscopied_word_of_the_query_is_the_one_that_was_typed():
    assert search("slepeing bag for winter", {"query": "sleeper bag for winter"})["query"] == "slepeing bag for winter"
    assert search("make-up brushes", {"query": "make-up brushes"})["query"] == "make-up brushes"


def test_how_many_to_show_is_no_price():
    assert search("no more than 3 results, mugs", {"query": "mugs", "limit": 3}) == {"query": "mugs", "limit": 3}


def test_a_query_ends_where_it_says_what_must_not_be():
    found = search("face cream without perfume", {"query": "face cream without perfume", "exclude": ["perfume"]})
    assert found == {"query": "face cream", "exclude": ["perfume"]}


def test_a_query_of_other_words_becomes_the_message():
    assert search("保温杯 有吗", {"query": "帝国战舰模型"})["query"] == "保温杯 有吗"


def test_an_order_is_the_one_that_was_named():
    assert order("where is FS-10042", "FS-10042") == "FS-10042"
    assert order("where is fs-10042", "FS-90042") == "FS-10042"
    assert order("where is it", "FS-10042") == "FS-10042"  # from the state; whose it is the guard sees to


def test_other_calls_pass():
    message = call("update_cart", {"lines": [{"product_id": "p1", "quantity": 2}]})
    assert bound(message, [HumanMessage("two of it")], "USD").tool_calls == message.tool_calls
    assert bound(AIMessage("hello"), [HumanMessage("hi")], "USD").content == "hello"


@given(st.integers(0, 2_000))
def test_what_is_right_is_never_changed(seed: int):
    tents = Kind("en", ("tent", "tents"), brands=("Tinmoor",), colors=("green",), sizes=("L",), prices=(90, 150))
    line = Shopper("en", [tents], [], held_out=bool(seed % 2), dice=random.Random(seed)).searches()
    wanted = around(line.arguments)  # as the assistant reads a call before it is bound
    assert search(line.text, wanted) == wanted


@given(st.text(max_size=40), st.text(max_size=12))
def test_a_text_says_its_own_parts(text: str, other: str):
    assert says(text, other) in (True, False)
    assert not says(text, "")
