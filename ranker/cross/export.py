"""From a trained network to the graph that is served: traced, quantised, compared, and only then used.

1. the graph in fp32   2. int8 graphs, the smallest first   3. nDCG of each on the held-out groups
4. the first that loses no more than it may   5. its folder, whole or not at all
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ranker.cross.judging import Judgement, Say, judge, silent
from ranker.cross.network import Network, read_network
from ranker.cross.scoring import TOKENIZER, Pairs
from ranker.cross.serving import GRAPH, Described, OnnxCrossEncoder
from ranker.fingerprint import file_digest
from ranker.groups import Group
from ranker.tracing import INPUTS, quantise, trace

Precision = Literal["int8", "int8, fp32 words", "fp32"]
LOSS_ALLOWED = 0.005  # of nDCG@10, by which int8 may be worse than fp32


@dataclass(frozen=True, slots=True)
class Tried:
    """A graph that was tried: its size and its nDCG on the held-out groups."""

    precision: Precision
    megabytes: float
    ndcg: float


@dataclass(frozen=True, slots=True)
class Exported:
    """The folder to serve from, the graphs that were tried and which of them it holds."""

    folder: Path
    chosen: Tried
    tried: tuple[Tried, ...]
    judgement: Judgement


def export(
    trained: Path, folder: Path, held_out: Sequence[Group], *, allowed: float = LOSS_ALLOWED, say: Say = silent
) -> Exported:
    """Write the folder that serves a trained network.

    Args:
        trained: folder of the network.
        folder: to write; what it held is replaced once the new graph is ready.
        held_out: to compare by.
        allowed: nDCG that a smaller graph may lose against fp32.
        say: hears (what, done, total).

    Raises:
        RankerMissingError: if the network cannot be loaded.
    """
    network = read_network(trained)
    work = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    say("exporting", 0, 0)
    write_graph(network, work / "fp32.onnx")
    plain, judged = _try(work, "fp32", network.pairs, held_out, say)
    tried, chosen = [plain], plain
    for precision in ("int8", "int8, fp32 words"):
        say(f"quantising: {precision}", 0, 0)
        quantise(work / "fp32.onnx", work / f"{precision}.onnx", words=precision == "int8")
        small, small_judged = _try(work, precision, network.pairs, held_out, say)
        tried.append(small)
        if plain.ndcg - small.ndcg <= allowed:
            chosen, judged = small, small_judged
            break
    _settle(work, chosen, network.pairs)
    shutil.rmtree(folder, ignore_errors=True)
    work.rename(folder)
    return Exported(folder, chosen, tuple(tried), judged)


def write_graph(network: Network, path: Path) -> None:
    """The network as one ONNX file, for any number of pairs of any length.

    The exporter that PyTorch prefers today needs a package more; the older one, which traces, does
    all that a BERT needs.
    """
    import torch

    # The other kernels decide by the values of the mask, which a trace would take for granted.
    network.encoder.set_attn_implementation("eager")

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(network.modules)

        def forward(self, ids: Any, mask: Any, types: Any) -> Any:
            return network.forward(ids, mask, types)

    pairs = network.pairs.encode("a query", ["a text", "another text that is longer"])
    example = tuple(torch.from_numpy(network.pairs.inputs(pairs)[name]) for name in INPUTS)
    trace(Traced().eval(), example, path, rows="pairs", output="score")


def _try(
    work: Path, precision: Precision, pairs: Pairs, held_out: Sequence[Group], say: Say
) -> tuple[Tried, Judgement]:
    """A graph's figures, taken from a folder like the one that will serve."""
    folder = work / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    graph = work / f"{precision}.onnx"
    shutil.copyfile(graph, folder / GRAPH)
    pairs.tokenizer.save(str(folder / TOKENIZER))
    Described(pairs.max_tokens, precision, file_digest(graph)).write(folder)
    judged = judge(OnnxCrossEncoder(folder), held_out, say)
    return Tried(precision, round(graph.stat().st_size / 1e6, 2), judged.ndcg), judged


def _settle(work: Path, chosen: Tried, pairs: Pairs) -> None:
    """Leaves nothing in the folder but what serves."""
    shutil.rmtree(work / "trial")
    graph = work / f"{chosen.precision}.onnx"
    graph.rename(work / GRAPH)
    for other in work.glob("*.onnx"):
        if other.name != GRAPH:
            other.unlink()
    pairs.tokenizer.save(str(work / TOKENIZER))
    Described(pairs.max_tokens, chosen.precision, file_digest(work / GRAPH), round(chosen.ndcg, 5)).write(work)
