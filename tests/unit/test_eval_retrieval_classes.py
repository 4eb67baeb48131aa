"""Classes of queries, read from their words and the catalogue."""

from __future__ import annotations

import pytest

from eval.retrieval.classes import Brands, ClassReader, by_class
from retriever.product import Availability, PriceRange, Product
from retriever.spelling import Correction, Mended


def product(id: str, title: str, brand: str = "") -> Product:
    stock = Availability(available=True, status="in_stock")
    return Product(id=id, title=title, brand=brand, price_range=PriceRange(), availability=stock)


GOODS = [
    product("1", "Fjällräven Kånken backpack", "Fjällräven"),
    product("2", "Apple iPad, 64 GB", "Apple"),
    product("3", "Apple pencil", "Apple"),
    product("4", "Towels, set of six", "Towels"),
    product("5", "Kitchen towels", "Wipewell Home"),
    product("6", "Beach towels", "Wipewell Home"),
    product("7", "Charger 3 m", "3"),
]


class OneSlip:
    """Knows one misspelt word."""

    def mend(self, text: str) -> Mended:
        return Mended(text, (Correction("erbuds", "earbuds"),)) if "erbuds" in text else Mended(text)


@pytest.fixture(scope="module")
def reader() -> ClassReader:
    return ClassReader(Brands(GOODS), OneSlip())


@pytest.mark.parametrize(
    ("query", "classes"),
    [
        ("desk lamp", ("plain",)),
        ("dinnerware without mugs", ("negated",)),
        ("不要陶瓷的杯子", ("negated",)),
        ("fjallraven backpack", ("brand",)),
        ("WIPEWELL home sponges", ("brand",)),
        ("apple tablet", ("brand",)),
        ("pineapple slicer", ("plain",)),
        ("towels for the beach", ("plain",)),  # a brand's name, but most goods called so are others'
        ("erbuds", ("misspelt",)),
        ("1/2 inch bolts", ("numeric",)),
        ("two pack of sponges", ("numeric",)),
        ("queen size sheets", ("plain",)),
        ("pack of 3 erbuds without case", ("negated", "misspelt", "numeric")),
    ],
)
def test_a_query_is_of_the_classes_that_its_words_say(
    query: str, classes: tuple[str, ...], reader: ClassReader
) -> None:
    assert reader.classes(query) == classes


def test_places_by_class_leave_out_classes_without_queries() -> None:
    classes = {"lamp": ("plain",), "apple 3": ("brand", "numeric"), "mug": ("plain",)}
    assert by_class(classes) == {"plain": [0, 2], "brand": [1], "numeric": [1]}
