"""Serving a cross-encoder with ONNX Runtime: no PyTorch in the process, small and quick on a CPU."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, cast

import numpy as np

from ranker.cross.scoring import CrossEncoder, Inputs, Pairs, RankerMissingError, Scores, score_pairs
from ranker.fingerprint import file_digest, fingerprint

GRAPH = "model.onnx"
DESCRIPTION = "ranker.json"
THREADS = 2
FRESH = 5.0  # seconds for which nobody looks for a newer ranker
AT_ONCE = 8  # pairs: quicker than larger batches, whose numbers leave the cache (docs/experiments.md)
AGAIN = "Train again with shopwise train ranker, or copy the whole folder once more."


@dataclass(frozen=True, slots=True)
class Described:
    """What ``ranker.json`` says of a graph beside it.

    Attributes:
        max_tokens: of query and text together.
        precision: of the weights: ``fp32``, or what was quantised to int8.
        sha256: of the graph, so that a damaged file is found and not used.
        ndcg: on the held-out queries of its training, as exported.
        weight: how much its score counts in the last order of a search.
        languages: that it has learned; none stands for any.
    """

    max_tokens: int
    precision: str
    sha256: str
    ndcg: float | None = None
    weight: float = 1.0
    languages: Sequence[str] = ()

    def write(self, folder: Path) -> None:
        """Writes it beside the graph."""
        (folder / DESCRIPTION).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Described:
        """What a folder says of its graph.

        Raises:
            RankerMissingError: if it says nothing that can be understood.
        """
        path = folder / DESCRIPTION
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise RankerMissingError(f"There is no ranker in {folder}: {DESCRIPTION}: {error}.", AGAIN) from error


class OnnxCrossEncoder:
    """An exported cross-encoder, loaded at its first use and safe to share between threads.

    Args:
        folder: that holds the graph, its tokenizer and its description.
        threads: of one call.
        batch: pairs in one run of the graph.
    """

    def __init__(self, folder: Path, *, threads: int = THREADS, batch: int = AT_ONCE) -> None:
        self._folder = folder
        self._threads = threads
        self._batch = batch
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The folder and what is in it."""
        return self._name

    @cached_property
    def _name(self) -> str:
        return f"{self._folder.name}-{fingerprint(self._folder)}"

    @property
    def weight(self) -> float:
        """How much its score counts in the last order of a search.

        Raises:
            RankerMissingError: if the folder does not say what it holds.
        """
        return self._described.weight

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it has learned, if that is known.

        Raises:
            RankerMissingError: if the folder does not say what it holds.
        """
        return frozenset(self._described.languages) or None

    @cached_property
    def _described(self) -> Described:
        return Described.read(self._folder)

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """One score a text, in the given order.

        Raises:
            RankerMissingError: at the first use, if a file is missing or damaged.
        """
        session, pairs, wanted = self._loaded
        return score_pairs(pairs, query, texts, lambda inputs: _run(session, wanted, inputs), self._batch)

    def load(self) -> None:
        """Load now, so that the first query need not wait for it.

        Raises:
            RankerMissingError: if a file is missing or damaged.
        """
        if not np.isfinite(self.score("probe", ["probe"])).all():
            raise RankerMissingError(f"The ranker in {self._folder} gives no numbers.", AGAIN)

    @property
    def _loaded(self) -> tuple[Any, Pairs, tuple[str, ...]]:
        with self._lock:
            return self._session

    @cached_property
    def _session(self) -> tuple[Any, Pairs, tuple[str, ...]]:
        described = self._described
        graph = self._folder / GRAPH
        if not graph.is_file():
            raise RankerMissingError(f"The ranker's graph {graph} is missing.", AGAIN)
        if file_digest(graph) != described.sha256:
            raise RankerMissingError(f"The ranker's graph {graph} is damaged: its checksum is another.", AGAIN)
        pairs = Pairs.read(self._folder, described.max_tokens)
        session = _open(graph, self._threads)
        return session, pairs, tuple(each.name for each in session.get_inputs())


class LastGood:
    """The ranker in use. A new one takes its place only once it has loaded; a broken one changes nothing.

    Args:
        find: where the ranker to use is now; ``None`` if there is none.
        read: makes a ranker of a folder and loads it.
        otherwise: where another one is, for as long as nothing else could be loaded.
        clock: seconds.
    """

    def __init__(
        self,
        find: Callable[[], Path | None],
        read: Callable[[Path], CrossEncoder] | None = None,
        otherwise: Callable[[], Path | None] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._places = (find, otherwise)
        self._read = read or _load
        self._clock = clock
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._ranker: CrossEncoder | None = None
        self._fault = ""
        self._looked = -math.inf

    @property
    def ranker(self) -> CrossEncoder | None:
        """The last one that loaded; ``None`` before that."""
        return self._ranker

    @property
    def fault(self) -> str:
        """Why the newest one is not in use; empty if it is."""
        return self._fault

    def current(self) -> CrossEncoder | None:
        """The ranker in use; whether there is a newer one is looked up every few seconds."""
        if self._clock() - self._looked >= FRESH:
            return self.reload()
        return self._ranker

    def reload(self) -> CrossEncoder | None:
        """Take up what there is now; the ranker in use afterwards, which may be the one from before."""
        with self._lock:
            self._looked = self._clock()
            self._fault = ""
            for find in self._places:
                try:
                    folder = find()
                    if folder is not None and folder != self._folder:
                        self._ranker = self._read(folder)
                        self._folder = folder
                except RankerMissingError as error:
                    self._fault = self._fault or f"{error} {error.hint}".strip()
                if self._ranker is not None:
                    break
            return self._ranker


def _load(folder: Path) -> OnnxCrossEncoder:
    ranker = OnnxCrossEncoder(folder)
    ranker.load()
    return ranker


def _open(graph: Path, threads: int) -> Any:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # pyright: ignore[reportAttributeAccessIssue]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin while they wait would take the other cores from the web app.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The binding raises one class a kind of fault, which share no base of their own.
    kinds = tuple(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception))
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, *kinds) as error:
        raise RankerMissingError(f"The ranker's graph {graph} cannot be loaded: {error}.", AGAIN) from error


def _run(session: Any, wanted: tuple[str, ...], inputs: Inputs) -> Scores:
    return cast("Scores", session.run(None, {name: inputs[name] for name in wanted})[0].reshape(-1))
