"""What scoring candidates costs: PyTorch against ONNX Runtime in fp32 and int8, by length of text and size of batch.

    python -m benchmarks.reranker [--model FOLDER] [--threads 2] [--pairs 100]

Without a trained network the built-in encoder with a fresh head is timed: it costs the same.
Milliseconds are those of the wall and, beside them, of the processors: on a busy machine only the latter compare.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from rich.console import Console
from rich.table import Table

from ranker.cross.export import write_graph
from ranker.cross.network import Network, TorchCrossEncoder, new_network, read_network
from ranker.cross.recipe import Recipe
from ranker.cross.scoring import TOKENIZER, CrossEncoder, Pairs
from ranker.cross.serving import DESCRIPTION, GRAPH, Described, OnnxCrossEncoder
from ranker.fingerprint import file_digest
from ranker.tracing import quantise

PAIRS = 100
LENGTHS = (32, 64, 96)
BATCHES = (8, 16, 32, 64, 100)
ROUNDS = 5
BUDGET_MS = 80  # of a search of 120 ms
WORDS = "stainless steel water bottle with a wide mouth and a lid that keeps drinks cold for a day "


def measure(
    trained: Path | None = None,
    *,
    threads: int = 2,
    pairs: int = PAIRS,
    lengths: Sequence[int] = LENGTHS,
    batches: Sequence[int] = BATCHES,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Medians for each engine, length of a pair and size of a batch; the engines take turns."""
    import torch

    torch.set_num_threads(threads)
    network = read_network(trained) if trained else new_network(Recipe()).merged()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="shopwise-reranker-") as work:
        folder = Path(work)
        sizes = _graphs(network, folder)
        for length in lengths:
            for batch in batches:
                engines = _engines(network, folder, sizes, length, batch, threads)
                rows += _timed(engines, length, batch, pairs, rounds)
    return {"pairs": pairs, "threads": threads, "rounds": rounds, "megabytes": sizes, "rows": rows}


def untrained(folder: Path) -> OnnxCrossEncoder:
    """The built-in encoder with a fresh head in int8: what it says means nothing, what it costs is what any would.

    Args:
        folder: where it is kept; made at the first call.
    """
    served = folder / "int8"
    if not (served / DESCRIPTION).is_file():
        network = new_network(Recipe()).merged()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(served, ignore_errors=True)
        _graphs(network, folder, ("int8",))
        Described(network.pairs.max_tokens, "int8", file_digest(served / GRAPH)).write(served)
    return OnnxCrossEncoder(served)


def lines(result: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The result as a table: the best batch of each engine and length, and how many candidates fit the budget."""
    table: list[list[str]] = []
    for length in sorted({row["tokens"] for row in result["rows"]}):
        for engine in dict.fromkeys(row["engine"] for row in result["rows"]):
            of = [row for row in result["rows"] if (row["engine"], row["tokens"]) == (engine, length)]
            best = min(of, key=lambda row: row["processor_ms"])
            fits = int(BUDGET_MS / (best["wall_ms"] / result["pairs"]))
            table.append(
                [
                    engine,
                    str(length),
                    str(best["batch"]),
                    f"{best['wall_ms']:.0f}",
                    f"{best['processor_ms']:.0f}",
                    str(fits),
                ]
            )
    head = ["engine", "tokens", "best batch", f"ms for {result['pairs']}", "processor ms", f"fit {BUDGET_MS} ms"]
    return head, table


def _graphs(network: Network, folder: Path, precisions: Sequence[str] = ("fp32", "int8")) -> dict[str, float]:
    """Writes a graph a precision, each in its folder; their sizes in megabytes."""
    write_graph(network, folder / "fp32.onnx")
    quantise(folder / "fp32.onnx", folder / "int8.onnx", words=True)
    sizes: dict[str, float] = {}
    for precision in precisions:
        served = folder / precision
        served.mkdir()
        (folder / f"{precision}.onnx").rename(served / GRAPH)
        network.pairs.tokenizer.save(str(served / TOKENIZER))
        sizes[precision] = round((served / GRAPH).stat().st_size / 1e6, 1)
    return sizes


def _engines(
    network: Network, folder: Path, sizes: dict[str, float], length: int, batch: int, threads: int
) -> dict[str, CrossEncoder]:
    cut = Network(network.encoder, network.head, network.pooling, Pairs(network.pairs.tokenizer, length))
    engines: dict[str, CrossEncoder] = {"torch fp32": TorchCrossEncoder(cut, "torch", batch)}
    for precision in sizes:
        served = folder / precision
        Described(length, precision, file_digest(served / GRAPH)).write(served)
        engines[f"onnx {precision}"] = OnnxCrossEncoder(served, threads=threads, batch=batch)
    return engines


def _timed(engines: dict[str, CrossEncoder], length: int, batch: int, pairs: int, rounds: int) -> list[dict[str, Any]]:
    texts = [f"{number} {WORDS * 12}" for number in range(pairs)]
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
    for turn in range(-1, rounds):
        for name, engine in engines.items():
            wall, processor = perf_counter(), process_time()
            engine.score("cold water bottle", texts)
            if turn >= 0:  # the first one loads and warms up
                spent[name].append((perf_counter() - wall, process_time() - processor))
    return [
        {
            "engine": name,
            "tokens": length,
            "batch": batch,
            "wall_ms": round(1000 * median(wall for wall, _ in times), 2),
            "processor_ms": round(1000 * median(processor for _, processor in times), 2),
        }
        for name, times in spent.items()
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="folder of a trained network (RUN/torch)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--lengths", default=",".join(map(str, LENGTHS)))
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    arguments = parser.parse_args()
    result = measure(
        arguments.model,
        threads=arguments.threads,
        pairs=arguments.pairs,
        lengths=[int(each) for each in arguments.lengths.split(",")],
        batches=[int(each) for each in arguments.batches.split(",")],
        rounds=arguments.rounds,
    )
    head, rows = lines(result)
    table = Table(*head, title=f"{result['threads']} threads; {result['megabytes']} MB")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
