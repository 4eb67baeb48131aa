"""Numbers in SQLite's full-text index are given once, and the index has an identity.

An index outside the database, which knows products by these numbers, can then tell what
it has not seen yet, what is gone, and whether it was made from this database at all.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBERS = "id INTEGER PRIMARY KEY {}, product_id VARCHAR(200) NOT NULL UNIQUE"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    _number(_NUMBERS.format("AUTOINCREMENT"))
    op.execute("CREATE TABLE product_fts_gone (id INTEGER PRIMARY KEY)")
    op.execute(
        "CREATE TRIGGER product_fts_forget AFTER DELETE ON product_fts_id "
        "BEGIN INSERT OR IGNORE INTO product_fts_gone VALUES (old.id); END"
    )
    op.execute("CREATE TABLE product_fts_identity AS SELECT lower(hex(randomblob(8))) AS identity")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("DROP TRIGGER product_fts_forget")
    op.execute("DROP TABLE product_fts_identity")
    op.execute("DROP TABLE product_fts_gone")
    _number(_NUMBERS.format(""))


def _number(columns: str) -> None:
    """Make the table of numbers anew, with the numbers it has."""
    op.execute("ALTER TABLE product_fts_id RENAME TO product_fts_id_before")
    op.execute(f"CREATE TABLE product_fts_id ({columns})")
    op.execute("INSERT INTO product_fts_id SELECT id, product_id FROM product_fts_id_before")
    op.execute("DROP TABLE product_fts_id_before")
