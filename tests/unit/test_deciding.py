"""Messages that surely decide about recommendations, and those that look like it and are something else."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from trained_texts import trained_texts

from assistant.deciding import Decision, decision_of

GOODS = {"t1": ("Ridge Tent", "Alder", "Tents"), "t2": ("Cairn Tent", "Glow", "Tents")}


def shown(*ids: str) -> list[AnyMessage]:
    """A turn that showed these products."""
    facts = [
        {"kind": "attribute", "value": value, "about": GOODS[id][0], "type": "product", "id": id, "field": field}
        for id in ids
        for field, value in (("brand", GOODS[id][1]), ("categories", "Outdoor"), ("categories", GOODS[id][2]))
    ]
    artifact: dict[str, Any] = {"products": list(ids), "facts": facts, "note": {}}
    return [
        HumanMessage("what do you recommend"),
        ToolMessage("found", tool_call_id="c", artifact=artifact),
        AIMessage("These."),
    ]


def decided(text: str, before: list[AnyMessage] | None = None) -> str:
    found = decision_of([*(before or []), HumanMessage(text)])
    return f"{found.change} {found.name}".strip() if found else ""


@pytest.mark.parametrize(
    ("expected", "texts"),
    [
        ("stop alder", "Stop recommending Alder|please stop recomending me alder|don't ever recommend Alder again!"),
        ("stop alder", "stop showing me Alder products|never show me anything by Alder|Don't show me Alder any more"),
        ("stop alder", "dont show me alder anymore please|I don't want to see Alder ever again|mute Alder"),
        ("stop alder", "I never want to see the brand Alder again|hide Alder from my recommendations"),
        ("stop perfume", "no more perfume suggestions|No more perfume recommendations, thanks|stop suggesting perfume"),
        ("stop perfume", "I don't want any more recommendations for perfume|no more ads for perfume"),
        ("stop perfume", "I'm no longer interested in perfume|can you stop showing me perfume"),
        ("stop 香水", "别再推荐香水|请不要再给我推荐香水了|以后别推荐香水|别推荐香水了|不想再看到香水|不再推荐香水"),
        ("stop 香水", "香水就别再推荐了|不要再推香水类的东西|我对香水不感兴趣了|屏蔽香水|停止推荐香水"),
        ("allow alder", "you can suggest Alder again|you can recommend alder again, thanks|unmute Alder"),
        ("allow alder", "It's ok to show me Alder again|start recommending Alder again|Alder is fine again"),
        ("allow 香水", "可以再推荐香水|可以再推荐香水了|又可以继续推荐香水了|恢复推荐香水|取消屏蔽香水"),
        ("allow 香水", "香水可以再推荐了"),
        ("forget perfume", "forget that I looked at perfume|Please forget I ever searched for perfume"),
        ("forget perfume", "forget about my interest in perfume|delete all my searches for perfume"),
        ("forget 香水", "忘掉我看过的香水|请忘了我看过香水|删除香水的浏览记录|忘记我搜过香水的事"),
        ("forget", "forget everything you know about me|delete my browsing history|clear my history|forget this visit"),
        ("forget", "清空我的浏览记录|忘掉关于我的一切"),
        ("off", "stop personal recommendations|turn off personalised recommendations|stop recommending things"),
        ("off", "no more recommendations|turn the recommendations off|don't track me|stop using my history"),
        ("off", "stop recommending me stuff please|don't use my history for recommendations"),
        ("off", "I don't want recommendations"),
        ("off", "关闭个性化推荐|不要个性化推荐|别再给我推荐了|不要再推荐东西了|停止推荐|不要根据我的浏览记录推荐"),
        ("on", "turn on personal recommendations|turn recommendations back on|you can recommend things again"),
        ("on", "switch on the personal recommendations again|打开个性化推荐|恢复推荐|可以再推荐了|重新开启推荐"),
    ],
)  # fmt: skip
def test_what_is_surely_decided(expected: str, texts: str) -> None:
    assert {text: decided(text).casefold() for text in texts.split("|")} == dict.fromkeys(texts.split("|"), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stop recommending this brand", "stop Alder"),
        ("don't recommend the second one again", "stop Cairn Tent"),
        ("never show me things like this", "stop Tents"),
        ("stop recommending these", "stop Tents"),
        ("不要再推荐这个牌子", "stop Alder"),
        ("别再推荐第二个", "stop Cairn Tent"),
        ("forget that i looked at the first one", "forget Ridge Tent"),
    ],
)
def test_what_is_pointed_at_is_named(text: str, expected: str) -> None:
    assert decided(text, shown("t1", "t2")) == expected
    assert decided(text) == ""  # nothing was shown that it could point at


@pytest.mark.parametrize(
    ("last", "text", "expected"),
    [
        ({"change": "stop", "name": "Alder"}, "undo that", "allow Alder"),
        ({"change": "off"}, "I changed my mind", "on"),
        ({"change": "allow", "name": "香水"}, "撤销", "stop 香水"),
        ({"change": "forget", "name": "tents"}, "undo", ""),  # what is deleted cannot be brought back
        (None, "undo that", ""),
    ],
)
def test_the_last_decision_is_taken_back(last: dict[str, str] | None, text: str, expected: str) -> None:
    calls: Any = [{"name": "update_profile", "args": last, "id": "c"}] if last else []

    assert decided(text, [HumanMessage("so"), AIMessage("", tool_calls=calls), AIMessage("Done.")]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "not Alder",
        "don't show me Alder",  # of this search, perhaps
        "no Alder please",
        "no more than 50 dollars",
        "can you recommend a tent again",
        "recommend something else",
        "stop",
        "show me perfume again",
        "forget it",
        "forget the tent, show me mats",
        "remove the tent from my cart",
        "clear my cart",
        "delete everything in my basket",
        "cancel my order",
        "can you delete all my data",  # for a person of the shop
        "don't track my order",
        "stop my order",
        "turn on the lamp",
        "you can recommend a tent",
        "do not recommend anything over 50",
        "不要黑色的",
        "别推荐太贵的",
        "可以再推荐几个吗",
        "可以再推荐一款帐篷吗",
        "再推荐几个",
        "继续推荐",
        "取消订单",
        "清空购物车",
        "删除第一个",
        "别再发货了",
        "",
    ],
)
def test_what_may_mean_something_else_is_left_to_the_model(text: str) -> None:
    assert decided(text, shown("t1", "t2")) == ""


def test_no_message_of_the_evaluation_is_taken_that_wants_another_tool() -> None:
    cases = [json.loads(line) for line in resources.files("eval.clerk").joinpath("unseen.jsonl").open(encoding="utf-8")]

    assert [case["id"] for case in cases if decided(case["text"], shown("t1", "t2"))] == []


def test_nothing_that_the_small_model_is_trained_on_is_taken() -> None:
    texts = list(trained_texts())
    assert texts
    assert [text for text in texts if decided(text, shown("t1", "t2"))] == []


@given(st.text(max_size=80), st.sampled_from(["stop recommending ", "forget that i saw ", "别再推荐", ""]))
def test_any_text_is_read_without_a_fault(text: str, lead: str) -> None:
    found = decision_of([HumanMessage(lead + text)])

    assert found is None or isinstance(found, Decision)
