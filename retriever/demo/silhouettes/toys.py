"""To play with, and what fits nowhere else."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    INK,
    PAPER,
    WOOD,
    Paint,
    circle,
    ellipse,
    group,
    line,
    mirrored,
    path,
    rect,
    shade,
    soft,
    star,
)  # fmt: skip


def puzzle(p: Paint) -> str:
    """Four pieces, the last one not quite in its place."""
    pieces = (
        rect(96, 96, 100, 100, 10, p.main)
        + rect(200, 96, 100, 100, 10, p.second)
        + rect(96, 200, 100, 100, 10, p.third)
    )
    knobs = circle(204, 146, 20, p.main) + circle(146, 204, 20, p.main) + circle(250, 202, 20, p.second)
    corner = rect(206, 206, 100, 100, 10, p.light) + circle(202, 256, 20, p.light)
    return pieces + knobs + group(corner, f"translate(18 18) rotate({8 + 6 * p.size:.0f} 250 250)")


def plush(p: Paint) -> str:
    """A soft bear with a scarf; the larger, the rounder."""
    w = 66 + 18 * p.size
    ears = mirrored(circle(148, 92, 28, p.main) + circle(148, 92, 15, p.light))
    feet = mirrored(ellipse(200 - w * 0.72, 306, 36, 27, p.main) + ellipse(200 - w * 0.72, 308, 20, 15, p.light))
    arms = mirrored(group(ellipse(118, 226, 24, 46, p.dark), f"translate({66 - w:.0f} 0) rotate(24 118 226)"))
    body = ellipse(200, 252, w, 76, p.main) + ellipse(200, 262, w * 0.6, 48, p.light)
    head = ellipse(200, 134, 78, 68, p.main) + ellipse(200, 156, 34, 26, p.light)
    face = (
        mirrored(circle(172, 126, 8, INK) + circle(169, 123, 2.5, "#ffffff"))
        + ellipse(200, 146, 11, 8, INK)
        + line("M200 154 V162 M186 166 Q194 174 200 164 Q206 174 214 166", INK, 4)
    )
    scarf = p.other("#c0443c")
    knot = rect(140, 190, 120, 24, 12, scarf) + soft("M226 206 L246 262 L222 266 L212 210 Z", scarf, 6)
    return ears + arms + body + feet + head + face + knot


def blocks(p: Paint) -> str:
    """A tower of wooden blocks, higher when there are more."""
    many = p.count(("pieces", "blocks", "count"), 4, 7)
    base = (
        rect(88, 256, 76, 76, 10, p.main) + rect(168, 256, 76, 76, 10, p.second) + rect(248, 256, 76, 76, 10, p.third)
    )
    signs = (
        circle(126, 294, 20, p.light)
        + star(206, 296, 25, PAPER)
        + soft("M286 274 L306 312 H266 Z", shade(p.third, 0.4), 4)
    )
    middle = (
        rect(122, 176, 76, 76, 10, p.third)
        + rect(202, 176, 76, 76, 10, p.main)
        + rect(142, 196, 36, 36, 6, shade(p.third, 0.4))
        + circle(240, 214, 20, p.dark)
    )
    roof = soft("M164 166 H236 L200 110 Z", p.second, 12)
    if many > 5:
        roof = (
            rect(162, 96, 76, 76, 10, p.dark)
            + circle(200, 134, 20, p.light)
            + soft("M170 88 H230 L200 58 Z", p.second, 8)
        )
    ball = circle(332, 236, 20, p.second) if many > 6 else rect(56, 300, 26, 32, 6, WOOD)
    return base + signs + middle + roof + ball


def boardgame(p: Paint) -> str:
    """A winding path of squares, pawns upon it and a die."""
    side = 214 + 26 * p.size
    x, y = 200 - side / 2, 322 - side
    board = rect(x - 8, y + 4, side + 16, side + 8, 18, p.dark) + rect(x - 8, y - 8, side + 16, side + 8, 18, p.main)
    step = side / 5
    route = (
        (0, 4),
        (1, 4),
        (2, 4),
        (3, 4),
        (4, 4),
        (4, 3),
        (4, 2),
        (3, 2),
        (2, 2),
        (1, 2),
        (0, 2),
        (0, 1),
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 0),
    )
    tones = (PAPER, p.other(p.light), PAPER, p.last(p.dark))
    squares = "".join(
        rect(x + c * step + 3, y + r * step + 3, step - 6, step - 6, 8, tones[n % 4]) for n, (c, r) in enumerate(route)
    )
    goal = star(x + 4.5 * step, y + step / 2, step * 0.3, "#e0a030")
    players = min(4, p.count(("players", "players_max", "max_players"), 2, 4))
    pawns = "".join(
        soft(f"M{px - 13:.0f} {py + 20:.0f} L{px:.0f} {py - 16:.0f} L{px + 13:.0f} {py + 20:.0f} Z", color, 8) + circle(px, py - 20, 12, color)
        for (px, py), color in zip(
            ((x + 2.5 * step, y + 2.3 * step), (x + 0.5 * step, y + 4.3 * step), (x + 3.5 * step, y + 4.3 * step), (x + 0.6 * step, y + 1.3 * step)),
            ("#c0443c", "#3f6fb0", "#d6a233", "#4f8a5b"), strict=True,
        )
    ) if players == 4 else "".join(
        soft(f"M{px - 13:.0f} {py + 20:.0f} L{px:.0f} {py - 16:.0f} L{px + 13:.0f} {py + 20:.0f} Z", color, 8) + circle(px, py - 20, 12, color)
        for (px, py), color in (((x + 2.5 * step, y + 2.3 * step), "#c0443c"), ((x + 0.5 * step, y + 4.3 * step), "#3f6fb0"))
    )  # fmt: skip
    die = group(
        rect(270, 212, 50, 50, 10, "#ffffff")
        + "".join(circle(cx, cy, 4.5, INK) for cx, cy in ((283, 225), (307, 225), (295, 237), (283, 249), (307, 249))),
        "translate(6 -8) rotate(14 295 237)",
    )
    return board + squares + goal + pawns + die


def gadget(p: Paint) -> str:
    """An honest parcel with a tag, for what has no likeness: nobody knows what is in it."""
    w = 90 + 30 * p.size
    lift = 120 + 40 * p.size
    top = 326 - lift
    box = (
        rect(200 - w, top, 2 * w, lift, 12, p.main)
        + rect(200 - w, top, 2 * w, 34, 12, p.light)
        + rect(200 - w, 306, 2 * w, 20, 10, p.dark)
    )
    string = p.other("#f1ead8")
    tied = rect(190, top, 20, lift, 0, string)
    bow = path(
        f"M200 {top:.0f} Q150 {top - 52:.0f} 142 {top - 14:.0f} Q144 {top + 10:.0f} 200 {top:.0f} Z M200 {top:.0f} Q250 {top - 52:.0f} 258 {top - 14:.0f} Q256 {top + 10:.0f} 200 {top:.0f} Z",
        string,
    ) + circle(200, top, 13, shade(string, -0.2))
    tag = group(
        soft("M0 0 L24 -18 H84 V18 H24 Z", PAPER, 8)
        + circle(20, 0, 6, p.dark)
        + line("M40 -6 H72 M40 8 H62", p.dark, 5),
        f"translate(212 {top + 50:.0f}) rotate(24)",
    )
    return box + tied + line(f"M202 {top + 4:.0f} Q214 {top + 26:.0f} 230 {top + 58:.0f}", INK, 3) + tag + bow
