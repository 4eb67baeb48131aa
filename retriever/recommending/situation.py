"""All that is known when recommendations are asked for, read once a request and handed to every source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ranker.behaviour.model import Event
from retriever.interactions.log import Act
from retriever.profiles.choices import Chosen
from retriever.recommending.asking import Asked
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods


@dataclass(frozen=True, eq=False)
class Situation:
    """A request, the person, the goods and what all people did.

    Attributes:
        now: seconds since 1970.
        history: of this person, oldest first: what was recorded and what the request told. Empty for a stranger, and
            for a person who has switched the profile off.
        told: the products of the history that the request told, which the records know nothing of.
        bought: products that this person bought.
        acts: of this person, as they are on record up to now: what the history was made of, and reasons are proved by.
        purchases: when this person bought what, earliest first, in seconds since 1970.
        chosen: what this person decided about being profiled.
    """

    asked: Asked
    now: float
    goods: Goods
    crowd: Crowd
    history: tuple[Event, ...] = ()
    told: frozenset[str] = frozenset()
    bought: frozenset[str] = frozenset()
    purchases: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    chosen: Chosen = field(default_factory=Chosen)
    acts: tuple[Act, ...] = ()

    @property
    def anchors(self) -> tuple[str, ...]:
        """What the request is about: the products named, else those in the cart, else the one of the page."""
        page = (self.asked.context.product_id,) if self.asked.context.product_id else ()
        return self.asked.like or self.asked.basket or page
