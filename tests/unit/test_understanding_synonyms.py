"""Synonyms that a shop's own goods and searches teach, and those that they must not."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.understanding.synonyms import Goods, Table, learn


def goods(*titles: str) -> list[Goods]:
    return [Goods(title) for title in titles]


def also(table: Table, *words: str) -> list[str]:
    return [expansion.also for expansion in table.expand(" ".join(words))]


HEADPHONES = goods(
    "Wireless Headphones Bluetooth", "Wireless Head Phones Bluetooth", "Head Phones Foldable Bluetooth",
    "Headphones Foldable",
)  # fmt: skip


def test_compounds_are_joined_and_taken_apart() -> None:
    table = learn(HEADPHONES)

    assert also(table, "head", "phones") == ["headphones"]
    assert also(table, "headphones") == ["head phones"]


def test_a_compound_in_other_company_is_another_thing() -> None:
    shop = goods(
        "Car Pet Seat Cover", "Car Pet Barrier", "Carpet Wool Runner Hallway", "Carpet Hallway Runner Jute", "Wool Jute"
    )

    assert also(learn(shop), "carpet") == also(learn(shop), "car", "pet") == []


@pytest.mark.parametrize("words", [("in", "door"), ("7", "5"), ("usb", "c")])
def test_small_words_and_numbers_are_no_parts_of_a_compound(words: tuple[str, str]) -> None:
    shop = goods(*["indoor 75 usbc lamp", " ".join(words) + " lamp"] * 3)

    assert also(learn(shop), *words) == []


def test_abbreviations_with_their_words_both_ways() -> None:
    shop = [Goods(f"{size} SSD", f"A solid state drive (SSD) of {size}. Fast (NEW)") for size in ("1TB", "2TB")]
    table = learn(shop)

    assert also(table, "ssd") == ["solid state drive"]
    assert also(table, "solid", "state", "drives") == ["ssd"]


def test_an_abbreviation_of_two_things_is_none() -> None:
    shop = [Goods("PC case", text) for text in ("personal computer (PC)", "phone case (PC)") * 2]

    assert also(learn(shop), "pc") == []


def clicked(*queries: str) -> Iterable[tuple[str, str]]:
    return [(query, product) for query in queries for product in ("a", "b", "c")]


def test_words_that_are_exchanged_in_queries_for_the_same_products() -> None:
    shop = goods("Rucksack", "Backpack", "Rucksack", "Backpack")
    table = learn(shop, clicked("school rucksack", "school backpack", "small rucksack", "small backpack"))

    assert [(one.also, one.why) for one in table.expand("rucksack")] == [("backpack", "searches")]


def test_words_that_are_exchanged_once_are_chance() -> None:
    shop = goods("Winter Tent", "Family Tent", "Winter Tent", "Family Tent")

    assert also(learn(shop, clicked("winter tent", "family tent", "tunnel tent")), "tunnel") == []


@pytest.mark.parametrize(
    ("one", "other"), [("black", "white"), ("left", "right"), ("men", "women"), ("two", "three"), ("dog", "cat")]
)
def test_opposites_and_siblings_are_never_synonyms_however_often_they_are_exchanged(one: str, other: str) -> None:
    shop = goods(*[f"{word} mat {one} {other}" for word in ("soft", "thin")])

    table = learn(shop, clicked(*[f"{word} {thing}" for word in (one, other) for thing in ("mat", "rug", "bed")]))

    assert also(table, one) == also(table, other) == []


def test_what_was_learned_is_the_same_after_it_was_kept() -> None:
    shop = [*HEADPHONES, *[Goods("SSD drive", "solid state drive (SSD)")] * 2]
    table = learn(shop)

    again = Table.from_json(json.loads(json.dumps(table.json())))

    for text in ("head phones", "headphones", "ssd", "solid state drive", "foldable"):
        assert again.expand(text) == table.expand(text)


@pytest.mark.parametrize("held", [None, [], {}, {"others": 3, "joined": [], "spaced": {}}, {"others": {"a": [1]}}])
def test_what_is_no_table_is_refused(held: object) -> None:
    with pytest.raises(ValueError, match="table"):
        Table.from_json(held)


@given(st.lists(st.sampled_from(["sofa", "velvet", "head", "phones", "black", "headphones", "2", ""]), max_size=8))
def test_what_is_added_is_new_and_told_with_what_it_stands_for(words: list[str]) -> None:
    table = learn(HEADPHONES)

    for expansion in table.expand(" ".join(words)):
        assert expansion.said in " ".join(" ".join(words).split())
        assert expansion.also not in words
        assert 0 < expansion.weight < 1
