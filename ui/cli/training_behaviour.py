"""``shopwise train behaviour``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, owned_shop, records, settings_for, stocked
from ui.cli.runs import asked_for
from ui.cli.terminal import CountedProgress, counted, out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from ranker.behaviour.model import Vectors
    from ranker.behaviour.retraining import Outcome, Plan
    from ranker.cross.shelf import Shelf
    from retriever.catalogue import Catalogue
    from retriever.database import Database


def behaviour(
    model: Annotated[
        str,
        typer.Option(
            help="ease, item-item, als, bpr, towers, sequence, repeat, popularity or recent. Default: ease, or "
            "item-item in a shop with too many goods for it.",
            show_default=False,
        ),
    ] = "",
    epochs: Annotated[
        int, typer.Option(min=0, help="Rounds of als, bpr, towers and sequence; 0: as many as usual.")
    ] = 0,
    held_out: Annotated[float, typer.Option(min=0.01, max=1, help="Share of the people to judge by.")] = 0.2,
    again: Annotated[
        bool,
        typer.Option("--again", help="Judge by the last item even if it was taken before: groceries. repeat does so."),
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed trains the same model.")] = 7,
    anew: Annotated[bool, typer.Option("--anew", help="Begin with nothing, not with the model in use.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Use the result even if it is worse.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Give up the model in use; nothing is trained.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Learn from the shop's own events what people want next, for its recommendations.

    The result is used if it says no worse than the model in use what people took last: of a share of them, always the
    same ones, the last new item is learned by neither. A sequence model learns on from the one in use. The shop may be
    served meanwhile, but for towers and sequence.

    [bold]shopwise train behaviour[/bold]

    [bold]shopwise train behaviour --model sequence --epochs 20[/bold]

    [bold]shopwise train behaviour --forget[/bold]
    """
    from ranker.behaviour.retraining import Plan
    from ranker.behaviour.trainers import READ_VECTORS
    from ranker.cross.shelf import Shelf
    from retriever.recommending.knowledge.behaviour import FOLDER

    settings = settings_for(home)
    shelf = Shelf(settings.home / FOLDER)
    if forget:
        _forget(shelf, as_json=as_json)
        return
    plan = Plan(
        model,
        epochs=epochs,
        seed=seed,
        held_out=held_out,
        again=again,
        anew=anew,
        force=force,
        command=asked_for(sys.argv),
    )
    outcome = _with_vectors(settings, shelf, plan) if plan.model in READ_VECTORS else _beside(settings, shelf, plan)
    write_json(outcome.json_dict()) if as_json else _show(outcome)


def _with_vectors(settings: Settings, shelf: Shelf, plan: Plan) -> Outcome:
    """Trains a model that reads the goods' vectors, which the process that owns the folder has."""
    from retriever.recommending.knowledge.behaviour import vectors_of

    with owned_shop(settings) as (store, progress):
        vectors = vectors_of(store.vectors.vectors)
        return _train(store.database, store.catalogue, vectors, (shelf, plan), progress)


def _beside(settings: Settings, shelf: Shelf, plan: Plan) -> Outcome:
    """Trains on the records alone, while the shop may be served."""
    with records(settings) as (database, catalogue), counted() as progress:
        return _train(database, catalogue, lambda _: None, (shelf, plan), progress)


def _train(
    database: Database,
    catalogue: Catalogue,
    vectors: Callable[[Sequence[str]], Vectors | None],
    wanted: tuple[Shelf, Plan],
    progress: CountedProgress,
) -> Outcome:
    from ranker.behaviour.model import BehaviourError, Items
    from ranker.behaviour.retraining import retrain
    from retriever.interactions.histories import recorded_histories

    stocked(catalogue)
    progress("reading the events", 0, 0)
    found = recorded_histories(database, now=time.time())
    _tell_of(found.report.programs, len(found.report.pushed))
    ids = tuple(sorted(catalogue.all_ids()))
    shelf, plan = wanted
    try:
        return retrain(shelf, found.people, Items(ids, vectors(ids)), plan, progress)
    except BehaviourError as error:
        raise BadInputError(str(error), error.hint) from error


def _tell_of(programs: int, pushed: int) -> None:
    if programs:
        tell(f"Left out: what {programs} visitors did that are programs.")
    if pushed:
        tell(f"Damped: {pushed} products that were pushed.")


def _forget(shelf: Shelf, *, as_json: bool) -> None:
    there = shelf.put_away()
    if as_json:
        write_json({"forgotten": there})
        return
    tell("The behaviour model is out of use." if there else "There was no behaviour model.")


def _show(outcome: Outcome) -> None:
    verdict = outcome.verdict
    table = Table(f"last {'' if outcome.again else 'new '}item of {verdict.people} people", "nDCG@10")
    table.add_row("model in use", "none" if verdict.champion is None else f"{verdict.champion:.4f}")
    table.add_row(f"trained: {outcome.model}", f"{verdict.challenger:.4f}")
    if verdict.low is not None and verdict.high is not None:
        table.add_row("difference [95 % interval]", f"[{verdict.low:+.4f}, {verdict.high:+.4f}]")
    out.print(table, markup=False)
    if outcome.fault:
        tell(f"The model in use could not be compared: {outcome.fault}")
    learned = f"{outcome.events:,} events of {outcome.people:,} people"
    tell(f"{learned} in {outcome.seconds:.0f} s; {outcome.megabytes:.1f} MB.")
    if outcome.kept:
        tell("It is in use now; a web app that runs takes it up by itself. To give it up: --forget.")
    else:
        tell(f"Refused. {verdict.reason} {outcome.run} has it; --force uses it all the same.")
