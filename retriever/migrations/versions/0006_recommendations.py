"""What was recommended, to whom, and what chance had a part in.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "recommendation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("session_id", sa.String(length=200), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("surface", sa.String(length=40), nullable=False),
        sa.Column("goal", sa.String(length=20), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("slot", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recommendation_at", "recommendation", ["at"])
    op.create_index("ix_recommendation_customer_id", "recommendation", ["customer_id"])


def downgrade() -> None:
    op.drop_table("recommendation")
