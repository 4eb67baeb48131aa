"""Where nothing fits, the shopper hears so, which condition is in the way, and what comes nearest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from scripted import UNREPAIRED, ScriptedModel, call, small_shop

from assistant.agent import Assistant
from assistant.events import Turn, TurnResult
from assistant.evidence import Ledger
from assistant.grounding import Checker
from assistant.tools.nearest import Offer, softest
from retriever.product import Availability, Money, PriceRange, Product
from retriever.store import Store

GOODS = [
    {"id": "s1", "title": "Tidewater Bluetooth Speaker", "price": "49.00", "brand": "Tidewater",
     "texts": {"zh": {"title": "潮汐蓝牙音箱"}}, "categories": ["Audio"], "attributes": {"color": "black"}},
    {"id": "s2", "title": "Pebble Bluetooth Speaker Mini", "price": "19.00", "brand": "Pebble", "categories": ["Audio"],
     "attributes": {"color": "blue"}},
    {"id": "t1", "title": "Ridge Tent", "price": "80.00", "brand": "Ridge", "categories": ["Outdoor"]},
]  # fmt: skip
PEBBLE = "The Pebble Bluetooth Speaker Mini is $19.00."


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_shop(tmp_path_factory.mktemp("shop"), GOODS)
    yield opened
    opened.close()


def ask(store: Store, text: str, answer: str, **arguments: Any) -> TurnResult:
    """One turn in which the model searches with these arguments and then answers."""
    model = ScriptedModel([call("search_catalog", **arguments), answer])
    return asyncio.run(Assistant(store, model, UNREPAIRED, InMemorySaver()).reply(Turn(text)))


NEAREST = {
    "a speaker please": "I found nothing for “speaker” that fits. Without the highest price: "
    "Pebble Bluetooth Speaker Mini, $19.00, in stock; Tidewater Bluetooth Speaker, $49.00, in stock.",
    "有没有 speaker": "没有找到符合“speaker”的商品。去掉最高价："
    "Pebble Bluetooth Speaker Mini，US$19.00，有货；潮汐蓝牙音箱，US$49.00，有货。",
}


@pytest.mark.parametrize(("text", "told"), NEAREST.items())
def test_what_misses_the_highest_price_by_least_comes_first(store: Store, text: str, told: str) -> None:
    result = ask(store, text, "", query="speaker", price_max=5)

    assert result.reply == told
    assert [product.id for product in result.products] == ["s2", "s1"]
    assert {proof.source.id for proof in result.evidence if proof.kind == "price"} == {"s1", "s2"}


def test_a_price_in_the_query_itself_is_let_go_of_too(store: Store) -> None:
    result = ask(store, "speaker under $5", "", query="speaker under $5")

    assert "Without the highest price: Pebble" in result.reply


def test_the_other_condition_in_the_way_is_counted(store: Store) -> None:
    result = ask(
        store, "a blue Tidewater speaker", "", query="speaker", brand="Tidewater", attributes={"color": "blue"}
    )

    assert "Without the color: Tidewater Bluetooth Speaker" in result.reply
    assert result.reply.endswith("Without the brand there would be 1.")


def test_where_no_single_condition_is_to_blame_all_of_them_are_named(store: Store) -> None:
    result = ask(
        store, "a speaker", "", query="speaker", brand="Ridge", category="Outdoor", attributes={"color": "red"}
    )

    assert "Without the color, the brand and the category: " in result.reply


def test_an_attribute_is_named_only_as_the_records_name_it(store: Store) -> None:
    """Its name is the model's: whatever it puts there must not reach the shopper as the shop's word."""
    result = ask(store, "a speaker", "", query="speaker", attributes={"50% off today": "yes"})

    assert "50%" not in result.reply
    assert "Without one of the features: " in result.reply


def test_what_the_model_says_of_them_is_led_in_by_what_was_let_go_of(store: Store) -> None:
    result = ask(store, "a speaker under 5 dollars", PEBBLE, query="speaker", price_max=5)

    assert result.reply == f"I found nothing for “speaker” that fits. Without the highest price: {PEBBLE}"


def test_it_is_led_in_in_chinese_too(store: Store) -> None:
    result = ask(store, "有没有 5 美元以下的 speaker", "潮汐蓝牙音箱售价49美元。", query="speaker", price_max=5)

    assert result.reply == "没有找到符合“speaker”的商品。去掉最高价：潮汐蓝牙音箱售价49美元。"


@pytest.mark.parametrize("honest", ["I found no speaker under $5.", "We don't have a speaker under 5 dollars."])
def test_a_model_that_says_so_itself_is_not_repeated(store: Store, honest: str) -> None:
    result = ask(store, "a speaker under 5 dollars", f"{honest} {PEBBLE}", query="speaker", price_max=5)

    assert result.reply == f"{honest} {PEBBLE}"


@pytest.mark.parametrize(
    "claim",
    [
        "I found two speakers.",
        "These fit: the Pebble Bluetooth Speaker Mini.",
        "Here are 2 matching your wish.",
        "有两款符合。",
    ],
)
def test_they_are_not_said_to_fit(store: Store, claim: str) -> None:
    result = ask(store, "a speaker under 5 dollars", claim, query="speaker", price_max=5)

    assert [held.text for held in result.withheld] == [claim]


@pytest.mark.parametrize("price", ["$19", "19 dollars"])
def test_a_price_of_what_comes_nearest_is_not_denied(store: Store, price: str) -> None:
    result = ask(store, "a speaker under 5 dollars", f"I found no speaker for {price}.", query="speaker", price_max=5)

    assert result.withheld


@pytest.mark.parametrize("text", ["a speaker please", "有没有 speaker"])
def test_the_check_proves_the_plain_words(store: Store, text: str) -> None:
    """A model that repeats them, as one that was taught by them does, may say them."""
    told = ask(store, text, "", query="speaker", price_max=5).reply

    assert ask(store, text, told, query="speaker", price_max=5).reply == told


def test_a_later_search_that_finds_something_is_what_counts(store: Store) -> None:
    model = ScriptedModel([call("search_catalog", query="speaker", price_max=5), call("search_catalog", query="tent"),
                           "The Ridge Tent is $80.00."])  # fmt: skip

    result = asyncio.run(Assistant(store, model, UNREPAIRED, InMemorySaver()).reply(Turn("a speaker or a tent")))

    assert result.reply == "The Ridge Tent is $80.00."


def offer(*given_up: str, answers: bool = True, price: str = "50.00") -> Offer:
    money = Money(amount=int(price.replace(".", "")), currency="USD")
    there = Availability(available=True, status="in_stock")
    product = Product(id="x", title="X", price_range=PriceRange(min=money, max=money), availability=there)
    return Offer(given_up, (product,), answers, "")


@pytest.mark.parametrize(
    ("offers", "given_up"),
    [
        ([offer("exclude"), offer("brand"), offer("price_max")], "price_max"),
        ([offer("price_max"), offer("attributes.color")], "attributes.color"),
        ([offer("price_max", price="24.00"), offer("attributes.color")], "price_max"),
        ([offer("attributes.color", answers=False), offer("price_max")], "price_max"),
        ([offer("attributes.color", "brand"), offer("exclude")], "exclude"),
    ],
)
def test_the_thing_is_kept_and_what_people_give_up_first_is_given_up(offers: list[Offer], given_up: str) -> None:
    best = softest(offers, {"price_max": 20})

    assert best is not None
    assert best.given_up == (given_up,)


def test_nothing_is_given_up_where_nothing_would_be_found() -> None:
    assert softest([], {}) is None


def test_only_the_shops_own_words_open_a_list_of_nearest_goods() -> None:
    checker = Checker(Ledger((), (), (), nearest=""))

    assert not checker.judge("Without the highest price: a golden sofa.").ok
