"""Events by person and by time, events set aside, and what customers decide about their profiles.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.drop_index("ix_event_customer_id", "event")  # the new one begins with the same column
    op.create_index("ix_event_customer_at", "event", ["customer_id", "at"])
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "event_aside",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_aside_customer_id", "event_aside", ["customer_id"])
    op.create_table(
        "profile_choice",
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("muted", JSON, nullable=False),
        sa.Column("sizes", JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "forgotten",
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "kind", "value"),
    )


def downgrade() -> None:
    op.drop_table("forgotten")
    op.drop_table("profile_choice")
    op.drop_table("event_aside")
    op.drop_index("ix_event_at", "event")
    op.drop_index("ix_event_customer_at", "event")
    op.create_index("ix_event_customer_id", "event", ["customer_id"])
