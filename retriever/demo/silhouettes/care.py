"""For skin, hair and coat: people's and pets'."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    INK,
    PAPER,
    Paint,
    circle,
    ellipse,
    group,
    line,
    path,
    rect,
    ring,
    shade,
    soft,
    star,
)  # fmt: skip


def jar(p: Paint) -> str:
    """A cream jar with a lid and a label."""
    w, top = 156 + 44 * p.size, 196 - 20 * p.size
    x = 200 - w / 2
    return (
        rect(x, top, w, 332 - top, 34, p.main) + rect(x + 14, top + 24, 16, 270 - top, 8, p.light)
        + rect(x - 8, top - 60, w + 16, 66, 16, p.dark) + rect(x - 8, top - 18, w + 16, 8, 0, p.other(p.light))
        + rect(166, 236, 84, 52, 8, PAPER) + line("M182 254 H234 M190 270 H226", p.dark, 5)
    )  # fmt: skip


def tube(p: Paint) -> str:
    """A tube standing on its cap, and a dab of what is in it."""
    w = 54 + 18 * p.size
    body = soft(f"M{192 - w:.0f} 76 H{208 + w:.0f} L{194 + w:.0f} 282 H{206 - w:.0f} Z", p.main, 10)
    seam = rect(184 - w, 64, 2 * w + 32, 24, 5, p.dark) + line(f"M{194 - w:.0f} 76 H{206 + w:.0f}", p.light, 3)
    cap = rect(208 - w, 278, 2 * w - 16, 54, 12, p.other(p.dark))
    ridges = line(" ".join(f"M{n} 292 V318" for n in range(int(220 - w), int(190 + w), 14)), p.light, 4)
    label = rect(212 - w, 138, 2 * w - 24, 84, 12, PAPER) + (
        _sun(p.main) if p.says("SPF") else path("M200 152 q26 30 0 52 q-26 -22 0 -52 Z", p.main)
    )
    dab = path(f"M{212 + w:.0f} 332 q2 -20 24 -20 q-4 -18 16 -22 q2 20 18 22 q16 6 16 20 Z", PAPER)
    return body + seam + cap + ridges + label + dab


def _sun(fill: str) -> str:
    return star(200, 180, 32, fill, points=10) + circle(200, 180, 15, PAPER) + circle(200, 180, 11, fill)


def stick(p: Paint) -> str:
    """A balm turned up from its case, the cap beside it."""
    w = 62 + 14 * p.size
    x = 176 - w / 2
    balm = path(
        f"M{x + 8:.0f} 190 V112 Q{x + w * 0.7:.0f} 76 {x + w - 8:.0f} 104 V190 Z",
        shade(p.other(p.light), 0.3),
    )
    collar = rect(x + 3, 168, w - 6, 44, 6, PAPER) + rect(x + 3, 184, w - 6, 6, 0, p.light)
    case = rect(x, 204, w, 128, 12, p.main) + rect(x + 10, 218, 9, 74, 4, p.light) + rect(x, 304, w, 28, 12, p.dark)
    ridges = line(" ".join(f"M{x + 12 + n * 12:.0f} 312 v12" for n in range(int((w - 12) / 12))), p.light, 4)
    cap = rect(238, 226, w, 106, 18, p.main) + rect(238, 312, w, 20, 6, p.dark) + rect(248, 242, 9, 56, 4, p.light)
    return balm + collar + case + ridges + cap


def bar(p: Paint) -> str:
    """A bar of soap in its paper band, and bubbles."""
    w = 100 + 26 * p.size
    under = rect(200 - w, 226, 2 * w, 106, 40, p.dark)
    top = rect(200 - w, 206, 2 * w, 106, 40, p.main) + rect(222 - w, 222, 2 * w - 44, 74, 28, p.light)
    sleeve = rect(168, 202, 64, 132, 4, PAPER) + rect(168, 314, 64, 20, 4, shade(PAPER, -0.12))
    leaf = path("M200 238 q24 18 0 46 q-24 -28 0 -46 Z", p.other(p.dark)) + line("M200 250 V288", PAPER, 3)
    bubbles = "".join(
        group(circle(x, y, r, p.light), opacity=0.45)
        + group(ring(x, y, r, r, "#ffffff", 4), opacity=0.9)
        + group(ellipse(x - r * 0.4, y - r * 0.4, r * 0.2, r * 0.28, "#ffffff"), "", 0.9)
        for x, y, r in ((132, 164, 30), (182, 118, 20), (236, 160, 36), (276, 106, 15), (106, 108, 13))
    )
    return bubbles + under + top + sleeve + leaf


def brush(p: Paint) -> str:
    """A brush with a cushion of bristles, or round; its handle of wood where it is."""
    grip = p.material if p.says("bamboo", "wood") else p.main
    handle = soft("M190 220 H210 L216 322 Q200 336 184 322 Z", grip, 12) + circle(200, 318, 6, shade(grip, -0.35))
    if p.says("round"):
        return group(handle + _round_head(p), "rotate(28 200 200)")
    w, h = 62 + 18 * p.size, 86 + 12 * p.size
    head = ellipse(200, 146, w, h, p.main) + ellipse(200, 146, w - 14, h - 14, p.other(p.light))
    tips = "".join(
        circle(200 + dx * 19, 146 + dy * 21, 4.5, INK)
        for dy in range(-3, 4)
        for dx in range(-2, 3)
        if (dx * 19 / (w - 22)) ** 2 + (dy * 21 / (h - 20)) ** 2 < 1
    )
    return group(handle + head + tips, "rotate(28 200 200)")


def _round_head(p: Paint) -> str:
    w = 34 + 14 * p.size
    rows = " ".join(f"M{172 - w:.0f} {y} H{228 + w:.0f}" for y in range(74, 214, 15))
    barrel = rect(200 - w, 60, 2 * w, 164, 20, p.main) + rect(212 - w, 74, 10, 132, 5, p.light)
    return (
        line(rows, p.dark, 5)
        + barrel
        + line(" ".join(f"M{204 - w * 0.3:.0f} {y} h{w * 0.9:.0f}" for y in range(82, 206, 15)), p.other(p.dark), 4)
        + rect(192, 212, 16, 20, 4, p.dark)
    )
