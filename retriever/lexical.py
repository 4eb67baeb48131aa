"""Full-text search over the catalogue: SQLite's FTS5, PostgreSQL's tsvector, one behaviour.

Both hold the words as ``text.segment`` gives them and stem English themselves. A query
is the OR of its terms: a product with more of them, with rarer ones, or with them in its
title comes first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import Any, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from ranker.blend import Scored
from retriever.database import Database
from retriever.product import Stamped
from retriever.text import MAX_TERMS, exact, holds_han, segment, terms

MAX_TEXT = 50_000  # characters of one column that are indexed
RANKED = 5_000  # products PostgreSQL ranks if it can: it reads each one's whole vector for it
_WEIGHTS = {"title": "A", "brand": "B", "categories": "B", "attributes": "C", "other": "C", "description": "D"}


@dataclass(frozen=True, slots=True)
class Document:
    """What the index holds of a product: segmented words by column. ``other`` is its texts in further languages."""

    product_id: str
    title: str
    brand: str
    categories: str
    attributes: str
    description: str
    other: str


class LexicalIndex(Protocol):
    """The full-text index. Writing happens in the session of the records, so both change or neither does."""

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """The best matches, best first; only from ``allowed`` where that is given."""
        ...

    def mentioning(self, words: Sequence[str]) -> set[str]:
        """Products whose text has any of these words, in any of their English forms, or phrases."""
        ...

    def upsert(self, session: Session, documents: Sequence[Document]) -> None:
        """Add these documents; each replaces an earlier one of the same product."""
        ...

    def remove(self, session: Session, ids: Collection[str]) -> None:
        """Take these products out; unknown ones are ignored."""
        ...


def lexical_for(database: Database) -> LexicalIndex:
    """The full-text index that this database carries."""
    return SqliteLexical(database) if database.dialect == "sqlite" else PostgresLexical(database)


def document_of(stamped: Stamped) -> Document:
    """A product as the index holds it."""
    product = stamped.product
    options = (pair for variant in product.variants for pair in variant.options.items())
    pairs = chain(product.attributes.items(), options)
    locales = [
        part
        for words in stamped.texts.values()
        for part in (words.title, words.description, *chain.from_iterable(words.attributes.items()))
    ]
    variant_titles = [variant.title for variant in product.variants if variant.title != product.title]
    return Document(
        product_id=product.id,
        title=_words([product.title]),
        brand=_words([product.brand]),
        categories=_words(product.categories),
        attributes=_words([f"{name} {value}" for name, value in pairs]),
        description=_words([product.description]),
        other=_words([*locales, *variant_titles]),
    )


class SqliteLexical:
    """FTS5 with the column weights that the migration sets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """See LexicalIndex."""
        words = terms(query)
        if not words or limit <= 0 or (allowed is not None and not allowed):
            return []
        # CROSS JOIN keeps the order of the ranking; SQLite could otherwise look the names up first.
        statement = (
            "SELECT names.product_id, product_fts.rank FROM product_fts CROSS JOIN product_fts_id AS names "
            "ON names.id = product_fts.rowid WHERE product_fts MATCH :match ORDER BY product_fts.rank LIMIT :limit"
        )
        values = {"match": " OR ".join(f'"{word}"' for word in words), "limit": limit if allowed is None else -1}
        members = None if allowed is None else frozenset(allowed)
        with self._database.connection() as connection, connection.execute(text(statement), values) as rows:
            fitting = (row for row in rows if members is None or row[0] in members)
            # FTS5 gives the best match the lowest number.
            return [Scored(product_id, -rank) for product_id, rank in islice(fitting, limit)]

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

    def upsert(self, session: Session, documents: Sequence[Document]) -> None:
        """See LexicalIndex."""
        if not documents:
            return
        latest = {document.product_id: document for document in documents}
        session.execute(
            text("INSERT INTO product_fts_id (product_id) VALUES (:id) ON CONFLICT (product_id) DO NOTHING"),
            [{"id": product_id} for product_id in latest],
        )
        numbers = self._numbers(session, latest)
        session.execute(text("DELETE FROM product_fts WHERE rowid = :id"), [{"id": id} for id in numbers.values()])
        session.execute(
            text(
                "INSERT INTO product_fts (rowid, title, brand, categories, attributes, description, other) "
                "VALUES (:id, :title, :brand, :categories, :attributes, :description, :other)"
            ),
            [{"id": numbers[product_id], **asdict(document)} for product_id, document in latest.items()],
        )

    def remove(self, session: Session, ids: Collection[str]) -> None:
        """See LexicalIndex."""
        numbers = [{"id": number} for number in self._numbers(session, ids).values()]
        if numbers:
            session.execute(text("DELETE FROM product_fts WHERE rowid = :id"), numbers)
            session.execute(text("DELETE FROM product_fts_id WHERE id = :id"), numbers)

    def _numbers(self, session: Session, ids: Collection[str]) -> dict[str, int]:
        rows = session.execute(
            text("SELECT product_id, id FROM product_fts_id WHERE product_id IN (SELECT value FROM json_each(:ids))"),
            {"ids": json.dumps(list(ids))},
        )
        return {row.product_id: row.id for row in rows}


class PostgresLexical:
    """A weighted tsvector. Its own ranking knows no rare words, so each term's rank is weighted by its rarity.

    Args:
        database: the shop's records.
        ranked: how many products a search ranks where its rarer words are enough to find ``limit`` of them.
    """

    def __init__(self, database: Database, ranked: int = RANKED) -> None:
        self._database = database
        self._most = ranked

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """See LexicalIndex."""
        words = terms(query)
        if not words or limit <= 0 or (allowed is not None and not allowed):
            return []
        with self._database.connection() as connection:
            rarity = self._rarity(connection, words)
            finding = _rarest(rarity, self._most)
            hits = self._ranked(connection, rarity, finding, limit, allowed) if finding else []
            if len(hits) < limit and len(finding) < len(rarity):
                hits = self._ranked(connection, rarity, list(rarity), limit, allowed)
            return hits

    def _ranked(
        self,
        connection: Connection,
        rarity: Mapping[str, _Rarity],
        finding: Sequence[str],
        limit: int,
        allowed: Collection[str] | None,
    ) -> list[Scored]:
        """Products with a ``finding`` word, ranked by all words."""
        score = " + ".join(
            f"CAST(:w{n} AS double precision) * ts_rank('{{0.15, 0.4, 0.5, 1.0}}', document, "
            f"to_tsquery('shopwise', :t{n}))"
            for n in range(len(rarity))
        )
        only = "" if allowed is None else "AND product_id = ANY(:allowed) "
        statement = (
            f"SELECT product_id, {score} AS score FROM product_fts "  # noqa: S608 (numbered parameters only)
            f"WHERE document @@ to_tsquery('shopwise', :match) {only}"
            "ORDER BY score DESC, product_id LIMIT :limit"
        )
        values: dict[str, Any] = {"match": " | ".join(map(_quoted, finding)), "limit": limit}
        if allowed is not None:
            values["allowed"] = list(allowed)
        for n, (word, known) in enumerate(rarity.items()):
            values |= {f"t{n}": _quoted(word), f"w{n}": known.weight}
        return [Scored(row.product_id, row.score) for row in connection.execute(text(statement), values)]

    def _rarity(self, connection: Connection, words: Sequence[str]) -> dict[str, _Rarity]:
        """How many products have each word, without words that none has."""
        rows = connection.execute(
            text(
                "SELECT word, (SELECT count(*) FROM product_fts WHERE document @@ to_tsquery('shopwise', quoted)) "
                "AS holders, (SELECT count(*) FROM product_fts) AS products "
                "FROM unnest(CAST(:words AS text[]), CAST(:quoted AS text[])) AS asked (word, quoted)"
            ),
            {"words": list(words), "quoted": [_quoted(word) for word in words]},
        )
        return {
            row.word: _Rarity(row.holders, math.log(1 + (row.products - row.holders + 0.5) / (row.holders + 0.5)))
            for row in rows
            if row.holders
        }

    def mentioning(self, words: Sequence[str]) -> set[str]:
        """See LexicalIndex."""
        phrases = [phrase for word in words if (phrase := phrase_of(word))]
        if not phrases:
            return set()
        parts = [(" <-> " if phrase.in_a_row else " & ").join(map(_quoted, phrase.words)) for phrase in phrases]
        match = " | ".join(f"({part})" for part in parts)
        statement = text("SELECT product_id FROM product_fts WHERE document @@ to_tsquery('shopwise', :match)")
        with self._database.connection() as connection:
            return set(connection.scalars(statement, {"match": match}))

    def upsert(self, session: Session, documents: Sequence[Document]) -> None:
        """See LexicalIndex."""
        if not documents:
            return
        vector = " || ".join(
            f"setweight(to_tsvector('shopwise', :{column}), '{weight}')" for column, weight in _WEIGHTS.items()
        )
        session.execute(
            text(
                f"INSERT INTO product_fts (product_id, document) VALUES (:product_id, {vector}) "  # noqa: S608 (ours)
                "ON CONFLICT (product_id) DO UPDATE SET document = excluded.document"
            ),
            [asdict(document) for document in documents],
        )

    def remove(self, session: Session, ids: Collection[str]) -> None:
        """See LexicalIndex."""
        session.execute(text("DELETE FROM product_fts WHERE product_id = ANY(:ids)"), {"ids": list(ids)})


@dataclass(frozen=True, slots=True)
class _Rarity:
    having: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    in_a_row: bool


def phrase_of(words: str) -> _Phrase | None:
    """What a product has to contain to mention these words; ``None`` when they hold no word."""
    found = tuple(exact(words))[:MAX_TERMS]
    # A Chinese compound stands in the index beside its parts, so two words are seldom neighbours there.
    return _Phrase(found, in_a_row=not holds_han(words)) if found else None


def _quoted(word: str) -> str:
    return f"'{word}'"  # terms hold letters and digits only


def _rarest(rarity: Mapping[str, _Rarity], most: int) -> list[str]:
    """The rarest words, as long as they find no more than ``most`` products together; at least one."""
    chosen: list[str] = []
    found = 0
    for word in sorted(rarity, key=lambda word: rarity[word].having):
        found += rarity[word].having
        if chosen and found > most:
            break
        chosen.append(word)
    return chosen


def _words(texts: Iterable[str]) -> str:
    return segment(" \n ".join(text for text in texts if text)[:MAX_TEXT])
