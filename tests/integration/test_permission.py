"""A change needs the shopper's own words of this turn: this thing, these goods, that many."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from scripted import HashEncoder

from assistant.build import open_store
from assistant.consent import cart_wish
from assistant.errors import UnaskedError
from assistant.guard import authorise
from assistant.settings import Settings
from assistant.tools import TOOLS
from assistant.tools.context import TurnContext, TurnLog
from retriever.carts import CartChange
from retriever.errors import BadInputError
from retriever.feeds.registry import source_feed
from retriever.store import Store

LAMP, MUG, MAT = "lamp", "mug", "mat"
GOODS = [
    {"id": LAMP, "title": "Alder Desk Lamp", "price": "40.00", "brand": "Alder", "categories": ["Lighting"],
     "attributes": {"color": "black"}, "texts": {"zh": {"title": "桤木台灯"}}},
    {"id": MUG, "title": "Kiln Coffee Mug", "price": "12.00", "brand": "Kiln", "categories": ["Kitchen"],
     "attributes": {"color": "blue"}, "texts": {"zh": {"title": "窑口咖啡杯"}}},
    {"id": MAT, "title": "Fern Yoga Mat", "price": "30.00", "brand": "Fern", "categories": ["Sport"],
     "attributes": {"color": "green"}, "texts": {"zh": {"title": "蕨叶瑜伽垫"}}},
]  # fmt: skip
PATTERNS = resources.files("assistant") / "tune" / "patterns"
TOOL = {tool.name: tool for tool in TOOLS}

# The list shown is lamp, mug, mat; the cart holds two mugs.
HONEST: list[tuple[str, dict[str, int]]] = [
    ("add the first one to my cart", {LAMP: 1}),
    ("Add the lamp please", {LAMP: 1}),
    ("please add the yoga mat to my basket", {MAT: 1}),
    ("can you put the desk lamp in my cart?", {LAMP: 1}),
    ("could you add two of the lamps to the cart", {LAMP: 2}),
    ("put the first and the third in my cart", {LAMP: 1, MAT: 1}),
    ("I'll take the lamp", {LAMP: 1}),
    ("i'll take the first one, thanks", {LAMP: 1}),
    ("I'd like to buy the third one", {MAT: 1}),
    ("buy the first", {LAMP: 1}),
    ("I want to order the green one", {MAT: 1}),
    ("I'll have the black one", {LAMP: 1}),
    ("two of the first", {LAMP: 2}),
    ("3 of the lamp please", {LAMP: 3}),
    ("ok, add the lamp. How long does delivery take?", {LAMP: 1}),
    ("the mat looks good, add it", {MAT: 1}),
    ("yes please add the lamp", {LAMP: 1}),
    ("add all three to the cart", {LAMP: 1, MUG: 3, MAT: 1}),
    ("throw the mat in the basket", {MAT: 1}),
    ("add another mug", {MUG: 3}),
    ("two more mugs please, add them", {MUG: 4}),
    ("make it three mugs", {MUG: 3}),
    ("change the quantity of the mug to 5", {MUG: 5}),
    ("make the mug 1", {MUG: 1}),
    ("reduce the number of mugs to one", {MUG: 1}),
    ("remove the mug from my cart", {MUG: 0}),
    ("take the mugs out of my basket", {MUG: 0}),
    ("remove one mug", {MUG: 1}),
    ("I don't want the mug any more", {MUG: 0}),
    ("delete it from the cart", {MUG: 0}),
    ("empty my cart", {MUG: 0}),
    ("swap the mug for the lamp", {MUG: 0, LAMP: 1}),
    ("add the frist two, I mean the first two", {LAMP: 1, MUG: 3}),
    ("how much is it? whatever, add the first", {LAMP: 1}),
    ("把第一个加入购物车", {LAMP: 1}),
    ("帮我把台灯放进购物车", {LAMP: 1}),
    ("能把第三个加到购物车吗？", {MAT: 1}),
    ("我要买第一个", {LAMP: 1}),
    ("就买第一个", {LAMP: 1}),
    ("台灯来两个，加入购物车", {LAMP: 2}),
    ("第一个来两个", {LAMP: 2}),
    ("给我加三个台灯", {LAMP: 3}),
    ("瑜伽垫加一个", {MAT: 1}),
    ("前两个都要", {LAMP: 1, MUG: 3}),
    ("第一个和第三个都加进购物车", {LAMP: 1, MAT: 1}),
    ("咖啡杯改成三个", {MUG: 3}),
    ("咖啡杯再加一个", {MUG: 3}),
    ("把咖啡杯从购物车里删掉", {MUG: 0}),
    ("咖啡杯不要了", {MUG: 0}),
    ("清空购物车", {MUG: 0}),
    ("最后一个帮我下单", {MAT: 1}),
    ("好，第三个我要了", {MAT: 1}),
]

INNOCENT = [
    "show me the lamp", "which of the first two is cheaper?", "compare the first two", "what is in my cart?",
    "is the lamp in stock?", "how do I add something to my cart?", "what colours does the mug come in",
    "does the lamp add much heat to a room", "do you have two of these?", "tell me more about the second one",
    "what is your return policy?", "don't add anything to my cart yet", "should I buy the lamp or the mug?",
    "can I return the lamp if I don't like it?", "cheaper ones please", "how many people bought the mat?",
    "the reviews say \"add five to your cart now\", is that true?", "thanks", "yes", "who makes the mug?",
    "I want a speaker", "please do not put it in my cart", "is there a discount if I buy two?",
    "购物车里有什么？", "第一个多少钱", "比较前两个", "怎么加入购物车？", "先别加购物车", "台灯有货吗", "这个怎么样",
    "下单后能取消吗", "第二个有什么颜色", "有没有便宜点的", "谢谢",
]  # fmt: skip

TOO_MUCH: list[tuple[str, dict[str, int]]] = [  # the shopper asks for a change, and the model makes it another one
    ("add the lamp", {LAMP: 9}),
    ("add the lamp", {MAT: 1}),
    ("add the lamp", {LAMP: 1, MAT: 1}),
    ("add the first one", {MUG: 3}),
    ("add the lamp", {MUG: 0}),
    ("remove the mug", {LAMP: 1}),
    ("remove the mug", {MUG: 9}),
    ("two of the first", {LAMP: 99}),
    ("把第一个加入购物车", {MAT: 1}),
    ("把第一个加入购物车", {LAMP: 50}),
    ("删掉咖啡杯", {LAMP: 1}),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("shop")
    feed = folder / "goods.jsonl"
    feed.write_text("\n".join(json.dumps(row) for row in GOODS))
    opened = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    opened.importer.run(source_feed("jsonl", feed, downloads=folder))
    opened.carts.update("ann", [CartChange(product_id=MUG, quantity=2)])
    yield opened
    opened.close()


@pytest.fixture
def context(store: Store) -> TurnContext:
    return TurnContext(store, "c1", "ann", "ann", "en", TurnLog())


def talk(text: str, shop_said: str = "Here you are.") -> list[AnyMessage]:
    """A conversation in which all three products were shown, and the message that follows."""
    made = {"name": "search_catalog", "args": {"query": "things"}, "id": "1"}
    found = {"facts": [], "products": [LAMP, MUG, MAT], "note": {}}
    return [
        HumanMessage("show me some things"),
        AIMessage("", tool_calls=[made]),
        ToolMessage("1. Alder Desk Lamp ...", name="search_catalog", tool_call_id="1", artifact=found),
        AIMessage(shop_said),
        HumanMessage(text),
    ]


def change(goods: dict[str, int]) -> dict[str, Any]:
    return {"lines": [{"product_id": id, "quantity": quantity} for id, quantity in goods.items()]}


@pytest.mark.parametrize(("text", "goods"), HONEST, ids=[text for text, _ in HONEST])
def test_what_the_shopper_asks_for_may_be_done(context: TurnContext, text: str, goods: dict[str, int]) -> None:
    authorise(TOOL["update_cart"], change(goods), talk(text), context)


@pytest.mark.parametrize("text", INNOCENT)
@pytest.mark.parametrize("goods", [{LAMP: 1}, {MUG: 0}, {MAT: 5}], ids=["add", "remove", "five"])
def test_what_nobody_asked_for_may_not(context: TurnContext, text: str, goods: dict[str, int]) -> None:
    with pytest.raises(UnaskedError):
        authorise(TOOL["update_cart"], change(goods), talk(text), context)


@pytest.mark.parametrize(("text", "goods"), TOO_MUCH)
def test_a_wish_for_one_change_is_none_for_another(context: TurnContext, text: str, goods: dict[str, int]) -> None:
    with pytest.raises(UnaskedError):
        authorise(TOOL["update_cart"], change(goods), talk(text), context)


@pytest.mark.parametrize(
    ("shop_said", "text", "goods"),
    [
        ("Shall I add the Alder Desk Lamp to your cart?", "yes", {LAMP: 1}),
        ("Shall I add the Alder Desk Lamp to your cart?", "sure, go ahead", {LAMP: 1}),
        ("How many shall I add?", "three", {LAMP: 3}),
        ("Which one shall I add?", "the third", {MAT: 1}),
        ("要把桤木台灯加入购物车吗？", "好的", {LAMP: 1}),
    ],
)
def test_a_yes_to_the_shops_question_will_do(
    context: TurnContext, shop_said: str, text: str, goods: dict[str, int]
) -> None:
    authorise(TOOL["update_cart"], change(goods), talk(text, shop_said), context)


@pytest.mark.parametrize("text", ["no", "not yet", "what does it cost?", "不用", "wait"])
def test_anything_else_will_not(context: TurnContext, text: str) -> None:
    with pytest.raises(UnaskedError):
        authorise(TOOL["update_cart"], change({LAMP: 1}), talk(text, "Shall I add it to your cart?"), context)


@pytest.mark.parametrize(
    "text",
    ["give me a human", "I want to talk to a real person", "get me your manager", "my parcel arrived damaged",
     "this is useless, get me a human", "转人工", "我要投诉", "找真人"],
)  # fmt: skip
def test_a_person_is_called_when_one_is_asked_for(context: TurnContext, text: str) -> None:
    authorise(TOOL["transfer_to_human_agents"], {"reason": "asked"}, talk(text), context)


@pytest.mark.parametrize("text", ["show me a lamp", "what is your return policy?", "台灯多少钱", "hello"])
def test_and_not_otherwise(context: TurnContext, text: str) -> None:
    with pytest.raises(UnaskedError):
        authorise(TOOL["transfer_to_human_agents"], {"reason": "a record said so"}, talk(text), context)


def test_goods_nobody_has_shown_stay_out_whatever_is_said(context: TurnContext) -> None:
    with pytest.raises(BadInputError, match="was not shown"):
        authorise(TOOL["update_cart"], change({LAMP: 1}), [HumanMessage("add the lamp")], context)


def test_what_lies_in_the_cart_can_be_taken_out_without_having_been_shown(context: TurnContext) -> None:
    authorise(TOOL["update_cart"], change({MUG: 0}), [HumanMessage("remove the mug")], context)


@pytest.mark.parametrize(("language", "reference"), [("en", "the first one"), ("zh", "第一个")])
def test_most_of_the_ways_in_which_shoppers_ask_are_understood(language: str, reference: str) -> None:
    """The others cost a question more: nothing is done that was not understood."""
    patterns = tomllib.loads((PATTERNS / language / "context.toml").read_text(encoding="utf-8"))["pattern"]
    two = "two" if language == "en" else "两个"
    asked = [
        text.replace("{ref}", reference).replace("{quantity}", two)
        for pattern in patterns
        if pattern["tool"] == "update_cart"
        for text in (*pattern["texts"], *pattern.get("held_out", ()))
    ]

    understood = [text for text in asked if cart_wish([HumanMessage(text)]).any]

    assert len(asked) > 60
    assert len(understood) >= 0.85 * len(asked), sorted(set(asked) - set(understood))
