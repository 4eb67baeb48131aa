"""Carts: what a shopper means to buy, at the prices of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import BadInputError, NotFoundError
from retriever.product import Money, Product, Shape, Variant
from retriever.records import CartLineRecord, CartRecord

MOST = 999  # of one variant
LINES = 100  # of one cart
ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class CartChange:
    """The quantity a line shall have; 0 takes it out. Either id will do where the product has one variant."""

    product_id: str | None = None
    variant_id: str | None = None
    quantity: int = 1


class CartLine(Shape):
    """One line. The price is ``None`` when unknown; ``available`` is false when it cannot be bought any more."""

    product_id: str
    variant_id: str
    title: str
    options: dict[str, str]
    quantity: int
    price: Money | None
    line_total: Money | None
    available: bool


class Cart(Shape):
    """A cart. ``total`` sums the known prices; ``complete`` says that it covers every line."""

    id: str
    lines: tuple[CartLine, ...]
    total: Money | None
    currency: str
    complete: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    change: CartChange
    product: Product | None = None
    forms: tuple[Variant, ...] = ()
    stocks: Mapping[str, int | None] = field(default_factory=dict[str, int | None])


class Carts:
    """All carts of a shop, by id; whoever knows the id may use it. Updates at once keep each other's lines."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    def get(self, cart_id: str) -> Cart:
        """The cart; one that was never written to is empty."""
        with self._database.session() as session:
            record = session.get(CartRecord, cart_id)
            lines = list(record.lines) if record else []
        return self._cart(cart_id, lines)

    def update(self, cart_id: str, changes: Sequence[CartChange], customer_id: str = "") -> Cart:
        """Set quantities, all of them or, after an error, none.

        Raises:
            NotFoundError: for a product or variant the shop does not have.
            BadInputError: for a bad quantity, more than there are, or a product with several variants and no choice.
        """
        if not cart_id or len(cart_id) > ID_LENGTH:
            raise BadInputError(f"A cart's id has 1 to {ID_LENGTH} characters.")
        wanted = [self._looked_up(change) for change in changes]
        with self._database.transaction() as session:
            record = self._locked(session, cart_id)
            for each in wanted:
                _apply(record, each)
            if len(record.lines) > LINES:
                raise BadInputError(f"A cart holds at most {LINES} different things.", "Take something out first.")
            record.updated_at = datetime.now(UTC)
            record.customer_id = customer_id or record.customer_id
            session.flush()
            lines = list(record.lines)
        return self._cart(cart_id, lines)

    def _locked(self, session: Session, cart_id: str) -> CartRecord:
        """The cart's row, made where there is none, and nobody else's to change until the end."""
        insert = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        values = {"id": cart_id, "customer_id": "", "updated_at": datetime.now(UTC)}
        session.execute(insert(CartRecord).values(values).on_conflict_do_nothing())
        return session.scalars(select(CartRecord).where(CartRecord.id == cart_id).with_for_update()).one()

    def _looked_up(self, change: CartChange) -> _Wanted:
        """A change with the goods it names, read before the cart is locked; nothing is read to take something out."""
        _check(change)
        if change.quantity == 0:
            return _Wanted(change)
        if change.variant_id is None:
            product = self._catalogue.product(change.product_id or "")
            forms = product.variants
        else:
            product, form = self._catalogue.variant(change.variant_id)
            forms = (form,)
        if change.product_id not in (None, product.id):
            raise BadInputError(f"'{change.variant_id}' is a variant of '{product.id}', not of '{change.product_id}'.")
        return _Wanted(change, product, forms, {form.id: self._catalogue.stock(form.id) for form in forms})

    def _cart(self, cart_id: str, records: Sequence[CartLineRecord]) -> Cart:
        products = {product.id: product for product in self._catalogue.get([line.product_id for line in records])}
        lines = tuple(_line(line, products.get(line.product_id)) for line in records)
        currency = self._catalogue.currency
        sums = [line.line_total.amount for line in lines if line.line_total and line.line_total.currency == currency]
        known = bool(sums) or not lines
        return Cart(
            id=cart_id,
            lines=lines,
            total=Money(amount=sum(sums), currency=currency) if known else None,
            currency=currency,
            complete=len(sums) == len(lines),
        )


def _check(change: CartChange) -> None:
    if change.product_id is None and change.variant_id is None:
        raise BadInputError("A cart line names neither product nor variant.", "Give product_id or variant_id.")
    if change.quantity < 0:
        raise BadInputError(
            f"The quantity {change.quantity} is negative.", "Give the quantity to have; 0 takes it out."
        )
    if change.quantity > MOST:
        raise BadInputError(
            f"The quantity {change.quantity} is too large.", f"A cart holds at most {MOST} of one thing."
        )


def _apply(record: CartRecord, wanted: _Wanted) -> None:
    if wanted.product is None:
        _take_out(record, wanted.change)
        return
    variant, quantity = _chosen(record, wanted.product, wanted.forms), wanted.change.quantity
    _check_stock(wanted.product, variant, quantity, wanted.stocks[variant.id])
    line = next((line for line in record.lines if line.variant_id == variant.id), None)
    if line is not None:
        line.quantity = quantity
        return
    position = max((line.position for line in record.lines), default=-1) + 1
    record.lines.append(
        CartLineRecord(variant_id=variant.id, product_id=wanted.product.id, position=position, quantity=quantity)
    )


def _take_out(record: CartRecord, change: CartChange) -> None:
    """Taking out must work for what the shop no longer has, so it looks at the cart only."""
    held = [
        line
        for line in record.lines
        if change.variant_id in (None, line.variant_id) and change.product_id in (None, line.product_id)
    ]
    if not held:
        raise NotFoundError(f"'{change.variant_id or change.product_id}' is not in the cart.")
    if len(held) > 1:
        raise BadInputError(
            f"The cart holds {len(held)} variants of '{change.product_id}'.",
            f"Say which one by variant_id: {', '.join(line.variant_id for line in held)}.",
        )
    record.lines.remove(held[0])


def _chosen(record: CartRecord, product: Product, forms: Sequence[Variant]) -> Variant:
    """The variant that is meant: the only one, or the only one of them in the cart."""
    held = {line.variant_id for line in record.lines}
    meant = forms if len(forms) == 1 else [form for form in forms if form.id in held]
    if len(meant) != 1:
        raise BadInputError(
            f"{product.title} comes in {len(forms)} variants: {_described(forms)}.",
            f"Say which one by variant_id: {_listed(forms)}.",
        )
    return meant[0]


def _check_stock(product: Product, variant: Variant, quantity: int, stock: int | None) -> None:
    if not variant.availability.available:
        status = variant.availability.status.replace("_", " ")
        raise BadInputError(f"{_called(product, variant)} cannot be bought now: {status}.")
    if stock is not None and quantity > stock:
        raise BadInputError(
            f"There are {stock} of {_called(product, variant)}, not {quantity}.", f"Ask for at most {stock}."
        )


def _line(record: CartLineRecord, product: Product | None) -> CartLine:
    variant = next((form for form in product.variants if form.id == record.variant_id), None) if product else None
    price = variant.price if variant else None
    return CartLine(
        product_id=record.product_id,
        variant_id=record.variant_id,
        title=product.title if product else record.product_id,
        options=variant.options if variant else {},
        quantity=record.quantity,
        price=price,
        line_total=Money(amount=price.amount * record.quantity, currency=price.currency) if price else None,
        available=variant is not None and variant.availability.available,
    )


def _called(product: Product, variant: Variant) -> str:
    return f"{product.title} ({', '.join(variant.options.values())})" if variant.options else product.title


def _described(variants: Sequence[Variant]) -> str:
    names = dict.fromkeys(", ".join(form.options.values()) or form.title for form in variants)
    return "; ".join(list(names)[:8]) + ("; ..." if len(names) > 8 else "")


def _listed(variants: Sequence[Variant]) -> str:
    described = [f"{form.id} ({', '.join(form.options.values()) or form.title})" for form in variants[:20]]
    return ", ".join(described) + (f" and {len(variants) - 20} more" if len(variants) > 20 else "")
