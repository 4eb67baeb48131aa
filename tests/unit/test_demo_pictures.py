"""The pictures of the demo goods: well formed, closed in themselves, and of their own product."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from retriever.demo.family import families, shop
from retriever.demo.relations import products
from retriever.demo.pictures import draw, picture
from retriever.demo.silhouettes import SILHOUETTES

DRAWN = {"svg", "defs", "linearGradient", "stop", "rect", "circle", "ellipse", "path", "g"}
PRODUCTS = products()


@pytest.mark.parametrize("made", PRODUCTS, ids=lambda made: made.row.id)
def test_a_picture_is_well_formed_and_refers_to_nothing_outside(made):
    svg = picture(made.row.id)
    assert svg is not None
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing is what is tested
    assert {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()} <= DRAWN
    for element in root.iter():
        for name, value in element.attrib.items():
            assert "href" not in name
            assert not name.startswith("on")
            assert "url(" not in value or value.startswith("url(#")
            assert "://" not in value


@pytest.mark.parametrize("made", PRODUCTS, ids=lambda made: made.row.id)
def test_a_picture_shows_the_products_first_colour(made):
    assert shop().colors[made.colors[0]].hex in draw(made)


def test_the_rows_name_pictures_that_exist():
    for made in PRODUCTS:
        [url] = made.row.images
        name = url.removeprefix("/media/demo/").removesuffix(".svg")
        assert picture(name) == draw(made)


@pytest.mark.parametrize("unknown", ["", "nothing", "../secret", "fs-tent-larch.svg", "<script>", "帐篷"])
def test_an_unknown_product_has_no_picture(unknown):
    assert picture(unknown) is None


def test_every_family_has_a_silhouette():
    assert {family.silhouette for family in families()} <= set(SILHOUETTES)


def test_families_look_different():
    first = {made.family.id: draw(made) for made in PRODUCTS}
    assert len(set(first.values())) == len(families())
