"""``shopwise export``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from retriever.errors import BadInputError, NotFoundError
from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import counted, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from retriever.database import Database
    from retriever.export.report import ExportReport

SHOWN_EXAMPLES = 2


def export_command(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="jsonl, google or schemaorg.")],
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH", help="A file, or - for standard output; for schemaorg also a folder, one file a product."
        ),
    ],
    feed: Annotated[str, typer.Option(help="Only the rows of this feed; default: all.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier export.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write the shop out: everything as jsonl, or its goods as google or schemaorg.

    [bold]shopwise export jsonl shop.jsonl[/bold]

    [bold]shopwise export google goods.tsv --force[/bold]

    [bold]shopwise export schemaorg pages/[/bold]

    [bold]shopwise export jsonl - --feed demo | gzip > demo.jsonl.gz[/bold]

    jsonl holds customers and orders too: importing it elsewhere makes the same shop.

    A file gets its name when it is complete. The shop may be served meanwhile.
    """
    from retriever.export.exporter import STANDARD_OUTPUT, Exporter

    if as_json and path == STANDARD_OUTPUT:
        raise BadInputError("The goods and the report cannot both go to standard output.", "Leave out --json.")
    settings = settings_for(home)
    with _records(settings) as database, counted() as progress:
        exporter = Exporter(database, settings.currency, sys.stdout.write)
        report = exporter.run(form, path, feed=feed, force=force, progress=progress)
    if as_json:
        write_json(report.model_dump(mode="json"))
    else:
        _tell(report)


@contextmanager
def _records(settings: Settings) -> Iterator[Database]:
    """The shop's records alone; they may be read while another process owns the folder."""
    from retriever.database import Database
    from retriever.home import Home

    if not settings.database_url and not (settings.home / "shop.sqlite").exists():
        raise NotFoundError(f"There is no shop in {settings.home}.", "Name its folder with --home, or import goods.")
    database = Database(settings.resolved_database_url)
    try:
        with Home(settings.home).owned() as mine:
            if mine:  # another owner has done so, and must not have the tables changed under it
                database.migrate()
        yield database
    finally:
        database.close()


def _tell(report: ExportReport) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items() if count)
    tell(f"{report.format}: {counts or 'nothing'}")
    for note in report.notes:
        examples = ", ".join(note.examples[:SHOWN_EXAMPLES]) + (", ..." if note.count > SHOWN_EXAMPLES else "")
        tell(f"note: {note.count} {note.note} ({examples})")
