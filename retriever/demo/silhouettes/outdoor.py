"""For days and nights outside."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    INK,
    STEEL,
    WOOD,
    Paint,
    circle,
    ellipse,
    flame,
    group,
    line,
    mirrored,
    path,
    rect,
    shade,
    soft,
)  # fmt: skip


def tent(p: Paint) -> str:
    """A ridge tent with its door tied back; the larger, the wider."""
    w = 130 + 40 * p.size
    fly = path(f"M200 96 L{200 + w} 330 H{200 - w} Z", p.main) + path(f"M200 96 L{200 + w} 330 H240 Z", p.dark)
    door = path("M200 128 L240 330 H160 Z", shade(p.dark, -0.45)) + path(
        "M200 128 L160 330 Q150 236 200 128 Z", p.light
    )
    return fly + door + line("M192 84 L200 98 L208 84", p.dark, 7)


def backpack(p: Paint) -> str:
    """A pack with lid and front pocket; the larger, the taller."""
    top = 124 - 40 * p.size
    straps = line(f"M170 {top} Q200 {top - 46} 230 {top}", p.dark, 14)
    body = rect(118, top, 164, 332 - top, 56, p.main)
    sides = rect(98, 226, 34, 84, 16, p.dark) + rect(268, 226, 34, 84, 16, p.dark)
    pocket = rect(140, 226, 120, 84, 20, p.dark) + rect(152, 244, 96, 7, 3, p.light)
    flap = path(f"M118 {top + 70} Q200 {top + 120} 282 {top + 70} V{top + 50} H118 Z", p.light)
    return straps + sides + body + flap + pocket


def sleepingbag(p: Paint) -> str:
    """A mummy bag, its hood open."""
    w = 76 + 22 * p.size
    bag = soft(
        f"M200 66 Q{200 + w * 0.8:.0f} 70 {200 + w:.0f} 140 Q{200 + w:.0f} 230 {200 + w * 0.55:.0f} 324 H{200 - w * 0.55:.0f} Q{200 - w:.0f} 230 {200 - w:.0f} 140 Q{200 - w * 0.8:.0f} 70 200 66 Z",
        p.main, 12,
    )  # fmt: skip
    seams = line(
        " ".join(
            f"M{200 - w * f:.0f} {y} Q200 {y + 18} {200 + w * f:.0f} {y}"
            for y, f in ((186, 0.96), (228, 0.84), (268, 0.72), (304, 0.62))
        ),
        p.dark, 5,
    )  # fmt: skip
    hood = ellipse(200, 122, w * 0.66, 42, p.other(p.light)) + ellipse(
        200, 126, w * 0.5, 30, shade(p.dark, -0.4)
    )
    pillow = ellipse(200, 138, w * 0.4, 16, "#f1ece0")
    zip_ = line(f"M{200 + w * 0.45:.0f} 150 Q{200 + w * 0.4:.0f} 230 {200 + w * 0.28:.0f} 318", p.light, 6)
    return bag + seams + hood + pillow + zip_


def mat(p: Paint) -> str:
    """A mat, half unrolled; the thicker, the larger the roll."""
    r = 62 + 20 * p.size
    y = 318 - r
    back = ellipse(262, y - 26, r * 0.86, r, p.dark) + path(
        f"M120 {y - r:.0f} L262 {y - 26 - r:.0f} V{y + r - 26:.0f} L120 {318:.0f} Z", p.dark
    )
    sheet = path(f"M130 {318:.0f} L300 282 L352 300 L196 332 H130 Z", p.light)
    roll = path(
        f"M120 {y - r:.0f} L262 {y - 26 - r:.0f} Q{262 + r * 0.86:.0f} {y - 26 - r * 0.6:.0f} {262 + r * 0.86:.0f} {y - 26:.0f} L282 292 L120 318 Z",
        p.main,
    )
    end = ellipse(120, y, r * 0.86, r, p.other(p.light))
    k = r / 82
    spiral = line(
        f"M120 {y + 66 * k:.0f} a{52 * k:.0f} {60 * k:.0f} 0 1 1 {50 * k:.0f} -{54 * k:.0f} a{42 * k:.0f} {44 * k:.0f} 0 1 1 -{46 * k:.0f} -{42 * k:.0f} a{26 * k:.0f} {30 * k:.0f} 0 1 0 {24 * k:.0f} {36 * k:.0f}",
        p.dark, 7,
    )  # fmt: skip
    straps = line(
        f"M168 {y - r - 9:.0f} Q206 {y - 10:.0f} 174 308 M226 {y - r - 19:.0f} Q264 {y - 20:.0f} 232 298", p.dark, 9
    )
    return back + sheet + roll + straps + end + spiral


def stove(p: Paint) -> str:
    """A stove: one burner sits on its gas, two or three in a box."""
    burners = p.count(("burners", "burner_count"), 1, 3)
    if burners == 1:
        can = (
            rect(134, 222, 132, 110, 26, p.main)
            + rect(134, 262, 132, 26, 0, p.light)
            + rect(174, 202, 52, 26, 8, p.dark)
        )
        arms = mirrored(line("M196 192 L128 166 V148", STEEL, 10)) + rect(182, 158, 36, 50, 8, p.material)
        return (
            "".join(flame(x, 166, h) for x, h in ((176, 44), (224, 44), (200, 62)))
            + can
            + arms
            + line("M224 212 H270", p.dark, 9)
        )
    w = 230 + 30 * (burners - 2)
    x = 200 - w / 2
    lid = rect(x + 8, 92, w - 16, 124, 16, p.dark) + rect(x + 24, 108, w - 48, 92, 10, p.light)
    step = w / burners
    fire = "".join(
        "".join(flame(x + step * (n + 0.5) + dx, 216, h) for dx, h in ((-18, 34), (18, 34), (0, 50)))
        + rect(x + step * (n + 0.5) - 34, 208, 68, 12, 6, INK)
        for n in range(burners)
    )
    knobs = "".join(
        circle(x + step * (n + 0.5), 276, 18, p.dark) + rect(x + step * (n + 0.5) - 3, 260, 6, 18, 3, p.light)
        for n in range(burners)
    )
    return lid + fire + rect(x, 218, w, 114, 18, p.main) + knobs


def headlamp(p: Paint) -> str:
    """A lamp on a head band, shining your way."""
    beam = group(path("M176 236 L66 330 H334 L224 236 Z", "#fff0b8"), opacity=0.65)
    band = (
        f'<ellipse cx="200" cy="168" rx="118" ry="72" fill="none" stroke="{p.main}" stroke-width="26"/>'
        f'<ellipse cx="200" cy="168" rx="118" ry="72" fill="none" stroke="{p.other(p.light)}" stroke-width="6"/>'
    )
    w = 112 + 28 * p.size
    body = rect(200 - w / 2, 190, w, 92, 30, p.dark)
    lens = circle(200, 236, 34, "#e9edf0") + circle(200, 236, 25, "#ffe9a0") + circle(191, 228, 7, "#ffffff")
    return beam + band + line("M104 128 Q200 30 296 128", p.main, 16) + body + lens + rect(184, 182, 32, 12, 6, p.light)


def poles(p: Paint) -> str:
    """A pair of walking poles, crossed."""
    shaft = p.material
    pole = (
        line("M200 84 V318", shaft, 10) + line(f"M200 {250 - 40 * p.size:.0f} V318", p.main, 12) + rect(190, 60, 20, 72, 9, p.dark)
        + rect(186, 54, 28, 20, 10, p.main) + line("M192 66 Q150 96 178 132 Q192 120 194 98", p.other(p.light), 6)
        + rect(192, 188, 16, 22, 5, p.dark) + ellipse(200, 300, 22, 7, p.dark) + line("M200 318 V330", INK, 5)
    )  # fmt: skip
    return group(pole, "translate(-26 4) rotate(-17 200 200)") + group(
        pole, "translate(426 4) scale(-1 1) rotate(-17 200 200)"
    )


def hammock(p: Paint) -> str:
    """A hammock between two trees."""
    trunk = (
        rect(56, 40, 38, 292, 10, WOOD)
        + rect(56, 40, 12, 292, 6, shade(WOOD, -0.2))
        + line("M80 110 v28 M84 230 v36", shade(WOOD, -0.3), 5)
    )
    ropes = mirrored(
        line("M94 128 L126 170 M94 128 L138 186 M94 128 L118 154", "#e8dcc0", 5) + rect(52, 120, 46, 14, 6, "#e8dcc0")
    )
    deep = 268 + 40 * p.size
    cloth = path(f"M112 150 Q200 {deep + 76:.0f} 288 150 Q200 {deep - 40:.0f} 112 150 Z", p.dark)
    front = soft(f"M116 156 Q200 {deep - 10:.0f} 284 156 L262 206 Q200 {deep + 58:.0f} 138 206 Z", p.main, 8)
    stripe = line(f"M128 184 Q200 {deep + 26:.0f} 272 184", p.other(p.light), 13)
    low = line(f"M140 206 Q200 {deep + 46:.0f} 260 206", p.third if p.third not in (p.main, p.second) else p.light, 6)
    return mirrored(trunk) + ropes + cloth + front + stripe + low
