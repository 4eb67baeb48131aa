"""The scores of a shop's feeds, one an import, written by the import's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from retriever.product import Shape
from retriever.quality.report import Finding, QualityReport
from retriever.quality.rules import CheckRule
from retriever.quality.score import DIGITS, score
from retriever.records import QualityScoreRecord


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


def severity_order(rule: CheckRule) -> tuple[int, float]:
    """Sorts checks: errors before warnings before hints, the heavier first."""
    return ("error", "warning", "info").index(rule.severity), -rule.weight
