"""A query is read in a stated order, and each step says what it did."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.product import Availability, PriceRange, Product
from retriever.query import QueryReader, Reading
from retriever.spelling import Correction, Mended
from retriever.understanding.bridging import Bridge
from retriever.understanding.names import NameTable, Stock


class Mends:
    """Knows one slip."""

    def mend(self, text: str) -> Mended:
        if "earbds" not in text:
            return Mended(text)
        return Mended(text.replace("earbds", "earbuds"), (Correction("earbds", "earbuds"),))


class Speaks:
    """A shop whose goods are in these languages."""

    def __init__(self, *languages: str) -> None:
        self._languages = languages

    def languages(self) -> Collection[str]:
        return self._languages


TITLES = [("Alder wireless earbuds", "Alder"), ("Alder red mug", "Alder"), ("Birch mug set", "Birch")]
STOCK = Stock(brands=[("Alder", 9), ("Birch", 4)], categories=[("Mugs", 5), ("Earbuds", 6)], titles=TITLES)


def reader(*languages: str) -> QueryReader:
    return QueryReader("USD", Mends(), NameTable(STOCK), Bridge(), Speaks(*(languages or ("en",))))


def product(title: str, brand: str = "Alder") -> Product:
    stock = Availability(available=True, status="in_stock")
    return Product(id=title, title=title, brand=brand, price_range=PriceRange(), availability=stock)


def done(reading: Reading) -> dict[str, str]:
    """What each step made of which words."""
    return {step["step"]: step["meant"] for step in reading.steps()}


def test_every_step_says_what_it_did() -> None:
    reading = reader().read("Alder earbds for women under $30 without wires")
    assert reading.text == "Alder earbuds for women without wires"
    said = done(reading)
    assert said["price"] == "30"
    assert said["spelling"] == "earbuds"
    assert said["exclusion"] == "wires"
    assert said["brand"] == "Alder"
    assert said["audience"] == "women"


def test_what_is_not_wanted_names_nothing_that_is() -> None:
    reading = reader().read("red mug not Birch")
    assert [one.thing for one in reading.exclusions] == ["birch"]
    assert "brand" not in done(reading)


def test_sizes_are_read() -> None:
    assert {one.dimension for one in reader().read("binder 1/2 inch").measures} == {"length"}


def test_a_product_agrees_conflicts_or_says_nothing() -> None:
    ask = reader()
    reading = ask.read("Alder dinnerware set without mugs")
    assert ask.signals(reading, product("Dinnerware set, mugs not included"))["exclusion"] == 1.0
    assert ask.signals(reading, product("Dinnerware set with 4 mugs"))["exclusion"] == -1.0
    assert ask.signals(reading, product("Dinnerware set"))["exclusion"] == 0.0
    assert ask.signals(reading, product("Dinnerware set"))["brand"] == 1.0
    assert ask.signals(reading, product("Dinnerware set", "Birch"))["brand"] == -1.0


def test_a_chinese_exclusion_is_checked_on_english_goods() -> None:
    ask = reader("en")
    reading = ask.read("耳机 不要红色")
    assert [one.thing for one in reading.exclusions] == ["red"]
    assert ask.signals(reading, product("Red headphones"))["exclusion"] == -1.0


def test_what_is_not_wanted_is_not_searched_for_in_chinese() -> None:
    assert reader("en", "zh").read("不要红色的耳机").text == "耳机"


def test_words_can_be_taken_as_they_were_typed() -> None:
    ask = reader()
    typed = ask.as_typed(ask.read("earbds"))
    assert typed.text == "earbds"
    assert typed.corrections == ()


@pytest.mark.parametrize("query", ["", "   ", "under $20"])
def test_without_words_nothing_but_prices_is_read(query: str) -> None:
    reading = reader().read(query)
    assert reading.text == ""
    assert set(done(reading)) <= {"price"}


@given(st.text(max_size=80))
def test_any_text_can_be_read(query: str) -> None:
    reading = reader().read(query)
    assert reading.query == query
    assert reader().signals(reading, product("Red mug")).keys() >= {"brand", "exclusion"}
