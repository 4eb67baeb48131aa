"""For the kitchen and the table."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    LEAF,
    STEEL,
    Paint,
    circle,
    distance,
    ellipse,
    group,
    line,
    path,
    rect,
    shade,
    soft,
    steam,
)  # fmt: skip


def kettle(p: Paint) -> str:
    """A kettle in its material, with lid, handle and base in its colour."""
    wall, grip = (p.main, p.dark) if p.says("plastic") else (p.material, p.main)
    body = path("M142 120 H250 L276 300 H116 Z", wall) + path("M142 120 H176 L162 300 H116 Z", shade(wall, 0.3))
    spout = path("M146 150 L100 132 L112 170 L138 196 Z", wall)
    handle = line("M252 136 Q336 140 320 214 Q312 258 272 276", grip, 24)
    lid = rect(150, 98, 92, 24, 12, grip) + circle(196, 92, 12, p.other(p.dark))
    litres = "".join(rect(222, 276 - n * 34, 24, 6, 3, p.dark) for n in range(2 + round(p.size * 3)))
    return spout + handle + body + lid + litres + rect(104, 298, 184, 34, 12, p.dark)


def pan(p: Paint) -> str:
    """A frying pan seen from above, with a handle in its colour."""
    r = 94 + 16 * p.size
    rim = shade(p.material, -0.25)
    neck = line("M246 236 L268 258", rim, 26)
    handle = neck + line("M262 252 L322 312", p.main, 32) + circle(318, 308, 7, p.other(p.dark))
    dish = circle(180, 170, r, rim) + circle(180, 170, r - 13, p.material)
    return handle + dish + line("M120 150 Q134 110 174 100", shade(p.material, 0.35), 9)


def bottle(p: Paint) -> str:
    """A bottle with a steel rim and a lid, or a straw; the more it holds, the taller and wider."""
    w, top = 92 + 34 * p.size, 154 - 22 * p.size
    x = 200 - w / 2
    body = rect(x, top, w, 332 - top, 30, p.main) + rect(x + 16, top + 20, 14, 270 - top, 7, p.light)
    neck = rect(x + 12, top - 20, w - 24, 34, 8, p.material)
    lid = rect(x + 8, top - 58, w - 16, 46, 16, p.dark)
    if p.says("straw"):
        return (
            line(f"M208 {top - 50:.0f} L216 {top - 76:.0f} L238 {top - 80:.0f}", p.other(p.light), 11)
            + neck
            + lid
            + body
        )
    return line(f"M182 {top - 54:.0f} q18 -30 36 0", p.other(p.dark), 10) + neck + lid + body


def knife(p: Paint) -> str:
    """A knife with a riveted handle, as long as it is; a santoku's back bends down to its edge."""
    tip = 92 - 52 * p.size
    back = (
        f"H{tip + 56:.0f} Q{tip + 8:.0f} 190 {tip:.0f} 238"
        if p.says("santoku")
        else f"H{tip + 110:.0f} Q{tip + 40:.0f} 194 {tip:.0f} 222"
    )
    blade = path(f"M228 188 {back} Q{tip + 60:.0f} 256 214 254 L228 250 Z", STEEL)
    low = 238 if p.says("santoku") else 222
    edge = path(
        f"M{tip:.0f} {low} Q{tip + 60:.0f} 256 214 254 L228 250 V238 H206 Q{tip + 80:.0f} 240 {tip:.0f} {low} Z",
        "#e6ebee",
    )
    handle = soft("M240 194 H338 Q352 216 336 230 L244 226 Z", p.main, 12)
    rivets = "".join(circle(x, 211, 5, p.light) for x in (264, 294, 324))
    return group(
        blade + edge + handle + rect(222, 186, 16, 50, 6, p.other(p.dark)) + rivets,
        "translate(8 14) rotate(-36 200 210)",
    )


def board(p: Paint) -> str:
    """A cutting board with a hanging loop, of wood or all in its colour, and what is for supper."""
    w = 160 + 60 * p.size
    x = 200 - w / 2
    wooden = p.says("bamboo", "acacia", "oak", "beech", "walnut", "maple", "wood")
    own = p.material if wooden and distance(p.main, p.material) > 0.25 else p.main
    slab = rect(x, 116, w, 216, 26, own) + rect(170, 68, 60, 80, 24, own) + circle(200, 96, 12, shade(own, -0.5))
    groove = line(
        f"M{x + 18:.0f} 168 V300 Q{x + 18:.0f} 314 {x + 32:.0f} 314 "
        f"H{x + w - 32:.0f} Q{x + w - 18:.0f} 314 {x + w - 18:.0f} 300 V168",
        shade(own, -0.16), 6,
    )  # fmt: skip
    grain = line(f"M{x + 40:.0f} 152 h54 M{x + w - 74:.0f} 162 h36", shade(own, -0.12), 5)
    cord = line("M200 94 Q172 60 200 56 Q228 60 200 94", p.main if own != p.main else p.dark, 7)
    band = rect(x, 130, w, 10, 0, p.other(shade(own, -0.2)))
    tomato = circle(184, 248, 32, "#d2543f") + path("M184 222 l-14 -9 l14 2 l4 -12 l4 12 l14 -2 l-14 9 Z", LEAF)
    slice_ = (
        circle(232, 268, 22, "#d2543f")
        + circle(232, 268, 16, "#f0a088")
        + circle(226, 266, 4, "#f8dcc4")
        + circle(238, 270, 4, "#f8dcc4")
    )
    return slab + band + groove + grain + cord + tomato + slice_


def mug(p: Paint) -> str:
    """A mug of something hot, speckled where its glaze is; the larger, the taller."""
    top = 170 - 34 * p.size
    handle = line(
        f"M262 {top + 42:.0f} H284 Q318 {top + 42:.0f} 318 {top + 78:.0f} Q318 {top + 116:.0f} 262 {top + 116:.0f}",
        p.dark,
        20,
    )
    body = path(f"M108 {top:.0f} H272 V290 Q272 332 230 332 H150 Q108 332 108 290 Z", p.main)
    speckles = "".join(
        circle(122 + n * 59 % 141, top + 40 + n * n * 17 % (244 - top), 2.5 + n % 3, p.dark) for n in range(22)
    )
    band = speckles if p.says("speckled") else rect(108, 272, 164, 16, 0, p.other(p.light))
    drink = ellipse(190, top, 82, 20, p.dark) + ellipse(190, top + 3, 70, 14, "#5b3d2b")
    shine = rect(126, top + 34, 12, 222 - top, 6, p.light)
    return steam(190, top - 22) + handle + body + band + drink + shine


def press(p: Paint) -> str:
    """A coffee press: glass in a frame, the plunger pulled up; the larger, the wider."""
    w = 112 + 34 * p.size
    x, end = 190 - w / 2, 190 + w / 2
    handle = line(f"M{end:.0f} 160 H{end + 42:.0f} V286 H{end:.0f}", p.main, 20)
    rod = rect(186, 74, 8, 60, 3, STEEL) + circle(190, 72, 17, p.other(p.main))
    glass = rect(x, 136, w, 194, 16, "#e3eff1") + rect(x + 8, 214, w - 16, 108, 10, "#5b3d2b")
    if p.says("wall steel"):
        wall = (
            rect(x, 136, w, 196, 18, p.main) + rect(x + 14, 152, 12, 160, 6, p.light) + rect(x, 312, w, 20, 10, p.dark)
        )
        return rod + handle + path(f"M{x + 4:.0f} 138 l-26 2 l26 26 Z", p.dark) + wall + _press_lid(x, end, p.dark)
    plunger = rect(186, 130, 8, 76, 3, STEEL) + rect(x + 8, 200, w - 16, 16, 5, shade(STEEL, -0.25))
    frame = "".join(rect(x - 5, y, w + 10, h, 5, p.material) for y, h in ((158, 12), (284, 12), (314, 18)))
    legs = rect(x + 12, 158, 9, 160, 3, p.material) + rect(end - 21, 158, 9, 160, 3, p.material)
    return (
        rod
        + handle
        + path(f"M{x + 4:.0f} 138 l-26 2 l26 26 Z", "#e3eff1")
        + glass
        + plunger
        + legs
        + frame
        + _press_lid(x, end, p.main)
    )


def _press_lid(x: float, end: float, fill: str) -> str:
    return path(f"M{x - 8:.0f} 140 Q{x - 4:.0f} 104 190 104 Q{end + 4:.0f} 104 {end + 8:.0f} 140 Z", fill)


def lid(p: Paint) -> str:
    """A lid of glass on the pan it was bought for; the larger, the wider."""
    w = 96 + 34 * p.size
    left, right = 200 - w, 200 + w
    pot = soft(
        f"M{left + 8:.0f} 254 H{right - 8:.0f} V298 Q{right - 8:.0f} 324 {right - 36:.0f} 324 "
        f"H{left + 36:.0f} Q{left + 8:.0f} 324 {left + 8:.0f} 298 Z",
        "#6b7177",
        12,
    )
    ears = line(f"M{left - 2:.0f} 270 h-22 M{right + 2:.0f} 270 h22", "#565b60", 16)
    dome = path(
        f"M{left:.0f} 238 Q{left + 26:.0f} 176 200 174 Q{right - 26:.0f} 176 {right:.0f} 238 Z", shade(p.material, 0.3)
    )
    shine = line(f"M{left + 34:.0f} 222 Q{left + 58:.0f} 198 {200 - w * 0.2:.0f} 190", "#ffffff", 8)
    rim = rect(left - 8, 232, 2 * w + 16, 22, 11, p.main) + rect(left - 8, 244, 2 * w + 16, 10, 5, p.dark)
    knob = rect(186, 152, 28, 28, 6, p.dark) + rect(162, 122, 76, 38, 19, p.main) + rect(178, 130, 32, 8, 4, p.light)
    vent = circle(200 + w * 0.45, 212, 6, p.other(p.dark)) + steam(200 + w * 0.45, 186)
    return ears + pot + dome + shine + vent + knob + rim


def box(p: Paint) -> str:
    """Boxes with lids, one on the other when they are a set; clips and a wall where they have them."""
    pieces = p.count(("pieces",), 1, 4) if "pieces" in p.facts else 1
    height = min(126 + 40 * p.size, 264 / pieces)
    clear = p.material if p.says("steel") else shade(p.material, 0.45)
    shown = ""
    for n in range(pieces):
        w = 216 + 30 * p.size - 28 * n
        x, base = 200 - w / 2, 332 - n * height
        inner = (p.other("#e0a25c"), p.last(LEAF), LEAF, "#e0a25c")[n]
        shown += rect(x + 8, base - height + 14, w - 16, height - 14, 18, clear)
        if not p.says("steel"):
            shown += rect(x + 24, base - height * 0.54, w - 48, height * 0.54 - 14, 10, inner)
            if p.says("divided in two"):
                shown += rect(200, base - height * 0.54, w / 2 - 24, height * 0.54 - 14, 10, LEAF)
                shown += rect(194, base - height + 30, 12, height - 42, 4, clear)
        shown += rect(x, base - height + 4, w, 26, 10, p.main)
        if not p.says("press-on"):
            shown += "".join(rect(at, base - height + 8, 34, 36, 8, p.dark) for at in (x + 28, x + w - 62))
    return shown


def tin(p: Paint) -> str:
    """A baking tin and what came out of it: a loaf, a cake in a springform, or a tray of squares."""
    w = 104 + 30 * p.size
    if p.says("springform"):
        cake = soft(f"M{218 - w:.0f} 216 V176 Q200 132 {182 + w:.0f} 176 V216 Z", "#e0b377", 10)
        berries = "".join(circle(200 + x * w / 110, y, 13, "#c0443c") for x, y in ((-54, 158), (0, 144), (54, 158)))
        wall = rect(200 - w, 216, 2 * w, 108, 14, p.main) + rect(200 - w, 304, 2 * w, 22, 10, p.dark)
        clasp = rect(200 + w * 0.5, 232, 20, 66, 8, p.light) + rect(204 + w * 0.5, 244, 12, 42, 6, p.dark)
        return cake + berries + wall + rect(192 - w, 208, 2 * w + 16, 18, 9, p.dark) + clasp
    if p.says("tray"):
        outer = soft(f"M{216 - w:.0f} 150 H{184 + w:.0f} L{206 + w:.0f} 322 H{194 - w:.0f} Z", p.dark, 16)
        inner = soft(f"M{222 - w:.0f} 152 H{178 + w:.0f} L{196 + w:.0f} 308 H{204 - w:.0f} Z", p.main, 12)
        wide = (2 * w - 30) / 4
        squares = "".join(
            rect(215 - w + n * wide + 4, 166 + row * 46, wide - 8, 38, 6, ("#a8703f", "#c98a4b")[(n + row) % 2])
            for row in range(3)
            for n in range(4)
        )
        return outer + inner + squares
    loaf = soft(
        f"M{212 - w:.0f} 214 Q{196 - w:.0f} 132 {262 - w:.0f} 138 Q200 104 {138 + w:.0f} 138 "
        f"Q{204 + w:.0f} 132 {188 + w:.0f} 214 Z",
        "#c98a4b", 10,
    )  # fmt: skip
    cuts = line("M150 142 L170 178 M194 132 L212 172 M238 138 L254 176", "#f0cf9d", 9)
    body = soft(f"M{204 - w:.0f} 214 H{196 + w:.0f} L{172 + w:.0f} 326 H{228 - w:.0f} Z", p.main, 12)
    rim = rect(190 - w, 204, 2 * w + 20, 20, 10, p.dark)
    return loaf + cuts + body + path(f"M{208 - w:.0f} 224 h34 l14 104 h-26 Z", p.other(p.light)) + rim
