"""The demo store as a feed: as somebody finds it on the day that they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from retriever.database import Database
from retriever.feeds.feed import Item, Progress
from retriever.records import EventRecord

FRESH = timedelta(days=7)  # in which an import finds the store as it was: it then has nothing to write


@dataclass(frozen=True)
class DemoFeed:
    """The demo store on a day: the last thing that happened in it was the day before."""

    day: date
    name: str = "demo"
    source: str = "demo"

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every row of the demo store, numbered in its own order."""
        from retriever.demo import rows  # its families are only built where they are sold
        from retriever.demo.day import seen_on

        yield from enumerate(rows(seen_on(self.day)), start=1)


def demo_day(database: Database, today: date, feed: str = DemoFeed.name) -> date:
    """The day to import the demo store for: the one that it was imported for, unless that is a week ago, or to come.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    from retriever.demo.day import day_of

    with database.session() as session:
        last: datetime | None = session.scalar(select(func.max(EventRecord.at)).where(EventRecord.feed == feed))
    if last is None:
        return today
    held = day_of(last)
    return held if timedelta(0) <= today - held < FRESH else today
