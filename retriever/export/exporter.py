"""Exporting a shop: one reading transaction, one format, a file that is complete or not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from retriever.database import Database
from retriever.errors import BadInputError
from retriever.export.files import Write, new_file, new_folder
from retriever.export.google import write_google
from retriever.export.jsonl import write_jsonl
from retriever.export.reading import Snapshot, snapshot
from retriever.export.report import ExportReport, Tally
from retriever.export.schemaorg import write_schemaorg, write_schemaorg_files, write_schemaorg_lines
from retriever.feeds.feed import Progress, silent

FORMATS: Mapping[str, Callable[[Snapshot, Write, Tally, Progress], None]] = {
    "jsonl": write_jsonl,
    "google": write_google,
    "schemaorg": write_schemaorg,
}
STANDARD_OUTPUT = "-"
LINES = (".jsonl", ".ndjson")


class Exporter:
    """Writes one shop's rows out.

    Args:
        database: the shop's records.
        currency: the shop's own, in which it keeps what names no currency.
        write: takes what goes to standard output.
    """

    def __init__(self, database: Database, currency: str, write: Write) -> None:
        self._database = database
        self._currency = currency
        self._write = write

    def run(
        self, name: str, path: str, *, feed: str = "", force: bool = False, progress: Progress = silent
    ) -> ExportReport:
        """Write the shop.

        Args:
            name: the format, one of FORMATS.
            path: a file; ``-`` for standard output. For ``schemaorg`` a name that ends in
                ``.jsonl`` asks for JSON Lines, and a folder, which exists or ends in a slash,
                takes one file a product.
            feed: only the rows of this feed; empty: all.
            force: overwrite what an earlier export wrote.
            progress: hears each kind of rows.

        Raises:
            BadInputError: if there is no such format or feed, or the path cannot be used.
            UnavailableError: if the database or the disk fails; the path is as it was.
        """
        if name not in FORMATS:
            raise BadInputError(f"There is no export '{name}'.", f"Formats: {', '.join(FORMATS)}.")
        tally = Tally()
        with snapshot(self._database, self._currency, feed) as shop:
            if path == STANDARD_OUTPUT:
                FORMATS[name](shop, self._write, tally, progress)
            elif name == "schemaorg" and (path.endswith("/") or Path(path).is_dir()):
                with new_folder(Path(path), ".jsonld", force=force) as add:
                    write_schemaorg_files(shop, add, tally, progress)
            else:
                lines = name == "schemaorg" and path.endswith(LINES)
                with new_file(Path(path), force=force) as write:
                    (write_schemaorg_lines if lines else FORMATS[name])(shop, write, tally, progress)
        return ExportReport(format=name, path=path, feed=feed, counts=tally.counts, notes=tally.notes)
