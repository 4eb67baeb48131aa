"""The figures of a run: intervals by ranker and class, differences with their tests, and every query's own values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.retrieval.classes import by_class
from eval.retrieval.metrics import MAIN, METRICS, Scores, scores
from eval.retrieval.rankers import Rankings
from eval.significance import Interval, holm, paired_difference, randomisation
from retriever.judgments import CheckedJudgments, Judgments

ALL = "all"
SHOWN_RESULTS = 10


@dataclass(frozen=True)
class Standing:
    """One ranker: its metrics by group of queries (``all`` or a class), or why it took no part."""

    name: str
    groups: dict[str, dict[str, Interval]]
    refused: tuple[str, ...] = ()
    skipped: str = ""


@dataclass(frozen=True)
class Difference:
    """A ranker minus the baseline: the mean, its interval, and the p-value before and after Holm's correction."""

    mean: float
    low: float
    high: float
    p: float
    p_holm: float

    def text(self) -> str:
        """For tables: ``+0.021 [+0.004, +0.040]``."""
        return f"{signed(self.mean)} [{signed(self.low)}, {signed(self.high)}]"


@dataclass(frozen=True)
class Comparison:
    """Two rankers on the same queries, by group and metric."""

    ranker: str
    baseline: str
    groups: dict[str, dict[str, Difference]]


@dataclass(frozen=True)
class Answered:
    """One query: its classes, every ranker's metrics and the first products of every ranker."""

    query: str
    classes: tuple[str, ...]
    scores: dict[str, dict[str, float]]
    results: dict[str, list[str]]


@dataclass(frozen=True)
class Folding:
    """How queries were parted for what was trained: folds, their sizes, groups of near-duplicates."""

    count: int
    seed: int
    groups: int
    sizes: list[int]


@dataclass(frozen=True)
class Report:
    """All rankers side by side.

    ``positives_alone`` says that all judgments have one gain: what is not judged is the only irrelevant there is.
    """

    products: int
    judgments: int
    positives_alone: bool
    groups: dict[str, int]
    baseline: str
    pair: tuple[str, str]
    rankers: list[Standing]
    comparisons: list[Comparison]
    queries: list[Answered]
    unknown_products: tuple[str, ...]
    unknown_queries: tuple[str, ...]
    folding: Folding | None
    suite: str = "retrieval"

    def json_dict(self) -> dict[str, Any]:
        """The report as one JSON document."""
        return asdict(self)

    def comparison(self, ranker: str, baseline: str) -> Comparison | None:
        """The comparison of these two, if it was made."""
        held = (one for one in self.comparisons if (one.ranker, one.baseline) == (ranker, baseline))
        return next(held, None)


@dataclass(frozen=True)
class Evaluation:
    """A report with what its page shows besides: the judgments, the lists and the products' titles."""

    report: Report
    judgments: Judgments
    rankings: Mapping[str, Rankings]
    titles: Mapping[str, str]


def report(
    rankings: Mapping[str, Rankings],
    judgments: Judgments,
    classes: Mapping[str, Sequence[str]],
    *,
    baseline: str,
    pair: tuple[str, str],
    skipped: Mapping[str, str],
    refused: Mapping[str, Sequence[str]],
    checked: CheckedJudgments,
    products: int,
    folding: Folding | None = None,
) -> Report:
    """All figures of the rankers' lists.

    Args:
        rankings: by ranker.
        judgments: of the queries that were asked.
        classes: of each of these queries, in the same order.
        baseline: whom the others are compared with.
        pair: two rankers that are compared besides (the first is the baseline of the second).
        skipped: rankers that took no part, with the reason.
        refused: queries that a ranker would not answer.
        checked: what the judgments held beyond the shop.
        products: how many the shop has.
        folding: of what was trained.
    """
    ids = {name: {query: [one.id for one in found] for query, found in held.items()} for name, held in rankings.items()}
    measured = {name: scores(held, judgments) for name, held in ids.items()}
    groups = {ALL: list(range(len(judgments))), **by_class(classes)}
    pairs = [(name, baseline) for name in measured if name != baseline]
    if pair[0] != pair[1] and pair[::-1] not in pairs:
        pairs.append((pair[1], pair[0]))
    standings = [
        Standing(name, {group: held.of(places).summary() for group, places in groups.items()}, tuple(refused[name]))
        for name, held in measured.items()
    ]
    answered = [
        Answered(
            query,
            tuple(classes[query]),
            {name: {metric: held.values[metric][place] for metric in METRICS} for name, held in measured.items()},
            {name: held[query][:SHOWN_RESULTS] for name, held in ids.items()},
        )
        for place, query in enumerate(judgments)
    ]
    return Report(
        products=products,
        judgments=sum(map(len, judgments.values())),
        positives_alone=len({gain for gains in judgments.values() for gain in gains.values()}) == 1,
        groups={group: len(places) for group, places in groups.items()},
        baseline=baseline,
        pair=pair,
        rankers=[*standings, *(Standing(name, {}, skipped=why) for name, why in skipped.items())],
        comparisons=comparisons(measured, pairs, groups),
        queries=answered,
        unknown_products=checked.unknown_ids,
        unknown_queries=checked.unknown_queries,
        folding=folding,
    )


def comparisons(
    measured: Mapping[str, Scores], pairs: Sequence[tuple[str, str]], groups: Mapping[str, Sequence[int]]
) -> list[Comparison]:
    """These pairs in every group and metric; corrected together are the pairs of one group and metric."""
    found: dict[tuple[str, str], dict[str, dict[str, Difference]]] = {pair: {} for pair in pairs}
    for group, places in groups.items():
        held = {name: one.of(places) for name, one in measured.items()}
        for metric in METRICS:
            values = {pair: tuple(held[name].values[metric] for name in pair) for pair in pairs}
            p_values = {pair: randomisation(*both) for pair, both in values.items()}
            corrected = holm(p_values)
            for pair, both in values.items():
                mean = paired_difference(*both)
                found[pair].setdefault(group, {})[metric] = Difference(
                    mean.mean, mean.low, mean.high, p_values[pair], corrected[pair]
                )
    return [Comparison(ranker, baseline, held) for (ranker, baseline), held in found.items()]


def changes(report: Report) -> list[tuple[float, Answered]]:
    """The queries with what the second ranker of the pair gains on the first in nDCG@10, the greatest gain first."""
    one, other = report.pair
    found = [(held.scores[other][MAIN] - held.scores[one][MAIN], held) for held in report.queries]
    return sorted(found, key=lambda change: (-change[0], change[1].query))


def summary_rows(report: Report) -> list[list[str]]:
    """Rows of a table: ranker, the metrics over all queries, and the difference to the baseline with its p-values."""
    rows: list[list[str]] = []
    for standing in report.rankers:
        if standing.skipped:
            continue
        row = [standing.name, *(standing.groups[ALL][metric].text() for metric in METRICS)]
        held = report.comparison(standing.name, report.baseline)
        difference = held.groups[ALL][MAIN] if held else None
        told = [difference.text(), p_text(difference.p), p_text(difference.p_holm)] if difference else ["", "", ""]
        rows.append(row + told)
    return rows


def class_rows(report: Report) -> list[list[str]]:
    """Rows of a table: ranker, and of each class nDCG@10 with the difference to the baseline; * where it is proved."""
    rows: list[list[str]] = []
    for standing in report.rankers:
        if standing.skipped:
            continue
        held = report.comparison(standing.name, report.baseline)
        row = [standing.name]
        for group in report.groups:
            cell = f"{standing.groups[group][MAIN].mean:.3f}"
            if held:
                difference = held.groups[group][MAIN]
                cell += f" ({signed(difference.mean)}{'*' if difference.p_holm < 0.05 else ''})"
            row.append(cell)
        rows.append(row)
    return rows


def signed(value: float) -> str:
    """A difference as it is printed; what rounds to nothing has no sign."""
    return f"{value:+.3f}" if abs(value) >= 0.0005 else "0.000"


def p_text(p: float) -> str:
    """A p-value as it is printed."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
