"""``shopwise import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, open_shop, settings_for
from ui.cli.terminal import counted, err, out, write_json

SHOWN_REJECTIONS = 50


def import_command(
    source: Annotated[
        str,
        typer.Argument(help="demo, jsonl, shopify, google, schemaorg, esci, tau2, completejourney, beauty or vectors."),
    ],
    path: Annotated[
        Path | None, typer.Argument(help="Where the feed is: a file or a folder.", show_default=False)
    ] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch the feed from the net (esci).")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the whole feed when one row is bad.")] = False,
    feed: Annotated[str, typer.Option(help="Name that owns the rows; default: the source's own.")] = "",
    model: Annotated[str, typer.Option(help="Name of the image model (vectors); default: the file's name.")] = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Bring goods in, all or nothing; run it again after the feed has changed.

    [bold]shopwise import demo[/bold]

    [bold]shopwise import jsonl goods.jsonl --feed winter --strict[/bold]

    [bold]shopwise import esci ./esci_us --json[/bold]

    [bold]shopwise import vectors pictures.jsonl --model clip-vit-b32[/bold] takes vectors of the goods' pictures.

    Rows that cannot be read are listed with line and reason (exit code 2); the others go in, unless --strict.
    """
    from ui.shop import ImportOrder

    settings = settings_for(home)
    order = ImportOrder(
        source=source,
        path=path.absolute() if path is not None else None,
        download=download,
        downloads=(settings.cache / "downloads").absolute(),
        strict=strict,
        feed=_feed_name(feed),
        model=_model_name(model),
    )
    with open_shop(settings) as shop, counted() as progress:
        report = shop.import_feed(order, progress)
    write_json(report) if as_json else _show(report)
    _list_rejected(report["rejected"])
    if report["rejected"]:
        raise typer.Exit(2)


def _feed_name(name: str) -> str:
    if len(name) > 80:
        raise BadInputError(f"The feed's name has {len(name)} characters; at most 80 are kept.", "Shorten it.")
    return name


def _model_name(name: str) -> str:
    if len(name) > 200:
        raise BadInputError(f"The model's name has {len(name)} signs; at most 200 are kept.", "Shorten it.")
    return name


def _show(report: dict[str, Any]) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in report["counts"].items() if count)
    of = f" of {report['model']}, {report['dimension']} numbers each" if "model" in report else ""
    out.print(escape(f"{report['source']}: {counts or 'nothing'}{of}"))
    out.print(f"added {report['added']}, updated {report['updated']}, removed {report['removed']}")
    for finding in report["quality"]:
        examples = ", ".join(str(example) for example in finding["examples"][:3])
        out.print(escape(f"quality: {finding['check']}: {finding['count']}" + (f" ({examples})" if examples else "")))


def _list_rejected(rejected: list[dict[str, Any]]) -> None:
    for row in rejected[:SHOWN_REJECTIONS]:
        name = f" ({row['id']})" if row["id"] else ""
        err.print(escape(f"rejected line {row['line']}{name}: {row['reason']}"))
    if len(rejected) > SHOWN_REJECTIONS:
        err.print(f"... and {len(rejected) - SHOWN_REJECTIONS} more; --json lists them all")
