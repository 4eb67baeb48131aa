"""Which goods have changed, written down by the database itself, whoever changes them.

What is kept in memory of all goods can then be brought up to date by reading the few that have changed.
A row of ``product`` is written anew with its categories and attributes, so these need no trigger.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = {"product": "id", "variant": "product_id"}

# Writers take turns in SQLite: the next number is above all that anybody has seen.
_SQLITE = """
CREATE TRIGGER {table}_{kind}_changed AFTER {event} ON {table} BEGIN
  DELETE FROM goods_change WHERE product_id = {row}.{id} AND number < (SELECT max(number) FROM goods_change);
  INSERT INTO goods_change (product_id, number)
    SELECT {row}.{id}, coalesce(max(number), 0) + 1 FROM goods_change WHERE true
    ON CONFLICT DO NOTHING;
END
"""

# Writers work side by side in PostgreSQL: a change carries the number of its transaction, and none waits for another.
_POSTGRESQL = """
CREATE FUNCTION {table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed text;
BEGIN
  IF TG_OP = 'DELETE' THEN changed := old.{id}; ELSE changed := new.{id}; END IF;
  INSERT INTO goods_change (product_id, number) VALUES (changed, pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "goods_change",
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "number"),
    )
    op.create_index("ix_goods_change_number", "goods_change", ["number"])
    for table, id in _TABLES.items():
        _watch(table, id)


def _watch(table: str, id: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(_POSTGRESQL.format(table=table, id=id))
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_changed()"
        )
        return
    for kind, event, row in (("in", "INSERT", "new"), ("on", "UPDATE", "new"), ("out", "DELETE", "old")):
        op.execute(_SQLITE.format(table=table, kind=kind, event=event, row=row, id=id))


def downgrade() -> None:
    for table in _TABLES:
        if op.get_bind().dialect.name == "sqlite":
            for kind in ("in", "on", "out"):
                op.execute(f"DROP TRIGGER {table}_{kind}_changed")
        else:
            op.execute(f"DROP TRIGGER {table}_changed ON {table}")
            op.execute(f"DROP FUNCTION {table}_changed()")
    op.drop_index("ix_goods_change_number", "goods_change")
    op.drop_table("goods_change")
