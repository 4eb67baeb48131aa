"""What is learned from and what is asked: by each person's last item, by time, and by who and what was never seen.

A person's history at the time of a question has everything before it: the item that the published protocol keeps for
validation is not learned from, but it is known of the person whose last item is asked for.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from eval.recommendation.trials import Case, Fold, Log, Trial
from ranker.behaviour.model import Event, History
from retriever.errors import BadInputError

Part = Literal["test", "validation"]
MAIN_FOLD, COLD_FOLD = "everything known", "held out"
NEXT, LATER, NEW = "next item", "later purchases", "new to them"
UNSEEN_ITEMS, UNSEEN_PEOPLE, SEEN = "unseen items", "unseen people", "seen people and items"


@dataclass(frozen=True, slots=True)
class Options:
    """How a log is split.

    Attributes:
        part: ``validation`` asks for what came before the test, to choose between models without looking at it.
        limit: people who are asked, drawn by lot; 0: all.
        seed: of everything that is drawn.
        cold: share of the items, and of the people, that the second fit does not see; 0: there is none.
        least: items that fewer people took in what is learned from leave the catalogue.
    """

    part: Part = "test"
    limit: int = 0
    seed: int = 0
    cold: float = 0.1
    least: int = 0


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody's events: to learn from, known when asked, and what was taken then."""

    name: str
    learned: tuple[Event, ...]
    known: tuple[Event, ...]
    taken: tuple[str, ...]


def folds(log: Log, options: Options) -> list[Fold]:
    """The fits and trials of a log.

    Raises:
        BadInputError: if nobody is left to ask.
    """
    people = _by_time(log, log.cut, options) if log.cut is not None else _by_last(log, options)
    items = _catalogue(log, people, options.least)
    timed = log.cut is not None
    found = [Fold(MAIN_FOLD, _training(people), _main_trials(people, timed, options), items)]
    if options.cold:
        found.append(_cold_fold(people, items, timed, options))
    kept = [replace(fold, trials=_within(fold, options)) for fold in found]
    if not any(trial.cases for fold in kept for trial in fold.trials):
        raise BadInputError(
            f"Nobody in {log.name} has a history and something taken after it.",
            "Give more events, or another time of the split.",
        )
    return [fold for fold in kept if fold.trials]


def _by_last(log: Log, options: Options) -> list[_Person]:
    """Leave one out: the last item is asked for, the one before is for validation."""
    asked = 1 if options.part == "test" else 2
    people: list[_Person] = []
    for name, history in log.people.items():
        events = tuple(history)
        if len(events) < 3:
            people.append(_Person(name, events, events, ()))
            continue
        known, target = events[:-asked], events[-asked].item
        taken = () if any(event.item == target for event in known) else (target,)
        people.append(_Person(name, events[:-2], known, taken))
    return people


def _by_time(log: Log, cut: float, options: Options) -> list[_Person]:
    """What happened before a time is learned from, what was taken after it is asked for."""
    until = float("inf")
    if options.part == "validation":
        if log.checked_from is None:
            raise BadInputError(f"{log.name} has no time of validation.", "Leave out --part.")
        cut, until = log.checked_from, cut
    people: list[_Person] = []
    for name, history in log.people.items():
        known = tuple(event for event in history if event.at < cut)
        after = (event for event in history if cut <= event.at < until and event.weight >= log.least)
        people.append(_Person(name, known, known, tuple(dict.fromkeys(event.item for event in after))))
    return people


def _catalogue(log: Log, people: Sequence[_Person], least: int) -> tuple[str, ...]:
    if not least:
        return log.items
    counts = Counter(item for person in people for item in {event.item for event in person.learned})
    found = tuple(item for item in log.items if counts[item] >= least)
    if not found:
        raise BadInputError(f"No item of {log.name} was taken by {least} people.", "Give a lower --least.")
    return found


def _training(people: Iterable[_Person]) -> list[History]:
    return [person.learned for person in people if person.learned]


def _main_trials(people: Sequence[_Person], timed: bool, options: Options) -> list[Trial]:
    if not timed:
        which = "last item" if options.part == "test" else "item before the last"
        told = f"The {which} of each person, of all items the person has not had; known is everything before it."
        return [Trial(NEXT, told, _cases(people), repeats=False)]
    new = [replace(person, taken=_without(person.taken, {event.item for event in person.known})) for person in people]
    return [
        Trial(
            LATER,
            "Everything a person took after the split, of all items; what was taken before may be taken again.",
            _cases(people),
            repeats=True,
        ),
        Trial(
            NEW,
            "What a person took after the split and never before, of all items the person has not had.",
            _cases(new),
            repeats=False,
        ),
    ]


def _cold_fold(people: Sequence[_Person], items: Sequence[str], timed: bool, options: Options) -> Fold:
    """A fit without some items and without some people, then asked about these."""
    rng = random.Random(options.seed)  # noqa: S311 (a seeded draw, no secret)
    hidden = set(rng.sample(sorted(items), round(options.cold * len(items))))
    strangers = set(rng.sample([person.name for person in people], round(options.cold * len(people))))

    def stripped(wanted: Callable[[str], bool], met: bool) -> list[Case]:
        return _cases(
            replace(
                person,
                known=_before(person.known, hidden),
                taken=tuple(item for item in person.taken if wanted(item)),
            )
            for person in people
            if (person.name not in strangers) == met
        )

    known = [
        replace(person, learned=_before(person.learned, hidden)) for person in people if person.name not in strangers
    ]
    share = f"{options.cold:.0%}"
    trials = [
        Trial(
            UNSEEN_ITEMS,
            f"What people took of the {share} of items that were taken out of all histories, among all items.",
            stripped(lambda item: item in hidden, met=True),
            repeats=timed,
        ),
        Trial(
            UNSEEN_PEOPLE,
            f"The {share} of people of whom nothing was learned, known only when asked; items that were learned.",
            stripped(lambda item: item not in hidden, met=False),
            repeats=timed,
        ),
        Trial(
            SEEN,
            "The same models, asked about people and items that they learned: what the two others are held against.",
            stripped(lambda item: item not in hidden, met=True),
            repeats=timed,
        ),
    ]
    return Fold(COLD_FOLD, _training(known), trials, tuple(items))


def _within(fold: Fold, options: Options) -> list[Trial]:
    """The trials with the catalogue's items only, and as many people as are asked for; none that is about nobody."""
    catalogue = set(fold.items)
    found: list[Trial] = []
    for trial in fold.trials:
        cases = [
            replace(case, wanted=wanted)
            for case in trial.cases
            if (wanted := tuple(item for item in case.wanted if item in catalogue))
        ]
        if options.limit and len(cases) > options.limit:
            drawn = random.Random(options.seed).sample(range(len(cases)), options.limit)  # noqa: S311 (no secret)
            cases = [cases[place] for place in sorted(drawn)]
        if cases:
            found.append(replace(trial, cases=cases))
    return found


def _cases(people: Iterable[_Person]) -> list[Case]:
    """Who has a history and took something: a person of whom nothing is known is asked a different question."""
    return [Case(person.name, person.known, person.taken) for person in people if person.known and person.taken]


def _before(events: Sequence[Event], hidden: Collection[str]) -> tuple[Event, ...]:
    return tuple(event for event in events if event.item not in hidden)


def _without(items: Sequence[str], held: Collection[str]) -> tuple[str, ...]:
    return tuple(item for item in items if item not in held)
