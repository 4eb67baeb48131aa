"""nDCG@10 of every search mode on the ESCI judgments, with bootstrap intervals over the queries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.shops import Shop
from eval.retrieval import Judgments, RetrievalScores, evaluate, paired_difference, read_esci_judgments
from retriever.search import MODES

JUDGMENTS = "esci_us_judgments.json"
DEPTH = 100
NEGATIONS = (" without ", " not ", " no ", "non ", "-free ")


def measure(shop: Shop, data: Path) -> dict[str, Any]:
    """Scores by mode, each beside bm25 on the same queries."""
    judgments = read_esci_judgments(data / JUDGMENTS)
    negated = {query: gains for query, gains in judgments.items() if any(word in f" {query} " for word in NEGATIONS)}
    scores = {mode: _scores(shop, judgments, mode) for mode in MODES}
    return {
        "products": shop.products,
        "queries": len(judgments),
        "modes": {mode: _row(found, scores["bm25"]) for mode, found in scores.items()},
        "negated": {
            "queries": len(negated),
            "modes": {mode: _row(_of(found, judgments, negated)) for mode, found in scores.items()} if negated else {},
        },
    }


def lines(result: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The result as a table: headings and rows."""
    rows = [
        [mode, row["ndcg@10"]["text"], row["vs_bm25"]["text"], row["recall@100"]["text"], row["rr@10"]["text"]]
        for mode, row in result["modes"].items()
    ]
    for mode, row in result["negated"]["modes"].items():
        name = f"{mode}, {result['negated']['queries']} negated queries"
        rows.append([name, row["ndcg@10"]["text"], "", row["recall@100"]["text"], row["rr@10"]["text"]])
    return ["mode", "nDCG@10 [95 %]", "minus bm25 (paired)", "recall@100", "RR@10"], rows


def _scores(shop: Shop, judgments: Judgments, mode: str) -> RetrievalScores:
    return evaluate(
        lambda query: [hit.id for hit in shop.searcher.search(query, k=DEPTH, mode=mode).results], judgments
    )


def _of(scores: RetrievalScores, judgments: Judgments, wanted: Judgments) -> RetrievalScores:
    """The scores of some of the queries."""
    places = [place for place, query in enumerate(judgments) if query in wanted]
    return RetrievalScores(
        ndcg=tuple(scores.ndcg[place] for place in places),
        recall=tuple(scores.recall[place] for place in places),
        reciprocal_rank=tuple(scores.reciprocal_rank[place] for place in places),
    )


def _row(scores: RetrievalScores, baseline: RetrievalScores | None = None) -> dict[str, Any]:
    intervals = scores.summary()
    if baseline is not None:
        intervals["vs_bm25"] = paired_difference(scores.ndcg, baseline.ndcg)
    return {
        name: {"mean": value.mean, "low": value.low, "high": value.high, "text": value.text()}
        for name, value in intervals.items()
    }
