"""Numbers with their units: however a shop or a shopper writes it, one size is one size."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.understanding.measures import Measure, fraction, read_measures


def said(text: str) -> list[tuple[str, str]]:
    return [(measure.dimension, measure.said) for measure in read_measures(text)]


def only(text: str) -> Measure:
    (measure,) = read_measures(text)
    return measure


@pytest.mark.parametrize(
    "ways",
    [
        ("1/2 inch", '1/2"', "0.5 in", ".5 inches", "½ inch", "1/2″", "12.7毫米"),
        ("1 1/2 inch", "1-1/2 in", "1½ in", "1.5-inch", "1.5英寸"),
        ("32 fl oz", "32 fl. oz.", "32 Fluid Ounces", "1 quart", "946ml", "2 pints"),
        ("5m", "16.4 ft", "16.4'", "500 cm", "5 meters", "5米"),
        ("1/2gallon", "64 fl oz", "1.9 liters", "1.9升"),
        ("12-pack", "pack of 12", "12 ct", "12 Count", "twelve pack", "1 dozen", "12片装"),
        ("set of 4", "4 pieces", "4-piece", "4pcs", "四件套", "four pieces"),
        ("200mg", "0.2 g", "200 milligrams", "200毫克", "200,000 mcg"),
        ("5斤", "2.5 kg", "五斤", "2.5公斤", "5.5 lbs"),
        ("1tb", "1000 GB", "1,024 gb"),
        ("4k tv", "4K"),
        ("queen mattress", "Queen-size bed"),
        ("XXL", "2xl", "xx-large"),
        ("size 38", "38码", "尺码38"),
    ],
)
def test_one_size_however_it_is_written(ways: tuple[str, ...]) -> None:
    first = read_measures(ways[0])[0]
    for way in ways[1:]:
        assert any(measure.same(first) for measure in read_measures(way)), way


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1/2 inch", "3/4 inch"), ("5m", "10 m"), ("12-pack", "13-pack"), ("8gb", "16 gb"), ("queen bed", "king bed"),
        ("size 9", "size 9.5"), ("1080p", "4k"), ("200mg", "200 ml"), ("airpods 2", "airpods 3"),
        ("petite", "plus size"),
    ],
)  # fmt: skip
def test_different_sizes_stay_different(one: str, other: str) -> None:
    assert not any(asked.same(held) for asked in read_measures(one) for held in read_measures(other))


def test_an_ounce_is_read_both_as_weight_and_as_volume() -> None:
    weight, volume = read_measures("32oz bottle")
    assert {weight.dimension, volume.dimension} == {"mass", "volume"}
    assert (weight.start, weight.said, weight.number) == (volume.start, volume.said, volume.number)
    assert volume.same(only("32 fl oz"))


def test_both_sides_of_a_rectangle_have_its_unit() -> None:
    assert [measure.value for measure in read_measures("30x40 cm poster")] == [300, 400]
    assert [measure.value for measure in read_measures("5-10 g")] == [5, 10]


def test_a_number_without_a_unit_keeps_the_word_that_it_numbers() -> None:
    number = only("fitbit Charge 3")
    assert (number.dimension, number.value, number.before) == ("number", 3, "charge")
    assert only("1.75 leather belts").value == Fraction(7, 4)


def test_what_is_found_stands_where_it_was_said() -> None:
    text = "红色 shelf, 12″ deep, 38码"
    assert [text[m.start : m.start + len(m.said)] for m in read_measures(text)] == ["12″", "38码"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 in 1 charger", [("number", "3"), ("number", "1")]),
        ("12 w/ lid", [("number", "12")]),
        ("9 M US", [("number", "9")]),
        ("take 2 a day", [("number", "2")]),
        ("18/8 steel, 24/7", []),
        ("$25 gift, 90s music, 2nd hand, xr500", []),
        ("brush king, queen of hearts", []),
        ("一个杯子", []),
        ("size 12 inch", [("length", "12 inch")]),
    ],
)
def test_what_only_looks_like_a_size(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(text) == expected


def test_fractions() -> None:
    assert fraction("2-3/8") == Fraction(19, 8)
    assert fraction("1,000") == 1000
    assert fraction("18/8") is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for measure in read_measures(text):
        assert text[measure.start : measure.start + len(measure.said)] == measure.said
        assert measure.same(measure)


@given(st.integers(1, 900), st.sampled_from(["inch", "cm", "ml", "fl oz", "kg", "gb", "watt", "count"]))
def test_a_space_or_hyphen_changes_nothing(number: int, unit: str) -> None:
    spaced, joined = read_measures(f"{number} {unit}"), read_measures(f"{number}-{unit}")
    assert [measure.value for measure in spaced] == [measure.value for measure in joined]
