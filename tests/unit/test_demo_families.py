"""Every family of the demo store says enough, in both languages, and its words agree with its goods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from retriever.demo.family import Bounds, Condition, Family, families, shop
from retriever.demo.generate import GRADES, Made, fill, holds, product
from retriever.demo.relations import products
from retriever.demo.silhouettes import SILHOUETTES

HAN = re.compile(r"[\u4e00-\u9fff]")
SEEDS = tuple(f"seed {number}" for number in range(12))
GOODS = products()


def each_family():
    return pytest.mark.parametrize("family", families(), ids=lambda family: family.id)


def drawn(family: Family, seeds: tuple[str, ...] = SEEDS) -> Iterator[Made]:
    """The family's goods as they are and as they might have been drawn."""
    yield from (made for made in GOODS if made.family.id == family.id)
    for seed in seeds:
        yield from drawn_once(family.id, seed)


@cache
def drawn_once(family_id: str, seed: str) -> tuple[Made, ...]:
    (family,) = (family for family in families() if family.id == family_id)
    return tuple(product(family, name, seed) for name in (*family.names, *family.twins))


def measures(units: list[str], gap: str) -> re.Pattern[str]:
    ranked = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    return re.compile(rf"(?<![\w.])(-?\d+(?:\.\d+)?){gap}({ranked})(?![a-zA-Z])")


ENGLISH_MEASURE = measures(list(shop().units), " ")
CHINESE_MEASURE = measures(list(shop().units.values()), r"\s?")


@each_family()
def test_a_family_has_breadth(family: Family):
    assert len(family.names) >= (1 if family.oddity else 12)
    assert len(set(family.names)) == len(family.names)
    assert set(family.twins.values()) <= set(family.names)
    assert len(family.wanted) >= (2 if family.oddity else 6)
    assert len(family.aspects) >= (2 if family.oddity else 4)
    assert family.silhouette in SILHOUETTES
    assert set(family.interests) <= set(shop().interests)
    assert max(family.interests.values()) >= 0.5
    assert set(family.brands) <= {brand.name for brand in shop().brands}
    assert set(family.colors) <= set(shop().colors)


@each_family()
def test_a_family_refers_to_families_that_exist(family: Family):
    known = {other.id: other for other in families()}
    assert {*family.goes_with, *family.replaces} <= set(known)
    for fit in family.fits:
        assert fit.same is None or fit.same in known[fit.family].attributes


@each_family()
def test_a_family_has_something_for_every_purse(family: Family):
    characters = {made.brand.character for made in GOODS if made.family is family}
    assert family.oddity or characters == set(GRADES)


@each_family()
def test_every_text_is_there_in_english_and_in_chinese(family: Family):
    pairs = [(text.en, text.zh) for text in (*family.sentences, *family.reviews, *(a.name for a in family.aspects))]
    pairs += [pair for aspect in family.aspects for pair in (*aspect.love, *aspect.complain)]
    pairs += family.wanted
    for english, chinese in pairs:
        assert not HAN.search(english), english
        assert HAN.search(chinese), chinese
    assert len(set(pairs)) == len(pairs)


@each_family()
def test_measures_in_the_words_are_attributes(family: Family):
    for made in drawn(family):
        zh = made.row.texts["zh"]
        english = {tuple(value.en.split(" ", 1)) for value in made.values.values()}
        chinese = {value.zh for value in made.values.values()}
        for words in (made.row.title, made.row.description):
            assert set(ENGLISH_MEASURE.findall(words)) <= english, words
        for words in (zh.title, zh.description):
            assert {number + unit for number, unit in CHINESE_MEASURE.findall(words)} <= chinese, words


@each_family()
def test_no_word_names_a_value_the_product_does_not_have(family: Family):
    """A pan of carbon steel is nowhere called cast iron, in either language."""
    for made in drawn(family, SEEDS[:4]):
        zh = made.row.texts["zh"]
        english, chinese = f"{made.row.title} {made.row.description}".lower(), zh.title + zh.description
        for key, value in made.values.items():
            for choice in family.attributes[key].choices:
                if choice[0] not in value.en and value.en not in choice[0]:
                    assert not re.search(rf"(?<![a-z-]){re.escape(choice[0].lower())}(?![a-z-])", english), choice[0]
                if choice[1] not in value.zh and value.zh not in choice[1]:
                    assert choice[1] not in chinese, choice[1]


@each_family()
def test_both_languages_are_complete(family: Family):
    for made in drawn(family, SEEDS[:2]):
        zh = made.row.texts["zh"]
        assert HAN.search(zh.title)
        assert HAN.search(zh.description)
        assert not HAN.search(made.row.title + made.row.description)
        assert "{" not in made.row.title + made.row.description + zh.title + zh.description
        assert 60 <= len(made.row.description) <= 900, made.row.description
        assert len(made.row.title) <= 120


@each_family()
def test_joint_ranges_hold_for_any_draw(family: Family):
    for made in drawn(family):
        for rule in family.rules:
            assert not holds(rule.when, made.facts) or holds(rule.then, made.facts), (made.row.title, made.price, rule)


@each_family()
def test_conditions_name_what_exists(family: Family):
    for condition in conditions(family):
        for name, wanted in condition.items():
            if name in ("price", "grade", "size"):
                assert isinstance(wanted, Bounds), name
                continue
            attribute = family.attributes[name]
            if isinstance(wanted, Bounds):
                assert attribute.range is not None, name
            else:
                values = {choice[0] for choice in attribute.choices}
                assert not values or set(wanted) <= values, (name, wanted)


@each_family()
def test_an_aspect_is_a_strength_of_some_and_a_flaw_of_others_and_never_both(family: Family):
    goods = list(drawn(family))
    for aspect in family.aspects:
        assert not any(holds(aspect.good, made.facts) and holds(aspect.bad, made.facts) for made in goods), aspect.id
        assert any(holds(aspect.good, made.facts) or holds(aspect.bad, made.facts) for made in goods), aspect.id
        if not family.oddity:
            assert any(holds(aspect.good, made.facts) for made in goods), f"{aspect.id} is never good"
            assert any(holds(aspect.bad, made.facts) for made in goods), f"{aspect.id} is never bad"


@each_family()
def test_what_reviewers_say_can_be_filled_in(family: Family):
    for aspect in family.aspects:
        for polarity, texts in ((aspect.good, aspect.love), (aspect.bad, aspect.complain)):
            for made in drawn(family, SEEDS[:3]):
                if holds(polarity, made.facts):
                    for english, chinese in texts:
                        assert fill(english, "en", made.brand, made.name, made.values)
                        assert fill(chinese, "zh", made.brand, made.name, made.values)


def conditions(family: Family) -> Iterator[Condition]:
    """Every condition of a family."""
    yield from (attribute.when for attribute in family.attributes.values())
    yield from (text.when for text in (*family.sentences, *family.reviews))
    for aspect in family.aspects:
        yield from (aspect.good, aspect.bad)
    for rule in family.rules:
        yield from (rule.when, rule.then)
