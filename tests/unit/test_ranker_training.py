"""Training a cross-encoder, on a model made for the test: it learns, it stops, and a killed run goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_bert import colour_groups, tiny_bert

from ranker.cross.judging import judge
from ranker.cross.network import TorchCrossEncoder, new_network, read_network
from ranker.cross.recipe import Recipe, RecipeError
from ranker.cross.scoring import RankerMissingError
from ranker.cross.training import OtherRunError, scheduled, train
from ranker.groups import Group, TrainingDataError

TAUGHT, HELD_OUT = colour_groups(60, seed=1), colour_groups(12, seed=2)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def recipe(base: Path, **given: object) -> Recipe:
    plain = Recipe(base=str(base), max_tokens=24, epochs=1, groups=6, rate=3e-3, every=5, dropout=0.1)
    return replace(plain, **given)


class KilledError(Exception):
    pass


def killed_at(step: int):
    def say(what: str, done: int, total: int) -> None:
        if what.startswith("training") and done == step:
            raise KilledError

    return say


def test_training_learns_an_order_and_writes_down_what_it_did(base: Path, tmp_path: Path) -> None:
    trained = train(TAUGHT, HELD_OUT, recipe(base, epochs=8), tmp_path / "run", tensorboard=False)

    untrained = TorchCrossEncoder(new_network(recipe(base)), "untrained")
    assert trained.ndcg > max(0.8, judge(untrained, HELD_OUT).ndcg)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == list(range(1, trained.history.step + 1))
    assert max(line.get("ndcg", 0) for line in lines) == round(trained.ndcg, 5)
    # What was written is what was judged.
    assert judge(TorchCrossEncoder.read(trained.folder), HELD_OUT).ndcg == pytest.approx(trained.ndcg)


@pytest.mark.parametrize("method", ["full", "lora", "layers"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_killed_run_ends_like_one_that_was_not(base: Path, tmp_path: Path, method: str, pooling: str) -> None:
    way = recipe(base, method=method, pooling=pooling, layers=1, rank=2, every=3)
    whole = train(TAUGHT, HELD_OUT, way, tmp_path / "whole", tensorboard=False)
    with pytest.raises(KilledError):
        train(TAUGHT, HELD_OUT, way, tmp_path / "killed", say=killed_at(8), tensorboard=False)
    resumed = train(TAUGHT, HELD_OUT, way, tmp_path / "killed", tensorboard=False)

    assert resumed.history.losses == whole.history.losses
    assert resumed.history.judgements == whole.history.judgements
    query, texts = TAUGHT[0].query, TAUGHT[0].texts
    assert resumed.ranker.score(query, texts).tolist() == whole.ranker.score(query, texts).tolist()


def test_a_finished_run_is_not_trained_again(base: Path, tmp_path: Path) -> None:
    first = train(TAUGHT, HELD_OUT, recipe(base), tmp_path, tensorboard=False)
    heard: list[str] = []
    again = train(TAUGHT, HELD_OUT, recipe(base), tmp_path, say=lambda what, *_: heard.append(what), tensorboard=False)
    assert again.ndcg == first.ndcg
    assert heard == []


def test_a_folder_keeps_to_its_recipe(base: Path, tmp_path: Path) -> None:
    train(TAUGHT, HELD_OUT, recipe(base), tmp_path, tensorboard=False)
    with pytest.raises(OtherRunError, match="another recipe"):
        train(TAUGHT, HELD_OUT, recipe(base, rate=1e-4), tmp_path, tensorboard=False)


def test_training_stops_when_it_gets_no_better(base: Path, tmp_path: Path) -> None:
    still = recipe(base, epochs=50, rate=1e-9, head_rate=1e-9, every=1, patience=3)
    trained = train(TAUGHT, HELD_OUT, still, tmp_path, tensorboard=False)
    assert len(trained.history.judgements) < 20


@pytest.mark.parametrize(
    ("method", "trains", "leaves"),
    [
        ("full", "encoder.embeddings.word_embeddings.weight", ""),
        ("layers", "encoder.encoder.layer.1.output.dense.weight", "encoder.encoder.layer.0.output.dense.weight"),
        ("lora", "encoder.base_model.model.encoder.layer.0.output.dense.lora_A.default.weight", "embeddings"),
    ],
)
def test_a_method_trains_its_part_and_the_head(base: Path, method: str, trains: str, leaves: str) -> None:
    trained = set(new_network(recipe(base, method=method, layers=1)).trained())
    assert {trains, "head.weight"} <= trained
    assert not leaves or not any(leaves in name for name in trained)


def test_a_base_can_be_cut_to_its_lower_layers(base: Path, tmp_path: Path) -> None:
    new_network(recipe(base, depth=1)).merged().save(tmp_path / "cut")
    names = [name for name, _ in read_network(tmp_path / "cut").weights()]
    assert any("layer.0." in name for name in names)
    assert not any("layer.1." in name for name in names)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_trained_ranker_learns_on_where_it_was(base: Path, tmp_path: Path, pooling: str) -> None:
    first = train(TAUGHT, HELD_OUT, recipe(base, pooling=pooling, epochs=2), tmp_path / "first", tensorboard=False)
    network = new_network(recipe(first.folder, pooling=pooling))
    assert not network.fresh
    network.train(False)
    again = TorchCrossEncoder(network, "again").score(TAUGHT[0].query, TAUGHT[0].texts)
    assert again == pytest.approx(first.ranker.score(TAUGHT[0].query, TAUGHT[0].texts), abs=1e-6)


def test_tensorboard_gets_its_events(base: Path, tmp_path: Path) -> None:
    train(TAUGHT[:12], HELD_OUT, recipe(base), tmp_path, tensorboard=True)
    assert list((tmp_path / "tensorboard").glob("events.*"))


def test_a_base_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RankerMissingError, match="nowhere"):
        train(TAUGHT, HELD_OUT, Recipe(base=str(tmp_path / "nowhere")), tmp_path / "run", tensorboard=False)


def test_nothing_to_learn_is_said(base: Path, tmp_path: Path) -> None:
    flat = [Group("mug", ("1", "2"), ("a mug", "a cup"), (1.0, 1.0))]
    with pytest.raises(TrainingDataError, match="one class"):
        train(flat, HELD_OUT, recipe(base), tmp_path, tensorboard=False)


@pytest.mark.parametrize("given", [{"method": "half"}, {"loss": "none"}, {"docs": 1}, {"rate": 2.0}, {"epochs": 0}])
def test_a_recipe_says_what_is_wrong_with_it(given: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="recipe cannot be used"):
        Recipe(**given)


def test_the_rate_rises_and_falls() -> None:
    rates = [scheduled(step / 100, 0.1) for step in range(101)]
    assert max(rates) == rates[10] == 1.0
    assert rates[0] == rates[100] == 0.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
