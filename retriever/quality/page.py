"""The quality of a shop as one HTML page: nothing outside it is asked for, and there is no script in it.

Every text of the catalogue is escaped here; the page's own policy forbids what would slip through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from importlib import resources
from string import Template

from retriever.quality.plots import filled_plot, findings_plot, prices_plot, scores_plot
from retriever.quality.survey import SEVERITIES, Survey

NOTHING = '<p class="soft">Nothing.</p>'


def page(survey: Survey, made_at: datetime) -> str:
    """The page of a survey."""
    text = resources.files("retriever.quality").joinpath("page.html").read_text(encoding="utf-8")
    title = f"Data quality of {survey.feed}" if survey.feed else "Data quality of the shop"
    return Template(text).substitute(
        title=escape(title),
        subtitle=f"{survey.products:,} products, {made_at:%Y-%m-%d %H:%M} UTC",
        score=f"{survey.score:.1f}",
        tally=_tally(survey),
        plots=_plots(survey),
        findings=_findings(survey),
        outliers=_outliers(survey),
        completions=_completions(survey),
        history=_history(survey),
    )


def _tally(survey: Survey) -> str:
    told = [
        f'<span class="{severity}">checks with {word}: '
        f"{sum(1 for one in survey.findings if one.severity == severity)}</span>"
        for severity, word in zip(SEVERITIES, ("errors", "warnings", "hints"), strict=True)
    ]
    told += [f"<span>left out: {escape(_name(check))} ({escape(why)})</span>" for check, why in survey.not_run.items()]
    return "".join(told)


def _plots(survey: Survey) -> str:
    drawn: list[tuple[str, str, str]] = []
    if survey.history:
        drawn.append(("Score over time", "one point an import", scores_plot(survey.history)))
    if survey.findings:
        drawn.append(("Findings by check", "how many products", findings_plot(survey.findings)))
    drawn.append(("Completeness by field", "products that have it", filled_plot(survey.filled)))
    if survey.prices:
        told = "box: the middle half; cross: an outlier"
        drawn.append(("Prices by category", told, prices_plot(survey.prices, survey.price_outliers, survey.currency)))
    return "".join(
        f"<figure><figcaption>{escape(title)} <span>{escape(told)}</span></figcaption>{svg}</figure>"
        for title, told, svg in drawn
    )


def _findings(survey: Survey) -> str:
    rows = [
        (
            f'<span class="{one.severity}">{one.severity}</span>',
            f"<strong>{escape(_name(one.check))}</strong>",
            f"{one.count:,}",
            f"{100 * one.share:.1f} %",
            _list(_example(example) for example in one.examples),
        )
        for one in survey.findings
    ]
    return _table(("severity", "check", "#count", "#share", "examples"), rows)


def _outliers(survey: Survey) -> str:
    rows = [
        (f"<code>{escape(one.id)}</code>", escape(one.category), f"{one.price:,.2f}", f"{one.median:,.2f}")
        for one in survey.price_outliers
    ]
    return _table(("product", "category", f"#price, {survey.currency}", "#middle of the category"), rows)


def _completions(survey: Survey) -> str:
    rows = [
        (
            f"<strong>{escape(one.field)}</strong>",
            f"{one.count:,}",
            f"{one.confidence:.2f}",
            _list(
                f"<code>{escape(held.id)}</code>: {escape(held.value)} "
                f'<span class="soft">({held.confidence:.2f}; {escape(held.source)})</span>'
                for held in one.examples
            ),
        )
        for one in survey.completions
    ]
    return _table(("field", "#products", "#mean confidence", "the surest"), rows)


def _history(survey: Survey) -> str:
    rows = [
        (f"{held.measured_at:%Y-%m-%d %H:%M}", escape(held.feed), f"{held.score:.1f}")
        for held in reversed(survey.history)
    ]
    if not rows:
        return NOTHING
    return f"<details><summary>{len(rows)} imports</summary>{_table(('when', 'feed', '#score'), rows)}</details>"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; a heading with # is one of numbers."""
    if not rows:
        return NOTHING
    kinds = [' class="number"' if heading.startswith("#") else "" for heading in headings]
    names = [escape(heading.removeprefix("#")) for heading in headings]
    head = "".join(f"<th{kind}>{name}</th>" for kind, name in zip(kinds, names, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            f'<td{kind} data-label="{name}">{cell}</td>' for kind, name, cell in zip(kinds, names, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _example(example: str) -> str:
    id, colon, said = example.partition(": ")
    return f"<code>{escape(id)}</code>{escape(colon + said)}"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _name(check: str) -> str:
    return check.replace("_", " ")
