"""A shop's behaviour model trained anew: what it is judged by, when it is used, and what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import planted_histories, planted_items

from ranker.behaviour.kinds import read_model
from ranker.behaviour.model import BehaviourError, Event, History, Items
from ranker.behaviour.retraining import LEAST, Plan, part, retrain
from ranker.behaviour.trainers import TRAINERS, Wish, trainer
from ranker.cross.judging import silent
from ranker.cross.shelf import DONE, SERVED, Shelf

PEOPLE: dict[str, History] = {f"person {n}": history for n, history in enumerate(planted_histories())}
ITEMS = planted_items()
THINGS = [f"thing{n}" for n in range(6)]


@given(st.lists(st.lists(st.sampled_from(THINGS), min_size=1, max_size=8), min_size=LEAST, max_size=40))
def test_what_is_held_out_is_learned_by_nobody_and_new_to_the_person(walks: list[list[str]]) -> None:
    people = {str(n): [Event(id, float(at)) for at, id in enumerate(walk)] for n, walk in enumerate(walks)}
    if sum(len(set(walk)) > 1 for walk in walks) < LEAST:
        with pytest.raises(BehaviourError, match="Only"):
            part(people, Items(tuple(THINGS)), 1.0)
        return

    parted = part(people, Items(tuple(THINGS)), 1.0)

    assert len(parted.held) == sum(len(set(walk)) > 1 for walk in walks)
    for each in parted.held:
        assert each.history
        assert each.target not in {event.item for event in each.history}
        assert list(each.history) in [list(history) for history in parted.learned]
    assert len(parted.learned) == len(walks)


def test_a_training_sees_when_to_end_by_others_than_those_who_judge() -> None:
    parted = part(PEOPLE, ITEMS, 0.25, checked=0.1)

    assert parted.held == part(PEOPLE, ITEMS, 0.25).held
    assert len(parted.checked) == round(0.1 * sum(len(history) > 1 for history in PEOPLE.values()))
    for each in parted.checked:
        assert list(each.history) in [list(history) for history in parted.learned]
        assert each.target not in {event.item for event in each.history}


def test_a_model_of_repeats_is_judged_by_what_was_bought_and_not_by_a_look() -> None:
    kinds = (("thing0", "purchase"), ("thing1", "view"), ("thing0", "purchase"), ("thing2", "view"))
    history = [Event(item, float(at), kind=kind) for at, (item, kind) in enumerate(kinds)]
    people: dict[str, History] = {str(n): history for n in range(LEAST)}

    bought = part(people, Items(tuple(THINGS)), 1.0, again=True, bought=True)
    anything = part(people, Items(tuple(THINGS)), 1.0, again=True)

    assert {each.target for each in bought.held} == {"thing0"}
    assert {tuple(each.history) for each in bought.held} == {tuple(history[:2])}
    assert {each.target for each in anything.held} == {"thing2"}


def test_the_same_people_judge_each_time_though_others_have_come() -> None:
    before = part(PEOPLE, ITEMS, 0.25)
    more: dict[str, History] = {f"new {n}": history for n, history in enumerate(planted_histories(4))}

    after = part({**PEOPLE, **more}, ITEMS, 0.25)

    stayed = [each for each in before.held if each in after.held]
    assert len(stayed) > 0.8 * len(before.held)


def test_the_first_model_is_used_and_says_what_it_was_made_from(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)

    outcome = retrain(shelf, PEOPLE, ITEMS, Plan(command="shopwise train behaviour --seed 7"), silent)

    assert (outcome.kept, outcome.model, outcome.verdict.champion) == (True, "ease", None)
    serving = shelf.in_use()
    assert serving == outcome.run / SERVED
    assert serving is not None
    assert read_model(serving, ITEMS).name == "EASE"
    card = (serving / "README.md").read_text()
    assert f"{outcome.verdict.challenger:.4f}" in card
    assert "`shopwise train behaviour --seed 7`" in card
    assert json.loads((outcome.run / DONE).read_text())["verdict"]["people"] == outcome.verdict.people


def test_a_model_that_is_clearly_worse_is_not_used_unless_it_is_forced(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    good = retrain(shelf, PEOPLE, ITEMS, Plan("item-item", held_out=1.0), silent)

    poor = retrain(shelf, PEOPLE, ITEMS, Plan("popularity", held_out=1.0), silent)
    assert not poor.kept
    assert shelf.in_use() == good.run / SERVED

    forced = retrain(shelf, PEOPLE, ITEMS, Plan("popularity", held_out=1.0, force=True), silent)
    assert shelf.in_use() == forced.run / SERVED


def test_the_model_in_use_and_the_one_before_it_stay_and_what_came_of_every_run(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    good, poor = Plan("item-item", held_out=1.0), Plan("popularity", held_out=1.0)
    runs = [retrain(shelf, PEOPLE, ITEMS, plan, silent).run for plan in (good, good, good, poor, poor)]

    assert [(run / SERVED).is_dir() for run in runs] == [False, True, True, False, True]
    assert shelf.in_use() == runs[2] / SERVED
    assert all((run / DONE).is_file() for run in runs)


def test_where_the_same_is_taken_again_the_last_item_counts_though_it_is_not_new(tmp_path: Path) -> None:
    two = ITEMS.ids[:2]
    weekly: dict[str, History] = {
        f"{n}": [Event(two[n % 2], week * 7 * 86_400.0) for week in range(8)] for n in range(2 * LEAST)
    }
    with pytest.raises(BehaviourError, match="Only 0 people"):
        part(weekly, ITEMS, 1.0)

    parted = part(weekly, ITEMS, 1.0, again=True)
    assert {(len(each.history), each.target) for each in parted.held} == {(7, two[0]), (7, two[1])}

    outcome = retrain(Shelf(tmp_path), weekly, ITEMS, Plan("repeat"), silent)
    assert outcome.again
    assert outcome.verdict.challenger > 0.9
    assert "new to them or not" in (outcome.run / SERVED / "README.md").read_text()


def test_a_model_that_has_learned_what_another_is_judged_by_is_not_compared(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    retrain(shelf, PEOPLE, ITEMS, Plan("item-item", again=True), silent)

    other = retrain(shelf, PEOPLE, ITEMS, Plan("popularity"), silent)

    assert "--again" in other.fault
    assert (other.verdict.champion, other.kept) == (None, True)
    assert retrain(shelf, PEOPLE, ITEMS, Plan("item-item", again=True), silent).verdict.champion is not None


def test_a_damaged_model_in_use_is_told_of_and_replaced(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = retrain(shelf, PEOPLE, ITEMS, Plan("item-item"), silent)
    (first.run / SERVED / "model.npz").write_bytes(b"half")

    again = retrain(shelf, PEOPLE, ITEMS, Plan("item-item"), silent)

    assert "damaged" in again.fault
    assert again.kept


def test_a_sequence_model_learns_on_from_the_one_in_use(tmp_path: Path) -> None:
    shelf, plan = Shelf(tmp_path), Plan("sequence", epochs=1)
    first = retrain(shelf, PEOPLE, ITEMS, plan, silent)
    on = retrain(shelf, PEOPLE, ITEMS, plan, silent)
    anew = retrain(shelf, PEOPLE, ITEMS, replace(plan, anew=True), silent)

    assert [each.warm for each in (first, on, anew)] == [False, True, False]
    assert "from the model in use on" in (on.run / SERVED / "README.md").read_text()


def test_a_training_that_fails_leaves_no_half_run(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)

    with pytest.raises(BehaviourError, match="vectors"):
        retrain(shelf, PEOPLE, Items(ITEMS.ids), Plan("towers"), silent)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "wish", "told"),
    [("oracle", Wish(), "no model 'oracle'"), ("ease", Wish(epochs=3), "not trained in epochs")],
)
def test_what_cannot_be_trained_is_said(name: str, wish: Wish, told: str) -> None:
    with pytest.raises(BehaviourError, match=told) as caught:
        trainer(name, wish)
    assert caught.value.hint


def test_epochs_reach_every_model_that_has_them() -> None:
    for name in TRAINERS:
        try:
            made = trainer(name, Wish(epochs=2))
        except BehaviourError:
            continue
        assert 2 in (getattr(made, "rounds", 0), getattr(getattr(made, "recipe", None), "epochs", 0)), name
