"""What the shop has not got is said not to be there; what comes nearest is shown as that and not as a find."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from scripted import UNREPAIRED, HashEncoder, ScriptedModel, call

from assistant.agent import Assistant
from assistant.build import open_store
from assistant.events import Turn, TurnResult
from assistant.settings import Settings
from ranker.encoder import BUILT_IN
from retriever.feeds.registry import source_feed
from retriever.store import Store

GOODS = [
    {"id": "h1", "title": "Siesta Hammock", "price": "60.00", "categories": ["Garden", "Hammocks"],
     "available": False, "texts": {"zh": {"title": "午休吊床"}}},
    {"id": "h2", "title": "Hamster Odometer", "price": "23.50", "categories": ["Pets"]},
    {"id": "p1", "title": "Crosswind Trekking Poles", "price": "70.00", "categories": ["Outdoor"],
     "texts": {"zh": {"title": "侧风登山杖"}}},
    {"id": "k1", "title": "Clack Bluetooth Keyboard", "price": "140.00", "categories": ["Electronics"]},
    {"id": "s1", "title": "Pebble Bluetooth Speaker", "price": "45.00", "categories": ["Bluetooth Speakers"]},
    {"id": "s2", "title": "Linnet Bluetooth Speaker", "price": "80.00", "categories": ["Bluetooth Speakers"]},
    {"id": "m1", "title": "Tuesday Mug", "price": "12.00", "categories": ["Mugs"], "attributes": {"color": "blue"}},
    {"id": "m2", "title": "Porter Mug", "price": "60.00", "categories": ["Mugs"], "attributes": {"color": "red"}},
    {"id": "l1", "title": "Glass Pan Lid", "price": "24.00", "categories": ["Lids"], "attributes": {"color": "red"}},
    {"id": "l2", "title": "Silicone Pan Lid", "price": "9.00", "categories": ["Lids"], "attributes": {"color": "red"}},
    {"id": "c1", "title": "Perch Office Chair", "price": "190.00", "categories": ["Office Chairs"],
     "description": "Kind to a back that sits at a desk all day."},
]  # fmt: skip


class Believing(HashEncoder):
    """An encoder of the built-in one's scale that finds everything near to everything, if only a little."""

    name = f"{BUILT_IN}-hash"
    floor = -1.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("shop")
    feed = folder / "goods.jsonl"
    feed.write_text("\n".join(json.dumps(row) for row in GOODS))
    opened = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=Believing())
    opened.importer.run(source_feed("jsonl", feed, downloads=folder))
    yield opened
    opened.close()


def ask(store: Store, text: str, answer: str = "", **arguments: Any) -> TurnResult:
    """One turn in which the model searches with these arguments and then answers."""
    model = ScriptedModel([call("search_catalog", **arguments), answer])
    return asyncio.run(Assistant(store, model, UNREPAIRED, InMemorySaver()).reply(Turn(text)))


def shown(result: TurnResult) -> list[str]:
    return [product.id for product in result.products]


@pytest.mark.parametrize(
    ("text", "query", "told"),
    [
        ("u guys sell kayaks?", "kayaks", "I found nothing for “kayaks” that fits. The nearest I have: "),
        ("你们有皮划艇吗", "皮划艇", "没有找到符合“皮划艇”的商品。最接近的有："),
    ],
)
def test_goods_that_only_come_nearest_are_named_as_such(store: Store, text: str, query: str, told: str) -> None:
    result = ask(store, text, query=query)

    assert result.reply.startswith(told)
    assert result.products


def test_a_model_that_calls_them_a_find_is_not_heard(store: Store) -> None:
    result = ask(store, "kayaks?", "I found 5 that match.", query="kayaks")

    assert [held.text for held in result.withheld] == ["I found 5 that match."]
    assert result.reply.startswith("I found nothing")


def test_what_is_called_so_comes_before_what_can_be_bought(store: Store) -> None:
    result = ask(store, "do you have hammocks", query="hammocks")

    assert shown(result)[0] == "h1"
    assert "Siesta Hammock, $60.00, out of stock" in result.reply


def test_what_costs_most_comes_first_only_among_what_was_asked_for(store: Store) -> None:
    result = ask(store, "top 5 bluetooth speakers", query="bluetooth speakers", sort="price_desc")

    assert shown(result) == ["s2", "s1"]


def test_a_need_is_answered_with_what_is_near_in_meaning(store: Store) -> None:
    result = ask(store, "my back hurts at my desk", query="my back hurts at my desk")

    assert "c1" in shown(result)
    assert result.reply.startswith("I found")


def test_the_thing_is_kept_and_its_colour_given_up(store: Store) -> None:
    result = ask(store, "red mug under $20", query="mug", price_max=20, attributes={"color": "red"})

    assert result.reply == (
        "I found nothing for “mug” that fits. Without the color: Tuesday Mug, $12.00, in stock. "
        "Without the highest price there would be 1."
    )


def test_cheap_red_things_of_another_kind_do_not_stand_for_it(store: Store) -> None:
    assert "Lid" not in ask(store, "red mug under $20", query="mug", price_max=20, attributes={"color": "red"}).reply


def test_a_price_that_is_missed_by_little_is_given_up_before_the_colour(store: Store) -> None:
    result = ask(store, "red mug under $50", query="mug", price_max=50, attributes={"color": "red"})

    assert "Without the highest price: Porter Mug, $60.00" in result.reply


def test_where_the_thing_is_not_sold_no_condition_is_to_blame(store: Store) -> None:
    result = ask(store, "kayak", query="kayaks", attributes={"color": "purple"})

    assert "The nearest I have: " in result.reply
    assert "Without" not in result.reply


@pytest.mark.parametrize("said", ["I found nothing for kayaks.", "We do not sell kayaks."])
def test_what_the_model_said_of_it_is_not_said_again(store: Store, said: str) -> None:
    result = ask(store, "kayaks?", said, query="kayaks")

    assert result.reply.startswith(f"{said} The nearest I have: ")
    assert result.reply.count("nothing") + result.reply.count("do not") == 1
