"""How much each source counts, by what is asked for and how much is known: no step from nothing to a little.

Three things are known more or less: the person, by n events, as n / (n + half); the crowd, likewise; and the moment, by
what the request names. Every share is a mixture of tables by these three.

After how many events a person is known half depends on the shop, and is counted there (``Crowd.telling``). Where
everybody takes milk and bread, a few acts say little of what else a person takes, and what is popular is right for
most; where no two take the same, what is popular is right for nobody and one act says more than all that is known of a
stranger. The odds of the two say how many acts outweigh popularity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ranker.behaviour.model import Event
from retriever.recommending.asking import Asked, Goal
from retriever.recommending.situation import Situation

ALIKE, LEAST = 12.0, 0.2  # half is so many events where acts tell as much as popularity does, and so many at least
USUAL = 0.7  # how much an act is thought to tell in a shop of which it is not known yet
DUE, OFTEN = 0.35, 4.5  # the share of what is due again, and of how many events it has half of that
CROWD_KAPPA = 1_000.0  # events after which a crowd is known half

Shares = Mapping[str, float]

# A stranger, of whom the moment is known, and then what most people like.
_STRANGER: Shares = {"moment": 0.55, "popular": 0.32, "arrivals": 0.06, "promoted": 0.04, "trending": 0.03}
# A person who is known.
_KNOWN: Shares = {
    "personal": 0.56, "similar": 0.10, "together": 0.09, "moment": 0.08, "arrivals": 0.06, "popular": 0.05,
    "trending": 0.03, "promoted": 0.03,
}  # fmt: skip
_GOALS: Mapping[Goal, Shares] = {
    "similar": {"similar": 0.7, "together": 0.3},
    "complement": {"complements": 0.75, "together": 0.25},
    "popular": {"popular": 0.5, "trending": 0.4, "rated": 0.1},
    "new": {"arrivals": 1.0},
    "again": {"again": 1.0},
}
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
        found = _by_person(effective(situation.history), USUAL + crowd * (situation.crowd.telling - USUAL))
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


def half_known(telling: float) -> float:
    """After how many events a person is known half, where an act tells so much (from 0 to 1) beside popularity."""
    return LEAST + ALIKE * (1 - telling) / max(telling, 1e-9)


def _by_person(events: float, telling: float) -> dict[str, float]:
    """What a person of whom so many events are known gets, if each tells so much.

    What is due again rests on nobody's habits but the person's own, so that it matters less how alike all people are.
    """
    found = _mixed(_STRANGER, _KNOWN, _known(events, half_known(telling)))
    return _mixed(found, {"again": 1.0}, DUE * _known(events, OFTEN))


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
