"""Which model servers of ours run on this machine, so that a second command uses the first one's.

One small file and one lock for each model, in the cache. A record counts only while the process that wrote it lives:
that process restarts the server when it dies, and takes it down when it goes.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from filelock import FileLock


@dataclass(frozen=True)
class Record:
    """A running server and the process that answers for it."""

    url: str
    model: str  # the folder or Hugging Face id it loaded
    name: str  # what it answers to
    port: int
    owner: int
    owner_started: float  # process ids come round again; a start time with one does not

    def owner_lives(self) -> bool:
        """Whether the process that keeps the server up is still there."""
        return self.owner_started == _started(self.owner)


class Registry:
    """The record of one model's server."""

    def __init__(self, cache: Path, model: str) -> None:
        key = hashlib.sha256(model.encode()).hexdigest()[:12]
        self._file = cache / f"model-server-{key}.json"
        self._cache = cache
        self._model = model

    def lock(self) -> FileLock:
        """Held while a server is being started, so that two commands at once start one."""
        self._cache.mkdir(parents=True, exist_ok=True)
        return FileLock(self._file.with_suffix(".lock"))

    def read(self) -> Record | None:
        """The running server's record; none where nobody answers for one."""
        try:
            record = Record(**json.loads(self._file.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None
        return record if record.owner_lives() and record.model == self._model else None

    def write(self, url: str, name: str, port: int) -> Record:
        """Records this process as the one that answers for the server."""
        owner = os.getpid()
        record = Record(url, self._model, name, port, owner, _started(owner) or 0.0)
        draft = self._file.with_suffix(f".{owner}.draft")
        draft.write_text(json.dumps(asdict(record), indent=2), encoding="utf-8")
        draft.replace(self._file)  # a reader sees the old record or the new one, never half of one
        return record

    def clear(self) -> None:
        """Removes the record if this process wrote it."""
        record = self.read()
        if record is not None and record.owner == os.getpid():
            self._file.unlink(missing_ok=True)


def _started(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None
