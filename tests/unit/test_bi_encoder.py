"""Tuning a sentence encoder, on a model made for the test: what it learns from, that it learns, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_bert import colour_groups, tiny_bert

from ranker.bi.batches import known_gains, step_at, steps_an_epoch, useful
from ranker.bi.judging import judge, matching_floor, recall
from ranker.bi.losses import in_batch_loss, tuning_loss
from ranker.bi.network import new_network
from ranker.bi.recipe import EncoderRecipe
from ranker.bi.training import train
from ranker.cross.recipe import RecipeError
from ranker.cross.training import OtherRunError
from ranker.encoder import ModelMissingError, SentenceEncoder, Vectors
from ranker.groups import Group, TrainingDataError

TAUGHT, HELD_OUT = colour_groups(60, seed=1), colour_groups(12, seed=2)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def recipe(base: Path, **given: object) -> EncoderRecipe:
    plain = EncoderRecipe(base=str(base), max_tokens=24, epochs=1, groups=6, rate=3e-3, every=5, embeddings=True)
    return replace(plain, **given)


class KilledError(Exception):
    pass


def killed_at(step: int):
    def say(what: str, done: int, total: int) -> None:
        if what == "training" and done == step:
            raise KilledError

    return say


def by_letters(texts: Sequence[str]) -> Vectors:
    """Unit vectors of which letters there are."""
    counts = np.array([[text.count(chr(97 + letter)) for letter in range(26)] for text in texts], dtype=np.float32)
    return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


# what a step is made of


def test_a_step_has_queries_and_the_texts_drawn_for_them_and_comes_out_the_same_again(base: Path) -> None:
    way = recipe(base, groups=4, docs=3)
    step = step_at(TAUGHT, way, 7)
    assert step == step_at(TAUGHT, way, 7)
    assert step != step_at(TAUGHT, replace(way, seed=2), 7)
    known = known_gains(TAUGHT)
    for query in step.queries:  # each has something that answers it, and something worse
        gains = [known[query][text][0] for text in step.texts if text in known[query]]
        assert max(gains) > min(gains)


@pytest.mark.parametrize("groups", [4, 7, 100])
def test_an_epoch_sees_every_query(base: Path, groups: int) -> None:
    way = recipe(base, groups=groups)
    steps = [step_at(TAUGHT, way, number) for number in range(steps_an_epoch(TAUGHT, way))]
    assert {query for step in steps for query in step.queries} == {group.query for group in TAUGHT}


def test_what_answers_a_query_is_known_whichever_group_says_so() -> None:
    said = [
        Group("mug", ("1", "2"), ("a mug", "a lamp"), (1.0, 0.0)),
        Group("mug", ("3", "2"), ("a cup", "a lamp"), (0.4, 0.2), (2.0, 3.0)),
    ]
    assert known_gains(said) == {"mug": {"a mug": (1.0, 1.0), "a lamp": (0.2, 3.0), "a cup": (0.4, 2.0)}}


def test_groups_of_one_gain_teach_by_the_batch_alone(base: Path) -> None:
    flat, empty = Group("mug", ("1",), ("a mug",), (1.0,)), Group("pan", ("1",), ("a mug",), (0.0,))
    assert useful([flat, empty], recipe(base)) == [flat]
    assert useful([flat, empty], recipe(base, share=1.0)) == []


# what is made small


def test_the_batch_loss_of_one_good_product_is_the_softmax_over_all_texts() -> None:
    scores = torch.tensor([[2.0, 1.0, 0.5]])
    loss = in_batch_loss(scores, torch.tensor([[1.0, 0.0, 0.0]]), torch.ones(1, 3))
    assert loss.item() == pytest.approx(-torch.log_softmax(scores, dim=1)[0, 0].item(), abs=1e-6)


def test_good_products_of_one_query_do_not_push_each_other_away() -> None:
    scores = torch.tensor([[3.0, 1.0, 0.0]], requires_grad=True)
    in_batch_loss(scores, torch.tensor([[1.0, 1.0, 0.0]]), torch.ones(1, 3)).backward()
    assert scores.grad is not None
    assert (scores.grad[0, :2] < 0).all()
    assert scores.grad[0, 2] > 0


def test_a_query_counts_as_much_as_its_best_product() -> None:
    scores, ones = torch.tensor([[0.0, 2.0], [0.0, 0.0]]), torch.ones(2, 2)
    gains = torch.tensor([[1.0, 0.0], [0.0, 0.1]])
    each = [in_batch_loss(scores[row : row + 1], gains[row : row + 1], ones[:1]).item() for row in (0, 1)]
    assert in_batch_loss(scores, gains, ones).item() == pytest.approx((each[0] + 0.1 * each[1]) / 1.1)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 5), st.integers(2, 7), st.sampled_from(["listwise", "margin", "lambda"]), st.integers(0, 10**6))
def test_the_loss_is_a_number_that_can_be_learned_from(rows: int, columns: int, graded: str, seed: int) -> None:
    torch.manual_seed(seed)
    cosines = (torch.rand(rows, columns) * 2 - 1).requires_grad_()
    known = torch.rand(rows, columns) > 0.4
    gains = torch.rand(rows, columns).mul(3).round().div(3) * known
    way = EncoderRecipe(graded=graded)
    loss = tuning_loss(cosines, gains, torch.rand(rows, columns) + 0.1, known, way)
    loss.backward()
    assert cosines.grad is not None
    assert torch.isfinite(loss)
    assert torch.isfinite(cosines.grad).all()
    assert loss >= 0


def test_the_share_weighs_the_two_losses() -> None:
    torch.manual_seed(0)
    cosines, gains = torch.rand(3, 6), torch.eye(3, 6)
    known, ones = torch.rand(3, 6) > 0.5, torch.ones(3, 6)
    batch, both, own = (
        tuning_loss(cosines, gains, ones, known | (gains > 0), EncoderRecipe(share=share)) for share in (0, 0.5, 1)
    )
    assert both.item() == pytest.approx((batch.item() + own.item()) / 2)


# how well it does


def test_the_order_by_cosine_is_judged() -> None:
    good = Group("red mug", ("1", "2"), ("lamp", "mug red"), (0.0, 1.0))
    bad = Group("red mug", ("1", "2"), ("mug red", "lamp"), (0.0, 1.0))
    assert judge(by_letters, [good]).ndcg == 1.0
    assert judge(by_letters, [bad]).ndcg < 1.0
    assert judge(by_letters, [Group("x", ("1",), ("lamp",), (0.0,))]).each == ()


def test_recall_looks_through_all_products() -> None:
    products = {"1": "mug", "2": "lamp", "3": "chair", "4": "gum"}
    group = Group("mug", ("1", "2", "gone"), ("mug", "lamp", "gone"), (1.0, 0.9, 1.0))
    found = recall(by_letters, [group], products, depth=2)  # "gum" has the same letters
    assert (found.mean, found.queries, found.products) == (0.5, 1, 4)
    assert recall(by_letters, [group], products).mean == 1.0
    assert recall(by_letters, [Group("x", ("9",), ("y",), (1.0,))], products).queries == 0


def test_a_floor_leaves_out_as_much_as_it_did_when_cosines_have_moved() -> None:
    texts = ["mug", "lamp", "chair", "gum", "table", "hose", "pan", "tent"]

    def nearer(given: Sequence[str]) -> Vectors:
        """The same order, with all cosines between a half and one."""
        plain = by_letters(given)
        return np.concatenate([plain, np.ones((len(given), 1), dtype=np.float32)], axis=1) / np.float32(np.sqrt(2))

    floor = matching_floor(by_letters, nearer, 0.3, texts[:4], texts)
    before, after = by_letters(texts[:4]) @ by_letters(texts).T, nearer(texts[:4]) @ nearer(texts).T
    assert ((after < floor) == (before < 0.3)).all()
    assert floor > 0.3


# training


@pytest.mark.parametrize(("graded", "share"), [("listwise", 0.5), ("margin", 0.2), ("lambda", 1.0), ("listwise", 0.0)])
def test_training_learns_an_order_that_the_dense_leg_gives_too(
    base: Path, tmp_path: Path, graded: str, share: float
) -> None:
    untrained = judge(new_network(recipe(base)).encode, HELD_OUT).ndcg
    way = recipe(base, epochs=8, graded=graded, share=share)
    tuned = train(TAUGHT, HELD_OUT, way, tmp_path / "run", tensorboard=False)
    assert tuned.ndcg > max(0.85, untrained)
    # What was written is what was judged.
    served = SentenceEncoder(str(tuned.folder))
    assert judge(served.encode, HELD_OUT).ndcg == pytest.approx(tuned.ndcg)
    assert served.dimension == 32


def test_a_retrained_encoder_has_another_name(base: Path, tmp_path: Path) -> None:
    names = {
        SentenceEncoder(str(train(TAUGHT, HELD_OUT, recipe(base, seed=seed), tmp_path / str(seed)).folder)).name
        for seed in (1, 2)
    }
    assert len(names) == 2


@pytest.mark.parametrize("method", ["full", "layers"])
def test_a_killed_run_ends_like_one_that_was_not(base: Path, tmp_path: Path, method: str) -> None:
    way = recipe(base, method=method, layers=1, every=3)
    whole = train(TAUGHT, HELD_OUT, way, tmp_path / "whole", tensorboard=False)
    with pytest.raises(KilledError):
        train(TAUGHT, HELD_OUT, way, tmp_path / "killed", say=killed_at(8), tensorboard=False)
    assert not (tmp_path / "killed" / "model").exists()
    resumed = train(TAUGHT, HELD_OUT, way, tmp_path / "killed", tensorboard=False)

    assert resumed.history.losses == whole.history.losses
    assert resumed.history.judgements == whole.history.judgements
    texts = list(TAUGHT[0].texts)
    ended = [SentenceEncoder(str(each.folder)).encode(texts).tolist() for each in (resumed, whole)]
    assert ended[0] == ended[1]


def test_a_finished_run_is_not_trained_again_and_keeps_to_its_recipe(base: Path, tmp_path: Path) -> None:
    first = train(TAUGHT, HELD_OUT, recipe(base), tmp_path, tensorboard=False)
    again = train(TAUGHT, HELD_OUT, recipe(base), tmp_path, say=killed_at(1), tensorboard=False)
    assert again.ndcg == first.ndcg
    with pytest.raises(OtherRunError, match="another recipe"):
        train(TAUGHT, HELD_OUT, recipe(base, rate=1e-4), tmp_path, tensorboard=False)


def test_training_stops_when_it_gets_no_better(base: Path, tmp_path: Path) -> None:
    still = recipe(base, epochs=50, rate=1e-9, every=1, patience=3)
    assert len(train(TAUGHT, HELD_OUT, still, tmp_path, tensorboard=False).history.judgements) < 20


@pytest.mark.parametrize(
    ("ways", "trains", "leaves"),
    [
        ({"embeddings": True}, "word_embeddings.weight", "nothing"),
        ({"embeddings": False}, "layer.0.output.dense.weight", "word_embeddings.weight"),
        ({"method": "layers", "layers": 1}, "layer.1.output.dense.weight", "layer.0."),
    ],
)
def test_a_method_trains_its_part(base: Path, ways: dict[str, object], trains: str, leaves: str) -> None:
    trained = new_network(recipe(base, **ways)).trained()
    assert any(name.endswith(trains) for name in trained)
    assert not any(leaves in name for name in trained)


def test_tensorboard_and_the_log_get_the_run(base: Path, tmp_path: Path) -> None:
    tuned = train(TAUGHT[:12], HELD_OUT, recipe(base), tmp_path)
    assert list((tmp_path / "tensorboard").glob("events.*"))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert max(line.get("ndcg", 0) for line in lines) == round(tuned.ndcg, 5)


# what cannot be done


def test_a_base_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="nowhere"):
        train(TAUGHT, HELD_OUT, EncoderRecipe(base=str(tmp_path / "nowhere")), tmp_path / "run", tensorboard=False)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    with pytest.raises(ModelMissingError, match="broken"):
        new_network(EncoderRecipe(base=str(tmp_path / "broken")))


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ([], "no training data"),
        ([Group("mug", ("1", "2"), ("a mug", "a cup"), (1.0, 1.0))], "one class"),
        ([Group("mug", ("1", "2"), ("a mug", "a cup"), (1.0, 0.0))], "Fewer than two"),
    ],
)
def test_nothing_to_learn_is_said(base: Path, tmp_path: Path, groups: list[Group], told: str) -> None:
    with pytest.raises(TrainingDataError, match=told):
        train(groups, HELD_OUT, recipe(base), tmp_path, tensorboard=False)


@pytest.mark.parametrize(
    "given", [{"method": "half"}, {"graded": "bce"}, {"docs": 1}, {"rate": 2.0}, {"share": 1.1}, {"epochs": 0}]
)
def test_a_recipe_says_what_is_wrong_with_it(given: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="recipe cannot be used"):
        EncoderRecipe(**given)
