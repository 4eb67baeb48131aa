"""``shopwise train order``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, owned_shop, settings_for
from ui.cli.runs import asked_for
from ui.cli.terminal import CountedProgress, out, tell, write_json

if TYPE_CHECKING:
    from ranker.order_training import Outcome
    from ranker.trees import Growth
    from retriever.store import Store
    from retriever.supervision.sources import Source


def order(
    judgments: Annotated[
        Path | None, typer.Option(help="File of judgments to learn from.", exists=True, dir_okay=False)
    ] = None,
    clicks: Annotated[bool, typer.Option("--clicks", help="Learn from the shop's own searches and clicks.")] = False,
    trees: Annotated[int, typer.Option(min=1, max=5000, help="Trees in a row.")] = 250,
    leaves: Annotated[int, typer.Option(min=2, max=64, help="Leaves of a tree.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed grows the same trees.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Use the result even if the order gets no better.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Give up the learned order; nothing is trained.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Learn the last order of search results from judgments or clicks: small trees over everything known of each.

    Takes seconds. The result is used if it orders queries that it has not seen better than the order in use does
    (cross-validated by query). A cross-encoder is trained by shopwise train ranker; the two go together.

    [bold]shopwise train order --judgments judgments.jsonl[/bold]

    [bold]shopwise train order --forget[/bold]
    """
    from ranker.trees import Growth

    settings = settings_for(home)
    if forget:
        _forget(settings.home, as_json=as_json)
        return
    if judgments is None and not clicks:
        raise BadInputError("There is nothing to learn from.", "Give --judgments FILE, --clicks, or both.")
    from retriever.supervision.sources import JudgmentsFile, OwnClicks

    sources: list[Source] = []
    if judgments is not None:
        sources.append(JudgmentsFile(judgments, tell))
    if clicks:
        sources.append(OwnClicks(tell))
    growth = Growth(trees=trees, leaves=leaves, seed=seed)
    with owned_shop(settings) as (store, progress):
        _show(_train(store, settings.home, sources, growth, progress, force=force), as_json=as_json)


def _train(
    store: Store, home: Path, sources: list[Source], growth: Growth, progress: CountedProgress, *, force: bool
) -> Outcome:
    from ranker.groups import TrainingDataError
    from ranker.order_training import train
    from ranker.trees import TreesError
    from retriever.learned_order import LearnedOrder
    from retriever.supervision.ordered import judged_signals
    from retriever.supervision.sources import gathered

    try:
        judged = {
            group.query: dict(zip(group.ids, group.gains, strict=True)) for group in gathered(sources, store, progress)
        }
        signals = judged_signals(judged, store.searcher, progress)
        weights = store.searcher.ordering.weights
        outcome = train(signals, weights, growth, force=force, command=asked_for(sys.argv), say=progress)
    except (TreesError, TrainingDataError) as error:
        raise BadInputError(str(error), error.hint) from error
    if outcome.kept:
        LearnedOrder(home).keep(outcome.trees)
    return outcome


def _forget(home: Path, *, as_json: bool) -> None:
    from retriever.learned_order import FILE

    there = (home / FILE).is_file()
    (home / FILE).unlink(missing_ok=True)
    if as_json:
        write_json({"forgotten": there})
        return
    tell("The learned order is gone; the plain one is used." if there else "There was no learned order.")


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        write_json(outcome.json_dict())
        return
    table = Table(f"{outcome.queries} queries, cross-validated", "nDCG@10")
    table.add_row("order in use", f"{outcome.before:.4f}")
    table.add_row("with what was learned", f"{outcome.after:.4f}")
    table.add_row("gain [95 % interval]", f"{outcome.gain:+.4f} [{outcome.low:+.4f}, {outcome.high:+.4f}]")
    out.print(table)
    if outcome.kept:
        tell("It is in use now; a web app that runs takes it up within seconds. To give it up: --forget.")
    else:
        tell("Refused: the order gets no better. More judged queries help; --force uses it all the same.")
