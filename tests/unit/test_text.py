"""The analysis of words that filters, index and queries share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.text import MAX_TERMS, exact, fold, language_of, names, segment, stem, terms


@pytest.mark.parametrize(
    ("text", "key"),
    [("  Head\tPhones ", "head phones"), ("ＡＢＣ１", "abc1"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("", "")],
)
def test_fold_forgets_case_width_and_spacing(text: str, key: str) -> None:
    assert fold(text) == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("USB-C cable, 20W (2 pack)", "usb c cable 20w 2 pack"),
        ("Café crème", "cafe creme"),
        ("women's men’s", "womens mens"),
        ("无线耳机", "无线 耳机 无线耳机"),
        ("Sony无线耳机WH-1000", "sony 无线 耳机 无线耳机 wh 1000"),
        ("ガラス", "ガラス"),
        ("snake_case", "snake case"),
        ("😀 --- \x00", ""),
    ],
)
def test_segment_gives_words(text: str, words: str) -> None:
    assert segment(text) == words


def test_exact_keeps_compounds_whole() -> None:
    assert exact("blue 无线耳机 blue") == ["blue", "无线耳机", "blue"]


def test_terms_are_meant_words_once_each() -> None:
    assert terms("Show me the mugs, the blue mugs") == ["show", "mugs", "blue"]
    assert terms("我想要一个耳机") == ["耳机"]


def test_terms_of_stop_words_alone_are_those() -> None:
    assert terms("The Who") == ["the", "who"]


@given(st.text())
def test_terms_are_few_and_safe_to_quote(query: str) -> None:
    found = terms(query)

    assert len(found) <= MAX_TERMS
    assert len(set(found)) == len(found)
    assert all(letter.isalnum() or not letter.isascii() for word in found for letter in word)
    assert not any(" " in word for word in found)


def test_a_page_pasted_as_a_query_is_bounded() -> None:
    assert len(terms(" ".join(f"word{n}" for n in range(10_000)))) == MAX_TERMS


@given(st.text())
def test_what_is_searched_for_is_what_was_indexed(text: str) -> None:
    assert set(terms(text)) <= set(segment(text).split())


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        ("Headphones & Earbuds", "headphones"),
        ("Headphones & Earbuds", "EARBUDS"),
        ("Black/Silver", "silver"),
        ("Dark  Blue", "dark blue"),
        ("C++ books", "c++"),
        ("蓝牙耳机", "耳机"),
        ("", ""),
    ],
)
def test_a_name_answers_to_its_words(stored: str, wanted: str) -> None:
    assert names(stored, wanted)


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        ("Headphones", "phones"),
        ("Blackberry", "black"),
        ("Dark Blue", "blue dark"),
        ("Black", ""),
        ("a", "&"),
        ("a.c", "abc"),
    ],
)
def test_a_name_answers_to_nothing_else(stored: str, wanted: str) -> None:
    assert not names(stored, wanted)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("red shoes", "en"), ("", "en"), ("123 😀", "en"), ("无线耳机", "zh"), ("iPhone15 保护壳", "zh"),
        ("a book about 道德经 in English", "en"),
    ],
)  # fmt: skip
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "forms",
    [
        "return returns returned returning",
        "ship ships shipped shipping",
        "policy policies",
        "cancel cancelled cancelling cancels",
        "exchange exchanges exchanged exchanging",
        "glass glasses",
        "size sizes",
    ],
)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("word", ["bus", "status", "red", "耳机", "20w", "sing"])
def test_what_has_no_ending_is_left_alone(word: str) -> None:
    assert stem(word) == word
