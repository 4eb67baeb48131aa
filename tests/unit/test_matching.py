"""Which words of a query a product has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.matching import Match, Matcher, holds_word
from retriever.product import Availability, LocaleText, PriceRange, Product, Stamped

BRUSH = Stamped(
    product=Product(
        id="p1",
        title="Long Bottle Brush with Soft Bristles",
        description="Cleans narrow vases, too.",
        brand="Tissa",
        categories=("Kitchen", "Brushes"),
        attributes={"color": "Blue"},
        price_range=PriceRange(),
        availability=Availability(available=True, status="in_stock"),
    ),
    texts={"zh": LocaleText(title="软毛长柄瓶刷")},
)


@pytest.mark.parametrize(
    ("query", "coverage", "phrase"),
    [
        ("long bottle brush", 1.0, 1.0),
        ("brush bottle", 1.0, 0.0),
        ("blue tissa brushes", 1.0, 0.0),
        ("soft bottle brush", 1.0, 0.5),
        ("red bottle", 0.5, 0.0),
        ("the brush", 1.0, 0.0),
        ("瓶刷", 1.0, 0.0),
        ("teapot", 0.0, 0.0),
    ],
)
def test_the_share_of_words_and_of_neighbours(query: str, coverage: float, phrase: float) -> None:
    assert Matcher(query).match(BRUSH) == Match(coverage, phrase)


@pytest.mark.parametrize(
    ("text", "word", "there"),
    [
        ("blue pants", "pant", True),
        ("the occupant", "pant", False),
        ("panther print", "pant", True),  # a stem and three letters: taken for an ending
        ("pantothenic acid", "pant", False),
        ("size 12", "12", True),
        ("size 120", "12", False),
        ("pant", "pant", True),
    ],
)
def test_a_word_begins_with_its_stem_and_ends_soon_after(text: str, word: str, there: bool) -> None:
    assert holds_word(text, word) is there


@given(st.text(max_size=60))
def test_shares_are_shares_whatever_is_asked(query: str) -> None:
    found = Matcher(query).match(BRUSH)
    assert 0 <= found.coverage <= 1
    assert 0 <= found.phrase <= 1
