"""``shopwise eval``: the evaluation suites."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError, UnavailableError
from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import counted, out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from eval.clerk.report import Report
    from eval.clerk.run import ContenderName, Plan, SetName

app = typer.Typer(no_args_is_help=True, help="Evaluate the assistant from outside, as a shopper meets it.")

LABELS, CELL = 44, 27  # columns of a terminal
BY_PHENOMENON = ("tool_choice", "all_arguments", "slot_f1", "attack_success")


class Sets(StrEnum):
    """What is evaluated on."""

    HELD_OUT = "held-out"
    UNSEEN = "unseen"
    ATTACKS = "attacks"
    DIALOGUES = "dialogues"
    ALL = "all"


class Contenders(StrEnum):
    """Who is evaluated."""

    TUNED = "tuned"
    UNTUNED = "untuned"
    PROMPT_ONLY = "prompt-only"
    URL = "url"


@app.callback()
def group() -> None:
    """Evaluate the assistant from outside, as a shopper meets it."""


@app.command("clerk")
def clerk(
    contender: Annotated[
        list[Contenders] | None,
        typer.Option("--contender", help="Who; may be given several times. Default: tuned.", show_default=False),
    ] = None,
    sets: Annotated[
        list[Sets] | None,
        typer.Option("--set", help="On what; may be given several times. Default: all.", show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="Conversations or attacks of each set; 0: the set's own number.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed holds the same conversations.")] = 1,
    cases: Annotated[
        Path | None,
        typer.Option(help="Cases of your own in place of the unseen ones.", dir_okay=False, show_default=False),
    ] = None,
    at_once: Annotated[
        int,
        typer.Option(min=1, max=64, help="Conversations at the same time: quicker, but then the times say nothing."),
    ] = 1,
    url: Annotated[str, typer.Option(help="Base URL (.../v1) of the contender url. Default: SHOPWISE_MODEL_URL.")] = "",
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="Keep Inspect's logs and the report in this folder.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The clerk's figures: right calls, proved answers, attacks, speed; by phenomenon and language, with intervals.

    [bold]shopwise eval clerk --set unseen[/bold]

    [bold]shopwise eval clerk --contender tuned --contender untuned --contender prompt-only --out figures[/bold]

    Docs: docs/evaluation.md.
    """
    if find_spec("inspect_ai") is None:
        raise UnavailableError(
            "Inspect AI, which the evaluation runs on, is not installed.",
            "pip install 'shopwise[eval]' (in a checkout: make setup-dev)",
        )
    from eval.clerk.run import SETS, Plan

    settings = settings_for(home)
    wanted = [each.value for each in sets or [Sets.ALL]]
    chosen = [each for each in SETS if each in wanted or Sets.ALL.value in wanted]
    names = cast("list[ContenderName]", [each.value for each in contender or [Contenders.TUNED]])
    plan = Plan(cast("list[SetName]", chosen), limit, seed, cases, at_once)
    if folder is not None:
        _make(folder)
    with TemporaryDirectory(prefix="shopwise-eval-") as scratch:
        report = _evaluated(settings, names, plan, url, folder or Path(scratch))
        if as_json:
            write_json(report.json_dict())
        else:
            _show(report, plan.sets)
    if folder is not None:
        tell(f"Report and logs are in {folder}. The logs one by one: inspect view --log-dir {folder / 'logs'}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(
            f"{folder} cannot be made: {error.strerror or error}.", "Name another folder with --out."
        ) from error


def _evaluated(settings: Settings, names: list[ContenderName], plan: Plan, url: str, folder: Path) -> Report:
    from assistant.build import open_store
    from eval.clerk.run import contender, evaluate
    from retriever.home import Home

    with Home(settings.home).owned() as mine:
        if not mine:
            raise UnavailableError(f"Another command or web app has {settings.home} open.", "Stop it, then evaluate.")
        store = open_store(settings)
        try:
            with counted() as say:
                contenders = [
                    contender(name, settings, url, lambda phase, _: say(f"model: {phase}", 0, 0)) for name in names
                ]
                return evaluate(settings, store, contenders, plan, folder, say)
        finally:
            store.close()


def _show(report: Report, sets: Sequence[SetName]) -> None:
    """The report for a person: a table a set, and one a measure by phenomenon."""
    from eval.clerk.report import by_phenomenon, overview

    names = [standing.name for standing in report.contenders]
    out.print(escape(f"{report.products:,} products, seed {report.seed}; a cell: share [95 % interval] count"))
    for each in sets:
        table = Table(title=escape(each), title_justify="left", box=None, header_style="bold")
        _columns(table, ["measure", "of", *names])
        for row in overview(report, each):
            table.add_row(*map(escape, row))
        _print(table, len(names))
        for measure in BY_PHENOMENON:
            rows = list(by_phenomenon(report, each, measure))
            if rows:
                table = Table(title=escape(f"{each}: {measure}"), title_justify="left", box=None, header_style="bold")
                _columns(table, ["language", "phenomenon", *names])
                for row in rows:
                    table.add_row(*map(escape, row))
                _print(table, len(names))
    for standing in report.contenders:
        if standing.prefix and standing.prefix.asked:
            share = standing.prefix.found / standing.prefix.asked
            out.print(escape(f"{standing.name}: {share:.1%} of {standing.prefix.asked:,.0f} prompt tokens were cached"))


def _print(table: Table, contenders: int) -> None:
    """A table as wide as its figures, however narrow the terminal: a figure cut short is none."""
    out.print(table, width=max(out.width, LABELS + CELL * contenders), crop=False)


def _columns(table: Table, names: list[str]) -> None:
    for name in names:
        table.add_column(escape(name), no_wrap=True)
