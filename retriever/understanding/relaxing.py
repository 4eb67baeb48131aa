"""What to let go of where nothing is left: conditions in a stated order.

People give up a detail before the thing itself: first attributes, then colour and size,
the brand, the category, the price, and that it can be bought now. What they asked to be
spared comes last and on its own: it may be what they cannot bear, so that a search may
offer to let go of it, and never does so by itself (``Relaxation.asks``). Words need not
be let go of: any one of them is enough to be found by (docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retriever.filters import Filters
from retriever.text import fold

DEPTH = 100  # results that are counted one by one
# Softest first. Attributes that name a colour or a size are asked for on purpose more often than others.
ORDER = ("attributes", "colour", "size", "brand", "category", "price_max", "price_min", "in_stock", "exclude")
NEVER_ALONE = "exclude"
COLOURS = frozenset({"color", "colour", "colors", "colours", "颜色", "color name"})
SIZES = frozenset({"size", "sizes", "尺寸", "尺码", "size name", "dimensions", "shoe size"})


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What there would be without some conditions.

    Attributes:
        given_up: the names of the conditions, softest first.
        filters: what is still asked for.
        count: how many results that has.
        asks: whether it may only be offered, because it lets something in that somebody asked to be spared.
    """

    given_up: tuple[str, ...]
    filters: Filters
    count: int
    asks: bool

    @property
    def said(self) -> str:
        """One sentence that starts with the conditions: ``price_max: 12 results without it``."""
        without = "it" if len(self.given_up) == 1 else "all of them"
        return f"{', '.join(self.given_up)}: {_results(self.count)} without {without}"


def softness(condition: str) -> int:
    """The place of a condition in the order in which they are let go of; the first goes first."""
    kind, _, attribute = condition.partition(".")
    if kind == "attributes":
        name = fold(attribute).replace("_", " ")
        kind = "colour" if name in COLOURS else "size" if name in SIZES else kind
    return ORDER.index(kind) if kind in ORDER else 0


def relax(wanted: Filters, count: Callable[[Filters], int]) -> tuple[Relaxation, ...]:
    """Each condition without which alone there are results; where there is none, the fewest to give up together.

    ``count`` says how many results some conditions have. Those that were found are in the order of softness. Empty
    where nothing helps, or where there are results as it is nobody should ask.
    """
    conditions = sorted(wanted.conditions(), key=softness)
    single = tuple(_without(wanted, (name,), count) for name in conditions)
    to_blame = tuple(one for one in single if one.count)
    if to_blame or len(conditions) < 2:
        return to_blame
    together = _together(wanted, conditions, count)
    return (together,) if together else ()


def _together(wanted: Filters, conditions: Sequence[str], count: Callable[[Filters], int]) -> Relaxation | None:
    """Give up one after the other until something is found, then take back what was given up in vain."""
    given: list[str] = []
    for name in conditions:
        given.append(name)
        found = _without(wanted, given, count)
        if found.count:
            return _taken_back(wanted, found, count)
    return None


def _taken_back(wanted: Filters, found: Relaxation, count: Callable[[Filters], int]) -> Relaxation:
    # The hardest of them are tried first; the last one was what it needed.
    for name in reversed(found.given_up[:-1]):
        less = _without(wanted, [other for other in found.given_up if other != name], count)
        found = less if less.count else found
    return found


def _without(wanted: Filters, names: Sequence[str], count: Callable[[Filters], int]) -> Relaxation:
    filters = wanted
    for name in names:
        filters = filters.without(name)
    return Relaxation(tuple(names), filters, count(filters), NEVER_ALONE in names)


def _results(count: int) -> str:
    if count >= DEPTH:
        return f"{DEPTH} or more results"
    return "1 result" if count == 1 else f"{count} results"
