"""``shopwise eval recommendation`` and ``shopwise eval ope``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, opened, settings_for
from ui.cli.terminal import counted, out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from eval.recommendation.explored import OwnLog
    from eval.recommendation.ope import Report as PolicyReport
    from eval.recommendation.report import Report
    from eval.recommendation.run import Encode
    from eval.recommendation.trials import Log

GAP = 2


def recommendation(
    data: Annotated[
        str, typer.Option(help="Folder of behaviour data, or completejourney. Default: the shop's own events.")
    ] = "",
    models: Annotated[
        str, typer.Option(help="Who, with commas: popularity, recent, frequency, item-item ... Default: all.")
    ] = "",
    baseline: Annotated[
        str, typer.Option(help="Who all others are compared with. Default: frequency or popularity, by the question.")
    ] = "",
    part: Annotated[
        str, typer.Option(help="test, or validation: what came before it, to choose between models.")
    ] = "test",
    limit: Annotated[int, typer.Option(min=0, help="People a question, drawn by lot; 0: all.")] = 0,
    cold: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of items and people held out in a second fit; 0: none.")
    ] = 0.1,
    least: Annotated[int, typer.Option(min=0, help="Leave out items that fewer people took before.")] = 0,
    vectors: Annotated[
        bool, typer.Option("--vectors/--no-vectors", help="Encode the items' words, for models that read them.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn by lot.")] = 0,
    html: Annotated[
        Path | None, typer.Option(help="Also write one HTML page to this file.", dir_okay=False, show_default=False)
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """What people took later, ranked in full by each model: HR@10, nDCG@10, coverage, novelty, by activity, unseen.

    [bold]shopwise eval recommendation --data beauty --models popularity,item-item --html rec.html[/bold]

    [bold]shopwise eval recommendation --data completejourney --least 10[/bold]

    Docs: docs/evaluation.md.
    """
    from eval.recommendation.contenders import chosen
    from eval.recommendation.run import Plan, evaluate
    from eval.recommendation.splits import Options

    if part not in ("test", "validation"):
        raise BadInputError(f"There is no part {part}.", "Give --part test or --part validation.")
    if html is not None and not html.absolute().parent.is_dir():
        raise BadInputError(f"There is no folder {html.parent} for the page.", "Make it, or name another with --html.")
    names = tuple(name.strip() for name in models.split(",") if name.strip())
    chosen(names)
    plan = Plan(names, Options(part, limit, seed, cold, least), baseline)
    settings = settings_for(home)
    log = _log(data, settings)
    with counted() as say:
        report = evaluate(log, plan, _encode(settings) if vectors else None, say)
    write_json(report.json_dict()) if as_json else _show(report)
    if html is not None:
        from eval.recommendation.page import page

        _write(html, page(report, datetime.now(UTC)))


def ope(
    log: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of decisions with their propensities. Default: the shop's own log.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    policy: Annotated[
        str, typer.Option(help="Of the shop's own log: greedy, even, or plain, which explores nothing.")
    ] = "greedy",
    reward: Annotated[str, typer.Option(help="Of the shop's own log: click, add_to_cart or purchase.")] = "click",
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="Of the shop's own log.")] = 90.0,
    clip: Annotated[float, typer.Option(min=0, help="Greatest weight of a decision; 0: none is cut.")] = 0.0,
    resamples: Annotated[int, typer.Option(min=100, max=100_000, help="Of the bootstrap.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Of the bootstrap and of the folds of the reward model.")] = 0,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """What another policy would have earned, from a log of decisions that says how likely each one was.

    Inverse propensity scores (IPS), self-normalised (SNIPS), doubly robust (DR), and the effective sample.

    [bold]shopwise eval ope --policy greedy --reward purchase[/bold]

    [bold]shopwise eval ope --log decisions.jsonl --clip 20[/bold]

    Docs: docs/evaluation.md.
    """
    from eval.recommendation.decisions import read_decisions
    from eval.recommendation.ope import estimate

    if log is not None:
        report = estimate(read_decisions(log), clip=clip, resamples=resamples, seed=seed)
        write_json(report.json_dict()) if as_json else _show_policy(report)
        return
    own = _own_log(settings_for(home), days, policy, reward)
    report = estimate(own.decisions, clip=clip, resamples=resamples, seed=seed)
    report = replace(report, warnings=[*report.warnings, *own.warnings])
    if as_json:
        write_json(report.json_dict() | {"log": own.json_dict()})
        return
    _show_own(own)
    _show_policy(report)


def _own_log(settings: Settings, days: float, policy: str, reward: str) -> OwnLog:
    """From the database alone, so that a web app may run meanwhile."""
    from eval.recommendation.explored import own_log
    from retriever.database import Database

    if not settings.database_url and not (settings.home / "shop.sqlite").is_file():
        raise BadInputError(f"There is no shop in {settings.home}.", "Import one first, or name a file with --log.")
    database = Database(settings.resolved_database_url)
    try:
        database.migrate()
        return own_log(database, now=datetime.now(UTC), days=days, policy=policy, reward=reward)
    finally:
        database.close()


def _log(data: str, settings: Settings) -> Log:
    if data:
        from eval.recommendation.data import read_log

        return read_log(data)
    from eval.recommendation.own import shop_log

    with opened(settings) as store:
        return shop_log(store)


def _encode(settings: Settings) -> Encode:
    from ranker.encoder import SentenceEncoder
    from retriever.indexing import EmbeddingCache

    cache, encoder = EmbeddingCache(settings.cache), SentenceEncoder()
    return lambda texts: cache.vectors(encoder, texts)


def _show(report: Report) -> None:
    """The report for a person: of each trial accuracy, lists and activity."""
    from eval.recommendation.report import LISTS_HEAD, MAIN, accuracy_rows, band_rows, lists_rows, shown_metrics

    out.print(escape(f"{report.data}: {report.people:,} people, {report.items:,} items, {report.events:,} events"))
    for note in report.notes:
        tell(note)
    for trial in report.trials:
        out.print(f"\n[bold]{escape(trial.name)}[/bold] ({trial.groups['all']:,} people). {escape(trial.told)}")
        difference = f"{MAIN} minus {trial.baseline}"
        _rows(["model", *shown_metrics(trial), difference, "p", "p (Holm)"], accuracy_rows(trial))
        _rows(list(LISTS_HEAD), lists_rows(trial))
        groups = [f"{name} ({count:,})" for name, count in trial.groups.items()]
        _rows([f"{MAIN} by activity", *groups], band_rows(trial))
    for name, why in {one.name: one.skipped for trial in report.trials for one in trial.models if one.skipped}.items():
        tell(f"left out: {name}: {why}")


def _show_own(own: OwnLog) -> None:
    """What the shop's lists led to, by source."""
    out.print(escape(f"{own.lists:,} lists since {own.since:%Y-%m-%d}; the policy in question: {own.policy}"))
    _rows(
        ["source", "shown", "clicked", "carted", "bought"],
        [
            [name, *(f"{count:,}" for count in (one.shown, one.clicked, one.carted, one.bought))]
            for name, one in sorted(own.by_source.items(), key=lambda pair: -pair[1].shown)
        ],
    )
    if own.ignored:
        tell(f"{own.ignored:,} events name a list and count for nothing: not theirs, not shown there, or too late")


def _show_policy(report: PolicyReport) -> None:
    from eval.recommendation.ope import rows

    out.print(escape(report.summary()))
    _rows(["estimate", "value [95 % interval]", "minus what was logged"], rows(report))
    for warning in report.warnings:
        tell(warning)


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table as wide as its figures: nothing is cut off in a narrow terminal."""
    table = Table(box=None, header_style="bold")
    for name in head:
        table.add_column(escape(name), no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    needed = sum(max(map(len, column)) + GAP for column in zip(head, *rows, strict=True))
    Console(width=max(out.width, needed), highlight=False).print(table, soft_wrap=True)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(
            f"The page {path} cannot be written: {error.strerror or error}.", "Name another file with --html."
        ) from error
    tell(f"wrote {path}")


COMMANDS: dict[str, Callable[..., None]] = {"recommendation": recommendation, "ope": ope}
