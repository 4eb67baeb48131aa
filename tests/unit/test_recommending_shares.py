"""How much each source counts: what is asked for decides, and what is known shifts it smoothly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import acts, situation

from ranker.behaviour.model import Event
from retriever.recommending.asking import GOALS
from retriever.recommending.listing.shares import USUAL, effective, fallbacks, half_known, shares
from retriever.recommending.situation import Situation

GOAL = st.sampled_from([None, *GOALS])
WEIGHTS = st.lists(st.floats(-1, 20), max_size=60)
NAMED = st.sampled_from([{}, {"like": ["a"]}, {"basket": ["a"]}, {"context": {"product_id": "a"}}])


def history(weights: list[float]) -> list[Event]:
    return [Event("a", float(at), weight) for at, weight in enumerate(weights)]


def among(telling: float, situation: Situation) -> Situation:
    """The same in a shop where an act tells so much."""
    return replace(situation, crowd=replace(situation.crowd, telling=telling))


@pytest.mark.parametrize(
    ("goal", "sources"),
    [
        ("similar", {"similar", "together"}),
        ("complement", {"complements", "together"}),
        ("popular", {"popular", "trending", "rated"}),
        ("new", {"arrivals"}),
        ("again", {"again"}),
    ],
)
def test_a_goal_names_its_sources(goal: str, sources: set[str]) -> None:
    assert set(shares(situation(goal=goal, events=500))) == sources


def test_the_longer_a_history_the_more_the_person_counts() -> None:
    stranger, known, regular = (shares(situation(history=acts(*"a" * many), events=10_000)) for many in (0, 5, 50))

    own = [of.get("personal", 0) + of.get("again", 0) for of in (stranger, known, regular)]
    assert own == sorted(own)
    assert own[0] == 0
    assert regular["personal"] > regular["again"] > known["again"]
    assert stranger["moment"] > known["moment"] > regular["moment"] > 0, "what is looked for now still counts"
    assert stranger["popular"] > known["popular"] > regular["popular"]


def test_where_all_take_the_same_a_few_acts_say_little_of_a_person() -> None:
    met = situation(history=acts("a", "b"), events=1_000_000)
    alike, unlike = shares(among(0.1, met)), shares(among(1.0, met))

    assert alike["popular"] > alike["personal"]
    assert unlike["personal"] + unlike["together"] > unlike["popular"]


def test_how_alike_people_are_is_not_known_before_there_are_some() -> None:
    met = situation(history=acts("a", "b"), events=0)

    assert shares(among(0.1, met)) == shares(among(1.0, met))


def test_a_stranger_is_shown_the_same_whatever_people_are_like() -> None:
    stranger = situation(events=1_000_000)

    assert shares(among(0.1, stranger)) == shares(among(1.0, stranger))


def test_what_is_due_again_does_not_wait_until_tastes_are_known() -> None:
    met = among(0.1, situation(history=acts(*"ababa"), events=1_000_000))

    assert shares(met)["again"] > shares(met)["personal"]


@pytest.mark.parametrize(("telling", "events"), [(1.0, 0.2), (0.975, 0.5), (0.5, 12.2), (0.25, 36.2)])
def test_the_odds_that_an_act_tells_more_than_popularity_say_when_a_person_is_known(
    telling: float, events: float
) -> None:
    assert half_known(telling) == pytest.approx(events, abs=0.05)


def test_ratings_stand_in_for_a_crowd_that_is_not_there_yet() -> None:
    new, grown = shares(situation(goal="popular")), shares(situation(goal="popular", events=1_000_000))

    assert (new["popular"], new["trending"], new["rated"]) == (0, 0, 1)
    assert grown["popular"] > grown["trending"] > grown["rated"]


def test_products_that_are_named_turn_the_list_to_them() -> None:
    plain, like, basket = (shares(situation(events=9_000, **more)) for more in ({}, {"like": ["a"]}, {"basket": ["a"]}))

    assert like["similar"] > plain["similar"]
    assert basket["complements"] > like["complements"] > 0
    assert "complements" not in plain


@given(GOAL, WEIGHTS, st.floats(0, 20), st.integers(0, 100_000), st.floats(0, 1), NAMED)
def test_one_event_more_moves_no_more_than_it_tells(
    goal: str | None, weights: list[float], more: float, events: int, telling: float, named: dict[str, object]
) -> None:
    before = shares(among(telling, situation(history=history(weights), events=events, goal=goal, **named)))
    more_events = history([*weights, more])
    after = shares(among(telling, situation(history=more_events, events=events + 1, goal=goal, **named)))

    told = min(more, 1) / (min(more, 1) + half_known(max(telling, USUAL)))
    moved = max(abs(before.get(name, 0) - after.get(name, 0)) for name in {*before, *after})
    assert moved <= 0.08 + 0.56 * told, "where an act says little, little moves"


@given(GOAL, WEIGHTS, st.integers(0, 100_000), NAMED, st.booleans())
def test_shares_are_of_one(
    goal: str | None, weights: list[float], events: int, named: dict[str, object], upsell: bool
) -> None:
    found = shares(situation(history=history(weights), events=events, goal=goal, upsell=upsell, **named))

    assert all(share >= 0 for share in found.values())
    assert sum(found.values()) == pytest.approx(0 if goal == "complement" and not upsell else 1)
    assert upsell or "complements" not in found


def test_glances_add_up_and_no_event_counts_for_many() -> None:
    assert effective(history([0.25, 0.25, 30.0, -1.0])) == 1.5


@pytest.mark.parametrize(
    ("goal", "any_list"),
    [(None, True), ("personal", True), ("popular", True), ("similar", False), ("complement", False), ("new", False)],
)
def test_what_is_asked_for_by_its_nature_is_not_made_up_for(goal: str | None, any_list: bool) -> None:
    assert bool(fallbacks(goal)) is any_list  # type: ignore[arg-type]
