"""Telling models apart by what is in their folders."""

from __future__ import annotations

import hashlib
from pathlib import Path

KINDS = (".safetensors", ".bin", ".json", ".txt", ".onnx")


def fingerprint(folder: Path) -> str:
    """Eight hex digits over a model folder's weights and configuration."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in KINDS:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(bytes.fromhex(file_digest(path)))
    return digest.hexdigest()[:8]


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
