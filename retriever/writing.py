"""Rows of a feed become records. Products are described in ``catalogue``; here are the rest and the order of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from retriever.feeds.rows import AnyRow, CustomerRow, OrderRow, ProductRow, VariantRow
from retriever.product import Availability, Money, PriceRange, Product, Stamped, Variant
from retriever.product_records import ProductRows
from retriever.records import (
    AddressRecord,
    CustomerRecord,
    EventRecord,
    OrderLineRecord,
    OrderRecord,
    PolicyRecord,
    ProductAttribute,
    ProductCategory,
    ProductRecord,
    PromotionRecord,
    ReviewRecord,
    VariantRecord,
)

ImportedTable = (
    type[ProductRecord]
    | type[PolicyRecord]
    | type[PromotionRecord]
    | type[CustomerRecord]
    | type[OrderRecord]
    | type[ReviewRecord]
    | type[EventRecord]
)

TABLES: Mapping[str, ImportedTable] = {
    "product": ProductRecord,
    "policy": PolicyRecord,
    "promotion": PromotionRecord,
    "customer": CustomerRecord,
    "order": OrderRecord,
    "review": ReviewRecord,
    "event": EventRecord,
}
"""The table of each kind of row."""

CHILDREN: Mapping[str, Sequence[tuple[Any, Any]]] = {
    "product": (
        (VariantRecord, VariantRecord.product_id),
        (ProductCategory, ProductCategory.product_id),
        (ProductAttribute, ProductAttribute.product_id),
    ),
    "customer": ((AddressRecord, AddressRecord.customer_id),),
    "order": ((OrderLineRecord, OrderLineRecord.order_id),),
}


def delete_rows(session: Session, kind: str, ids: Sequence[str]) -> None:
    """Delete these rows and what hangs on them."""
    for child, owner in CHILDREN.get(kind, ()):
        session.execute(delete(child).where(owner.in_(ids)))
    table = TABLES[kind]
    session.execute(delete(table).where(table.id.in_(ids)))


def insert_rows(session: Session, rows: Sequence[tuple[AnyRow, int, str]], feed: str, currency: str) -> list[Stamped]:
    """Write rows, each with its position in the feed and content hash, that the tables do not hold yet.

    Returns:
        The products among them, as the shop will show them.
    """
    records: list[Any] = []
    shown: list[Stamped] = []
    products = ProductRows(feed)
    for row, position, content_hash in rows:
        if isinstance(row, ProductRow):
            shown.append(stamped_of(row, currency))
            products.add(shown[-1], content_hash, position, _stocks(row))
            continue
        record = _record(row, currency)
        record.feed = feed
        record.content_hash = content_hash
        records.append(record)
    products.insert(session)
    session.add_all(records)
    session.flush()
    session.expunge_all()
    return shown


def stamped_of(row: ProductRow, currency: str) -> Stamped:
    """A product as the shop will show it; without variants it is sold in one form under its own id."""
    currency = row.currency or currency
    forms = row.variants or [VariantRow(id=row.id, title=row.title, stock=row.stock)]
    variants = tuple(_variant(form, row, currency) for form in forms)
    prices = sorted((variant.price for variant in variants if variant.price), key=lambda price: price.amount)
    best = next((variant for variant in variants if variant.availability.available), variants[0])
    return Stamped(
        product=Product(
            id=row.id,
            title=row.title,
            description=row.description,
            url=row.url,
            images=tuple(row.images),
            brand=row.brand,
            categories=tuple(row.categories),
            price_range=PriceRange(min=prices[0], max=prices[-1]) if prices else PriceRange(),
            rating=row.rating,
            attributes=row.attributes,
            availability=best.availability,
            variants=variants,
        ),
        texts=row.texts,
        published_at=row.published_at,
        related={relation: tuple(ids) for relation, ids in row.related.items()},
    )


def _variant(form: VariantRow, row: ProductRow, currency: str) -> Variant:
    """One form; what it leaves out it has from its product."""
    price = minor(row.price if form.price is None else form.price, currency)
    given = row.available if form.available is None else form.available
    available = form.stock != 0 if given is None else given
    status = form.status or row.status or ("in_stock" if available else "out_of_stock")
    return Variant(
        id=form.id,
        title=form.title or ", ".join(form.options.values()) or row.title,
        price=None if price is None else Money(amount=price, currency=currency),
        options=form.options,
        availability=Availability(available=available, status=status),
    )


def _stocks(row: ProductRow) -> dict[str, int | None]:
    return {form.id: form.stock for form in row.variants} or {row.id: row.stock}


def minor(price: Decimal | None, currency: str) -> int | None:
    """Minor units of a price; unknown stays unknown."""
    return None if price is None else Money.from_major(price, currency).amount


def _record(row: AnyRow, currency: str) -> Any:
    match row:
        case CustomerRow():
            return _customer(row, currency)
        case OrderRow():
            return _order(row, currency)
        case _:  # flat rows, whose fields are the table's columns
            return TABLES[row.type](**row.model_dump(exclude={"type"}))


def _customer(row: CustomerRow, currency: str) -> CustomerRecord:
    methods = [method.model_dump(mode="json") for method in row.payment_methods]
    for method, given in zip(methods, row.payment_methods, strict=True):
        method["balance"] = minor(given.balance, currency)
    return CustomerRecord(
        id=row.id,
        name=row.name,
        email=row.email,
        locale=row.locale,
        payment_methods=methods,
        addresses=[AddressRecord(position=at, **address.model_dump()) for at, address in enumerate(row.addresses)],
    )


def _order(row: OrderRow, currency: str) -> OrderRecord:
    currency = row.currency or currency
    prices = [(minor(line.price, currency), line.quantity) for line in row.lines]
    known = [price * quantity for price, quantity in prices if price is not None]
    total = minor(row.total, currency)
    if row.total is None and len(known) == len(prices):
        total = sum(known)
    return OrderRecord(
        id=row.id,
        customer_id=row.customer_id,
        status=row.status,
        currency=currency,
        total=total,
        placed_at=row.placed_at,
        address=row.address.model_dump(),
        fulfillments=[sent.model_dump(mode="json") for sent in row.fulfillments],
        payments=[
            paid.model_dump(mode="json", exclude_none=True) | {"amount": minor(paid.amount, currency)}
            for paid in row.payments
        ],
        returns=[back.model_dump(mode="json") | {"fee": minor(back.fee, currency)} for back in row.returns],
        promotion_ids=list(row.promotion_ids),
        lines=[
            OrderLineRecord(
                position=at,
                product_id=line.product_id,
                variant_id=line.variant_id,
                title=line.title,
                options=dict(line.options),
                quantity=line.quantity,
                price=minor(line.price, currency),
            )
            for at, line in enumerate(row.lines)
        ],
    )
