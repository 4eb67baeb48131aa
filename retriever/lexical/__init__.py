"""Full-text search over the catalogue: SQLite's FTS5 with tantivy beside it, PostgreSQL's tsvector, one behaviour.

All hold the words as ``text.segment`` gives them and stem English themselves. A query
is the OR of its terms: a product with more of them, with rarer ones, or with them in its
title comes first.
"""

from __future__ import annotations

from retriever.database import Database
from retriever.lexical.documents import MAX_TEXT, Document, LexicalIndex, document_of, phrase_of
from retriever.lexical.postgres import RANKED, PostgresLexical
from retriever.lexical.sqlite import SqliteLexical

__all__ = [
    "MAX_TEXT",
    "RANKED",
    "Document",
    "LexicalIndex",
    "PostgresLexical",
    "SqliteLexical",
    "document_of",
    "lexical_for",
    "phrase_of",
]


def lexical_for(database: Database) -> LexicalIndex:
    """The full-text index that this database carries."""
    return SqliteLexical(database) if database.dialect == "sqlite" else PostgresLexical(database)
