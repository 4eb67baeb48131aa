"""``shopwise rules``: the shop's rules for recommendations, listed and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from retriever.recommending.listing.rules_file import AnyRule, RuleBook

app = typer.Typer(
    help=(
        "The shop's rules for recommendations, kept in HOME/recommendations.toml: boost, bury, pin, sponsor, exclude, "
        "age, promotion. A running shop has them within a second."
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("list")
def list_rules(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """The rules of the file, in its order."""
    from retriever.recommending.listing.rules_file import RulesFile

    file = RulesFile(settings_for(home).home)
    book = file.checked()
    if as_json:
        write_json([_plain(rule) for rule in book.rules])
        return
    for rule in book.rules:
        out.print(escape(_line(rule)))
    if not book.rules:
        tell(f"There are no rules in {file.path}. docs/recommendations.md has examples.")


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Default: recommendations.toml of the shop.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say whether a file can be used; where it cannot, in which line and why (exit 2).

    Beside a shop's goods it also names the rules that apply to none of them.
    """
    from retriever.recommending.listing.rules_file import RulesFile, parse

    settings = settings_for(home)
    if path is None:
        file = RulesFile(settings.home)
        path, book = file.path, file.checked()
    else:
        book = parse(_text(path), path)
    idle = _idle(settings, book)
    if as_json:
        write_json({"path": str(path), "rules": len(book.rules), "idle": idle})
        return
    for name in idle:
        tell(f"The rule '{name}' applies to nothing that this shop has.")
    out.print(escape(f"{path} can be used: {len(book.rules)} {'rule' if len(book.rules) == 1 else 'rules'}."))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} cannot be read: {error}", "Name a TOML file in UTF-8.") from error


def _idle(settings: Settings, book: RuleBook) -> list[str]:
    """The rules that apply to no product; none where there is no shop yet."""
    from retriever.database import Database

    if not book.rules or not (settings.database_url or (settings.home / "shop.sqlite").exists()):
        return []
    database = Database(settings.resolved_database_url)
    try:
        return _without_goods(database, book)
    finally:
        database.close()


def _without_goods(database: Any, book: RuleBook) -> list[str]:
    from retriever.recommending.listing.belonging import RecordedBelonging
    from retriever.recommending.listing.promotions import Promotions
    from retriever.recommending.listing.rules_file import Promote

    belonging, offers = RecordedBelonging(database), Promotions(database).get()
    idle: list[str] = []
    for rule in book.rules:
        meant = belonging.ids(rule.applies) if rule.applies else None
        if isinstance(rule, Promote):
            offer = offers.get(rule.promotion)
            of_offer = belonging.ids(offer.applies) if offer else set[str]()
            meant = of_offer if meant is None else meant & of_offer
        if not meant:
            idle.append(rule.name)
    return idle


def _plain(rule: AnyRule) -> dict[str, Any]:
    return rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _line(rule: AnyRule) -> str:
    """Such as: Tents first: boost, category Tents, factor 1.5, goals personal popular."""
    said = [f"{name} {_words(value)}" for name, value in _plain(rule).items() if name not in ("name", "kind")]
    return ", ".join([f"{rule.name}: {rule.kind}", *said])


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={held}" for name, held in value.items())
    return " ".join(str(one) for one in value) if isinstance(value, list) else str(value)
