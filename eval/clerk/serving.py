"""Where each contender's model is served, and how much of the prompts its server found in its cache."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
from safetensors.numpy import save_file

from assistant.model.adapter import CONFIG, WEIGHTS, adapter_of, own_folder
from assistant.model.serve import ModelServer
from assistant.model.weights import Progress, silent
from assistant.settings import Settings
from retriever.errors import BadInputError, UnavailableError

_COUNTER = re.compile(r"^vllm:prefix_cache_(queries|hits)(?:_total)?(?:\{[^}]*\})?\s+([\d.eE+]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Tokens of prompts that a server has looked up in its prefix cache since it started, and found there."""

    asked: float
    found: float

    def since(self, before: Prefix) -> Prefix:
        """What has come since."""
        return Prefix(self.asked - before.asked, self.found - before.found)


@contextmanager
def tuned_model(settings: Settings, progress: Progress = silent) -> Iterator[ModelServer]:
    """The built-in model with the adapter in use.

    Raises:
        UnavailableError: there is no adapter, or the server does not come up.
    """
    own = _builtin(settings)
    if adapter_of(own) is None:
        raise UnavailableError(
            "There is no tuned adapter to evaluate.", "Train one: shopwise train assistant. Or: --contender untuned."
        )
    with ModelServer(own).start(progress) as server:
        yield server


@contextmanager
def base_model(settings: Settings, progress: Progress = silent) -> Iterator[ModelServer]:
    """The built-in model as it comes, whatever adapter is in use; on a port of its own."""
    with TemporaryDirectory(prefix="shopwise-base-") as folder:
        own = _builtin(settings).model_copy(update={"home": Path(folder)})
        if adapter_of(own) is not None:
            # The shipped adapter would be merged in: one that changes nothing takes its place.
            write_empty_adapter(own_folder(own))
        with ModelServer(own, port=0).start(progress) as server:
            yield server


@contextmanager
def model_at(settings: Settings, url: str, progress: Progress = silent) -> Iterator[ModelServer]:
    """A model that somebody else serves, with the name and key of the settings.

    Raises:
        BadInputError: no URL is given.
        UnavailableError: nobody answers there.
    """
    if not url:
        raise BadInputError("No model server is named.", "Give --url http://host:port/v1, or set SHOPWISE_MODEL_URL.")
    with ModelServer(settings.model_copy(update={"model_url": url})).start(progress) as server:
        yield server


def prefix_cache(url: str) -> Prefix | None:
    """The counters of the server whose API is at ``url``; None where it keeps none."""
    try:
        answer = httpx.get(f"{url.rstrip('/').removesuffix('/v1')}/metrics", timeout=5.0)
    except httpx.HTTPError:
        return None
    return read_prefix(answer.text) if answer.is_success else None


def read_prefix(text: str) -> Prefix | None:
    """The counters in a page of metrics, summed over engines."""
    sums: dict[str, float] = {}
    for name, value in _COUNTER.findall(text):
        sums[name] = sums.get(name, 0.0) + float(value)
    return Prefix(sums["queries"], sums["hits"]) if {"queries", "hits"} <= sums.keys() else None


def _builtin(settings: Settings) -> Settings:
    return settings.model_copy(update={"model": "", "model_url": ""})


def write_empty_adapter(folder: Path) -> None:
    """An adapter that changes nothing, in a new folder."""
    folder.mkdir(parents=True)
    save_file({"empty": np.zeros(1, dtype=np.float16)}, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps({"r": 1, "lora_alpha": 1}), encoding="utf-8")
