"""Fennel Street: a fictional shop, written by hand as data and grown into rows by code.

Its families say what its goods may be and in which words; the same data and the same
seed give the same rows. See docs/demo-store.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from retriever.demo import people
from retriever.demo.relations import products
from retriever.feeds.rows import AnyRow

__all__ = ["rows"]


def rows() -> Iterator[AnyRow]:
    """All rows of the demo store: goods first, so that orders and reviews name what exists."""
    goods = products()
    yield from (item.row for item in goods)
    yield from people.policies()
    yield from people.promotions()
    yield from people.customers()
    yield from people.orders(goods)
    yield from people.reviews(goods)
