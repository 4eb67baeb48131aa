"""Quick questions: which are asked first, and what becomes of their answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.behaviour.model import Event
from retriever.recommending.asking import Asked, Context
from retriever.recommending.knowledge.crowd import Crowd, Together
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.traits import Trait, plain_traits
from retriever.recommending.situation import Situation
from retriever.recommending.visit.answers import OTHER, UNSURE, Band, understood, weights
from retriever.recommending.visit.questions import Questions, entropy, gain, price_bands


def shop(categories: list[str], brands: list[str], prices: list[float]) -> Goods:
    kinds, makers = sorted(set(categories)), sorted(set(brands))
    size = len(categories)
    return Goods(
        ids=tuple(f"p{at:03}" for at in range(size)),
        categories=tuple(kinds),
        category=np.array([kinds.index(name) for name in categories], dtype=np.int32),
        brands=tuple(makers),
        brand=np.array([makers.index(name) for name in brands], dtype=np.int32),
        price=np.array(prices, dtype=np.float64),
        available=np.ones(size, dtype=bool),
        published=np.full(size, np.nan),
        rating=np.full(size, 4.0),
        rated=np.zeros(size, dtype=np.int64),
        position=np.arange(size),
    )


def quiet(size: int) -> Crowd:
    nobody = np.zeros(size)
    none = np.empty(0, dtype=np.int32)
    together = Together(np.zeros(size + 1, dtype=np.int64), none, none, none.astype(np.float32))
    return Crowd(0.0, 0, nobody.astype(np.int64), nobody, nobody, nobody, together)


def visit(goods: Goods, answers: Mapping[str, str] | None = None, language: str = "en") -> Situation:
    asked = Asked(language=language, context=Context(answers=answers or {}))
    return Situation(asked, 0.0, goods, quiet(len(goods)))


KINDS = ["tents", "stoves", "mugs", "lamps"]
SHOP = shop(
    [KINDS[at % 4] for at in range(40)],
    ["Fjell" if at % 10 else "Ember" for at in range(40)],
    [1000.0 + 200 * at for at in range(40)],
)


@given(
    st.lists(
        st.tuples(st.floats(0.01, 1), st.integers(-1, 3), st.integers(-1, 2)),
        min_size=2,
        max_size=30,
    )
)
def test_the_gain_is_the_one_found_by_trying_all_answers(rows: list[tuple[float, int, int]]) -> None:
    probable = np.array([row[0] for row in rows])
    probable /= probable.sum()
    splits = [np.array([row[at] for row in rows], dtype=np.int64) for at in (1, 2)]

    def after(answers: tuple[int, ...]) -> float:
        """The entropy once somebody has answered: -1, "no matter", rules nothing out."""
        fitting = [
            p
            for p, *held in zip(probable, *splits, strict=True)
            if all(answer in {-1, own} for answer, own in zip(answers, held, strict=True))
        ]
        return -sum(p / sum(fitting) * math.log(p / sum(fitting)) for p in fitting)

    expected = sum(p * after(tuple(own)) for p, *own in zip(probable, *splits, strict=True))
    assert gain(probable, splits) == pytest.approx(entropy(probable) - expected, abs=1e-9)


def test_no_other_question_tells_more_than_the_first() -> None:
    rng = np.random.default_rng(3)
    names = rng.choice(["a", "b", "c", "d", "e", "f"], 60, p=[0.5, 0.3, 0.1, 0.05, 0.03, 0.02])
    goods = shop(list(names), list(rng.choice(["X", "Y"], 60, p=[0.9, 0.1])), list(rng.uniform(500, 9000, 60)))
    first = Questions().next(visit(goods))[0]

    def left(question: str) -> float:
        """The entropy expected after a question, people answering it for each good in turn."""
        asked = next(one for one in Questions().next(visit(goods)) if one.id == question)
        ids = [option.id for option in asked.options]
        held = [one for id in ids for one in understood({question: id}, goods, plain_traits(goods))]
        total = 0.0
        for row in range(len(goods)):
            fitting = next((int(one.fits.sum()) for one in held if one.fits[row]), len(goods))
            total += math.log(fitting) / len(goods)
        return total

    others = [one.id for one in Questions().next(visit(goods))[1:]]
    assert others
    assert all(left(first.id) < left(other) for other in others)


def test_at_most_three_questions_of_five_answers_each_and_the_freedom_not_to_choose() -> None:
    found = Questions().next(visit(SHOP))

    assert {one.id for one in found} == {"category", "price", "brand"}
    for one in found:
        assert one.options[-1].id == "any"
        assert 2 <= len(one.options) - 1 <= 5
    prices = next(one for one in found if one.id == "price")
    assert prices.options[0].text.startswith("up to $")


def test_questions_speak_the_shoppers_language() -> None:
    (first, *_) = Questions().next(visit(SHOP, language="zh-CN"))

    assert first.text == "哪一种最接近您想要的？" or first.text == "您的预算大约是多少？"
    assert first.options[-1].text == "都可以"


def test_what_was_answered_is_not_asked_again_even_if_it_does_not_matter() -> None:
    after_one = {one.id for one in Questions().next(visit(SHOP, {"category": "tents"}))}
    after_two = {one.id for one in Questions().next(visit(SHOP, {"category": "any", "price": "1000-3000"}))}

    assert "category" not in after_one
    assert after_two <= {"brand"}


def test_an_answer_makes_what_fits_likely_and_keeps_the_rest_possible() -> None:
    goods = shop(["tents", "mugs", ""], ["Fjell"] * 3, [9000, 1200, np.nan])
    of_kind = weights(understood({"category": "TENTS"}, goods, plain_traits(goods)), goods)
    of_price = weights(understood({"price": "-2000"}, goods, ()), goods)

    assert of_kind.tolist() == [1.0, OTHER, UNSURE]
    assert of_price.tolist() == [OTHER, 1.0, UNSURE]


@pytest.mark.parametrize(
    "answers",
    [{"weather": "rain"}, {"category": "unicorns"}, {"price": "cheap"}, {"price": "-"}, {"price": "900-100"}, {"": ""}],
)
def test_unknown_questions_and_answers_say_nothing(answers: dict[str, str]) -> None:
    assert understood(answers, SHOP, plain_traits(SHOP)) == ()
    assert Questions().next(visit(SHOP, answers)) == Questions().next(visit(SHOP))


def test_the_answer_to_one_question_changes_which_comes_next() -> None:
    """All tents are of one brand and mugs are of three: to ask for the brand helps with mugs only."""
    goods = shop(["tents"] * 6 + ["mugs"] * 6, ["Fjell"] * 6 + ["Alda", "Brio", "Cora"] * 2, [5000.0] * 12)

    assert [one.id for one in Questions().next(visit(goods, {"category": "mugs"}))] == ["brand"]
    assert "brand" not in {one.id for one in Questions().next(visit(goods, {"category": "tents"}))}


def test_nobody_is_asked_whose_history_is_known_or_who_is_in_an_empty_shop() -> None:
    known = Situation(Asked(), 0.0, SHOP, quiet(len(SHOP)), history=(Event("p001", 1.0),))

    assert Questions().next(known) == ()
    assert Questions().next(visit(shop([], [], []))) == ()


def test_a_shop_of_one_kind_and_price_has_nothing_to_ask() -> None:
    assert Questions().next(visit(shop(["mugs"] * 9, ["Fjell"] * 9, [500.0] * 9))) == ()


@given(st.lists(st.floats(1, 1e7), min_size=1, max_size=50), st.sampled_from(["USD", "JPY"]))
def test_every_price_is_in_one_band(prices: list[float], currency: str) -> None:
    held = np.array(prices)
    bands = price_bands(held, np.full(held.size, 1 / held.size), currency)

    assert len(bands) <= 4
    if bands:
        assert sum(band.holds(held).astype(int) for band in bands).tolist() == [1] * held.size
        assert [Band.of(band.id) for band in bands] == list(bands)


def test_a_trait_of_the_shop_is_asked_about_too() -> None:
    column = np.array([at % 2 for at in range(40)], dtype=np.int32)
    whom = Trait("audience", ("men", "women"), column)
    questions = Questions(lambda goods: (whom,))

    assert "audience" in {one.id for one in questions.next(visit(SHOP))}
    assert list(product(["audience"], ["men", "women", "any"])) == [
        (one.id, option.id) for one in questions.next(visit(SHOP)) if one.id == "audience" for option in one.options
    ]


def test_groups_of_people_are_named_in_the_shoppers_language_whatever_the_shop_calls_them() -> None:
    whom = Trait("audience", ("men's", "unisex", "女款"), np.array([at % 3 for at in range(40)], dtype=np.int32))

    for language, names in (
        ("en", ["Men", "For anybody", "Women", "No matter"]),
        ("zh", ["男士", "不分男女", "女士", "都可以"]),
    ):
        asked = Questions(lambda goods: (whom,)).next(visit(SHOP, language=language))
        (question,) = [one for one in asked if one.id == "audience"]
        assert sorted(option.text for option in question.options) == sorted(names)
        assert {option.id for option in question.options} == {"men's", "unisex", "女款", "any"}


def test_what_is_for_a_group_of_people_is_what_the_shop_calls_so_and_what_is_for_everybody() -> None:
    whom = Trait("audience", ("men's", "unisex", "女款"), np.array([0, 1, 2, -1], dtype=np.int32))
    goods = shop(["coats"] * 4, ["Fjell"] * 4, [10.0] * 4)

    (answer,) = understood({"audience": "women"}, goods, (whom,))

    assert answer.weights().tolist() == [OTHER, 1.0, 1.0, UNSURE]
    assert understood({"audience": "kids"}, goods, (whom,)) == ()  # the shop has nothing for them
