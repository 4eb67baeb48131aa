"""The choices behind search, each against its alternatives: what is embedded, how far, and how lists are fused.

Not part of a plain run: it encodes the catalogue once for every alternative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.shops import Shop
from eval.retrieval.metrics import Scores, evaluate
from eval.significance import paired_difference
from ranker.blend import Scored, ranked, reciprocal_rank_fusion
from ranker.encoder import Encoder, SentenceEncoder, Vectors
from retriever.judgments import Judgments, read_judgments
from retriever.lexical import LexicalIndex
from retriever.product import Stamped
from retriever.vectors import embedding_text

JUDGMENTS = "esci_us_judgments.json"
DEPTH = 100
NONSENSE = (
    "asdfgh qwerty zxcv",
    "flux capacitor",
    "quantum chromodynamics",
    "what is the capital of france",
    "live elephant",
    "mortgage loan",
    "plane ticket to paris",
    "xyzzy",
    "无线耳机",
)
"""None of these is in the ESCI shop (the last one is: but the encoder cannot read it)."""

Rankings = Mapping[str, Sequence[Scored]]
Row = tuple[str, Scores, str]


def measure(shop: Shop, data: Path) -> dict[str, Any]:
    """Every alternative's scores; differences are paired with what the shop uses."""
    judgments = read_judgments(data / JUDGMENTS)
    everything = shop.catalogue.stamped(list(shop.catalogue.sort_keys(None)))
    lexical = words(shop.lexical, judgments)
    encoder = SentenceEncoder()
    near, vectors = dense(encoder, everything, judgments, embedding_text)
    used = scores(judgments, fused(lexical, near))
    rows = [
        ("bm25", scores(judgments, lexical), ""),
        ("dense", scores(judgments, near), ""),
        ("hybrid as used", used, ""),
        *fusions(judgments, lexical, near),
        *floors(judgments, encoder, everything, vectors),
        *texts(judgments, lexical, everything),
    ]
    return {
        "rows": [
            {
                "name": name,
                "ndcg@10": found.summary()["ndcg@10"].text(),
                "recall@50": found.summary()["recall@50"].text(),
                "vs_hybrid": paired_difference(found.ndcg, used.ndcg).text(),
                "note": note,
            }
            for name, found, note in rows
        ]
    }


def lines(result: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The result as a table."""
    keys = ["name", "ndcg@10", "recall@50", "vs_hybrid", "note"]
    return ["choice", "nDCG@10 [95 %]", "recall@50", "minus hybrid as used", ""], [
        [row[key] for key in keys] for row in result["rows"]
    ]


def words(lexical: LexicalIndex, judgments: Judgments) -> Rankings:
    """The full-text candidates of every query."""
    return {query: lexical.search(query, DEPTH) for query in judgments}


def dense(
    encoder: Encoder, goods: Sequence[Stamped], judgments: Judgments, text_of: Callable[[Stamped], str]
) -> tuple[Rankings, Vectors]:
    """The nearest products of every query by exact search, and the products' vectors."""
    vectors = encoder.encode([text_of(item) for item in goods])
    return nearest(encoder, goods, vectors, list(judgments), encoder.floor), vectors


def nearest(
    encoder: Encoder, goods: Sequence[Stamped], vectors: Vectors, queries: Sequence[str], floor: float
) -> Rankings:
    """Exact nearest products above a floor."""
    cosines = encoder.encode(queries) @ vectors.T
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :DEPTH]
    return {
        query: [Scored(goods[i].product.id, float(row[i])) for i in places if row[i] >= floor]
        for query, row, places in zip(queries, cosines, best, strict=True)
    }


def fused(lexical: Rankings, near: Rankings, **choice: Any) -> Rankings:
    """Both lists as hybrid fuses them, or by another choice."""
    return {query: reciprocal_rank_fusion([lexical[query], near[query]], **choice)[:DEPTH] for query in lexical}


def scores(judgments: Judgments, rankings: Rankings) -> Scores:
    """Rankings against judgments."""
    return evaluate(lambda query: [candidate.id for candidate in rankings[query]], judgments)


def fusions(judgments: Judgments, lexical: Rankings, near: Rankings) -> Iterator[Row]:
    """Other constants and weights, and fusing scores instead of ranks."""
    for k in (10, 20, 30, 100):
        yield f"RRF k={k}", scores(judgments, fused(lexical, near, k=k)), ""
    for share in (0.5, 1.5, 2.0):
        yield f"RRF dense weighs {share}", scores(judgments, fused(lexical, near, weights=[1, share])), ""
    for share in (0.4, 0.5, 0.6, 0.7):
        mixed = {query: _mixed(lexical[query], near[query], share) for query in judgments}
        yield f"min-max scores, bm25 share {share}", scores(judgments, mixed), ""


def floors(judgments: Judgments, encoder: Encoder, goods: Sequence[Stamped], vectors: Vectors) -> Iterator[Row]:
    """The dense leg under other floors, and how much of what is not sold each lets through."""
    for floor in (-1.0, 0.2, 0.25, 0.3, 0.35, 0.4):
        found = nearest(encoder, goods, vectors, list(judgments), floor)
        through = nearest(encoder, goods, vectors, NONSENSE, floor)
        let = sum(1 for candidates in through.values() if candidates)
        yield (
            f"dense alone, floor {floor}",
            scores(judgments, found),
            f"answers {let} of {len(NONSENSE)} nonsense queries",
        )


def texts(judgments: Judgments, lexical: Rankings, goods: Sequence[Stamped]) -> Iterator[Row]:
    """What else could be embedded, and with how many tokens."""
    alternatives: dict[str, tuple[int, Callable[[Stamped], str]]] = {
        "as used": (128, embedding_text),
        "title": (128, lambda item: item.product.title),
        "title, brand, all categories": (128, lambda item: _joined(item, 0)),
        "title, brand, all categories, 200 characters": (128, lambda item: _joined(item, 200)),
        "title, brand, all categories, 500 characters": (128, lambda item: _joined(item, 500)),
        "title, brand, all categories, 1,000 characters, 256 tokens": (256, lambda item: _joined(item, 1_000)),
    }
    for name, (tokens, text_of) in alternatives.items():
        encoder = SentenceEncoder(max_tokens=tokens)
        encoder.encode(["the model is loaded before the clock starts"])
        started = perf_counter()
        near, _ = dense(encoder, goods, judgments, text_of)
        note = f"{len(goods) / (perf_counter() - started):.0f} products/s"
        yield f"hybrid, embedded: {name}", scores(judgments, fused(lexical, near)), note


def _joined(item: Stamped, lead: int) -> str:
    product = item.product
    description = " ".join(product.description.split())[:lead]
    return ". ".join(
        part for part in (product.title, product.brand, ", ".join(product.categories), description) if part
    )


def _mixed(lexical: Sequence[Scored], near: Sequence[Scored], share: float) -> list[Scored]:
    totals: dict[str, float] = {}
    for candidates, weight in ((lexical, share), (near, 1 - share)):
        if not candidates:
            continue
        low, high = candidates[-1].score, candidates[0].score
        for candidate in candidates:
            scaled = (candidate.score - low) / ((high - low) or 1.0)
            totals[candidate.id] = totals.get(candidate.id, 0.0) + weight * scaled
    return ranked(totals)
