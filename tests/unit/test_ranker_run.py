"""A whole run on a model made for the test: what it leaves, when it is put in use, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_bert import colour_groups, tiny_bert

from ranker.cross.recipe import Recipe
from ranker.cross.run import Outcome, Plan, tune
from ranker.cross.scoring import CrossEncoder, Scores
from ranker.cross.serving import OnnxCrossEncoder
from ranker.cross.shelf import Shelf
from ranker.cross.tuning import search
from ranker.groups import Group, TrainingDataError, by_source, split

GROUPS = colour_groups(40, seed=3)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    torch.set_num_threads(1)
    base = tiny_bert(tmp_path_factory.mktemp("tiny"))
    recipe = Recipe(base=str(base), max_tokens=24, epochs=2, groups=6, rate=3e-3)
    return Plan(recipe, held_out=0.25, tensorboard=False)


class Oracle:
    """Knows every answer."""

    name = "oracle"

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        gains = {
            text: gain
            for group in GROUPS
            if group.query == query
            for text, gain in zip(group.texts, group.gains, strict=True)
        }
        return np.array([gains[text] for text in texts], dtype=np.float32)


def run(folder: Path, name: str, plan: Plan, default: CrossEncoder | None = None) -> Outcome:
    return tune(Shelf(folder), folder / name, lambda: GROUPS, plan, lambda *_: None, default)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("ranker")
    return folder, run(folder, "run-1", plan)


def test_the_first_ranker_is_put_in_use(first: tuple[Path, Outcome]) -> None:
    folder, outcome = first
    assert (outcome.kept, outcome.before) == (True, None)
    serving = Shelf(folder).in_use()
    assert serving is not None
    assert np.isfinite(OnnxCrossEncoder(serving).score("red mug", ["red mug", "a lamp"])).all()


def test_a_run_leaves_card_curves_and_figures(first: tuple[Path, Outcome]) -> None:
    folder, outcome = first
    card = (folder / "run-1" / "model" / "README.md").read_text()
    assert f"{outcome.ndcg:.4f}" in card
    assert "| fp32" in card
    assert f"| trained on | {outcome.taught.groups} |" in card
    assert (folder / "run-1" / "curves.svg").read_text().startswith("<?xml")
    assert json.loads((folder / "run-1" / "outcome.json").read_text())["ndcg"] == outcome.ndcg


def test_queries_that_are_judged_are_not_taught(first: tuple[Path, Outcome]) -> None:
    folder, outcome = first
    lines = {name: (folder / "run-1" / f"{name}.jsonl").read_text().splitlines() for name in ("train", "held_out")}
    queries = {name: {json.loads(line)["query"] for line in each} for name, each in lines.items()}
    assert not queries["train"] & queries["held_out"]
    assert outcome.judged.queries == len(queries["held_out"])


def test_sources_are_learned_from_in_the_shares_asked_for_and_judged_once_each(tmp_path: Path, plan: Plan) -> None:
    both = [replace(group, source="judgments" if place % 5 == 0 else "catalogue") for place, group in enumerate(GROUPS)]
    mixed = replace(plan, mix={"catalogue": 1.0, "judgments": 1.0})
    outcome = tune(Shelf(tmp_path), tmp_path / "run-1", lambda: both, mixed, lambda *_: None)
    assert outcome.taught.sources["judgments"] == outcome.taught.sources["catalogue"]
    taught, held_out = split(both, plan.held_out, seed=plan.recipe.seed)
    assert outcome.taught.sources["judgments"] == 4 * len(by_source(taught)["judgments"])
    assert outcome.judged.groups == len(held_out)
    assert "catalogue 50%, judgments 50%" in (tmp_path / "run-1" / "model" / "README.md").read_text()
    assert Plan.read(tmp_path / "run-1") == mixed


def test_a_worse_ranker_is_not_used_unless_forced(tmp_path: Path, plan: Plan) -> None:
    untaught = replace(plan, recipe=replace(plan.recipe, rate=1e-9, head_rate=1e-9, epochs=1))
    refused = run(tmp_path, "run-1", untaught, Oracle())
    assert (refused.kept, refused.before) == (False, 1.0)
    assert refused.ndcg < 1.0
    assert Shelf(tmp_path).in_use() is None
    forced = run(tmp_path, "run-1", replace(untaught, force=True), Oracle())
    assert forced.kept
    assert Shelf(tmp_path).in_use() == tmp_path / "run-1" / "model"


def test_a_broken_ranker_in_use_is_said_and_replaced(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "run-0" / "model").mkdir(parents=True)
    Shelf(tmp_path).put_in_use(tmp_path / "run-0")
    outcome = run(tmp_path, "run-1", plan)
    assert outcome.kept
    assert "no ranker" in outcome.fault


def test_a_run_that_is_killed_leaves_the_old_ranker_in_use_and_goes_on(
    tmp_path: Path, plan: Plan, first: tuple[Path, Outcome]
) -> None:
    class KilledError(Exception):
        pass

    def killed(what: str, done: int, total: int) -> None:
        if what == "exporting":
            raise KilledError

    shelf = Shelf(tmp_path)
    with pytest.raises(KilledError):
        tune(shelf, tmp_path / "run-1", lambda: GROUPS, plan, killed)
    assert shelf.in_use() is None
    assert shelf.unfinished() == tmp_path / "run-1"

    def gather() -> list[Group]:
        raise AssertionError("the groups of the run are there")

    outcome = tune(shelf, tmp_path / "run-1", gather, Plan.read(tmp_path / "run-1"), lambda *_: None)
    assert outcome.ndcg == first[1].ndcg
    assert shelf.unfinished() is None


def test_one_class_is_nothing_to_learn_from(tmp_path: Path, plan: Plan) -> None:
    flat = [replace(group, gains=(1.0,) * len(group.ids)) for group in GROUPS]
    with pytest.raises(TrainingDataError, match="one class"):
        tune(Shelf(tmp_path), tmp_path / "run-1", lambda: flat, plan, lambda *_: None)
    assert Shelf(tmp_path).in_use() is None


def test_a_search_tries_recipes_and_goes_on(tmp_path: Path, plan: Plan) -> None:
    taught, judged = GROUPS[:24], GROUPS[30:]
    recipe = replace(plan.recipe, epochs=1, method="layers", layers=1)
    first = search(taught, judged, recipe, tmp_path, 2)
    assert first.trials == 2
    heard: list[tuple[int, int]] = []
    more = search(taught, judged, recipe, tmp_path, 3, say=lambda _, done, total: heard.append((done, total)))
    assert (more.trials, heard) == (3, [(2, 3)])
    assert more.ndcg >= first.ndcg
    assert more.recipe.base == recipe.base
    assert 1 <= more.recipe.layers <= 6
