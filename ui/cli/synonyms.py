"""``shopwise synonyms``: the words that a shop's owner has for the same thing."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import out, tell, write_json

app = typer.Typer(
    help=(
        "Words that stand for each other in a search, kept in HOME/synonyms.txt. A running shop has them within a "
        "second. What the goods themselves teach (head phones, headphones) need not be written down."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Rule = Annotated[
    str, typer.Argument(help="'couch, sofa' for words that mean the same; 'bulb => lamp, light' for one way only.")
]


@app.command("list")
def list_rules(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """All rules, in their order; on stderr the lines of the file that are none."""
    from retriever.understanding.own_synonyms import SynonymFile

    file = SynonymFile(settings_for(home).home)
    rules, unreadable = file.rules(), file.unreadable()
    for line in unreadable:
        tell(f"This line of {file.path} is no rule and does nothing: {line}")
    if as_json:
        write_json([{"said": rule.said, "also": rule.also} for rule in rules])
        return
    for rule in rules:
        out.print(escape(str(rule)))
    if not rules:
        tell("There are no synonyms. Add some: shopwise synonyms add 'couch, sofa'")


@app.command()
def add(rule: Rule, home: HomeOption = None) -> None:
    """Write a rule down.

    [bold]shopwise synonyms add "couch, sofa"[/bold]

    [bold]shopwise synonyms add "xbox series x => console"[/bold]
    """
    from retriever.understanding.own_synonyms import SynonymFile

    out.print(f"Added: {escape(str(SynonymFile(settings_for(home).home).add(rule)))}")


@app.command()
def remove(
    rule: Annotated[str, typer.Argument(help="A rule, or a word: then all rules that have it.")],
    home: HomeOption = None,
) -> None:
    """Take a rule out, or every rule that has a word."""
    from retriever.understanding.own_synonyms import SynonymFile

    count = SynonymFile(settings_for(home).home).remove(rule)
    out.print("Removed 1 rule." if count == 1 else f"Removed {count} rules.")
