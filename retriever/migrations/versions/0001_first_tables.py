"""The tables of the first version, and the full-text index.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


TABLES = (
    "variant",
    "product_category",
    "product_attribute",
    "order_line",
    "cart_line",
    "address",
    "vector_task",
    "review",
    "promotion",
    "product",
    "policy",
    "handoff",
    "feed",
    "event",
    "customer_order",
    "customer",
    "cart",
)


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "sqlite":
        create_fts5()
    else:
        create_tsvector()


def downgrade() -> None:
    op.drop_table("product_fts")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("product_fts_id")
    else:
        op.execute("DROP TEXT SEARCH CONFIGURATION shopwise")
        op.execute("DROP TEXT SEARCH DICTIONARY shopwise_english")
    for table in TABLES:
        op.drop_table(table)


def create_fts5() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE product_fts USING fts5("
        "title, brand, categories, attributes, description, other, tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    # How much a word counts in each column.
    op.execute("INSERT INTO product_fts (product_fts, rank) VALUES ('rank', 'bm25(8.0, 4.0, 3.0, 3.0, 1.0, 2.0)')")
    # The index knows rows by number; looking a product up in it by a column of its own would read all of it.
    op.execute("CREATE TABLE product_fts_id (id INTEGER PRIMARY KEY, product_id VARCHAR(200) NOT NULL UNIQUE)")


def create_tsvector() -> None:
    # English stems without English stop words: they are left out of queries, where that can be undone.
    op.execute("CREATE TEXT SEARCH DICTIONARY shopwise_english (TEMPLATE = snowball, LANGUAGE = english)")
    op.execute("CREATE TEXT SEARCH CONFIGURATION shopwise (COPY = pg_catalog.english)")
    op.execute(
        "ALTER TEXT SEARCH CONFIGURATION shopwise ALTER MAPPING REPLACE pg_catalog.english_stem WITH shopwise_english"
    )
    op.execute("CREATE TABLE product_fts (product_id VARCHAR(200) PRIMARY KEY, document tsvector NOT NULL)")
    # Ranking reads every vector it compares: taken apart from its compression each time, that was most of the time.
    op.execute("ALTER TABLE product_fts ALTER COLUMN document SET STORAGE EXTERNAL")
    op.execute("CREATE INDEX ix_product_fts_document ON product_fts USING gin (document)")


def create_tables() -> None:
    op.create_table(
        "cart",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_cart_customer_id"), "cart", ["customer_id"], unique=False)
    op.create_table(
        "customer",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("payment_methods", JSON, nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_customer_email"), "customer", ["email"], unique=False)
    op.create_index(op.f("ix_customer_feed"), "customer", ["feed"], unique=False)
    op.create_table(
        "customer_order",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", JSON, nullable=False),
        sa.Column("fulfillments", JSON, nullable=False),
        sa.Column("payments", JSON, nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_customer_order_customer_id"), "customer_order", ["customer_id"], unique=False)
    op.create_index(op.f("ix_customer_order_feed"), "customer_order", ["feed"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("session_id", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_event_customer_id"), "event", ["customer_id"], unique=False)
    op.create_index(op.f("ix_event_feed"), "event", ["feed"], unique=False)
    op.create_index(op.f("ix_event_product_id"), "event", ["product_id"], unique=False)
    op.create_index(op.f("ix_event_session_id"), "event", ["session_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "handoff",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("conversation_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=80), nullable=False),
        sa.Column("packet", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_handoff_conversation_id"), "handoff", ["conversation_id"], unique=False)
    op.create_table(
        "policy",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_policy_feed"), "policy", ["feed"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("images", JSON, nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("brand_key", sa.Text(), nullable=False),
        sa.Column("categories", JSON, nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("rating_value", sa.Double(), nullable=True),
        sa.Column("rating_count", sa.Integer(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_min", sa.BigInteger(), nullable=True),
        sa.Column("price_max", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_product_brand_key"), "product", ["brand_key"], unique=False)
    op.create_index(op.f("ix_product_feed"), "product", ["feed"], unique=False)
    op.create_table(
        "promotion",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_promotion_feed"), "promotion", ["feed"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_review_feed"), "review", ["feed"], unique=False)
    op.create_index(op.f("ix_review_product_id"), "review", ["product_id"], unique=False)
    op.create_table(
        "vector_task",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("product_id"),
    )
    op.create_table(
        "address",
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line1", sa.Text(), nullable=False),
        sa.Column("line2", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("customer_id", "position"),
    )
    op.create_table(
        "cart_line",
        sa.Column("cart_id", sa.String(length=200), nullable=False),
        sa.Column("variant_id", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cart_id", "variant_id"),
    )
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("variant_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("order_id", "position"),
    )
    op.create_table(
        "product_attribute",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("variant_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("product_id", "variant_id", "name", "value"),
    )
    op.create_index("ix_product_attribute_name_value", "product_attribute", ["name", "value"], unique=False)
    op.create_table(
        "product_category",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("product_id", "key"),
    )
    op.create_index("ix_product_category_key", "product_category", ["key"], unique=False)
    op.create_table(
        "variant",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_variant_product_id"), "variant", ["product_id"], unique=False)
