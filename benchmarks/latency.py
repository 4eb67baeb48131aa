"""How long a search takes, by mode and size of the shop; ratios are of one and the same run."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.shops import Shop
from retriever.search import MODES

WARM_UP = 10


def measure(shop: Shop, queries: Sequence[str]) -> dict[str, Any]:
    """p50 and p95 in milliseconds by mode, one query at a time, after a warm-up; modes take turns."""
    spent: dict[str, list[float]] = {mode: [] for mode in MODES}
    for query in queries[:WARM_UP]:
        for mode in MODES:
            shop.searcher.search(query, mode=mode)
    # Turn by turn, so that a busy moment of the machine hits every mode alike.
    for query in queries:
        for mode in MODES:
            started = perf_counter()
            shop.searcher.search(query, mode=mode)
            spent[mode].append((perf_counter() - started) * 1000)
    return {
        "products": shop.products,
        "queries": len(queries),
        "modes": {
            mode: {"p50_ms": float(np.percentile(times, 50)), "p95_ms": float(np.percentile(times, 95))}
            for mode, times in spent.items()
        },
    }


def lines(results: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The results as one table: a row a mode and size, its ratio to bm25 there and to the first size."""
    first = results[0]["modes"]
    rows: list[list[str]] = []
    for result in results:
        for mode, row in result["modes"].items():
            to_bm25 = row["p50_ms"] / result["modes"]["bm25"]["p50_ms"]
            to_first = row["p50_ms"] / first[mode]["p50_ms"]
            rows.append(
                [
                    f"{result['products']:,}",
                    mode,
                    f"{row['p50_ms']:.1f}",
                    f"{row['p95_ms']:.1f}",
                    f"{to_bm25:.2f}",
                    f"{to_first:.2f}",
                ]
            )
    smallest = f"{results[0]['products']:,}"
    return ["products", "mode", "p50 ms", "p95 ms", "p50 / bm25", f"p50 / {smallest} products"], rows
