"""``shopwise import jsonl PATH``: rows in the documented schema, one JSON object a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.lines import MAX_LINE, json_lines
from retriever.feeds.rows import Rejected

MAX_NAME = 80
ENDINGS = (".jsonl", ".ndjson", ".json", ".jsonld", ".csv", ".tsv", ".txt", ".xml", ".rss", ".atom", ".html", ".htm")


class JsonlFeed:
    """A JSON Lines file, plain or gzipped.

    Args:
        path: the file.
        name: the owner of its rows; by default ``jsonl:`` and the file's name without its endings.
        max_line: longer lines (in bytes) are refused.
    """

    source = "jsonl"

    def __init__(self, path: Path, name: str = "", max_line: int = MAX_LINE) -> None:
        self.name = name or default_name(path)
        self._path = path
        self._max_line = max_line

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every line as a row or a rejection."""
        for entry in json_lines(self._path, progress, self._max_line):
            yield entry if isinstance(entry, Rejected) else row_of(*entry)


def default_name(path: Path, source: str = "jsonl") -> str:
    """``jsonl:goods`` for ``goods.jsonl.gz``; a very long name is shortened to one that stays its own."""
    stem = path.name.removesuffix(".gz")
    for ending in ENDINGS:
        stem = stem.removesuffix(ending)
    name = f"{source}:{stem}"
    if len(name) <= MAX_NAME:
        return name
    return f"{name[: MAX_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
