"""One place of a list given by chance to something new or little known, with the exact probability of what was drawn.

An item's chance to be clicked is a Beta posterior: how often it was shown and clicked, beside a prior at the shop's
own rate. The place goes, with probability ``share``, to an item of the pool: by a softmax over the posterior's mean
and a bonus for its spread, mixed with an even draw so that none is ever out of reach, as in Exp3 (Auer, Cesa-Bianchi,
Freund and Schapire, "The nonstochastic multiarmed bandit problem", SIAM Journal on Computing 2002). Otherwise it stays
with what stood there. Unlike in Thompson sampling, every probability is then known in closed form, and what another
policy would have earned can be told from the log.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.situation import Situation

ASKED_FOR = frozenset({"similar", "complement", "again"})  # goals that something else would not meet
FIXED = frozenset({"pinned", "sponsored"})  # reasons of what nobody may put elsewhere
LEAST = 3  # places of a list of which one can be spared
EXPLORED = Because("explored")


@dataclass(frozen=True, slots=True)
class Exploration:
    """How much is explored, and how boldly.

    Args:
        share: of the lists whose place goes to an item of the pool; 0 explores nothing.
        place: from 0, in the list; the last one of a shorter list.
        pool: items that are considered for the place, the first of those that are given.
        even: share of an even draw in the mixture: each item's probability is at least share * even / pool.
        bonus: standard deviations of the posterior that count for an item.
        heat: of the softmax, in shares of the shop's rate of clicks: the smaller, the greedier.
        prior: lists of the usual rate that every item has beside its own.
    """

    share: float = 0.2
    place: int = 4
    pool: int = 20
    even: float = 0.2
    bonus: float = 1.0
    heat: float = 0.5
    prior: float = 20.0

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1 or not 0 < self.even <= 1:
            raise ValueError("the share must be from 0 to below 1, and the even draw above 0 and at most 1")
        if min(self.place, self.bonus) < 0 or min(self.pool, self.heat, self.prior) <= 0:
            raise ValueError("the place and the bonus must not be below 0, the pool, heat and prior must be above 0")


@dataclass(frozen=True)
class Evidence:
    """How often items were shown, and clicked for that. Empty for a new shop."""

    shown: Mapping[str, float] = field(default_factory=dict[str, float])
    clicked: Mapping[str, float] = field(default_factory=dict[str, float])
    rate: float = 0.05  # of clicks, over all items

    def posterior(self, ids: Sequence[str], prior: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each item's chance to be clicked."""
        shown = np.array([self.shown.get(id, 0.0) for id in ids])
        clicked = np.minimum(np.array([self.clicked.get(id, 0.0) for id in ids]), shown)
        yes = prior * self.rate + clicked
        no = prior * (1 - self.rate) + shown - clicked
        mean = yes / (yes + no)
        return mean, np.sqrt(mean * (1 - mean) / (yes + no + 1))


@dataclass(frozen=True, slots=True)
class Option:
    """What could have had the place: with which probability, and with which expected rate of clicks."""

    id: str
    propensity: float
    mean: float


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that chance gave away. The first of ``options`` stood there; their probabilities sum to 1."""

    place: int
    chosen: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Explored:
    """The list, and what was drawn for it; no slot where nothing was explored."""

    listed: tuple[Candidate, ...]
    slot: Slot | None = None


class Explorer:
    """Gives one place of a list away by chance.

    Args:
        settings: how.
    """

    def __init__(self, settings: Exploration | None = None) -> None:
        self.settings = settings or Exploration()

    @property
    def policy(self) -> str:
        """Its name and settings, for the log."""
        held = self.settings
        return f"softmax share={held.share:g} even={held.even:g} bonus={held.bonus:g} heat={held.heat:g}"

    def explore(
        self,
        situation: Situation,
        listed: Sequence[Candidate],
        pool: Sequence[Candidate],
        evidence: Evidence,
        rng: random.Random,
    ) -> Explored:
        """The list with its place filled by chance; as it is where nothing may be explored.

        Args:
            situation: who asks for what: nothing is explored for those who asked for something in particular, want
                nothing else shown, or want no profile.
            listed: all that is to be shown, best first.
            pool: what may be shown instead of one of them; all of it was filtered as ``listed`` was.
            evidence: of clicks so far.
            rng: draws.
        """
        plain = Explored(tuple(listed))
        place = self._place(listed)
        if place is None or not self.may(situation):
            return plain
        held = {candidate.id for candidate in listed}
        fresh = list({one.id: one for one in pool if one.id not in held}.values())[: self.settings.pool]
        if not fresh:
            return plain
        options = self.options([listed[place].id, *(one.id for one in fresh)], evidence)
        at = _draw([option.propensity for option in options], rng)
        chosen = listed[place] if at == 0 else _marked(fresh[at - 1])
        chosen = replace(chosen, propensity=options[at].propensity)
        filled = (*listed[:place], chosen, *listed[place + 1 :])
        return Explored(filled, Slot(place, chosen.id, options))

    def options(self, ids: Sequence[str], evidence: Evidence) -> tuple[Option, ...]:
        """The probabilities of these items for the place; the first one stands there."""
        held = self.settings
        mean, spread = evidence.posterior(ids, held.prior)
        worth = (mean + held.bonus * spread)[1:] / (held.heat * max(evidence.rate, 1e-6))
        odds = np.exp(worth - worth.max())
        drawn = held.share * ((1 - held.even) * odds / odds.sum() + held.even / len(odds))
        shares = [1 - held.share, *drawn.tolist()]
        return tuple(Option(*one) for one in zip(ids, shares, mean.tolist(), strict=True))

    def may(self, situation: Situation) -> bool:
        """Whether anything may be explored for who asks: no pool is needed otherwise."""
        asked = situation.asked
        return bool(self.settings.share) and asked.upsell and asked.goal not in ASKED_FOR and situation.chosen.enabled

    def _place(self, listed: Sequence[Candidate]) -> int | None:
        """The place that is given away: not one that a rule or somebody's money has fixed."""
        if len(listed) < LEAST:
            return None
        first = min(self.settings.place, len(listed) - 1)
        free = [place for place, one in enumerate(listed) if not FIXED & {because.kind for because in one.because}]
        return min(free, key=lambda place: (abs(place - first), place < first), default=None)


def _marked(candidate: Candidate) -> Candidate:
    return candidate if EXPLORED in candidate.because else candidate.also(EXPLORED)


def _draw(shares: Sequence[float], rng: random.Random) -> int:
    return rng.choices(range(len(shares)), shares)[0]
