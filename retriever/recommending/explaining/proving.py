"""Reasons held against the records before they are said, whatever the source that claimed them believed.

Records are read once for all products of a request. What they do not bear out is no reason: "because you
bought X" needs a purchase by this person that may be used, "on promotion" a promotion that is on
and covers the product.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import pairwise
from statistics import median

import numpy as np

from retriever.product import Product
from retriever.recommending.candidate import OTHERS, Because, Ground, Kind
from retriever.recommending.explaining.on_record import LOOK, LOOKS, Evidence, Promotion, covers
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation
from retriever.recommending.visit.answers import Band
from retriever.recommending.visit.landing import landed_category, named_on_the_way, searched_words
from retriever.text import fold

DAY = 86_400.0
PEOPLE = 3  # of fewer nothing is told: two people are no crowd, and one might be recognised
NEW_FOR = 60.0  # days
WELL_RATED, RATERS = 4.0, 3
DUE_FROM, DUE_UNTIL = 0.8, 2.0  # of the usual time between purchases
OFTEN = 3  # purchases before there is a usual time, and looks before there is a favourite
RISING = 1.2  # times as much wanted as before
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proved:
    """A reason that the records bear out.

    Attributes:
        because: the claim, as far as they bear it out, with their own figures.
        grounds: the records themselves.
        how: where one kind of reason is told in several ways, which: ``add_to_cart`` of ``taken``.
    """

    because: Because
    grounds: tuple[Ground, ...]
    how: str = ""


class Prover:
    """Proves the claims of one request."""

    def __init__(self, situation: Situation, evidence: Evidence) -> None:
        self._situation = situation
        self._evidence = evidence
        self._goods, self._crowd = situation.goods, situation.crowd
        self._ways: dict[Kind, Callable[[Product, Because], Proved | None]] = {
            "bought": self._bought,
            "viewed": self._viewed,
            "taken": self._taken,
            "told": self._told,
            "like": self._like,
            "looks_like": self._looks_like,
            "goes_with": self._goes_with,
            "together": self._together,
            "due": self._due,
            "trending": self._trending,
            "popular": self._popular,
            "rated": self._rated,
            "new": self._new,
            "favourite": self._favourite,
            "searched": self._searched,
            "landed": self._landed,
            "answered": self._answered,
            "promoted": self._promoted,
            # These are not read off the records but decided by the shop's own rules, and owned up to.
            "pinned": _of_the_shop,
            "boosted": _of_the_shop,
            "sponsored": _of_the_shop,
            "explored": _of_the_shop,
        }

    def prove(self, id: str, claim: Because) -> Proved | None:
        """The claim as far as the records bear it out; ``None`` if they do not."""
        stamped = self._evidence.products.get(id)
        proved = self._ways[claim.kind](stamped.product, claim) if stamped else None
        if proved is None:
            logger.debug("no record bears out that %s is shown because %s", id, claim)
        return proved

    def plainest(self, id: str) -> Proved | None:
        """What can be said of a product of which nothing else could be: that people rate it, want it, or it is new."""
        for kind in ("rated", "popular", "new"):
            if proved := self.prove(id, Because(kind)):
                return proved
        return None

    # what this person did

    def _bought(self, product: Product, claim: Because) -> Proved | None:
        for id in self._others(product, claim):
            if times := self._evidence.done.get((id, "purchase")):
                return Proved(Because("bought", (id,)), (self._purchase(id, len(times)),))
        return None

    def _viewed(self, product: Product, claim: Because) -> Proved | None:
        return self._did(LOOK, "events.view", product, claim)

    def _taken(self, product: Product, claim: Because) -> Proved | None:
        """Told as what it was: bought, else put into the cart, else rated, else looked at."""
        if told := [id for id in self._others(product, claim) if id in self._situation.told]:
            return Proved(Because("told", (told[0],)), (Ground("product", told[0], "history", told[0]),))
        return (
            self._bought(product, claim)
            or self._did("add_to_cart", "events.add_to_cart", product, claim)
            or self._did("rate", "events.rate", product, claim)
            or self._viewed(product, claim)
        )

    def _did(self, act: str, where: str, product: Product, claim: Because) -> Proved | None:
        for id in self._others(product, claim):
            if times := self._evidence.done.get((id, act)):
                kind: Kind = "viewed" if act == LOOK else "taken"
                how = "" if act == LOOK else act
                return Proved(Because(kind, (id,)), (Ground("product", id, where, float(len(times))),), how)
        return None

    def _told(self, product: Product, claim: Because) -> Proved | None:
        told = [id for id in self._others(product, claim) if id in self._situation.asked.history]
        return Proved(Because("told", (told[0],)), (Ground("product", told[0], "history", told[0]),)) if told else None

    def _due(self, product: Product, claim: Because) -> Proved | None:
        times = self._evidence.done.get((product.id, "purchase"), [])
        if times and claim.name == OTHERS:
            return self._due_by_others(product, len(times))
        days = sorted({int(at // DAY): at for at in times}.values())
        if len(days) < OFTEN:
            return None
        gap = median(later - earlier for earlier, later in pairwise(days))
        if not DUE_FROM * gap <= self._situation.now - days[-1] <= DUE_UNTIL * gap:
            return None
        proved = replace(claim, about=(product.id,), number=float(round(gap / DAY)))
        return Proved(proved, (self._purchase(product.id, len(times)),))

    def _due_by_others(self, product: Product, times: int) -> Proved | None:
        """How often others buy it again is told as theirs; that it is time is not said to be known."""
        repeats, row = self._crowd.repeats, self._goods.rows.get(product.id)
        if repeats is None or row is None or int(repeats.again[row]) < PEOPLE:
            return None
        number = float(round(float(repeats.gap[row]) / DAY))
        because = Because("due", (product.id,), OTHERS, number)
        return Proved(because, (self._purchase(product.id, times),), OTHERS)

    def _favourite(self, product: Product, claim: Because) -> Proved | None:
        looked = Counter(
            name for act in self._evidence.acts if act.kind in LOOKS and (name := self._goods.category_of(act.item))
        )
        if not looked or not _of_category(product, claim.name):
            return None
        often, most = looked[claim.name], max(looked.values())
        if often < max(most, OFTEN):
            return None
        return Proved(claim, (Ground("product", product.id, "categories", claim.name),))

    def _purchase(self, id: str, times: int) -> Ground:
        order = self._evidence.orders.get(id)
        if order is None:
            return Ground("product", id, "events.purchase", float(times))
        return Ground("order", order[0], f"lines.{order[1]}.product_id", id)

    def _others(self, product: Product, claim: Because) -> list[str]:
        return [id for id in claim.about if id != product.id and id in self._evidence.products]

    # what the request says

    def _like(self, product: Product, claim: Because) -> Proved | None:
        asked = self._asked(product, claim)
        return Proved(Because("like", (asked[0],)), (Ground("product", asked[0], "id", asked[0]),)) if asked else None

    def _looks_like(self, product: Product, claim: Because) -> Proved | None:
        for id in self._asked(product, claim):
            if much := self._evidence.looks.get((product.id, id)):
                return Proved(Because("looks_like", (id,)), (Ground("product", id, "pictures", round(much, 3)),))
        return None

    def _asked(self, product: Product, claim: Because) -> list[str]:
        """What a claim rests on of what was asked about, as far as it is of the product's kind."""
        named = [id for id in self._others(product, claim) if id in self._situation.anchors]
        return [id for id in named if self._same_kind(product.id, id)]

    def _same_kind(self, *ids: str) -> bool:
        """Whether nothing says that they differ in kind: a stove is not like a tent, near as their words are."""
        return len({self._goods.category_of(id) for id in ids} - {""}) <= 1

    def _searched(self, product: Product, claim: Because) -> Proved | None:
        said = fold(searched_words(self._situation.asked.context))
        return Proved(claim, ()) if claim.name and fold(claim.name) == said else None

    def _landed(self, product: Product, claim: Because) -> Proved | None:
        page, goods = self._situation.asked.context, self._goods
        places = {landed_category(page, goods), named_on_the_way(page, goods)[0]} - {None}
        names = {fold(page.category), *(fold(goods.categories[place]) for place in places if place is not None)}
        if fold(claim.name) not in names or not _of_category(product, claim.name):
            return None
        return Proved(claim, (Ground("product", product.id, "categories", claim.name),))

    def _answered(self, product: Product, claim: Because) -> Proved | None:
        if not claim.name or fold(claim.name) not in map(fold, self._situation.asked.context.answers.values()):
            return None
        if band := Band.of(claim.name):
            price = product.price_range.min
            if price is None or not bool(band.holds(np.array([float(price.amount)]))[0]):
                return None
            return Proved(claim, (Ground("product", product.id, "price_range.min", float(price.amount)),), "price")
        fields = {"brand": product.brand, **{f"attributes.{name}": value for name, value in product.attributes.items()}}
        held = next((name for name, value in fields.items() if fold(value) == fold(claim.name)), "")
        if not held and not _of_category(product, claim.name):
            return None
        return Proved(claim, (Ground("product", product.id, held or "categories", claim.name),))

    # what the shop and its people say

    def _goes_with(self, product: Product, claim: Because) -> Proved | None:
        own = self._related(product.id)
        for id in self._others(product, claim):
            if product.id in (related := self._related(id)):
                return Proved(Because("goes_with", (id,)), (Ground("product", id, related[product.id], product.id),))
            if id in own:
                return Proved(Because("goes_with", (id,)), (Ground("product", product.id, own[id], id),))
        return None

    def _related(self, id: str) -> dict[str, str]:
        related = self._evidence.products[id].related
        return {
            other: f"related.{name}" for name in ("goes_with", "fits") for other in related.get(name, ()) if other != id
        }

    def _together(self, product: Product, claim: Because) -> Proved | None:
        counts = {id: self._took_both(id, product.id) for id in self._others(product, claim)}
        best = max(counts, key=lambda id: counts[id], default="")
        if not best or counts[best] < PEOPLE:
            return None
        ground = Ground("product", best, "people.together", float(counts[best]))
        return Proved(Because("together", (best,), number=float(counts[best])), (ground,))

    def _took_both(self, one: str, other: str) -> int:
        rows = self._goods.rows
        if one not in rows or other not in rows:
            return 0
        return max(self._neighbour(rows[one], rows[other]), self._neighbour(rows[other], rows[one]))

    def _neighbour(self, row: int, other: int) -> int:
        together = self._crowd.together
        kept = slice(int(together.start[row]), int(together.start[row + 1]))
        at = np.flatnonzero(together.row[kept] == other)
        return int(together.count[kept][at[0]]) if len(at) else 0

    def _trending(self, product: Product, claim: Because) -> Proved | None:
        row = self._among_many(product, claim)
        if row is None:
            return None
        recent, before = float(self._crowd.recent[row]), float(self._crowd.before[row])
        if recent <= 0 or recent < RISING * before:
            return None
        ground = Ground("product", product.id, "people", float(self._crowd.people[row]))
        return Proved(replace(claim, about=(), number=recent / before if before else 0.0), (ground,))

    def _popular(self, product: Product, claim: Because) -> Proved | None:
        """Of the goods that anybody wanted most are wanted less."""
        row = self._among_many(product, claim)
        if row is None:
            return None
        wanted = float(self._crowd.wanted[row])
        if not wanted or wanted < self._usual(int(self._goods.category[row]) if claim.name else None):
            return None
        number = float(self._crowd.people[row])
        return Proved(replace(claim, about=(), number=number), (Ground("product", product.id, "people", number),))

    def _usual(self, kind: int | None) -> float:
        """What the middle one is wanted of the goods of a kind, or of the shop, that anybody wanted."""
        if kind is None:
            return _usually_wanted(self._crowd)
        wanted = self._crowd.wanted[self._goods.category == kind]
        return float(np.median(wanted[wanted > 0]))

    def _among_many(self, product: Product, claim: Because) -> int | None:
        """The product's row, if enough people took it and it is of the category that is claimed."""
        row = self._goods.rows.get(product.id)
        if row is None or int(self._crowd.people[row]) < PEOPLE:
            return None
        return row if not claim.name or self._goods.category_of(product.id) == claim.name else None

    def _rated(self, product: Product, claim: Because) -> Proved | None:
        rating = product.rating
        if rating is None or rating.value < WELL_RATED or rating.count < RATERS:
            return None
        return Proved(Because("rated", number=rating.value), (Ground("product", product.id, "rating", rating.value),))

    def _new(self, product: Product, claim: Because) -> Proved | None:
        published = self._evidence.products[product.id].published_at
        if published is None or (claim.name and not _of_category(product, claim.name)):
            return None
        if not 0 <= self._situation.now - published.timestamp() <= NEW_FOR * DAY:
            return None
        day = published.astimezone(UTC).date().isoformat()
        return Proved(replace(claim, about=()), (Ground("product", product.id, "published_at", day),))

    def _promoted(self, product: Product, claim: Because) -> Proved | None:
        for id in claim.about:
            offer = self._evidence.promotions.get(id)
            if offer and self._on(offer) and covers(offer.rules, product):
                proved = replace(claim, about=(id,), name=offer.title, until=offer.ends_at)
                return Proved(proved, (Ground("promotion", id, "title", offer.title),))
        return None

    def _on(self, offer: Promotion) -> bool:
        return offer.starts_at <= self._situation.now and not 0 < offer.ends_at <= self._situation.now


@Once
def _usually_wanted(crowd: Crowd) -> float:
    return float(np.median(crowd.wanted[crowd.wanted > 0]))


def _of_the_shop(product: Product, claim: Because) -> Proved | None:
    return Proved(claim, (Ground("product", product.id, f"rules.{claim.kind}", claim.name),))


def _of_category(product: Product, name: str) -> bool:
    return bool(name) and fold(name) in {fold(each) for each in product.categories}
