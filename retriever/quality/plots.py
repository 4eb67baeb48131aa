"""The plots of the quality page, as SVG that takes its colours from the page.

Matplotlib draws in marker colours, which become CSS variables, so that one drawing serves
light and dark. Texts stay texts: the browser has the fonts for every script.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from retriever.quality.survey import CategoryPrices, FarPrice, Graded, PastScore

WIDTH = 4.4  # inches; at the width of a phone its letters are still of a readable size
ROW = 0.27  # inches of height for each bar
LABEL = 24  # letters of a name beside an axis
MOST_ROWS = 16
FEEDS = 4  # lines with a colour of their own

INK, GRID, MARK, BOX = "#010101", "#010102", "#010103", "#010104"
SEVERITY = {"error": "#010105", "warning": "#010106", "info": "#010107"}
LINES = ("#010111", "#010112", "#010113", "#010114")
STYLES = ("-", "--", "-.", ":")
VARIABLES = {
    INK: "currentColor",
    GRID: "var(--line)",
    MARK: "var(--mark)",
    BOX: "var(--box)",
    **{colour: f"var(--{name})" for name, colour in SEVERITY.items()},
    **{colour: f"var(--c{number})" for number, colour in enumerate(LINES, start=1)},
}

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a dollar sign is a price here
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "ytick.left": False,
}


def scores_plot(history: Sequence[PastScore]) -> str:
    """The score of each feed from import to import."""

    def draw(axes: Any) -> None:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        lines: dict[str, Any] = {}
        for number, feed in enumerate(dict.fromkeys(held.feed for held in history)):
            mine = [held for held in history if held.feed == feed]
            colour, style = LINES[number % FEEDS], STYLES[number // FEEDS % len(STYLES)]
            times, values = [held.measured_at for held in mine], [held.score for held in mine]
            (lines[feed],) = axes.plot(times, values, marker="o", markersize=4, color=colour, linestyle=style)
        locator = AutoDateLocator(maxticks=5)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.set_ylim(0, 103)
        # Matplotlib leaves out names that begin with an underscore.
        axes.legend(
            [*lines.values()], [f" {_label(feed)}" for feed in lines], frameon=False, loc="lower left", labelcolor=INK
        )

    return _svg("scores", draw, 2.6)


def findings_plot(findings: Sequence[Graded]) -> str:
    """The share of the products that each check is about, coloured by how bad it is."""
    shown = sorted(findings, key=lambda one: one.share, reverse=True)[:MOST_ROWS]
    names = [one.check.replace("_", " ") for one in shown]
    colours = [SEVERITY[one.severity] for one in shown]
    return _bars("findings", names, [100 * one.share for one in shown], colours, [f"{one.count:,}" for one in shown])


def filled_plot(filled: dict[str, float]) -> str:
    """The share of the products that have each field."""
    names = sorted(filled, key=lambda name: -filled[name])
    values = [100 * filled[name] for name in names]
    return _bars("filled", names, values, [MARK] * len(names), [f"{value:.0f} %" for value in values])


def prices_plot(prices: Sequence[CategoryPrices], outliers: Sequence[FarPrice], currency: str) -> str:
    """Prices by category, from the least to the most, with the outliers marked."""
    shown = sorted(prices, key=lambda held: held.median)
    places = {held.category: place for place, held in enumerate(shown)}
    far = [outlier for outlier in outliers if outlier.category in places]

    def draw(axes: Any) -> None:
        boxes = [
            {
                "label": _label(held.category),
                "whislo": held.least,
                "q1": held.quarter,
                "med": held.median,
                "q3": held.three_quarters,
                "whishi": held.most,
                "fliers": [],
            }
            for held in shown
        ]
        line = {"color": MARK}
        axes.bxp(
            boxes,
            positions=range(len(boxes)),
            orientation="horizontal",
            widths=0.6,
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": BOX, "edgecolor": MARK},
            medianprops={"color": MARK, "linewidth": 2},
            whiskerprops=line,
            capprops=line,
        )
        at = [places[outlier.category] for outlier in far]
        axes.scatter(
            [outlier.price for outlier in far], at, marker="x", s=34, linewidth=1.6, color=SEVERITY["error"], zorder=3
        )
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axes.set_xlabel(currency)
        axes.grid(visible=False, axis="y")

    return _svg("prices", draw, 0.9 + ROW * max(len(shown), 3))


def _bars(name: str, names: Sequence[str], values: Sequence[float], colours: Sequence[str], told: Sequence[str]) -> str:
    def draw(axes: Any) -> None:
        bars = axes.barh(range(len(names)), values, color=colours, height=0.66)
        axes.set_yticks(range(len(names)), [_label(one) for one in names])
        axes.invert_yaxis()
        axes.set_xlim(0, min(112, 1.2 * max([*values, 1])))
        axes.bar_label(bars, told, padding=3)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("% of the products")

    return _svg(name, draw, 0.8 + ROW * max(len(names), 2))


def _svg(name: str, draw: Callable[[Any], None], height: float) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # The ids of several drawings in one page must differ, and be the same for the same data.
    with rc_context({**SETTINGS, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # only its own measuring lacks the glyph
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        figure.patch.set_visible(False)
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        axes.patch.set_visible(False)
        draw(axes)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r'\1 role="img"', text, count=1)
    return re.sub(r"#0101[01][1-7]", lambda match: VARIABLES[match[0]], text)


def _label(name: str) -> str:
    """A name that fits beside an axis; a Chinese character takes the room of two letters."""
    room, shown = LABEL, ""
    for char in name:
        if char.isprintable():
            room -= 2 if unicodedata.east_asian_width(char) in "WF" else 1
            if room < 0:
                return f"{shown}…"
            shown += char
    return shown
