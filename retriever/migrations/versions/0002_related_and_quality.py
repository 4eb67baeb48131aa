"""Relations between products, returns and promotions of orders, completions, and quality scores.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("product", sa.Column("related", JSON, nullable=False, server_default="{}"))
    op.add_column("customer_order", sa.Column("returns", JSON, nullable=False, server_default="[]"))
    op.add_column("customer_order", sa.Column("promotion_ids", JSON, nullable=False, server_default="[]"))
    op.create_table(
        "completion",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("product_id", "field"),
    )
    op.create_table(
        "quality_score",
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("feed", "measured_at"),
    )


def downgrade() -> None:
    op.drop_table("quality_score")
    op.drop_table("completion")
    op.drop_column("customer_order", "promotion_ids")
    op.drop_column("customer_order", "returns")
    op.drop_column("product", "related")
