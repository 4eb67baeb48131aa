"""Misspelt words are mended to the shop's own; every other word stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.blend import Scored
from retriever.spelling import (
    LIKELY,
    ODD,
    TWO_SLIPS,
    Correction,
    Speller,
    Vocabulary,
    ordinary_word,
    slip,
    sound_alike,
)

WORDS = {
    "earbuds": 40, "headphones": 30, "charger": 25, "kettle": 12, "cable": 20, "table": 4, "towel": 9, "banana": 3,
    "wash": 7, "veldfjord": 8, "desk": 6, "lamp": 11, "waterproof": 5, "slice": 2,
}  # fmt: skip
COMPOUNDS = {"平底锅": 5, "无线耳机": 9, "香薰蜡烛": 3, "保温杯": 4}


class Shop:
    """A shop's words in memory; ``imports`` counts what changed them."""

    def __init__(self, words: Mapping[str, int] = WORDS, compounds: Mapping[str, int] = COMPOUNDS) -> None:
        self.words = words
        self.compounds = compounds
        self.imports = 0
        self.reads = 0

    def state(self) -> object:
        return self.imports

    def read(self) -> Vocabulary:
        self.reads += 1
        return Vocabulary(self.words, self.compounds)


class Texts:
    """A full-text index that knows some words."""

    def __init__(self, *held: str) -> None:
        self.held = set(held)

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        return [Scored("found", 1.0)] if query in self.held else []


def speller(*held: str, shop: Shop | None = None) -> Speller:
    return Speller(shop or Shop(), Texts(*held), ordinary=lambda word: word in {"black", "with", "bluetooth", "light"})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("earubds", "earbuds"),  # neighbours swapped
        ("aerbuds", "earbuds"),  # at the start too
        ("headphnes", "headphones"),  # a letter missing
        ("chargger", "charger"),  # one twice
        ("kittle", "kettle"),  # another vowel
        ("headpohnse", "headphones"),  # two slips of a long word
        ("headphone lapm", "headphone lamp"),
        ("black earubds with lihgt", "black earbuds with lihgt"),  # only the shop's own words are put in
        ("Veldfjrod tent", "Veldfjord tent"),
        ("CHARGGER", "CHARGER"),
        ("chargger手机", "charger手机"),
    ],
)
def test_a_slip_is_mended(said: str, meant: str) -> None:
    assert speller().mend(said).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "earbud",  # another ending
        "chargers",
        "washi",  # nobody adds a letter at the end
        "desko",  # nor is its plural meant
        "bandana",  # nor just any letter in the middle
        "trowel",
        "slicer",  # does what a known word says
        "desklamp",  # two words without their space
        "tabl",  # stems as the word does
        "fable",  # the first letter is seldom wrong
        "cab",  # too short to tell
        "kettel2 kettel_x kettel's me@kettel.com",  # parts of something else
        "zeppelin",  # nothing near
        'a "kettel" and a "black kettel"',  # said to be meant
        '"平地锅"',
        "bluetooth",  # of the language, not of the shop
    ],
)
def test_what_may_be_meant_stays(text: str) -> None:
    assert speller().mend(text).text == text


def test_what_the_full_text_finds_is_no_slip() -> None:
    assert speller("kettel").mend("kettel").text == "kettel"
    assert speller().mend("kettel").text == "kettle"


def test_the_more_frequent_of_two_equally_near_words_is_taken() -> None:
    assert speller(shop=Shop({"stack": 1, "stick": 7, "stock": 3})).mend("steck").text == "stick"
    assert speller(shop=Shop({"stack": 9, "stick": 7, "stock": 3})).mend("steck").text == "stack"


def test_what_was_done_is_told() -> None:
    assert speller().mend("Lapm and cbale").corrections == (Correction("Lapm", "Lamp"), Correction("cbale", "cable"))
    assert speller().mend("lamp and cable").corrections == ()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("平地锅", "平底锅"),
        ("想买一个平地锅", "想买一个平底锅"),
        ("无限耳机", "无线耳机"),
        ("香薰腊烛", "香薰蜡烛"),
        ("保温背", "保温杯"),
        ("有线耳机", "有线耳机"),  # another thing
        ("保温包", "保温包"),  # nor is this one typed like 保温杯
        ("香熏腊烛", "香熏腊烛"),  # two characters off
    ],
)
def test_a_chinese_character_of_the_same_sound_is_mended(said: str, meant: str) -> None:
    assert speller().mend(said).text == meant


def test_a_chinese_word_that_the_shop_has_is_no_slip() -> None:
    assert speller("无限").mend("无限耳机").text == "无限耳机"
    assert speller("背").mend("保温背").text == "保温背"


def test_the_vocabulary_is_read_once_and_anew_after_an_import() -> None:
    shop = Shop({"kettle": 1})
    mends = speller(shop=shop)
    assert [mends.mend(text).text for text in ("kettel", "teapto")] == ["kettle", "teapto"]
    assert shop.reads == 1
    shop.words, shop.imports = {"teapot": 1}, 1
    assert [mends.mend(text).text for text in ("kettel", "teapto")] == ["kettel", "teapot"]
    assert shop.reads == 2


@pytest.mark.parametrize(
    ("said", "meant", "cost"),
    [
        ("cable", "cable", 0),
        ("cbale", "cable", LIKELY),
        ("cale", "cable", LIKELY),
        ("cabble", "cable", LIKELY),
        ("caboe", "cable", ODD),
        ("canle", "cable", LIKELY),  # neighbouring keys
        ("cables", "cable", TWO_SLIPS),
        ("cbalee", "cable", TWO_SLIPS),
        ("zeppelin", "cable", TWO_SLIPS + 1),
    ],
)
def test_slips_that_fingers_and_ears_make_cost_less(said: str, meant: str, cost: int) -> None:
    assert slip(said, meant, TWO_SLIPS) == cost


def test_characters_typed_with_the_same_letters_sound_alike() -> None:
    assert sound_alike("底", "地")
    assert not sound_alike("底", "锅")
    assert not sound_alike("底", "x")


def test_the_language_has_words_that_no_shop_needs() -> None:
    assert ordinary_word("government")
    assert ordinary_word("governments")
    assert not ordinary_word("govenrment")


letters = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=4, max_size=12)


@given(st.dictionaries(letters, st.integers(1, 99), min_size=1, max_size=30), st.data())
def test_a_word_of_the_vocabulary_is_never_changed(words: dict[str, int], data: st.DataObject) -> None:
    mends = speller(shop=Shop(words))
    said = data.draw(st.lists(st.sampled_from(sorted(words)), min_size=1, max_size=8))
    text = " ".join(data.draw(st.sampled_from((word, word.upper(), word.capitalize()))) for word in said)
    assert mends.mend(text).text == text


@given(
    st.lists(
        st.sampled_from(["Kettel", "lapm", "EARUBDS", "iPhone", "the", "无线耳机", "x200", "-", "Tee,"]), max_size=9
    )
)
def test_case_and_order_of_the_other_words_stay(said: list[str]) -> None:
    mended = speller().mend(" ".join(said))
    became = {"Kettel": "Kettle", "lapm": "lamp", "EARUBDS": "EARBUDS"}
    assert mended.text.split() == [became.get(word, word) for word in said]
    assert [correction.said for correction in mended.corrections] == [word for word in said if word in became]


@given(st.text(max_size=60))
def test_any_text_can_be_mended(text: str) -> None:
    mended = speller().mend(text)
    assert bool(mended.corrections) == (mended.text != text)
