"""What every behaviour model promises, asked of all of them on people whose next step is known."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from planted import CIRCLES, FAVOURITE, NEW, UNKNOWN, planted_histories, planted_items, walk

from ranker.behaviour import stored
from ranker.behaviour.ease import Ease
from ranker.behaviour.factors import Als, Bpr
from ranker.behaviour.kinds import read_model
from ranker.behaviour.model import BehaviourError, BehaviourModel, Event, Items, Trainer, UnfitError
from ranker.behaviour.neighbours import ItemCosine
from ranker.behaviour.popularity import Popularity, RecentPopularity
from ranker.behaviour.recipe import Recipe
from ranker.behaviour.repeating import RepeatTrainer
from ranker.behaviour.sequence import SequenceTrainer
from ranker.behaviour.towers import TowerRecipe, TowerTrainer
from ranker.cross.judging import silent

TINY = Recipe(
    width=16, layers=1, heads=2, length=8, dropout=0.1, epochs=20, people=32, rate=5e-3, warmup=5, patience=20
)
TRAINERS: Mapping[str, Callable[[], Trainer]] = {
    "popularity": Popularity,
    "recent popularity": RecentPopularity,
    "item-item cosine": lambda: ItemCosine(shrink=1.0),
    "EASE": lambda: Ease(ridge=5.0),
    "repeat": lambda: RepeatTrainer(neighbours=ItemCosine(shrink=1.0)),
    "ALS": lambda: Als(factors=6, threads=1),
    "BPR": lambda: Bpr(factors=6, rounds=300),
    "towers": lambda: TowerTrainer(TowerRecipe(width=16, inner=32, negatives=32, epochs=30, people=64, rate=5e-3)),
    "sequence": lambda: SequenceTrainer(TINY),
    "sampled sequence": lambda: SequenceTrainer(replace(TINY, negatives=8), name="sampled sequence"),
}
IMPERSONAL = {"popularity", "recent popularity"}
READERS = {"towers", "sequence", "sampled sequence"}  # of vectors
FROM_IMPLICIT = {"ALS", "BPR"}


def trainer(name: str) -> Trainer:
    if name in FROM_IMPLICIT and importlib.util.find_spec("implicit") is None:
        pytest.skip(f"{name} needs the package implicit")
    return TRAINERS[name]()


@pytest.fixture(scope="module")
def models() -> dict[str, BehaviourModel]:
    return {}


@pytest.fixture(params=TRAINERS)
def model(request: pytest.FixtureRequest, models: dict[str, BehaviourModel]) -> BehaviourModel:
    """Each model, trained once."""
    torch.set_num_threads(1)
    if request.param not in models:
        models[request.param] = trainer(request.param).fit(planted_histories(), planted_items(), silent)
    return models[request.param]


def best(model: BehaviourModel, history: list[Event]) -> str:
    """The best item that is not in the history."""
    seen = {event.item for event in history}
    row = model.score([history])[0]
    return next(model.items[place] for place in np.argsort(-row) if model.items[place] not in seen)


def test_scores_are_finite_float32_one_row_a_history_and_one_column_an_item(model: BehaviourModel) -> None:
    scores = model.score([walk("tent", 0, 2), [], walk("mug", 4, 3)])

    assert tuple(model.items) == planted_items().ids
    assert scores.dtype == np.float32
    assert scores.shape == (3, len(model.items))
    assert np.isfinite(scores).all()


def test_it_goes_by_its_trainers_name(model: BehaviourModel) -> None:
    assert model.name in TRAINERS
    assert TRAINERS[model.name]().name == model.name


def test_no_histories_give_no_rows(model: BehaviourModel) -> None:
    assert model.score([]).shape == (0, len(model.items))


def test_it_finds_the_planted_pattern(model: BehaviourModel) -> None:
    if model.name in IMPERSONAL:
        assert best(model, []) == FAVOURITE
        return
    for kind in ("tent", "mug"):
        assert all(best(model, list(walk(kind, start, 3))).startswith(kind) for start in range(6))


def test_a_history_is_scored_alike_alone_and_among_others(model: BehaviourModel) -> None:
    histories = [walk("tent", 0, 4), [], walk("mug", 4, 2), walk("lamp", 1, 3)]

    together = model.score(histories)

    assert together == pytest.approx(np.concatenate([model.score([history]) for history in histories]), abs=1e-4)


def test_unknown_items_and_weightless_events_are_as_if_they_were_not_there(model: BehaviourModel) -> None:
    history = [*walk("tent", 0, 2), Event(UNKNOWN, 9e5), Event("mug1", 9e5, weight=0.0)]

    assert model.score([history]) == pytest.approx(model.score([walk("tent", 0, 2)]))
    assert model.score([[Event(UNKNOWN, 0.0)]]) == pytest.approx(model.score([[]]))


def test_a_new_event_changes_what_comes_next_without_training(model: BehaviourModel) -> None:
    if model.name in IMPERSONAL:
        pytest.skip("knows nobody")
    before = list(walk("tent", 0, 2))
    after = [*before, Event("mug2", 9e5), Event("mug3", 9.1e5)]

    assert best(model, before).startswith("tent")
    mugs = [model.items.index(mug) for mug in CIRCLES["mug"] if mug not in ("mug2", "mug3")]
    assert model.score([after])[0, mugs].max() > model.score([before])[0, mugs].max()


def test_the_same_seed_gives_the_same_model(model: BehaviourModel) -> None:
    again = trainer(model.name).fit(planted_histories(), planted_items(), silent)

    history = [walk("mug", 1, 3)]
    assert again.score(history) == pytest.approx(model.score(history), abs=1e-5)


def test_it_is_the_same_after_it_was_written_and_read(model: BehaviourModel, tmp_path: Path) -> None:
    stored.write(model, tmp_path / "model")
    again = read_model(tmp_path / "model", planted_items())

    histories = [walk("mug", 1, 3), []]
    assert again.name == model.name
    assert tuple(again.items) == tuple(model.items)
    assert np.array_equal(again.score(histories), model.score(histories))


def test_a_damaged_file_is_refused(model: BehaviourModel, tmp_path: Path) -> None:
    stored.write(model, tmp_path)
    path = tmp_path / stored.ARRAYS
    path.write_bytes(path.read_bytes()[:-40] + b"x" * 40)

    with pytest.raises(UnfitError, match="damaged") as caught:
        read_model(tmp_path)
    assert "Train again" in caught.value.hint


def test_a_model_of_another_catalogue_is_refused(model: BehaviourModel, tmp_path: Path) -> None:
    stored.write(model, tmp_path)
    other = planted_items()
    other = replace(other, ids=tuple(f"other {id}" for id in other.ids))

    with pytest.raises(UnfitError, match="another catalogue"):
        read_model(tmp_path, other)


def test_it_serves_a_catalogue_from_which_items_went_and_to_which_others_came(
    model: BehaviourModel, tmp_path: Path
) -> None:
    old = planted_items()
    assert old.vectors is not None
    rows = [*range(1, len(old.ids)), 7]
    now = Items((*old.ids[1:], "tent of today"), old.vectors[rows])
    stored.write(model, tmp_path)

    again = read_model(tmp_path, now)

    scores, before = again.score([walk("tent", 0, 3)]), model.score([walk("tent", 0, 3)])
    assert tuple(again.items) == now.ids
    assert np.isfinite(scores).all()
    assert scores[:, :-1] == pytest.approx(before[:, 1:], abs=1e-2)  # what is gone lends to new items no more
    if model.name in READERS:
        mugs = [now.ids.index(mug) for mug in CIRCLES["mug"]]
        assert scores[0, -1] > scores[0, mugs].max()


def test_vectors_of_another_encoder_are_refused(model: BehaviourModel, tmp_path: Path) -> None:
    if model.name not in READERS:
        pytest.skip("reads no vectors")
    old = planted_items()
    assert old.vectors is not None
    stored.write(model, tmp_path)

    for vectors, said in ((np.roll(old.vectors, 5, axis=1), "another encoder"), (old.vectors[:, :8], "wide")):
        with pytest.raises(UnfitError, match=said):
            read_model(tmp_path, Items(old.ids[1:], vectors[1:]))


def test_an_item_that_nobody_took_is_scored_by_its_vector(model: BehaviourModel) -> None:
    if model.name not in READERS:
        pytest.skip("reads no vectors")
    scores = model.score([walk("tent", 0, 3), walk("mug", 0, 3)])
    tent, mug = (model.items.index(id) for id in NEW)

    assert scores[0, tent] > scores[0, mug]
    assert scores[1, mug] > scores[1, tent]


@pytest.mark.parametrize("name", ["sequence", "sampled sequence"])
def test_an_item_that_was_added_later_is_scored_as_if_it_had_been_there(name: str, tmp_path: Path) -> None:
    all_items = planted_items()
    assert all_items.vectors is not None
    count = len(all_items.ids) - len(NEW)
    before = Items(all_items.ids[:count], all_items.vectors[:count])
    histories = [walk("tent", 0, 3), walk("mug", 2, 4), [*walk("mug", 0, 2), Event(NEW[0], 9e5)]]
    torch.set_num_threads(1)
    stored.write(trainer(name).fit(planted_histories(), before, silent), tmp_path)

    later = read_model(tmp_path, all_items).score(histories)

    known = read_model(tmp_path).score(histories[:2])
    assert later[:2, :count] == pytest.approx(known, abs=1e-4)
    assert later == pytest.approx(trainer(name).fit(planted_histories(), all_items, silent).score(histories), abs=1e-3)


@pytest.mark.parametrize("name", TRAINERS)
def test_it_learns_without_vectors_too_or_says_that_it_needs_them(name: str) -> None:
    bare = Items(planted_items().ids)
    if name == "towers":
        with pytest.raises(BehaviourError, match="vectors"):
            trainer(name).fit(planted_histories(), bare, silent)
        return
    model = trainer(name).fit(planted_histories(), bare, silent)
    assert np.isfinite(model.score([walk("tent", 0, 2)])).all()


@pytest.mark.parametrize("name", TRAINERS)
def test_nothing_can_be_learned_from_events_of_unknown_items(name: str) -> None:
    with pytest.raises(BehaviourError, match="catalogue"):
        trainer(name).fit([[Event(UNKNOWN, 0.0)], []], planted_items(), silent)
