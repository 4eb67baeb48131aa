"""What clicks say about relevance once the places of the products are taken into account.

What stands high is looked at more, so raw click rates repeat the order that was shown. The
position-based model (Craswell et al. 2008; Joachims, Swaminathan and Schnabel 2017) says that
a product at place ``k`` is looked at with a propensity ``p_k`` that has nothing to do with it,
and is clicked, once looked at, at a rate that has nothing to do with the place:

    E[clicks of (q, d) at k] = showings of (q, d) at k  x  p_k  x  r_qd

The propensities come out of the log itself, by harvesting what a shop does anyway (Agarwal et
al. 2019): the same product stood at several places of the same query's list, because the
catalogue, the stock or the ranker changed. Each such pair of query and product has a rate of
its own, which drops out; what is left is how the places differ. Products that never moved say
nothing about places. The fit is Poisson's with an effect for each pair, which needs the mean
above and nothing else to be right; the alternating steps are those of the EM of Wang et al.
(2018), with a rate of its own for each pair in place of their regression.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["click", "add_to_cart", "purchase"]
Estimator = Literal["examined", "inverse"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORTH: Mapping[Kind, float] = {"click": 0.2, "add_to_cart": 0.5, "purchase": 1.0}
ASSUMED_STEEPNESS = 1.0  # p_k = k ** -1 where the log cannot tell
PRIOR_CLICKS = 5.0  # each place has as many clicks of the assumed bias beside its own
MOVED_CLICKS = 100  # on products that stood at several places: with fewer the log cannot tell
ROUNDS, SETTLED = 500, 1e-5


@dataclass(frozen=True, slots=True)
class Act:
    """What a visitor did with a product of a list."""

    id: str
    kind: Kind
    at: float  # seconds


@dataclass(frozen=True, slots=True)
class Showing:
    """A list that a visitor saw, and what came of it."""

    query: str
    visitor: str
    at: float  # seconds
    ids: tuple[str, ...]  # in the order shown
    acts: tuple[Act, ...] = ()
    offset: int = 0  # of a further page: how many products stood before the first


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as a visitor, and how much of it is enough.

    Args:
        clicks_a_minute: a visitor with more is a program.
        clicked_share: so is one who clicks this share of everything shown ...
        clicked_of: ... where at least so many products were shown.
        repeat_seconds: the same list for the same visitor again within this time is the same showing.
        visitors: a query of fewer different visitors is left out, for their privacy.
        showings: a product shown less often for a query is left out.
        floor: least propensity, so that one click far down the list does not outweigh all others.
        prior: looks of average success that each product has beside its own, against chance.
    """

    clicks_a_minute: int = 30
    clicked_share: float = 0.9
    clicked_of: int = 20
    repeat_seconds: float = 1800.0
    visitors: int = 5
    showings: int = 5
    floor: float = 0.05
    prior: float = 3.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Showings to people, each once."""

    showings: tuple[Showing, ...]
    repeats: int = 0  # the same list again
    bots: int = 0  # visitors
    bot_showings: int = 0


@dataclass(frozen=True, slots=True)
class PositionBias:
    """How likely each place is looked at, the first being 1.

    ``measured`` is false where too little has moved; the bias is then an assumed one.
    """

    propensities: tuple[float, ...]
    measured: bool
    moved_clicks: int  # what it was measured on

    def at(self, places: Ints) -> Floats:
        """The propensities of places counted from 0; a place below all measured ones has that of the last."""
        known = np.array(self.propensities or (1.0,))
        return known[np.minimum(places, len(known) - 1)]


@dataclass(frozen=True, slots=True)
class Learned:
    """What the clicks of one query say: gains from 0 to 1, and how sure each is (above 0, at most 1)."""

    query: str
    ids: tuple[str, ...]
    gains: tuple[float, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the log says, and what was left out of it."""

    queries: tuple[Learned, ...]
    bias: PositionBias
    rare_queries: int = 0  # of too few visitors
    unused_queries: int = 0  # nothing was clicked, or fewer than two products were shown often enough
    rare_products: int = 0  # pairs of a query and a product shown too seldom


@dataclass(frozen=True)
class Tally:
    """Showings and what came of them, a row for each query, product and place (from 0)."""

    pairs: tuple[tuple[str, str], ...]  # query and product
    pair: Ints  # of each row, an index into ``pairs``
    place: Ints
    shown: Floats
    clicks: Floats
    worth: Floats  # clicks, carts and purchases by what they are worth
    visitors: Mapping[str, int] = field(default_factory=dict[str, int])  # by query

    def by_pair(self, values: Floats) -> Floats:
        """Sums over the places."""
        return np.bincount(self.pair, weights=values, minlength=len(self.pairs)).astype(np.float64)


def clean(showings: Iterable[Showing], limits: Limits | None = None) -> Cleaned:
    """Leaves out programs, and counts a list that was loaded again as one."""
    limits = limits or Limits()
    by_visitor: dict[str, list[Showing]] = defaultdict(list)
    for showing in showings:
        by_visitor[showing.visitor].append(showing)
    kept: list[Showing] = []
    repeats = bots = bot_showings = 0
    for seen in by_visitor.values():
        once = _once(sorted(seen, key=lambda showing: showing.at), limits.repeat_seconds)
        if _is_bot(seen, limits):
            bots += 1
            bot_showings += len(seen)
        else:
            kept += once
            repeats += len(seen) - len(once)
    return Cleaned(tuple(kept), repeats, bots, bot_showings)


def tally(showings: Iterable[Showing], worth: Mapping[Kind, float] = WORTH) -> Tally:
    """Counts a log. Of one showing, a product counts by the most that was done with it."""
    cells: dict[tuple[str, str, int], list[float]] = {}
    visitors: dict[str, set[str]] = defaultdict(set)
    for showing in showings:
        visitors[showing.query].add(showing.visitor)
        done: dict[str, float] = {}
        for act in showing.acts:
            done[act.id] = max(done.get(act.id, 0.0), worth[act.kind])
        for place, id in enumerate(dict.fromkeys(showing.ids), start=showing.offset):
            cell = cells.setdefault((showing.query, id, place), [0.0, 0.0, 0.0])
            cell[0] += 1
            cell[1] += id in done
            cell[2] += done.get(id, 0.0)
    pairs = {pair: number for number, pair in enumerate(dict.fromkeys((query, id) for query, id, _ in cells))}
    counts = np.array(list(cells.values()), dtype=np.float64).reshape(-1, 3)
    return Tally(
        pairs=tuple(pairs),
        pair=np.array([pairs[query, id] for query, id, _ in cells], dtype=np.int64),
        place=np.array([place for _, _, place in cells], dtype=np.int64),
        shown=counts[:, 0],
        clicks=counts[:, 1],
        worth=counts[:, 2],
        visitors={query: len(who) for query, who in visitors.items()},
    )


def position_bias(counts: Tally) -> PositionBias:
    """How likely each place is looked at, from the products that stood at several places of the same list."""
    places = int(counts.place.max(initial=-1)) + 1
    assumed = np.arange(1, places + 1, dtype=np.float64) ** -ASSUMED_STEEPNESS
    moved = (np.bincount(counts.pair, minlength=len(counts.pairs)) > 1)[counts.pair]
    clicks = int(counts.clicks[moved].sum())
    if clicks < MOVED_CLICKS:
        return PositionBias(tuple(assumed.tolist()), measured=False, moved_clicks=clicks)
    pair, place, shown = counts.pair[moved], counts.place[moved], counts.shown[moved]
    by_pair = np.bincount(pair, weights=counts.clicks[moved], minlength=len(counts.pairs))
    by_place = np.bincount(place, weights=counts.clicks[moved], minlength=places)
    found = assumed
    for _ in range(ROUNDS):
        looks = np.bincount(pair, weights=shown * found[place], minlength=len(counts.pairs))
        rate = np.divide(by_pair, looks, out=np.zeros_like(looks), where=looks > 0)
        expected = np.bincount(place, weights=shown * rate[pair], minlength=places)
        fitted = (by_place + PRIOR_CLICKS) / (expected + PRIOR_CLICKS / assumed)
        fitted /= fitted[0]
        settled = np.abs(fitted - found).max() < SETTLED
        found = fitted
        if settled:
            break
    return PositionBias(tuple(np.minimum(found, 1.0).tolist()), measured=True, moved_clicks=clicks)


def rates(
    counts: Tally, bias: PositionBias, limits: Limits, estimator: Estimator = "examined"
) -> tuple[Floats, Floats]:
    """What a look at each product is worth, and how many looks it had.

    ``inverse`` weighs each click by the inverse of its place's propensity (Joachims et al. 2017).
    ``examined`` divides all of a product's clicks by the looks it can be expected to have had
    (Chapelle and Zhang 2009): the same in the limit, with less left to chance.
    """
    propensity = np.maximum(bias.at(counts.place), limits.floor)
    looks = counts.by_pair(counts.shown * propensity)
    average = counts.worth.sum() / max(looks.sum(), 1e-9)
    if estimator == "examined":
        return (counts.by_pair(counts.worth) + limits.prior * average) / (looks + limits.prior), looks
    shown = counts.by_pair(counts.shown)
    return (counts.by_pair(counts.worth / propensity) + limits.prior * average) / (shown + limits.prior), looks


def learn(showings: Sequence[Showing], limits: Limits | None = None, estimator: Estimator = "examined") -> Lessons:
    """Gains of products by query, corrected for where they stood.

    A gain is the worth of a look beside that of the query's best product, or beside what the
    best product of a middling query is worth, whichever is more: a query that nobody found
    anything for has no product with the gain 1.

    Args:
        showings: as ``clean`` leaves them.
        limits: what is enough to learn from.
        estimator: see ``rates``.
    """
    limits = limits or Limits()
    counts = tally(showings)
    bias = position_bias(counts)
    worth, looks = rates(counts, bias, limits, estimator)
    enough = counts.by_pair(counts.shown) >= limits.showings
    acted = counts.by_pair(counts.worth) > 0
    rows: dict[str, list[int]] = defaultdict(list)
    for number, (query, _) in enumerate(counts.pairs):
        rows[query].append(number)
    common = {query: held for query, held in rows.items() if counts.visitors[query] >= limits.visitors}
    supported = {query: [row for row in held if enough[row]] for query, held in common.items()}
    used = {query: held for query, held in supported.items() if len(held) > 1 and acted[held].any()}
    best = {query: float(worth[held].max()) for query, held in used.items()}
    middling = float(np.median(list(best.values()))) if best else 0.0
    sure = looks / (looks + limits.prior)
    return Lessons(
        queries=tuple(
            Learned(
                query=query,
                ids=tuple(counts.pairs[row][1] for row in held),
                gains=tuple((worth[held] / max(best[query], middling)).tolist()),
                weights=tuple(sure[held].tolist()),
            )
            for query, held in used.items()
        ),
        bias=bias,
        rare_queries=len(rows) - len(common),
        unused_queries=len(common) - len(used),
        rare_products=sum(map(len, common.values())) - sum(map(len, supported.values())),
    )


def _once(seen: Sequence[Showing], within: float) -> list[Showing]:
    """One visitor's showings in the order of time; a list that comes again soon joins the one before."""
    last: dict[tuple[str, int, tuple[str, ...]], int] = {}
    kept: list[Showing] = []
    until: list[float] = []
    for showing in seen:
        key = (showing.query, showing.offset, showing.ids)
        number = last.get(key)
        if number is None or showing.at - until[number] > within:
            last[key] = len(kept)
            kept.append(showing)
            until.append(showing.at)
            continue
        first = kept[number]
        until[number] = showing.at
        kept[number] = Showing(
            first.query, first.visitor, first.at, first.ids, (*first.acts, *showing.acts), first.offset
        )
    return kept


def _is_bot(seen: Sequence[Showing], limits: Limits) -> bool:
    clicks = sorted(act.at for showing in seen for act in showing.acts if act.kind == "click")
    for start, last in zip(clicks, clicks[limits.clicks_a_minute :], strict=False):
        if last - start < 60:
            return True
    shown = sum(len(set(showing.ids)) for showing in seen)
    clicked = sum(len({act.id for act in showing.acts} & set(showing.ids)) for showing in seen)
    return shown >= limits.clicked_of and clicked >= math.ceil(limits.clicked_share * shown)
