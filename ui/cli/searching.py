"""``shopwise search``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, open_shop, settings_for
from ui.cli.terminal import counted, out, tell, write_json

Mode = Literal["bm25", "dense", "hybrid", "full"]


def search(
    query: Annotated[str | None, typer.Argument(help="What to look for.", show_default=False)] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many results.")] = 10,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            help="field=value, repeatable: price_min, price_max, category, brand, exclude, in_stock, attributes.NAME.",
            show_default=False,
        ),
    ] = None,
    mode: Annotated[Mode, typer.Option(help="How to search.")] = "full",
    queries: Annotated[
        Path | None, typer.Option(help='Many queries: JSON lines {"id","query"}; answers in the same order.')
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Search the catalogue.

    [bold]shopwise search "phone charger under 20 dollars"[/bold]

    [bold]shopwise search 耳机 --filter price_max=50 --filter exclude=wireless -k 5 --json[/bold]

    [bold]shopwise search --queries queries.jsonl --mode bm25[/bold]
    """
    from ui.shop import SearchOrder

    if (query is None) == (queries is None):
        raise BadInputError("Give one query, or --queries FILE.jsonl.", 'For example: shopwise search "desk lamp"')
    settings = settings_for(home)
    wanted = list(filters or [])
    many = list(_queries(queries)) if queries is not None else []
    with open_shop(settings) as shop:
        if query is not None:
            result = shop.search(SearchOrder(query=query, k=k, filters=wanted, mode=mode))
            write_json(result) if as_json else _show(result)
            return
        with counted() as progress:
            for done, (name, text) in enumerate(many):
                progress("searching", done, len(many))
                found = shop.search(SearchOrder(query=text, k=k, filters=wanted, mode=mode))
                write_json({"id": name, "results": [{"id": r["id"], "score": r["score"]} for r in found["results"]]})


def _queries(path: Path) -> Iterator[tuple[str, str]]:
    """The queries of a file; all are read before the first is run, so that a bad line costs nothing."""
    for number, value in json_lines(path):
        name, text = value.get("id"), value.get("query")
        if not isinstance(name, str | int) or not isinstance(text, str):
            raise BadInputError(f"{path}, line {number}: not a query.", 'Write {"id": "1", "query": "desk lamp"}.')
        yield str(name), text


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file with their line numbers; empty lines are passed over.

    Raises:
        BadInputError: if the file cannot be read or a line is no JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} cannot be read: {error}.", "Name a UTF-8 file of JSON lines.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise BadInputError(f"{path}, line {number}: not JSON ({error}).", "Correct the line.") from error
        if not isinstance(value, dict):
            raise BadInputError(f"{path}, line {number}: not a JSON object.", "Correct the line.")
        yield number, value


def _show(result: dict[str, Any]) -> None:
    """A search result for a person."""
    if conditions := result["interpretation"].get("filters"):
        tell(f"conditions: {json.dumps(conditions, ensure_ascii=False)}")
    for each in result["interpretation"].get("corrected", ()):
        tell_corrected(each["from"], each["to"])
    for line in result["relaxed"]:
        tell(f"note: {line}")
    if not result["results"]:
        out.print("Nothing found.")
        return
    out.print(product_table([hit["product"] for hit in result["results"]]))


def tell_corrected(said: str, meant: str) -> None:
    """That a word was searched as another one, and how to search for it as it is."""
    tell(f'Showing results for {meant} instead of {said}; to search for {said} as typed, put it in quotes: "{said}".')


def product_table(products: list[dict[str, Any]]) -> Table:
    """Products for a person, one a row."""
    from retriever.product import Product
    from ui.cards import price_text, stock_text
    from ui.texts import EN

    table = Table(box=None, header_style="bold")
    table.add_column("id", overflow="fold")
    for name in ("title", "price", "rating", "stock"):
        table.add_column(name, no_wrap=name != "title")
    for value in products:
        product = Product.model_validate(value)
        rating = f"{product.rating.value:.1f} ({product.rating.count})" if product.rating else ""
        stock = stock_text(product.availability.status, product.availability.available, EN)
        table.add_row(*map(escape, (product.id, product.title[:90], price_text(product, "en"), rating, stock)))
    return table
