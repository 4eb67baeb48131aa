"""How much each source counts, by what is asked for and how much is known: no step from nothing to a little.

Three things are known more or less: the person, by n events, as n / (n + KAPPA); the crowd, likewise; and the moment,
by what the request names. Every share is a mixture of tables by these three, so one event more moves it a little only.

Events count for the less the more alike all people are: where everybody takes milk and bread, a few acts say little of
what else a person takes, and what is popular is right for most; where no two take the same it is right for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ranker.behaviour.model import Event
from retriever.recommending.asking import Asked, Goal
from retriever.recommending.situation import Situation

KAPPA = 4.5  # events after which a person is known half, if they tell as much as they can
POPULAR_KAPPA = 2.5  # such events after which half of what is popular gives way to what goes with them
CROWD_KAPPA = 1_000.0  # events after which a crowd is

Shares = Mapping[str, float]

# A stranger, of whom the moment is known, and then what most people like.
_STRANGER: Shares = {
    "moment": 0.40, "popular": 0.22, "trending": 0.10, "similar": 0.10, "together": 0.08, "arrivals": 0.06,
    "promoted": 0.04,
}  # fmt: skip
# A person with a long history.
_KNOWN: Shares = {
    "personal": 0.50, "again": 0.14, "similar": 0.09, "together": 0.08, "moment": 0.07, "arrivals": 0.05,
    "trending": 0.03, "popular": 0.02, "promoted": 0.02,
}  # fmt: skip
_GOALS: Mapping[Goal, Shares] = {
    "similar": {"similar": 0.7, "together": 0.3},
    "complement": {"complements": 0.75, "together": 0.25},
    "popular": {"popular": 0.5, "trending": 0.4, "rated": 0.1},
    "new": {"arrivals": 1.0},
    "again": {"again": 1.0},
}
# What gives way to what is popular where all people are alike, and how much of it at most.
_ALIKE: Shares = {"trending": 0.5, "together": 0.5}
# Products that are asked about without a goal: how far they turn the list, and to what.
_LIKE = (0.6, {"similar": 0.6, "together": 0.3, "complements": 0.1})
_BASKET = (0.5, {"complements": 0.5, "together": 0.4, "similar": 0.1})
_PAGE = (0.35, {"similar": 0.5, "together": 0.35, "complements": 0.15})
# What rests on what people did counts as far as there are people; the rest of its share goes to what does not.
_YIELDS: Mapping[str, str] = {"popular": "rated", "trending": "rated", "together": "similar"}

FALLBACKS: tuple[str, ...] = ("popular", "rated", "arrivals")
"""For a list that would be empty, in this order: each is asked only if those before it gave nothing either."""


def shares(situation: Situation) -> Shares:
    """What each source counts; together 1, or nothing at all where the goal is one that the request forbids."""
    asked = situation.asked
    crowd = _known(situation.crowd.events, CROWD_KAPPA)
    if asked.goal is None or asked.goal == "personal":
        found = _by_person(effective(situation.history), 1 - crowd * (1 - situation.crowd.telling))
        part, turned = _turned(asked)
        found = _mixed(found, turned, part)
    else:
        found = _GOALS[asked.goal]
    found = _yielding(found, crowd, asked.goal)
    if asked.upsell:
        return found
    return {} if asked.goal == "complement" else _without(found, "complements")


def effective(history: Sequence[Event]) -> float:
    """How many events a history counts for: each for its weight, one at most."""
    return sum(min(max(event.weight, 0.0), 1.0) for event in history)


def fallbacks(goal: Goal | None) -> Sequence[str]:
    """The sources that are asked, in this order, where nothing at all fits.

    Who asks for something like this, to go with it, new, or to buy again, is rather shown fewer things than others.
    """
    return FALLBACKS if goal in (None, "personal", "popular") else ()


def _by_person(events: float, telling: float) -> dict[str, float]:
    """What a person of whom so many events are known gets, if each tells so much."""
    found = _mixed(_STRANGER, _KNOWN, _known(events * telling, KAPPA))
    gone = telling * _known(events, POPULAR_KAPPA) * found["popular"]
    found |= {"popular": found["popular"] - gone, "together": found["together"] + gone}
    for name, most in _ALIKE.items():
        given = (1 - telling) * most * found[name]
        found |= {name: found[name] - given, "popular": found["popular"] + given}
    return found


def _known(count: float, kappa: float) -> float:
    return count / (count + kappa)


def _turned(asked: Asked) -> tuple[float, Shares]:
    if asked.like:
        return _LIKE
    if asked.basket:
        return _BASKET
    return _PAGE if asked.context.product_id else (0.0, {})


def _mixed(one: Shares, other: Shares, part: float) -> dict[str, float]:
    names = dict.fromkeys([*one, *other])
    return {name: (1 - part) * one.get(name, 0.0) + part * other.get(name, 0.0) for name in names}


def _yielding(found: Shares, crowd: float, goal: Goal | None) -> dict[str, float]:
    given = dict(found)
    yields = {**_YIELDS, "together": "complements"} if goal == "complement" else _YIELDS
    for name, to in yields.items():
        if name in found:
            given[name] = crowd * found[name]
            given[to] = given.get(to, 0.0) + (1 - crowd) * found[name]
    return given


def _without(found: Shares, name: str) -> dict[str, float]:
    left = {source: share for source, share in found.items() if source != name}
    total = sum(left.values())
    return {source: share / total for source, share in left.items()}
