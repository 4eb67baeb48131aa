"""What a query names, and which products answer to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.tools.fitting import Told, things


def told(title: str, traits: str = "", description: str = "") -> Told:
    called = f"{title} | {traits}".casefold()
    return Told(title.casefold(), called, f"{called} | {description}".casefold())


MUG = told("Kojimura Second Cup Porcelain Mug | Mugs | 马克杯 骨瓷", "red dishwasher safe", "holds hot chocolate")


@pytest.mark.parametrize(
    ("query", "heads"),
    [
        ("snowboards", ["snowboards"]),
        ("do you have hammocks?", ["hammocks"]),
        ("u guys sell snowboards?", ["snowboards"]),
        ("bluetooth speakers for the beach", ["speakers"]),
        ("red mug under $20", ["mug"]),
        ("mug red", ["mug"]),
        ("hdmi cable 2m", ["cable"]),
        ("a tent or a tarp", ["tent", "tarp"]),
        ("有没有吊床", ["吊床"]),
        ("带防雨罩的背包", ["背包"]),
        ("红色马克杯", ["马克杯"]),
        ("my back hurts at my desk", []),
        ("something for a cold bedroom", []),
        ("small present for a nurse", []),
        ("上班坐久了腰疼", []),
        ("桌上太乱了", []),
        ("bright light that stays on all night long outside", ["light"]),
        ("wide tall narrow wooden bookcase", []),
        ("", []),
    ],
)
def test_a_few_words_name_a_thing_and_a_need_names_none(query: str, heads: list[str]) -> None:
    assert [thing.head for thing in things(query)] == heads


@pytest.mark.parametrize("query", ["mug", "mugs", "stoneware mug", "second cup", "porcelian", "马克杯", "杯", "red"])
def test_a_product_is_called_by_its_title_its_kind_or_a_trait(query: str) -> None:
    assert any(thing.names(MUG) for thing in things(query))


@pytest.mark.parametrize("query", ["kettle", "mug holder", "chocolate", "cap", "wine red", "雨伞", "茶壶", "mag"])
def test_and_by_nothing_else(query: str) -> None:
    assert not any(thing.names(MUG) for thing in things(query))


def test_a_misspelt_word_is_read_as_the_word() -> None:
    hammock = told("Tinmoor Siesta Hammock | Hammocks")

    assert things("hamock")[0].names(hammock)
    assert things("hmamock")[0].names(hammock)
    assert not things("hassock")[0].names(told("Whisker Night Shift Hamster Odometer"))


def test_what_the_description_says_in_all_its_words_counts_too() -> None:
    assert things("hot chocolate")[0].within(MUG)
    assert not things("chocolate fountain")[0].within(MUG)


@pytest.mark.parametrize(("word", "title"), [("跑鞋", "男士跑步鞋"), ("洗发水", "固体洗发皂"), ("炒锅", "不粘煎锅")])
def test_a_chinese_name_is_known_by_half_of_its_characters(word: str, title: str) -> None:
    assert things(word)[0].names(told(title))


@given(st.text(max_size=60))
def test_any_text_can_be_asked_for(query: str) -> None:
    for thing in things(query):
        assert thing.head
        thing.names(MUG)
        thing.within(MUG)
