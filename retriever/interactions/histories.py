"""Histories of people, from acts in any order: cleaned, weighed, damped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ranker.behaviour.model import Event
from retriever.database import Database
from retriever.interactions.cleaning import Limits, cleaned
from retriever.interactions.damping import Doubt, Pushed, damped
from retriever.interactions.log import KINDS, Act, Log
from retriever.interactions.recorded import recorded_acts
from retriever.interactions.weighing import TIMELESS, Weights, weigh


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and what was left out and why.

    Attributes:
        acts: read.
        people: who have a history.
        events: in all histories.
        future: dated after now.
        repeats: the same act again.
        programs: visitors that are programs ...
        program_acts: ... and what they did.
        disliked: ratings that say an item was not liked: they tell nothing of what to show.
        pushed: items that somebody pushed, and how far they were damped.
    """

    acts: int
    people: int
    events: int
    future: int
    repeats: int
    programs: int
    program_acts: int
    disliked: int
    pushed: tuple[Pushed, ...]


@dataclass(frozen=True)
class Histories:
    """One history a person, in time order."""

    people: Mapping[str, tuple[Event, ...]]
    report: Report


@dataclass(frozen=True, slots=True)
class Reading:
    """How acts become histories."""

    limits: Limits = field(default_factory=Limits)
    weights: Weights = TIMELESS
    doubt: Doubt = field(default_factory=Doubt)


def histories_of(acts: Iterable[Act], *, now: float, reading: Reading | None = None) -> Histories:
    """The histories in these acts. The order in which acts come, and how often one is told, changes nothing."""
    reading = reading or Reading()
    log = Log.of(acts)
    clean = cleaned(log, now=now, limits=reading.limits)
    weights, pushed = damped(clean.log, weigh(clean.log, reading.weights, now=now), reading.doubt)
    counted = weights > 0
    kept, weights = clean.log.only(counted), weights[counted]
    people = {
        person: tuple(
            Event(kept.items[item], at, weight, KINDS[kind])
            for item, at, weight, kind in zip(
                kept.item[run].tolist(),
                kept.at[run].tolist(),
                weights[run].tolist(),
                kept.kind[run].tolist(),
                strict=True,
            )
        )
        for person, run in kept.runs()
    }
    report = Report(
        acts=len(log),
        people=len(people),
        events=len(kept),
        future=clean.future,
        repeats=clean.repeats,
        programs=len(clean.programs),
        program_acts=clean.program_acts,
        disliked=int(np.count_nonzero(~counted)),
        pushed=pushed,
    )
    return Histories(people, report)


def recorded_histories(database: Database, *, now: float, reading: Reading | None = None) -> Histories:
    """The histories of everybody who may be learned from; see ``recorded_acts`` for who that is.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    return histories_of(recorded_acts(database), now=now, reading=reading)


def recorded_history(database: Database, person: str, *, now: float, reading: Reading | None = None) -> list[Event]:
    """One person's history up to ``now``, for use while the person waits; nothing for one without a profile.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    found = histories_of(recorded_acts(database, [person]), now=now, reading=reading)
    return list(found.people.get(person, ()))
