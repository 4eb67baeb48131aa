"""Calls about recommendations that a message surely asks for, beside the recommendations themselves."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.sure_calls import sure_call
from assistant.tune.patterns import patterns

SHOWN: list[AnyMessage] = [
    HumanMessage("what do you recommend"),
    ToolMessage(
        "found",
        tool_call_id="c",
        artifact={
            "products": ["t1", "p1"],
            "facts": [
                {"kind": "attribute", "value": "x", "about": title, "type": "product", "id": id, "field": "brand"}
                for id, title in (("t1", "Ridge Tent"), ("p1", "Alder Poles"))
            ],
            "note": {"recommendation_id": "r1"},
        },
    ),
    AIMessage("These."),
]


def sure(text: str, before: list[AnyMessage] | None = None) -> tuple[str, dict[str, Any]] | None:
    return sure_call([*(SHOWN if before is None else before), HumanMessage(text)], "USD")


@pytest.mark.parametrize(
    ("product", "texts"),
    [
        ("", "why?|Why do you recommend these?|why are you recommending these things|what's the reason for these"),
        ("", "为什么推荐这些|推荐理由是什么|为什么给我推荐"),
        ("t1", "why did you recommend the first one|why do you reccomend this?|why the first one?|why this one"),
        ("t1", "为什么推荐第一个|why was the ridge tent recommended"),
        ("p1", "why do you suggest the second one|how come you recommend the alder poles|为什么会推荐第二个"),
    ],
)
def test_the_reason_is_asked_for(product: str, texts: str) -> None:
    expected = ("explain_recommendation", {"product_id": product} if product else {})

    assert {text: sure(text) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), expected)


@pytest.mark.parametrize(
    "text",
    [
        "what do you know about me?",
        "What have you learned about me",
        "show me my profile",
        "what did i mute",
        "what don't you recommend to me",
        "你知道我的哪些喜好",
        "你们记录了我什么",
        "查看我的画像",
    ],
)
def test_the_profile_is_asked_for(text: str) -> None:
    assert sure(text, []) == ("get_profile", {})


@pytest.mark.parametrize(
    "text",
    [
        "why is it so expensive",
        "why do you recommend returning it by post",
        "why is my order late",
        "why was I charged twice",
        "what do you know about tents",
        "show me my cart",
        "show me my orders",
        "为什么还没发货",
        "怎么选尺码",
        "what is the first one made of",
    ],
)
def test_other_questions_are_left_to_the_model(text: str) -> None:
    assert sure(text) is None


SEARCHED: list[AnyMessage] = [
    SHOWN[0],
    SHOWN[1].model_copy(update={"artifact": {**SHOWN[1].artifact, "note": {}}}),
    SHOWN[2],
]


def test_no_message_of_the_evaluation_that_wants_another_tool_is_taken() -> None:
    cases = [json.loads(line) for line in resources.files("eval.clerk").joinpath("unseen.jsonl").open(encoding="utf-8")]
    taken = {case["id"]: call[0] for case in cases if (call := sure(case["text"], SEARCHED if case["before"] else []))}

    assert taken
    assert [
        case["id"] for case in cases if taken.get(case["id"], case["tool"]) not in (case["tool"], *case["also"])
    ] == []


def test_nothing_that_the_small_model_is_trained_on_is_taken() -> None:
    for language, thing, ref in (("en", "kettle", "the second one"), ("zh", "水壶", "第二个")):
        for room in ("search", "context", "service", "talk"):
            texts = [
                text for each in patterns(language, room) for held in (0, 1) for text in each.said(held_out=bool(held))
            ]
            said = [re.sub(r"\{(?:max|min|around|low|high|count|quantity)\}", "50", text) for text in texts]
            said = [re.sub(r"\{\w+\}", thing, re.sub(r"\{ref2?\}", ref, text)) for text in said]
            assert [text for text in said if sure(text, SEARCHED)] == []
