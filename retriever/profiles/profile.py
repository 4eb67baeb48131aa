"""The shape of a profile. Money and times are as everywhere; shares are of one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from retriever.product import Money, Shape


class Muted(Shape):
    """A thing that a person does not want to be shown on account of their profile."""

    kind: Literal["interest", "brand"]
    name: str


class Interest(Shape):
    """Goods that belong together, to which some of a person's acts went."""

    name: str
    share: float
    product_ids: tuple[str, ...]
    muted: bool = False


class Liked(Shape):
    """A brand or category, and its share of a person's acts by weight."""

    name: str
    share: float
    muted: bool = False


class PriceBand(Shape):
    """Where the middle half of the prices of what a person took lies; of what they looked at, if they took nothing."""

    low: Money
    high: Money
    of: Literal["purchases", "looks"]


class Repeat(Shape):
    """Something bought again and again: days between two purchases (the median), and when the next one is due."""

    product_id: str
    title: str
    days: float
    times: int
    due: datetime


class Profile(Shape):
    """One person's profile. ``enabled`` is false for one who has switched it off: all but what is muted is empty then.

    ``long_term`` and ``short_term`` are the categories of a year's and of the last days' acts.
    """

    customer_id: str
    enabled: bool
    acts: int = 0
    interests: tuple[Interest, ...] = ()
    brands: tuple[Liked, ...] = ()
    price_band: PriceBand | None = None
    sizes: dict[str, str] = Field(default_factory=dict[str, str])
    repeats: tuple[Repeat, ...] = ()
    long_term: tuple[Liked, ...] = ()
    short_term: tuple[Liked, ...] = ()
    muted: tuple[Muted, ...] = ()
