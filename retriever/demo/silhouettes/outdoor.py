"""For days and nights outside."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    INK,
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
    ring,
    shade,
    soft,
)  # fmt: skip


def tent(p: Paint) -> str:
    """A ridge tent with its door tied back; the larger, the wider."""
    w = 130 + 40 * p.size
    fly = path(f"M200 96 L{200 + w} 330 H{200 - w} Z", p.main) + path(f"M200 96 L{200 + w} 330 H240 Z", p.dark)
    door = path("M200 128 L240 330 H160 Z", shade(p.dark, -0.45)) + path(
        "M200 128 L160 330 Q150 236 200 128 Z", p.other(p.light)
    )
    return fly + door + line("M192 84 L200 98 L208 84", p.dark, 7)


def backpack(p: Paint) -> str:
    """A pack with lid and front pocket; the larger, the taller."""
    top = 124 - 40 * p.size
    straps = line(f"M170 {top} Q200 {top - 46} 230 {top}", p.dark, 14)
    body = rect(118, top, 164, 332 - top, 56, p.main)
    sides = rect(98, 226, 34, 84, 16, p.dark) + rect(268, 226, 34, 84, 16, p.dark)
    pocket = rect(140, 226, 120, 84, 20, p.dark) + rect(152, 244, 96, 7, 3, p.other(p.light))
    flap = path(f"M118 {top + 70} Q200 {top + 120} 282 {top + 70} V{top + 50} H118 Z", p.light)
    return straps + sides + body + flap + pocket


def sleepingbag(p: Paint) -> str:
    """A bag with its zip: a mummy's with a hood, or a plain one laid open at the corner."""
    w = 76 + 22 * p.size
    inner = shade(p.dark, -0.4)
    if p.says("rectangular"):
        bag = rect(200 - w, 70, 2 * w, 260, 30, p.main)
        quilt = line(" ".join(f"M{208 - w:.0f} {y} H{192 + w:.0f}" for y in (170, 206, 242, 278, 306)), p.dark, 5)
        fold = path(
            f"M{200 - w:.0f} 150 V98 Q{200 - w:.0f} 70 {228 - w:.0f} 70 H{200 + w * 0.4:.0f} Z", p.other(p.light)
        )
        pillow = rect(222 - w * 0.2, 84, w * 0.86, 44, 18, "#f1ece0")
        return bag + quilt + fold + pillow + line(f"M{198 - w:.0f} 152 L{200 + w * 0.4:.0f} 72", p.last(p.dark), 6)
    bag = soft(
        f"M200 66 Q{200 + w * 0.8:.0f} 70 {200 + w:.0f} 140 Q{200 + w:.0f} 230 {200 + w * 0.55:.0f} 324 "
        f"H{200 - w * 0.55:.0f} Q{200 - w:.0f} 230 {200 - w:.0f} 140 Q{200 - w * 0.8:.0f} 70 200 66 Z",
        p.main, 12,
    )  # fmt: skip
    rows = ((186, 0.96), (228, 0.84), (268, 0.72), (304, 0.62))
    seams = line(" ".join(f"M{200 - w * f:.0f} {y} Q200 {y + 18} {200 + w * f:.0f} {y}" for y, f in rows), p.dark, 5)
    hood = ellipse(200, 122, w * 0.66, 42, p.other(p.light)) + ellipse(200, 126, w * 0.5, 30, inner)
    pillow = ellipse(200, 138, w * 0.4, 16, "#f1ece0")
    zip_ = line(f"M{200 + w * 0.45:.0f} 150 Q{200 + w * 0.4:.0f} 230 {200 + w * 0.28:.0f} 318", p.last(p.light), 6)
    return bag + seams + hood + pillow + zip_


def mat(p: Paint) -> str:
    """A mat, almost rolled up; the thicker, the larger the roll."""
    r = 62 + 20 * p.size
    y, k = 318 - r, r / 82
    sheet = path("M126 318 L276 292 L356 306 L214 334 H150 Z", p.light)
    roll = ellipse(276, y - 26, r * 0.86, r, p.main) + path(
        f"M126 {y - r:.0f} L276 {y - 26 - r:.0f} V{y - 26 + r:.0f} L126 318 Z", p.main
    )
    end = ellipse(126, y, r * 0.86, r, p.other(p.light))
    spiral = line(
        f"M126 {y + 66 * k:.0f} a{52 * k:.0f} {60 * k:.0f} 0 1 1 {50 * k:.0f} -{54 * k:.0f} "
        f"a{42 * k:.0f} {44 * k:.0f} 0 1 1 -{46 * k:.0f} -{42 * k:.0f} "
        f"a{26 * k:.0f} {30 * k:.0f} 0 1 0 {24 * k:.0f} {36 * k:.0f}",
        p.dark, 7,
    )  # fmt: skip
    bend = r * 0.86
    straps = line(
        f"M176 {y - r - 9:.0f} Q{176 + bend:.0f} {y - 9:.0f} 176 309 "
            f"M240 {y - r - 20:.0f} Q{240 + bend:.0f} {y - 20:.0f} 240 298",
        p.dark, 9,
    )  # fmt: skip
    return sheet + roll + straps + end + spiral


def stove(p: Paint) -> str:
    """A stove: one burner sits on its gas or burns what it finds, two or three stand in a box."""
    burners = p.count(("burners",), 1, 1 if "burners" not in p.facts else 3)
    if burners > 1:
        return _range(p, burners)
    if p.says("twigs", "spirit", "wood"):
        return _firebox(p)
    w = 110 + 40 * p.size
    can = rect(200 - w / 2, 228, w, 104, 26, p.main) + rect(200 - w / 2, 266, w, 24, 0, p.other(p.light))
    arms = mirrored(line("M196 196 L124 162 V146", p.material, 10)) + rect(180, 160, 40, 52, 8, p.material)
    fire = "".join(flame(x, 168, h) for x, h in ((172, 46), (228, 46), (200, 70)))
    return fire + rect(174, 206, 52, 28, 8, p.dark) + can + arms + line("M224 216 H276", p.dark, 9)


def _firebox(p: Paint) -> str:
    w = 74 + 22 * p.size
    fire = "".join(flame(200 + dx, 196, h) for dx, h in ((-38, 70), (38, 70), (-14, 104), (20, 92)))
    body = rect(200 - w, 190, 2 * w, 142, 16, p.material) + rect(200 - w, 306, 2 * w, 26, 12, p.dark)
    holes = "".join(circle(200 + (n - 2) * w * 0.38, 222, 7, shade(p.material, -0.5)) for n in range(5))
    door = path("M166 306 V276 Q166 248 200 248 Q234 248 234 276 V306 Z", INK) + flame(200, 306, 42)
    pegs = "".join(rect(x, 168, 14, 34, 4, p.main) for x in (204 - w, 193, 182 + w))
    return fire + body + rect(196 - w, 188, 2 * w + 8, 14, 7, p.main) + holes + door + pegs


def _range(p: Paint, burners: int) -> str:
    w = 230 + 30 * (burners - 2)
    x, step = 200 - w / 2, w / burners
    middles = [x + step * (n + 0.5) for n in range(burners)]
    cover = rect(x + 8, 92, w - 16, 124, 16, p.dark) + rect(x + 24, 108, w - 48, 92, 10, p.light)
    fire = "".join(flame(at + dx, 216, h) for at in middles for dx, h in ((-18, 34), (18, 34), (0, 50)))
    grates = "".join(rect(at - 34, 208, 68, 12, 6, INK) for at in middles)
    knobs = "".join(circle(at, 276, 18, p.dark) + rect(at - 3, 260, 6, 18, 3, p.light) for at in middles)
    return cover + fire + grates + rect(x, 218, w, 114, 18, p.main) + knobs


def headlamp(p: Paint) -> str:
    """A lamp on a head band, shining your way."""
    beam = group(path("M176 236 L66 330 H334 L224 236 Z", "#fff0b8"), opacity=0.65)
    band = ring(200, 168, 118, 72, p.main, 26) + ring(200, 168, 118, 72, p.other(p.light), 6)
    w = 112 + 28 * p.size
    body = rect(200 - w / 2, 190, w, 92, 30, p.dark)
    lens = circle(200, 236, 34, "#e9edf0") + circle(200, 236, 25, "#ffe9a0") + circle(191, 228, 7, "#ffffff")
    return beam + band + line("M104 128 Q200 30 296 128", p.main, 16) + body + lens + rect(184, 182, 32, 12, 6, p.light)


def poles(p: Paint) -> str:
    """A pair of walking poles, crossed; the longer, the further the lower part is drawn out."""
    joint = 236 - 50 * p.size
    pole = (
        line("M200 84 V306", p.material, 12) + line(f"M200 {joint:.0f} V306", p.main, 14)
        + line("M194 72 Q146 96 172 142 Q190 136 194 104", p.other(p.light), 7)
        + rect(188, 58, 24, 86, 11, p.dark) + rect(183, 50, 34, 24, 12, p.main)
        + rect(189, joint - 12, 22, 28, 6, p.dark) + ellipse(200, 296, 28, 8, p.last(p.dark))
        + line("M200 306 V324", INK, 6)
    )  # fmt: skip
    return mirrored(group(pole, "rotate(24 200 196)"))


def hammock(p: Paint) -> str:
    """A hammock between two trees, striped in its colours; the larger, the deeper it hangs."""
    bark = shade(WOOD, -0.28)
    trunk = path("M30 30 H74 L80 300 Q84 324 98 332 H14 Q26 320 28 300 Z", WOOD) + line(
        "M44 84 v34 M60 210 v44 M46 268 v24", bark, 6
    )
    knot = rect(24, 118, 56, 15, 7, "#efe4cb")
    ropes = line("M78 126 L116 172 M78 126 L108 186 M78 126 L126 162", "#efe4cb", 5)
    low = 286 + 30 * p.size
    back = path(f"M110 160 Q200 {low - 60:.0f} 290 160 Q200 {low + 30:.0f} 110 160 Z", p.dark)
    front = soft(
        f"M108 178 Q200 {low - 34:.0f} 292 178 Q284 {low + 12:.0f} 200 {low + 16:.0f} Q116 {low + 12:.0f} 108 178 Z",
        p.main,
        8,
    )
    stripes = line(f"M112 206 Q200 {low + 4:.0f} 288 206", p.other(p.light), 12) + line(
        f"M122 234 Q200 {low + 20:.0f} 278 234", p.last(p.light), 7
    )
    if p.says("mosquito net"):
        net = group(path(f"M200 60 L292 178 Q200 {low} 108 178 Z", "#ffffff"), opacity=0.6)
        return (
            mirrored(trunk + knot)
            + line("M78 120 L200 62 L322 120", "#efe4cb", 4)
            + mirrored(ropes)
            + back
            + net
            + front
            + stripes
        )
    return mirrored(trunk + knot) + mirrored(ropes) + back + front + stripes
