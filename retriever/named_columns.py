"""Tables and JSON of other people's data sets, read by the names that their columns usually have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from retriever.feeds.feed import Progress, silent
from retriever.feeds.lines import json_lines, open_bytes, parse_json
from retriever.feeds.rows import Rejected
from retriever.feeds.tables import Table

PRODUCT = (
    *("product_id", "product_uid", "productid", "docid", "doc_id", "corpus_id"),
    *("asin", "item_id", "itemid", "sku", "product", "id"),
)
"""What the column of a product's id is called, the surest name first: many tables number their own rows as ``id``."""

JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
TABLE_ENDINGS = (".csv", ".tsv", ".txt")
_OTHER = re.compile(r"[^a-z0-9]+")

Record = Mapping[str, object]
"""What a row holds by the plain names of its columns."""


def plain_name(name: str) -> str:
    """``category hierarchy`` and ``Category-Hierarchy`` are one column."""
    return _OTHER.sub("_", name.casefold()).strip("_")


def column(names: Sequence[str] | Mapping[str, object], known: Sequence[str]) -> str:
    """The first of the known names that is there; empty if none is."""
    return next((name for name in known if name in names), "")


def column_names(path: Path) -> tuple[str, ...]:
    """The plain names of a file's columns: of its headers, or of its first object. Empty if it has none.

    Raises:
        BadInputError: if the file cannot be read.
    """
    if is_json(path):
        return tuple(next((entry[1] for entry in _objects(path, silent) if not isinstance(entry, Rejected)), {}))
    return tuple(Table(path, (), plain_name, silent).columns)


def records(path: Path, progress: Progress = silent) -> Iterator[tuple[int, Record] | Rejected]:
    """Every row with its line, or its number in a JSON array; or why it could not be read.

    Raises:
        BadInputError: if the file cannot be read.
    """
    yield from _objects(path, progress) if is_json(path) else _cells(path, progress)


def is_json(path: Path) -> bool:
    """Whether a file's content begins as JSON does."""
    with open_bytes(path) as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}


def said(value: object) -> str:
    """A value as text; a list's values one after the other."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, map(said, cast("list[object]", value))))
    return str(value).strip()


def _cells(path: Path, progress: Progress) -> Iterator[tuple[int, Record] | Rejected]:
    table = Table(path, (), plain_name, progress)
    for row in table.rows(0):
        if isinstance(row, Rejected):
            yield row
        else:
            line, cells = row
            yield line, {name: cells[at].strip() for name, at in table.columns.items()}


def _objects(path: Path, progress: Progress) -> Iterator[tuple[int, Record] | Rejected]:
    with open_bytes(path) as file:
        is_array = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    entries = enumerate(_array(path), start=1) if is_array else json_lines(path, progress)
    for entry in entries:
        if isinstance(entry, Rejected):
            yield entry
        elif isinstance(entry[1], dict):
            line, value = entry
            yield line, {plain_name(name): each for name, each in cast("dict[str, object]", value).items()}
        else:
            yield Rejected(line=entry[0], id="", reason="it is not a JSON object")


def _array(path: Path) -> list[object]:
    with open_bytes(path) as file:
        text = file.read().decode("utf-8-sig", errors="replace")
    try:
        held = parse_json(text)
    except (ValueError, RecursionError):
        return []
    return cast("list[object]", held) if isinstance(held, list) else []
