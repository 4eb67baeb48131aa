"""The metrics by hand, against ir-measures, and their invariants."""

from __future__ import annotations

import math
import random

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, Judged, Qrel, R, ScoredDoc, nDCG

from eval.retrieval.metrics import METRICS, evaluate, judged, ndcg, recall, reciprocal_rank

GAINS = {"exact": 1.0, "substitute": 0.1, "complement": 0.01, "irrelevant": 0.0}


def test_ndcg_by_hand() -> None:
    assert ndcg(["exact", "substitute", "complement"], GAINS) == pytest.approx(1.0)
    dcg = 0.1 + 1 / math.log2(3)
    ideal = 1 + 0.1 / math.log2(3) + 0.01 / 2
    assert ndcg(["substitute", "exact"], GAINS) == pytest.approx(dcg / ideal)
    assert ndcg(["never judged"], GAINS) == 0.0
    assert ndcg(["a"], {"a": 0.0}) == 0.0


def test_what_comes_after_the_cut_does_not_count() -> None:
    late = [f"unjudged {i}" for i in range(10)] + ["exact"]
    assert ndcg(late, GAINS) == 0.0
    assert reciprocal_rank(late, GAINS, k=10) == 0.0
    assert reciprocal_rank(late, GAINS) == pytest.approx(1 / 11)
    assert recall(late, GAINS) == 1.0
    assert judged(late, GAINS) == 0.0


def test_only_exact_products_are_answers_where_a_metric_knows_yes_and_no() -> None:
    assert reciprocal_rank(["substitute", "exact"], GAINS) == 0.5
    assert recall(["substitute"], GAINS) == 0.0
    assert recall(["exact"], {"irrelevant": 0.0}) == 0.0


def test_judged_counts_what_was_looked_at_whatever_its_gain() -> None:
    assert judged(["irrelevant", "new", "exact", "other"], GAINS) == 0.5
    assert judged([], GAINS) == 0.0


def test_relevant_is_what_was_judged_best_where_nothing_is_exact() -> None:
    found = evaluate(lambda query: ["good", "bad"], {"mug": {"good": 0.5, "bad": 0.25}})
    assert found.values["mrr"] == (1.0,)
    assert found.values["recall@50"] == (1.0,)


def test_scores_of_some_queries_keep_their_order() -> None:
    judgments = {"one": {"a": 1.0}, "two": {"b": 1.0}, "three": {"c": 1.0}}
    found = evaluate(lambda query: ["x", "c", "a"], judgments)
    assert tuple(found.values) == METRICS
    assert found.of([2, 0]).values["mrr"] == (0.5, pytest.approx(1 / 3))


def test_agrees_with_ir_measures() -> None:
    rng = random.Random(4)
    judgments: dict[str, dict[str, float]] = {}
    runs: dict[str, list[str]] = {}
    for query in (f"q{i}" for i in range(40)):
        pool = [f"d{i}" for i in range(60)]
        judgments[query] = {id: rng.choice([1.0, 0.1, 0.01, 0.0]) for id in rng.sample(pool, 30)}
        runs[query] = rng.sample(pool, rng.choice([5, 55]))
    ours = evaluate(lambda query: runs[query], judgments)
    qrels = [Qrel(q, id, round(gain * 100)) for q, gains in judgments.items() for id, gain in gains.items()]
    run = [ScoredDoc(q, id, -place) for q, ids in runs.items() for place, id in enumerate(ids)]
    exact = 100
    measures = [nDCG @ 10, R(rel=exact) @ 50, RR(rel=exact), Judged @ 10]
    theirs = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc(measures, qrels, run)}
    names = dict(zip(METRICS, ("nDCG@10", "R(rel=100)@50", "RR(rel=100)", "Judged@10"), strict=True))
    for i, query in enumerate(judgments):
        for ours_called, theirs_called in names.items():
            assert ours.values[ours_called][i] == pytest.approx(theirs[query, theirs_called]), ours_called


@given(st.lists(st.sampled_from([*GAINS, "other"]), unique=True))
def test_no_order_beats_the_ideal_one(ranking: list[str]) -> None:
    assert 0 <= ndcg(ranking, GAINS) <= ndcg(list(GAINS), GAINS) + 1e-12
