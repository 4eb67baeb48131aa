"""A query's brands, categories, colours and materials are the shop's own; ordinary words stay ordinary."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.database import Database
from retriever.understanding.colours import colours, colours_of
from retriever.understanding.names import BRAND, CATEGORY, COLOUR, MATERIAL, NameTable, RecordedNames, ShopNames, Stock

UGG, OAK, CHAMPION = "UGG Australia", "Oak", "Champion"
TITLES = [
    *[(f"UGG Slipper {number}", UGG) for number in range(5)],
    *[(f"Champion Hoodie {number}", CHAMPION) for number in range(9)],
    ("Oak Desk Lamp", OAK),
    *[(f"Solid Oak Bookshelf {number}", "Nordal") for number in range(9)],
    *[(f"Kitchen Scale {number}", "Tefal") for number in range(9)],
    ("Kitchen Timer", "Kitchen"),
    ("E-Cloth Window Pack", "E-Cloth"),
    ("Michael Kors Handbag", "Michael Kors"),
]
STOCK = Stock(
    brands=[
        (UGG, 5), (CHAMPION, 9), (OAK, 1), ("Nordal", 9), ("Kitchen", 1), ("Tefal", 9), ("E-Cloth", 1),
        ("Michael Kors", 1), ("Generic", 30), ("小米 Xiaomi", 4),
    ],
    categories=[
        ("Slippers", 5), ("Mattresses & Box Springs", 3), ("Home & Kitchen", 20), ("Women", 9),
        ("蓝牙耳机", 4),
    ],
    attributes=[
        ("color", "chestnut", 4), ("color", "B2-Orange", 9), ("finish", "brushed matt", 6), ("width", "12 inch", 3),
    ],
    titles=TITLES,
)  # fmt: skip


class Shop:
    """A shop's names in memory; ``imports`` counts what changed them."""

    def __init__(self, stock: Stock = STOCK) -> None:
        self.stock = stock
        self.imports = self.reads = 0

    def state(self) -> object:
        return self.imports

    def read(self) -> Stock:
        self.reads += 1
        return self.stock


@pytest.fixture(scope="module")
def table() -> NameTable:
    return NameTable(STOCK)


def named(table: NameTable, query: str) -> list[tuple[str, str, str]]:
    return [(slot.kind, slot.value, slot.said) for slot in table.recognise(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ugg slippers", [(BRAND, UGG, "ugg"), (CATEGORY, "Slippers", "slippers")]),
        ("yellow champion hoodie", [(COLOUR, "yellow", "yellow"), (BRAND, CHAMPION, "champion")]),
        ("michael kors bag", [(BRAND, "Michael Kors", "michael kors")]),
        ("ecloth", [(BRAND, "E-Cloth", "ecloth")]),
        ("oak bookshelf", [(MATERIAL, "oak", "oak")]),
        ("xiaomi phone", [(BRAND, "小米 Xiaomi", "xiaomi")]),
        ("小米手机", [(BRAND, "小米 Xiaomi", "小米")]),
        ("黑色蓝牙耳机", [(COLOUR, "black", "黑色"), (CATEGORY, "蓝牙耳机", "蓝牙耳机")]),
        ("slippers chestnut", [(CATEGORY, "Slippers", "slippers"), (COLOUR, "brown", "chestnut")]),
        ("box spring", [(CATEGORY, "Mattresses & Box Springs", "box spring")]),
        ("lamp of brushed matt", [("attribute", "brushed matt", "brushed matt")]),
        ("generic words for women", []),
    ],
)
def test_what_a_query_names(table: NameTable, query: str, expected: list[tuple[str, str, str]]) -> None:
    assert named(table, query) == expected


def test_an_ordinary_word_is_a_brand_only_if_the_titles_use_it_so(table: NameTable) -> None:
    assert not [slot for slot in table.recognise("kitchen scale") if slot.kind == BRAND]
    (sure,) = (slot for slot in table.recognise("champion") if slot.kind == BRAND)
    assert sure.confidence > 0.8


def test_the_thing_that_is_wanted_is_surer_than_what_it_goes_with(table: NameTable) -> None:
    wanted, beside = table.recognise("slippers for women without mattress")
    assert (wanted.value, beside.value) == ("Slippers", "Mattresses & Box Springs")
    assert wanted.confidence > beside.confidence


def test_families_of_colours() -> None:
    assert colours("navy dress") == {"blue": "navy"}
    assert colours("酒红裙子") == {"red": "酒红"}
    assert colours("蓝牙音箱") == colours("green tea") == {}
    assert colours("clear instructions") == {}
    assert set(colours_of("Clear/Rose")) == {"clear", "pink"}


def test_names_are_read_once_and_again_after_an_import() -> None:
    shop = Shop()
    names = ShopNames(shop)
    assert names.recognise("ugg") == names.recognise("ugg") != ()
    assert shop.reads == 1
    shop.stock, shop.imports = Stock(), 1
    assert names.recognise("ugg") == ()
    assert shop.reads == 2


def test_a_shop_without_goods_names_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    database.migrate()
    assert RecordedNames(database).read() == Stock([], [], [], [])
    assert ShopNames(RecordedNames(database)).recognise("ugg slippers") == ()


@given(st.text(max_size=120))
def test_any_query_can_be_read(table: NameTable, query: str) -> None:
    for slot in table.recognise(query):
        assert slot.said
        assert 0.5 <= slot.confidence <= 1
