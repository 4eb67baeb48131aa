"""``shopwise eval``: the evaluation suites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError, UnavailableError
from ui.cli import recommendation_eval
from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import counted, out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from eval.clerk.report import Report
    from eval.clerk.run import ContenderName, Plan, SetName
    from eval.retrieval.contest import Plan as RetrievalPlan
    from eval.retrieval.report import Evaluation
    from eval.retrieval.report import Report as RetrievalReport
    from retriever.feeds.feed import Progress
    from retriever.judgments import Judgments
    from retriever.store import Store

app = typer.Typer(no_args_is_help=True, help="Evaluate the assistant and search from outside, as a shopper meets them.")

for _name, _command in recommendation_eval.COMMANDS.items():
    app.command(_name)(_command)

LABELS, CELL = 44, 27  # columns of a terminal
GAP = 2
SHOWN_UNKNOWN = 5
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
    """Evaluate the assistant and search from outside, as a shopper meets them."""


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


@app.command("retrieval")
def retrieval(
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with the products and the judgments of them.", show_default=False),
    ] = None,
    judgments: Annotated[
        Path | None,
        typer.Option(help="File of judgments, where --data holds none or several.", dir_okay=False, show_default=False),
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(
            help="Where judgments name queries by number, their table; default: queries.tsv or the like beside.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    gains: Annotated[
        str, typer.Option(help="What the judgments' grades are worth, as Exact=1,Partial=.5 or 1=0,3=1.")
    ] = "",
    source: Annotated[
        str,
        typer.Option(help="Format of the products, as import names it, or columns. Default: whichever it looks like."),
    ] = "",
    rankers: Annotated[
        list[str] | None,
        typer.Option(
            "--ranker",
            help="Who: bm25, dense, hybrid, full, bm25s, minilm; with --train also 'learned fusion', 'full, learned "
            "order', 'full, trained'; may be given several times. Default: all.",
            show_default=False,
        ),
    ] = None,
    baseline: Annotated[str, typer.Option(help="Who all others are compared with.")] = "hybrid",
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", help="Two rankers to show side by side, the first as baseline.", show_default=False),
    ] = None,
    train: Annotated[
        bool, typer.Option("--train/--no-train", help="Also what learns from judgments, cross-validated by query.")
    ] = False,
    folds: Annotated[int, typer.Option(min=2, max=50, help="Of the cross-validation.")] = 5,
    base: Annotated[
        str,
        typer.Option(help="Encoder or trained ranker (folder) that --train starts from. Default: the built-in one."),
    ] = "",
    limit: Annotated[int, typer.Option(min=0, help="Queries, drawn by lot; 0: all.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same queries and folds.")] = 0,
    html: Annotated[
        Path | None, typer.Option(help="Also write one HTML page with every change to this file.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Search quality against judgments: nDCG@10, recall, MRR, by class of query, beside references from outside.

    The shop is made from the products in --data and gone afterwards; if there is one in --home, that one is searched.

    [bold]shopwise eval retrieval --data esci_us --html quality.html[/bold]

    [bold]shopwise eval retrieval --home .shopwise --judgments ours.jsonl --ranker full --baseline bm25[/bold]

    Docs: docs/evaluation.md.
    """
    from eval.retrieval.contest import Plan
    from eval.retrieval.run import LEARNERS, RANKERS
    from eval.retrieval.shop import find_judgments
    from retriever.judged_columns import read_gains
    from retriever.judgments import read_judgments

    if data is None and (home is None or judgments is None):
        raise BadInputError(
            "There is nothing to evaluate on.", "Give --data DIR, or --home DIR of a shop and --judgments FILE."
        )
    # What is wrong with the words and the judgments is said before a shop is made for them.
    plan = Plan(tuple(rankers or ()), baseline, pair, limit, train, folds, seed, base)
    plan.wanted(RANKERS, LEARNERS if train else ())
    if html is not None and not html.absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {html.parent} for the page.", "Make it, or name another with --html.")
    held = read_judgments(judgments or find_judgments(cast("Path", data)), queries, read_gains(gains), tell)
    with counted() as say, _searched(data, source, home, say) as (settings, store):
        found = _searched_by(plan, held, settings, store, say)
    write_json(found.report.json_dict()) if as_json else _show_retrieval(found.report)
    if html is not None:
        _write_page(found, html)


@contextmanager
def _searched(data: Path | None, source: str, home: Path | None, say: Progress) -> Iterator[tuple[Settings, Store]]:
    """The shop to search: the one that is named, or one made of the data."""
    from eval.retrieval.shop import shop_from, shop_of, stands

    settings = settings_for(home)
    if data is None or (home is not None and stands(settings)):
        with shop_of(settings, say) as store:
            yield settings, store
        return
    with shop_from(data, source, settings, say) as store:
        yield settings, store


def _searched_by(
    plan: RetrievalPlan, judgments: Judgments, settings: Settings, store: Store, say: Progress
) -> Evaluation:
    from eval.retrieval.run import evaluate
    from retriever.indexing import EmbeddingCache

    return evaluate(store, judgments, plan, EmbeddingCache(settings.cache), say)


def _write_page(found: Evaluation, path: Path) -> None:
    from eval.retrieval.page import page

    try:
        path.write_text(page(found, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        raise BadInputError(
            f"The page {path} cannot be written: {error.strerror or error}.", "Name another file with --html."
        ) from error
    tell(f"wrote {path}")


def _show_retrieval(report: RetrievalReport) -> None:
    """Search quality for a person: all queries, then by class."""
    from eval.retrieval.metrics import METRICS
    from eval.retrieval.report import class_rows, summary_rows

    said = f"{report.groups['all']:,} queries, {report.judgments:,} judgments, {report.products:,} products"
    out.print(escape(f"{said}; a cell: mean [95 % interval over the queries]"))
    head = ["ranker", *METRICS, f"ndcg@10 minus {report.baseline}", "p", "p (Holm)"]
    _rows("all queries", head, summary_rows(report))
    groups = [f"{group} ({count:,})" for group, count in report.groups.items()]
    told = f"ndcg@10 by class (difference to {report.baseline}; * p < 0.05 after Holm)"
    _rows(told, ["ranker", *groups], class_rows(report))
    if report.positives_alone:
        tell(
            "Nothing was judged irrelevant: what is not judged counts as that, so judged@10 is low, and the figures "
            "compare rankers but do not say how good one is."
        )
    for standing in report.rankers:
        if standing.skipped:
            tell(f"left out: {standing.name}: {standing.skipped}")
        if standing.refused:
            tell(f"{standing.name} refused {len(standing.refused)} queries, for example: {standing.refused[0]}")
    for what, unknown in (("products", report.unknown_products), ("queries", report.unknown_queries)):
        if unknown:
            tell(f"{len(unknown):,} judged {what} are unknown to the shop: {', '.join(unknown[:SHOWN_UNKNOWN])}")


def _rows(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table as wide as its figures: the terminal breaks its lines, where it has to, and nothing is cut off."""
    table = Table(box=None, header_style="bold")
    _columns(table, list(head))
    for row in rows:
        table.add_row(*map(escape, row))
    needed = sum(max(map(len, column)) + GAP for column in zip(head, *rows, strict=True))
    out.print(f"\n[bold]{escape(title)}[/bold]")
    Console(width=max(out.width, needed), highlight=False).print(table, soft_wrap=True)


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
