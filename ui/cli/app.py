"""The commands, and how their errors reach a person. What a command needs is imported when it runs."""

from __future__ import annotations

import sys

import typer
from rich.markup import escape

from retriever.errors import ShopwiseError
from ui.cli import (
    asking,
    diagnosis,
    evaluating,
    exporting,
    importing,
    modelling,
    profile,
    quality,
    recommending,
    rules,
    searching,
    serving,
    suggesting,
    synonyms,
    training,
)
from ui.cli.terminal import err, quiet_logs

app = typer.Typer(
    name="shopwise",
    help=(
        "An agentic shopping assistant that a shop runs on its own machines.\n\n"
        "Start here: [bold]shopwise demo[/bold] sells from a fictional shop and prints the page's address. "
        "With your own goods: [bold]shopwise import jsonl goods.jsonl[/bold], then [bold]shopwise serve[/bold].\n\n"
        "Exit codes: 0 done, 2 bad input, 3 a part is unavailable (the message says which, and how to start it)."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
app.command("demo")(serving.demo)
app.command("import")(importing.import_command)
app.command("export")(exporting.export_command)
app.command("quality")(quality.quality)
app.command("search")(searching.search)
app.command("recommend")(recommending.recommend)
app.command("suggest")(suggesting.suggest)
app.add_typer(synonyms.app, name="synonyms")
app.add_typer(rules.app, name="rules")
app.command("ask")(asking.ask)
app.command("chat")(asking.chat)
app.command("serve")(serving.serve)
app.add_typer(modelling.app, name="model")
app.add_typer(training.app, name="train")
app.add_typer(evaluating.app, name="eval")
app.add_typer(profile.app, name="profile")
app.command("doctor")(diagnosis.doctor)


def run() -> None:
    """Run the command line of this process."""
    quiet_logs()
    try:
        app()
    except ShopwiseError as error:
        err.print(f"[bold red]Error:[/bold red] {escape(error.message)}")
        if error.hint:
            err.print(escape(error.hint))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)
