"""What a message surely asks for, and what only looks like it."""

from __future__ import annotations

import pytest

from assistant.surely import avoided, count, in_stock, is_colour, is_size, order, refused, size


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("top 5 kites", 5),
        ("the two cheapest kites", 2),
        ("give me six options for brushes", 6),
        ("推荐三款风筝", 3),
        ("最便宜的两款风筝", 2),
        ("来 3 个选项", 3),
        ("a 2 person tent", None),
        ("two mugs please", None),
        ("boots size 8 best rated", None),
        ("推荐一款风筝", None),
        ("$5 picks", None),
        ("top 10% protein", None),
    ],
)
def test_how_many(text: str, wanted: int | None):
    assert count(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cheapest kite", "price_asc"),
        ("your most expensive kite", "price_desc"),
        ("top-rated kites", "rating"),
        ("毛衣从贵到便宜排一下", "price_desc"),
        ("评分最高的风筝", "rating"),
        ("newest kites", "newest"),
        ("cheapest of the best rated", ""),
        ("a cheap kite", ""),
        ("the brightest lamp", ""),
    ],
)
def test_in_which_order(text: str, wanted: str):
    assert order(text) == wanted


@pytest.mark.parametrize(
    "text", ["advent calendar in stock?", "缺货的别给我看 要头灯", "吊床要现货", "no sold out ones"]
)
def test_only_what_is_in_stock(text: str):
    assert in_stock(text)


@pytest.mark.parametrize("text", ["stock pot", "a stocking filler", "货架", "现在流行什么"])
def test_what_only_sounds_like_stock(text: str):
    assert not in_stock(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("boots size 39", "39"),
        ("跑鞋有42码的吗", "42"),
        ("size xl tee", "XL"),
        ("雨衣 M号", "M"),
        ("usb 3 metres", ""),
        ("7号电池", ""),
    ],
)
def test_a_size_that_is_called_one(text: str, wanted: str):
    assert size(text) == wanted


def test_what_can_be_a_size_or_a_colour():
    assert all(is_size(value) for value in ("XL", "39", "42.5", "medium", "大号", "M码", "one size"))
    assert not any(is_size(value) for value in ("big", "一点", "G", "3 metres"))
    assert all(is_colour(value, "") for value in ("mustard yellow", "藏青", "酒红色", "dark green"))
    assert not any(is_colour(value, "a lamp") for value in ("lightest", "electric", "加厚"))


def test_who_is_refused():
    assert refused("not Nike please", "Nike")
    assert refused("苹果的就算了", "苹果")
    assert not refused("Nike, no laces", "Nike")


def test_further_words_to_avoid():
    assert avoided("no wool, no down please", ["wool"]) == ["down"]
    assert avoided("no wool, no idea which", ["wool"]) == []
    assert avoided("no wool", []) == []  # too many phrases begin like this to be sure of a first one
    assert avoided("面霜，不要带香精的", []) == ["香精"]
    assert avoided("不要太贵的", []) == []
