"""PostgreSQL's tsvector."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from ranker.blend import Scored
from retriever.database import Database
from retriever.feeds.feed import Progress, silent
from retriever.lexical.documents import Document, phrase_of
from retriever.text import terms

RANKED = 5_000  # products PostgreSQL ranks if it can: it reads each one's whole vector for it
_WEIGHTS = {"title": "A", "brand": "B", "categories": "B", "attributes": "C", "other": "C", "description": "D"}


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

    def numbers(self, connection: Connection, ids: Collection[str] | None = None) -> Iterable[tuple[str, int]]:
        """It knows products by their ids."""
        return ()

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

    def settle(self, progress: Progress = silent) -> None:
        """Nothing to do: PostgreSQL's index is in the transaction."""


@dataclass(frozen=True, slots=True)
class _Rarity:
    having: int
    weight: float


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
