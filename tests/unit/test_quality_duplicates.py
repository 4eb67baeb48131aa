"""Titles that come twice, exactly and nearly."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from retriever.quality.duplicates import Titles, words_of

TENT = "Northwind Lite 2 person backpacking tent with footprint green"


def found(*titles: str) -> list[tuple[int, str, int]]:
    collected = Titles(similarity=0.8, words=5)
    for title in titles:
        collected.add(title, "")
    return [(later, check, earlier) for later, check, earlier, _ in collected.found()]


def test_the_same_title_and_the_same_words():
    assert found("Oak desk", "Walnut desk", "OAK desk!", "Desk, oak") == [
        (2, "duplicate", 0),
        (3, "near_duplicate", 0),
    ]


def test_a_word_more_in_a_long_title_is_nearly_the_same():
    assert found("Oak desk", TENT, f"{TENT} new") == [(2, "near_duplicate", 1)]


def test_another_number_is_another_product():
    assert found(TENT, TENT.replace("2", "3")) == []


def test_other_words_are_another_product():
    assert found(TENT, "Northwind Lite 2 person family cabin tent with carpet blue") == []


def test_short_titles_are_compared_as_a_whole_only():
    assert found("Oak writing desk", "Oak writing desk large") == []


def test_chinese_titles():
    title = "北风轻量双人徒步帐篷带地布绿色防雨三季"
    assert found(title, f"{title}新") == [(1, "near_duplicate", 0)]
    assert words_of("耳机 A1") == ["耳", "机", "a1"]


def test_titles_without_words_are_not_like_each_other():
    assert found("★★★", "☆☆☆") == [(1, "duplicate", 0)]  # without brand and words, nothing tells them apart


def test_near_duplicates_are_found_among_many():
    rng = random.Random(3)
    words = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(600)]
    titles = [" ".join(rng.choices(words, k=12)) for _ in range(2_000)]
    copies = [f"{title} sale" for title in titles[:200]]
    near = found(*titles, *copies)
    assert {(later, earlier) for later, _, earlier in near} <= {(2_000 + n, n) for n in range(200)}
    assert len(near) >= 190


@given(st.lists(st.text(max_size=40), max_size=12))
def test_every_repetition_names_an_earlier_title(titles):
    for later, _, earlier in found(*titles):
        assert earlier < later
