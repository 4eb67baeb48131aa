"""Two drawings that take their colours from the page: bars with intervals, and accuracy against coverage."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.significance import Interval

WIDTH, LABELS, LINE, MARGIN = 960, 170, 26, 14
HEIGHT, LEFT, BOTTOM = 340, 64, 40
TICKS = 4


def bars(values: Sequence[tuple[str, Interval]], metric: str) -> str:
    """A bar a model, its interval drawn over it."""
    top = max((interval.high for _, interval in values), default=0.0) or 1.0
    room = WIDTH - LABELS - MARGIN
    drawn = "".join(_bar(place, name, interval, room / top) for place, (name, interval) in enumerate(values))
    height = len(values) * LINE + MARGIN
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(metric)} by model">{drawn}</svg>'


def _bar(place: int, name: str, interval: Interval, scale: float) -> str:
    y = place * LINE + MARGIN / 2
    low, mean, high = (LABELS + value * scale for value in (interval.low, interval.mean, interval.high))
    middle = y + LINE * 0.4
    return (
        f'<text x="{LABELS - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{LABELS}" y="{y:.1f}" width="{max(0.5, mean - LABELS):.1f}" height="{LINE * 0.8:.1f}" class="bar">'
        f"<title>{escape(name)}: {interval.mean:.4f} ({interval.low:.4f} to {interval.high:.4f})</title></rect>"
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle:.1f}" y2="{middle:.1f}" class="whisker"/>'
    )


def trade(points: Sequence[tuple[str, float, float]], across: str, up: str) -> str:
    """A point a model: how much of the catalogue its lists show, and how well they meet what was taken.

    Args:
        points: name, value across, value upwards.
        across: what is across.
        up: what is upwards.
    """
    widest = max((x for _, x, _ in points), default=0.0) or 1.0
    highest = max((y for _, _, y in points), default=0.0) or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        room = (WIDTH - LEFT - LABELS, HEIGHT - BOTTOM - MARGIN)
        return LEFT + x / widest * room[0], HEIGHT - BOTTOM - y / highest * room[1]

    axes: list[str] = []
    for tick in range(TICKS + 1):
        x, y = at(widest * tick / TICKS, highest * tick / TICKS)
        axes.append(f'<line x1="{LEFT}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        axes.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{highest * tick / TICKS:.3f}</text>')
        axes.append(f'<text x="{x:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{widest * tick / TICKS:.2f}</text>')
    axes.append(f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - 4}" text-anchor="end">{escape(across)}</text>')
    axes.append(f'<text x="{LEFT}" y="10">{escape(up)}</text>')
    marks = "".join(_mark(name, at(x, y), f"{across} {x:.3f}, {up} {y:.4f}") for name, x, y in points)
    label = f"{up} against {across}"
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(axes)}{marks}</svg>'


def _mark(name: str, at: tuple[float, float], told: str) -> str:
    x, y = at
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="bar"><title>{escape(name)}: {escape(told)}</title></circle>'
        f'<text x="{x + 9:.1f}" y="{y + 4:.1f}">{escape(name)}</text>'
    )
