"""What a person is likely to want next, and what it is because of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from held_vectors import HeldVectors

from ranker.behaviour.ease import Ease
from ranker.behaviour.model import BehaviourError, Event, History, Items, Scores
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because
from retriever.recommending.knowledge.co_occurrence import Caps, nobody_together, taken_together
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.past import Past
from retriever.recommending.situation import Situation
from retriever.recommending.sources.personal import Personal

KINDS = {"beans": "coffee", "filter": "coffee", "fresh": "coffee", "lamp": "camp", "stove": "camp", "tent": "camp"}
IDS = tuple(KINDS)
BASKETS = [["beans", "filter"]] * 4 + [["tent", "stove"]] * 4 + [["tent", "lamp"]] * 2 + [["beans", "tent"]]
DAY = 86_400.0


def goods(kinds: Mapping[str, str] = KINDS) -> Goods:
    names = sorted(set(kinds.values()))
    size = len(kinds)
    return Goods(
        ids=tuple(kinds),
        categories=tuple(names),
        category=np.array([names.index(kind) for kind in kinds.values()], dtype=np.int32),
        brands=("",),
        brand=np.zeros(size, dtype=np.int32),
        price=np.full(size, 1000.0),
        available=np.ones(size, dtype=bool),
        published=np.arange(size, dtype=np.float64),
        rating=np.full(size, 4.0),
        rated=np.zeros(size, dtype=np.int64),
        position=np.arange(size),
    )


GOODS = goods()


def crowd(model: Any = None, baskets: Sequence[Sequence[str]] = BASKETS) -> Crowd:
    pairs = [(person, GOODS.rows[id]) for person, basket in enumerate(baskets) for id in basket]
    person, row = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    people = np.bincount(row, minlength=len(GOODS))
    together = taken_together(person, row, np.zeros(len(row)), len(GOODS), Caps(people=1, shrink=1.0))
    wanted = people.astype(np.float64)
    return Crowd(0.0, len(row), people, wanted, wanted * 0, wanted * 0, together, model)


def situation(*history: Event, model: Any = None, bought: Sequence[str] = (), told: Sequence[str] = ()) -> Situation:
    return Situation(Asked(), 10 * DAY, GOODS, crowd(model), history, frozenset(told), frozenset(bought))


def ease() -> Any:
    histories = [[Event(id, float(at)) for at, id in enumerate(basket)] for basket in BASKETS]
    return Ease(ridge=1.0).fit(histories, Items(IDS), lambda what, done, total: None)


@pytest.mark.parametrize("model", [None, ease()], ids=["by company", "by a model"])
def test_the_next_goods_follow_from_the_history_and_say_from_what(model: Any) -> None:
    history = Event("tent", DAY, weight=5.0), Event("beans", DAY, weight=1.0)
    found = {
        one.id: one.because[0] for one in Personal().candidates(situation(*history, model=model, bought=["tent"]), 9)
    }

    assert found["stove"] == Because("bought", ("tent",))
    assert found["filter"] == Because("viewed", ("beans",))
    assert not found.keys() & {"tent", "beans"}


def test_an_act_changes_the_next_list_at_once() -> None:
    before = Personal().candidates(situation(Event("tent", 1.0)), 1)
    after = Personal().candidates(situation(Event("tent", 1.0), Event("beans", 90 * DAY)), 1)

    assert (before[0].id, after[0].id) == ("stove", "filter")


@pytest.mark.parametrize(
    ("event", "known", "kind"),
    [
        (Event("tent", 1.0, weight=5.0), {"bought": ["tent"]}, "bought"),
        (Event("tent", 1.0, weight=3.0), {}, "taken"),
        (Event("tent", 1.0, weight=1.0), {}, "viewed"),
        (Event("tent", 1.0, weight=5.0), {"told": ["tent"]}, "told"),
    ],
)
def test_the_reason_claims_no_more_than_is_known(event: Event, known: dict[str, Any], kind: str) -> None:
    (first, *_) = Personal().candidates(situation(event, **known), 3)

    assert first.because == (Because(kind, ("tent",)),)


def near(**vectors: Sequence[float]) -> HeldVectors:
    return HeldVectors(vectors)


TEXTS = near(
    beans=[1, 0.2, 0], filter=[1, 0.9, 0], fresh=[1, 0.3, 0], lamp=[0, 0.4, 1], stove=[0, 0.9, 1], tent=[0, 0, 1]
)


@pytest.mark.parametrize("model", [None, ease()], ids=["by company", "by a model that scores no new goods"])
def test_a_good_added_a_moment_ago_appears_for_who_took_something_like_it(model: Any) -> None:
    who = situation(Event("beans", 1.0, weight=5.0), model=model, bought=["beans"])
    without = Personal().candidates(who, 9)
    found = {one.id: one.because[0] for one in Personal(TEXTS).candidates(who, 9)}

    assert "fresh" not in {one.id for one in without}
    assert found["fresh"] == Because("bought", ("beans",))
    assert "fresh" not in {one.id for one in Personal(TEXTS).candidates(situation(Event("tent", 1.0), model=model), 2)}


def test_a_new_good_near_what_goes_with_the_history_appears_too() -> None:
    """Nobody has it, and it is like filters, which people take with the beans that this person took."""
    texts = near(beans=[1, 0, 0], filter=[0, 1, 0], fresh=[0.1, 1, 0], tent=[0, 0, 1])
    found = Personal(texts).candidates(situation(Event("beans", 1.0)), 9)

    assert [one.id for one in found][:2] == ["filter", "fresh"]
    assert found[1].because == (Because("viewed", ("beans",)),)


def test_a_model_that_can_score_new_goods_is_believed() -> None:
    class Sure:
        name = "sure"
        items = IDS

        def score(self, histories: Sequence[History]) -> Scores:
            row = {"fresh": 9.0, "beans": 5.0, "stove": 2.0}
            scores = np.array([[row.get(id, 0.0) for id in IDS]] * len(histories), dtype=np.float32)
            scores[[not history for history in histories]] = 0.0
            return scores

    with_two_new = replace(crowd(Sure()), people=np.array([5, 4, 0, 0, 4, 7]))
    who = replace(situation(Event("tent", 1.0)), crowd=with_two_new)

    assert [one.id for one in Personal().candidates(who, 1)] == ["fresh"]


class Broken:
    """A model that fails in one way or another."""

    name = "broken"

    def __init__(self, how: str, items: Sequence[str] = IDS) -> None:
        self.items = tuple(items)
        self._how = how

    def score(self, histories: Sequence[History]) -> Scores:
        if self._how == "raises":
            raise BehaviourError("It is damaged.", "Train it again.")
        shape = (len(histories), len(self.items) + (self._how == "wide"))
        return np.full(shape, np.nan if self._how == "nan" else 1.0, dtype=np.float32)


@pytest.mark.parametrize("how", ["raises", "wide", "nan", "flat"])
def test_a_model_that_fails_gives_way_to_the_crowds_company(how: str) -> None:
    who = Event("tent", 1.0)

    assert Personal().candidates(situation(who, model=Broken(how)), 5) == Personal().candidates(situation(who), 5)


def test_a_model_of_an_older_catalogue_still_serves() -> None:
    histories = [[Event(id, float(at)) for at, id in enumerate(basket)] for basket in BASKETS]
    old = Ease(ridge=1.0).fit(histories, Items(("gone", "tent", "stove", "lamp")), lambda what, done, total: None)
    found = Personal().candidates(situation(Event("tent", 1.0), model=old), 5)

    assert found[0].id == "stove"


def test_strangers_and_histories_of_nothing_that_is_sold_get_nothing() -> None:
    empty = replace(crowd(), together=nobody_together(len(GOODS)))

    assert Personal(TEXTS).candidates(situation(), 5) == ()
    assert Personal(TEXTS).candidates(situation(Event("gone", 1.0)), 5) == ()
    assert list(Personal().candidates(replace(situation(Event("tent", 1.0)), crowd=empty), 5)) == []


def test_the_past_is_each_good_once_with_the_latest_first_and_older_acts_fading() -> None:
    past = Past.of(situation(Event("tent", 0.0), Event("lamp", 60 * DAY), Event("tent", 120 * DAY)))

    assert [IDS[row] for row in past.rows] == ["tent", "lamp"]
    assert past.weights[0] == 1.0
    assert 0 < past.weights[1] < 0.5


def test_the_goods_of_one_basket_say_the_same_however_many_they_are() -> None:
    past = Past.of(situation(*(Event(id, 5.0) for id in ("tent", "lamp", "beans"))))

    assert past.weights.tolist() == [1.0, 1.0, 1.0]
