"""The metrics by hand, against ir-measures, and their invariants."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

from eval.retrieval import (
    bootstrap,
    evaluate,
    ndcg,
    paired_difference,
    read_esci_judgments,
    recall,
    reciprocal_rank,
)

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
    assert reciprocal_rank(late, GAINS) == 0.0
    assert recall(late, GAINS) == 1.0


def test_only_exact_products_are_answers_where_a_metric_knows_yes_and_no() -> None:
    assert reciprocal_rank(["substitute", "exact"], GAINS) == 0.5
    assert recall(["substitute"], GAINS) == 0.0
    assert recall(["exact"], {"irrelevant": 0.0}) == 0.0


def test_agrees_with_ir_measures() -> None:
    rng = random.Random(4)
    judgments: dict[str, dict[str, float]] = {}
    runs: dict[str, list[str]] = {}
    for query in (f"q{i}" for i in range(40)):
        pool = [f"d{i}" for i in range(60)]
        judgments[query] = {id: rng.choice([1.0, 0.1, 0.01, 0.0]) for id in rng.sample(pool, 30)}
        runs[query] = rng.sample(pool, 50)
    ours = evaluate(lambda query: runs[query], judgments)
    qrels = [Qrel(q, id, round(gain * 100)) for q, gains in judgments.items() for id, gain in gains.items()]
    run = [ScoredDoc(q, id, -place) for q, ids in runs.items() for place, id in enumerate(ids)]
    exact = 100
    measures = [nDCG @ 10, R(rel=exact) @ 100, RR(rel=exact) @ 10]
    theirs = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc(measures, qrels, run)}
    for i, query in enumerate(judgments):
        assert ours.ndcg[i] == pytest.approx(theirs[query, "nDCG@10"])
        assert ours.recall[i] == pytest.approx(theirs[query, "R(rel=100)@100"])
        assert ours.reciprocal_rank[i] == pytest.approx(theirs[query, "RR(rel=100)@10"])


@given(st.lists(st.sampled_from([*GAINS, "other"]), unique=True))
def test_no_order_beats_the_ideal_one(ranking: list[str]) -> None:
    assert 0 <= ndcg(ranking, GAINS) <= ndcg(list(GAINS), GAINS) + 1e-12


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    interval = bootstrap(values, resamples=300)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9
    assert bootstrap(values, resamples=300) == interval


def test_the_interval_narrows_with_more_queries() -> None:
    rng = random.Random(0)
    few, many = ([rng.random() for _ in range(n)] for n in (20, 2000))
    assert bootstrap(many).high - bootstrap(many).low < (bootstrap(few).high - bootstrap(few).low) / 5


def test_a_steady_small_gain_shows_in_pairs_though_the_intervals_overlap() -> None:
    rng = random.Random(1)
    base = [rng.random() * 0.9 for _ in range(150)]
    better = [value + 0.02 for value in base]
    assert bootstrap(base).high > bootstrap(better).low
    assert paired_difference(better, base).low > 0.019


def test_nothing_to_resample_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        bootstrap([])


def test_esci_ratings_become_gains(tmp_path: Path) -> None:
    ratings = [{"docId": "A", "rating": "100.000"}, {"docId": "B", "rating": "10.000"}, {"docId": "C", "rating": "0"}]
    path = tmp_path / "judgments.json"
    path.write_text(json.dumps({"judgmentRatings": [{"query": "towel", "ratings": ratings}]}))
    assert read_esci_judgments(path) == {"towel": {"A": 1.0, "B": 0.1, "C": 0.0}}
