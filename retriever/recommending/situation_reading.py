"""Reads what is known of a person when recommendations are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ranker.behaviour.model import Event
from retriever.database import Database
from retriever.interactions.histories import histories_of
from retriever.interactions.log import Act
from retriever.interactions.recorded import SESSION, recorded_acts
from retriever.interactions.weighing import Weights
from retriever.profiles.choices import Choices, Chosen
from retriever.recommending.asking import Asked
from retriever.recommending.knowledge.current import Known
from retriever.recommending.knowledge.purchases import purchases_of
from retriever.recommending.situation import Situation

TOLD_WEIGHT = Weights().kinds["add_to_cart"]  # told products were taken, how surely nobody says
APART = 60.0  # seconds between two products that were told without times


class Situations:
    """Reads situations from a shop's records.

    Args:
        database: the records.
        choices: what persons have decided.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, choices: Choices, clock: Callable[[], float]) -> None:
        self._database = database
        self._choices = choices
        self._clock = clock

    def of(self, asked: Asked, known: Known) -> Situation:
        """The situation of a request. Nothing on record is used of a person who wants no profile.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        now = self._clock()
        chosen = self._choices.of_visit(asked.customer_id, asked.session_id) if asked.person else Chosen()
        acts = [act for act in self._acts(asked) if act.at <= now] if chosen.enabled else []
        recorded = [event for history in histories_of(acts, now=now).people.values() for event in history]
        told = _told(asked.history, now)
        return Situation(
            asked=asked,
            now=now,
            goods=known.goods,
            crowd=known.crowd,
            history=tuple(sorted([*recorded, *told], key=lambda event: event.at)),
            told=frozenset(asked.history) - {event.item for event in recorded},
            bought=frozenset(act.item for act in acts if act.kind == "purchase"),
            purchases=purchases_of(acts, now=now),
            chosen=chosen,
            acts=tuple(acts),
        )

    def _acts(self, asked: Asked) -> list[Act]:
        """Of the customer, and of the visit before the customer signed in."""
        people = [asked.customer_id, SESSION + asked.session_id if asked.session_id else ""]
        named = [person for person in people if person]
        return list(recorded_acts(self._database, named)) if named else []


def _told(products: Sequence[str], now: float) -> list[Event]:
    """The products that the caller names, as if they had been taken one after the other until now."""
    last = len(products)
    return [Event(id, now - APART * (last - place), TOLD_WEIGHT) for place, id in enumerate(products)]
