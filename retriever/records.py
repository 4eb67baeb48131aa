"""The shop's tables. SQLite and PostgreSQL hold the same ones; migrations/ makes them.

Every imported row names the ``feed`` that owns it, so that importing a feed again can
tell what it added, changed and removed without touching the goods of another feed.
Prices are integer minor units; ``None`` is an unknown price. Times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

Json = JSON().with_variant(JSONB(), "postgresql")
Minor = Annotated[int, mapped_column(BigInteger)]  # an amount of money


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes on both databases; SQLite itself stores no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store as UTC. Raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no meaning in the records")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Record(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {dict[str, Any]: Json, list[str]: Json, list[dict[str, Any]]: Json, datetime: UtcDateTime}


class Imported:
    """Columns of every row that a feed owns. ``content_hash`` tells a changed row from an unchanged one."""

    feed: Mapped[str] = mapped_column(String(80), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))


class FeedRecord(Record):
    """One imported feed: where its rows came from and the report of its last import."""

    __tablename__ = "feed"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    imported_at: Mapped[datetime]
    report: Mapped[dict[str, Any]]


class ProductRecord(Imported, Record):
    """A product. ``texts`` maps a language to LocaleText; ``price_min``/``max`` derive from the variants."""

    __tablename__ = "product"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    images: Mapped[list[str]]
    brand: Mapped[str] = mapped_column(Text, default="")
    brand_key: Mapped[str] = mapped_column(Text, default="", index=True)
    categories: Mapped[list[str]]
    attributes: Mapped[dict[str, Any]]
    texts: Mapped[dict[str, Any]]
    related: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # relation to product ids
    rating_value: Mapped[float | None]
    rating_count: Mapped[int | None]
    available: Mapped[bool]
    status: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    price_min: Mapped[Minor | None]
    price_max: Mapped[Minor | None]
    published_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0)  # place in the feed: the merchant's own order
    variants: Mapped[list[VariantRecord]] = relationship(
        order_by="VariantRecord.position", cascade="all, delete-orphan", passive_deletes=True, lazy="selectin"
    )


class VariantRecord(Record):
    """One buyable form of a product. ``stock`` is ``None`` where the feed gives no quantity."""

    __tablename__ = "variant"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]]
    price: Mapped[Minor | None]
    currency: Mapped[str] = mapped_column(String(3))
    available: Mapped[bool]
    status: Mapped[str] = mapped_column(String(40))
    stock: Mapped[int | None]
    __table_args__ = (Index("ix_variant_price", "currency", "price", "available", "product_id"),)


class ProductCategory(Record):
    """One category of a product, for filtering and counting; ``key`` is the folded ``name``."""

    __tablename__ = "product_category"
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_product_category_key", "key"),)


class ProductAttribute(Record):
    """One folded attribute (``variant_id`` empty) or variant option, for filtering."""

    __tablename__ = "product_attribute"
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    variant_id: Mapped[str] = mapped_column(String(200), primary_key=True, default="")
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    __table_args__ = (Index("ix_product_attribute_name_value", "name", "value"),)


class CompletionRecord(Record):
    """What data quality believes about a product where the merchant said nothing: a value, and how sure it is.

    It is kept beside the product and never written into it. ``confidence`` is from 0 to 1.
    """

    __tablename__ = "completion"
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    source: Mapped[str] = mapped_column(Text, default="")


class QualityScoreRecord(Record):
    """How good a feed's data was when it was imported: 0 to 100, with the counts behind it."""

    __tablename__ = "quality_score"
    feed: Mapped[str] = mapped_column(String(80), primary_key=True)
    measured_at: Mapped[datetime] = mapped_column(primary_key=True)
    score: Mapped[float]
    detail: Mapped[dict[str, Any]]


class VectorTask(Record):
    """Outbox of the vector index: written with the records, done after them, repeated until it succeeds.

    The vector store is outside the database's transaction. A task says that one
    product's vector has to be brought in line with its record (upserted, or removed
    where the record is gone); doing it twice is harmless.
    """

    __tablename__ = "vector_task"
    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)


class GoodsChange(Record):
    """A product that was written, changed or deleted. The database adds these itself, whoever changes its goods.

    A later change has a higher ``number``; see ``retriever.changed_goods``.
    """

    __tablename__ = "goods_change"
    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class PolicyRecord(Imported, Record):
    """A policy or FAQ entry. ``texts`` maps a language to ``{"title", "body"}``."""

    __tablename__ = "policy"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(String(80), default="")
    texts: Mapped[dict[str, Any]]


class PromotionRecord(Imported, Record):
    """A promotion; ``rules`` is data that the promotion engine reads."""

    __tablename__ = "promotion"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    rules: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    texts: Mapped[dict[str, Any]]


class CustomerRecord(Imported, Record):
    """A customer. ``payment_methods`` holds labels only (brand, last four), never a number that pays."""

    __tablename__ = "customer"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="", index=True)
    locale: Mapped[str] = mapped_column(String(20), default="")
    payment_methods: Mapped[list[dict[str, Any]]]
    addresses: Mapped[list[AddressRecord]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin", order_by="AddressRecord.position"
    )


class AddressRecord(Record):
    """A customer's address; position 0 is the default one."""

    __tablename__ = "address"
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line1: Mapped[str] = mapped_column(Text, default="")
    line2: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(Text, default="")
    region: Mapped[str] = mapped_column(Text, default="")
    postcode: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(Text, default="")


class OrderRecord(Imported, Record):
    """An order. Lines keep the title and price of the day; products may go, orders stay."""

    __tablename__ = "customer_order"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(200), index=True)
    status: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[Minor | None]
    placed_at: Mapped[datetime | None]
    address: Mapped[dict[str, Any]]
    fulfillments: Mapped[list[dict[str, Any]]]
    payments: Mapped[list[dict[str, Any]]]
    returns: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    promotion_ids: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    lines: Mapped[list[OrderLineRecord]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin", order_by="OrderLineRecord.position"
    )


class OrderLineRecord(Record):
    """One line of an order."""

    __tablename__ = "order_line"
    order_id: Mapped[str] = mapped_column(ForeignKey("customer_order.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200))
    variant_id: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]]
    quantity: Mapped[int]
    price: Mapped[Minor | None]


class ReviewRecord(Imported, Record):
    """A review of a product."""

    __tablename__ = "review"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), index=True)
    customer_id: Mapped[str] = mapped_column(String(200), default="")
    rating: Mapped[float | None]
    title: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    written_at: Mapped[datetime | None]


class EventRecord(Imported, Record):
    """One interaction: view, search, click, add_to_cart, purchase, rate. ``id`` makes it idempotent."""

    __tablename__ = "event"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(String(200), default="")
    session_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    product_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    at: Mapped[datetime]
    value: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_event_customer_at", "customer_id", "at"), Index("ix_event_at", "at"))


class EventAside(Record):
    """An event that cannot be used yet, as it came: its product is unknown, or its time has not come."""

    __tablename__ = "event_aside"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    product_id: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]]


class ProfileChoice(Record):
    """What a customer has decided about their profile. Without a row nothing was decided and there is one."""

    __tablename__ = "profile_choice"
    customer_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    muted: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    sizes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime]


class Forgotten(Record):
    """What a customer wants forgotten: everything, one product or one search, done at ``until`` or before.

    The events are deleted. This stays, so that a feed which is imported again, or an event
    that arrives late, does not bring back what was forgotten.
    """

    __tablename__ = "forgotten"
    customer_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)  # all, product or search
    value: Mapped[str] = mapped_column(String(200), primary_key=True, default="")
    until: Mapped[datetime]


class CartRecord(Record):
    """A cart. Anonymous carts have no customer."""

    __tablename__ = "cart"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    updated_at: Mapped[datetime]
    lines: Mapped[list[CartLineRecord]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="selectin", order_by="CartLineRecord.position"
    )


class CartLineRecord(Record):
    """One line of a cart. The price is not kept: a cart shows the price of now."""

    __tablename__ = "cart_line"
    cart_id: Mapped[str] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"), primary_key=True)
    variant_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    position: Mapped[int]
    product_id: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int]


class HandoffRecord(Record):
    """A recorded request for a human agent, with what is known so far."""

    __tablename__ = "handoff"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(200), index=True)
    customer_id: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(String(80))
    packet: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class RecommendationRecord(Record):
    """One list of recommendations as it was shown. ``shown`` is in its order; ``slot`` says what chance decided.

    A ``private`` one was shown to a person who wants no profile: it names nobody, and no act is ever counted for it.
    """

    __tablename__ = "recommendation"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    customer_id: Mapped[str] = mapped_column(String(200), default="", index=True)
    session_id: Mapped[str] = mapped_column(String(200), default="")
    private: Mapped[bool] = mapped_column(default=False)
    surface: Mapped[str] = mapped_column(String(40), default="")
    goal: Mapped[str] = mapped_column(String(20), default="")
    policy: Mapped[str] = mapped_column(String(80), default="")
    shown: Mapped[list[dict[str, Any]]]
    slot: Mapped[dict[str, Any]]
