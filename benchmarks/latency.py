"""How long a search takes: by stage, mode and size of the shop, alone and two at a time, beside plain engines.

Ratios are of one and the same run. Other work on the machine makes every figure worse,
so the load is told with it; ratios suffer less.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import psutil

from benchmarks.shops import Shop
from retriever.search import MODES

WARM_UP = 10
THREADS = (1, 2)
PERCENTILES = (50, 95, 99)
HEADINGS = ["products", "what", *(f"p{p} ms" for p in PERCENTILES), "p50 / bm25", "searches/s, 1 thread", "2 threads"]


def measure(shop: Shop, queries: Sequence[str], references: bool = True) -> dict[str, Any]:
    """Milliseconds by mode and by stage of it, one query at a time after a warm-up, and searches a second.

    Args:
        shop: to search.
        queries: one after the other; modes and references take turns, so that a busy moment hits all alike.
        references: whether plain Chroma and bm25s answer the same queries.
    """
    before = psutil.getloadavg()[0]
    plain = shop.references() if references else {}
    asked: dict[str, Callable[[str], Any]] = {mode: _by(shop, mode) for mode in MODES} | plain
    for query in queries[:WARM_UP]:
        for ask in asked.values():
            ask(query)
    spent: dict[str, list[float]] = {name: [] for name in asked}
    stages: dict[str, dict[str, list[float]]] = {mode: {} for mode in MODES}
    for query in queries:
        for name, ask in asked.items():
            started = perf_counter()
            answer = ask(query)
            spent[name].append((perf_counter() - started) * 1000)
            if name in stages:
                for stage, milliseconds in answer.timing.items():
                    stages[name].setdefault(stage, []).append(milliseconds)
    return {
        "products": shop.products,
        "queries": len(queries),
        "load": [before, psutil.getloadavg()[0]],
        "memory_mb": psutil.Process().memory_info().rss / 1e6,
        "modes": {
            mode: {
                **_percentiles(spent[mode]),
                "stages": {stage: _percentiles(times) for stage, times in stages[mode].items()},
                "a_second": {str(n): throughput(asked[mode], queries, n) for n in THREADS},
            }
            for mode in MODES
        },
        "references": {name: _percentiles(spent[name]) for name in plain},
        "built": shop.built,
    }


def throughput(ask: Callable[[str], Any], queries: Sequence[str], threads: int) -> float:
    """Searches a second with so many threads, which share the queries."""
    shares = [queries[at::threads] for at in range(threads)]
    ready = threading.Barrier(threads + 1)

    def work(share: Sequence[str]) -> None:
        ready.wait()
        for query in share:
            ask(query)

    workers = [threading.Thread(target=work, args=(share,)) for share in shares]
    for worker in workers:
        worker.start()
    ready.wait()
    started = perf_counter()
    for worker in workers:
        worker.join()
    return len(queries) / (perf_counter() - started)


def lines(results: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The results as one table: a row a mode, a stage of it or a reference, and size."""
    rows: list[list[str]] = []
    for result in results:
        products, least = f"{result['products']:,}", result["modes"]["bm25"]["p50_ms"]
        for mode, row in result["modes"].items():
            each = [f"{row['a_second'][str(n)]:.1f}" for n in THREADS]
            rows.append([products, mode, *_shown(row), f"{row['p50_ms'] / least:.2f}", *each])
            rows += [
                [products, f"  {mode}: {stage.removesuffix('_ms')}", *_shown(found), "", "", ""]
                for stage, found in row["stages"].items()
                if stage != "total_ms"
            ]
        for name, row in result["references"].items():
            rows.append([products, name, *_shown(row), f"{row['p50_ms'] / least:.2f}", "", ""])
    return HEADINGS, rows


def build_lines(results: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """What making and changing each shop cost, and the memory of the process that searches it."""
    rows = [
        [f"{result['products']:,}", what, f"{seconds:,.2f}"]
        for result in results
        for what, seconds in (*result["built"].items(), ("memory of the process (MB)", result["memory_mb"]))
    ]
    return ["products", "what", "seconds, or MB"], rows


def _by(shop: Shop, mode: str) -> Callable[[str], Any]:
    return lambda query: shop.searcher.search(query, mode=mode)


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}_ms": float(np.percentile(times, percent)) for percent in PERCENTILES}


def _shown(row: dict[str, float]) -> list[str]:
    return [f"{row[f'p{percent}_ms']:.1f}" for percent in PERCENTILES]
