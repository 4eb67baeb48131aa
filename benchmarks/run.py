"""``python -m benchmarks [--data DIR] [--only retrieval,latency,model,choices] [--sizes 6764,100000]``.

Prints tables and writes one JSON file a benchmark under ``benchmarks/results``. What
lacks its data or its model server is skipped by name.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from assistant.model.client import Endpoint, served_names
from assistant.model.serve import ModelServer
from assistant.settings import Settings
from benchmarks import choices, latency, model_speed, retrieval, shops
from retriever.errors import ShopwiseError
from retriever.judgments import read_judgments

BENCHMARKS = ("retrieval", "latency", "model")
ON_REQUEST = ("choices",)
RESULTS = Path(__file__).parent / "results"
ESCI = 6_764  # products of the real shop; larger ones are synthetic
SIZES = (ESCI, 100_000, 1_000_000)


class Bench:
    """The benchmarks of one call."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self._data: Path | None = arguments.data
        self._model_url: str = arguments.model_url
        self._sizes: list[int] = arguments.sizes
        self._homes: Path | None = arguments.homes
        self._references: bool = arguments.references
        self._wanted: set[str] = set(arguments.only.split(","))
        self._console = console

    def run(self) -> None:
        """Every wanted benchmark, the quick ones first."""
        if "model" in self._wanted:
            self._model()
        if on_esci := self._wanted - {"model"}:
            if self._data is None or not (self._data / retrieval.JUDGMENTS).is_file():
                for name in sorted(on_esci):
                    self._skip(name, f"--data DIR has to hold the ESCI products and {retrieval.JUDGMENTS}")
                return
            self._search(self._data)

    def _search(self, data: Path) -> None:
        queries = list(read_judgments(data / retrieval.JUDGMENTS))
        with self._home("esci") as home, shops.esci_shop(data, home, self._progress) as shop:
            if "retrieval" in self._wanted:
                found = retrieval.measure(shop, data)
                title = f"Search quality: {found['queries']} judged queries, {found['products']:,} ESCI products"
                self._show(title, *retrieval.lines(found))
                self._keep("retrieval", found)
            if "choices" in self._wanted:
                found = choices.measure(shop, data)
                self._show("The choices behind search", *choices.lines(found))
                self._keep("choices", found)
            timed = [self._timed(shop, queries)] if "latency" in self._wanted and min(self._sizes) <= ESCI else []
        if "latency" not in self._wanted:
            return
        for size in (size for size in self._sizes if size > ESCI):
            with (
                self._home(f"enlarged-{size}") as home,
                shops.enlarged_shop(data, home, size, self._progress) as shop,
            ):
                timed.append(self._timed(shop, queries))
        self._keep("latency", {"sizes": timed})

    def _timed(self, shop: shops.Shop, queries: Sequence[str]) -> dict[str, Any]:
        found = latency.measure(shop, queries, self._references, self._progress)
        made = "" if found["products"] <= ESCI else "; made of the ESCI products with changed words, prices and vectors"
        self._show(f"Search latency at {found['products']:,} products{made}", *latency.lines([found]))
        self._show("Making and changing the shop", *latency.build_lines([found]))
        return found

    @contextmanager
    def _home(self, name: str) -> Generator[Path]:
        """Where a shop is made: kept where the caller said so, else for as long as it is measured."""
        if self._homes is not None:
            yield self._homes / name
            return
        with tempfile.TemporaryDirectory(prefix="shopwise-bench-") as work:
            yield Path(work) / name

    def _model(self) -> None:
        try:
            if self._model_url:
                found = model_speed.measure(Endpoint(self._model_url, served_names(self._model_url)[0]))
            else:
                with ModelServer(Settings()) as server:
                    found = model_speed.measure(server.endpoint)
        except ShopwiseError as error:
            self._skip("model", f"{error.message} {error.hint}")
            return
        title = f"Our client beside a bare one on the same server: {found['model']}, {found['answer_tokens']} tokens"
        self._show(title, *model_speed.lines(found))
        self._keep("model", found)

    def _progress(self, stage: str, done: int, total: int) -> None:
        if done == total or done % (5_000 if total > 5_000 else 25) == 0:
            self._console.print(f"[dim]{stage} {done:,} of {total:,}[/dim]" if total else f"[dim]{stage}[/dim]")

    def _skip(self, name: str, why: str) -> None:
        self._console.print(f"[yellow]skipped: {name}[/yellow] ({why.strip()})")

    def _show(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(title=title, title_justify="left")
        for place, heading in enumerate(headings):
            table.add_column(heading, justify="left" if place == 0 else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self._console.print(table)

    def _keep(self, name: str, found: dict[str, Any]) -> None:
        machine = {
            "processor": platform.processor() or platform.machine(),
            "cores": psutil.cpu_count(),
            "load_before": psutil.getloadavg()[0],
        }
        RESULTS.mkdir(exist_ok=True)
        document = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, **found}
        (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _sizes(listed: str) -> list[int]:
    sizes = [int(size) for size in listed.split(",")]
    if min(sizes) < 1:
        raise ValueError("a shop has at least one product")
    return sizes


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0 done (skipped benchmarks are named), 2 bad arguments."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the ESCI products and judgments")
    parser.add_argument(
        "--only",
        default=",".join(BENCHMARKS),
        help=f"some of {','.join((*BENCHMARKS, *ON_REQUEST))}; default: all but the last",
    )
    parser.add_argument("--model-url", default="", help="an OpenAI-compatible server; default: start our own")
    parser.add_argument(
        "--sizes",
        type=_sizes,
        default=list(SIZES),
        help=f"products of the shops whose latency is measured; default: {','.join(map(str, SIZES))}; the largest of "
        "them takes hours to fill",
    )
    parser.add_argument("--homes", type=Path, help="keep the shops in this folder, and use what is there")
    parser.add_argument("--no-references", dest="references", action="store_false", help="without Chroma and bm25s")
    arguments = parser.parse_args(words)
    if unknown := set(arguments.only.split(",")) - {*BENCHMARKS, *ON_REQUEST}:
        known = ", ".join((*BENCHMARKS, *ON_REQUEST))
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {known}")
    Bench(arguments, Console(width=180)).run()
    return 0
