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
    bone = line("M174 272 H226", p.mark, 16) + "".join(circle(x, y, 11, p.mark) for x in (168, 232) for y in (263, 281))
    if p.says("cats"):
        bone = path("M158 272 Q190 246 222 268 L244 254 V290 L222 276 Q190 298 158 272 Z", p.mark) + circle(
            178, 268, 4, p.dark
        )
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
    """A scratching post with as many platforms as it has, a ball on a string, and somebody behind it."""
    top = 118 - 42 * p.size
    cat = (
        soft("M236 326 Q226 250 258 236 L254 208 L274 222 H288 L308 208 L304 240 Q330 262 326 326 Z", INK, 8)
        + line("M322 318 Q356 300 340 258", INK, 11)
        + circle(268, 246, 4, "#f2c14e")
        + circle(294, 246, 4, "#f2c14e")
    )
    rope = shade("#d3b685", 0.25) if p.says("paper") else "#d3b685"
    turns = " ".join(f"M174 {y} L226 {y - 10}" for y in range(round(top) + 30, 312, 18))
    column = rect(172, top, 56, 316 - top, 6, rope) + line(turns, "#b3925f", 5)
    base = rect(92, 306, 216, 26, 12, p.main) + rect(92, 320, 216, 12, 6, p.dark)
    platforms = p.count(("platforms",), 0, 4)
    perches = rect(164, top - 10, 72, 24, 12, p.dark)
    for n in range(platforms):
        x, y, across = ((122, 0, 156), (88, 92, 100), (212, 62, 88), (112, 140, 76))[n]
        perches += rect(x, top - 14 + y, across, 26, 13, p.main) + rect(x + 12, top - 9 + y, across - 24, 7, 3, p.light)
    x, y = (150, top + 4) if platforms < 2 else (112, top + 104 if platforms < 4 else top + 150)
    hold = rect(144, top - 6, 50, 12, 6, p.dark) if platforms == 0 else ""
    ball = line(f"M{x} {y:.0f} V{y + 40:.0f}", INK, 3) + circle(x, y + 52, 16, p.other("#d2543f"))
    return cat + hold + column + base + perches + ball


def feather(p: Paint) -> str:
    """A wand for a cat, with what the cat is after on a string, and a bell where there is one."""
    rod = WOOD if p.says("beech", "wood") else p.dark
    wand = (
        line("M92 330 L262 76", rod, 11) + line("M92 330 L132 270", p.main, 20) + line("M100 318 L126 279", p.dark, 4)
    )
    bell = circle(300, 158, 14, "#e0b040") + circle(300, 163, 4, INK) if p.says("bell") else circle(300, 158, 9, p.dark)
    if p.says("mouse"):
        lure = _felt_mouse(p)
    elif p.says("fur"):
        lure = "".join(
            circle(300 + x, y, r, c)
            for x, y, r, c in ((-20, 196, 26, p.dark), (20, 198, 26, p.main), (0, 226, 30, p.other(p.light)))
        )
    elif p.says("ribbon"):
        turns = ((-30, p.main), (0, p.other(p.light)), (30, p.last(p.dark)))
        lure = "".join(
            line(f"M300 166 q{x} 28 {x * 0.5:.0f} 56 t{x * 0.4:.0f} 56 t{x * 0.2:.0f} 34", tone, 13)
            for x, tone in turns
        )
    else:
        lure = _feathers(p)
    long = 1 + 0.12 * p.size
    return (
        wand
        + line("M262 76 Q316 84 300 152", INK, 4)
        + group(lure, f"translate(300 160) scale({long:.2f}) translate(-300 -160)")
        + bell
    )


def _feathers(p: Paint) -> str:
    vane = "M0 0 Q-34 67 0 122 Q34 67 0 0 Z"
    barbs = "M0 4 V104 M0 44 l-11 12 M0 44 l11 12 M0 72 l-12 12 M0 72 l12 12"
    tones = ((42, p.other(p.light)), (-16, p.last(p.dark)), (14, p.main))
    return "".join(
        group(path(vane, tone) + line(barbs, shade(tone, -0.28), 4), f"translate(300 166) rotate({turn})")
        for turn, tone in tones
    )


def _felt_mouse(p: Paint) -> str:
    tail = line("M300 272 Q304 312 270 322", p.dark, 7)
    body = soft("M300 172 Q346 236 322 268 Q300 284 278 268 Q254 236 300 172 Z", p.main, 8)
    ears = circle(274, 212, 17, p.other(p.light)) + circle(326, 212, 17, p.other(p.light))
    return tail + body + ears + circle(290, 204, 4, INK) + circle(310, 204, 4, INK) + circle(300, 178, 6, p.dark)
