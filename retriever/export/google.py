"""The shop's goods as a Merchant Center feed: tab-separated, a line a form, the forms of a product in one group."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from retriever.export.files import Write
from retriever.export.reading import Snapshot
from retriever.export.report import Tally
from retriever.feeds.feed import Progress
from retriever.feeds.google import OPTIONS, PLAIN
from retriever.feeds.rows import ProductRow, VariantRow

ATTRIBUTES = tuple(name for name in PLAIN if name != "product_highlight")  # that one is a list of sentences
COLUMNS = (
    *("id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link"),
    *("availability", "price", "brand", "product_type", *OPTIONS, *ATTRIBUTES),
)
BREAK = re.compile(r"\s*[\t\r\n\v\f\x85\u2028\u2029]\s*")
ADDRESS = ("http://", "https://")
LONGEST_ID = 50  # characters; Google's limit

NO_PRICE = "without a known price: the cell is empty, and Google refuses the line"
NO_LINK = "without a full address of its page, which Google demands"
NO_IMAGE = "without a full address of a picture, which Google demands"
LONG_ID = f"with an id of more than {LONGEST_ID} characters, which Google refuses"
OTHER_OPTIONS = "with options that Google has no column for: they are in the title alone"


def write_google(shop: Snapshot, write: Write, tally: Tally, progress: Progress) -> None:
    """Write all goods, a line a form."""
    write(line_of(list(COLUMNS)))
    done, total = 0, shop.count("product")
    for batch in shop.batches("product"):
        for row in batch:
            if isinstance(row, ProductRow):
                for cells in google_lines(row):
                    write(line_of([cells.get(name, "") for name in COLUMNS]))
                tally.count(row)
                _note(row, tally)
        done += len(batch)
        progress("product rows", done, total)


def google_lines(row: ProductRow) -> Iterator[dict[str, str]]:
    """The lines of a product, by column."""
    product = {
        "description": row.description,
        "link": row.url,
        "image_link": row.images[0] if row.images else "",
        "additional_image_link": ",".join(
            image.replace(",", "%2C") for image in row.images[1:] if image.startswith(ADDRESS)
        ),
        "brand": row.brand,
        "product_type": " > ".join(row.categories),
        **{name: text for name in (*OPTIONS, *ATTRIBUTES) if (text := row.attributes.get(_words(name)))},
    }
    if not row.variants:
        yield product | _offer(row, row.currency) | {"id": row.id, "title": row.title}
        return
    varying = _varying(row)
    for form in row.variants:
        choice = [form.options[name] for name in varying if name in form.options]
        told = ", ".join(choice) or form.title
        own = {name: text for name in OPTIONS if (text := form.options.get(_words(name)))}
        yield {
            **product,
            **own,
            **_offer(form, row.currency),
            "id": form.id,
            "item_group_id": row.id,
            "title": f"{row.title} - {told}" if told else row.title,
        }


def _varying(row: ProductRow) -> list[str]:
    """The options in which the forms differ: what all have in common need not be told of each."""
    names = dict.fromkeys(name for form in row.variants for name in form.options)
    return [name for name in names if len({form.options.get(name) for form in row.variants}) > 1]


def _words(column: str) -> str:
    return column.replace("_", " ")


def _offer(form: ProductRow | VariantRow, currency: str | None) -> dict[str, str]:
    known = form.price is not None and currency is not None
    return {"availability": _availability(form), "price": f"{form.price} {currency}" if known else ""}


def _availability(form: ProductRow | VariantRow) -> str:
    """One of the words Google takes; what cannot be bought is never offered as if it could."""
    if not form.available:
        return "out_of_stock"
    return form.status if form.status in ("preorder", "backorder") else "in_stock"


def _note(row: ProductRow, tally: Tally) -> None:
    forms = row.variants or [row]
    columns = {_words(name) for name in OPTIONS}
    notes = {
        NO_PRICE: any(form.price is None for form in forms),
        NO_LINK: not row.url.startswith(ADDRESS),
        NO_IMAGE: not row.images or not row.images[0].startswith(ADDRESS),
        LONG_ID: any(len(id) > LONGEST_ID for id in (row.id, *(form.id for form in forms))),
        OTHER_OPTIONS: not columns.issuperset(_varying(row)),
    }
    for what, is_so in notes.items():
        if is_so:
            tally.note(what, row.id)


def line_of(cells: list[str]) -> str:
    """Cells without line breaks and tabs, which Merchant Center does not take."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerow(BREAK.sub(" ", cell) for cell in cells)
    return text.getvalue()
