"""``shopwise quality``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, open_shop, settings_for
from ui.cli.terminal import counted, out, tell, write_json

if TYPE_CHECKING:
    from retriever.quality.survey import Survey

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
SHOWN_EXAMPLES = 3
SHOWN_SCORES = 5


def quality(
    feed: Annotated[str, typer.Option(help="Only the goods of this feed; default: all.")] = "",
    rules: Annotated[
        Path | None, typer.Option(help="Your own rules, a TOML file; see docs/data-quality.md.", show_default=False)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Also write one HTML page with plots to this file.", show_default=False)
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete/--no-complete", help="Work out all completions anew, and keep them.")
    ] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """How good the data of the goods is: score, findings, what was completed.

    [bold]shopwise quality[/bold]

    [bold]shopwise quality --feed winter --rules our-rules.toml --html quality.html[/bold]
    """
    from retriever.quality.rules import read_rules
    from retriever.quality.survey import Survey
    from ui.shop import QualityOrder

    if rules is not None:
        read_rules(rules)  # what is wrong with the file is said before a shop is opened for it
    order = QualityOrder(feed=feed[:80], rules=rules.absolute() if rules else None, complete=complete)
    with open_shop(settings_for(home)) as shop, counted() as progress:
        found = shop.quality(order, progress)
    survey = Survey.model_validate(found)
    write_json(found) if as_json else _show(survey)
    if html is not None:
        _write_page(survey, html)


def _write_page(survey: Survey, path: Path) -> None:
    from retriever.quality.page import page

    try:
        path.write_text(page(survey, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        raise BadInputError(
            f"The page {path} cannot be written: {error.strerror or error}.", "Name another file with --html."
        ) from error
    tell(f"wrote {path}")


def _show(survey: Survey) -> None:
    """A survey for a person."""
    out.print(escape(f"{survey.feed or 'all feeds'}: score {survey.score:.1f} of 100, {survey.products:,} products"))
    past = ", ".join(f"{held.score:.1f} ({held.feed})" for held in survey.history[-SHOWN_SCORES:])
    if past:
        out.print(escape(f"scores of the latest imports: {past}"))
    if survey.findings:
        out.print(_findings(survey))
    for check, why in survey.not_run.items():
        out.print(escape(f"left out: {check}: {why}"))
    if survey.completions:
        out.print(_completions(survey))


def _findings(survey: Survey) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("severity", "check"):
        table.add_column(name, no_wrap=True)
    for name in ("count", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("examples", overflow="fold")
    for one in survey.findings:
        severity = f"[{COLOURS[one.severity]}]{one.severity}[/]"
        examples = escape("\n".join(one.examples[:SHOWN_EXAMPLES]))
        table.add_row(severity, one.check, f"{one.count:,}", f"{100 * one.share:.1f} %", examples)
    return table


def _completions(survey: Survey) -> Table:
    table = Table(box=None, header_style="bold", title="completed where nothing was said", title_justify="left")
    table.add_column("field", no_wrap=True)
    table.add_column("products", justify="right", no_wrap=True)
    table.add_column("confidence", justify="right", no_wrap=True)
    table.add_column("for example", overflow="fold")
    for one in survey.completions:
        examples = "\n".join(
            f"{held.id}: {held.value} ({held.confidence:.2f}, {held.source})" for held in one.examples[:SHOWN_EXAMPLES]
        )
        table.add_row(one.field, f"{one.count:,}", f"{one.confidence:.2f}", escape(examples))
    return table
