"""Turns in which a shopper decides about recommendations, over a real store; what is decided holds at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
from assistant.phrases import PHRASES
from retriever.interactions.histories import recorded_history
from retriever.interactions.taking import EventTaker
from retriever.profiles.building import Profiles
from retriever.profiles.wording import in_words
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because, Ground
from retriever.store import Store

GOODS = [
    {"id": "t1", "title": "Ridge Tent", "price": "199.00", "brand": "Alder", "categories": ["Tents"]},
    {"id": "t2", "title": "Cairn Tent", "price": "149.00", "brand": "Glow", "categories": ["Tents"]},
    {"id": "s1", "title": "Rose Perfume", "price": "59.00", "brand": "Glow", "categories": ["Scents"]},
    {"id": "m1", "title": "Moss Mat", "price": "29.00", "brand": "Alder", "categories": ["Mats"]},
    {"type": "customer", "id": "ann", "name": "Ann"},
]  # fmt: skip
BOUGHT = (
    "because you bought Moss Mat",
    Because("bought", ("m1",)),
    (Ground("order", "W1", "lines.0.product_id", "m1"),),
)


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_shop(tmp_path_factory.mktemp("shop"), GOODS)
    yield opened
    opened.close()


def talk(
    shop: Any, said: list[str], script: list[Any] | None = None, profile: Profile = TUNED, user: str | None = None
) -> list[TurnResult]:
    """The turns of a visit; a script of the model that is asked for nothing is empty."""
    assistant = Assistant(shop, ScriptedModel(script or []), profile, InMemorySaver())
    return [asyncio.run(assistant.reply(Turn(text, "c1", user_id=user, session_id="v1"))) for text in said]


def recommended(store: Store, customer: str = "", session: str = "v1") -> set[str]:
    return {one.id for one in store.recommender.recommend(Asked(customer_id=customer, session_id=session)).results}


def test_a_strangers_brand_is_held_back_at_once_for_this_visit_and_comes_back(store: Store) -> None:
    stopped, _ = talk(store, ["Stop recomending alder!", "mute the tents"])

    assert stopped.reply == (
        "For this visit I will not recommend the brand Alder. A search still finds it. "
        "To undo this, say “you can recommend alder again”."
    )
    assert [(made.name, made.arguments, made.ok) for made in stopped.tool_calls] == [
        ("update_profile", {"change": "stop", "name": "alder"}, True)
    ]
    assert stopped.model.calls == 0
    assert not stopped.limited
    assert recommended(store) == {"s1"}
    assert recommended(store, session="v2") == {"t1", "t2", "s1", "m1"}
    undone, again = talk(store, ["you can suggest Alder again", "you can suggest Alder again"])
    assert undone.reply == "I may recommend the brand Alder again."
    assert again.reply == "You had not kept me from recommending the brand Alder, so I may do so as before."
    assert recommended(store) == {"s1", "m1"}


def test_a_customers_wish_lasts_and_stands_in_the_profile(store: Store) -> None:
    (result,) = talk(store, ["no more perfume suggestions"], user="ann")

    assert result.reply.startswith("From now on I will not recommend anything called “perfume”.")
    profile = Profiles(store.database, store.catalogue).of("ann")
    assert in_words(profile)[-1] == "Muted at your wish: perfume."
    assert recommended(store, "ann", "another visit") == {"t1", "t2", "m1"}
    (told,) = talk(store, ["what do you know about me?"], user="ann")
    assert told.reply == "Nothing is known of your taste yet. Muted at your wish: perfume."


def test_in_chinese_over_english_goods(store: Store) -> None:
    stopped, undone = talk(store, ["以后别再给我推荐香水了", "撤销"])

    assert stopped.reply == (
        "这次浏览中不再推荐名称里有“香水”的商品。搜索时仍能找到。想恢复的话，请说“可以再推荐香水”。"
    )
    assert undone.reply == "现在又可以推荐名称里有“香水”的商品了。"


def test_several_are_named_at_once(store: Store) -> None:
    stopped, undone = talk(store, ["stop recommending tents and Glow", "不要再推荐香水和帐篷了"], user="ann")

    assert stopped.reply.startswith("From now on I will not recommend “Tents” and the brand Glow.")
    assert undone.reply.startswith("今后不再推荐名称里有“香水”的商品和“帐篷”。")
    assert recommended(store, "ann") == {"m1"}
    (half,) = talk(store, ["stop recommending mats and submarines"], user="ann")
    assert half.reply == "The shop has nothing called “mats and submarines”, so nothing was changed."


def test_what_the_shop_has_not_is_said_to_be_nothing(store: Store) -> None:
    english, chinese = talk(store, ["stop recommending submarines", "别再推荐潜水艇"])

    assert english.reply == "The shop has nothing called “submarines”, so nothing was changed."
    assert chinese.reply == "店里没有叫“潜水艇”的商品，所以没有改动。"


def test_what_was_looked_at_is_forgotten(store: Store) -> None:
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    views = [
        {"id": f"e{id}", "kind": "view", "at": at, "session_id": "v1", "product_id": id} for id in ("s1", "t1", "m1")
    ]
    EventTaker(store.database).take(views)

    def seen() -> set[str]:
        return {event.item for event in recorded_history(store.database, "session:v1", now=2e10)}

    perfume, never, everything = talk(
        store, ["please forget that I looked at perfume", "forget I saw the scents", "forget everything about me"]
    )

    assert perfume.reply == "I have forgotten what you did with “perfume”. Records deleted: 1."
    assert never.reply == "There is no record of anything that you did with “scents”."
    assert everything.reply.startswith("I have forgotten what you looked at and searched for")
    assert "Records deleted: 2." in everything.reply
    assert seen() == set()


def test_personal_recommendations_are_switched_off_and_on(store: Store) -> None:
    off, on = talk(store, ["turn off personal recommendations", "turn personal recommendations back on"])

    assert off.reply.startswith("Personal recommendations are off for this visit")
    assert on.reply == "Personal recommendations are on again."
    (off,) = talk(store, ["关闭个性化推荐"], user="ann")
    assert off.reply.startswith("个性化推荐已关闭")
    assert not Profiles(store.database, store.catalogue).of("ann").enabled


def test_why_something_is_recommended_is_said_from_what_was_proved(store: Store) -> None:
    recommender = ScriptedRecommender(store, ("t1", "s1"), {"t1": BOUGHT})
    search = call("search_catalog", query="mat")
    said = [
        "why?",
        "what do you recommend?",
        "why do you recommend the first one",
        "why the second one?",
        "为什么推荐这些",
    ]
    said += ["mats", "why did you show me this?"]
    script = ["Hello.", "", search, "The Moss Mat is $29.00."]

    _, _, first, second, both, _, found = talk(ShopWith(store, recommender), said, script)

    assert first.reply == "Ridge Tent: because you bought Moss Mat."
    assert [(proof.source.type, proof.source.id) for proof in first.evidence] == [("order", "W1")]
    assert second.reply == "Rose Perfume: the records prove no particular reason."
    assert both.reply.startswith("Ridge Tent：because you bought Moss Mat。")
    assert found.reply == "Moss Mat came up in the search for “mat”; it was not recommended for another reason."
    assert found.products == ()


def test_a_large_model_calls_the_tool_itself_and_only_for_what_was_asked(store: Store) -> None:
    stop = call("update_profile", change="stop", name="Glow")
    script = [stop, "I will not recommend Glow to you any more.", stop, "Anything else?"]

    wanted, unasked = talk(store, ["I am sick of Glow, no more of it", "tell me about tents"], script, UNREPAIRED)

    assert wanted.tool_calls[0].ok
    assert "Glow" in wanted.reply
    assert "not" in wanted.reply
    assert not unasked.tool_calls[0].ok
    assert recommended(store) == {"t1", "m1"}


def test_while_no_model_answers_a_decision_is_taken_all_the_same(store: Store) -> None:
    down = openai.APIConnectionError(request=httpx.Request("POST", "http://127.0.0.1/v1"))

    (result,) = talk(store, ["stop recommending Glow"], [down], UNREPAIRED)

    assert result.limited
    assert "For this visit I will not recommend the brand Glow." in result.reply


DECIDED = {
    "en": [
        "why do you recommend this?", "stop recommending Glow", "you can suggest Glow again",
        "you can suggest Glow again",
        "mute the tents", "no more perfume suggestions", "stop recommending submarines",
        "forget that I looked at perfume", "forget that I looked at perfume", "turn off personal recommendations",
        "turn personal recommendations back on", "forget everything about me", "time to restock?",
    ],
    "zh": [
        "为什么推荐这个？", "别再推荐Glow", "可以再推荐Glow", "可以再推荐Glow", "别再推荐帐篷",
        "别再推荐香水", "别再推荐潜水艇",
        "忘记我看过香水", "忘记我看过香水", "关闭个性化推荐", "打开个性化推荐", "忘掉我的一切", "该补货了",
    ],
}  # fmt: skip
ABOUT_DECISIONS = (
    "why_nothing", "stop_visit", "stop", "allow", "allow_none", "goods_of_brand", "goods_of_kind", "goods_called",
    "unknown_name", "forget", "forget_none", "off_visit", "off", "on", "forget_all", "recommend_none_again",
)  # fmt: skip


@pytest.mark.parametrize("language", list(DECIDED))
def test_whatever_is_said_of_a_decision_is_said_in_both_languages(store: Store, language: str) -> None:
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    EventTaker(store.database).take([{"id": "e1", "kind": "view", "at": at, "session_id": "v1", "product_id": "s1"}])

    stranger = talk(store, DECIDED[language][:-1], ["Hello."])
    customer = talk(store, [DECIDED[language][place] for place in (-1, 1, 9)], [""], user="ann")

    heard = "\n".join(result.reply for result in (*stranger, *customer))
    assert [name for name in ABOUT_DECISIONS if not re.search(pattern_of(PHRASES[language][name]), heard)] == []


def pattern_of(words: str) -> str:
    """A phrase as a regular expression, with anything in the place of its values."""
    return "".join(".+?" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", words))
