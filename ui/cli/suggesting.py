"""``shopwise suggest``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from ui.cli.opening import HomeOption, JsonOption, open_shop, settings_for
from ui.cli.terminal import out, tell, write_json


def suggest(
    prefix: Annotated[str, typer.Argument(help="What was typed so far. Empty: what is popular.")] = "",
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many.")] = 8,
    related: Annotated[
        bool, typer.Option("--related", help="Take PREFIX for a whole query: what else to search for?")
    ] = False,
    language: Annotated[Literal["", "en", "zh"], typer.Option(help="Phrases in this language go first.")] = "",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """What a shopper may be about to type.

    From the shop's categories, brands, product titles and attributes, and from what other visitors searched.
    Each word may be cut short, and from four letters on one slip is forgiven. Nothing is suggested that finds nothing.

    [bold]shopwise suggest "blu sp"[/bold]

    [bold]shopwise suggest 耳 -k 5 --json[/bold]

    [bold]shopwise suggest --related "desk lamp"[/bold]
    """
    from ui.shop import SuggestOrder

    with open_shop(settings_for(home)) as shop:
        result = shop.suggest(SuggestOrder(text=prefix, related=related, k=k, language=language))
    write_json(result) if as_json else _show(result)


def _show(result: dict[str, Any]) -> None:
    if meant := result.get("did_you_mean"):
        tell(f"Did you mean: {meant['text']}")
    found = result.get("suggestions", result.get("related", []))
    if not found:
        out.print("Nothing to suggest.")
        return
    table = Table(box=None, header_style="bold")
    table.add_column("suggestion", overflow="fold")
    table.add_column("kind")
    table.add_column("products", justify="right")
    for each in found:
        table.add_row(_marked(each["text"], each["highlight"]), each["kind"], str(each["count"]))
    out.print(table)


def _marked(text: str, spans: list[list[int]]) -> str:
    """The text with what was typed in bold."""
    shown, at = "", 0
    for start, end in spans:
        shown += f"{escape(text[at:start])}[bold]{escape(text[start:end])}[/bold]"
        at = end
    return shown + escape(text[at:])
