"""Fennel Street: a fictional shop, written by hand as data and grown into rows by code.

Its families say what its goods may be and in which words; the same data and the same
seed give the same rows. See docs/demo-store.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from retriever.demo import house
from retriever.demo.day import TODAY
from retriever.demo.orders import orders
from retriever.demo.past import past
from retriever.demo.people import customers
from retriever.demo.relations import products
from retriever.demo.reviews import rate_events, reviews
from retriever.feeds.rows import AnyRow

__all__ = ["rows"]


def rows(today: datetime = TODAY) -> Iterator[AnyRow]:
    """All rows of the demo store as it is at a moment: goods first, so that orders and reviews name what exists."""
    yield from (item.row for item in products(today))
    yield from house.policies()
    yield from house.promotions()
    yield from customers()
    yield from orders(today)
    yield from (row for row, _ in reviews(today))
    yield from past(today).events
    yield from rate_events(today)
