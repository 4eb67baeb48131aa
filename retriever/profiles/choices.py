"""What a person decides about their profile: on or off, muted, sizes, and what is to be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from retriever.database import Database
from retriever.errors import BadInputError
from retriever.interactions.consent import EVERYTHING, LONGEST, PRODUCT, SEARCH, search_key
from retriever.product import Shape
from retriever.profiles.profile import Muted
from retriever.records import EventAside, EventRecord, Forgotten, ProfileChoice, RecommendationRecord
from retriever.text import fold

MOST_MUTED = 200


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

    def switch(self, customer_id: str, *, on: bool) -> None:
        """Have a profile, or have none: what is done while it is off is not kept, and nothing is used.

        What was recorded before stays until it is forgotten, and counts again if the profile is switched on again.
        """
        self._change(customer_id, self.of(customer_id).model_copy(update={"enabled": on}))

    def mute(self, customer_id: str, muted: Muted, *, on: bool = True) -> None:
        """Recommend nothing for this interest or brand, or, not ``on``, do so again."""
        chosen = self.of(customer_id)
        others = tuple(one for one in chosen.muted if _key(one) != _key(muted))
        if len(others) >= MOST_MUTED:
            raise BadInputError(f"{MOST_MUTED} things are muted already.", "Let one of them be shown again first.")
        self._change(customer_id, chosen.model_copy(update={"muted": (*others, muted) if on else others}))

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
        """Delete all events of a visit in which nobody signed in, and what was recommended; says how many events."""
        alone = (EventRecord.customer_id == "", EventRecord.session_id == session_id)
        with self._database.transaction() as session:
            held = list(session.scalars(select(EventRecord.id).where(*alone)))
            session.execute(delete(EventRecord).where(*alone))
            waiting = (EventAside.customer_id == "", EventAside.body["session_id"].as_string() == session_id)
            session.execute(delete(EventAside).where(*waiting))
            shown = RecommendationRecord
            session.execute(delete(shown).where(shown.customer_id == "", shown.session_id == session_id))
        return len(held)

    def forget(self, customer_id: str, products: Collection[str], words: str = "") -> int:
        """Delete this person's events with these products, and their searches with these words.

        All that was recommended to them goes too: what was forgotten may have been behind any of it.

        Returns:
            How many events there were.
        """
        with self._database.transaction() as session:
            searches = _searches(session, customer_id, words) if fold(words) else {}
            mine = EventRecord.customer_id == customer_id
            aside = EventAside.customer_id == customer_id
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


def _forget_recommended(session: Session, customer_id: str) -> None:
    session.execute(delete(RecommendationRecord).where(RecommendationRecord.customer_id == customer_id))


def _searches(session: Session, customer_id: str, words: str) -> dict[str, str]:
    """The person's searches that hold the words: the key of each by the event's id."""
    query = select(EventRecord.id, EventRecord.value).where(
        EventRecord.customer_id == customer_id, EventRecord.kind == "search"
    )
    found = {row.id: search_key(row.value.get("query", "")) for row in session.execute(query)}
    return {id: key for id, key in found.items() if fold(words) in key}


def _key(muted: Muted) -> tuple[str, str]:
    return muted.kind, fold(muted.name)
