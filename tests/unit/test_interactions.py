"""Histories of people from what they did, whatever order it is told in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.behaviour.model import Event
from retriever.interactions.cleaning import Limits
from retriever.interactions.damping import Doubt
from retriever.interactions.histories import Histories, Reading, histories_of
from retriever.interactions.log import KINDS, Act
from retriever.interactions.sessions import GAP, sessions
from retriever.interactions.weighing import Weights

NOW = 1_760_000_000.0
DAY = 86_400.0


def read(*acts: Act, reading: Reading | None = None) -> Histories:
    return histories_of(acts, now=NOW, reading=reading)


def look(item: str, ago: float, person: str = "ann", dwell: float | None = None) -> Act:
    return Act(person, "view", item, NOW - ago, dwell=dwell)


acts = st.lists(
    st.builds(
        Act,
        person=st.sampled_from(["ann", "bob", "session:1"]),
        kind=st.sampled_from(KINDS),
        item=st.sampled_from(["mug", "tent", "lamp"]),
        at=st.integers(0, 3_000).map(lambda minutes: NOW - 30.0 * minutes + 3_000),
        dwell=st.none() | st.integers(0, 600).map(float),
        stars=st.none() | st.integers(0, 5).map(float),
    ),
    max_size=60,
)


@given(acts, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(told: list[Act], dice: random.Random) -> None:
    shuffled = list(told)
    dice.shuffle(shuffled)

    assert histories_of(shuffled, now=NOW).people == histories_of(told, now=NOW).people


@given(acts, st.randoms(use_true_random=False))
def test_duplicates_change_nothing(told: list[Act], dice: random.Random) -> None:
    twice = told + [act for act in told if dice.random() < 0.5]

    assert histories_of(twice, now=NOW).people == histories_of(told, now=NOW).people


@given(acts)
def test_every_act_is_in_a_history_or_is_accounted_for(told: list[Act]) -> None:
    found = histories_of(told, now=NOW)

    report = found.report
    assert report.acts == len(told)
    assert report.events + report.future + report.repeats + report.program_acts + report.disliked == len(told)
    assert report.events == sum(map(len, found.people.values()))
    for history in found.people.values():
        assert [event.at for event in history] == sorted(event.at for event in history)
        assert all(event.weight > 0 and event.at <= NOW for event in history)


def test_nobody_did_anything() -> None:
    assert read().people == {}


def test_acts_are_weighed_by_kind_and_dwell() -> None:
    found = read(
        look("glanced", 500, dwell=2),
        look("seen", 400),
        look("studied", 300, dwell=300),
        Act("ann", "add_to_cart", "carted", NOW - 200),
        Act("ann", "purchase", "bought", NOW - 100),
    )

    weights = {event.item: event.weight for event in found.people["ann"]}
    assert list(weights) == sorted(weights, key=lambda item: weights[item])
    assert weights["seen"] == 1.0


def test_a_bad_rating_recommends_nothing() -> None:
    found = read(Act("ann", "rate", "mug", NOW - 10, stars=5), Act("ann", "rate", "lamp", NOW - 10, stars=1))

    assert [event.item for event in found.people["ann"]] == ["mug"]
    assert found.report.disliked == 1


def test_a_purchase_fades_slower_than_a_look() -> None:
    found = read(
        look("mug", 60 * DAY),
        Act("ann", "purchase", "tent", NOW - 60 * DAY),
        look("lamp", 0),
        reading=Reading(weights=Weights()),
    )

    mug, tent, lamp = (
        event.weight for event in sorted(found.people["ann"], key=lambda e: ["mug", "tent", "lamp"].index(e.item))
    )
    assert mug == pytest.approx(0.25 * lamp)
    assert tent > 3 * lamp


def test_a_page_loaded_again_is_one_look() -> None:
    found = read(look("mug", 100), look("mug", 70, dwell=20), look("mug", 5_000), Act("ann", "click", "mug", NOW - 100))

    assert found.report.repeats == 1
    assert len(found.people["ann"]) == 3


def test_what_has_not_happened_yet_is_left_out() -> None:
    found = read(look("mug", -10), look("tent", 10))

    assert found.people == {"ann": (Event("tent", NOW - 10, 1.0, "view"),)}
    assert found.report.future == 1


def test_a_program_is_left_out_but_not_what_it_bought() -> None:
    quick = [look(f"item-{number}", 30 - number / 10, "robot") for number in range(100)]
    even = [look(f"item-{number}", 60 * number, "clock") for number in range(120)]
    human = [look(f"item-{number}", 45 * number + 20 * (number % 3), "ann") for number in range(60)]
    found = read(*quick, *even, *human, Act("robot", "purchase", "mug", NOW - 5))

    assert found.report.programs == 2
    assert found.report.program_acts == 220
    assert {person: len(history) for person, history in found.people.items()} == {"ann": 60, "robot": 1}


def test_a_big_basket_is_no_program() -> None:
    basket = [Act("ann", "purchase", f"item-{number}", NOW - 10) for number in range(150)]

    found = read(*basket, reading=Reading(limits=Limits(looks_a_minute=10)))

    assert found.report.programs == 0
    assert len(found.people["ann"]) == 150


def shoppers(count: int = 80, days: int = 5) -> list[Act]:
    """People with several interests: everybody looks at a few of 40 items every day."""
    dice = random.Random(7)
    return [
        Act(f"shopper-{number}", "view", f"item-{dice.randrange(40)}", NOW - day * DAY - dice.random() * DAY / 2 - 1)
        for number in range(count)
        for day in range(days)
        for _ in range(3)
    ]


def weight_of(found: Histories, item: str) -> float:
    return sum(event.weight for history in found.people.values() for event in history if event.item == item)


@pytest.mark.parametrize(
    "push",
    [
        [Act(f"pusher-{n % 3}", "add_to_cart", "item-0", NOW - 100 - 70 * n) for n in range(400)],
        [Act(f"session:fake-{n}", "view", "item-0", NOW - 100 - n) for n in range(400)],
    ],
    ids=["three people again and again", "four hundred made-up sessions"],
)
def test_a_stream_that_pushes_one_item_is_damped(push: list[Act]) -> None:
    organic = read(*shoppers())
    found = read(*shoppers(), *push)
    believed = read(*shoppers(), *push, reading=Reading(doubt=Doubt(acts=10**9)))

    assert organic.report.pushed == ()
    assert {pushed.item for pushed in found.report.pushed} == {"item-0"}
    assert all(pushed.acts >= 30 and pushed.kept < 1 for pushed in found.report.pushed)
    most_wanted = max(weight_of(organic, f"item-{number}") for number in range(40))
    assert weight_of(believed, "item-0") > 8 * most_wanted, "without damping the push would have worked"
    assert weight_of(found, "item-0") < 3 * most_wanted
    for number in range(1, 40):
        assert weight_of(found, f"item-{number}") == weight_of(organic, f"item-{number}"), "the others lose nothing"


def test_an_item_that_everybody_suddenly_wants_is_left_alone() -> None:
    hit = [Act(f"shopper-{number}", "view", "new-hit", NOW - 50 - number) for number in range(80)]

    found = read(*shoppers(), *hit)

    assert found.report.pushed == ()
    assert weight_of(found, "new-hit") == 80


def test_a_pause_ends_a_visit() -> None:
    history = [Event("mug", 0), Event("tent", GAP), Event("lamp", 2 * GAP + 1), Event("mug", 2 * GAP + 2)]

    assert [[event.item for event in visit] for visit in sessions(history)] == [["mug", "tent"], ["lamp", "mug"]]
    assert list(sessions([])) == []
