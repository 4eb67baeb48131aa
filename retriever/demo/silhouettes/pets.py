"""For pets."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    INK,
    PAPER,
    STEEL,
    WOOD,
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
)  # fmt: skip


def bed(p: Paint) -> str:
    """A dog bed with a thick rim, a paw on it, and a bone left on the cushion."""
    w = 112 + 32 * p.size
    rim = soft(
        f"M{206 - w:.0f} 192 Q200 112 {194 + w:.0f} 192 Q{230 + w:.0f} 326 {160 + w:.0f} 326 "
            f"H{240 - w:.0f} Q{170 - w:.0f} 326 {206 - w:.0f} 192 Z",
        p.main, 14,
    )  # fmt: skip
    hollow = ellipse(200, 216, w - 22, 48, p.dark)
    cushion = ellipse(200, 228, w - 30, 40, p.other(p.light))
    front = path(
        f"M{178 - w:.0f} 246 Q200 308 {222 + w:.0f} 246 V300 Q{214 + w:.0f} 332 {160 + w:.0f} 332 "
        f"H{240 - w:.0f} Q{186 - w:.0f} 332 {178 - w:.0f} 300 Z",
        p.main,
    )
    bone = group(
        line("M176 222 H224", PAPER, 14) + "".join(circle(x, y, 10, PAPER) for x in (172, 228) for y in (214, 230)),
        "rotate(-10 200 222)",
    )
    paw = circle(200, 310, 12, p.light) + "".join(
        circle(x, y, 5.5, p.light) for x, y in ((183, 298), (194, 291), (206, 291), (217, 298))
    )
    return rim + hollow + cushion + bone + front + paw


def bowl(p: Paint) -> str:
    """A bowl of biscuits on the floor, with a bone on its side."""
    w = 100 + 36 * p.size
    heap = ((-72, 4), (-42, 14), (-10, 20), (24, 18), (54, 12), (78, 2))
    food = "".join(
        circle(200 + dx * w / 110, 206 - dy, 17, ("#a8703f", "#8f5b31")[n % 2]) for n, (dx, dy) in enumerate(heap)
    )
    body = soft(f"M{206 - w:.0f} 214 H{194 + w:.0f} L{212 + w:.0f} 322 H{188 - w:.0f} Z", p.main, 16)
    bone = line("M174 272 H226", PAPER, 16) + "".join(circle(x, y, 11, PAPER) for x in (168, 232) for y in (263, 281))
    return (
        food
        + body
        + rect(186 - w, 204, 2 * w + 28, 22, 11, p.other(p.light))
        + bone
        + rect(180 - w, 316, 2 * w + 40, 14, 7, p.dark)
    )


def leash(p: Paint) -> str:
    """A leash in its loops, with the hook; the longer, the more loops."""
    hand = ring(138, 120, 46, 58, p.main, 20)
    grip = line("M100 96 Q110 66 138 62 Q166 66 176 96", p.other(p.dark), 22)
    turns = 1 + round(p.size * 2)
    coil = "".join(
        ring(208, 252, 104 - 26 * n, 70 - 18 * n, p.main if n % 2 == 0 else p.dark, 17) for n in range(turns)
    )
    down = line("M140 178 Q130 206 112 228", p.main, 20)
    out = line("M304 228 Q314 170 300 146", p.main, 18)
    hook = (
        rect(286, 112, 28, 34, 8, p.dark)
        + line("M300 112 V98", STEEL, 12)
        + line("M300 96 Q270 90 278 64 Q300 44 320 64 Q328 84 312 90", STEEL, 11)
    )
    return coil + down + out + hand + grip + hook


def post(p: Paint) -> str:
    """A scratching post with a ball on a string, and somebody behind it."""
    top = 132 - 34 * p.size
    cat = group(
        soft("M236 326 Q226 250 258 236 L254 208 L274 222 H288 L308 208 L304 240 Q330 262 326 326 Z", INK, 8)
        + circle(268, 246, 4, "#f2c14e")
        + circle(294, 246, 4, "#f2c14e")
    ) + line("M322 318 Q356 300 340 258", INK, 11)
    column = rect(172, top, 56, 316 - top, 6, "#d3b685") + line(
        " ".join(f"M174 {y} L226 {y - 10}" for y in range(round(top) + 30, 312, 18)), "#b3925f", 5
    )
    base = rect(92, 306, 216, 26, 12, p.main) + rect(92, 320, 216, 12, 6, p.dark)
    perch = rect(132, top - 14, 136, 30, 14, p.main) + rect(144, top - 9, 112, 8, 4, p.light)
    ball = line(f"M146 {top + 10:.0f} V{top + 76:.0f}", INK, 3) + circle(146, top + 90, 18, p.other("#d2543f"))
    return cat + column + base + perch + ball


def feather(p: Paint) -> str:
    """A wand for a cat: three feathers and a bell on a string."""
    wand = (
        line("M92 330 L262 76", WOOD, 12) + line("M92 330 L132 270", p.main, 20) + line("M100 318 L126 279", p.dark, 4)
    )
    cord = line("M262 76 Q316 84 300 152", INK, 4) + circle(300, 158, 13, "#e0b040") + circle(300, 162, 4, INK)
    length = 122 + 22 * p.size
    vane = "M0 0 Q-34 {0:.0f} 0 {1:.0f} Q34 {0:.0f} 0 0 Z".format(length * 0.55, length)
    plumes = "".join(
        group(
            path(vane, color)
            + line(f"M0 4 V{length - 18:.0f} M0 44 l-11 12 M0 44 l11 12 M0 72 l-12 12 M0 72 l12 12", spine, 4),
            f"translate(300 166) rotate({turn})",
        )
        for turn, color, spine in (
            (42, p.second, shade(p.second, -0.28)),
            (-16, p.third, shade(p.third, -0.28)),
            (14, p.main, p.dark),
        )
    )
    return wand + cord + plumes
