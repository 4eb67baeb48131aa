"""The moment that the demo store is written for: what has happened in it and what is in season is seen from there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, wraps
from typing import Protocol, TypeVar

TODAY = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""The moment for which the store is written unless another is asked for."""

Made = TypeVar("Made", covariant=True)


class OfDay(Protocol[Made]):
    """Gives what there is at a moment, the same whenever it is asked."""

    def __call__(self, today: datetime = ...) -> Made:
        """What there is then."""
        ...


def seen_on(day: date) -> datetime:
    """The moment that a store imported on a day is written for: noon of the day before, in UTC.

    Nothing in it is later, so that an import at any hour of the day brings no event from the future.
    """
    return datetime.combine(day - timedelta(days=1), time(TODAY.hour), TODAY.tzinfo)


def day_of(last: datetime) -> date:
    """The day of an import by the last thing that happened in its store, which is busy on every day."""
    return (last + timedelta(hours=TODAY.hour)).date() + timedelta(days=1)


def of_day(make: Callable[[datetime], Made]) -> OfDay[Made]:
    """``make`` for TODAY unless another moment is given, done once a moment."""
    held = cache(make)

    @wraps(make)
    def made(today: datetime = TODAY) -> Made:
        return held(today)

    return made
