"""``shopwise train encoder``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, owned_shop, settings_for, stocked
from ui.cli.runs import asked_for, run_folder, said
from ui.cli.terminal import CountedProgress, out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from ranker.bi.run import Found, Lessons, Outcome, Plan
    from ranker.groups import Group
    from retriever.store import Store
    from retriever.supervision.sources import Source


class EncoderMethod(StrEnum):
    """Which weights are trained."""

    FULL = "full"
    LAYERS = "layers"


class GradedLoss(StrEnum):
    """The loss over a query's own products."""

    LISTWISE = "listwise"
    MARGIN = "margin"
    LAMBDA = "lambda"


def encoder(
    ranker_run: Annotated[
        str, typer.Option(help="Run of shopwise train ranker whose data to learn from. Default: the newest.")
    ] = "",
    judgments: Annotated[
        Path | None, typer.Option(help="File of judgments to learn from instead.", exists=True, dir_okay=False)
    ] = None,
    clicks: Annotated[
        bool, typer.Option("--clicks", help="Learn from the shop's own searches and clicks instead.")
    ] = False,
    base: Annotated[
        str, typer.Option(help="Folder or Hugging Face id of a sentence encoder. Default: the one in use.")
    ] = "",
    method: Annotated[EncoderMethod, typer.Option(help="Which weights are trained.")] = EncoderMethod.FULL,
    layers: Annotated[int, typer.Option(min=1, help="Upper layers that --method layers trains.")] = 2,
    loss: Annotated[GradedLoss, typer.Option(help="The loss over a query's own products.")] = GradedLoss.LISTWISE,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Its share; the rest is against the products of other queries.")
    ] = 0.5,
    epochs: Annotated[int, typer.Option(min=1, help="Times that every query is seen.")] = 3,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 2e-5,
    seed: Annotated[int, typer.Option(help="The same seed trains the same encoder.")] = 1,
    held_out: Annotated[
        float, typer.Option(help="Share of the queries to judge by; a ranker's run has its own.")
    ] = 0.1,
    among: Annotated[
        int, typer.Option(min=0, help="Products that recall is measured among; 0: it is not measured.")
    ] = 20_000,
    tensorboard: Annotated[bool, typer.Option(help="Log for TensorBoard, in the run's folder.")] = True,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the newest run that was interrupted.")] = False,
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the run, in HOME/encoder. Default: a new one.", file_okay=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Keep the result even if it is worse.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Tune the sentence encoder of the dense leg on what the ranker was trained on, or on judgments or clicks.

    The result is refused if it is worse than the encoder in use: in the order of the held-out queries' products, or
    in what it finds of them among all products. Else the command says how to use it; nothing changes until then.

    [bold]shopwise train encoder[/bold]

    [bold]shopwise train encoder --judgments judgments.jsonl --loss margin[/bold]
    """
    from ranker.bi.recipe import EncoderRecipe
    from ranker.bi.run import Plan
    from ranker.cross.recipe import RecipeError
    from ranker.cross.shelf import Shelf

    if ranker_run and (judgments or clicks):
        raise BadInputError("--ranker-run brings its own data.", "Leave it out to learn from --judgments or --clicks.")
    settings = settings_for(home)
    run = run_folder(Shelf(settings.home / "encoder"), out_folder, resume=resume)
    try:
        recipe = EncoderRecipe(
            base=base or settings.encoder,
            method=method.value,
            layers=layers,
            graded=loss.value,
            share=share,
            epochs=epochs,
            rate=rate,
            seed=seed,
        )
    except RecipeError as error:
        raise BadInputError(str(error), "See shopwise train encoder --help.") from error
    asked: dict[str, str | float] = {
        "ranker_run": ranker_run,
        "judgments": str(judgments.resolve()) if judgments else "",
        "clicks": clicks,
        "held_out": held_out,
    }
    plan = Plan(recipe, among=among, tensorboard=tensorboard, command=asked_for(sys.argv), sources=asked)
    if resume:
        plan = Plan.read(run)
    _show(_train(settings, run, replace(plan, force=force)), as_json=as_json)


def _train(settings: Settings, run: Path, plan: Plan) -> Outcome:
    """The training, by a process that owns the shop's folder."""
    from ranker.bi.run import Shop, tune
    from retriever.indexing import EmbeddingCache
    from retriever.vectors import embedding_text

    with owned_shop(settings) as (store, progress):
        stocked(store.catalogue)
        goods = store.catalogue.stamped(store.catalogue.all_ids())
        shop = Shop(
            in_use=store.encoder,
            products={each.product.id: embedding_text(each) for each in goods},
            vectors=EmbeddingCache(settings.cache).vectors,
        )
        with said():
            return tune(run, lambda: _lessons(settings, plan, store, progress), plan, shop, progress)


def _lessons(settings: Settings, plan: Plan, store: Store, progress: CountedProgress) -> Lessons:
    """What was asked to learn from, with the texts that the index embeds.

    Queries that a ranker's run holds out are held out here too: search as a whole can be measured on them.
    """
    from ranker.bi.run import Lessons
    from ranker.groups import split
    from retriever.supervision.embedded import embedded_groups
    from retriever.supervision.sources import JudgmentsFile, OwnClicks, gathered

    asked = plan.sources
    sources: list[Source] = []
    if asked["judgments"]:
        sources.append(JudgmentsFile(Path(str(asked["judgments"])), tell))
    if asked["clicks"]:
        sources.append(OwnClicks(tell))
    if sources:
        groups = embedded_groups(gathered(sources, store, progress), store.catalogue)
        return Lessons(*split(groups, float(asked["held_out"]), seed=plan.recipe.seed))
    taught, held_out = _ranker_groups(settings.home / "ranker", str(asked["ranker_run"]))
    return Lessons(embedded_groups(taught, store.catalogue), embedded_groups(held_out, store.catalogue))


def _ranker_groups(folder: Path, name: str) -> tuple[Sequence[Group], Sequence[Group]]:
    """The groups of a ranker's run: to learn from and held out.

    Raises:
        BadInputError: if there is no such run.
    """
    from ranker.cross.run import HELD_OUT, TRAIN
    from ranker.groups import read_groups

    runs = [folder / name] if name else sorted(folder.glob("run-*"), reverse=True)
    run = next((each for each in runs if (each / TRAIN).is_file() and (each / HELD_OUT).is_file()), None)
    if run is None:
        raise BadInputError(
            f"There is no data of a ranker's training in {folder / name if name else folder}.",
            "Run shopwise train ranker first, or give --judgments FILE or --clicks.",
        )
    tell(f"Learning from the data of {run}.")
    return read_groups(run / TRAIN).groups, read_groups(run / HELD_OUT).groups


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        write_json(outcome.json_dict())
        return
    table = Table("held-out queries", "in use", "trained")
    table.add_row("nDCG@10", f"{outcome.before.ndcg:.4f}" if outcome.before else "none", f"{outcome.found.ndcg:.4f}")
    if outcome.found.recall:
        looked = f"Recall@50 among {outcome.found.recall.products:,} products"
        table.add_row(looked, _recall(outcome.before), _recall(outcome.found))
    out.print(table)
    tell(f"{outcome.steps} steps in {outcome.seconds:.0f} s.")
    if outcome.fault:
        tell(f"The encoder in use could not be compared: {outcome.fault}")
    if not outcome.kept:
        tell(f"Refused: {'; '.join(outcome.worse)}. {outcome.encoder} has it; --force keeps such a one.")
        return
    tell("To use it, set this for every command and for the web app, and start them anew:")
    out.print(f"SHOPWISE_ENCODER={outcome.encoder.resolve()}", markup=False, highlight=False, soft_wrap=True)
    tell(_cost(outcome))


def _cost(outcome: Outcome) -> str:
    """What the change costs."""
    everything = outcome.found.recall is not None and outcome.found.recall.products == outcome.products
    what = f"Its vectors are others, so the next start indexes all {outcome.products:,} products anew"
    if everything:
        return f"{what}; they are encoded already, so that is quick. The old index stays: unset it to go back."
    return (
        f"{what}, about {outcome.embed_seconds:,.0f} s of encoding on this machine. "
        "The old index stays: unset it to go back."
    )


def _recall(found: Found | None) -> str:
    return f"{found.recall.mean:.4f}" if found and found.recall and found.recall.queries else "none"
