"""The log of what was recommended: what was shown, where each came from, and what chance had decided.

Nobody waits for it. A list gets its id at once and is written soon after, with those of the same moment in one
transaction; while the records cannot be written, for an import or a failure, lists wait in memory, so many and no
more. A person who has switched the profile off is not named in it.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from retriever.database import Database
from retriever.errors import UnavailableError
from retriever.interactions.consent import Consent, read_consent
from retriever.recommending.asking import Asked
from retriever.recommending.listing.exploring import Slot
from retriever.recommending.recommendation import Recommended
from retriever.records import RecommendationRecord

KEEP = timedelta(days=90)
WAITING = 10_000  # lists that wait at most; beyond, the oldest are given up
AT_ONCE = 500  # lists in a transaction
POLICY = 80  # characters of its name
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_Row = dict[str, Any]

logger = logging.getLogger(__name__)


class Served:
    """Keeps what was recommended. Safe to share between threads.

    Args:
        database: the shop's records.
        clock: what time it is.
        keep: for how long a list is kept.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        keep: timedelta = KEEP,
    ) -> None:
        self._database = database
        self._clock = clock
        self._keep = keep
        self._waiting: deque[_Row] = deque(maxlen=WAITING)
        self._writer = ThreadPoolExecutor(1, "recommendations")
        self._asked_to_write = False
        self._trimmed: datetime | None = None

    def keep(
        self,
        asked: Asked,
        results: Sequence[Recommended],
        *,
        policy: str,
        slot: Slot | None = None,
        private: bool = False,
    ) -> str:
        """Log a list that is being shown, and name it; events that tell of it carry the name as ``recommendation_id``.

        Args:
            asked: for whom and what for.
            results: in the order in which they are shown.
            policy: what made the list.
            slot: the place that chance gave away.
            private: the person wants no profile: nobody is named, whatever the request says.
        """
        id = uuid.uuid4().hex
        self._waiting.append(
            {
                "id": id,
                "at": self._clock(),
                "customer_id": "" if private else _reference(asked.customer_id),
                "session_id": "" if private else _reference(asked.session_id),
                "private": private,
                "surface": _reference(asked.surface),
                "goal": asked.goal or "",
                "policy": _reference(policy)[:POLICY],
                "shown": [_shown(one) for one in results],
                "slot": {} if slot is None else slot_row(slot),
            }
        )
        if not self._asked_to_write:
            self._asked_to_write = True  # two at once ask twice, which is harmless
            self._writer.submit(self._write)
        return id

    def flush(self) -> None:
        """Return when all that was kept so far has been written, or cannot be."""
        self._writer.submit(self._write).result()

    def close(self) -> None:
        """Write what waits; nothing is kept from then on."""
        self._writer.shutdown(wait=True)

    def _write(self) -> None:
        """In the writer's thread alone: its errors are nobody's who recommends."""
        self._asked_to_write = False
        while rows := self._taken():
            try:
                with self._database.transaction() as session:
                    self._trim(session)
                    if kept := _allowed(rows, read_consent(session, {row["customer_id"] for row in rows} - {""})):
                        session.execute(insert(RecommendationRecord), kept)
            except UnavailableError as error:
                logger.warning("What was recommended waits to be logged: %s", error)
                room = WAITING - len(self._waiting)
                self._waiting.extendleft(reversed(rows[max(0, len(rows) - room) :]))
                return
            except SQLAlchemyError:
                logger.exception("%d lists of recommendations could not be logged", len(rows))

    def _taken(self) -> list[_Row]:
        return [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]

    def _trim(self, session: Session) -> None:
        """Once a day, what is too old."""
        now = self._clock()
        if self._trimmed is None or now - self._trimmed >= timedelta(days=1):
            session.execute(delete(RecommendationRecord).where(RecommendationRecord.at < now - self._keep))
            self._trimmed = now


def slot_row(slot: Slot) -> _Row:
    """A slot as the log holds it."""
    return {
        "place": slot.place,
        "chosen": slot.chosen,
        "options": [[option.id, option.propensity, option.mean] for option in slot.options],
    }


def _shown(one: Recommended) -> _Row:
    return {
        "id": one.id,
        "source": one.source,
        "propensity": one.propensity,
        "because": list(dict.fromkeys(because.kind for because in one.because)),
    }


def _allowed(rows: Sequence[_Row], consent: Consent) -> list[_Row]:
    """The rows that may be kept: without names of those who want no profile, and none from before a forgetting."""
    until: dict[str, datetime] = {}
    for (customer, _, _), at in consent.forgotten.items():
        until[customer] = max(at, until.get(customer, at))
    return [
        row | {"customer_id": "", "session_id": "", "private": True} if row["customer_id"] in consent.off else row
        for row in rows
        if not ((at := until.get(row["customer_id"])) and row["at"] <= at)
    ]


def _reference(text: str) -> str:
    """A name as events carry it; none where no event could."""
    name = text.strip()
    return "" if CONTROL.search(name) else name
