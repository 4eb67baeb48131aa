"""Histories cut into visits."""

from __future__ import annotations

from collections.abc import Iterator

from ranker.behaviour.model import Event, History

GAP = 30 * 60.0
"""Seconds without an act after which a new visit begins: the half hour that web analytics counts with."""


def sessions(history: History, gap: float = GAP) -> Iterator[tuple[Event, ...]]:
    """The visits of a history in time order; a pause longer than ``gap`` ends one."""
    visit: list[Event] = []
    for event in history:
        if visit and event.at - visit[-1].at > gap:
            yield tuple(visit)
            visit = []
        visit.append(event)
    if visit:
        yield tuple(visit)
