"""What a query excludes, what stays of it, and what only looks like a negation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.understanding.negation import is_negated, read_negations


@pytest.mark.parametrize(
    ("query", "text", "things"),
    [
        ("dinnerware sets without mugs", "dinnerware sets", ["mugs"]),
        ("mens bathing suits without mesh liner", "mens bathing suits", ["mesh liner"]),
        ("lights without wiring with switch", "lights with switch", ["wiring"]),
        ("faucet drain without overflow solid brass", "faucet drain solid brass", ["overflow"]),
        ("dress without sleeves size 12", "dress size 12", ["sleeves"]),
        ("blanket w/o glass beads", "blanket", ["glass beads"]),
        ("bag without a zipper", "bag", ["zipper"]),
        ("pants with no pockets", "pants", ["pockets"]),
        ("cat treats no chicken", "cat treats", ["chicken"]),
        ("cat food without chicken or fish", "cat food", ["chicken", "fish"]),
        ("phone case not clear", "phone case", ["clear"]),
        ("gold not silver chain", "gold chain", ["silver"]),
        ("running shoes but not Nike", "running shoes", ["nike"]),
        ("summer dress except red", "summer dress", ["red"]),
        ("trail mix minus raisins", "trail mix", ["raisins"]),
        ("flashlight not made in china", "flashlight", ["made in china"]),
        ("toys batteries not included", "toys", ["batteries"]),
        ("earbuds that don't have wires", "earbuds", ["wires"]),
        ("dinnerware set -mugs", "dinnerware set", ["mugs"]),
        ("I need a lamp without a cord please", "I need a lamp please", ["cord"]),
        ("不含酒精的洗手液", "洗手液", ["酒精"]),
        ("耳机 不要入耳式", "耳机", ["入耳式"]),
        ("不要辣的零食", "零食", ["辣"]),
        ("杯子不带吸管", "杯子", ["吸管"]),
        ("没有香精的洗发水", "洗发水", ["香精"]),
        ("除了红色以外的裙子", "裙子", ["红色"]),
    ],
)
def test_what_is_not_wanted_is_taken_out(query: str, text: str, things: list[str]) -> None:
    read = read_negations(query)
    assert read.text == text
    assert [exclusion.thing for exclusion in read.sure] == things
    assert is_negated(query)


@pytest.mark.parametrize(
    "title",
    [
        "the one for whom food is not enough",
        "watch the game not your phone tshirt",
        "listen without prejudice shirt",
        "no country for old men",
        "no time to die dvd",
        "doctors without borders",
        "forget me not seeds",
        "not your mother's shampoo",
        "bite not collar",
        "no exit sign",
        "life without sugar paperback",
        "cable not more than 2m",
        "no 7 serum",
        "why not",
    ],
)
def test_titles_and_sayings_stay_words(title: str) -> None:
    read = read_negations(title)
    assert read.text == title
    assert read.sure == ()
    assert not is_negated(title)


@pytest.mark.parametrize(
    "query",
    [
        "wireless earbuds",
        "cordless drill",
        "non-stick pan",
        "non slip mat",
        "sleeveless dress",
        "no show socks",
        "hands free headset",
        "wrinkle-free shirt",
        "无线耳机",
        "不粘锅",
        "无人机",
        "有没有蓝牙音箱",
        "要不要买蓝牙耳机",
        "裙子不要太短",
    ],
)
def test_properties_and_questions_exclude_nothing(query: str) -> None:
    read = read_negations(query)
    assert read.text == query
    assert read.exclusions == ()


@pytest.mark.parametrize(
    ("query", "thing"),
    [
        ("sugar-free candy", "sugar"),
        ("fragrance free lotion", "fragrance"),
        ("无糖饮料", "糖"),
        ("no sugar peanut butter", "sugar"),
    ],
)
def test_words_that_products_use_of_themselves_are_searched_and_checked(query: str, thing: str) -> None:
    read = read_negations(query)
    assert read.text == query
    assert [(exclusion.thing, exclusion.kept) for exclusion in read.sure] == [(thing, True)]


def test_doubt_is_a_low_confidence() -> None:
    (doubtful,) = read_negations("bite not collar").exclusions
    (certain,) = read_negations("dog bowl without collar").exclusions
    assert doubtful.confidence < 0.5 < certain.confidence


def test_an_exclusion_alone_leaves_its_words_to_search_for() -> None:
    read = read_negations("without mugs")
    assert read.text == "without mugs"
    assert [exclusion.thing for exclusion in read.exclusions] == ["mugs"]


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("wine glasses without stem", "stemless"),
        ("vacuum without cord", "cordless"),
        ("marshmallows without gelatin", "gelatin free"),
        ("planner without dates", "undated"),
        ("dinnerware without mugs", "mugless"),
        ("饮料 不含糖", "无糖"),
    ],
)
def test_an_exclusion_knows_how_fitting_products_put_it(query: str, form: str) -> None:
    (exclusion,) = read_negations(query).exclusions
    assert form in exclusion.single_words


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    read = read_negations(text)
    assert read.sure or read.text == text
    assert all(0 < exclusion.confidence <= 1 and exclusion.thing for exclusion in read.exclusions)


@given(
    st.lists(st.sampled_from(("cup", "without", "no", "not", "lid", "red", "不要", "糖", "的", ",", "and")), max_size=9)
)
def test_what_is_searched_is_never_empty(words: list[str]) -> None:
    text = " ".join(words)
    assert bool(read_negations(text).text) == bool(text)
