"""Turns in which something is recommended, over a real store, with a model and a recommender that follow a script."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from langgraph.checkpoint.memory import InMemorySaver
from recommending import ScriptedRecommender, ShopWith
from scripted import UNREPAIRED, ScriptedModel, call, small_shop

from assistant.agent import Assistant
from assistant.decide import TUNED, Profile
from assistant.events import Turn, TurnResult
from retriever.recommending.candidate import Because, Ground
from retriever.recommending.recommendation import Option, Question
from retriever.store import Store

GOODS = [
    {"id": "t1", "title": "Ridge Tent", "price": "199.00", "categories": ["Tents"],
     "texts": {"zh": {"title": "山脊帐篷"}}, "rating": {"value": 4.5, "count": 120}},
    {"id": "t2", "title": "Cairn Tent", "price": "149.00", "categories": ["Tents"]},
    {"id": "p1", "title": "Alder Poles", "price": "59.00", "categories": ["Poles"],
     "texts": {"zh": {"title": "赤杨登山杖"}}},
    {"id": "m1", "title": "Moss Mat", "price": "29.00", "categories": ["Mats"]},
    {"type": "customer", "id": "ann", "name": "Ann"},
]  # fmt: skip
BOUGHT = (
    "because you bought Alder Poles",
    Because("bought", ("p1",)),
    (Ground("order", "W1", "lines.0.product_id", "p1"),),
)
SPONSORED = (
    "sponsored by Moss Ltd",
    Because("sponsored", name="Moss Ltd"),
    (Ground("product", "m1", "rules.sponsored", "Moss Ltd"),),
)
WHAT = Question(
    id="category",
    text="Which of these is nearest?",
    options=(Option(id="Tents", text="Tents"), Option(id="Mats", text="Mats"), Option(id="any", text="No matter")),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_shop(tmp_path_factory.mktemp("shop"), GOODS)
    yield opened
    opened.close()


@pytest.fixture
def recommender(store: Store) -> ScriptedRecommender:
    return ScriptedRecommender(store, ("t1", "m1"), {"t1": BOUGHT, "m1": SPONSORED})


def talk(
    recommender: ScriptedRecommender, said: list[str], script: list[Any], profile: Profile = UNREPAIRED
) -> list[TurnResult]:
    """The turns of a conversation with Ann: what she says, against what the model says."""
    shop: Any = ShopWith(recommender.store, recommender)
    assistant = Assistant(shop, ScriptedModel(script), profile, InMemorySaver())
    return [asyncio.run(assistant.reply(Turn(text, "c1", user_id="ann"))) for text in said]


def test_the_model_calls_the_tool_and_may_say_the_reasons(recommender: ScriptedRecommender) -> None:
    words = "I recommend the Ridge Tent because you bought the Alder Poles."

    (result,) = talk(recommender, ["what do you recommend?"], [call("recommend_products"), words])

    assert result.reply == f"{words} Moss Mat: sponsored by Moss Ltd."  # it is shown, if not named
    assert [product.id for product in result.products] == ["t1", "m1"]
    assert result.recommendation_id == "r1"  # events about these cards name it
    (asked,) = recommender.asked
    assert (asked.customer_id, asked.session_id, asked.surface, asked.upsell) == ("ann", "c1", "chat", True)
    proof = next(each for each in result.evidence if each.kind == "order")
    assert (proof.source.type, proof.source.id) == ("order", "W1")


def test_a_reason_that_nobody_gave_is_withheld_and_the_true_ones_are_said(recommender: ScriptedRecommender) -> None:
    words = "I recommend the Moss Mat because you bought a tent."

    (result,) = talk(recommender, ["anything for me?"], [call("recommend_products"), words])

    assert [held.text for held in result.withheld] == [words]
    assert result.reply == (
        "I recommend Ridge Tent, $199.00, in stock, rated 4.5 of 5 by 120 (because you bought Alder Poles); "
        "Moss Mat, $29.00, in stock (sponsored by Moss Ltd)."
    )


def test_where_the_model_says_no_reason_it_is_added_and_paid_placements_are_owned_up_to(
    recommender: ScriptedRecommender,
) -> None:
    words = "The Ridge Tent is $199.00. The Moss Mat is $29.00."

    (result,) = talk(recommender, ["what's good for me?"], [call("recommend_products"), words])

    assert result.reply == (f"{words} Ridge Tent: because you bought Alder Poles; Moss Mat: sponsored by Moss Ltd.")
    assert result.withheld == ()


def test_a_small_model_need_not_know_the_tool(recommender: ScriptedRecommender) -> None:
    search = call("search_catalog", query="tent")
    said = ["tents", "wat do you reccomend", "somthing like the second one but cheaper", "what goes with this?"]
    script = [search, "The Ridge Tent is $199.00.", "", "", ""]

    tents, *results = talk(recommender, said, script, TUNED)

    assert [result.tool_calls[0].name for result in results] == ["recommend_products"] * 3
    second = tents.products[1]
    free, alike, with_this = recommender.asked
    assert (free.goal, free.like) == ("personal", ())
    # The latest list is the recommended one by then, whose second is the mat of $29.
    assert (alike.goal, alike.like, alike.price_max) == ("similar", ("m1",), 28)
    assert (with_this.goal, with_this.like) == ("complement", ("t1",))
    assert second.id in ("t1", "t2")
    assert all(result.reply.startswith("I recommend Ridge Tent") for result in results)
    assert all(result.model.calls == 1 for result in results)


def test_a_wish_that_names_goods_stays_with_the_model(recommender: ScriptedRecommender) -> None:
    search = call("search_catalog", query="tent", price_max=160)

    (result,) = talk(recommender, ["recommend a tent under 160"], [search, "The Cairn Tent is $149.00."], TUNED)

    assert [made.name for made in result.tool_calls] == ["search_catalog"]
    assert recommender.asked == []


def test_in_chinese_too(recommender: ScriptedRecommender) -> None:
    recommender.reasons = {"t1": ("因为您买过赤杨登山杖", *BOUGHT[1:])}

    plain, said = talk(recommender, ["有什么推荐", "再推荐几个"], ["", "推荐山脊帐篷，因为您买过赤杨登山杖。"], TUNED)

    assert plain.reply.startswith("为您推荐：山脊帐篷，US$199.00，有货，120 人评分 4.5（因为您买过赤杨登山杖）；")
    assert said.reply == "推荐山脊帐篷，因为您买过赤杨登山杖。"


def test_goods_that_were_never_shown_are_refused(recommender: ScriptedRecommender) -> None:
    (result,) = talk(
        recommender, ["like the tent"], [call("recommend_products", like=["t2"]), "I am not sure which you mean."]
    )

    assert not result.tool_calls[0].ok
    assert recommender.asked == []


def test_who_wants_no_upselling_is_spared_from_then_on(recommender: ScriptedRecommender) -> None:
    talk(recommender, ["please don't upsell me", "what's popular?"], ["All right.", "", ""], TUNED)

    assert [(asked.goal, asked.upsell) for asked in recommender.asked] == [("popular", False)]


def test_a_stranger_is_asked_one_quick_question_and_the_answer_counts(recommender: ScriptedRecommender) -> None:
    recommender.questions = (WHAT,)
    said = ["what do you recommend", "mats", "anything else for me?"]

    first, second, third = talk(recommender, said, ["", "", ""], TUNED)

    asks = "Which of these is nearest? For example: Tents, Mats, No matter?"
    assert first.reply.endswith(asks)
    assert asks not in second.reply  # never two in a row
    assert third.reply.endswith(asks)
    assert [dict(asked.context.answers) for asked in recommender.asked] == [
        {},
        {"category": "Mats"},
        {"category": "Mats"},
    ]


def test_a_price_is_an_answer_too(recommender: ScriptedRecommender) -> None:
    recommender.questions = (WHAT,)

    talk(recommender, ["surprise me", "for under 50"], ["", ""], TUNED)

    assert [asked.price_max for asked in recommender.asked] == [None, 50]


def test_without_a_model_a_recommendation_is_made_all_the_same(recommender: ScriptedRecommender) -> None:
    down = openai.APIConnectionError(request=httpx.Request("POST", "http://127.0.0.1/v1"))

    (result,) = talk(recommender, ["what do you recommend?"], [down])

    assert [made.name for made in result.tool_calls] == ["recommend_products"]
    assert "because you bought Alder Poles" in result.reply


def test_nothing_to_recommend_is_said(recommender: ScriptedRecommender) -> None:
    recommender.ids = ()

    (result,) = talk(recommender, ["what's new?"], [""], TUNED)

    assert result.reply == "I have nothing to recommend for that."


def test_who_buys_nothing_regularly_is_told_so(recommender: ScriptedRecommender) -> None:
    recommender.ids = ()

    english, chinese = talk(recommender, ["the usual", "老样子"], ["", ""], TUNED)

    assert english.reply == "There is nothing yet that you buy again and again."
    assert chinese.reply == "还没有您经常购买的商品。"
