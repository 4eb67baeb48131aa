"""What is taken again and what is not: habits in numbers, what is learned of them, and the list that comes of it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.behaviour.columns import Columns
from ranker.behaviour.habits import DAY, FEATURES, ItemHabits, habits, told
from ranker.behaviour.logistic import fitted
from ranker.behaviour.model import BehaviourError, BehaviourModel, Event, History, Items
from ranker.behaviour.repeating import RepeatTrainer
from ranker.cross.judging import silent

ITEMS = ("milk", "bread", "lamp", "tent", "jam")
WEEKS = 26


def event(item: str, day: float, weight: float = 1.0) -> Event:
    return Event(item, day * DAY, weight)


def household(number: int) -> History:
    """Milk every week, bread every other one for half of them; a lamp or a tent once in a life."""
    dice = random.Random(number)
    once = event(dice.choice(("lamp", "tent")), dice.uniform(0, 7 * WEEKS))
    milk = [event("milk", 7 * week + number / 100) for week in range(WEEKS)]
    bread = [event("bread", 7 * week + number / 100) for week in range(0, WEEKS, 2)] if number % 2 else []
    return sorted([once, *milk, *bread], key=lambda each: each.at)


@pytest.fixture(scope="module")
def model() -> BehaviourModel:
    return RepeatTrainer().fit([household(number) for number in range(60)], Items(ITEMS), silent)


def first(model: BehaviourModel, history: History, count: int) -> list[str]:
    row = model.score([history])[0]
    return [ITEMS[place] for place in np.argsort(-row, kind="stable")[:count]]


def row_of(history: History, day: float, items: ItemHabits | None = None) -> dict[str, float]:
    """The first pair's features."""
    columns = Columns(ITEMS)
    events = told([history], columns)
    found = habits(events, np.array([day]), items or ItemHabits.of(events, day, len(ITEMS)))
    return dict(zip(FEATURES, found.features[0].tolist(), strict=True))


def test_what_is_used_up_comes_before_what_is_bought_once(model: BehaviourModel) -> None:
    seven = [event("tent", 170.0), event("bread", 160.0), event("bread", 174.0)]

    assert first(model, seven, 1) == ["bread"]


def test_a_single_purchase_of_an_item_that_others_repeat_beats_one_of_an_item_that_nobody_does(
    model: BehaviourModel,
) -> None:
    scores = model.score([[event("milk", 170.0), event("lamp", 170.0)]])[0]

    assert scores[ITEMS.index("milk")] > scores[ITEMS.index("lamp")]


def test_scores_are_log_odds_that_it_is_taken_in_the_weeks_to_come(model: BehaviourModel) -> None:
    chances = 1 / (1 + np.exp(-model.score([household(number) for number in range(60)])))

    assert chances[:, ITEMS.index("milk")].min() > 0.8
    assert chances[:, ITEMS.index("jam")].max() < 0.2


def test_a_habit_that_was_left_counts_less_than_one_that_goes_on(model: BehaviourModel) -> None:
    left = [event("bread", 7.0 * week) for week in range(6)]
    kept = [event("milk", 7.0 * week) for week in range(19, 25)]

    assert first(model, [*left, *kept], 1) == ["milk"]


def test_who_is_not_known_is_shown_what_most_people_took(model: BehaviourModel) -> None:
    assert first(model, [], 1) == ["milk"]


def test_the_day_is_that_of_a_later_event(model: BehaviourModel) -> None:
    """An old habit fades as soon as something happens long after it."""
    habit = [event("bread", 100.0 + 7 * week) for week in range(10)]
    bread = ITEMS.index("bread")

    scores = model.score([habit, [*habit, event("tent", 400.0)]])[:, bread]

    assert scores[1] < scores[0]


def test_acts_that_take_nothing_are_not_what_is_foreseen() -> None:
    """People look at lamps all the time and buy milk."""
    looks = [[event("lamp", day, 0.3) for day in range(90)] for _ in range(20)]
    buys = [[event("milk", day, 3.0) for day in range(0, 90, 6)] for _ in range(20)]
    people = [sorted([*some, *others], key=lambda each: each.at) for some, others in zip(looks, buys, strict=True)]

    model = RepeatTrainer(least=2.5).fit(people, Items(ITEMS), silent)

    assert first(model, people[0], 1) == ["milk"]


def test_events_of_one_moment_teach_nothing_of_habits_but_do_no_harm() -> None:
    model = RepeatTrainer().fit([[event("milk", 3.0), event("jam", 3.0)]] * 5, Items(ITEMS), silent)

    assert np.isfinite(model.score([[event("milk", 3.0)], []])).all()


def test_nothing_can_be_foreseen_for_no_time() -> None:
    with pytest.raises(BehaviourError, match="0 days"):
        RepeatTrainer(horizon=0)


def test_habits_are_counted_by_person_and_item_and_fade_with_age() -> None:
    old, new = row_of([event("milk", 0.0)], 100.0), row_of([event("milk", 90.0)], 100.0)

    assert old["of late"] < new["of late"]
    assert old["this year"] < new["this year"]
    assert row_of([event("milk", 0.0)], 0.0)["of late"] == pytest.approx(np.log(1.02))


def test_what_is_taken_at_one_time_is_one_visit() -> None:
    together = row_of([event("milk", 5.0), event("jam", 5.0)], 10.0)
    apart = row_of([event("milk", 5.0), event("jam", 6.0)], 10.0)

    assert together["visits"] < apart["visits"]
    assert together["share of visits"] > apart["share of visits"]


def test_an_item_that_few_took_is_taken_to_be_like_all_others() -> None:
    people = [[event("milk", 0.0), event("milk", 7.0)] for _ in range(200)] + [[event("tent", 0.0)]]
    people += [[event("lamp", 0.0)] for _ in range(200)]

    found = ItemHabits.of(told(people, Columns(ITEMS)), 10.0, len(ITEMS))

    milk, lamp, tent, jam = (found.again[ITEMS.index(item)] for item in ("milk", "lamp", "tent", "jam"))
    assert milk > jam > tent > lamp
    assert tent == pytest.approx(jam, abs=0.2)


@given(st.lists(st.tuples(st.sampled_from(ITEMS), st.floats(0, 300)), min_size=1, max_size=30))
def test_the_order_in_which_events_are_given_says_nothing(given_events: list[tuple[str, float]]) -> None:
    events = [event(item, day) for item, day in given_events]
    columns = Columns(ITEMS)

    def features(history: History) -> np.ndarray:
        found = told([history], columns)
        return habits(found, np.array([300.0]), ItemHabits.of(found, 300.0, len(ITEMS))).features

    assert features(events) == pytest.approx(features(events[::-1]))


def test_regression_finds_the_odds_and_keeps_to_its_belief_without_data() -> None:
    dice = np.random.default_rng(1)
    features = dice.normal(size=(20_000, 2))
    happened = (dice.random(20_000) < 1 / (1 + np.exp(-(2 * features[:, 0] - 1)))).astype(float)

    found = fitted(features, happened, np.ones(20_000), (0.0, 0.0), (False, False), 1.0)
    believed = fitted(features[:1], happened[:1], np.ones(1), (0.7, -0.3), (True, False), 1.0)

    assert found.weights == pytest.approx((2.0, 0.0), abs=0.1)
    assert found.constant == pytest.approx(-1.0, abs=0.1)
    assert believed.weights == pytest.approx((0.7, -0.3))


def test_a_row_that_stands_for_many_counts_as_many() -> None:
    features, happened = np.array([[0.0], [1.0], [1.0]]), np.array([0.0, 1.0, 0.0])

    one = fitted(features, happened, np.array([1.0, 3.0, 1.0]), (0.0,), (False,), 1.0)
    many = fitted(features[[0, 1, 1, 1, 2]], happened[[0, 1, 1, 1, 2]], np.ones(5), (0.0,), (False,), 1.0)

    assert one.odds(features) == pytest.approx(many.odds(features), abs=0.3)


def test_a_rising_weight_stays_above_nothing() -> None:
    features, happened = np.array([[0.0], [1.0]] * 50), np.array([1.0, 0.0] * 50)

    assert fitted(features, happened, np.ones(100), (0.5,), (False,), 1.0).weights[0] < -1
    assert fitted(features, happened, np.ones(100), (0.5,), (True,), 1.0).weights[0] == 0


def looked(history: History, item: str) -> History:
    """The same purchases, and a look at an item every day."""
    bought = [Event(each.item, each.at, each.weight, "purchase") for each in history]
    looks = [Event(item, day * DAY, 1.0, "view") for day in range(7 * WEEKS)]
    return sorted([*bought, *looks], key=lambda each: each.at)


def test_what_is_looked_at_again_and_again_is_not_what_is_bought_again(model: BehaviourModel) -> None:
    households = [household(number) for number in range(60)]
    found = RepeatTrainer().fit([looked(each, "jam") for each in households], Items(ITEMS), silent)

    assert found.score([looked(households[0], "jam")]) == pytest.approx(model.score([households[0]]), abs=1e-4)
    with pytest.raises(BehaviourError, match="purchase"):
        RepeatTrainer().fit([[Event("milk", day * DAY, 1.0, "view") for day in range(9)]], Items(ITEMS), silent)
