"""How long a search takes: by stage, mode and size of the shop, alone and two at a time, beside plain engines.

Ratios are of one and the same run. Other work on the machine makes every figure worse,
so the load is told with it; ratios suffer less.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

import numpy as np
import psutil

from benchmarks.reranker import untrained
from benchmarks.shops import Shop
from retriever.feeds.feed import Progress, silent
from retriever.filters import Filters
from retriever.search import Searcher

WARM_UP = 10
THREADS = (1, 2)
AT_A_TIME = 40  # queries whose throughput is measured
PERCENTILES = (50, 95, 99)
CHEAP = Decimal(20)  # dollars
PLAIN = "full, no cross-encoder"
HEADINGS = [
    "products",
    "what",
    *(f"p{p} ms" for p in PERCENTILES),
    "p95 cpu ms",
    "p50 / Chroma",
    "p50 / bm25s",
    "a second, 1 thread",
    "2 threads",
]

Ask = Callable[[str], Any]


def measure(shop: Shop, queries: Sequence[str], references: bool = True, progress: Progress = silent) -> dict[str, Any]:
    """Milliseconds by kind of search and by stage of it, one query at a time after a warm-up, and searches a second.

    A shop without a cross-encoder of its own is searched with one that has learned nothing: it costs the same.

    Args:
        shop: to search.
        queries: one after the other; all kinds of search take turns, so that a busy moment hits all alike.
        references: whether plain Chroma and bm25s answer the same queries.
        progress: hears of the queries that were asked, and of the kinds of search whose throughput is known.
    """
    before, process = psutil.getloadavg()[0], psutil.Process()

    def tell(what: str) -> None:
        progress(f"{what}, {shop.products:,} products", 0, 0)

    opened = _open_up(shop, queries[0], tell)
    searches = _searches(shop)
    tell("warming up")
    for query in queries[:WARM_UP]:
        for ask in searches.values():
            ask(query)
    memory = process.memory_info().rss / 1e6
    plain = shop.references(tell) if references else {}
    timed = _Timed(searches | plain)
    for number, query in enumerate(queries, 1):
        timed.ask(query)
        progress(f"asking, {shop.products:,} products", number, len(queries))
    rates: dict[str, dict[str, float]] = {}
    for name, ask in searches.items():
        rates[name] = {str(n): throughput(ask, queries[:AT_A_TIME], n) for n in THREADS}
        progress(f"throughput, {shop.products:,} products", len(rates), len(searches))
    return {
        "products": shop.products,
        "queries": len(queries),
        "load": [before, psutil.getloadavg()[0]],
        "memory_mb": memory,
        "searches": {
            name: {
                **timed.percentiles(name),
                "stages": timed.stages(name),
                "a_second": rates[name],
            }
            for name in searches
        },
        "references": {name: timed.percentiles(name) for name in plain},
        "built": {**shop.built, **opened},
    }


def _open_up(shop: Shop, query: str, tell: Callable[[str], None]) -> dict[str, float]:
    """Have all read that searches would wait for, as the web app does; seconds by part, and processor time of them."""
    parts: dict[str, Callable[[], object]] = {
        "the first search": lambda: shop.searcher.search(query),
        "columns for conditions": shop.catalogue.prepare,
        "phrases for suggestions": lambda: shop.store.suggester.prepare(wait=True),
        "all else that is read ahead": shop.store.warm_up,
        "synonyms, if they have to be learned": _learned,
    }
    spent: dict[str, float] = {}
    for name, read in parts.items():
        tell(f"reading: {name}")
        started, processor = perf_counter(), process_time()
        read()
        spent[name] = perf_counter() - started
        spent[f"{name}, processor"] = process_time() - processor
    gc.collect()
    gc.freeze()
    return spent


def _learned() -> None:
    for thread in threading.enumerate():
        if thread.name == "learning":  # once after an import
            thread.join()


def _searches(shop: Shop) -> dict[str, Ask]:
    """The modes, and the fullest one with conditions."""
    full, plain = _reranked(shop), shop.searcher.with_reranker(None)
    brand, category = next(iter(shop.catalogue.brands()), None), next(iter(shop.catalogue.categories()), None)
    conditions = {
        f"price at most {CHEAP}": Filters(price_max=CHEAP),
        "the commonest brand": Filters(brand=brand.name if brand else None),
        "the commonest category": Filters(category=category.name if category else None),
        "in stock": Filters(in_stock=True),
        f"in stock, at most {CHEAP}": Filters(price_max=CHEAP, in_stock=True),
    }
    return {
        **{mode: _by(full, mode) for mode in ("bm25", "dense", "hybrid")},
        PLAIN: _by(plain, "full"),
        **{f"{PLAIN}, {said}": _by(plain, "full", filters) for said, filters in conditions.items()},
        "full": _by(full, "full"),
        f"full, price at most {CHEAP}": _by(full, "full", conditions[f"price at most {CHEAP}"]),
    }


def _reranked(shop: Shop) -> Searcher:
    own = shop.searcher.ordering.reranker
    return shop.searcher if own is not None else shop.searcher.with_reranker(untrained(shop.home / "untrained"))


def _by(searcher: Searcher, mode: str, filters: Filters | None = None) -> Ask:
    return lambda query: searcher.search(query, mode=mode, filters=filters or Filters())


class _Timed:
    """How long each way to ask took, by the clock, in processor time of the whole process, and by stage."""

    def __init__(self, asked: dict[str, Ask]) -> None:
        self._asked = asked
        self._clock: dict[str, list[float]] = {name: [] for name in asked}
        self._processor: dict[str, list[float]] = {name: [] for name in asked}
        self._stages: dict[str, dict[str, list[float]]] = {name: {} for name in asked}

    def ask(self, query: str) -> None:
        """One query, every way."""
        for name, ask in self._asked.items():
            started, spent = perf_counter(), process_time()
            answer = ask(query)
            self._clock[name].append((perf_counter() - started) * 1000)
            self._processor[name].append((process_time() - spent) * 1000)
            for stage, milliseconds in getattr(answer, "timing", {}).items():
                self._stages[name].setdefault(stage, []).append(milliseconds)

    def percentiles(self, name: str) -> dict[str, float]:
        """Of one way to ask."""
        cpu = _percentiles(self._processor[name])
        return _percentiles(self._clock[name]) | {f"cpu_{percent}": value for percent, value in cpu.items()}

    def stages(self, name: str) -> dict[str, dict[str, float]]:
        """The same of each of its stages."""
        return {stage: _percentiles(times) for stage, times in self._stages[name].items()}


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
    """The results as one table: a row a kind of search, a stage of it or a reference, and size."""
    rows: list[list[str]] = []
    for result in results:
        products, references = f"{result['products']:,}", result["references"]
        for name, row in result["searches"].items():
            each = [f"{row['a_second'][str(n)]:.1f}" for n in THREADS]
            rows.append([products, name, *_shown(row), f"{row['cpu_p95_ms']:.1f}", *_ratios(row, references), *each])
            rows += [
                [products, f"  {name}: {stage.removesuffix('_ms')}", *_shown(found), *[""] * 5]
                for stage, found in row["stages"].items()
                if stage != "total_ms"
            ]
        for name, row in references.items():
            rows.append([products, name, *_shown(row), f"{row['cpu_p95_ms']:.1f}", *_ratios(row, references), "", ""])
    return HEADINGS, rows


def build_lines(results: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """What making, changing and opening each shop cost, and the memory of the process that searches it."""
    rows = [
        [f"{result['products']:,}", what, f"{seconds:,.2f}"]
        for result in results
        for what, seconds in (*result["built"].items(), ("memory of the process (MB)", result["memory_mb"]))
    ]
    return ["products", "what", "seconds, or MB"], rows


def _ratios(row: dict[str, float], references: dict[str, dict[str, float]]) -> list[str]:
    plain = [references.get(name) for name in ("plain Chroma", "bm25s")]
    return [f"{row['p50_ms'] / found['p50_ms']:.2f}" if found else "" for found in plain]


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}_ms": float(np.percentile(times, percent)) for percent in PERCENTILES}


def _shown(row: dict[str, float]) -> list[str]:
    return [f"{row[f'p{percent}_ms']:.1f}" for percent in PERCENTILES]
