"""An evaluation of recommendations as one HTML page, with nothing from outside and no script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from importlib import resources
from string import Template

from eval.recommendation.plot import bars, trade
from eval.recommendation.report import (
    ALL,
    LISTS_HEAD,
    MAIN,
    PROVED,
    Asked,
    Report,
    band_rows,
    lists_rows,
    shown_metrics,
    taking_part,
)
from eval.retrieval.report import p_text


def page(report: Report, made_at: datetime) -> str:
    """The page of a report."""
    text = resources.files("eval.recommendation").joinpath("page.html").read_text(encoding="utf-8")
    skipped = {one.name: one.skipped for trial in report.trials for one in trial.models if one.skipped}
    notes = [escape(note) for note in report.notes]
    notes += [f"<strong>{escape(name)}</strong> took no part: {escape(why)}" for name, why in skipped.items()]
    return Template(text).substitute(
        title=escape(f"Recommendation quality: {report.data}"),
        subtitle=escape(
            f"{report.people:,} people, {report.items:,} items, {report.events:,} events; {report.part}, "
            f"seed {report.seed}; {made_at:%Y-%m-%d %H:%M} UTC"
        ),
        notes="".join(f"<li>{note}</li>" for note in notes),
        trials="".join(_trial(trial) for trial in report.trials),
    )


def _trial(trial: Asked) -> str:
    standings = taking_part(trial)
    head = f"<h2>{escape(trial.name)}</h2><p>{escape(trial.told)} {trial.groups[ALL]:,} people.</p>"
    if not standings:
        return head + '<p class="soft">No model took part.</p>'
    points = [(one.name, one.lists.coverage, one.groups[ALL][MAIN].mean) for one in standings if one.lists]
    bands = [f"{name} ({count:,})" for name, count in trial.groups.items()]
    return (
        head
        + _accuracy(trial)
        + f"<figure>{bars([(one.name, one.groups[ALL][MAIN]) for one in standings], MAIN)}"
        + f"<figcaption>{MAIN} with 95 % intervals</figcaption></figure>"
        + f"<figure>{trade(points, 'coverage@10', MAIN)}"
        + f"<figcaption>{MAIN} against the share of the catalogue that is in any list</figcaption></figure>"
        + "<h3>What the lists come to</h3>"
        + _table(LISTS_HEAD, [[escape(cell) for cell in row] for row in lists_rows(trial)])
        + f"<h3>{MAIN} by what is known of the person</h3>"
        + _table(["model", *bands], [[escape(cell) for cell in row] for row in band_rows(trial)])
    )


def _accuracy(trial: Asked) -> str:
    metrics = shown_metrics(trial)
    rows: list[list[str]] = []
    for standing in taking_part(trial):
        cells = [f"<strong>{escape(standing.name)}</strong>"]
        for metric in metrics:
            held = standing.groups[ALL][metric]
            cells.append(f"{held.mean:.4f} <small>{held.low:.4f} to {held.high:.4f}</small>")
        found = trial.differences.get(standing.name)
        if found is None:
            rows.append([*cells, '<span class="soft">baseline</span>', ""])
            continue
        held = found[MAIN]
        kind = "plain" if held.p_holm >= PROVED else "up" if held.mean > 0 else "down"
        told = f"{held.mean:+.4f} <small>{held.low:+.4f} to {held.high:+.4f}</small>"
        rows.append([*cells, f'<span class="{kind}">{told}</span>', escape(p_text(held.p_holm))])
    return _table(["model", *metrics, f"{MAIN} minus {trial.baseline}", "p (Holm)"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'
