"""The second judge finds goods by titles that a model cut short, and holds a value against what was named last."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_fakes import ListFeed
from langchain_core.messages import HumanMessage
from scripted import HashEncoder

from assistant.build import open_store
from assistant.events import ModelUse, Timing, TurnResult
from assistant.settings import Settings
from eval.clerk.cases import Line
from eval.clerk.playing import Played
from eval.clerk.truth import Shelf, Truth

ODOMETER = {"id": "odometer", "title": "Whisker & Co Night Shift Hamster Odometer, for Wheels up to 30 cm",
            "brand": "Whisker & Co", "price": "23.50"}  # fmt: skip
BEANIE = {"id": "beanie", "title": "Oddfellow Wool Tea Cosy Beanie, Merino, Plain Top", "brand": "Oddfellow Wool",
          "variants": [{"id": "beanie-s", "price": "39.50"}, {"id": "beanie-l", "price": "43.50"}]}  # fmt: skip
BOARD = {"id": "board", "title": "Nettlebrook Jetty Bamboo Cutting Board, 40 cm", "brand": "Nettlebrook",
         "price": "37.50"}  # fmt: skip
KETTLE = {"id": "kettle", "title": "Nettlebrook Whistledown Electric Kettle, 1.5 L, Glass", "brand": "Nettlebrook",
          "price": "96.50", "texts": {"zh": {"title": "Nettlebrook Whistledown 电热水壶 1.5升 玻璃"}}}  # fmt: skip
BAG = {"id": "bag", "title": "Veldfjord Sandman's Sack Sleeping Bag, Comfort -3 °C", "brand": "Veldfjord",
       "price": "381.00", "texts": {"zh": {"title": "Veldfjord Sandman's Sack 鹅绒睡袋 舒适温标-3°C"}}}  # fmt: skip
TALL = {"id": "tall", "title": "Tinmoor Larch Tall Tent, green", "brand": "Tinmoor", "price": "90.00"}
TWO = {"id": "two", "title": "Tinmoor Larch Two-person Tent, green", "brand": "Tinmoor", "price": "120.00"}
GOODS = [ODOMETER, BEANIE, BOARD, KETTLE, BAG, TALL, TWO]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("shelf")
    store = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    store.importer.run(ListFeed(GOODS))
    yield Shelf(store)
    store.close()


def judged(shelf: Shelf, reply: str) -> Truth:
    result = TurnResult(
        conversation_id="c", reply=reply, language="en", model=ModelUse(name="m"),
        timing=Timing(first_text_ms=0, total_ms=0, model_ms=0, tool_ms=0),
    )  # fmt: skip
    return shelf.judge(Played(Line(text="", phenomenon=""), result, (), (HumanMessage("hello"),), ()), "", "cart")


@pytest.mark.parametrize(
    ("reply", "values"),
    [
        (
            "The Whisker & Co Night Shift Hamster is $23.50, The Oddfellow Wool Tea Cosy Beanie is $39.50 to $43.50.",
            3,
        ),
        ("The Nettlebrook Jetty Bamboo Cutting at $37.50, or the Whisker & Co Night Shift at $23.50.", 2),
        ("The Oddfellow Wool Tea Cosy… is $39.50.", 1),
        ("The Tinmoor Larch Two-person is $120.00.", 1),
        (
            "Veldfjord Sandman's Sack 鹅绒睡袋 舒适温标，US$381.00，或Nettlebrook Whistledown 电热水壶，US$96.50。",
            2,
        ),
        ("Nettlebrook Whistledown 电热售价US$96.50。", 1),
    ],
)
def test_a_title_may_be_cut_short(shelf: Shelf, reply: str, values: int) -> None:
    assert judged(shelf, reply) == Truth(values, ())


@pytest.mark.parametrize(
    ("reply", "faults"),
    [
        ("The Whisker & Co Night Shift Hamster is $39.50, The Oddfellow Wool Tea Cosy Beanie is $23.50.", 2),
        ("The Nettlebrook Jetty Bamboo Cutting is $96.50.", 1),  # the price of another of the brand
        ("The Oddfellow Wool Tea Cosy is $39.50, the Whisker & Co Night Shift Hamster $43.50.", 1),
        (
            "Veldfjord Sandman's Sack 鹅绒睡袋 舒适温标，US$96.50，或者Nettlebrook Whistledown 电热水壶，US$381.00。",
            2,
        ),
        ("The Oddfellow Wool Tea Cosy is $39.50. Tinmoor Larch costs $90.00.", 1),  # which Larch?
        ("The Oddfellow Wool Tea Cosy is $39.50. Whisker & Co costs $23.50.", 1),  # a brand is no product
        ("The Tinmoor Larch Tallest is $90.00, the Oddfellow Wool Tea Cosy is $39.50.", 1),
    ],
)
def test_a_wrong_value_beside_a_title_cut_short_is_still_seen(shelf: Shelf, reply: str, faults: int) -> None:
    assert len(judged(shelf, reply).faults) == faults


@given(st.sampled_from(GOODS[:5]), st.data(), st.integers(1, 100_000))
def test_wherever_a_title_is_cut_its_price_is_compared(
    shelf: Shelf, row: dict, data: st.DataObject, cents: int
) -> None:
    words = row["title"].split(" ")
    least = len(row["brand"].split(" ")) + 2
    title = " ".join(words[: data.draw(st.integers(least, len(words)))]).rstrip(",")
    held = [row["price"]] if "price" in row else [each["price"] for each in row["variants"]]
    said = Decimal(cents) / 100
    for price, right in ((held[0], True), (f"{said:.2f}", said in map(Decimal, held))):
        told = judged(shelf, f"The {title} costs ${price}, and that is all.")
        assert (told.values, not told.faults) == (1, right)
