"""The figures of a run, read back from Inspect's logs: for machines as JSON, for people as rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from inspect_ai.log import EvalLog, EvalSample

from eval.clerk.rates import ALL, Rate, percentile, tally
from eval.clerk.serving import Prefix
from eval.clerk.tasks import OUTCOME, TURNS, rows_of

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Spread:
    """Times or tokens: how many were taken, their median and 95th percentile."""

    n: int
    p50: float
    p95: float


@dataclass(frozen=True)
class Figures:
    """What one contender did in one set; ``log`` is the name of Inspect's log."""

    samples: int
    rates: dict[str, dict[str, Rate]]
    spreads: dict[str, Spread]
    log: str


@dataclass(frozen=True)
class Standing:
    """One contender: its model, its figures by set, and what its server found in its prefix cache."""

    name: str
    model: str
    sets: dict[str, Figures]
    prefix: Prefix | None


@dataclass(frozen=True)
class Report:
    """All contenders side by side."""

    seed: int
    products: int
    contenders: list[Standing] = field(default_factory=list[Standing])
    suite: str = "clerk"

    def json_dict(self) -> dict[str, Any]:
        """The report as one JSON document."""
        data = asdict(self)
        for standing, kept in zip(data["contenders"], self.contenders, strict=True):
            prefix = kept.prefix
            standing["prefix"] = prefix and {
                "tokens": prefix.asked,
                "found": prefix.found,
                "hit_rate": prefix.found / prefix.asked if prefix.asked else 0.0,
            }
        return data


def figures(log: EvalLog) -> Figures:
    """The figures of one task's log."""
    samples = log.samples or []
    rows = [row for sample in samples for score in (sample.scores or {}).values() for row in rows_of(score)]
    values: dict[str, list[float]] = {}
    for sample in samples:
        for name, more in _values(sample).items():
            values.setdefault(name, []).extend(more)
    spreads = {name: Spread(len(v), percentile(v, 0.5), percentile(v, 0.95)) for name, v in values.items()}
    return Figures(len(samples), tally(rows), spreads, Path(log.location).name)


def _values(sample: EvalSample) -> Mapping[str, Sequence[float]]:
    speed = (sample.scores or {}).get("speed")
    return cast("Mapping[str, Sequence[float]]", ((speed.metadata if speed else None) or {}).get("values", {}))


def turns_of(log: EvalLog) -> list[dict[str, Any]]:
    """Every turn that a log kept, with its conversation's id; of an attack, its outcome."""
    found: list[dict[str, Any]] = []
    for sample in log.samples or []:
        kept = cast("list[dict[str, Any]]", sample.store.get(TURNS, []))
        outcome = cast("dict[str, Any] | None", sample.store.get(OUTCOME))
        found += [{"id": sample.id, **turn} for turn in kept] if outcome is None else [{"id": sample.id, **outcome}]
    return found


def overview(report: Report, suite: str) -> Iterator[list[str]]:
    """Rows of one set: measure, group, and a cell a contender; all and by language."""
    shown = [standing.sets.get(suite) for standing in report.contenders]
    for measure in dict.fromkeys(name for held in shown if held for name in held.rates):
        for group in (ALL, *LANGUAGES):
            cells = [_rate(held, measure, group) for held in shown]
            if any(cell != "-" for cell in cells):
                yield [measure, group, *cells]
    for name in dict.fromkeys(name for held in shown if held for name in held.spreads):
        spreads = [held.spreads.get(name) if held else None for held in shown]
        yield [name, "p50 / p95", *(f"{s.p50:.0f} / {s.p95:.0f} ({s.n})" if s and s.n else "-" for s in spreads)]


def by_phenomenon(report: Report, suite: str, measure: str) -> Iterator[list[str]]:
    """Rows of one measure in one set: language, phenomenon, and a cell a contender."""
    shown = [standing.sets.get(suite) for standing in report.contenders]
    groups = {group for held in shown if held for group in held.rates.get(measure, {}) if "/" in group}
    for group in sorted(groups):
        yield [*group.split("/", 1), *(_rate(held, measure, group) for held in shown)]


def _rate(held: Figures | None, measure: str, group: str) -> str:
    rate = held.rates.get(measure, {}).get(group) if held else None
    return rate.text() if rate else "-"
