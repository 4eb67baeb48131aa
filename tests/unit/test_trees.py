"""A learned order: trees that find what a weighted sum cannot, kept on disk, refused when they do not help."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged_trees import QUICK, SIZE, WEIGHTS, accessories, pairs
from sklearn.ensemble import GradientBoostingRegressor

from ranker.order_training import JudgedSignals, train
from ranker.signals import GRADED, Signals
from ranker.trees import COLUMNS, RAW, Growth, Trees, TreesError, grow, learned_order, read_trees, table


@pytest.fixture(scope="module")
def grown() -> Trees:
    return grow(pairs(accessories(40)), WEIGHTS, QUICK)


def test_trees_find_what_no_sum_can(grown: Trees) -> None:
    (unseen,) = accessories(1, seed=9)
    order = [scored.id for scored in learned_order(unseen.signals, WEIGHTS, grown)]
    gain = dict(zip(unseen.signals.ids, unseen.gains, strict=True))
    assert sum(gain[id] for id in order[:8]) >= 6


def test_they_say_the_same_as_the_library_that_grew_them() -> None:
    judged = pairs(accessories(30))
    ours = grow(judged, WEIGHTS, Growth(trees=20, rows=1, leaves=8, least=5, share=1.0, columns=1.0, seed=3))
    rows = np.concatenate([table(signals, WEIGHTS) for signals, _ in judged])
    theirs = GradientBoostingRegressor(
        n_estimators=20, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=5, max_features=1.0, random_state=3
    ).fit(rows, np.concatenate([gains for _, gains in judged]))
    signals = judged[0][0]
    said = theirs.predict(table(signals, WEIGHTS))
    assert ours.score(signals, WEIGHTS) == pytest.approx((said - said.mean()) / said.std(), abs=1e-4)


def test_training_is_measured_on_queries_that_the_trees_have_not_seen() -> None:
    outcome = train(accessories(40), WEIGHTS, QUICK)
    assert outcome.kept
    assert outcome.before < 0.8 < outcome.after
    assert outcome.low > 0
    assert outcome.trees.about["queries"] == 40


def test_an_order_that_gets_no_better_is_refused() -> None:
    dice = np.random.default_rng(1)
    perfect = [
        JudgedSignals(one.query, Signals(one.signals.ids, {"lexical": gains + dice.normal(size=SIZE) / 99}), gains)
        for one in accessories(25)
        for gains in [np.sign(one.gains)]
    ]
    outcome = train(perfect, WEIGHTS, QUICK)
    assert outcome.before == 1.0
    assert not outcome.kept
    assert train(perfect, WEIGHTS, QUICK, force=True).kept


def test_what_is_sold_out_stays_last(grown: Trees) -> None:
    (one,) = accessories(1)
    available = tuple(place % 2 == 0 for place in range(SIZE))
    order = [
        scored.id for scored in learned_order(Signals(one.signals.ids, one.signals.values, available), WEIGHTS, grown)
    ]
    assert {id for place, id in enumerate(one.signals.ids) if available[place]} == set(order[: SIZE // 2])


@given(st.permutations(range(SIZE)))
def test_the_order_does_not_depend_on_the_order_of_the_candidates(places: list[int]) -> None:
    trees = grow(pairs(accessories(20)), WEIGHTS, Growth(trees=5, rows=1))
    (one,) = accessories(1)
    turned = Signals(
        tuple(one.signals.ids[place] for place in places),
        {name: column[places] for name, column in one.signals.values.items()},
    )
    straight = dict(zip(one.signals.ids, trees.score(one.signals, WEIGHTS), strict=True))
    for id, score in zip(turned.ids, trees.score(turned, WEIGHTS), strict=True):
        assert score == pytest.approx(straight[id], abs=1e-3)


def test_they_come_back_from_their_file(grown: Trees, tmp_path: Path) -> None:
    grown.write(tmp_path / "order.npz")
    again = read_trees(tmp_path / "order.npz")
    (one,) = accessories(1)
    assert again.score(one.signals, WEIGHTS) == pytest.approx(grown.score(one.signals, WEIGHTS))


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "other signals", "loop"])
def test_a_file_that_cannot_be_used_says_so(grown: Trees, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "order.npz"
    grown.write(path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("not trees")
    else:
        with np.load(path) as held:
            parts = dict(held)
        if damage == "other signals":
            parts["about"] = np.frombuffer(b'{"columns": ["margin"]}', dtype=np.uint8)
        else:
            parts["left"] = np.zeros_like(parts["left"])  # a walk that would never end
        with path.open("wb") as file:
            np.savez(file, **parts)
    with pytest.raises(TreesError) as refused:
        read_trees(path)
    assert "shopwise train order" in refused.value.hint


def test_too_little_to_learn_from_is_said() -> None:
    with pytest.raises(TreesError, match="at least 20"):
        grow(pairs(accessories(3)), WEIGHTS, QUICK)
    flat = [JudgedSignals(one.query, one.signals, np.zeros(SIZE)) for one in accessories(30)]
    with pytest.raises(TreesError, match="0 queries"):
        train(flat, WEIGHTS, QUICK)


def test_the_columns_are_of_known_signals() -> None:
    assert set(RAW) <= set(GRADED)
    assert table(accessories(1)[0].signals, WEIGHTS).shape == (SIZE, len(COLUMNS))
