"""Messages that surely ask to be recommended something, and those that look like it and ask for something else."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from trained_texts import trained_texts

from assistant.suggesting import Wish, answers_given, spared_upsell, turned_down, wish_of

TITLES = {"t1": "Ridge Tent", "p1": "Alder Poles, carbon", "m1": "Moss Mat"}
PRICES = {"t1": 19900, "p1": 5950, "m1": 2900}


def result(ids: list[str], **note: Any) -> list[AnyMessage]:
    """A tool result that shows these products, and the reply to it."""
    facts = [
        {"kind": "price", "value": {"amount": PRICES[id], "currency": "USD"}, "about": TITLES[id], "type": "product",
         "id": id, "field": "price_range.min"}
        for id in ids
    ]  # fmt: skip
    artifact = {"products": ids, "facts": facts, "note": note}
    text = note.get("question", {}).get("text", "")
    return [ToolMessage("found", tool_call_id="c", artifact=artifact), AIMessage(f"Here you are. {text}")]


SHOWN = [HumanMessage("tents"), *result(["t1", "p1", "m1"])]


def wish(text: str, before: list[AnyMessage] | None = None) -> Wish | None:
    return wish_of([*(SHOWN if before is None else before), HumanMessage(text)], "USD")


@pytest.mark.parametrize(
    ("goal", "texts"),
    [
        ("personal", "what do you recommend|what do you reccomend?|wat do u recomend 4 me|anything for me?"),
        (
            "personal",
            "any recomendations|What should I get?|有什么推荐|推荐点东西|有没有适合我的|买什么好呢|有啥好的推荐",
        ),
        (
            "popular",
            "what's popular|whats populer|best sellers|what is everybody else buying?|热门商品有哪些|什么卖得最好",
        ),
        ("personal", "recomend smth|suprise me|gift ideas|随便推荐|推介一下"),
        ("new", "what's new?|what else is new|anything new this week|show me the new arivals|有什么新品|最近上新了吗"),
        ("again", "buy again|the usual please|what do i usualy buy|老样子|我经常买的|帮我再买一次"),
        ("complement", "what goes with my cart|what else do i need with the stuff in my cart|还需要搭点什么"),
    ],
)
def test_what_is_surely_asked_for(goal: str, texts: str) -> None:
    found = {text: wish(text) for text in texts.split("|")}

    assert [text for text, each in found.items() if each is None or (each.goal, each.like) != (goal, ())] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what goes with this?", Wish("complement", ("t1",))),
        ("wat goes wiht the second one", Wish("complement", ("p1",))),
        ("what goes with the second one", Wish("complement", ("p1",))),
        ("what would go with the moss mat", Wish("complement", ("m1",))),
        ("what goes with these", Wish("complement", ("t1", "p1", "m1"))),
        ("something like the second one but cheaper", Wish("similar", ("p1",), 59)),
        ("somthing similiar to the third one, but cheeper", Wish("similar", ("m1",), 28)),
        ("anything like the first one under 100", Wish("similar", ("t1",), 100)),
        ("alternatives to the alder poles", Wish("similar", ("p1",))),
        ("第二个配什么好", Wish("complement", ("p1",))),
        ("和第二款类似但便宜点的", Wish("similar", ("p1",), 59)),
        ("recommend me something under 50", Wish("personal", (), 50)),
        ("给我推荐点50元以内的", Wish("personal", (), 50)),
    ],
)
def test_with_which_goods_and_at_what_price(text: str, expected: Wish) -> None:
    assert wish(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "recommend a tent under 50",
        "what's new in tents",
        "the most popular kettle",
        "what goes with a canoe",
        "something like a lantern",
        "do people like it",
        "can you match the price",
        "stop recommending Alder",
        "do you recommend returning it by post",
        "推荐一款帐篷",
        "帐篷有什么新品",
        "推荐一部电影",
        "hello",
    ],
)
def test_what_names_something_is_left_to_the_model(text: str) -> None:
    assert wish(text) is None


RECOMMENDED = [
    HumanMessage("what is popular"),
    AIMessage("", tool_calls=[{"name": "recommend_products", "args": {"goal": "popular"}, "id": "c"}]),
    *result(["t1", "p1", "m1"], recommendation_id="r1"),
]


@pytest.mark.parametrize(
    ("text", "most", "without"),
    [
        ("another one please", None, "t1 p1 m1"),
        ("show me others", None, "t1 p1 m1"),
        ("something else", None, "t1 p1 m1"),
        ("换一批", None, "t1 p1 m1"),
        ("还有别的吗", None, "t1 p1 m1"),
        ("not that one", None, "t1"),
        ("I don't like the second one", None, "p1"),
        ("not the third one, another", None, "m1 t1 p1"),
        ("不要第二个", None, "p1"),
        ("under 30", 30, ""),
        ("make it under 30", 30, ""),
        ("30块以内的", 30, ""),
        ("anything cheaper?", 198, ""),
        ("再便宜一点", 198, ""),
    ],
)
def test_a_recommendation_is_gone_on_with(text: str, most: int | None, without: str) -> None:
    messages = [*RECOMMENDED, HumanMessage(text)]

    assert wish_of(messages, "USD") == Wish("popular", (), most)
    assert " ".join(turned_down(messages)) == without
    assert wish(text) is None  # what was searched for is gone on with by a search


def test_what_was_refused_stays_refused_and_what_was_passed_over_does_not() -> None:
    later = [*RECOMMENDED, HumanMessage("not the second one"), *result(["t1", "m1"], recommendation_id="r2")]

    assert turned_down([*later, HumanMessage("what do you recommend")]) == ("p1",)
    assert turned_down([*later, HumanMessage("others")]) == ("p1", "t1", "m1")


@pytest.mark.parametrize("text", ["show me another tent", "others in red", "not black", "no thanks", "more about it"])
def test_what_asks_for_something_else_after_a_recommendation_is_left_to_the_model(text: str) -> None:
    assert wish_of([*RECOMMENDED, HumanMessage(text)], "USD") is None


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("something for my mother", "women"),
        ("gift ideas for my dad under 30", "men"),
        ("what would you recommend for a child", "kids"),
        ("a birthday present for my girlfriend", "women"),
        ("推荐给我妈妈的礼物", "women"),
        ("送爸爸什么好", "men"),
    ],
)
def test_for_whom_it_is_is_the_answer_to_a_question(text: str, whom: str) -> None:
    found = wish(text, [])

    assert found is not None
    assert (found.goal, found.price_max) == ("personal", 30 if "30" in text else None)
    assert answers_given([HumanMessage(text)]) == {"audience": whom}


@pytest.mark.parametrize("text", ["boots for my wife", "a gift card for my mother", "给妈妈买双鞋", "it is for her"])
def test_goods_for_somebody_are_searched_for(text: str) -> None:
    assert wish(text, []) is None
    assert answers_given([HumanMessage(text)]) == {}


def test_where_nothing_was_shown_there_is_nothing_to_be_like() -> None:
    assert wish("something like the second one", []) is None
    assert wish("what goes with this?", []) == Wish("complement")  # with the cart, then


def test_an_unknown_price_gives_no_limit() -> None:
    unpriced = ToolMessage("found", tool_call_id="c", artifact={"products": ["m1"], "facts": [], "note": {}})

    assert wish("something like it but cheaper", [HumanMessage("mats"), unpriced]) == Wish("similar", ("m1",))


def test_no_message_of_the_evaluation_that_wants_another_tool_is_taken() -> None:
    cases = [json.loads(line) for line in resources.files("eval.clerk").joinpath("unseen.jsonl").open(encoding="utf-8")]

    taken = [case for case in cases if wish(case["text"], SHOWN if case["before"] else [])]

    assert taken
    assert [case["id"] for case in taken if "recommend_products" not in (case["tool"], *case["also"])] == []


def test_the_evaluations_wishes_for_recommendations_are_called_as_they_should_be() -> None:
    cases = [json.loads(line) for line in resources.files("eval.clerk").joinpath("unseen.jsonl").open(encoding="utf-8")]
    wanted = [case for case in cases if case["tool"] == "recommend_products"]

    found = {case["id"]: wish(case["text"], SHOWN if case["before"] else []) for case in wanted}

    assert wanted
    assert {id: each and each.goal for id, each in found.items()} == {
        case["id"]: case["arguments"]["goal"] for case in wanted
    }


def test_nothing_that_the_small_model_is_trained_on_is_taken() -> None:
    texts = list(trained_texts())
    assert texts
    assert [text for text in texts if wish(text)] == []


@given(st.text(max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    found = wish(text)

    assert found is None or found.goal is not None


QUESTION = {
    "id": "category",
    "text": "Which of these is nearest?",
    "options": [{"id": "Mats", "text": "Mats"}, {"id": "any", "text": "No matter"}],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mats", Wish("personal")),
        ("mats please", Wish("personal")),
        ("no matter", Wish("personal")),
        ("for under 50", Wish("personal", (), 50)),
        ("a tent, please", None),
        ("where is my order", None),
    ],
)
def test_an_answer_to_a_quick_question_leads_to_recommendations(text: str, expected: Wish | None) -> None:
    asked = [HumanMessage("what do you recommend"), *result(["m1"], question=QUESTION)]

    assert wish(text, asked) == expected


def test_answers_are_remembered() -> None:
    asked = [HumanMessage("what do you recommend"), *result(["m1"], question=QUESTION)]
    talk = [*asked, HumanMessage("Mats"), *result(["m1"]), HumanMessage("what's new")]

    assert answers_given(talk) == {"category": "Mats"}
    assert answers_given(asked) == {}


@pytest.mark.parametrize(
    ("text", "spared"),
    [
        ("please don't upsell me", True),
        ("No up-selling please", True),
        ("that's all, I don't want anything else", True),
        ("别给我推销", True),
        ("不需要别的了", True),
        ("something else please", False),
        ("do you have nothing cheaper?", False),
        ("我不要红色的", False),
    ],
)
def test_who_wants_nothing_besides(text: str, spared: bool) -> None:
    assert spared_upsell([HumanMessage(text), AIMessage("All right."), HumanMessage("what's popular")]) is spared
