"""A candidate, what moved it here, and where candidates come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, Self

if TYPE_CHECKING:
    from retriever.recommending.situation import Situation

Kind = Literal[
    "bought",  # because the person bought ``about``
    "viewed",  # because the person looked at ``about``
    "taken",  # because the person took ``about`` one way or another: bought, put into the cart, rated
    "told",  # because the caller named ``about`` as the person's history
    "like",  # it is like ``about``, which was asked about
    "looks_like",  # its picture is like that of ``about``, which was asked about
    "goes_with",  # the shop says that it goes with ``about``, or fits it
    "together",  # people who took ``about`` also took it; ``number`` people did both
    "due",  # bought every ``number`` days, and due; by others, not yet by the person, where ``name`` is OTHERS
    "trending",  # more wanted now than before, in ``name`` (a category), ``number`` times as much
    "popular",  # much wanted, in ``name`` (a category) or in the whole shop
    "rated",  # well rated by those who have it
    "new",  # new in ``name``, a category
    "favourite",  # of ``name``, a category that the person looks at most
    "searched",  # found for ``name``, what was searched for
    "landed",  # of ``name``, the category of the page that the person came to
    "answered",  # fits ``name``, an answer to a quick question
    "promoted",  # part of the promotion ``about`` (its id), titled ``name``, ``until`` then
    "pinned",  # the shop puts it here: ``name`` is the rule's
    "boosted",  # the shop prefers it: ``name`` is the rule's
    "sponsored",  # paid for; ``name`` is who pays, as the rule says
    "explored",  # shown to learn whether people like it
]

OTHERS = "others"  # the ``name`` of a "due" that rests on how often other people buy


@dataclass(frozen=True, slots=True)
class Because:
    """What moved a candidate to where it is, as data: the words for it are made, and proved, elsewhere.

    Attributes:
        about: ids of the products (or the promotion) that it rests on.
        name: of a category, rule, query or answer.
        number: people, days or times; 0 where there is none.
        until: seconds since 1970; 0 for no end.
    """

    kind: Kind
    about: tuple[str, ...] = ()
    name: str = ""
    number: float = 0.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Ground:
    """A record that a reason rests on.

    Attributes:
        type: ``product``, ``order`` or ``promotion``; acts that no order tells of are a product's.
        id: the record's.
        field: of the record; ``events.view`` and the like for what people did with a product.
        value: what it says there.
    """

    type: Literal["product", "order", "promotion"]
    id: str
    field: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a source puts forward.

    Attributes:
        score: within its source, higher is better; sources are on scales of their own.
        source: the source's name.
        because: what it rests on, weightiest first; never empty.
        propensity: the probability with which it was put here, where chance had a part in it; 1 where none had.
    """

    id: str
    score: float
    source: str
    because: tuple[Because, ...]
    propensity: float = 1.0

    def also(self, *because: Because) -> Self:
        """The same with further reasons."""
        return replace(self, because=(*self.because, *because))


class Source(Protocol):
    """Puts candidates forward."""

    @property
    def name(self) -> str:
        """Unique among sources; it is shown as the recommendation's ``source``."""
        ...

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """At most ``limit`` products of the shop, best first, each once; none where the source has nothing to say.

        Conditions (stock, price, what was bought) are checked afterwards, by ``filtering``.
        """
        ...
