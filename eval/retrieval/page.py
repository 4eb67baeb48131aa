"""An evaluation as one HTML page: figures, a plot of the differences, and what changed most, side by side.

Nothing outside the page is asked for and there is no script in it; every text of the catalogue and of the judgments
is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from importlib import resources
from string import Template

from eval.retrieval.metrics import MAIN, METRICS
from eval.retrieval.plot import differences_plot
from eval.retrieval.rankers import Found
from eval.retrieval.report import ALL, SHOWN_RESULTS, Answered, Evaluation, Report, changes, p_text, signed

SHOWN_CHANGES = 10
SHOWN_IDS = 20
PROVED = 0.05


def page(evaluation: Evaluation, made_at: datetime) -> str:
    """The page of an evaluation."""
    held = evaluation.report
    text = resources.files("eval.retrieval").joinpath("page.html").read_text(encoding="utf-8")
    one, other = held.pair
    differences = changes(held)
    best = [change for change in differences if change[0] > 0][:SHOWN_CHANGES]
    worst = [change for change in reversed(differences) if change[0] < 0][:SHOWN_CHANGES]
    return Template(text).substitute(
        title="Search quality",
        subtitle=escape(
            f"{held.groups[ALL]:,} queries, {held.judgments:,} judgments, {held.products:,} products; "
            f"{made_at:%Y-%m-%d %H:%M} UTC"
        ),
        baseline=escape(held.baseline),
        one=escape(one),
        other=escape(other),
        notes=_notes(held),
        summary=_summary(held),
        classes=_classes(held),
        plot=differences_plot([(difference, answered.query) for difference, answered in differences]),
        counts=escape(_counts([difference for difference, _ in differences], other)),
        best=_changed(evaluation, best),
        worst=_changed(evaluation, worst),
    )


def _notes(held: Report) -> str:
    told: list[str] = []
    for standing in held.rankers:
        if standing.skipped:
            told.append(f"<strong>{escape(standing.name)}</strong> took no part: {escape(standing.skipped)}")
        if standing.refused:
            told.append(
                f"<strong>{escape(standing.name)}</strong> refused {len(standing.refused)} queries, which count as "
                f"nothing found: {_listed(standing.refused)}"
            )
    if held.unknown_products:
        told.append(
            f"{len(held.unknown_products):,} judged products are not in the shop and were left out: "
            f"{_listed(held.unknown_products)}"
        )
    if held.unknown_queries:
        told.append(f"Queries of which no judged product is in the shop: {_listed(held.unknown_queries)}")
    if held.folding:
        sizes = ", ".join(map(str, held.folding.sizes))
        told.append(
            f"What was trained had not seen the queries it answers: {held.folding.count}-fold cross-validation: "
            f"{held.folding.groups} groups of near-duplicate queries in folds of {sizes}."
        )
    return f"<ul>{''.join(f'<li>{line}</li>' for line in told)}</ul>" if told else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"<code>{escape(name)}</code>" for name in names[:SHOWN_IDS])
    return f"{shown} and {len(names) - SHOWN_IDS:,} more" if len(names) > SHOWN_IDS else shown


def _summary(held: Report) -> str:
    """The rankers over all queries."""
    head = ["ranker", *METRICS, f"{MAIN} minus {held.baseline}", "p", "p (Holm)"]
    rows: list[list[str]] = []
    for standing in held.rankers:
        if standing.skipped:
            continue
        cells = [f"<strong>{escape(standing.name)}</strong>"]
        for metric in METRICS:
            interval = standing.groups[ALL][metric]
            cells.append(f"{interval.mean:.3f} <small>{interval.low:.3f} to {interval.high:.3f}</small>")
        compared = held.comparison(standing.name, held.baseline)
        if compared is None:
            rows.append([*cells, '<span class="soft">baseline</span>', "", ""])
            continue
        found = compared.groups[ALL][MAIN]
        told = f"{signed(found.mean)} <small>{signed(found.low)} to {signed(found.high)}</small>"
        rows.append(
            [*cells, _tinted(told, found.mean, found.p_holm), escape(p_text(found.p)), escape(p_text(found.p_holm))]
        )
    return _table(head, rows)


def _classes(held: Report) -> str:
    """The rankers' nDCG@10 by class of query."""
    head = ["ranker", *(f"{group} ({count:,})" for group, count in held.groups.items())]
    rows: list[list[str]] = []
    for standing in held.rankers:
        if standing.skipped:
            continue
        compared = held.comparison(standing.name, held.baseline)
        cells = [f"<strong>{escape(standing.name)}</strong>"]
        for group in held.groups:
            cell = f"{standing.groups[group][MAIN].mean:.3f}"
            if compared is not None:
                found = compared.groups[group][MAIN]
                told = f"<small>{signed(found.mean)}, p {escape(p_text(found.p_holm))}</small>"
                cell += f" {_tinted(told, found.mean, found.p_holm)}"
            cells.append(cell)
        rows.append(cells)
    return _table(head, rows)


def _tinted(told: str, mean: float, p: float) -> str:
    """Green or red where chance is an unlikely explanation, plain where it is not."""
    kind = "plain" if p >= PROVED else "up" if mean > 0 else "down"
    return f'<span class="{kind}">{told}</span>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    names = [escape(name) for name in head]
    body = "".join(
        "<tr>"
        + "".join(f'<td data-label="{name}">{cell}</td>' for name, cell in zip(names, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{"".join(f"<th>{name}</th>" for name in names)}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _counts(differences: Sequence[float], other: str) -> str:
    better = sum(difference > 0 for difference in differences)
    worse = sum(difference < 0 for difference in differences)
    return (
        f"{other} is better on {better:,}, worse on {worse:,}, even on {len(differences) - better - worse:,} queries."
    )


def _changed(evaluation: Evaluation, found: Sequence[tuple[float, Answered]]) -> str:
    """Queries with both lists; the first is unfolded, to show that there is something inside."""
    told = [_change(evaluation, *change, unfolded=not place) for place, change in enumerate(found)]
    return "".join(told) or _nothing()


def _change(evaluation: Evaluation, difference: float, answered: Answered, *, unfolded: bool) -> str:
    """One query with the first products of both rankers."""
    sides = "".join(_side(evaluation, name, answered) for name in evaluation.report.pair)
    kind = "up" if difference > 0 else "down"
    tags = "".join(f'<span class="tag">{escape(name)}</span>' for name in answered.classes)
    return (
        f'<details class="change"{" open" if unfolded else ""}>'
        f'<summary><span class="{kind}">{signed(difference)}</span> '
        f"<strong>{escape(answered.query)}</strong> {tags}</summary>"
        f'<div class="sides">{sides}</div></details>'
    )


def _side(evaluation: Evaluation, name: str, answered: Answered) -> str:
    gains = evaluation.judgments[answered.query]
    found = evaluation.rankings[name][answered.query][:SHOWN_RESULTS]
    rows = "".join(_result(one, evaluation.titles.get(one.id, one.id), gains.get(one.id)) for one in found)
    score = answered.scores[name][MAIN]
    return (
        f'<section><h4>{escape(name)} <span class="soft">{MAIN} {score:.3f}</span></h4>'
        f"{f'<ol>{rows}</ol>' if rows else _nothing('Nothing was found.')}</section>"
    )


def _result(found: Found, title: str, gain: float | None) -> str:
    why = f'<span class="why">{escape("; ".join(found.why))}</span>' if found.why else ""
    return f'<li><span class="gain {_grade(gain)}">{_gain(gain)}</span> {escape(title)}{why}</li>'


def _gain(gain: float | None) -> str:
    return "not judged" if gain is None else f"{gain:.3g}"


def _grade(gain: float | None) -> str:
    """The class of a gain's colour: exact, some, little, none, unjudged."""
    if gain is None:
        return "unjudged"
    return "exact" if gain >= 1 else "some" if gain >= 0.1 else "little" if gain > 0 else "none"


def _nothing(told: str = "None.") -> str:
    return f'<p class="soft">{told}</p>'
