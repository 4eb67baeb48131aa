"""When a person bought what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from retriever.interactions.log import Act

DAY = 86_400.0


def purchases_of(acts: Iterable[Act], *, now: float) -> Mapping[str, tuple[float, ...]]:
    """Times of the purchases among a person's acts, earliest first, by product. Purchases of one day are one."""
    found: dict[str, dict[int, float]] = {}
    for act in acts:
        if act.kind == "purchase" and act.at <= now:
            days = found.setdefault(act.item, {})
            day = int(act.at // DAY)
            days[day] = max(act.at, days.get(day, act.at))
    return {item: tuple(sorted(days.values())) for item, days in found.items()}


def gaps(times: Iterable[float]) -> list[float]:
    """Seconds from each purchase to the next."""
    return [later - earlier for earlier, later in pairwise(times)]
