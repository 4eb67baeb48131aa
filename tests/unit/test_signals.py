"""Signals on one scale, and the order that their weighted sum gives."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.signals import SIGNALS, Signals, Weights, WeightsError, default_weights, read_weights, weighted_order


def signals(available: tuple[bool, ...] = (), **values: list[float]) -> Signals:
    size = len(next(iter(values.values())))
    columns = {name: np.array(column) for name, column in values.items()}
    return Signals(tuple("abcdefgh"[:size]), columns, available)


def order(found: Signals, **weights: float) -> str:
    return "".join(scored.id for scored in weighted_order(found, Weights(weights)))


def test_signals_of_any_scale_weigh_the_same() -> None:
    found = signals(lexical=[900.0, 100.0, 500.0], dense=[0.30, 0.31, 0.32])
    assert order(found, lexical=1.0) == "acb"
    assert order(found, dense=1.0) == "cba"
    assert order(found, lexical=1.0, dense=1.0)[0] == "c"


def test_what_is_unknown_speaks_neither_for_nor_against() -> None:
    found = signals(reranker=[2.0, math.nan, -2.0])
    assert list(found.comparable("reranker")) == pytest.approx([1.0, 0.0, -1.0])
    assert not signals(reranker=[math.nan, math.nan]).comparable("reranker").any()


def test_yes_and_no_keep_their_value() -> None:
    assert list(signals(brand=[1.0, 0.0, 0.0, 0.0]).comparable("brand")) == [1.0, 0.0, 0.0, 0.0]


def test_a_signal_that_is_the_same_for_all_changes_nothing() -> None:
    assert order(signals(lexical=[3.0, 2.0, 1.0], dense=[0.5, 0.5, 0.5]), lexical=0.1, dense=9.0) == "abc"


def test_what_is_sold_out_comes_last_in_the_same_order() -> None:
    found = signals((False, True, False, True), lexical=[4.0, 3.0, 2.0, 1.0])
    assert order(found, lexical=1.0) == "bdac"


def test_equal_candidates_keep_the_order_of_the_first_stage() -> None:
    assert order(signals(lexical=[1.0, 1.0, 1.0]), lexical=1.0) == "abc"


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_the_order_does_not_depend_on_a_signals_scale(values: list[float], scale: float, shift: float) -> None:
    # Rounded, so that the change of scale cannot make two different values one.
    column = [round(value) for value in values]
    moved = [value * scale + shift for value in column]
    assert order(signals(lexical=list(map(float, column))), lexical=1.0) == order(signals(lexical=moved), lexical=1.0)


def test_a_signal_that_does_not_exist_or_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no signal magic"):
        signals(magic=[1.0])
    with pytest.raises(ValueError, match="1 values for 2 candidates"):
        Signals(("a", "b"), {"dense": np.zeros(1)})


def test_weights_are_written_and_read_again(tmp_path: Path) -> None:
    weights = Weights({"lexical": 1.0, "brand": 0.4}, "judgments", {"ndcg": 0.7})
    weights.write(tmp_path / "weights.json")
    assert read_weights(tmp_path / "weights.json") == weights


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"weights": 3}', '{"weights": {"magic": 1}}', '{"weights": {"dense": "much"}}',
     json.dumps({"weights": {"dense": math.inf}})],
)  # fmt: skip
def test_a_file_without_usable_weights_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(WeightsError):
        read_weights(path)
    with pytest.raises(WeightsError):
        read_weights(tmp_path / "missing.json")


def test_the_weights_of_the_package_are_usable_and_margin_free() -> None:
    weights = default_weights()
    assert set(weights.values) <= set(SIGNALS)
    assert not any("margin" in name or "profit" in name for name in SIGNALS)
    assert weights.origin
