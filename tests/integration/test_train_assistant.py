"""From a shop to an adapter of its own: all of ``shopwise train assistant`` in small, with the real base model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shopfront import demo_store

from assistant.model.adapter import CONFIG, SHIPPED, Adapter, adapter_of
from assistant.settings import Settings
from assistant.tune.run import Outcome, Plan, tune
from assistant.tune.train import Recipe


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path, Outcome, Outcome]:
    """A run that ends far too early, first compared with the shipped adapter, then kept all the same."""
    folder = tmp_path_factory.mktemp("train")
    settings = Settings(home=folder / "home", cache=folder / "cache")
    store = demo_store(folder)
    plan = Plan(Recipe(minutes=0.05, tokens=400, longest=120, every=50), dialogues=6, held_out=3, anew=True)
    try:
        refused = tune(settings, store, folder / "run", plan, force=False, say=lambda *_: None)
        kept = tune(settings, store, folder / "run", plan, force=True, say=lambda *_: None)
    finally:
        store.close()
    return settings, folder / "run", refused, kept


def test_an_adapter_that_does_worse_is_refused_with_the_comparison(runs: tuple[Settings, Path, Outcome, Outcome]):
    _, run, refused, _ = runs
    assert not refused.kept
    assert refused.after.loss > refused.before.loss
    assert set(refused.after.exact) == set(refused.before.exact)
    assert (run / "curves.svg").is_file()
    assert json.loads((run / "outcome.json").read_text())["before"]["loss"] == refused.before.loss


def test_an_adapter_that_is_forced_becomes_the_shops_own(runs: tuple[Settings, Path, Outcome, Outcome]):
    settings, _, _, kept = runs
    assert kept.kept
    assert adapter_of(settings) == Adapter(kept.folder) != Adapter(SHIPPED)
    assert json.loads((kept.folder / CONFIG).read_text())["base_model_name_or_path"].startswith("HuggingFaceTB/")


def test_dialogues_are_held_once_a_run(runs: tuple[Settings, Path, Outcome, Outcome]):
    _, run, refused, kept = runs
    lines = (run / "train.jsonl").read_text().splitlines()
    assert refused.report.examples == kept.report.examples <= len(lines)
    assert not (run / "rehearsal").exists()
