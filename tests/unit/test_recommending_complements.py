"""What goes with a product: the shop's own word, what people take with it, and what its attributes rule out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import NOW, Good, acts, goods_of, ids, situation

from retriever.interactions.log import Act
from retriever.product import Availability, PriceRange, Product
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.compatibility import agreement
from retriever.recommending.knowledge.crowd_counting import count_crowd
from retriever.recommending.knowledge.relations import Relations, Tied
from retriever.recommending.sources.complements import Complements

SHOP = (
    Good("case", "Cases"), Good("lid-24", "Lids"), Good("lid-28", "Lids"), Good("old-pan", "Pans"),
    Good("pan", "Pans"), Good("phone", "Phones"), Good("spatula", "Tools"), Good("wok", "Pans"),
)  # fmt: skip
ATTRIBUTES: Mapping[str, dict[str, str]] = {
    "pan": {"diameter": "28 cm"},
    "lid-24": {"diameter": "24 cm"},
    "lid-28": {"diameter": "28 cm"},
    "case": {"fits phone": "Orrin 9"},
    "phone": {"model": "Orrin 9"},
}


def product(id: str, title: str = "", **attributes: str) -> Product:
    return Product(
        id=id,
        title=title or id,
        attributes={name.replace("_", " "): value for name, value in attributes.items()},
        price_range=PriceRange(),
        availability=Availability(available=True, status="in_stock"),
    )


def products(wanted: Sequence[str]) -> list[Product]:
    return [product(good.id, **ATTRIBUTES.get(good.id, {})) for good in SHOP if good.id in wanted]


def baskets(people: int, *items: str) -> list[Act]:
    return [Act(f"{'+'.join(items)}-{n}", "purchase", item, NOW) for n in range(people) for item in items]


def found(
    told: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    done: Iterable[Act] = (),
    limit: int = 10,
    **asked: Any,
) -> Sequence[Candidate]:
    relations = Relations.between((told or {}).items())
    given = replace(situation(SHOP, **asked), crowd=count_crowd(done, goods_of(SHOP), now=NOW))
    return Complements(lambda: relations, products).candidates(given, limit)


def test_the_shop_s_word_comes_first_and_says_so() -> None:
    told = {"pan": {"goes_with": ["spatula"]}}
    (candidate,) = found(told, like=["pan"])

    assert candidate.id == "spatula"
    assert candidate.because == (Because("goes_with", ("pan",)),)


def test_relations_are_seen_from_both_sides() -> None:
    told = {"lid-28": {"fits": ["pan"]}}

    assert ids(found(told, like=["pan"])) == ["lid-28"]
    assert ids(found(told, like=["lid-28"])) == ["pan"]
    assert Relations.between(told.items()).of("pan") == (Tied("lid-28", "fits", told=False),)


def test_attributes_that_contradict_rule_out_and_those_that_agree_raise() -> None:
    told = {"pan": {"goes_with": ["lid-24", "spatula", "lid-28"]}}

    assert ids(found(told, like=["pan"])) == ["lid-28", "spatula"]


def test_what_the_shop_says_fits_does_fit() -> None:
    assert ids(found({"lid-24": {"fits": ["pan"]}}, like=["pan"])) == ["lid-24"]


def test_what_people_take_with_it_goes_with_it_unless_it_is_of_the_same_kind() -> None:
    done = [*baskets(5, "pan", "spatula"), *baskets(5, "pan", "wok"), *baskets(2, "pan", "case")]
    (candidate,) = found(done=done, like=["pan"])

    assert candidate.id == "spatula"
    assert candidate.because == (Because("together", ("pan",), number=5.0),)


def test_what_replaces_it_does_not_go_with_it() -> None:
    told = {"pan": {"replaces": ["spatula"]}}

    assert found(told, baskets(5, "pan", "spatula"), like=["pan"]) == []


def test_both_kinds_of_evidence_count_and_are_told() -> None:
    told = {"pan": {"goes_with": ["spatula", "case"]}}
    candidates = found(told, baskets(5, "pan", "spatula"), like=["pan"])

    assert ids(candidates) == ["spatula", "case"]
    assert [because.kind for because in candidates[0].because] == ["goes_with", "together"]


def test_goods_that_are_asked_about_are_not_candidates_for_each_other() -> None:
    assert found({"pan": {"goes_with": ["spatula"]}}, basket=["pan", "spatula"]) == []


def test_without_anything_asked_about_it_goes_with_what_the_person_bought() -> None:
    told = {"pan": {"goes_with": ["spatula"]}, "phone": {"goes_with": ["case"]}}

    assert ids(found(told, history=acts("phone", "pan"), bought=["phone"])) == ["case"]


def test_two_attributes_on_one_key_agree_contradict_or_say_nothing() -> None:
    pan = product("pan", diameter="28 cm")

    assert agreement(pan, product("lid", diameter="28 cm")) == 1
    assert agreement(pan, product("lid", diameter="24 cm, 28 cm")) == 1
    assert agreement(pan, product("lid", diameter="24 cm")) == -1
    assert agreement(pan, product("lid", Diameter="11 inch")) == 0, "another measure"
    assert agreement(pan, product("lid", colour="red")) == 0


@pytest.mark.parametrize(
    ("phone", "verdict"),
    [
        (product("p", model="Orrin 9"), 1),
        (product("p", title="Acme Orrin 9, black"), 1),
        (product("p", model="Tessel S").model_copy(update={"categories": ("Phones",)}), -1),
        (product("p", model="C20").model_copy(update={"categories": ("Phone Chargers",)}), 0),
        (product("p", title="Acme Orrin 90"), 0),
    ],
)
def test_what_is_made_for_a_model_fits_that_model(phone: Product, verdict: int) -> None:
    assert agreement(product("case", fits_phone="Orrin 9"), phone) == verdict
    assert agreement(phone, product("case", fits_phone="Orrin 9")) == verdict


def test_one_contradiction_outweighs_what_agrees() -> None:
    one, other = product("a", size="M", connector="USB-C"), product("b", size="M", connector="Lightning")

    assert agreement(one, other) == -1


words = st.sampled_from(["28 cm", "24 cm", "M", "XL", "42", "", "Orrin 9", "a, b", "尺寸"])
described = st.builds(
    lambda title, attributes: product("x", title or "x").model_copy(update={"attributes": attributes}),
    words,
    st.dictionaries(
        st.sampled_from(["size", "Diameter", "fits phone", "model", "尺寸", "适用机型", "", "colour"]), words
    ),
)


@given(described, described)
def test_agreement_is_mutual(one: Product, other: Product) -> None:
    assert agreement(one, other) == agreement(other, one)


@given(described)
def test_nothing_contradicts_itself(one: Product) -> None:
    assert agreement(one, one) >= 0
