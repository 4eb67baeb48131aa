"""``shopwise import google``: a Merchant Center feed, tab-separated, comma-separated, RSS or Atom.

Rows that share an ``item_group_id`` are one product; the group's id is the product's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from retriever.feeds.encoding import MAX_LINE, WIDE
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.forms import Currency, RowError, path_of, span, usable
from retriever.feeds.groups import Group, GroupRow, Groups
from retriever.feeds.jsonl import default_name
from retriever.feeds.lines import DAMAGE, damaged, open_bytes
from retriever.feeds.rows import Rejected
from retriever.feeds.tables import Table
from retriever.feeds.xml import xml_items

REPORT_EVERY = 1_000
OPTIONS = ("color", "size", "material", "pattern", "age_group", "gender")
PLAIN = (
    *(
        "gtin",
        "mpn",
        "condition",
        "size_type",
        "size_system",
        "energy_efficiency_class",
        "multipack",
        "unit_pricing_measure",
    ),
    *("product_length", "product_width", "product_height", "product_weight"),
)
LISTS = ("additional_image_link", "product_type", "product_highlight")
READ = (
    *("id", "item_group_id", "title", "description", "link", "image_link", "availability", "brand"),
    *("price", "sale_price", "sale_price_effective_date", "google_product_category"),
    *(*OPTIONS, *PLAIN, *LISTS),
)
AVAILABLE = {"in_stock": True, "preorder": True, "out_of_stock": False, "discontinued": False}
SPELLINGS = {
    "instock": "in_stock",
    "available_for_order": "in_stock",
    "limited_availability": "in_stock",
    "outofstock": "out_of_stock",
    "pre_order": "preorder",
    "backorder": "preorder",  # to be ordered now and sent later, too
    "back_order": "preorder",
}
ADDRESSES = re.compile(r"\s*[,\n]\s*(?=https?:)")
DETAIL = re.compile(r"[\s_-]+")
SEPARATORS = " \t-–—,/|(·:)"
JOIN = "\n"  # between several texts of one field


Cells = Iterator[tuple[int, dict[str, str]] | Rejected]
"""The line each row begins in, and what stands in it by the name of the attribute."""


class GoogleFeed:
    """A Merchant Center feed in any of its file formats, plain or gzipped; the content says which it is.

    Args:
        path: the file.
        name: the owner of its rows; by default ``google:`` and the file's name without its endings.
        max_line: longer lines (in bytes) of a table are refused.
        now: tells the time, which decides whether a sale is on.
    """

    source = "google"

    def __init__(
        self,
        path: Path,
        name: str = "",
        max_line: int = MAX_LINE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name or default_name(path, self.source)
        self._path = path
        self._max_line = max_line
        self._now = now

    def read(self, progress: Progress) -> Iterator[Item]:
        """Rejected rows as they come, then every product in the order of its first row."""
        now = self._now()
        with Groups() as groups:
            for row in self._rows(progress):
                if isinstance(row, Rejected):
                    yield row
                    continue
                line, cells = row
                if id := cells.get("id", ""):
                    groups.add(cells.get("item_group_id", id), line, id, cells)
                else:
                    yield Rejected(line=line, id="", reason="the id is missing")
            groups.close()
            for group in groups.read(progress):
                yield from _product(group, groups, now)

    def _rows(self, progress: Progress) -> Cells:
        if _is_xml(self._path):
            return _xml_rows(self._path, progress)
        return _table_rows(self._path, progress, self._max_line)


def _is_xml(path: Path) -> bool:
    with open_bytes(path) as file:
        try:
            start = file.read(200)
        except DAMAGE as error:
            damaged(path, error)
    for mark, encoding in WIDE.items():
        if start.startswith(mark):
            start = start[: len(start) // 2 * 2].decode(encoding, "replace").encode()
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _table_rows(path: Path, progress: Progress, max_line: int) -> Cells:
    table = Table(path, (("id",), ("title",)), _key, progress, max_line)
    fields = {name: table.columns[name] for name in READ if name in table.columns}
    for row in table.rows(id_column=fields.get("id", -1)):
        if isinstance(row, Rejected):
            yield row
        else:
            line, values = row
            yield line, {name: text for name, at in fields.items() if (text := values[at].strip())}


def _key(header: str) -> str:
    """``g:image link`` and ``Image_Link`` are the same column."""
    return DETAIL.sub("_", header.strip().casefold().removeprefix("g:"))


def _xml_rows(path: Path, progress: Progress) -> Cells:
    for done, item in enumerate(xml_items(path), start=1):
        if done % REPORT_EVERY == 0:
            progress("reading", done, 0)
        if isinstance(item, Rejected):
            yield item
            continue
        line, fields = item
        if "description" not in fields:  # Atom's own words for it
            fields["description"] = fields.get("summary") or fields.get("content") or []
        texts = {name: [text for text in fields.get(name, []) if text] for name in READ}
        yield line, {name: JOIN.join(given) if name in LISTS else given[0] for name, given in texts.items() if given}


def _product(group: Group, groups: Groups, now: datetime) -> Iterator[Item]:
    if group.problem:
        yield Rejected(line=group.line, id=group.key, reason=group.problem)
        return
    if any("item_group_id" in row.cells for row in group.rows) and groups.is_in_another(group.key, group.key):
        reason = f"item_group_id: {group.key} is itself the id of an item in another group"
        yield Rejected(line=group.line, id=group.key, reason=reason)
        return
    forms = _Forms(group.rows, groups, now)
    variants, rejected = usable(group.rows, forms.variant, lambda row: row.label)
    yield from rejected
    rows = forms.used
    if not variants:
        if all(row.id != group.key for row in rejected):
            yield Rejected(line=group.line, id=group.key, reason="none of its rows can be used")
        return
    lead = next((row for row in rows if row.label == group.key), rows[0]).cells
    product: dict[str, Any] = {
        "id": group.key,
        "description": lead.get("description", ""),
        "url": lead.get("link", ""),
        "images": _images([lead, *(row.cells for row in rows)]),
        "brand": _first(rows, "brand"),
        "categories": _categories(rows),
        "attributes": forms.attributes(),
        "currency": forms.currency.code,
    }
    if title := _title(rows, forms.options) or lead.get("title"):
        product["title"] = title
    if "item_group_id" in rows[0].cells or len(rows) > 1:
        product["variants"] = variants
    else:
        only = variants[0]
        product |= {"price": only.price, "available": only.available, "status": only.status}
    yield row_of(group.line, product)


class _Forms:
    """The rows of one product as the forms it is sold in."""

    def __init__(self, rows: Sequence[GroupRow], groups: Groups, now: datetime) -> None:
        self.options = [name for name in OPTIONS if len({row.cells.get(name, "") for row in rows}) > 1]
        self.currency = Currency()
        self.used: list[GroupRow] = []
        self._groups = groups
        self._now = now
        self._compared: list[Decimal] = []
        self._coming = ""

    def variant(self, row: GroupRow) -> dict[str, Any]:
        """What a row says of its variant.

        Raises:
            RowError: if it cannot be used.
        """
        if earlier := self._groups.earlier(row):
            raise RowError(f"id: it already came in line {earlier}")
        status = _status(row)
        price = self._price(row)
        options = {name.replace("_", " "): row.cells[name] for name in self.options if name in row.cells}
        self.used.append(row)
        return {
            "id": row.label,
            "title": "" if options else row.cells.get("title", ""),
            "price": price,
            "options": options,
            "available": AVAILABLE.get(status),
            "status": status,
        }

    def attributes(self) -> dict[str, str]:
        """What all rows say alike, and what a price was or will be."""
        attributes: dict[str, str] = {}
        for name in (*OPTIONS, *PLAIN, "product_highlight"):
            values = {text for row in self.used if (text := row.cells.get(name))}
            if len(values) == 1 and name not in self.options:
                attributes[name.replace("_", " ")] = values.pop().replace(JOIN, "; ")
        if self._compared:
            attributes["compare at price"] = span(self._compared, self.currency.code)
        if self._coming:
            attributes["sale price"] = self._coming
        return attributes

    def _price(self, row: GroupRow) -> Decimal | None:
        price = self.currency.price(row, "price")
        sale = self.currency.price(row, "sale_price")
        if sale is None or sale == price:
            return price
        if price is not None and sale > price:
            raise RowError(f"sale_price: {sale} is above the price of {price}")
        begins, ends = _period(row.cells.get("sale_price_effective_date", ""))
        if begins is None or ends is None or begins <= self._now < ends:
            self._compared += [price] if price is not None else []
            return sale
        if self._now < begins:
            self._coming = f"{span([sale], self.currency.code)} from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
        return price


def _period(text: str) -> tuple[datetime, datetime] | tuple[None, None]:
    """When a sale begins and ends; times without a zone are UTC."""
    if not text:
        return None, None
    try:
        begins, ends = (datetime.fromisoformat(part.strip()) for part in text.split("/"))
    except ValueError as error:
        raise RowError(f"sale_price_effective_date: '{text[:80]}' is not two ISO 8601 times with / between") from error
    begins, ends = (time if time.tzinfo else time.replace(tzinfo=UTC) for time in (begins, ends))
    if ends < begins:
        raise RowError(f"sale_price_effective_date: '{text[:80]}' ends before it begins")
    return begins, ends


def _status(row: GroupRow) -> str:
    given = DETAIL.sub("_", row.cells.get("availability", "").casefold())
    status = SPELLINGS.get(given, given)
    if status and status not in AVAILABLE:
        raise RowError(f"availability: '{given[:40]}' is unknown; it is one of {', '.join(AVAILABLE)}")
    return status


def _title(rows: Sequence[GroupRow], options: Sequence[str]) -> str:
    """What is left of every title without its own colour, size and so on at the end; empty where they differ."""
    bases = {
        _base(row.cells.get("title", ""), [row.cells[name] for name in options if name in row.cells]) for row in rows
    }
    return bases.pop() if len(bases) == 1 else ""


def _base(title: str, values: Sequence[str]) -> str:
    left = list(values)
    base = title.rstrip(SEPARATORS)
    while value := next((value for value in left if _ends_with(base, value)), ""):
        left.remove(value)
        base = base[: -len(value)].rstrip(SEPARATORS)
    return base or title


def _ends_with(text: str, value: str) -> bool:
    """Whether the text ends with the value as a word of its own."""
    before, end = text[: -len(value)], text[-len(value) :]
    return end.casefold() == value.casefold() and not before[-1:].isalnum()


def _images(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The leading row's pictures, then the first of every other row."""
    more = ADDRESSES.split(rows[0].get("additional_image_link", ""))
    own = [rows[0].get("image_link", ""), *more, *(row.get("image_link", "") for row in rows[1:])]
    return list(dict.fromkeys(image for image in own if image))


def _categories(rows: Sequence[GroupRow]) -> list[str]:
    """Google's own path, unless it is a mere number, and the merchant's."""
    taxonomy = _first(rows, "google_product_category")
    paths = ["" if taxonomy.isdecimal() else taxonomy, *_first(rows, "product_type").split(JOIN)]
    return list(dict.fromkeys(name for path in paths for name in path_of(path)))


def _first(rows: Sequence[GroupRow], field: str) -> str:
    return next((row.cells[field] for row in rows if field in row.cells), "")
