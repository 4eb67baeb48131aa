"""``shopwise import schemaorg PATH``: goods as pages describe them to search engines, in JSON-LD.

A file of JSON-LD, JSON Lines, a saved page, or a folder of them. References by ``@id`` hold
within one file, and within one line of JSON Lines. Microdata and RDFa are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from retriever.errors import BadInputError
from retriever.feeds.feed import Item, Progress, printable
from retriever.feeds.jsonl import default_name
from retriever.feeds.jsonld import Graph, NotJsonLdError, decoded, plain_names, scripts, values_of
from retriever.feeds.lines import json_lines
from retriever.feeds.rows import LeftOut, ProductRow, Rejected
from retriever.feeds.schemaorg_goods import items_of

MAX_FILE = 100_000_000  # bytes; a file is in memory as a whole
MAX_KEPT = 1_000  # ids found in a text that cannot be read
LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
READ = (*LINES, ".json", ".jsonld", ".html", ".htm", ".xhtml")
IDS = re.compile(r'"(productGroupID|sku|productID)"\s*:\s*"([^"\\\x00-\x1f]{1,200})"')


class SchemaOrgFeed:
    """Goods in schema.org's words.

    Args:
        path: a file, or a folder that is searched to its depth in the order of names.
        name: the owner of the rows; by default ``schemaorg:`` and the path's name without its endings.
        max_file: larger files (in bytes) are refused; JSON Lines may have any size.
    """

    source = "schemaorg"

    def __init__(self, path: Path, name: str = "", max_file: int = MAX_FILE) -> None:
        self.name = name or default_name(path.resolve(), self.source)
        self._path = path
        self._max_file = max_file

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every product and review as a row, or the reason why it is none."""
        if not self._path.is_dir():
            yield from self._items(self._path, progress)
            return
        files = sorted(path for path in self._path.rglob("*") if path.name.lower().endswith(READ) and path.is_file())
        if not files:
            raise BadInputError(
                f"The folder {self._path} holds no file to read.", f"Files that are read end in {', '.join(READ)}."
            )
        came: dict[str, str] = {}
        for done, path in enumerate(files, start=1):
            where = printable(str(path.relative_to(self._path)))
            for item in self._items(path, progress):
                yield _in_folder(item, where, came)
            progress("reading files", done, len(files))

    def _items(self, path: Path, progress: Progress) -> Iterator[Item]:
        if path.name.lower().endswith(LINES):
            yield from _lines(path, progress)
            return
        values: list[tuple[int, Any]] = []
        for line, text in self._texts(path):
            if text is None:
                yield Rejected(line=0, id="", reason=f"the file is larger than {self._max_file:,} bytes")
                continue
            try:
                values += values_of(text, line)
            except NotJsonLdError as error:
                yield from _unreadable(error, text)
        yield from items_of(Graph(values))

    def _texts(self, path: Path) -> Iterator[tuple[int, str | None]]:
        """The JSON texts of a file with their lines; ``None`` for a file that is too large."""
        try:
            with path.open("rb") as file:
                raw = file.read(self._max_file + 1)
        except FileNotFoundError as error:
            raise BadInputError(f"There is no file {path}.", "Check the path.") from error
        except OSError as error:
            raise BadInputError(
                f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
            ) from error
        if len(raw) > self._max_file:
            yield 0, None
            return
        text = decoded(raw).replace("\0", "")
        if text.lstrip()[:1] == "<":
            yield from scripts(text)
        else:
            yield 1, text


def _lines(path: Path, progress: Progress) -> Iterator[Item]:
    for entry in json_lines(path, progress):
        if isinstance(entry, Rejected):
            yield entry
            continue
        line, value = entry
        try:
            graph = Graph([(line, plain_names(value))])
        except RecursionError:
            yield Rejected(line=line, id="", reason="nested too deeply")
            continue
        yield from items_of(graph)


def _unreadable(error: NotJsonLdError, text: str) -> Iterator[Rejected]:
    """The refusal of a text, for each product it seems to name: what the shop has of them stays."""
    named = dict.fromkeys(found[2] for found in IDS.finditer(text))
    ids = [printable(id) for id in list(named)[:MAX_KEPT]] or [""]
    for id in ids:
        yield Rejected(line=error.line, id=id, reason=str(error))


def _in_folder(item: Item, where: str, came: dict[str, str]) -> Item:
    """The item of one file among many: its reason names the file, and a product that came before is refused."""
    if isinstance(item, Rejected | LeftOut):
        return item.model_copy(update={"reason": f"{where}: {item.reason}"})
    line, row = item
    if isinstance(row, ProductRow) and (before := came.setdefault(row.id, where)) != where:
        return Rejected(line=line, id=row.id, reason=f"{where}: this product already came in {before}")
    return item
