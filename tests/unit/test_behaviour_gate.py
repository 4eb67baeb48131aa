"""The gate between a new model and the one in use, and what serves when the new one cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from planted import CIRCLES, planted_histories, planted_items, walk

from ranker.behaviour import stored
from ranker.behaviour.gate import challenge, ndcg
from ranker.behaviour.model import BehaviourError, HeldOut, History, Items, Scores, Vectors
from ranker.behaviour.neighbours import ItemCosine
from ranker.behaviour.popularity import Popularity
from ranker.behaviour.serving import ServedModel
from ranker.bootstrap import interval
from ranker.cross.judging import silent
from ranker.cross.shelf import SERVED, Shelf

NEXT = [
    HeldOut(walk(kind, start, 3), CIRCLES[kind][(start + 3) % 6]) for kind in ("tent", "mug") for start in range(6)
] * 5


class Fixed:
    """A model with the same scores for everybody."""

    name = "fixed"

    def __init__(self, **scores: float) -> None:
        self.items = tuple(scores)
        self._row = np.array(list(scores.values()), dtype=np.float32)

    def score(self, histories: Sequence[History]) -> np.ndarray:
        return np.tile(self._row, (len(histories), 1))


def test_ndcg_counts_the_items_that_come_before_the_right_one_but_not_those_already_taken() -> None:
    model = Fixed(mug0=3.0, mug1=2.0, mug2=1.0)

    gains = ndcg(model, [HeldOut(walk("mug", 0, 1), "mug1"), HeldOut([], "mug1"), HeldOut([], "gone")])

    assert gains == pytest.approx([1.0, 1 / np.log2(3), 0.0])
    assert ndcg(model, [HeldOut(walk("mug", 0, 1), "mug1")], again=True) == pytest.approx([1 / np.log2(3)])


def test_a_model_that_scores_all_alike_gains_nothing_by_ties() -> None:
    alike = Fixed(**{f"mug{n}": 1.0 for n in range(30)})

    assert ndcg(alike, [HeldOut([], "mug0")]) == pytest.approx([0.0])


def test_a_challenger_that_is_clearly_worse_does_not_replace_and_one_that_is_better_does() -> None:
    good = ItemCosine(shrink=1.0).fit(planted_histories(), planted_items(), silent)
    poor = Popularity().fit(planted_histories(), planted_items(), silent)

    refused, taken = challenge(good, poor, NEXT), challenge(poor, good, NEXT)

    assert not refused.replaces
    assert "significantly worse" in refused.reason
    assert refused.high is not None
    assert refused.high < 0
    assert taken.replaces
    assert taken.champion == pytest.approx(refused.challenger)


def test_an_equal_challenger_replaces_and_so_does_the_first_model() -> None:
    model = Popularity().fit(planted_histories(), planted_items(), silent)

    assert challenge(model, model, NEXT).replaces
    assert challenge(None, model, NEXT).replaces


def test_nothing_is_decided_without_held_out_histories() -> None:
    with pytest.raises(BehaviourError, match="no histories"):
        challenge(None, Fixed(mug0=1.0), [])


def test_the_interval_holds_the_mean_and_narrows_with_more_people() -> None:
    dice = np.random.default_rng(1)
    few, many = dice.normal(0.1, 1.0, size=50), dice.normal(0.1, 1.0, size=5000)

    low, high = interval(few)
    assert low < float(few.mean()) < high
    assert np.subtract(*interval(many)[::-1]) < (high - low) / 3


def test_the_last_good_model_serves_while_the_new_one_is_damaged(tmp_path: Path) -> None:
    items = planted_items()
    stored.write(Popularity().fit(planted_histories(), items, silent), tmp_path / "old")
    stored.write(ItemCosine().fit(planted_histories(), items, silent), tmp_path / "new")
    (tmp_path / "new" / stored.ARRAYS).write_bytes(b"half of a fi")
    place = [tmp_path / "old"]
    served = ServedModel(lambda: place[0], vectors_of(items))

    assert served.over(items.ids) is not None
    place[0] = tmp_path / "new"
    model = served.over(items.ids)

    assert model is not None
    assert model.name == "popularity"
    assert "damaged" in served.fault
    fewer = served.over(items.ids[:-1])
    assert fewer is not None
    assert fewer.items == items.ids[:-1]


def test_a_pointer_that_leads_nowhere_is_told_and_the_last_good_model_serves_on(tmp_path: Path) -> None:
    items = planted_items()
    shelf = Shelf(tmp_path)
    run = shelf.new_run()
    stored.write(Popularity().fit(planted_histories(), items, silent), run / SERVED)
    shelf.put_in_use(run)
    served = ServedModel(shelf.in_use, vectors_of(items))
    assert served.over(items.ids) is not None

    (tmp_path / "current.json").write_text('{"run": "run-of-nobody"}')
    assert served.over(items.ids) is not None
    assert "run-of-nobody" in served.fault

    shelf.put_away()
    assert served.over(items.ids) is None
    assert served.fault == ""


def test_new_goods_are_taken_up_without_a_new_model(tmp_path: Path) -> None:
    items = planted_items()
    stored.write(Popularity().fit(planted_histories(), items, silent), tmp_path / "model")
    served = ServedModel(lambda: tmp_path / "model", vectors_of(items))
    served.over(items.ids)

    model = served.over((*items.ids, "kettle"))

    assert model is not None
    assert "kettle" in model.items
    assert np.isfinite(model.score([[]])).all()


class Reader:
    """A model that reads the vectors of goods."""

    name = "reader"

    def __init__(self, items: Items) -> None:
        self.items = items.ids

    def score(self, histories: Sequence[History]) -> Scores:
        return np.zeros((len(histories), len(self.items)), dtype=np.float32)

    def over(self, items: Items) -> Reader:
        return Reader(items)


@pytest.mark.parametrize("reads", [True, False])
def test_vectors_are_fetched_for_models_that_read_them_when_model_or_goods_are_others(
    tmp_path: Path, *, reads: bool
) -> None:
    items = planted_items()
    model = Reader(items) if reads else Popularity().fit(planted_histories(), items, silent)
    fetched: list[int] = []

    def vectors(ids: Sequence[str]) -> Vectors | None:
        fetched.append(len(ids))
        return None

    served = ServedModel(lambda: tmp_path, vectors, read=lambda _: model)
    for ids in (items.ids, items.ids, items.ids[:-1]):
        over = served.over(ids)
        assert over is not None
        assert over.items == ids

    assert fetched == ([len(items.ids), len(items.ids) - 1] if reads else [])


def test_no_model_at_all_is_no_fault() -> None:
    served = ServedModel(lambda: None, lambda ids: None)

    assert served.over(planted_items().ids) is None
    assert served.fault == ""


def vectors_of(items: Items) -> Callable[[Sequence[str]], Vectors | None]:
    """The vectors of these items by id; a new one is described like the first."""

    def vectors(ids: Sequence[str]) -> Vectors | None:
        assert items.vectors is not None
        places = {id: place for place, id in enumerate(items.ids)}
        return items.vectors[[places.get(id, 0) for id in ids]]

    return vectors
