"""Training dialogues: what is said, what is right, and that evaluation sees other words and other goods."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from shopfront import small_demo_store

from assistant.tune.answers import answers_to
from assistant.tune.data import Director, Example, split
from assistant.tune.goods import Kind, kinds, singular_and_plural
from assistant.tune.patterns import LANGUAGES, patterns
from assistant.tune.script import Line, Shopper
from assistant.tune.slots import misspelt, money, reference, typed, words
from retriever.demo.relations import products
from retriever.store import Store

AMOUNT = re.compile(r"\$(\d[\d,]*(?:\.\d\d)?)")
TENTS = Kind(language="en", things=("tent", "tents"), brands=("Tinmoor",), colors=("green",), prices=(90, 150, 300))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(tmp_path_factory.mktemp("tune"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def examples(store: Store) -> list[Example]:
    async def hold() -> list[Example]:
        director = Director(store, split(store)[0], seed=4)
        return [example async for found in director.examples(160) for example in found]

    return asyncio.run(hold())


def shopper(language: str = "en", *, held_out: bool = False, seed: int = 1) -> Shopper:
    kind = TENTS if language == "en" else Kind(language="zh", things=("帐篷",))
    return Shopper(language, [kind], [], held_out=held_out, dice=random.Random(seed))


def test_the_same_seed_holds_the_same_dialogues(store: Store):
    async def first() -> list[str]:
        return [e.line() async for found in Director(store, split(store)[0], seed=9).examples(5) for e in found]

    assert asyncio.run(first()) == asyncio.run(first())


def test_examples_decide_and_answer_in_both_languages(examples: list[Example]):
    kinds_ = Counter((example.kind, example.language) for example in examples)
    assert set(kinds_) == {("decide", "en"), ("decide", "zh"), ("answer", "en"), ("answer", "zh")}
    for example in examples:
        assert example.messages[-1]["role"] == ("user" if example.kind == "decide" else "tool")
        assert example.answer.get("content") or example.answer.get("tool_calls")


def test_an_answer_says_what_its_tool_returned(examples: list[Example]):
    for example in examples:
        told = " ".join(str(message.get("content")) for message in example.messages)
        if example.kind == "answer":
            assert set(AMOUNT.findall(str(example.answer["content"]))) <= set(AMOUNT.findall(told)), example


def test_evaluation_sees_other_words_and_other_goods(store: Store):
    train, held_out = split(store)
    assert not {kind.things for kind in train.goods} & {kind.things for kind in held_out.goods}
    assert {kind.language for kind in held_out.goods} == {"en", "zh"}
    for language in LANGUAGES:
        for room in ("search", "context", "service", "talk"):
            for pattern in patterns(language, room):
                assert not set(pattern.texts) & set(pattern.held_out)
    said = {shopper(seed=seed).searches().text.lower() for seed in range(300)}
    unseen = {shopper(held_out=True, seed=seed).searches().text.lower() for seed in range(300)}
    assert len(said & unseen) <= 3  # "tent" alone and the like may be said by anybody


def test_what_was_asked_is_carried_on_and_changed():
    one = shopper()
    one.asked = {"query": "tent", "price_max": 100, "brand": "Tinmoor"}
    shown = [made.row for made in products() if made.family.id == "tent"][:3]
    seen: dict[str, dict] = {}
    for _ in range(400):
        one.asked = {"query": "tent", "price_max": 100, "brand": "Tinmoor"}
        line = one.goes_on(shown, in_cart=True)
        seen[line.phenomenon] = line.arguments
    assert seen["cheaper"] == {"query": "tent", "price_max": 100, "brand": "Tinmoor", "sort": "price_asc"}
    assert seen["drop_price"] == {"query": "tent", "brand": "Tinmoor"}
    assert seen["drop_brand"] == {"query": "tent", "price_max": 100}
    assert seen["other_color"]["attributes"] == {"color": "green"}
    meant = seen["add"]["lines"][0]["product_id"]
    assert meant in {"1", "2", "3", "it"} or any(meant in product.title for product in shown)


def test_goods_are_pointed_at_by_place_or_by_a_name_that_finds_them():
    ways = [reference(2, 5, "Tinmoor Larch Tent", "en", random.Random(seed)) for seed in range(200)]
    assert {str(way.value) for way in ways if str(way.value).isdecimal()} == {"2"}
    names = {str(way.value) for way in ways if not str(way.value).isdecimal()}
    assert {"Tinmoor Larch Tent", "Larch Tent"} <= names
    assert all(way.said == f"the {way.value}" for way in ways if way.value in names)


def test_what_is_to_be_avoided_is_named_without_its_article():
    lines = [shopper(seed=seed).searches() for seed in range(600)]
    avoided = {word for line in lines for word in line.arguments.get("exclude", [])}
    assert avoided
    assert not {word for word in avoided if word.startswith(("a ", "an "))}


def test_around_a_sum_is_that_sum_twice():
    lines = [line for seed in range(400) if (line := shopper(seed=seed).searches()).phenomenon == "budget_around"]
    assert lines
    assert all(line.arguments["price_min"] == line.arguments["price_max"] for line in lines)


def test_the_shops_own_goods_are_asked_for_beside_the_many_that_any_shop_may_have(store: Store):
    mine = [kind for kind in split(store)[0].goods if kind.language == "en"]
    one = Shopper("en", mine, [], held_out=False, dice=random.Random(3))
    own = 0
    for _ in range(300):
        one.searches()
        own += not one.kind.general
    assert 80 < own < 170


def test_other_peoples_words_are_mixed_into_training(store: Store):
    borrowed = Line("wheres my stuff at", "list_orders", "list_orders", {})

    async def hold() -> list[Example]:
        director = Director(store, split(store)[0], seed=4, corpora=[borrowed])
        return [example async for found in director.examples(80) for example in found]

    assert any(example.messages[-1]["content"] == borrowed.text for example in asyncio.run(hold()))


@pytest.mark.parametrize(
    ("amount", "said"), [(7, "seven"), (15, "fifteen"), (42, "forty-two"), (250, "two hundred and fifty")]
)
def test_numbers_in_words(amount: int, said: str):
    assert words(amount) == said


def test_money_is_said_in_many_ways_and_means_one():
    said = {money(250, language, random.Random(seed)).said for language in LANGUAGES for seed in range(60)}
    assert len(said) >= 10
    assert {"$250", "250 dollars", "250美元", "二百五十美元"} <= said


def test_a_slip_changes_a_long_word_only():
    assert misspelt("a mug", random.Random(1)) == "a mug"
    assert misspelt("frying pan", random.Random(1)) != "frying pan"
    assert typed("???", random.Random(2)) == "???"


def test_names_are_asked_for_in_the_singular_too():
    assert singular_and_plural("Frying Pans") == ["frying pans", "frying pan"]
    assert singular_and_plural("Brushes") == ["brushes", "brush"]
    assert singular_and_plural("Batteries") == ["batteries", "battery"]
    assert singular_and_plural("Glass") == ["glass"]


def test_what_a_shop_calls_its_goods_is_found(store: Store):
    found = {kind.things[0]: kind for kind in kinds(store)}
    assert "Tinmoor" in found["tents"].brands
    assert found["tents"].prices


def test_goods_that_are_not_what_was_asked_for_are_told_apart(store: Store):
    tents = [each for each in store.catalogue.stamped(store.catalogue.all_ids()) if "Tents" in each.product.categories]
    shown = [each.product for each in tents[:2]]
    assert answers_to("tent", shown)
    assert not answers_to("lawn mower", shown)
    assert answers_to("we are going camping and it might rain all week", shown)
