"""What is believed where the merchant said nothing, in English and Chinese."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from retriever.feeds.rows import ProductRow
from retriever.quality.completing import Brands, Completer, default_confidence
from retriever.quality.lexicon import Phrases, lexicon
from retriever.quality.neighbours import Neighbourhood

BARE = {"id": "p", "title": "Thing", "brand": "Acme", "categories": ["Things"]}


def completed(**change) -> dict[str, tuple[str, str]]:
    row = ProductRow.model_validate(BARE | change)
    return {found.field: (found.value, found.source) for found in Completer(None).complete(row)}


@pytest.mark.parametrize(
    ("title", "field", "value"),
    [
        ("Trail shirt, navy blue", "color", "navy"),
        ("Matte Black kettle", "color", "black"),
        ("Grey sofa", "color", "gray"),
        ("无线耳机 白色", "color", "white"),
        ("藏青色 衬衫", "color", "navy"),
        ("Stainless-Steel bottle", "material", "stainless steel"),
        ("纯棉衬衫", "material", "cotton"),
        ("PU leather wallet", "material", "faux leather"),
        ("Slipper, Size 9", "size", "9"),
        ("Cushion 18 x 18 inch", "size", "18 x 18 inch"),
        ("Tank top, Large", "size", "Large"),
        ("Shampoo 28 oz", "size", "28 oz"),
        ("保温杯 500毫升", "size", "500毫升"),
        ("T恤 大号", "size", "大号"),
    ],
)
def test_a_title_names_it(title, field, value):
    assert completed(title=title)[field][0] == value


@pytest.mark.parametrize(
    "title",
    [
        "Blackberry jam",
        "White noise machine",
        "Black tea",
        "Reddish brownie mix",
        "Oakland tourist map",
        "Paper towels",
        "1080p camera",
        "Drill bit 4-7/8",
    ],
)
def test_words_that_only_look_like_it(title):
    assert completed(title=title) == {}


def test_where_it_was_found_is_said_and_decides_how_sure_it_is():
    rows = [
        {"title": "Red kettle"},
        {"title": "Red kettle with blue lid"},
        {"title": "Kettle", "description": "The lid is red."},
    ]
    found = [next(Completer(None).complete(ProductRow.model_validate(BARE | row))) for row in rows]
    assert [(one.value, one.source) for one in found] == [
        ("red", "'red' in the title"),
        ("blue", "'blue' in the title"),
        ("red", "'red' in the description"),
    ]
    sure = default_confidence().color
    assert [one.confidence for one in found] == [sure["only"], sure["title"], sure["description"]]


def test_two_colours_in_a_description_say_nothing():
    assert completed(title="Kettle", description="Comes in red and in blue.") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": {"Color": "Crimson"}},
        {"attributes": {"颜色": "红"}},
        {"variants": [{"id": "v", "options": {"Colour": "Crimson"}}]},
    ],
)
def test_what_the_merchant_said_is_left_alone(change):
    assert "color" not in completed(title="Red kettle", **change)


def brands(*known: str) -> Brands:
    held = Brands()
    for name in known:
        held.learn(name)
    return held


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("NORTHWIND tent", ("Northwind", "start")),
        ("North Peak Pro rucksack", ("North Peak Pro", "start")),
        ("Levi's jeans", ("Levi's", "start")),
        ("小米无线耳机", ("小米", "start")),
        ("Tent by North Peak", ("North Peak", "inside")),
        ("Zephyr kettle", ("Zephyr", "first_word")),
    ],
)
def test_brands(title, found):
    held = brands("Northwind", "Northwind", "North Peak", "North Peak Pro", "Levi's", "小米", "Apple", "Apple")
    assert (held.find(title) or ())[:2] == found


@pytest.mark.parametrize(
    "title", ["case for Apple phones", "the red kettle", "Black kettle", "7 pegs", "kettle, zephyr"]
)
def test_no_brand(title):
    assert brands("Apple", "Apple", "Zephyr").find(title) is None


def test_a_category_by_its_neighbours_goes_as_deep_as_they_agree():
    with Neighbourhood(group=8) as neighbourhood:
        completer = Completer(neighbourhood)
        for axis, path in enumerate([["Outdoor", "Tents"], ["Home", "Desks"], ["Home", "Lamps"]]):
            rows = [ProductRow.model_validate(BARE | {"id": f"{axis}-{n}", "categories": path}) for n in range(6)]
            completer.learn(rows, np.eye(4, dtype=np.float32)[[axis] * 6])
        row = ProductRow.model_validate(BARE | {"categories": [" "]})
        tent = next(completer.complete(row, np.array([0.98, 0.1, 0.1, 0], dtype=np.float32)))
        home = next(completer.complete(row, np.array([0, 0.7, 0.7, 0], dtype=np.float32)))
        told = list(completer.complete(ProductRow.model_validate(BARE), np.eye(4, dtype=np.float32)[0]))
    assert (tent.field, tent.value) == ("category", "Outdoor > Tents")
    assert home.value.startswith("Home")
    assert 0 < home.confidence <= tent.confidence <= 1
    assert told == []


def test_confidence_rises_with_the_votes():
    sure = [default_confidence().of_votes(share / 20) for share in range(21)]
    assert sure == sorted(sure)


@pytest.mark.parametrize("name", ["color", "material"])
def test_every_word_of_the_lexicon_is_found_by_itself(name, pytestconfig):
    text = (pytestconfig.rootpath / "retriever/quality/lexicon.toml").read_text(encoding="utf-8")
    for value, words in tomllib.loads(text)[name]["words"].items():
        assert {getattr(lexicon(), name).value_of(f"A {word} thing") for word in words} == {value}


def test_the_longest_phrase_counts():
    found = Phrases({"steel": "steel", "stainless steel": "stainless", "steel wool": None, "不锈钢": "stainless"})
    assert found.values("Stainless-steel pan, steel lid") == {"stainless": "stainless steel", "steel": "steel"}
    assert found.values("steel wool") == {}
    assert list(found.values("不锈钢 pot, steel lid").items()) == [("stainless", "不锈钢"), ("steel", "steel")]
