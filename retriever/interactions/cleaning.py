"""What is left out before anything is learned from a log, rule by rule. The events themselves stay in the shop.

- Future: an act after ``now`` has not happened; a clock was wrong.
- Repeats: the same person does the same with the same item again within a minute: a page loaded
  twice, a button pressed twice, an event sent twice.
- Programs: a person who looks at more than 60 items within a minute, at more than 2,000 within a
  day, or at a hundred and more in strides so even that no hand makes them. All they did is left
  out but purchases, which somebody has paid for. Only looks are counted: a basket of a hundred
  lines has one time, and is no sign of a program.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.interactions.log import LOOKS, PURCHASE, Log

DAY = 86_400.0
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person does not do.

    Args:
        repeat_seconds: the same act with the same item within this time is the same act.
        looks_a_minute: more of them is a program.
        looks_a_day: as is more of these.
        even_of: a person with so many looks ...
        evenness: ... whose gaps differ by less than this share of their mean (in standard deviations) is one too.
    """

    repeat_seconds: float = 60.0
    looks_a_minute: int = 60
    looks_a_day: int = 2_000
    even_of: int = 100
    evenness: float = 0.05


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A log of what people did, and how much was left out."""

    log: Log
    future: int = 0
    repeats: int = 0
    programs: tuple[str, ...] = ()
    program_acts: int = 0


def cleaned(log: Log, *, now: float, limits: Limits | None = None) -> Cleaned:
    """The log without what the rules above leave out."""
    limits = limits or Limits()
    past = log.only(log.at <= now)
    once = past.only(~_repeats(past, limits.repeat_seconds))
    programs = _programs(once, limits)
    theirs = np.isin(once.person, programs) & (once.kind != PURCHASE)
    return Cleaned(
        log=once.only(~theirs),
        future=len(log) - len(past),
        repeats=len(past) - len(once),
        programs=tuple(once.people[person] for person in programs.tolist()),
        program_acts=int(theirs.sum()),
    )


def _repeats(log: Log, seconds: float) -> NDArray[np.bool_]:
    """Acts that follow the same one of the same person within the time."""
    order = np.lexsort((log.at, log.kind, log.item, log.person))
    person, item, kind, at = log.person[order], log.item[order], log.kind[order], log.at[order]
    same = (person[1:] == person[:-1]) & (item[1:] == item[:-1]) & (kind[1:] == kind[:-1])
    repeated = np.zeros(len(log), np.bool_)
    repeated[order[1:]] = same & (at[1:] - at[:-1] < seconds)
    return repeated


def _programs(log: Log, limits: Limits) -> NDArray[np.int32]:
    looks = log.only(np.isin(log.kind, LOOKS))
    quick = np.concatenate(
        [
            _crowded(looks, limits.looks_a_minute, MINUTE),
            _crowded(looks, limits.looks_a_day, DAY),
            _even(looks, limits),
        ]
    )
    return np.unique(quick)


def _crowded(looks: Log, most: int, seconds: float) -> NDArray[np.int32]:
    """People with more than ``most`` looks within ``seconds``."""
    if len(looks) <= most:
        return np.empty(0, np.int32)
    crowded = (looks.person[most:] == looks.person[:-most]) & (looks.at[most:] - looks.at[:-most] < seconds)
    return looks.person[most:][crowded]


def _even(looks: Log, limits: Limits) -> NDArray[np.int32]:
    """People whose looks follow one another like the ticks of a clock."""
    gaps = np.diff(looks.at)
    inside = looks.person[1:] == looks.person[:-1]
    person, gaps = looks.person[1:][inside], gaps[inside]
    count = np.bincount(person, minlength=len(looks.people)).astype(np.float64)
    count_or_one = np.maximum(count, 1)
    mean = np.bincount(person, gaps, len(looks.people)) / count_or_one
    spread = np.sqrt(np.bincount(person, (gaps - mean[person]) ** 2, len(looks.people)) / count_or_one)
    even = (count >= limits.even_of - 1) & (mean > 0) & (spread < limits.evenness * mean)
    return np.flatnonzero(even).astype(np.int32)
