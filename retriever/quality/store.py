"""The records of data quality: a score an import, and what is believed of products whose merchant said nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from retriever.product import Shape
from retriever.quality.completing import Completion
from retriever.quality.report import Finding, QualityReport
from retriever.quality.score import DIGITS, score
from retriever.records import CompletionRecord, QualityScoreRecord


class Score(Shape):
    """What one import of a feed scored."""

    feed: str
    measured_at: datetime
    score: float
    detail: dict[str, Any]


def scored(report: QualityReport, findings: Sequence[Finding]) -> float:
    """The score of what a report has seen, as it is stored and shown."""
    return round(score(findings, report.rules, report.products, report.texts), DIGITS)


def keep_score(session: Session, feed: str, at: datetime, report: QualityReport, findings: Sequence[Finding]) -> float:
    """Write the score of a feed beside its earlier ones, with the counts behind it."""
    value = scored(report, findings)
    detail = {
        "products": report.products,
        "texts": report.texts,
        "findings": {finding.check: finding.count for finding in findings if finding.check not in report.not_run},
        "not_run": dict(report.not_run),
    }
    session.merge(QualityScoreRecord(feed=feed, measured_at=at, score=value, detail=detail))
    session.flush()
    return value


def scores(session: Session, feed: str = "") -> list[Score]:
    """The scores of one feed, or of all, the oldest first."""
    table = QualityScoreRecord
    query = select(table).order_by(table.measured_at, table.feed)
    if feed:
        query = query.where(table.feed == feed)
    return [
        Score(feed=held.feed, measured_at=held.measured_at, score=held.score, detail=held.detail)
        for held in session.scalars(query)
    ]


def keep_completions(session: Session, completions: Iterable[Completion]) -> int:
    """Write completions of products that have none; the number of them."""
    records = [
        {
            "product_id": found.product_id,
            "field": found.field,
            "value": found.value,
            "confidence": found.confidence,
            "source": found.source,
        }
        for found in completions
    ]
    if records:
        session.execute(insert(CompletionRecord), records)
    return len(records)


def forget_completions(session: Session, ids: Sequence[str]) -> None:
    """Forget what was believed of these products: they have changed, or are gone."""
    session.execute(delete(CompletionRecord).where(CompletionRecord.product_id.in_(ids)))


def completions(session: Session, ids: Sequence[str]) -> list[Completion]:
    """What is believed of these products, by product and field."""
    table = CompletionRecord
    query = select(table).where(table.product_id.in_(ids)).order_by(table.product_id, table.field)
    return [
        Completion(held.product_id, held.field, held.value, held.confidence, held.source)
        for held in session.scalars(query)
    ]
