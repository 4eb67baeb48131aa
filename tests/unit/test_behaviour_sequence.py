"""Training the sequence model: batches, losses, early stopping, going on, starting from an earlier model."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from planted import CIRCLES, NEW, planted_histories, planted_items, walk

from ranker.behaviour import stored
from ranker.behaviour.batches import Trail, batches
from ranker.behaviour.gate import ndcg
from ranker.behaviour.kinds import read_model
from ranker.behaviour.losses import full_softmax, gbce
from ranker.behaviour.model import BehaviourError, HeldOut, Items
from ranker.behaviour.recipe import Recipe
from ranker.behaviour.sequence import SequenceModel, SequenceTrainer
from ranker.cross.judging import silent

TINY = Recipe(width=16, layers=1, length=8, dropout=0.1, epochs=6, people=32, rate=5e-3, warmup=5, validation=10)
NEXT = [HeldOut(walk(kind, start, 3), CIRCLES[kind][(start + 3) % 6]) for kind in CIRCLES for start in range(6)]


class StoppedError(Exception):
    """What a run is broken off by."""


def fit(trainer: SequenceTrainer, items: Items | None = None) -> SequenceModel:
    torch.set_num_threads(1)
    return trainer.fit(planted_histories(), items or planted_items(), silent)


def taken_items() -> Items:
    """Without those that nobody took, which training does not judge by."""
    items = planted_items()
    assert items.vectors is not None
    count = len(items.ids) - len(NEW)
    return Items(items.ids[:count], items.vectors[:count])


def trail(*rows: int) -> Trail:
    return Trail(np.array(rows), np.ones(len(rows), dtype=np.float32))


def test_an_epoch_has_every_persons_next_items_once_and_hardly_any_padding() -> None:
    trails = [trail(*range(1, 3 + person % 5)) for person in range(90)]

    epoch = list(batches(trails, size=16, length=8, seed=1))

    targets = sorted(int(target) for batch in epoch for target in batch.targets)
    assert targets == sorted(row for each in trails for row in each.rows[1:])
    places = sum(batch.rows.numel() for batch in epoch)
    assert len(targets) / places > 0.9
    for batch in epoch:  # in these trails the next item is the last one and one
        assert torch.equal(batch.rows.reshape(-1)[batch.real] + 1, batch.targets)


def test_a_long_history_gives_a_stretch_that_fits() -> None:
    (batch,) = batches([trail(*range(100))], size=4, length=8, seed=2)

    assert batch.rows.shape == (1, 8)
    assert torch.equal(batch.rows[0] + 1, batch.targets)


def test_the_full_softmax_of_a_network_that_knows_nothing_is_the_logarithm_of_the_items() -> None:
    loss = full_softmax(torch.zeros(3, 4), torch.randn(7, 4), torch.tensor([0, 3, 6]), torch.ones(3))

    assert float(loss) == pytest.approx(math.log(7))


def test_gbce_holds_the_right_item_back_as_much_as_it_is_calibrated() -> None:
    states, right, wrong = torch.ones(1, 4), torch.ones(1, 4), -torch.ones(5, 4)
    same = torch.zeros(1, 5, dtype=torch.bool)

    def loss(calibration: float) -> float:
        return float(gbce(states, right, wrong, same, torch.ones(1), items=101, calibration=calibration))

    alone = -math.log(1 / (1 + math.exp(-4)))  # of one right or wrong item
    assert loss(0.0) == pytest.approx(6 * alone, rel=1e-4)  # plain cross-entropy
    assert loss(1.0) == pytest.approx(5.05 * alone, rel=1e-4)  # 5 of 100 wrong items were drawn


def test_it_learns_which_item_comes_next() -> None:
    model = fit(SequenceTrainer(replace(TINY, epochs=20, patience=20)))

    assert float(ndcg(model, NEXT).mean()) > 0.85


def test_training_ends_early_and_keeps_the_best_epoch() -> None:
    trainer = SequenceTrainer(replace(TINY, epochs=40, patience=2), validation=NEXT)

    model = fit(trainer, taken_items())

    assert trainer.fitted is not None
    assert trainer.fitted.epochs < 40
    assert trainer.fitted.ndcg == pytest.approx(float(ndcg(model, NEXT).mean()), abs=1e-5)


def test_a_run_that_was_broken_off_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = fit(SequenceTrainer(TINY))

    def stop(what: str, done: int, total: int) -> None:
        if done == 3:
            raise StoppedError

    broken = SequenceTrainer(TINY, run=tmp_path)
    with pytest.raises(StoppedError):
        broken.fit(planted_histories(), planted_items(), stop)
    resumed = fit(SequenceTrainer(TINY, run=tmp_path))

    assert resumed.score([walk("tent", 0, 3)]) == pytest.approx(whole.score([walk("tent", 0, 3)]), abs=1e-5)
    assert (tmp_path / "log.jsonl").read_text().count("ndcg") == TINY.epochs


def test_a_run_of_other_events_or_another_recipe_is_not_gone_on_with(tmp_path: Path) -> None:
    fit(SequenceTrainer(replace(TINY, epochs=1), run=tmp_path))

    with pytest.raises(BehaviourError, match="another recipe"):
        fit(SequenceTrainer(replace(TINY, epochs=2), run=tmp_path))


def test_a_warm_start_is_ahead_of_a_cold_one_and_takes_up_new_items() -> None:
    past = [history for history in planted_histories() if not history[0].item.startswith("lamp")]
    earlier = SequenceTrainer(replace(TINY, epochs=40, patience=40)).fit(past, taken_items(), silent)
    once = replace(TINY, epochs=1, rate=1e-3)

    warm = fit(SequenceTrainer(once, start=earlier), taken_items())
    cold = fit(SequenceTrainer(once), taken_items())

    known = [each for each in NEXT if not each.target.startswith("lamp")]
    assert float(ndcg(warm, known).mean()) > float(ndcg(cold, known).mean()) + 0.2
    assert tuple(warm.items) == taken_items().ids


def test_an_earlier_model_of_another_shape_is_no_start() -> None:
    earlier = fit(SequenceTrainer(replace(TINY, width=8, epochs=1)))

    with pytest.raises(BehaviourError, match="another shape"):
        fit(SequenceTrainer(TINY, start=earlier))


def crowded_items(seed: int) -> Items:
    """With as many new goods as known ones, described like no kind in particular."""
    items = planted_items()
    assert items.vectors is not None
    dice = np.random.default_rng(seed)
    strangers = dice.normal(size=items.vectors.shape)
    vectors = np.concatenate([items.vectors, strangers / np.linalg.norm(strangers, axis=1, keepdims=True)])
    return Items((*items.ids, *(f"stranger {n}" for n in range(len(items.ids)))), vectors.astype(np.float32))


def test_what_new_goods_are_worth_is_learned_and_goes_with_the_model(tmp_path: Path) -> None:
    model = fit(SequenceTrainer(replace(TINY, epochs=20, patience=20)))
    stored.write(model, tmp_path)
    described = json.loads((tmp_path / stored.DESCRIPTION).read_text())
    learned = described["facts"].pop("calibration")
    (tmp_path / stored.DESCRIPTION).write_text(json.dumps(described))

    bare, now = read_model(tmp_path), crowded_items(seed=4)

    assert learned["likeness"] != 0 or learned["constant"] != 0
    known, new = len(planted_items().ids) - len(NEW), [place for place, id in enumerate(now.ids) if "new" in id]
    history = [walk("tent", 0, 3)]
    by_words, calibrated = stored.over(bare, now).score(history)[0], model.over(now).score(history)[0]
    assert calibrated[:known] == pytest.approx(by_words[:known], abs=1e-5)
    assert calibrated[new[0]] > calibrated[new[1]]  # a tent before a mug
    assert calibrated[known:] != pytest.approx(by_words[known:], abs=1e-2)


def test_without_an_order_there_is_nothing_to_learn() -> None:
    with pytest.raises(BehaviourError, match="two events"):
        SequenceTrainer(TINY).fit([walk("tent", 0, 1), []], planted_items(), silent)


@pytest.mark.parametrize("wrong", [{"width": 15}, {"dropout": 1.0}, {"rate": 0.0}, {"epochs": 0}, {"calibration": 2}])
def test_a_recipe_that_cannot_work_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BehaviourError, match="recipe"):
        Recipe(**wrong)
