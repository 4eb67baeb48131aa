"""``shopwise train ranker``."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, owned_shop, settings_for, stocked
from ui.cli.runs import asked_for, run_folder, said
from ui.cli.terminal import CountedProgress, out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from ranker.cross.run import Outcome, Plan
    from ranker.cross.shelf import Shelf
    from ranker.likelihood import Teacher
    from retriever.supervision.sources import Source


MIX = "catalogue=1,judgments=3"
GIVE = {
    "catalogue": "Leave out --no-catalogue",
    "judgments": "Give --judgments FILE",
    "clicks": "Give --clicks",
}


class RankerMethod(StrEnum):
    """Which weights are trained."""

    FULL = "full"
    LORA = "lora"
    LAYERS = "layers"


class RankerLoss(StrEnum):
    """What training makes small."""

    LAMBDA = "lambda"
    BCE = "bce"
    LISTWISE = "listwise"
    MARGIN = "margin"


class Pooling(StrEnum):
    """What the score is read from."""

    MEAN = "mean"
    CLS = "cls"


def ranker(
    judgments: Annotated[
        Path | None, typer.Option(help="File of judgments to learn from.", exists=True, dir_okay=False)
    ] = None,
    clicks: Annotated[bool, typer.Option("--clicks", help="Learn from the shop's own searches and clicks.")] = False,
    catalogue: Annotated[
        bool | None,
        typer.Option(help="Learn from the catalogue alone, without labels. Default: if nothing else is given."),
    ] = None,
    mix: Annotated[
        str,
        typer.Option(help="Shares of the sources, as catalogue=1,judgments=3. Default: every query of each, once."),
    ] = "",
    queries: Annotated[int, typer.Option(min=10, help="Queries to invent from the catalogue.")] = 4_000,
    method: Annotated[RankerMethod, typer.Option(help="Which weights are trained.")] = RankerMethod.FULL,
    layers: Annotated[int, typer.Option(min=1, help="Upper layers that --method layers trains.")] = 2,
    depth: Annotated[int, typer.Option(min=0, help="Layers of the base to keep, for speed; 0: all.")] = 0,
    rank: Annotated[int, typer.Option(min=1, max=256, help="Rank of --method lora.")] = 16,
    loss: Annotated[RankerLoss, typer.Option(help="What training makes small.")] = RankerLoss.LAMBDA,
    pooling: Annotated[
        Pooling, typer.Option(help="Read the score from all tokens, or from the first one, as vLLM does.")
    ] = Pooling.MEAN,
    base: Annotated[str, typer.Option(help="Folder or Hugging Face id of the encoder. Default: the built-in.")] = "",
    epochs: Annotated[int, typer.Option(min=1, help="Times that every query is seen.")] = 3,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 5e-5,
    seed: Annotated[int, typer.Option(help="The same seed trains the same ranker.")] = 1,
    held_out: Annotated[float, typer.Option(help="Share of the queries to judge by.")] = 0.1,
    search: Annotated[int, typer.Option(min=0, help="Recipes to try before the training; 0: none.")] = 0,
    tensorboard: Annotated[bool, typer.Option(help="Log for TensorBoard, in the run's folder.")] = True,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the newest run that was interrupted.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Begin with the base, not with the ranker in use.")] = False,
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="Folder of the run, in HOME/ranker. Default: a new one.", file_okay=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Use the result even if it is worse.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Fine-tune the ranker on the shop's goods alone, on judgments, on clicks, or on a mix; no labels are needed.

    The ranker in use learns on, unless its pooling is another. The result takes its place if it orders the held-out
    queries no worse. Until then, and whenever a training is interrupted, the one in use goes on.

    [bold]shopwise train ranker[/bold]

    [bold]shopwise train ranker --judgments judgments.jsonl --no-catalogue --loss lambda --search 20[/bold]

    [bold]shopwise train ranker --judgments judgments.jsonl --mix catalogue=1,judgments=3[/bold]
    """
    from ranker.cross.recipe import Recipe, RecipeError
    from ranker.cross.run import Plan
    from ranker.cross.shelf import Shelf

    shares = _shares(mix)
    labels = judgments is not None or clicks
    alone = (not labels or "catalogue" in shares) if catalogue is None else catalogue
    if not alone and not labels:
        raise BadInputError(
            "There is nothing to learn from.", "Give --judgments FILE or --clicks, or leave out --no-catalogue."
        )
    _check_shares(shares, {"catalogue": alone, "judgments": judgments is not None, "clicks": clicks})
    settings = settings_for(home)
    shelf = Shelf(settings.home / "ranker")
    run = run_folder(shelf, out_folder, resume=resume)
    try:
        recipe = Recipe(
            base=base or ("" if anew else _learned(shelf, pooling)),
            method=method.value,
            layers=layers,
            depth=depth,
            rank=rank,
            loss=loss.value,
            pooling=pooling.value,
            epochs=epochs,
            rate=rate,
            seed=seed,
        )
    except RecipeError as error:
        raise BadInputError(str(error), "See shopwise train ranker --help.") from error
    asked = {
        "judgments": str(judgments.resolve()) if judgments else "",
        "clicks": clicks,
        "catalogue": alone,
        "queries": queries,
    }
    plan = Plan(
        recipe,
        held_out=held_out,
        trials=search,
        tensorboard=tensorboard,
        command=asked_for(sys.argv),
        sources=asked,
        mix=shares,
    )
    if resume:
        plan = Plan.read(run)
    _show(_train(settings, shelf, run, replace(plan, force=force)), as_json=as_json)


def _shares(mix: str) -> dict[str, float]:
    """Shares as ``catalogue=1,judgments=3`` gives them.

    Raises:
        BadInputError: if they cannot be read.
    """
    shares: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in mix.split(","))):
        name, _, number = (word.strip() for word in part.partition("="))
        try:
            share = float(number)
        except ValueError:
            share = 0.0
        if name in shares or not 0 < share < math.inf:
            raise BadInputError(
                f"The part '{part}' of --mix is not a source and its share, a number above 0.", f"Write {MIX}."
            )
        shares[name] = share
    return shares


def _check_shares(shares: Mapping[str, float], used: Mapping[str, bool]) -> None:
    """That a mix speaks of what is learned from, and of all of it.

    Raises:
        BadInputError: if it does not.
    """
    for name in shares:
        if name not in used:
            raise BadInputError(f"There is no source '{name}' to mix.", f"The sources are {', '.join(used)}.")
        if not used[name]:
            raise BadInputError(
                f"--mix gives '{name}' a share, but it is not learned from.", f"{GIVE[name]}, or leave it out of --mix."
            )
    left = [name for name, is_used in used.items() if is_used and name not in shares]
    if shares and left:
        raise BadInputError(f"--mix gives '{left[0]}' no share.", f"Give it one too: {left[0]}=1.")


def _learned(shelf: Shelf, pooling: Pooling) -> str:
    """The network of the ranker in use, if it can learn on."""
    from ranker.cross.network import learned
    from ranker.cross.scoring import RankerMissingError
    from ranker.cross.training import MODEL

    try:
        folder = shelf.in_use()
    except RankerMissingError:  # the comparison says so
        return ""
    network = folder.parent / MODEL if folder else None
    return str(network) if network and learned(network, pooling.value) else ""


def _train(settings: Settings, shelf: Shelf, run: Path, plan: Plan) -> Outcome:
    """The training, by a process that owns the shop's folder."""
    from ranker.cross.run import tune
    from ranker.cross.serving import OnnxCrossEncoder
    from ranker.cross.shelf import shipped
    from retriever.supervision.sources import gathered

    with owned_shop(settings) as (store, progress):
        stocked(store.catalogue)
        default = shipped()
        with said():
            return tune(
                shelf,
                run,
                lambda: gathered(_sources(run, plan), store, progress),
                plan,
                progress,
                default=OnnxCrossEncoder(default) if default else None,
            )


def _sources(run: Path, plan: Plan) -> list[Source]:
    """What was asked to learn from."""
    from retriever.supervision.sources import CatalogueAlone, JudgmentsFile, OwnClicks

    asked = plan.sources
    sources: list[Source] = []
    if asked["judgments"]:
        sources.append(JudgmentsFile(Path(str(asked["judgments"])), tell))
    if asked["clicks"]:
        sources.append(OwnClicks(tell))
    if asked["catalogue"]:
        queries, seed = int(asked["queries"]), plan.recipe.seed
        sources.append(CatalogueAlone(lambda progress: _teacher(run, progress), queries=queries, seed=seed))
    return sources


def _teacher(run: Path, progress: CountedProgress) -> Teacher:
    """The built-in language model, unquantised, in the run's folder."""
    from assistant.model.weights import write_base
    from ranker.likelihood import QueryLikelihood

    folder = run / "teacher"
    if not (folder / "tokenizer.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_base(folder, lambda phase, _: progress(phase, 0, 0))
    return QueryLikelihood(folder)


def _show(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        write_json(outcome.json_dict())
        return
    table = Table("held-out queries", "in use", "trained")
    table.add_row("nDCG@10", "none" if outcome.before is None else f"{outcome.before:.4f}", f"{outcome.ndcg:.4f}")
    out.print(table)
    tell(f"{outcome.steps} steps in {outcome.seconds:.0f} s; {outcome.precision}, {outcome.megabytes:.1f} MB.")
    if outcome.fault:
        tell(f"The ranker in use could not be compared: {outcome.fault}")
    if outcome.kept:
        tell(f"In use from now on: {escape(str(outcome.run))}. Its README.md, in model/, says how good it is.")
    else:
        tell(f"Not used: it does worse than the ranker in use. {outcome.run} has it; --force uses it.")
