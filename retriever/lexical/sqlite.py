"""SQLite's FTS5, which holds the words in the records' own transaction, and a quick index beside it.

The quick index is brought up to date after a transaction. Nothing is lost if that never
happens: it knows products by numbers which FTS5 gives once only, so what it lacks are the
numbers above its last, and what it has too much are numbers that no product has.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from ranker.blend import Scored
from retriever.allowed import Chosen, Many, picked
from retriever.database import Database
from retriever.errors import UnavailableError
from retriever.feeds.feed import Progress, silent
from retriever.lexical.documents import Document, phrase_of
from retriever.lexical.quick import BusyError, QuickIndex
from retriever.text import terms

QUICK_FROM = 2_000  # products: in a smaller catalogue FTS5 is as quick
WAITING = 1_000  # products that a search adds to the quick index before it looks there: a third of a second
FEW = 2_000  # allowed products that the quick index is told beforehand; of more, most matches will be allowed
# What allowed products cost, in microseconds (docs/experiments.md): to tell any, to tell each one, to look at a match.
TELLING, TOLD, LOOKED = 5_000.0, 1.1, 0.5
READ = 2_000  # documents read at once
DEEPER = 8  # times as many matches are looked at in a further round
ROUND, ROUNDER = 20_000, 4  # the same at most where the round before tells how many it takes: so many, or so many times
SPARE = 1.5  # times as many matches as would do if the allowed goods were spread evenly
NAMED = 256  # matches whose names are looked up at once


class SqliteLexical:
    """FTS5 with the column weights that the migration sets; of a large catalogue the quick index finds the best.

    Args:
        database: the shop's records.
        quick_from: how many products make a catalogue large.
    """

    def __init__(self, database: Database, quick_from: int = QUICK_FROM) -> None:
        self._database = database
        self._quick_from = quick_from
        self._lock = threading.Lock()
        self._quick: QuickIndex | None = None

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """See LexicalIndex."""
        words = terms(query)
        if not words or limit <= 0 or (allowed is not None and not allowed):
            return []
        members = allowed if allowed is None or isinstance(allowed, Many) else frozenset(allowed)
        with self._database.connection() as connection:
            quick = self._caught_up(connection)
            if quick is None:
                return _ranked(connection, words, limit, None if members is None else frozenset(members))
            return _quickly(connection, quick, words, limit, members)

    def mentioning(self, words: Sequence[str]) -> set[str]:
        """See LexicalIndex."""
        phrases = [phrase for word in words if (phrase := phrase_of(word))]
        if not phrases:
            return set()
        match = " OR ".join(
            f'"{" ".join(phrase.words)}"'
            if phrase.in_a_row
            else "(" + " AND ".join(f'"{word}"' for word in phrase.words) + ")"
            for phrase in phrases
        )
        statement = text(
            "SELECT product_id FROM product_fts_id WHERE id IN "
            "(SELECT rowid FROM product_fts WHERE product_fts MATCH :match)"
        )
        with self._database.connection() as connection:
            return set(connection.scalars(statement, {"match": match}))

    def numbers(self, connection: Connection, ids: Collection[str] | None = None) -> Iterable[tuple[str, int]]:
        """See LexicalIndex."""
        if ids is not None:
            return _numbers(connection, ids).items()
        every = connection.execution_options(yield_per=500)
        return ((id, number) for id, number in every.execute(text("SELECT product_id, id FROM product_fts_id")))

    def upsert(self, session: Session, documents: Sequence[Document]) -> None:
        """See LexicalIndex."""
        if not documents:
            return
        latest = {document.product_id: document for document in documents}
        # A changed product gets a new number: that is how the quick index learns of it.
        self.remove(session, latest)
        insert = text("INSERT INTO product_fts_id (product_id) VALUES (:id)")
        session.execute(insert, [{"id": product_id} for product_id in latest])
        numbers = _numbers(session.connection(), latest)
        session.execute(
            text(
                "INSERT INTO product_fts (rowid, title, brand, categories, attributes, description, other) "
                "VALUES (:id, :title, :brand, :categories, :attributes, :description, :other)"
            ),
            [{"id": numbers[product_id], **asdict(document)} for product_id, document in latest.items()],
        )

    def remove(self, session: Session, ids: Collection[str]) -> None:
        """See LexicalIndex."""
        numbers = [{"id": number} for number in _numbers(session.connection(), ids).values()]
        if numbers:
            session.execute(text("DELETE FROM product_fts WHERE rowid = :id"), numbers)
            session.execute(text("DELETE FROM product_fts_id WHERE id = :id"), numbers)

    def settle(self, progress: Progress = silent) -> None:
        """See LexicalIndex."""
        with self._database.connection() as connection:
            gone = list(connection.scalars(text("SELECT id FROM product_fts_gone")))
            products: int = connection.scalar(text("SELECT count(*) FROM product_fts_id")) or 0
            folder = _folder(connection)
            if products >= self._quick_from or folder.exists():
                with self._lock:
                    self._fill(connection, folder, gone, progress)
        if gone:
            with self._database.transaction() as session:
                session.execute(text("DELETE FROM product_fts_gone WHERE id = :id"), [{"id": id} for id in gone])

    def _fill(self, connection: Connection, folder: Path, gone: Collection[int], progress: Progress) -> None:
        """Add to the quick index what it lacks; make it where there is none, or an unusable one."""
        for other in folder.parent.glob(f"{folder.name.rpartition('-')[0]}-*"):
            if other != folder:  # of an earlier database in this file's place
                shutil.rmtree(other, ignore_errors=True)
        try:
            if self._quick is None:
                self._quick = _opened(folder) or QuickIndex(folder)
            self._quick.reload()
            last = self._quick.last
            waiting = _waiting(connection, last)
            if waiting or gone:
                self._quick.write(_told(_after(connection, last), waiting, progress), gone)
        except BusyError:
            return  # whoever writes adds the same products
        except (ValueError, OSError) as error:
            raise UnavailableError(
                f"The index of words in {folder} cannot be written: {error}",
                "Make room on the disk and check the permissions; the folder itself may be deleted.",
            ) from error

    def _caught_up(self, connection: Connection) -> QuickIndex | None:
        """The quick index with every product in it; ``None`` where it does not exist or lacks too many."""
        quick = self._quick
        if quick is None:
            folder = _folder(connection)
            quick = self._quick = _opened(folder) if folder.exists() else None
        newest: int = connection.scalar(text("SELECT max(id) FROM product_fts_id")) or 0
        if quick is None or quick.last >= newest:
            return quick
        quick.reload()
        waiting = _waiting(connection, quick.last)
        if waiting > WAITING:
            return quick if waiting < quick.count() / 10 else None
        if waiting and self._lock.acquire(blocking=False):
            try:
                quick.write(_after(connection, quick.last))
            except (BusyError, ValueError, OSError):
                return None  # FTS5 has them all
            finally:
                self._lock.release()
        return quick


def _ranked(connection: Connection, words: Sequence[str], limit: int, members: frozenset[str] | None) -> list[Scored]:
    # CROSS JOIN keeps the order of the ranking; SQLite could otherwise look the names up first.
    statement = (
        "SELECT names.product_id, product_fts.rank FROM product_fts CROSS JOIN product_fts_id AS names "
        "ON names.id = product_fts.rowid WHERE product_fts MATCH :match ORDER BY product_fts.rank LIMIT :limit"
    )
    values = {"match": " OR ".join(f'"{word}"' for word in words), "limit": limit if members is None else -1}
    with connection.execute(text(statement), values) as rows:
        fitting = (row for row in rows if members is None or row[0] in members)
        # FTS5 gives the best match the lowest number.
        return [Scored(product_id, -rank) for product_id, rank in islice(fitting, limit)]


def _quickly(
    connection: Connection, quick: QuickIndex, words: Sequence[str], limit: int, members: frozenset[str] | Many | None
) -> list[Scored]:
    if isinstance(members, Chosen):
        return _chosen(connection, quick, words, limit, members)
    few = isinstance(members, frozenset) and len(members) <= FEW
    told = list(_numbers(connection, members).values()) if members is not None and few else None
    return _best(connection, quick, words, limit, members, told)


def _chosen(
    connection: Connection, quick: QuickIndex, words: Sequence[str], limit: int, members: Chosen
) -> list[Scored]:
    """The best matches among goods that columns know by number, as long as that is quicker than to tell these."""
    depth = limit + int(SPARE * limit / members.share)
    while LOOKED * depth <= TELLING + TOLD * members.size:
        numbers, scores = quick.best(words, depth)
        fitting = np.flatnonzero(members.rows_fit(numbers))
        found, step = list[Scored](), max(NAMED, limit)
        for start in range(0, len(fitting), step):
            hits = [(int(numbers[at]), float(scores[at])) for at in fitting[start : start + step]]
            found += _named(connection, hits, members)
            if len(found) >= limit:
                break
        if len(found) >= limit or len(numbers) < depth:
            return sorted(found, key=lambda hit: (-hit.score, hit.id))[:limit]
        enough = depth * max(2, int(SPARE * limit / max(1, len(found))))
        # The best matches are often not the allowed ones, and the next ones are sooner.
        depth = min(enough, max(ROUND, depth * ROUNDER))
    told = [*members.numbers(), *_numbers(connection, members.fresh).values()]
    return _best(connection, quick, words, limit, members, told)


def _best(
    connection: Connection,
    quick: QuickIndex,
    words: Sequence[str],
    limit: int,
    members: Collection[str] | None,
    told: Collection[int] | None,
) -> list[Scored]:
    """The best matches, of numbers that the index is told or of all, that are allowed."""
    depth = limit
    while True:
        hits = quick.search(words, depth, told)
        found = _named(connection, hits, members)
        if len(found) >= limit or len(hits) < depth:
            return sorted(found, key=lambda hit: (-hit.score, hit.id))[:limit]
        depth *= DEEPER


def _named(connection: Connection, hits: Sequence[tuple[int, float]], members: Collection[str] | None) -> list[Scored]:
    """Matches by their products' ids, as far as these are still there and allowed."""
    names = _names(connection, [number for number, _ in hits])
    found = [Scored(names[number], score) for number, score in hits if number in names]
    if members is None:
        return found
    fitting = picked(members, [hit.id for hit in found])
    return [hit for hit in found if hit.id in fitting]


def _numbers(connection: Connection, ids: Collection[str]) -> dict[str, int]:
    rows = connection.execute(
        text("SELECT product_id, id FROM product_fts_id WHERE product_id IN (SELECT value FROM json_each(:ids))"),
        {"ids": json.dumps(list(ids))},
    )
    return {row.product_id: row.id for row in rows}


def _names(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    rows = connection.execute(
        text("SELECT id, product_id FROM product_fts_id WHERE id IN (SELECT value FROM json_each(:numbers))"),
        {"numbers": json.dumps(list(numbers))},
    )
    return {row.id: row.product_id for row in rows}


def _waiting(connection: Connection, last: int) -> int:
    return connection.scalar(text("SELECT count(*) FROM product_fts_id WHERE id > :last"), {"last": last}) or 0


def _after(connection: Connection, last: int) -> Iterator[tuple[int, Document]]:
    """The documents with higher numbers than this, lowest first."""
    statement = text(
        "SELECT id, product_id, title, brand, categories, attributes, description, other FROM product_fts_id "
        "CROSS JOIN product_fts ON product_fts.rowid = id WHERE id > :last ORDER BY id LIMIT :limit"
    )
    while rows := connection.execute(statement, {"last": last, "limit": READ}).all():
        yield from ((row[0], Document(*row[1:])) for row in rows)
        last = rows[-1][0]


def _told(documents: Iterable[tuple[int, Document]], total: int, progress: Progress) -> Iterator[tuple[int, Document]]:
    for done, document in enumerate(documents, 1):
        yield document
        if done % READ == 0 or done == total:
            progress("indexing words", done, total)


def _folder(connection: Connection) -> Path:
    """Where the quick index of this database is, beside its file; another database there has another folder."""
    statement = "SELECT file, identity FROM pragma_database_list, product_fts_identity WHERE name = 'main'"
    file, identity = connection.execute(text(statement)).one()
    return Path(file).with_name(f"{Path(file).name}.words-{identity}")


def _opened(folder: Path) -> QuickIndex | None:
    """The quick index in a folder; what cannot be read is cleared away, to be made again."""
    try:
        return QuickIndex(folder)
    except (ValueError, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        return None
