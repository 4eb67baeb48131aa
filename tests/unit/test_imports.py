"""Importing a module of ours does nothing: no file written, no process, no connection, no heavy library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["torch", "transformers", "sentence_transformers", "chromadb", "gradio", "jieba", "vllm"]

# Runs in a process of its own: prints what importing the modules named on its command line did.
PROBE = """
import importlib, json, sys

done = []

def watch(event, arguments):
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.mkdir", "os.remove", "os.rename", "socket.connect"):
        done.append(f"{event} {arguments[0]}")
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        done.append(f"write {arguments[0]}")

sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps({"done": done, "loaded": sorted(sys.modules)}))
"""


def modules_of(package: str) -> list[str]:
    """Dotted names of a package's modules; what other tools run (migration scripts) is left out."""
    paths = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return [name for name in names if ".migrations" not in name and not name.endswith("__main__")]


@pytest.mark.parametrize("package", ["ranker", "retriever", "assistant", "eval"])
def test_importing_a_layer_does_nothing_and_loads_nothing_heavy(package: str) -> None:
    result = subprocess.run(
        [sys.executable, "-B", "-c", PROBE, *modules_of(package)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["done"] == []
    assert [name for name in HEAVY if name in report["loaded"]] == []
