"""The command and environment that vLLM is started with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.model.vllm import Machine, command, cpu_quota, environment, omp_bind
from assistant.model.weights import ModelSpec

BUILTIN = ModelSpec("/models/small", "small", builtin=True)
QWEN = ModelSpec("Qwen/Qwen3.5-4B", "Qwen/Qwen3.5-4B", builtin=False)
TWO = Machine(frozenset({0, 1}))


def flag(line: list[str], name: str) -> str:
    return line[line.index(name) + 1]


def test_the_built_in_model_on_a_cpu() -> None:
    line = command(BUILTIN, "cpu", 8010, eager=False)
    assert flag(line, "--model") == "/models/small"
    assert flag(line, "--host") == "127.0.0.1"
    assert flag(line, "--tool-call-parser") == "hermes"
    assert flag(line, "--max-model-len") == "4096"
    assert flag(line, "--dtype") == "float32"
    assert json.loads(flag(line, "--structured-outputs-config"))["backend"] == "xgrammar"
    assert "--enforce-eager" not in line


def test_a_start_without_compiling() -> None:
    assert "--enforce-eager" in command(BUILTIN, "cpu", 8010, eager=True)


def test_the_model_recommended_for_a_gpu_has_its_own_parser_and_does_not_think() -> None:
    line = command(QWEN, "gpu", 8010, eager=False)
    assert flag(line, "--tool-call-parser") == "qwen3_coder"
    assert json.loads(flag(line, "--default-chat-template-kwargs")) == {"enable_thinking": False}
    assert "--dtype" not in line
    assert "--block-size" not in line


def test_the_environment_says_how_to_use_the_cpu(tmp_path: Path) -> None:
    settled = environment({"PATH": "/bin"}, BUILTIN, "cpu", TWO, tmp_path)
    assert settled["PATH"] == "/bin"
    assert settled["VLLM_CPU_OMP_THREADS_BIND"] == "0-1"
    assert settled["VLLM_CACHE_ROOT"] == str(tmp_path / "vllm")
    assert settled["VLLM_NO_USAGE_STATS"] == settled["DO_NOT_TRACK"] == "1"


def test_a_local_model_asks_no_hub_and_a_named_one_may(tmp_path: Path) -> None:
    local = ModelSpec(str(tmp_path), "mine", builtin=False)
    assert environment({}, local, "gpu", TWO, tmp_path)["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in environment({}, QWEN, "gpu", TWO, tmp_path)


def test_what_was_preloaded_already_stays(tmp_path: Path) -> None:
    settled = environment({"LD_PRELOAD": "/lib/other.so"}, BUILTIN, "cpu", TWO, tmp_path)
    assert settled["LD_PRELOAD"].endswith("/lib/other.so")


@pytest.mark.parametrize(
    ("cpus", "quota", "bound"),
    [({0, 1}, None, "0-1"), ({5}, None, "5"), ({0, 1, 2, 3, 8}, None, "0-3,8"), ({0, 1, 2, 3}, 2.5, "0-1"),
     ({4, 6}, 0.5, "4"), ({0, 2, 4}, 64.0, "0,2,4")],
)  # fmt: skip
def test_threads_are_bound_to_the_cpus_allowed(cpus: set[int], quota: float | None, bound: str) -> None:
    assert omp_bind(Machine(frozenset(cpus), quota)) == bound


@given(st.frozensets(st.integers(0, 300), min_size=1))
def test_the_binding_names_exactly_the_cpus_allowed(cpus: frozenset[int]) -> None:
    named: set[int] = set()
    for part in omp_bind(Machine(cpus)).split(","):
        low, _, high = part.partition("-")
        named |= set(range(int(low), int(high or low) + 1))
    assert named == cpus


@pytest.mark.parametrize(
    ("text", "quota"), [("max 100000", None), ("150000 100000\n", 1.5), ("", None), ("100000 0", None), ("x", None)]
)
def test_the_time_a_container_grants(text: str, quota: float | None) -> None:
    assert cpu_quota(text) == quota
