"""``shopwise recommend``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, open_shop, settings_for
from ui.cli.terminal import out, tell, write_json

if TYPE_CHECKING:
    from retriever.recommending.asking import Asked

SURFACE = "cli"


def recommend(
    user: Annotated[str | None, typer.Option("--user", help="A customer's id.", show_default=False)] = None,
    history: Annotated[
        str | None,
        typer.Option("--history", help="What somebody took, as ID,ID ..., oldest first.", show_default=False),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="For somebody of whom nothing is known.")] = False,
    goal: Annotated[
        str | None,
        typer.Option("--goal", help="personal, similar, complement, popular, new or again.", show_default=False),
    ] = None,
    like: Annotated[
        str, typer.Option("--like", help="ID,ID ...: what they are to be like, or to go with.", show_default=False)
    ] = "",
    context: Annotated[
        str,
        typer.Option(
            "--context",
            help='The moment, as JSON: {"product_id", "category", "query", "referrer", "locale", "answers", "adult"}.',
            show_default=False,
        ),
    ] = "",
    price_max: Annotated[float | None, typer.Option(min=0, help="Highest price.", show_default=False)] = None,
    upsell: Annotated[
        bool, typer.Option("--upsell/--no-upsell", help="Dearer goods, things that go along, paid placements.")
    ] = True,
    k: Annotated[int, typer.Option("-k", min=1, max=50, help="How many.")] = 10,
    language: Annotated[str, typer.Option(help="Of the reasons: en or zh.")] = "en",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Recommend goods, each with the reasons for it.

    [bold]shopwise recommend --user C-1[/bold]

    [bold]shopwise recommend --history tent-1,stove-3 --goal complement -k 5[/bold]

    [bold]shopwise recommend --new --context '{"query": "running", "locale": "zh-CN"}' --json[/bold]
    """
    from ui.shop import asked_of

    if sum((user is not None, history is not None, new)) != 1:
        raise BadInputError(
            "Say for whom, once.", "Give --user ID, --history ID,ID or --new. For example: shopwise recommend --new"
        )
    if language not in ("en", "zh"):
        raise BadInputError(f"Reasons cannot be told in '{language}'.", "Use en or zh.")
    asked = asked_of(
        {
            "goal": goal,
            "customer_id": _given(user, "--user") if user is not None else "",
            "history": _ids(_given(history, "--history")) if history is not None else (),
            "like": _ids(like),
            "price_max": None if price_max is None else str(price_max),
            "upsell": upsell,
            "k": k,
            "surface": SURFACE,
            "language": language,
            "context": _context(context),
        }
    )
    with open_shop(settings_for(home)) as shop:
        found = shop.recommend(asked)
    write_json(found) if as_json else _show(found, asked)


def _given(value: str, option: str) -> str:
    if not value.strip(" ,"):
        raise BadInputError(f"{option} names nobody and nothing.", "Give an id after it, or use --new.")
    return value.strip()


def _ids(words: str) -> tuple[str, ...]:
    return tuple(id for part in words.split(",") if (id := part.strip()))


def _context(text: str) -> dict[str, Any]:
    """The object that ``--context`` gives.

    Raises:
        BadInputError: if it is none.
    """
    if not text.strip():
        return {}
    example = 'For example: --context \'{"query": "tent"}\''
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadInputError(f"--context is not JSON: {error}.", example) from error
    if not isinstance(value, dict):
        raise BadInputError("--context is no JSON object.", example)
    return dict(value)


def _show(found: dict[str, Any], asked: Asked) -> None:
    """Recommendations for a person."""
    if asked.customer_id and found["questions"]:
        tell(f"Nothing is known of the customer '{asked.customer_id}': this is what somebody new is shown.")
    if not found["results"]:
        out.print("Nothing to recommend.")
        return
    out.print(_table(found["results"]))
    for question in found["questions"]:
        options = ", ".join(f"{option['id']} ({option['text']})" for option in question["options"])
        tell(f"An answer would help: {question['text']} {question['id']}: {options}")


def _table(results: list[dict[str, Any]]) -> Table:
    from retriever.product import Product
    from ui.cards import price_text

    table = Table(box=None, header_style="bold")
    table.add_column("id", overflow="fold")
    for name in ("title", "price", "why"):
        table.add_column(name, no_wrap=name == "price")
    for value in results:
        product = Product.model_validate(value["product"])
        why = "; ".join([*(["sponsored"] if value["sponsored"] else []), *value["reasons"]])
        table.add_row(*map(escape, (product.id, product.title[:90], price_text(product, "en"), why)))
    return table
