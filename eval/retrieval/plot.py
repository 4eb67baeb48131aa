"""The differences of two rankers query by query, as a drawing that takes its colours from the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, MARGIN = 960, 260, 44, 14
TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)
WIDEST = 24.0  # of one query's bar


def differences_plot(differences: Sequence[tuple[float, str]]) -> str:
    """A bar a query in the given order, upwards where the second ranker is better; the bar tells its query.

    Args:
        differences: of each query the difference in nDCG, between -1 and 1, with its words.
    """
    room = (WIDTH - LEFT) / max(1, len(differences))
    step = min(WIDEST, room)
    lines = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}" '
        f'class="{"grid" if tick else "zero"}"/>'
        f'<text x="{LEFT - 6}" y="{_y(tick) + 4:.1f}" text-anchor="end">{tick:+.1f}</text>'
        for tick in TICKS
    )
    bars = "".join(
        f'<rect x="{LEFT + place * step:.2f}" y="{min(_y(0), _y(value)):.2f}" width="{max(0.5, step * 0.86):.2f}" '
        f'height="{max(1.0, abs(_y(0) - _y(value))):.2f}" class="{_kind(value)}">'
        f"<title>{escape(query)}: {value:+.3f}</title></rect>"
        for place, (value, query) in enumerate(differences)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Differences by query, sorted">{lines}{bars}</svg>'
    )


def _y(value: float) -> float:
    return MARGIN + (1 - value) / 2 * (HEIGHT - 2 * MARGIN)


def _kind(value: float) -> str:
    return "even" if value == 0 else "better" if value > 0 else "worse"
