"""A sentence encoder as an ONNX graph, for one short text at a time: a shopper's query.

PyTorch spends most of a query's time around the arithmetic, and its threads wait for
each other wherever other work wants the cores. The graph runs on one core and starts
without PyTorch. Its weights are in int8, which halves the time of what is left; the vector
differs from the model's own by a cosine of about 0.993, which costs a search 0.001 nDCG@10
(docs/experiments.md).
"""

from __future__ import annotations

import hashlib
import re
import shutil
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ranker.tracing import INPUTS, quantise, trace

GRAPH, TOKENIZER = "query-int8.onnx", "tokenizer.json"


class GraphError(Exception):
    """The graph cannot be made or used; PyTorch does without."""


class QueryGraph:
    """The graph in a folder, opened at its first use. Safe to share between threads.

    Args:
        folder: of ``write_graph``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return (self._folder / GRAPH).is_file()

    def encode(self, text: str) -> NDArray[np.float32]:
        """The text's unit vector.

        Raises:
            GraphError: if the graph cannot be opened.
        """
        tokens = self._tokenizer.encode(text)
        inputs = {
            "input_ids": np.array([tokens.ids], dtype=np.int64),
            "attention_mask": np.array([tokens.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([tokens.type_ids], dtype=np.int64),
        }
        wanted = {node.name for node in self._session.get_inputs()}
        found = self._session.run(None, {name: value for name, value in inputs.items() if name in wanted})[0][0]
        return cast("NDArray[np.float32]", found / max(float(np.linalg.norm(found)), 1e-12))

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._folder / TOKENIZER))

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The binding raises one class a kind of fault, which share no base of their own.
        kinds = tuple(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception))
        try:
            return onnxruntime.InferenceSession(str(self._folder / GRAPH), options, providers=["CPUExecutionProvider"])
        except (RuntimeError, *kinds) as error:
            raise GraphError(f"The graph in {self._folder} cannot be opened: {error}") from error


def graph_folder(graphs: Path, name: str) -> Path:
    """Where an encoder's graph is kept: the name, and a digest of it for what a path cannot say."""
    slug = re.sub(r"[^a-z0-9.-]+", "-", name.lower())[-60:].strip("-.")
    return graphs / f"{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def write_graph(model: Any, folder: Path) -> None:
    """Trace a sentence-transformers model into a folder, whole or not at all.

    Raises:
        GraphError: if this kind of model cannot be traced, or the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(mkdtemp(prefix=f".{folder.name}", dir=folder.parent))
        try:
            tokenizer = model.tokenizer.backend_tokenizer
            tokenizer.no_padding()
            tokenizer.enable_truncation(model.max_seq_length)
            tokenizer.save(str(work / TOKENIZER))
            _trace(model, work / "fp32.onnx")
            quantise(work / "fp32.onnx", work / GRAPH, words=True)
            (work / "fp32.onnx").unlink()
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except (OSError, RuntimeError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise GraphError(f"No graph of the encoder could be made: {error}") from error


def _trace(model: Any, path: Path) -> None:
    import torch

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: Any, mask: Any, types: Any) -> Any:
            features = dict(zip(INPUTS, (ids, mask, types), strict=True))
            return self.model(features)["sentence_embedding"]

    encoder = model[0].auto_model
    kernels = encoder.config._attn_implementation  # noqa: SLF001 (there is no other way to ask)
    given = model.tokenizer(["a query", "another one that is longer"], padding=True, return_tensors="pt")
    example = tuple(given.get(name, torch.zeros_like(given["input_ids"])) for name in INPUTS)
    # The other kernels decide by the values of the mask, which a trace would take for granted.
    encoder.set_attn_implementation("eager")
    try:
        trace(Traced().eval(), example, path, rows="texts", output="vector")
    finally:
        encoder.set_attn_implementation(kernels)
