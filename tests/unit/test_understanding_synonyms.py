"""Synonyms that a shop's own goods, searches and languages teach, and those that they must not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.encoder import Progress, Vectors
from retriever.understanding.recorded import Synonyms
from retriever.understanding.synonyms import CLOSED, Goods, Table, learn


class Alike:
    """An encoder that finds the words of one meaning near, and all others far."""

    name, dimension, floor = "alike", 8, 0.3
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, *meanings: str) -> None:
        self._meanings = [meaning.split() for meaning in meanings]

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            meaning = next((at for at, words in enumerate(self._meanings) if text in words), 32 + row)
            vectors[row, meaning] = 1
        return vectors


def goods(*titles: str) -> list[Goods]:
    return [Goods(title) for title in titles]


def also(table: Table, *words: str) -> list[str]:
    return [expansion.also for expansion in table.expand(words)]


SOFAS = goods(
    "Velvet Sofa Slipcover", "Stretch Couch Slipcover", "Couch/Sofa Slipcover Stretch Velvet", "Velvet Couch Cushion",
    "Garden Spade", "Garden Hose",
)  # fmt: skip


def test_alternatives_that_keep_one_company_and_are_near() -> None:
    table = learn(SOFAS, encoder=Alike("sofa couch"))

    (found,) = table.expand(["velvet", "sofas"])

    assert (found.said, found.also, found.why) == ("sofas", "couch", "alternative")
    assert 0 < found.weight < 1
    assert also(table, "couch") == ["sofa"], "both ways"


def test_alternatives_that_the_encoder_tells_apart_or_cannot_judge_are_none() -> None:
    chinese = Alike("sofa couch")
    chinese.languages = frozenset({"zh"})

    for encoder in (Alike("sofa"), chinese, None):
        assert also(learn(SOFAS, encoder=encoder), "sofa") == []


def test_alternatives_in_other_company_are_none() -> None:
    shop = goods("Wine/Beer", "Wine Rack Oak", "Wine Rack Iron", "Beer Koozie Foam", "Beer Koozie Sleeve")

    assert also(learn(shop, encoder=Alike("wine beer")), "wine") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("black", "white"), ("left", "right"), ("men", "women"), ("small", "large"), ("two", "three"),
        ("wired", "wireless"), ("indoor", "outdoor"), ("cotton", "wool"), ("queen", "king"), ("dog", "cat"),
    ],
)  # fmt: skip
def test_opposites_and_siblings_are_never_synonyms_however_near_they_are(one: str, other: str) -> None:
    shop = goods(*[f"{word} mat {one}/{other} soft" for word in ("red", "new", "big")])
    clicks = [(f"{word} {thing}", "p") for word in (one, other) for thing in ("mat", "rug", "bed") for _ in range(5)]

    table = learn(shop, clicks, Alike(f"{one} {other}"))

    assert also(table, one) == also(table, other) == []


def test_brands_are_never_synonyms() -> None:
    shop = [
        Goods(f"Phone Case {word} Apple/Samsung", brand=brand) for word, brand in (("a", "Apple"), ("b", "Samsung"))
    ]

    assert also(learn(shop, encoder=Alike("apple samsung")), "apple") == []


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

    assert [(one.also, one.why) for one in table.expand(["rucksack"])] == [("backpack", "searches")]


def test_words_that_are_exchanged_once_are_chance() -> None:
    shop = goods("Winter Tent", "Family Tent", "Winter Tent", "Family Tent")

    assert also(learn(shop, clicked("winter tent", "family tent", "tunnel tent")), "tunnel") == []


BILINGUAL = [
    Goods(f"Acme {name} {english}", brand="Acme", titles={"zh": f"Acme {name} {chinese}"})
    for english, chinese in (("Advent Calendar", "圣诞日历"), ("Wall Calendar", "挂墙日历"), ("Tin Whistle", "锡口哨"))
    for name in ("Dawn", "Elm", "Fir", "Oak")
]


def test_the_titles_of_bilingual_goods_teach_translations() -> None:
    table = learn(BILINGUAL)

    assert table.languages == {"en", "zh"}
    assert table.translations("calendar") == ("日历",)
    assert table.translations("日历") == ("calendar",)
    assert table.translations("tin whistle") == ("锡口哨",)
    assert table.translations("acme") == ()


def test_a_shop_of_one_language_speaks_one() -> None:
    assert learn(SOFAS).languages == {"en"}
    assert learn(goods("无线耳机", "手机壳")).languages == {"zh"}
    assert learn([]).languages == set()


def test_the_table_is_read_again_after_an_import_and_not_before() -> None:
    class Shop:
        imports = reads = 0

        def state(self) -> object:
            return self.imports

        def read(self) -> Table:
            self.reads += 1
            return learn(HEADPHONES if self.imports else [])

    shop, now = Shop(), [0.0]
    synonyms = Synonyms(shop, clock=lambda: now[0])
    assert synonyms.expand(["headphones"]) == synonyms.expand(["headphones"]) == ()
    shop.imports += 1
    now[0] += 60

    assert [one.also for one in synonyms.expand(["headphones"])] == ["head phones"]
    assert (shop.reads, synonyms.languages()) == (2, {"en"})


@given(st.lists(st.sampled_from(["sofa", "velvet", "head", "phones", "black", "headphones", "2", ""]), max_size=8))
def test_what_is_added_is_new_and_no_word_of_a_closed_group(words: list[str]) -> None:
    table = learn([*SOFAS, *HEADPHONES], encoder=Alike("sofa couch"))

    for expansion in table.expand(words):
        assert expansion.said in " ".join(words)
        assert expansion.also not in words
        assert not CLOSED & set(expansion.also.split())
