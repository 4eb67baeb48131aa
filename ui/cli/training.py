"""``shopwise train``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ui.cli.opening import HomeOption, JsonOption, owned_shop, settings_for
from ui.cli.terminal import out, tell, write_json
from ui.cli.training_behaviour import behaviour
from ui.cli.training_encoder import encoder
from ui.cli.training_order import order
from ui.cli.training_ranker import ranker

app = typer.Typer(no_args_is_help=True, help="Train the models on the shop's own goods.")
app.command("ranker")(ranker)
app.command("encoder")(encoder)
app.command("order")(order)
app.command("behaviour")(behaviour)


class Method(StrEnum):
    """What is trained."""

    LORA = "lora"
    ADALORA = "adalora"
    PREFIX = "prefix"
    FULL = "full"


@app.callback()
def group() -> None:
    """Train the models on the shop's own goods."""


@app.command("assistant")
def assistant(
    minutes: Annotated[float, typer.Option(min=0.1, help="Minutes of training, beside the preparation.")] = 58,
    dialogues: Annotated[int, typer.Option(min=10, help="Dialogues to rehearse.")] = 7_000,
    method: Annotated[Method, typer.Option(help="What is trained; only lora becomes the shop's own.")] = Method.LORA,
    rank: Annotated[int, typer.Option(min=1, max=256, help="Rank of the adapter.")] = 32,
    corpora: Annotated[
        Path | None,
        typer.Option(help="Folder with bitext/train.csv, clinc150/data_full.json or both, to mix in.", file_okay=False),
    ] = None,
    conversations: Annotated[
        bool,
        typer.Option("--conversations", help="Learn from the shop's own successful conversations too."),
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin with the bare model, not with the adapter in use.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed rehearses the same dialogues.")] = 1,
    run: Annotated[
        Path | None,
        typer.Option(help="Folder of the run; one that was interrupted goes on. Default: HOME/runs/assistant."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Keep the result even if it is worse.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Tune the built-in model to speak of this shop's goods: dialogues with the real tools, then an adapter.

    The adapter in use learns on, unless its rank is another. The result is kept in HOME/clerk if it does no worse on
    held-out dialogues than the one in use, and is merged into the model at its next start.

    [bold]shopwise train assistant[/bold]

    [bold]shopwise train assistant --minutes 10 --dialogues 500[/bold]
    """
    from assistant.tune.run import Plan, shown, tune
    from assistant.tune.train import Recipe

    settings = settings_for(home)
    recipe = Recipe(method=method.value, rank=rank, minutes=minutes)
    plan = Plan(recipe, dialogues=dialogues, seed=seed, corpora=corpora, conversations=conversations, anew=anew)
    with owned_shop(settings) as (store, progress):
        outcome = tune(settings, store, run or settings.home / "runs" / "assistant", plan, force=force, say=progress)
    if as_json:
        write_json({"kept": outcome.kept, "before": outcome.before.__dict__, "after": outcome.after.__dict__})
        return
    table = Table("held-out dialogues", "in use", "trained")
    before = dict(shown(outcome.before))
    for name, value in shown(outcome.after):
        table.add_row(escape(name), f"{before.get(name, 0):.3f}", f"{value:.3f}")
    out.print(table)
    if outcome.kept:
        tell(f"Kept in {outcome.folder}. The next start of the model merges it in.")
    else:
        why = "it does worse than the adapter in use" if method == Method.LORA else "only lora can be merged"
        tell(f"Not kept: {why}. The run's own folder has it." + (" --force keeps it." if method == Method.LORA else ""))
