"""To play with, and what fits nowhere else."""

from __future__ import annotations

from collections.abc import Callable

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
    polygon,
    rect,
    shade,
    soft,
    star,
)  # fmt: skip


def puzzle(p: Paint) -> str:
    """Four pieces, the last one not quite in its place."""
    second, third = p.other(p.dark), p.last(p.dark)
    pieces = (
        rect(84, 76, 106, 106, 10, p.main) + rect(196, 76, 106, 106, 10, second) + rect(84, 188, 106, 106, 10, third)
    )
    knobs = circle(202, 129, 21, p.main) + circle(137, 200, 21, p.main) + circle(249, 194, 21, second)
    corner = rect(202, 200, 106, 106, 10, p.light) + circle(196, 253, 21, p.light)
    return pieces + knobs + group(corner, f"translate(18 18) rotate({6 + 8 * p.size:.0f} 250 250)")


def plush(p: Paint) -> str:
    """A soft animal with a scarf, a bear unless it is another; the larger, the rounder."""
    w = 66 + 18 * p.size
    feet = mirrored(ellipse(200 - w * 0.72, 306, 36, 27, p.main) + ellipse(200 - w * 0.72, 308, 20, 15, p.light))
    arms = mirrored(group(ellipse(118, 226, 24, 46, p.dark), f"translate({66 - w:.0f} 0) rotate(24 118 226)"))
    body = ellipse(200, 252, w, 76, p.main) + ellipse(200, 262, w * 0.6, 48, p.light)
    scarf = p.other("#c0443c")
    knot = rect(140, 190, 120, 24, 12, scarf) + soft("M226 206 L246 262 L222 266 L212 210 Z", scarf, 6)
    kind = next((name for name in ANIMALS if p.says(name)), "bear")
    behind, before = ANIMALS[kind](p)
    eyes = mirrored(circle(172, 126, 8, INK) + circle(169, 123, 2.5, "#ffffff"))
    front = knot + before + eyes if kind == "elephant" else before + eyes + knot  # a trunk hangs over the scarf
    whole = behind + arms + body + feet + ellipse(200, 134, 78, 66, p.main) + front
    return group(whole, "translate(200 332) scale(0.88) translate(-200 -332)") if kind == "rabbit" else whole


def _bear(p: Paint) -> tuple[str, str]:
    ears = mirrored(circle(148, 90, 28, p.main) + circle(148, 90, 15, p.light))
    return ears, ellipse(200, 156, 34, 26, p.light) + MOUTH


def _rabbit(p: Paint) -> tuple[str, str]:
    ear = ellipse(162, 72, 23, 56, p.main) + ellipse(162, 76, 11, 40, p.light)
    return mirrored(group(ear, "rotate(-12 162 110)")), mirrored(ellipse(186, 160, 20, 15, p.light)) + MOUTH


def _otter(p: Paint) -> tuple[str, str]:
    tail = soft("M250 316 Q330 322 330 268 Q316 296 256 290 Z", p.dark, 12)
    whiskers = mirrored(line("M152 152 L122 146 M152 162 L124 168", INK, 3))
    return tail + mirrored(circle(136, 100, 15, p.dark)), ellipse(200, 158, 52, 30, p.light) + MOUTH + whiskers


def _fox(p: Paint) -> tuple[str, str]:
    ears = mirrored(soft("M132 118 L136 62 L182 86 Z", p.main, 10) + soft("M144 104 L146 78 L168 88 Z", p.dark, 4))
    tail = soft("M252 312 Q344 326 332 236 Q306 290 256 284 Z", p.main, 12) + soft(
        "M334 262 Q338 246 332 236 L318 258 Z", PAPER, 8
    )
    cheeks = mirrored(path("M126 146 Q166 140 200 178 Q150 206 126 146 Z", PAPER))
    return ears + tail, cheeks + ellipse(200, 164, 11, 9, INK)


def _elephant(p: Paint) -> tuple[str, str]:
    ears = mirrored(ellipse(116, 126, 48, 56, p.dark) + ellipse(116, 128, 32, 40, p.light))
    way = "M200 152 Q198 200 208 220 Q222 244 248 230"
    trunk = (
        line(way, p.dark, 38)
        + line(way, p.main, 30)
        + circle(200, 142, 19, p.main)
        + line("M190 176 h20 M192 194 h20", p.dark, 4)
    )
    return ears, trunk


MOUTH = ellipse(200, 146, 11, 8, INK) + line("M200 154 V162 M186 166 Q194 174 200 164 Q206 174 214 166", INK, 4)
ANIMALS: dict[str, Callable[[Paint], tuple[str, str]]] = {
    "bear": _bear,
    "rabbit": _rabbit,
    "otter": _otter,
    "fox": _fox,
    "elephant": _elephant,
}


def blocks(p: Paint) -> str:
    """A tower of wooden blocks, higher when there are more."""
    many = p.count(("pieces", "blocks"), 4, 100)
    second, third = p.other(p.dark), p.last(p.light)
    base = rect(88, 256, 76, 76, 10, p.main) + rect(168, 256, 76, 76, 10, second) + rect(248, 256, 76, 76, 10, third)
    signs = (
        circle(126, 294, 20, p.light)
        + star(206, 296, 25, PAPER)
        + soft("M286 274 L306 312 H266 Z", shade(third, -0.25), 4)
    )
    middle = rect(128, 176, 76, 76, 10, third) + rect(208, 176, 76, 76, 10, p.main)
    signs += rect(148, 196, 36, 36, 6, shade(third, -0.25)) + circle(246, 214, 20, p.dark)
    if many <= 30:
        return base + middle + signs + soft("M168 166 H244 L206 112 Z", second, 12) + rect(50, 300, 26, 32, 6, WOOD)
    top = (
        rect(168, 96, 76, 76, 10, WOOD)
        + circle(206, 134, 20, shade(WOOD, -0.25))
        + soft("M178 88 H234 L206 60 Z", second, 8)
    )
    return base + middle + signs + top + circle(348, 312, 20, second) + rect(50, 300, 26, 32, 6, WOOD)


ROUTE = "04 14 24 34 44 43 42 32 22 12 02 01 00 10 20 30 40"  # columns and rows of a path's squares


def boardgame(p: Paint) -> str:
    """A winding path of squares to a star, a pawn for every player and a die."""
    side = 214 + 26 * p.size
    x, y, step = 200 - side / 2, 322 - side, side / 5
    board = rect(x - 8, y + 4, side + 16, side + 8, 18, p.dark) + rect(x - 8, y - 8, side + 16, side + 8, 18, p.main)
    tones = (PAPER, p.other(p.light), PAPER, p.last(p.dark))
    squares = "".join(
        rect(x + int(at[0]) * step + 3, y + int(at[1]) * step + 3, step - 6, step - 6, 8, tones[n % 4])
        for n, at in enumerate(ROUTE.split())
    )
    goal = star(x + 4.5 * step, y + step / 2, step * 0.3, "#e0a030")
    players = p.count(("players", "most players", "max players"), 2, 4)
    places = ((2.5, 2.3, "#c0443c"), (0.5, 4.3, "#3f6fb0"), (2.6, 4.3, "#d6a233"), (0.6, 1.3, "#4f8a5b"))
    pawns = "".join(_pawn(x + c * step, y + r * step, color) for c, r, color in places[:players])
    eyes = "".join(circle(cx, cy, 4.5, INK) for cx, cy in ((283, 225), (307, 225), (295, 237), (283, 249), (307, 249)))
    die = group(rect(270, 212, 50, 50, 10, "#ffffff") + eyes, "translate(10 -2) rotate(14 295 237)")
    return board + squares + goal + pawns + die


def _pawn(x: float, y: float, color: str) -> str:
    skirt = polygon((x - 13, y + 20), (x, y - 16), (x + 13, y + 20))
    return soft(skirt, color, 8) + circle(x, y - 20, 12, color)


def gadget(p: Paint) -> str:
    """An honest parcel with a tag, for what has no likeness: one has to read what is in it."""
    w, high = 88 + 30 * p.size, 120 + 40 * p.size
    top = 328 - high
    box = rect(200 - w, top, 2 * w, high, 12, p.main) + rect(200 - w, 308, 2 * w, 20, 10, p.dark)
    flap = rect(200 - w, top, 2 * w, 34, 12, p.light) + line(f"M{212 - w:.0f} {top + 34:.0f} H{188 + w:.0f}", p.dark, 3)
    string = p.other("#f1ead8")
    cord = line(f"M168 {top + 3:.0f} V326", string, 8)
    knot = line(f"M168 {top:.0f} q-30 -34 -36 -8 q6 16 36 8 q30 -34 36 -8 q-6 16 -36 8", string, 7)
    asks = line("M46 -8 q1 -11 11 -11 q11 0 11 10 q0 7 -11 12 v5 M57 19 v1", p.dark, 6)
    tag = group(
        soft("M0 0 L24 -24 H88 V24 H24 Z", PAPER, 8) + circle(20, 0, 6, p.dark) + asks,
        f"translate(204 {top + 62:.0f}) rotate(16)",
    )
    return box + flap + cord + knot + line(f"M170 {top + 4:.0f} Q190 {top + 30:.0f} 222 {top + 66:.0f}", INK, 3) + tag
