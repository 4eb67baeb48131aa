"""nDCG@10 of every search mode on the ESCI judgments, with bootstrap intervals over the queries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.shops import Shop
from eval.retrieval.metrics import Scores, evaluate
from eval.significance import paired_difference
from retriever.judgments import Judgments, read_judgments
from retriever.search import MODES
from retriever.understanding.negation import is_negated

JUDGMENTS = "esci_us_judgments.json"
DEPTH = 100


def measure(shop: Shop, data: Path) -> dict[str, Any]:
    """Scores by mode, each beside bm25 on the same queries."""
    judgments = read_judgments(data / JUDGMENTS)
    negated = {query: gains for query, gains in judgments.items() if is_negated(query)}
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
        [mode, row["ndcg@10"]["text"], row["vs_bm25"]["text"], row["recall@50"]["text"], row["mrr"]["text"]]
        for mode, row in result["modes"].items()
    ]
    for mode, row in result["negated"]["modes"].items():
        name = f"{mode}, {result['negated']['queries']} negated queries"
        rows.append([name, row["ndcg@10"]["text"], "", row["recall@50"]["text"], row["mrr"]["text"]])
    return ["mode", "nDCG@10 [95 %]", "minus bm25 (paired)", "recall@50", "MRR"], rows


def _scores(shop: Shop, judgments: Judgments, mode: str) -> Scores:
    return evaluate(
        lambda query: [hit.id for hit in shop.searcher.search(query, k=DEPTH, mode=mode).results], judgments
    )


def _of(scores: Scores, judgments: Judgments, wanted: Judgments) -> Scores:
    """The scores of some of the queries."""
    return scores.of([place for place, query in enumerate(judgments) if query in wanted])


def _row(scores: Scores, baseline: Scores | None = None) -> dict[str, Any]:
    intervals = scores.summary()
    if baseline is not None:
        intervals["vs_bm25"] = paired_difference(scores.ndcg, baseline.ndcg)
    return {
        name: {"mean": value.mean, "low": value.low, "high": value.high, "text": value.text()}
        for name, value in intervals.items()
    }
