"""Records become the rows of the documented schema again, so that importing them makes the same records.

What an import works out by itself (a form's title from its options, an order's total from
its lines) is left out where it would come out the same.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from retriever.feeds.clean import plain_text
from retriever.feeds.rows import (
    AnyRow,
    CustomerRow,
    EventRow,
    OrderRow,
    PolicyRow,
    ProductRow,
    PromotionRow,
    ReviewRow,
    Row,
    VariantRow,
)
from retriever.product import Money
from retriever.records import (
    CustomerRecord,
    EventRecord,
    OrderRecord,
    PolicyRecord,
    ProductRecord,
    PromotionRecord,
    ReviewRecord,
    VariantRecord,
)

AnyRecord = ProductRecord | PolicyRecord | PromotionRecord | CustomerRecord | OrderRecord | ReviewRecord | EventRecord


def row_from(record: AnyRecord, currency: str) -> AnyRow:
    """The row that a record was made of.

    Args:
        record: a record with all that hangs on it.
        currency: the shop's own, in which gift cards are kept.
    """
    match record:
        case ProductRecord():
            return product_row(record)
        case CustomerRecord():
            return _customer(record, currency)
        case OrderRecord():
            return _order(record)
        case PolicyRecord():
            return PolicyRow.model_validate(_columns(record, PolicyRow) | {"type": "policy"})
        case PromotionRecord():
            return PromotionRow.model_validate(_columns(record, PromotionRow) | {"type": "promotion"})
        case ReviewRecord():
            return ReviewRow.model_validate(_columns(record, ReviewRow) | {"type": "review"})
        case EventRecord():
            return EventRow.model_validate(_columns(record, EventRow) | {"type": "event"})


def product_row(record: ProductRecord) -> ProductRow:
    """A product; one that is sold in one form under its own id is written without variants."""
    own = {"currency", "available", "status"}  # of the product as a whole; it follows from its forms
    values = {name: value for name, value in _columns(record, ProductRow).items() if name not in own}
    values["currency"] = _currency(record)
    if record.rating_value is not None:
        values["rating"] = {"value": record.rating_value, "count": record.rating_count or 0}
    only = record.variants[0] if len(record.variants) == 1 else None
    if only is not None and only.id == record.id and not only.options and only.title == record.title:
        values |= _offer(only)
    else:
        values["variants"] = [_variant(form, record.title) for form in record.variants]
    return ProductRow.model_validate(values)


def protected(row: ProductRow | PolicyRow | PromotionRow | ReviewRow) -> dict[str, Any]:
    """The values of a row whose words an import takes for markup, escaped so that it reads them as they are."""
    values = row.model_dump(mode="json", exclude_defaults=True)
    names = ("title", "description", "body")
    if isinstance(row, ProductRow):
        names = (*names, "brand", "categories", "attributes", "texts")
        for form in values.get("variants", ()):
            form |= {name: _escaped(form[name]) for name in ("title", "options") if name in form}
    return values | {name: _escaped(values[name]) for name in names if name in values}


def major(amount: int | None, currency: str) -> Decimal | None:
    """An amount of the records in major units; unknown stays unknown."""
    return None if amount is None else Money(amount=amount, currency=currency).major


def _columns(record: AnyRecord, row: type[Row]) -> dict[str, Any]:
    """What a record keeps as it was given, under the names of the row's fields."""
    held = record.__mapper__.column_attrs
    return {name: getattr(record, name) for name in row.model_fields if name in held}


def _currency(record: ProductRecord) -> str | None:
    return next((form.currency for form in record.variants if form.currency), None)


def _offer(form: VariantRecord) -> dict[str, Any]:
    return {
        "price": major(form.price, form.currency),
        "available": form.available,
        "status": form.status,
        "stock": form.stock,
    }


def _variant(form: VariantRecord, product: str) -> VariantRow:
    given = ", ".join(form.options.values()) or product
    title = "" if form.title == given else form.title
    return VariantRow.model_validate({"id": form.id, "title": title, "options": form.options, **_offer(form)})


def _customer(record: CustomerRecord, currency: str) -> CustomerRow:
    methods = [method | {"balance": major(method["balance"], currency)} for method in record.payment_methods]
    addresses = [_address(address) for address in record.addresses]
    values = {"type": "customer", "addresses": addresses, "payment_methods": methods}
    return CustomerRow.model_validate(_columns(record, CustomerRow) | values)


def _address(record: Any) -> dict[str, str]:
    return {name: getattr(record, name) for name in ("line1", "line2", "city", "region", "postcode", "country")}


def _order(record: OrderRecord) -> OrderRow:
    lines = [
        {name: getattr(line, name) for name in ("product_id", "variant_id", "title", "options", "quantity")}
        | {"price": major(line.price, record.currency)}
        for line in record.lines
    ]
    prices = [(line.price, line.quantity) for line in record.lines]
    known = [price * quantity for price, quantity in prices if price is not None]
    summed = len(known) == len(prices) and sum(known) == record.total
    values = {
        "type": "order",
        "lines": lines,
        "payments": [paid | {"amount": major(paid["amount"], record.currency)} for paid in record.payments],
        "returns": [back | {"fee": major(back["fee"], record.currency)} for back in record.returns],
        "total": None if summed else major(record.total, record.currency),
    }
    return OrderRow.model_validate(_columns(record, OrderRow) | values)


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return _escaped_text(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return {_escaped_text(name): _escaped(item) for name, item in pairs}
    if isinstance(value, list):
        return [_escaped(item) for item in cast("list[Any]", value)]
    return value


def _escaped_text(text: str) -> str:
    if plain_text(text) == text:
        return text
    escaped = html.escape(text, quote=False)
    return escaped if plain_text(escaped) == text else text
