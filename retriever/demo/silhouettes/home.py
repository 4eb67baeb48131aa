"""For the rooms of a home."""

from __future__ import annotations

import math

from retriever.demo.silhouettes.shapes import (
    INK,
    LEAF,
    PAPER,
    WOOD,
    Paint,
    circle,
    ellipse,
    flame,
    group,
    line,
    number,
    path,
    rect,
    shade,
    soft,
)  # fmt: skip


def lamp(p: Paint) -> str:
    """A jointed lamp on a base of its material, with its pool of light."""
    light = group(path("M232 176 L172 306 H352 L294 148 Z", "#ffe7a3"), opacity=0.55)
    arm = line("M136 304 L112 196 L232 112", p.dark, 13) + circle(112, 196, 14, p.other(p.main))
    head = path("M212 96 Q250 62 286 92 L304 142 L222 182 Z", p.main)
    base = 110 + 40 * p.size
    return light + arm + head + rect(136 - base / 2, 308, base, 24, 12, p.material)


def blanket(p: Paint) -> str:
    """A folded blanket with stripes and a fringe."""
    w = 196 + 50 * p.size
    x = 200 - w / 2
    fringe = "".join(line(f"M{number(x + 16 + n * (w - 32) / 11)} 296 V326", p.dark, 7) for n in range(12))
    folds = rect(x, 118, w, 182, 26, p.main) + rect(x, 118, w, 50, 24, p.light) + rect(x, 166, w, 8, 0, p.dark)
    stripe = p.other(p.light)
    return fringe + folds + rect(x, 216, w, 16, 0, stripe) + rect(x, 244, w, 8, 0, p.dark)


def candle(p: Paint) -> str:
    """A candle burning in its glass; the larger, the taller."""
    w, top = 130 + 40 * p.size, 200 - 36 * p.size
    x = 200 - w / 2
    glow = group(circle(200, top - 20, 76, GLOW_SOFT), opacity=0.3) + group(
        circle(200, top - 20, 50, GLOW_SOFT), opacity=0.45
    )
    glass = rect(x - 8, top - 22, w + 16, 354 - top, 26, "#e6f0f1")
    wax = rect(x + 2, top + 12, w - 4, 310 - top, 20, p.main) + ellipse(200, top + 14, w / 2 - 2, 14, p.light)
    label = rect(200 - w * 0.32, 234, w * 0.64, 62, 8, PAPER) + path(
        "M200 244 q22 20 0 42 q-22 -22 0 -42 Z", p.other(p.dark)
    )
    return glow + glass + wax + line(f"M200 {top + 12:.0f} V{top - 6:.0f}", INK, 5) + flame(200, top - 2, 54) + label


GLOW_SOFT = "#fff3c4"


def plantpot(p: Paint) -> str:
    """A pot on its saucer, with something green that does well in it."""
    w = 66 + 26 * p.size
    leaves = "".join(
        group(path(f"M200 200 q-34 -52 0 -{length} q34 {length - 52} 0 {length} Z", tone), f"rotate({turn} 200 204)")
        for turn, length, tone in (
            (-62, 106, "#4f7d4b"), (62, 106, "#4f7d4b"), (-34, 128, LEAF), (34, 128, LEAF), (0, 142, "#74a56c"),
        )
    )  # fmt: skip
    pot = soft(f"M{206 - w:.0f} 204 H{194 + w:.0f} L{178 + w:.0f} 312 H{222 - w:.0f} Z", p.main, 12)
    band = path(
        f"M{209 - w:.0f} 252 H{191 + w:.0f} L{188 + w:.0f} 272 H{212 - w:.0f} Z",
        p.other(p.light),
    )
    rim = rect(190 - w, 192, 2 * w + 20, 28, 10, p.light)
    return leaves + pot + band + rim + rect(202 - w, 316, 2 * w - 4, 16, 8, p.dark)


def _strokes(r: float, fill: str) -> str:
    turns = ((math.sin(n * math.pi / 6), math.cos(n * math.pi / 6)) for n in range(12))
    return line(
        " ".join(
            f"M{200 + (r - 34) * x:.0f} {200 - (r - 34) * y:.0f} L{200 + (r - 46) * x:.0f} {200 - (r - 46) * y:.0f}"
            for x, y in turns
        ),
        fill,
        6,
    )


def clock(p: Paint) -> str:
    """A wall clock at ten past ten, as clocks in shops are."""
    r = 108 + 22 * p.size
    face = circle(200, 200, r, p.dark) + circle(200, 197, r - 3, p.main) + circle(200, 200, r - 22, PAPER)
    marks = (
        _strokes(r, p.dark)
        if p.says("strokes")
        else "".join(
            circle(
                200 + (r - 38) * math.sin(n * math.pi / 6),
                200 - (r - 38) * math.cos(n * math.pi / 6),
                6 if n % 3 == 0 else 3.5,
                p.dark,
            )
            for n in range(12)
        )
    )
    hands = line(f"M200 200 L{200 - r * 0.36:.0f} {200 - r * 0.22:.0f}", INK, 11) + line(
        f"M200 200 L{200 + r * 0.46:.0f} {200 - r * 0.29:.0f}", INK, 8
    )
    second = line(f"M200 218 L200 {200 + r * 0.56:.0f}", p.other("#c0443c"), 4)
    return face + marks + hands + second + circle(200, 200, 10, INK)


def towel(p: Paint) -> str:
    """A towel over a wooden rail; the larger, the longer."""
    end = 262 + 56 * p.size
    rail = (
        rect(84, 84, 232, 16, 8, WOOD)
        + rect(92, 66, 12, 40, 6, shade(WOOD, -0.3))
        + rect(296, 66, 12, 40, 6, shade(WOOD, -0.3))
    )
    back = rect(136, 90, 142, end - 122, 6, p.dark)
    front = rect(122, 80, 142, end - 80, 12, p.main)
    stripe = p.other(p.light)
    stripes = rect(122, end - 60, 142, 18, 0, stripe) + rect(122, end - 34, 142, 6, 0, p.dark)
    fringe = "".join(line(f"M{130 + n * 14} {end - 2:.0f} v14", p.dark, 5) for n in range(10))
    return fringe + rail + back + front + stripes + rect(132, 92, 10, end - 170, 5, p.light)


GLOWS = {
    "multicoloured": ("#d2543f", "#ecc94b", "#4f8a5b", "#3f6fb0"),
    "candle amber": ("#f0a13c", "#f6b961"),
    "warm white": ("#ffd98c", "#ffe8b8"),
}


def lights(p: Paint) -> str:
    """Two strings of lamps on a cord in its colour; the lamps glow as they are said to."""
    lamps = p.count(("bulbs", "lamps"), 3, 5)
    tones = next((tones for name, tones in GLOWS.items() if p.says(name)), (p.other("#ffd071"), p.last("#ffe6ae")))
    shown = ""
    for row, (y, sag, turn) in enumerate(((84, 56, 0), (196, 56, 1))):
        shown += line(f"M52 {y} Q200 {y + 2 * sag} 348 {y}", p.main, 7)
        for n in range(lamps + turn):
            u = (n + 0.5) / (lamps + turn)
            x, hang = 52 + 296 * u, y + 4 * sag * u * (1 - u)
            tone = tones[(n + row) % len(tones)]
            shown += group(circle(x, hang + 44, 36, GLOW_SOFT), opacity=0.45) + rect(x - 9, hang - 2, 18, 20, 5, p.dark)
            shown += soft(f"M{x - 11:.0f} {hang + 24:.0f} h22 q10 26 -11 40 q-21 -14 -11 -40 Z", tone, 8)
            shown += ellipse(x - 6, hang + 36, 4, 8, "#fffaf0")
    return shown
