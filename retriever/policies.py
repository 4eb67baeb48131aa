"""The shop's policies and answers to common questions, searched by words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select

from retriever.database import Database
from retriever.product import Shape
from retriever.records import PolicyRecord
from retriever.text import language_of, segment, stem, terms

TITLE_WEIGHT = 3  # a word in the title counts as often
_K1, _B = 1.2, 0.75  # BM25's usual saturation and length normalisation


class Policy(Shape):
    """One entry, in the language it was asked for where the shop has it; ``score`` compares within one search."""

    id: str
    title: str
    body: str
    topic: str
    score: float = 0.0


class Policies:
    """A shop's policies. There are few, so each search reads them all and they need no index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, language: str = "") -> list[Policy]:
        """All entries, in the given language where they have it."""
        return [_policy(record, language) for record in self._records()]

    def search(self, query: str, limit: int = 5) -> list[Policy]:
        """The entries that share words with the query, best first, in the query's language where they have it."""
        words = list(dict.fromkeys(stem(word) for word in terms(query)))
        records = self._records()
        scores = _bm25(words, [_words(record) for record in records])
        found = sorted(
            ((score, record) for score, record in zip(scores, records, strict=True) if score > 0),
            key=lambda pair: (-pair[0], pair[1].id),
        )
        language = language_of(query)
        return [_policy(record, language, score) for score, record in found[: max(limit, 0)]]

    def _records(self) -> Sequence[PolicyRecord]:
        with self._database.session() as session:
            return session.scalars(select(PolicyRecord).order_by(PolicyRecord.id)).all()


def _policy(record: PolicyRecord, language: str, score: float = 0.0) -> Policy:
    words = record.texts.get(language, {})
    return Policy(
        id=record.id,
        title=words.get("title") or record.title,
        body=words.get("body") or record.body,
        topic=record.topic,
        score=score,
    )


def _words(record: PolicyRecord) -> Counter[str]:
    """How often each word comes, over all languages: somebody may ask in one about what is written in another."""
    others = list(record.texts.values())
    titles = " \n ".join([record.title, record.topic, *(words.get("title", "") for words in others)])
    bodies = " \n ".join([record.body, *(words.get("body", "") for words in others)])
    counted = Counter(stem(word) for word in segment(bodies).split())
    for word in segment(titles).split():
        counted[stem(word)] += TITLE_WEIGHT
    return counted


def _bm25(query: Sequence[str], documents: Sequence[Counter[str]]) -> list[float]:
    lengths = [document.total() for document in documents]
    mean = sum(lengths) / len(lengths) if lengths else 1.0
    scores = [0.0] * len(documents)
    for word in query:
        having = sum(1 for document in documents if word in document)
        rarity = math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))
        for place, document in enumerate(documents):
            times = document[word]
            scores[place] += rarity * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * lengths[place] / (mean or 1.0)))
    return scores
