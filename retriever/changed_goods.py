"""Which goods have changed since they were read. The database writes it down itself (migration 0007)."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.orm import aliased

from retriever.database import Database
from retriever.records import GoodsChange


class ChangedGoods:
    """The goods that have changed, whoever changed them: an import, another process, a hand at the database.

    Args:
        database: the shop's records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, connection: Connection) -> int:
        """A place in time: what is read after it on this connection lacks nothing that changed before."""
        if self._database.dialect == "sqlite":
            return 1 + (connection.scalar(select(func.max(GoodsChange.number))) or 0)
        # The oldest transaction that may still be going on: what it changes has its number.
        return int(connection.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) or 0)

    def since(self, connection: Connection, mark: int, most: int) -> frozenset[str]:
        """What has changed since a mark, and maybe a little of before; some ``most`` products if there are more."""
        query = select(GoodsChange.product_id).where(GoodsChange.number >= mark).limit(most)
        return frozenset(connection.scalars(query))

    def tidy(self) -> None:
        """Forget all but the latest change of each product. SQLite does so at each change."""
        if self._database.dialect == "sqlite":
            return
        later = aliased(GoodsChange)
        same = (later.product_id == GoodsChange.product_id) & (later.number > GoodsChange.number)
        with self._database.transaction() as session:
            session.execute(
                delete(GoodsChange)
                .where(select(later.number).where(same).exists())
                .execution_options(synchronize_session=False)
            )
