"""What a person decides about their profile: on or off, muted, sizes, and what is to be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from pydantic import Field
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select
from sqlalchemy.orm import Session

from retriever.database import Database
from retriever.errors import BadInputError
from retriever.interactions.consent import EVERYTHING, LONGEST, PRODUCT, SEARCH, search_key
from retriever.interactions.recorded import SESSION
from retriever.product import Shape
from retriever.profiles.profile import Muted
from retriever.records import EventAside, EventRecord, Forgotten, ProfileChoice, RecommendationRecord
from retriever.text import fold

MOST_MUTED = 200
_DECIDED = select(ProfileChoice.customer_id, ProfileChoice.enabled, ProfileChoice.muted, ProfileChoice.sizes).where(
    ProfileChoice.customer_id.in_(bindparam("people", expanding=True))
)


class Chosen(Shape):
    """What was decided so far; who decided nothing has a profile."""

    enabled: bool = True
    muted: tuple[Muted, ...] = ()
    sizes: dict[str, str] = Field(default_factory=dict[str, str])


class Choices:
    """The decisions of all persons.

    Args:
        database: the shop's records. Every method raises UnavailableError when they cannot be used.
        clock: what time it is.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    def of(self, customer_id: str) -> Chosen:
        """What this person decided."""
        with self._database.session() as session:
            record = session.get(ProfileChoice, customer_id)
            if record is None:
                return Chosen()
            return Chosen.model_validate({"enabled": record.enabled, "muted": record.muted, "sizes": record.sizes})

    def of_visit(self, customer_id: str, session_id: str) -> Chosen:
        """What a person decided, and what was muted in this visit before they signed in.

        A visit in which nobody has signed in is a person of its own, for as long as it lasts.
        """
        visit = SESSION + session_id if session_id else ""
        names = [name for name in (customer_id, visit) if name]
        with self._database.connection() as connection:
            held = {row.customer_id: row for row in connection.execute(_DECIDED, {"people": names})}
        if not held:  # most have decided nothing
            return Chosen()
        own, visited = (
            Chosen.model_validate({"enabled": row.enabled, "muted": row.muted, "sizes": row.sizes}) if row else Chosen()
            for row in (held.get(customer_id), held.get(visit))
        )
        if not customer_id:
            return visited
        further = tuple(one for one in visited.muted if _key(one) not in {_key(other) for other in own.muted})
        return own.model_copy(update={"muted": (*own.muted, *further)})

    def switch(self, customer_id: str, *, on: bool) -> None:
        """Have a profile, or have none: what is done while it is off is not kept, and nothing is used.

        What was recorded before stays until it is forgotten, and counts again if the profile is switched on again.
        """
        self._change(customer_id, self.of(customer_id).model_copy(update={"enabled": on}))

    def mute(self, customer_id: str, *muted: Muted, on: bool = True) -> None:
        """Recommend nothing for these interests and brands, or, not ``on``, do so again."""
        chosen = self.of(customer_id)
        keys = {_key(one) for one in muted}
        others = tuple(one for one in chosen.muted if _key(one) not in keys)
        if on and len(others) + len(muted) > MOST_MUTED:
            raise BadInputError(f"{MOST_MUTED} things are muted already.", "Let one of them be shown again first.")
        self._change(customer_id, chosen.model_copy(update={"muted": (*others, *muted) if on else others}))

    def set_size(self, customer_id: str, category: str, size: str) -> None:
        """Say what size one has of a kind of goods; an empty one takes it back."""
        if not category.strip() or len(category) > LONGEST or len(size) > LONGEST:
            raise BadInputError("A size needs the kind of goods it is of, in few words.", "For example: shoes=42")
        chosen = self.of(customer_id)
        sizes = {kind: held for kind, held in chosen.sizes.items() if fold(kind) != fold(category)}
        if size.strip():
            sizes[category.strip()] = size.strip()
        self._change(customer_id, chosen.model_copy(update={"sizes": sizes}))

    def forget_everything(self, customer_id: str) -> int:
        """Delete all events of this person, what was recommended to them, and what they muted and set.

        Returns:
            How many events there were.
        """
        now = self._clock()
        with self._database.transaction() as session:
            held = list(session.scalars(select(EventRecord.id).where(EventRecord.customer_id == customer_id)))
            session.execute(delete(EventRecord).where(EventRecord.customer_id == customer_id))
            session.execute(delete(EventAside).where(EventAside.customer_id == customer_id))
            _forget_recommended(session, customer_id)
            session.execute(delete(Forgotten).where(Forgotten.customer_id == customer_id))  # this one includes them
            session.add(Forgotten(customer_id=customer_id, kind=EVERYTHING, value="", until=now))
        chosen = self.of(customer_id)
        if chosen.muted or chosen.sizes:
            self._change(customer_id, Chosen(enabled=chosen.enabled))
        return len(held)

    def forget_visit(self, session_id: str) -> int:
        """Delete all events of a visit in which nobody signed in, what was recommended, and what was decided in it.

        Returns:
            How many events there were.
        """
        alone = _done_by(SESSION + session_id)
        with self._database.transaction() as session:
            held = list(session.scalars(select(EventRecord.id).where(alone)))
            session.execute(delete(EventRecord).where(alone))
            session.execute(delete(EventAside).where(_waits_of(SESSION + session_id)))
            _forget_recommended(session, SESSION + session_id)
            for decided in (ProfileChoice, Forgotten):
                session.execute(delete(decided).where(decided.customer_id == SESSION + session_id))
        return len(held)

    def forget(self, customer_id: str, products: Collection[str], words: str = "") -> int:
        """Delete this person's events with these products, and their searches with these words.

        All that was recommended to them goes too: what was forgotten may have been behind any of it. A visit in which
        nobody signed in is a person, called as histories call it.

        Returns:
            How many events there were.
        """
        with self._database.transaction() as session:
            searches = _searches(session, customer_id, words) if fold(words) else {}
            mine, aside = _done_by(customer_id), _waits_of(customer_id)
            gone = list(
                session.scalars(
                    select(EventRecord.id).where(
                        mine, EventRecord.product_id.in_(products) | EventRecord.id.in_(searches)
                    )
                )
            )
            session.execute(delete(EventRecord).where(EventRecord.id.in_(gone)))
            session.execute(delete(EventAside).where(aside, EventAside.product_id.in_(products)))
            if gone or products:
                _forget_recommended(session, customer_id)
            self._remember(session, customer_id, PRODUCT, products)
            self._remember(session, customer_id, SEARCH, set(searches.values()))
        return len(gone)

    def _remember(self, session: Session, customer_id: str, kind: str, values: Iterable[str]) -> None:
        until = self._clock()
        for value in values:
            session.merge(Forgotten(customer_id=customer_id, kind=kind, value=value, until=until))

    def _change(self, customer_id: str, chosen: Chosen) -> None:
        if not customer_id or len(customer_id) > LONGEST:
            raise BadInputError("A profile is of a customer, and none is named.", "Give the customer's id.")
        with self._database.transaction() as session:
            session.merge(
                ProfileChoice(
                    customer_id=customer_id,
                    enabled=chosen.enabled,
                    muted=[one.model_dump() for one in chosen.muted],
                    sizes=dict(chosen.sizes),
                    changed_at=self._clock(),
                )
            )


def _done_by(person: str) -> ColumnElement[bool]:
    """The events of a customer, or of a visit in which nobody signed in."""
    event = EventRecord
    if person.startswith(SESSION):
        # As an expression: else SQLite reads the events of all visits, by the index over customers.
        return and_(func.coalesce(event.customer_id, "") == "", event.session_id == person.removeprefix(SESSION))
    return event.customer_id == person


def _waits_of(person: str) -> ColumnElement[bool]:
    aside = EventAside
    if person.startswith(SESSION):
        named = aside.body["session_id"].as_string() == person.removeprefix(SESSION)
        return and_(aside.customer_id == "", named)
    return aside.customer_id == person


def _forget_recommended(session: Session, person: str) -> None:
    shown = RecommendationRecord
    mine = shown.customer_id == person
    if person.startswith(SESSION):
        mine = and_(shown.customer_id == "", shown.session_id == person.removeprefix(SESSION))
    session.execute(delete(shown).where(mine))


def _searches(session: Session, customer_id: str, words: str) -> dict[str, str]:
    """The person's searches that hold the words: the key of each by the event's id."""
    query = select(EventRecord.id, EventRecord.value).where(_done_by(customer_id), EventRecord.kind == "search")
    found = {row.id: search_key(row.value.get("query", "")) for row in session.execute(query)}
    return {id: key for id, key in found.items() if fold(words) in key}


def _key(muted: Muted) -> tuple[str, str]:
    return muted.kind, fold(muted.name)
