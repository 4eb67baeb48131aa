"""What a product says about a thing that the query excludes."""

from __future__ import annotations

import pytest

from retriever.product import Availability, PriceRange, Product
from retriever.understanding.asserting import ExclusionFeatures, exclusion_features, verdict
from retriever.understanding.negation import read_negations


def product(title: str = "", description: str = "", brand: str = "", **attributes: str) -> Product:
    return Product(
        id="p",
        title=title,
        description=description,
        brand=brand,
        attributes=attributes,
        price_range=PriceRange(),
        availability=Availability(available=True, status="in_stock"),
    )


def stance(query: str, asked: Product) -> str:
    (exclusion,) = read_negations(query).exclusions
    return verdict(exclusion, asked).stance


@pytest.mark.parametrize(
    ("query", "title", "expected"),
    [
        ("dinnerware without mugs", "16-Piece Dinnerware Set with Mugs", "has"),
        ("dinnerware without mugs", "Dinnerware Set, Plates, Bowls and Mug", "has"),
        ("dinnerware without mugs", "Dinnerware Set, no mugs", "says_without"),
        ("dinnerware without mugs", "Dinnerware Set (Mugs Not Included)", "says_without"),
        ("dinnerware without mugs", "Dinnerware Set without bowls or mugs", "says_without"),
        ("dinnerware without mugs", "Mug-free dinner plates", "says_without"),
        ("dinnerware without mugs", "Dinner plates, set of 6", "silent"),
        ("dinnerware without mugs", "Plate that smuggles in colour", "silent"),
        ("dinnerware without mugs", "Rack for mugs", "mentions"),
        ("dinnerware without mugs", "Plate set and mug holder", "mentions"),
        ("wine glasses without stem", "Stemless Wine Glasses", "says_without"),
        ("swim trunks without mesh liner", "Swim Trunks with Mesh Lining", "has"),
        ("swim trunks without mesh liner", "Swim Trunks Unlined, Mesh Liner Free", "says_without"),
        ("swim trunks without mesh liner", "Swim Trunks with Compression Liner", "mentions"),
        ("nail kit without led lamp", "Nail Kit with UV LED Nail Lamp", "has"),
        ("sweater without hood", "Hooded Sweater", "has"),
        ("wireless thermostat without c wire", "Wireless Thermostat", "silent"),
        ("tool case without tools", "Tool Case", "silent"),
        ("tool case without tools", "Case with tools", "has"),
        ("tool case without tools", "Case, tool-free assembly", "mentions"),
        ("cutlery box without cutlery", "Non slip cutlery box", "silent"),
        ("water bottle without straw", "Bottle with removable straw", "mentions"),
        ("water bottle without straw", "Bottle, can be used without straw", "mentions"),
        ("water bottle without straw", "Drink without touching the straw lid", "has"),
        ("水杯不带吸管", "保温杯 带吸管", "has"),
        ("水杯不带吸管", "保温杯 无吸管", "says_without"),
        ("水杯不带吸管", "保温杯 直饮", "silent"),
    ],
)
def test_a_title_is_read_clause_by_clause(query: str, title: str, expected: str) -> None:
    assert stance(query, product(title)) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Contains chicken and rice.", "has"),
        ("Ingredients: water, rice, chicken, salt.", "has"),
        ("No corn, wheat, soy or chicken.", "says_without"),
        ("Does not contain chicken.", "says_without"),
        ("Cats love it more than chicken.", "mentions"),
        ("Made with salmon.", "silent"),
    ],
)
def test_a_description_is_believed_where_it_asserts(description: str, expected: str) -> None:
    assert stance("cat treats without chicken", product("Cat treats", description)) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"hood": "no"}, "says_without"),
        ({"hood": "yes"}, "has"),
        ({"neckline": "hood"}, "has"),
        ({"features": "no hood"}, "says_without"),
        ({"neckline": "crew"}, "silent"),
    ],
)
def test_attributes_answer_by_name_and_by_value(attributes: dict[str, str], expected: str) -> None:
    assert stance("sweater without hood", product("Sweater", **attributes)) == expected


def test_a_brand_can_be_excluded() -> None:
    assert stance("running shoes but not Nike", product("Pegasus running shoe", brand="Nike")) == "has"


def test_the_title_outweighs_the_description() -> None:
    asked = product("Water bottle without straw", "Our other bottle comes with a straw.")
    assert stance("water bottle without straw", asked) == "says_without"


def test_a_verdict_quotes_what_it_rests_on() -> None:
    (exclusion,) = read_negations("plates without mugs").exclusions
    said = verdict(exclusion, product("Plates", "Set of four. Mugs not included."))
    assert (said.field, "mugs not included" in said.quote) == ("description", True)


def test_features_take_all_sure_exclusions_together() -> None:
    exclusions = read_negations("cat food without chicken or corn").exclusions
    assert exclusion_features(exclusions, product("Chicken cat food, no corn")) == ExclusionFeatures(has=True)
    assert exclusion_features(exclusions, product("Cat food, no corn")) == ExclusionFeatures(says_without=True)
    assert exclusion_features(exclusions, product("Cat food")) == ExclusionFeatures()


def test_a_doubtful_exclusion_accuses_nobody() -> None:
    exclusions = read_negations("bite not collar").exclusions
    assert exclusion_features(exclusions, product("Dog collar")) == ExclusionFeatures()
