"""``shopwise import shopify``: a shop's product export (CSV), with the column names of either generation.

Several rows make one product: the first tells about it, each may bring a variant and a picture.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from retriever.feeds.clean import plain_text
from retriever.feeds.encoding import MAX_LINE
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.forms import Currency, RowError, path_of, span, usable
from retriever.feeds.groups import Group, GroupRow, Groups
from retriever.feeds.jsonl import default_name
from retriever.feeds.rows import LeftOut, Rejected
from retriever.feeds.tables import Table

OPTIONS = (1, 2, 3)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Handle": ("handle", "url handle"),
    "Title": ("title",),
    "Description": ("body (html)", "body html", "description"),
    "Vendor": ("vendor",),
    "Category": ("product category", "standard product type", "standardized product type"),
    "Type": ("type", "custom product type"),
    "Tags": ("tags",),
    "Published": ("published", "published on online store"),
    "Status": ("status",),
    "SKU": ("variant sku", "sku"),
    "Barcode": ("variant barcode", "variant barcodes", "barcode", "barcodes"),
    "Price": ("variant price", "price"),
    "Compare-at price": ("variant compare at price", "compare-at price", "compare at price"),
    "Inventory tracker": ("variant inventory tracker", "inventory tracker"),
    "Inventory quantity": ("variant inventory qty", "inventory quantity"),
    "Continue selling": ("variant inventory policy", "continue selling when out of stock"),
    "Image": ("image src", "product image url"),
    "Image position": ("image position",),
    "Variant image": ("variant image", "variant image url"),
    "Gender": ("google shopping / gender",),
    "Age group": ("google shopping / age group",),
    **{f"Name {n}": (f"option{n} name",) for n in OPTIONS},
    **{f"Value {n}": (f"option{n} value",) for n in OPTIONS},
}
"""What is read, and the headers it may stand under, in lower case."""

OF_THE_PRODUCT = (
    *("Title", "Description", "Vendor", "Category", "Type", "Tags", "Published", "Status", "Gender", "Age group"),
    *(f"Name {n}" for n in OPTIONS),
)
OF_A_VARIANT = (*(f"Value {n}" for n in OPTIONS), "SKU", "Barcode", "Price", "Inventory quantity")
METAFIELD = re.compile(r"(.*?)\s*\((product\.metafields\.[^()]+)\)", re.IGNORECASE)
META = "meta:"  # before an attribute's name among the cells of a row
NOT_FOR_SALE = {"draft": "a draft", "archived": "archived", "unlisted": "unlisted"}
NO = ("false", "no", "0")
YES = ("continue", "true", "yes", "1")
QUANTITY = re.compile(r"-?\d{1,12}")
LONGEST_ID = 200


class ShopifyFeed:
    """A Shopify product CSV, plain or gzipped.

    Args:
        path: the file.
        name: the owner of its rows; by default ``shopify:`` and the file's name without its endings.
        max_line: longer lines (in bytes) are refused.
    """

    source = "shopify"

    def __init__(self, path: Path, name: str = "", max_line: int = MAX_LINE) -> None:
        self.name = name or default_name(path, self.source)
        self._path = path
        self._max_line = max_line

    def read(self, progress: Progress) -> Iterator[Item]:
        """Rejected rows as they come, then every product in the order of its first row."""
        with Groups() as groups:
            yield from self._gather(groups, progress)
            groups.close()
            for group in groups.read(progress):
                yield from _product(group, groups)

    def _gather(self, groups: Groups, progress: Progress) -> Iterator[Rejected]:
        table = Table(self._path, (COLUMNS["Handle"], COLUMNS["Title"]), _key, progress, self._max_line)
        fields = _fields(table)
        for row in table.rows(id_column=fields.get("Handle", -1)):
            if isinstance(row, Rejected):
                yield row
                continue
            line, values = row
            cells = {field: text for field, at in fields.items() if (text := values[at].strip())}
            if "Inventory tracker" in fields and "Inventory tracker" not in cells:
                cells.pop("Inventory quantity", None)  # nobody counts it
            if handle := cells.pop("Handle", ""):
                groups.add(handle, line, cells.get("SKU", ""), cells)
            else:
                yield Rejected(line=line, id="", reason="the handle is missing; every row must name its product")


def _key(header: str) -> str:
    return " ".join(header.casefold().split())


def _fields(table: Table) -> dict[str, int]:
    """The place of everything that is read, metafields by their names."""
    fields = {field: table.columns[name] for field, names in COLUMNS.items() for name in names if name in table.columns}
    for at, header in enumerate(table.headers):
        if found := METAFIELD.fullmatch(header):
            label, key = found[1].strip().lower(), found[2].lower()
            name = META + (label or key.rsplit(".", 1)[-1])
            fields[name if name not in fields else META + key] = at
    return fields


def _product(group: Group, groups: Groups) -> Iterator[Item]:
    if group.problem:
        yield Rejected(line=group.line, id=group.key, reason=group.problem)
        return
    told = _told_once(group.rows)
    if (aside := _not_for_sale(group, told)) is not None:
        yield aside
        return
    forms = _Forms(group, told, groups)
    variants, rejected = usable(forms.rows, forms.variant, lambda _: group.key)
    yield from rejected
    if forms.rows and not variants:
        return  # every rejection bears the product's id
    product: dict[str, Any] = {
        "id": group.key,
        "description": plain_text(told.get("Description", "")),
        "images": _images(group.rows),
        "brand": told.get("Vendor", ""),
        "categories": _categories(told),
        "attributes": _attributes(told, forms),
        "currency": forms.currency.code,
    }
    if "Title" in told:
        product["title"] = told["Title"]
    if len(forms.rows) == 1 and not variants[0].options:
        only = variants[0]
        product |= {"price": only.price, "available": only.available, "stock": only.stock}
    elif variants:
        product["variants"] = variants
    yield row_of(group.line, product)


def _told_once(rows: Sequence[GroupRow]) -> dict[str, str]:
    """What is told of the product as a whole: the first that its rows say."""
    told: dict[str, str] = {}
    for row in rows:
        for field, text in row.cells.items():
            if field in OF_THE_PRODUCT or field.startswith(META):
                told.setdefault(field, text)
    return told


def _not_for_sale(group: Group, told: Mapping[str, str]) -> LeftOut | Rejected | None:
    status = told.get("Status", "active").casefold()
    if status in NOT_FOR_SALE:
        return LeftOut(line=group.line, id=group.key, reason=NOT_FOR_SALE[status])
    if status != "active":
        known = ", ".join(("active", *NOT_FOR_SALE))
        return Rejected(
            line=group.line, id=group.key, reason=f"Status: '{status[:40]}' is unknown; it is one of {known}"
        )
    if told.get("Published", "").casefold() in NO:
        return LeftOut(line=group.line, id=group.key, reason="not published in the online store")
    return None


class _Forms:
    """The rows of one product that are variants of it."""

    def __init__(self, group: Group, told: Mapping[str, str], groups: Groups) -> None:
        self.rows = [row for row in group.rows if any(field in row.cells for field in OF_A_VARIANT)]
        self.currency = Currency()
        self.compared: list[Decimal] = []
        self._handle = group.key
        self._groups = groups
        self._names = {n: told.get(f"Name {n}", f"Option {n}") for n in OPTIONS}
        self._lines: dict[tuple[str, ...], int] = {}
        self._ids: set[str] = set()

    def variant(self, row: GroupRow) -> dict[str, Any]:
        """What a row says of its variant.

        Raises:
            RowError: if it cannot be used.
        """
        options = self._options(row)
        price = self.currency.price(row, "Price")
        compared = self.currency.price(row, "Compare-at price")
        stock = _stock(row)
        sold_on = row.cells.get("Continue selling", "").casefold() in YES
        self._first_of(options, row.line)
        if compared is not None and price is not None and compared > price:
            self.compared.append(compared)
        return {
            "id": self._id(row, options),
            "price": price,
            "options": options,
            "stock": stock,
            "available": True if stock == 0 and sold_on else None,
        }

    def _options(self, row: GroupRow) -> dict[str, str]:
        options = {self._names[n]: value for n in OPTIONS if (value := row.cells.get(f"Value {n}"))}
        if self._names[1].casefold() in ("title", "option 1") and row.cells.get("Value 1", "").casefold() in (
            "default title",
            "default",
        ):
            del options[self._names[1]]
        if len(self.rows) > 1 and not options:
            raise RowError("no option value tells this variant from the product's others")
        return options

    def _first_of(self, options: Mapping[str, str], line: int) -> None:
        values = tuple(options.values())
        first = self._lines.setdefault(values, line)
        if first != line:
            raise RowError(f"a variant with the options {' / '.join(values)} already came in line {first}")

    def _id(self, row: GroupRow, options: Mapping[str, str]) -> str:
        """The SKU where it names this row alone, else the handle and the options."""
        sku, taken = row.label, self._groups
        if sku and len(sku) <= LONGEST_ID and not taken.is_repeated(sku) and not taken.is_product(sku):
            return sku
        slug = "-".join(re.sub(r"[\W_]+", "-", value.casefold()).strip("-") for value in options.values())
        id = f"{self._handle}:{slug}" if slug else self._handle  # no handle has a colon
        if id in self._ids or len(id) > LONGEST_ID:
            digest = hashlib.sha256("\n".join(options.values()).encode()).hexdigest()[:12]
            id = f"{self._handle[: LONGEST_ID - 13]}:{digest}"
        self._ids.add(id)
        return id


def _stock(row: GroupRow) -> int | None:
    """The quantity; one below nought was sold beyond the stock."""
    quantity = row.cells.get("Inventory quantity", "")
    if quantity and not QUANTITY.fullmatch(quantity):
        raise RowError(f"Inventory quantity: '{quantity[:40]}' is no whole number")
    return max(0, int(quantity)) if quantity else None


def _images(rows: Sequence[GroupRow]) -> list[str]:
    """The product's pictures by their positions, then those of variants."""
    placed = [(_position(row), row.cells["Image"]) for row in rows if "Image" in row.cells]
    own = [image for _, image in sorted(placed, key=lambda pair: pair[0])]
    return list(dict.fromkeys([*own, *(row.cells["Variant image"] for row in rows if "Variant image" in row.cells)]))


def _position(row: GroupRow) -> int:
    position = row.cells.get("Image position", "")
    return int(position) if QUANTITY.fullmatch(position) else 10**12


def _categories(told: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys([*path_of(told.get("Category", "")), *path_of(told.get("Type", ""))]))


def _attributes(told: Mapping[str, str], forms: _Forms) -> dict[str, str]:
    attributes = {field.removeprefix(META): text for field, text in told.items() if field.startswith(META)}
    attributes |= {name.lower(): told[name] for name in ("Tags", "Gender", "Age group") if name in told}
    if forms.compared:
        attributes["compare at price"] = span(forms.compared, forms.currency.code)
    if len(forms.rows) == 1:
        codes = forms.rows[0].cells
        # The export writes an apostrophe before a barcode, so that spreadsheets leave it alone.
        attributes |= {name.lower(): codes[name].removeprefix("'") for name in ("SKU", "Barcode") if name in codes}
    return attributes
