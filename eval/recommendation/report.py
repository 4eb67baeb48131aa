"""The figures of all models: intervals by trial and activity, differences with their tests, and what lists come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.recommendation.measuring import Measured
from eval.recommendation.metrics import MAIN, METRICS, Lists
from eval.recommendation.placing import Floats
from eval.recommendation.trials import Trial
from eval.retrieval.report import Difference, p_text
from eval.significance import Interval, bootstrap, holm, paired_difference, randomisation

ALL = "all"
OF_BANDS = ("hr@10", "ndcg@10", "recall@10", "mrr", "auc")
TESTED = (MAIN, "hr@10")
SHOWN_ONE = ("hr@10", MAIN, "mrr", "auc")  # where one item is wanted, precision, recall and F1 say what the hits say
SHOWN_SEVERAL = ("hr@10", MAIN, "precision@10", "recall@10", "f1@10", "mrr", "auc")
SHOWN_LISTS = ("novelty@10", "long-tail@10", "diversity@10")
PROVED = 0.05


@dataclass(frozen=True)
class Standing:
    """One model in one trial, or why it took no part."""

    name: str
    groups: dict[str, dict[str, Interval]]
    lists: Lists | None = None
    fit_seconds: float = 0.0
    score_ms: float = 0.0
    skipped: str = ""


@dataclass(frozen=True)
class Asked:
    """One trial: what was asked of whom, and how every model stood; differences are to the baseline."""

    name: str
    told: str
    fold: str
    repeats: bool
    several: bool
    groups: dict[str, int]
    baseline: str
    models: list[Standing]
    differences: dict[str, dict[str, Difference]]


@dataclass(frozen=True)
class Report:
    """All models side by side."""

    data: str
    people: int
    items: int
    events: int
    part: str
    seed: int
    vectors: bool
    notes: list[str]
    trials: list[Asked]
    suite: str = "recommendation"

    def json_dict(self) -> dict[str, Any]:
        """The report as one JSON document."""
        return asdict(self)


def asked(
    trial: Trial,
    fold: str,
    measured: Mapping[str, Measured],
    fits: Mapping[str, float],
    skipped: Mapping[str, str],
    baseline: str,
) -> Asked:
    """The figures of one trial.

    Args:
        trial: what was asked.
        fold: what was learned from.
        measured: by model.
        fits: processor seconds that learning took.
        skipped: models that took no part, and why.
        baseline: whom the others are compared with, if it took part; else it is the first.
    """
    groups = bands(trial)
    baseline = baseline if baseline in measured else next(iter(measured), "")
    standings = [
        Standing(
            name,
            {group: _summary(found.values, places, group) for group, places in groups.items()},
            found.lists,
            fits[name],
            found.milliseconds,
        )
        for name, found in measured.items()
    ]
    return Asked(
        trial.name,
        trial.told,
        fold,
        trial.repeats,
        any(len(case.wanted) > 1 for case in trial.cases),
        {group: len(places) for group, places in groups.items()},
        baseline,
        [*standings, *(Standing(name, {}, skipped=why) for name, why in skipped.items())],
        _differences(measured, baseline),
    )


def bands(trial: Trial) -> dict[str, Sequence[int]]:
    """All people, and thirds by the number of events known of them, as far as these differ."""
    sizes = np.array([len(case.history) for case in trial.cases])
    found: dict[str, Sequence[int]] = {ALL: range(len(sizes))}
    edges = sorted({int(edge) for edge in np.quantile(sizes, [1 / 3, 2 / 3], method="lower")})
    least = int(sizes.min())
    for edge in [*edges, int(sizes.max())]:
        if edge < least:
            continue
        name = f"{least} to {edge} events" if edge > least else f"{edge} event{'s' if edge != 1 else ''}"
        found[name] = np.flatnonzero((sizes >= least) & (sizes <= edge)).tolist()
        least = edge + 1
    return {name: places for name, places in found.items() if len(places)}


def _summary(values: Mapping[str, Floats], places: Sequence[int], group: str) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for metric in METRICS if group == ALL else OF_BANDS:
        held = values[metric][list(places)]
        told = held[~np.isnan(held)]
        if told.size:
            found[metric] = bootstrap(told.tolist())
    return found


def _differences(measured: Mapping[str, Measured], baseline: str) -> dict[str, dict[str, Difference]]:
    """Each model minus the baseline; corrected together are the models of one metric."""
    others = [name for name in measured if name != baseline]
    found: dict[str, dict[str, Difference]] = {name: {} for name in others}
    for metric in TESTED:
        pairs = {name: (measured[name].values[metric], measured[baseline].values[metric]) for name in others}
        p_values = {name: randomisation(one.tolist(), base.tolist()) for name, (one, base) in pairs.items()}
        corrected = holm(p_values)
        for name, (one, base) in pairs.items():
            mean = paired_difference(one.tolist(), base.tolist())
            found[name][metric] = Difference(mean.mean, mean.low, mean.high, p_values[name], corrected[name])
    return found


def shown_metrics(trial: Asked) -> tuple[str, ...]:
    """The metrics of accuracy that a table of this trial has."""
    return SHOWN_SEVERAL if trial.several else SHOWN_ONE


def accuracy_rows(trial: Asked) -> list[list[str]]:
    """Rows of a table: model, the metrics, and the difference to the baseline with its p-values."""
    rows: list[list[str]] = []
    for standing in taking_part(trial):
        row = [standing.name, *(fine(standing.groups[ALL][metric]) for metric in shown_metrics(trial))]
        held = trial.differences.get(standing.name)
        told = [_difference(held[MAIN]), p_text(held[MAIN].p), p_text(held[MAIN].p_holm)] if held else ["", "", ""]
        rows.append(row + told)
    return rows


def lists_rows(trial: Asked) -> list[list[str]]:
    """Rows of a table: model, what its lists come to, and its cost."""
    rows: list[list[str]] = []
    for standing in taking_part(trial):
        held = standing.groups[ALL]
        told = [f"{held[metric].mean:.3f}" if metric in held else "" for metric in SHOWN_LISTS]
        lists = standing.lists
        if lists is not None:
            lift = "" if lists.lift is None else f"{lists.lift:+.2f}"
            told += [f"{lists.coverage:.3f}", f"{lists.gini:.3f}", lift]
        rows.append([standing.name, *told, f"{standing.fit_seconds:.1f}", f"{standing.score_ms:.2f}"])
    return rows


LISTS_HEAD = ("model", *SHOWN_LISTS, "coverage@10", "gini@10", "popularity lift", "fit, CPU s", "score, CPU ms")


def band_rows(trial: Asked) -> list[list[str]]:
    """Rows of a table: model, and of each band the main metric."""
    return [
        [standing.name, *(f"{standing.groups[group][MAIN].mean:.4f}" for group in trial.groups)]
        for standing in taking_part(trial)
    ]


def taking_part(trial: Asked) -> list[Standing]:
    """The models that were measured."""
    return [standing for standing in trial.models if not standing.skipped]


def fine(interval: Interval) -> str:
    """An interval with the four digits that published figures have: ``0.0605 [0.0574, 0.0637]``."""
    return f"{interval.mean:.4f} [{interval.low:.4f}, {interval.high:.4f}]"


def _difference(found: Difference) -> str:
    return f"{found.mean:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
