"""The quality of what a shop holds: its records held to the rules, beside what imports found and scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ranker.encoder import Encoder
from retriever.database import Database
from retriever.errors import NotFoundError
from retriever.export.reading import Snapshot, snapshot
from retriever.feeds.feed import Progress, silent
from retriever.feeds.rows import ProductRow
from retriever.indexing import EmbeddingCache
from retriever.locking import import_lock
from retriever.product import Shape
from retriever.quality.checks import AS_GIVEN, MISSING
from retriever.quality.learning import FeedQuality
from retriever.quality.outliers import PriceOutlier
from retriever.quality.report import EXAMPLES, NOT_RUN, Finding, QualityReport
from retriever.quality.rules import Rules, Severity, default_rules, read_rules
from retriever.quality.store import forget_completions, keep_completions, scored, scores
from retriever.records import CompletionRecord, FeedRecord, ProductRecord

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
CATEGORIES = 16  # whose prices are told: those with outliers first, then the largest
OUTLIERS = 200  # that are told by id
HISTORY = 500  # scores that are told, the latest ones


class Graded(Shape):
    """A finding with how bad it is, and the share of the products that it is about."""

    check: str
    severity: Severity
    weight: float
    count: int
    share: float
    examples: tuple[str, ...]


class CategoryPrices(Shape):
    """The prices of one category in major units, by quarters."""

    category: str
    count: int
    least: float
    quarter: float
    median: float
    three_quarters: float
    most: float


class FarPrice(Shape):
    """A product whose price is far from those of its category."""

    id: str
    category: str
    price: float
    median: float


class Believed(Shape):
    """A value that was completed."""

    id: str
    value: str
    confidence: float
    source: str


class Completed(Shape):
    """What was completed of one field: how many products, how surely on the mean, and some of them."""

    field: str
    count: int
    confidence: float
    examples: tuple[Believed, ...]


class PastScore(Shape):
    """The score of one import."""

    feed: str
    measured_at: datetime
    score: float


class Survey(Shape):
    """All that ``shopwise quality`` says. ``feed`` is empty for the whole shop; ``filled`` are shares of products."""

    feed: str
    currency: str
    products: int
    score: float
    findings: tuple[Graded, ...]
    not_run: dict[str, str]
    filled: dict[str, float]
    prices: tuple[CategoryPrices, ...]
    price_outliers: tuple[FarPrice, ...]
    completions: tuple[Completed, ...]
    history: tuple[PastScore, ...]


class Surveyor:
    """Looks at the quality of one shop.

    Args:
        database: the shop's records.
        encoder: makes vectors.
        cache: keeps them.
        currency: the shop's own.
    """

    def __init__(self, database: Database, encoder: Encoder, cache: EmbeddingCache, currency: str) -> None:
        self._database = database
        self._encoder = encoder
        self._cache = cache
        self._currency = currency

    def survey(
        self, feed: str = "", rules: Path | None = None, complete: bool = False, progress: Progress = silent
    ) -> Survey:
        """The quality of a feed, or of the whole shop.

        Args:
            feed: its name; empty: all feeds together.
            rules: a file of a merchant's own rules.
            complete: work out every completion anew, and keep them.
            progress: hears the stages: checking, completing.

        Raises:
            BadInputError: if the rules cannot be used, or there is no such feed, or nothing at all.
            UnavailableError: if the database cannot be used, or an import is running that completing has to wait for.
        """
        held_to = read_rules(rules) if rules else default_rules()
        with self._database.session() as session:
            if session.scalar(select(func.count()).select_from(FeedRecord)) == 0:
                raise NotFoundError("The shop is empty: there is nothing to look at.", "Run: shopwise import demo")
        with (
            snapshot(self._database, self._currency, feed) as shop,
            FeedQuality(QualityReport(self._currency, held_to), self._encoder, self._cache, self._currency) as quality,
        ):
            self._check(shop, quality, progress)
            findings = quality.findings()
            if complete:
                self._complete(shop, quality, progress)
        with self._database.session() as session:
            findings = _with_import_findings(session, feed, findings)
            return self._told(session, feed, quality.report, findings)

    def _check(self, shop: Snapshot, quality: FeedQuality, progress: Progress) -> None:
        done, total = 0, shop.count("product")
        for batch in shop.batches("product"):
            for row in batch:
                quality.see(row)
            quality.recall(_products(batch))
            done += len(batch)
            progress("checking", done, total)
        for kind in ("review", "policy"):
            for batch in shop.batches(kind):
                for row in batch:
                    quality.see(row)

    def _complete(self, shop: Snapshot, quality: FeedQuality, progress: Progress) -> None:
        done, total = 0, shop.count("product")
        with import_lock(self._database), self._database.transaction() as session:
            for batch in shop.batches("product"):
                rows = _products(batch)
                forget_completions(session, [row.id for row in rows])
                keep_completions(session, quality.complete(rows))
                done += len(batch)
                progress("completing", done, total)

    def _told(self, session: Session, feed: str, report: QualityReport, findings: Sequence[Finding]) -> Survey:
        products = max(report.products, 1)
        far = report.prices.outliers()
        odd = {outlier.category for outlier in far}
        told = sorted(report.prices.summaries(), key=lambda held: held.category not in odd)[:CATEGORIES]
        return Survey(
            feed=feed,
            currency=self._currency,
            products=report.products,
            score=scored(report, findings),
            findings=graded(findings, report.rules, products),
            not_run=dict(report.not_run),
            filled={name: report.filled.get(name, 0) / products for name in (*MISSING, "attributes")},
            prices=tuple(
                CategoryPrices(
                    category=held.category,
                    count=held.count,
                    least=held.least,
                    quarter=held.quarter,
                    median=held.median,
                    three_quarters=held.three_quarters,
                    most=held.most,
                )
                for held in told
            ),
            price_outliers=tuple(_far(report, outlier) for outlier in far[:OUTLIERS]),
            completions=_completions(session, feed),
            history=tuple(
                PastScore(feed=held.feed, measured_at=held.measured_at, score=held.score)
                for held in scores(session, feed)[-HISTORY:]
            ),
        )


def graded(findings: Iterable[Finding], rules: Rules, products: int) -> tuple[Graded, ...]:
    """Findings with how bad they are: the worst first."""
    told = [
        Graded(
            check=finding.check,
            severity=rules.check(finding.check).severity,
            weight=rules.check(finding.check).weight,
            count=finding.count,
            share=min(1.0, finding.count / products),
            examples=finding.examples,
        )
        for finding in findings
        if finding.check != NOT_RUN
    ]
    return tuple(sorted(told, key=lambda one: (SEVERITIES.index(one.severity), -one.weight * one.share, one.check)))


def _far(report: QualityReport, outlier: PriceOutlier) -> FarPrice:
    return FarPrice(
        id=report.id_at(outlier.place), category=outlier.category, price=outlier.price, median=outlier.median
    )


def _products(batch: Sequence[object]) -> list[ProductRow]:
    return [row for row in batch if isinstance(row, ProductRow)]


def _with_import_findings(session: Session, feed: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was found now, and what the last import of each feed found that its records no longer show."""
    query = select(FeedRecord.report).order_by(FeedRecord.name)
    if feed:
        query = query.where(FeedRecord.name == feed)
    counts: dict[str, int] = {}
    examples: dict[str, list[str]] = {}
    for report in session.scalars(query):
        for held in report.get("quality", ()):
            if held["check"] in AS_GIVEN:
                counts[held["check"]] = counts.get(held["check"], 0) + held["count"]
                examples.setdefault(held["check"], []).extend(held["examples"])
    kept = [finding for finding in findings if finding.check not in AS_GIVEN]
    told = [Finding(check=name, count=counts[name], examples=tuple(examples[name][:EXAMPLES])) for name in counts]
    return (*kept, *told)


def _completions(session: Session, feed: str) -> tuple[Completed, ...]:
    table = CompletionRecord
    owned = select(ProductRecord.id)
    if feed:
        owned = owned.where(ProductRecord.feed == feed)
    summary = select(table.field, func.count(), func.avg(table.confidence)).where(table.product_id.in_(owned))
    told: list[Completed] = []
    for field, count, mean in session.execute(summary.group_by(table.field).order_by(table.field)):
        chosen = select(table).where(table.field == field, table.product_id.in_(owned))
        some = session.scalars(chosen.order_by(table.confidence.desc(), table.product_id).limit(EXAMPLES))
        examples = tuple(
            Believed(id=one.product_id, value=one.value, confidence=one.confidence, source=one.source) for one in some
        )
        told.append(Completed(field=field, count=count, confidence=round(float(mean), 3), examples=examples))
    return tuple(told)
