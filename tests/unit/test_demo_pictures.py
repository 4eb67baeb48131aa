"""The pictures of the demo goods: well formed, closed in themselves, and of their own product."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from defusedxml import ElementTree as ET  # noqa: N817 - as the standard one is called everywhere
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from retriever.demo.family import families, shop
from retriever.demo.pictures import APART, GROUNDS, draw, framed, ground_for, paint, picture, png
from retriever.demo.relations import products
from retriever.demo.silhouettes import SILHOUETTES, Paint, distance, luminance, shade
from ui.api import _media
from ui.problems import answer_with_problems

DRAWN = {"svg", "defs", "linearGradient", "stop", "rect", "circle", "ellipse", "path", "g"}
SAID = {  # an attribute that can reach outside or run something is not among them
    "cx", "cy", "d", "fill", "height", "id", "offset", "opacity", "r", "role", "rx", "ry", "stop-color", "stroke",
    "stroke-linecap", "stroke-linejoin", "stroke-width", "transform", "viewBox", "width", "x", "x1", "x2", "y", "y1",
    "y2",
}  # fmt: skip
LARGEST = 8_000  # characters of an SVG
PRODUCTS = products()
COLORS = {name: color.hex for name, color in shop().colors.items()}
colors = st.builds("#{:06x}".format, st.integers(0, 0xFFFFFF))


def check_closed(svg: str) -> None:
    """An SVG that is well formed, small, and shows shapes and nothing else."""
    assert len(svg) < LARGEST
    assert "nan" not in svg
    for element in ET.fromstring(svg).iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWN
        assert not (element.text or "").strip()
        assert set(element.attrib) <= SAID
        for value in element.attrib.values():
            assert "url(" not in value or value.startswith("url(#")
            assert ":" not in value


def painted(*names: str, size: float = 0.5, **facts: float | str) -> Paint:
    """A paint in the shop's own colours."""
    return paint([COLORS[name] for name in names], [], size, facts)


def pixels(image: bytes) -> set[tuple[int, int, int]]:
    values = Image.open(io.BytesIO(image)).convert("RGB").tobytes()
    return set(zip(values[::3], values[1::3], values[2::3], strict=True))


def rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:], 16)


def test_every_products_picture_is_closed_in_itself_and_shows_its_first_colour():
    for made in PRODUCTS:
        svg = picture(made.row.id)
        assert svg is not None
        check_closed(svg)
        assert COLORS[made.colors[0]] in svg, made.row.id


def test_the_rows_name_pictures_that_exist():
    for made in PRODUCTS:
        [url] = made.row.images
        name = url.removeprefix("/media/demo/").removesuffix(".svg")
        assert picture(name) == draw(made)


def test_every_family_has_a_silhouette():
    assert {family.silhouette for family in families()} <= set(SILHOUETTES)


def test_every_department_has_a_ground():
    assert {family.department for family in families()} <= set(GROUNDS)


@pytest.mark.parametrize("name", SILHOUETTES)
def test_a_drawing_differs_in_every_colour(name):
    drawn = {framed(name, painted(color), "Home") for color in COLORS}
    assert len(drawn) == len(COLORS)
    for svg in drawn:
        check_closed(svg)


@pytest.mark.parametrize("name", SILHOUETTES)
def test_a_drawing_shows_how_large_and_in_which_colours_goods_come(name):
    small, large = (framed(name, painted("teal", size=size), "Home") for size in (0.0, 1.0))
    assert small != large
    assert SILHOUETTES[name](painted("teal", "coral", "navy")) != SILHOUETTES[name](painted("teal"))


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("box", {"pieces": 2}, {"pieces": 4}),
        ("charger", {"ports": 1}, {"ports": 3}),
        ("stove", {"burners": 1}, {"burners": 2}),
        ("stove", {"fuel": "canister gas"}, {"fuel": "twigs"}),
        ("plush", {"animal": "fox"}, {"animal": "elephant"}),
        ("hat", {"top": "plain top"}, {"top": "pompom"}),
        ("tin", {"shape": "loaf tin"}, {"shape": "springform"}),
        ("feather", {"lure": "felt mouse"}, {"lure": "ribbons"}),
        ("post", {"platforms": 1}, {"platforms": 4}),
        ("keyboard", {"connection": "wired"}, {"connection": "wireless or by cable"}),
        ("sleepingbag", {"shape": "mummy"}, {"shape": "rectangular"}),
        ("mug", {"glaze": "matt"}, {"glaze": "speckled"}),
        ("bottle", {"lid": "screw lid"}, {"lid": "straw lid"}),
        ("powerbank", {"display": "four lights"}, {"display": "percent display"}),
    ],
)
def test_a_fact_that_shows_is_drawn(name, one, other):
    assert SILHOUETTES[name](painted("teal", **one)) != SILHOUETTES[name](painted("teal", **other))


@pytest.mark.parametrize("name", SILHOUETTES)
@settings(max_examples=15)
@given(main=colors, second=colors, third=colors, size=st.floats(0, 1), count=st.integers(-5, 5000))
def test_a_drawing_holds_for_any_paint(name, main, second, third, size, count):
    counted = {"pieces": float(count), "ports": float(count), "burners": float(count), "bulbs": float(count)}
    check_closed(framed(name, paint([main, second, third], [], size, counted), "Toys"))


@given(main=colors, department=st.sampled_from([*GROUNDS, "a department of tomorrow"]))
def test_goods_stand_out_from_their_ground(main, department):
    assert distance(main, ground_for(main, department)) >= APART


def test_what_is_drawn_on_pale_goods_is_darker_than_they_are():
    pale, deep = painted("white"), painted("navy")
    assert luminance(pale.light) < luminance(pale.main)
    assert luminance(deep.light) > luminance(deep.main)


def test_shades_go_from_black_to_white():
    assert [shade("#4080c0", amount) for amount in (-1, 0, 1)] == ["#000000", "#4080c0", "#ffffff"]
    assert distance("#000000", "#ffffff") == pytest.approx(1, abs=0.01)


def test_families_with_one_silhouette_still_look_different_by_their_colours():
    made = next(made for made in PRODUCTS if len(made.colors) > 1)
    turned = replace(made, colors=(*made.colors[1:], made.colors[0]))
    assert draw(made) != draw(turned)


@pytest.mark.parametrize("size", [16, 200, 1024])
def test_a_png_is_square_and_as_large_as_asked(size):
    image = png(PRODUCTS[0].row.id, size)
    assert image is not None
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert Image.open(io.BytesIO(image)).size == (size, size)


def test_the_png_shows_the_colours_of_the_svg():
    shown = {made.family.id: made for made in PRODUCTS}
    for made in shown.values():
        image = png(made.row.id, 160)
        assert image is not None
        main = COLORS[made.colors[0]]
        assert main in draw(made)
        assert rgb(main) in pixels(image), made.row.id


@pytest.mark.parametrize("unknown", ["", "nothing", "../secret", "fs-tent-larch.svg", "<script>", "帐篷"])
def test_an_unknown_product_has_no_picture(unknown):
    assert picture(unknown) is None
    assert png(unknown) is None


@pytest.fixture(scope="module")
def web() -> TestClient:
    app = FastAPI()
    answer_with_problems(app)
    app.include_router(_media())
    return TestClient(app)


def test_the_png_is_served_beside_the_svg_and_may_be_kept_as_long(web):
    name = PRODUCTS[0].row.id
    svg, image = web.get(f"/media/demo/{name}.svg"), web.get(f"/media/demo/{name}.png?size=64")
    assert (svg.text, image.content) == (picture(name), png(name, 64))
    assert image.headers["content-type"] == "image/png"
    assert image.headers["cache-control"] == svg.headers["cache-control"]
    assert len(web.get(f"/media/demo/{name}.png").content) > len(image.content)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing.png", 404),
        ("nothing.png?size=64", 404),
        (f"{PRODUCTS[0].row.id}.png?size=15", 422),
        (f"{PRODUCTS[0].row.id}.png?size=1025", 422),
        (f"{PRODUCTS[0].row.id}.png?size=large", 422),
    ],
)
def test_what_cannot_be_drawn_is_answered_with_a_problem(web, path, status):
    answer = web.get(f"/media/demo/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
