"""For the kitchen and the table."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    LEAF,
    STEEL,
    Paint,
    circle,
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
    body = path("M142 120 H250 L276 300 H116 Z", p.material) + path(
        "M142 120 H176 L162 300 H116 Z", shade(p.material, 0.3)
    )
    spout = path("M146 150 L100 132 L112 170 L138 196 Z", p.material)
    handle = line("M252 136 Q336 140 320 214 Q312 258 272 276", p.main, 24)
    lid = rect(150, 98, 92, 24, 12, p.main) + circle(196, 92, 12, p.dark)
    litres = "".join(rect(222, 276 - n * 34, 24, 6, 3, p.dark) for n in range(2 + round(p.size * 3)))
    return spout + handle + body + lid + litres + rect(104, 298, 184, 34, 12, p.dark)


def pan(p: Paint) -> str:
    """A frying pan seen from above, with a handle in its colour."""
    r = 98 + 20 * p.size
    handle = line("M240 240 L330 330", p.main, 34) + circle(330, 330, 7, p.light)
    dish = circle(172, 172, r, shade(p.material, -0.25)) + circle(172, 172, r - 14, p.material)
    return handle + dish + line("M112 152 Q126 112 166 102", shade(p.material, 0.35), 9)


def bottle(p: Paint) -> str:
    """A bottle with a steel rim and a lid; the more it holds, the taller and wider."""
    w, top = 92 + 34 * p.size, 150 - 30 * p.size
    x = 200 - w / 2
    body = rect(x, top, w, 332 - top, 30, p.main) + rect(x + 16, top + 20, 14, 270 - top, 7, p.light)
    neck = rect(x + 12, top - 22, w - 24, 34, 8, p.material)
    lid = rect(x + 8, top - 66, w - 16, 52, 16, p.dark)
    return line(f"M184 {top - 62:.0f} q16 -26 32 0", p.dark, 10) + neck + lid + body


def knife(p: Paint) -> str:
    """A knife with a riveted handle, as long as it is."""
    tip = 316 - 70 * p.size
    blade = path(
        f"M{tip - 230:.0f} 206 Q{tip - 200:.0f} 258 200 254 H226 V190 H{tip - 150:.0f} Q{tip - 205:.0f} 192 {tip - 230:.0f} 206 Z",
        STEEL,
    )
    edge = path(
        f"M{tip - 230:.0f} 206 Q{tip - 200:.0f} 258 200 254 H226 V240 H196 Q{tip - 190:.0f} 242 {tip - 230:.0f} 206 Z",
        "#e3e8eb",
    )
    handle = soft("M240 196 H340 Q350 218 334 232 L244 228 Z", p.main, 12) + rect(222, 188, 14, 46, 5, p.dark)
    rivets = "".join(circle(x, 213, 5, p.light) for x in (262, 292, 322))
    return group(blade + edge + handle + rivets, "rotate(-38 200 210)")


def board(p: Paint) -> str:
    """A cutting board with a hanging loop, and what is for supper."""
    w = 160 + 60 * p.size
    x = 200 - w / 2
    wood = p.material
    slab = rect(x, 112, w, 220, 26, wood) + rect(174, 70, 52, 70, 22, wood) + circle(200, 92, 10, shade(wood, -0.45))
    groove = line(
        f"M{x + 18:.0f} 150 V300 Q{x + 18:.0f} 314 {x + 32:.0f} 314 H{x + w - 32:.0f} Q{x + w - 18:.0f} 314 {x + w - 18:.0f} 300 V150",
        shade(wood, -0.16),
        6,
    )
    cord = line("M200 90 Q176 58 200 56 Q224 58 200 90", p.main, 7)
    stripe = rect(x, 124, w, 12, 0, p.main)
    tomato = circle(184, 242, 30, "#d2543f") + path("M184 216 l-12 -8 l12 2 l4 -10 l4 10 l12 -2 l-12 8 Z", LEAF)
    return slab + groove + stripe + cord + tomato + circle(228, 262, 20, "#e0745c") + circle(228, 262, 13, "#f0a088")


def mug(p: Paint) -> str:
    """A mug of something hot; the larger, the taller."""
    top = 166 - 34 * p.size
    handle = line(
        f"M262 {top + 46:.0f} H284 Q318 {top + 46:.0f} 318 {top + 82:.0f} Q318 {top + 124:.0f} 262 {top + 124:.0f}",
        p.dark,
        20,
    )
    body = path(f"M108 {top:.0f} H272 V290 Q272 332 230 332 H150 Q108 332 108 290 Z", p.main)
    band = rect(108, 272, 164, 16, 0, p.other(p.light))
    drink = ellipse(190, top, 82, 20, p.dark) + ellipse(190, top + 3, 70, 14, "#5b3d2b")
    shine = rect(126, top + 34, 12, 232 - top, 6, p.light)
    return steam(190, top - 22) + handle + body + band + drink + shine


def press(p: Paint) -> str:
    """A coffee press: glass in a frame, the plunger pulled up."""
    width = 116 + 34 * p.size
    x = 194 - width / 2
    handle = line(f"M{x + width:.0f} 156 H{x + width + 40:.0f} V286 H{x + width:.0f}", p.main, 20)
    rod = rect(190, 74, 8, 90, 3, STEEL) + circle(194, 70, 17, p.main)
    glass = (
        rect(x, 136, width, 194, 16, "#dcebee")
        + rect(x + 8, 214, width - 16, 108, 10, "#5b3d2b")
        + rect(x + 8, 202, width - 16, 14, 4, p.material)
    )
    lid = soft(
        f"M{x - 2:.0f} 136 Q{x + 6:.0f} 110 {x + 30:.0f} 108 H{x + width - 30:.0f} Q{x + width - 6:.0f} 110 {x + width + 2:.0f} 136 Z",
        p.material,
        8,
    )
    frame = (
        rect(x - 5, 158, width + 10, 14, 4, p.material)
        + rect(x - 5, 284, width + 10, 14, 4, p.material)
        + rect(x - 5, 318, width + 10, 14, 6, p.material)
    )
    return rod + handle + glass + frame + lid + path(f"M{x} 138 l-22 -4 l22 30 Z", "#dcebee")


def lid(p: Paint) -> str:
    """A pan's lid with its knob; the larger, the wider."""
    w = 96 + 40 * p.size
    dome = path(
        f"M{200 - w:.0f} 284 Q{200 - w + 8:.0f} 166 200 162 Q{200 + w - 8:.0f} 166 {200 + w:.0f} 284 Z", p.material
    )
    shine = line(
        f"M{200 - w * 0.68:.0f} 256 Q{200 - w * 0.56:.0f} 204 {200 - w * 0.2:.0f} 188", shade(p.material, 0.5), 9
    )
    rim = rect(190 - w, 276, 2 * w + 20, 26, 13, p.main) + rect(190 - w, 290, 2 * w + 20, 12, 6, p.dark)
    knob = rect(188, 142, 24, 28, 6, p.dark) + rect(164, 112, 72, 36, 18, p.main) + rect(178, 119, 30, 8, 4, p.light)
    return dome + shine + circle(200 + w * 0.5, 226, 6, shade(p.material, -0.4)) + knob + rim


def box(p: Paint) -> str:
    """Boxes with clip lids, one on the other, as many as there are in the set."""
    pieces = p.count(("pieces", "pieces_in_set", "set_size", "count"), 1, 4)
    height = min(112, 264 // pieces)
    shown = ""
    for n in range(pieces):
        w = 232 - 28 * n
        x, base = 200 - w / 2, 332 - n * height
        inner = (p.second, p.third, LEAF, "#e0a25c")[n]
        shown += (
            rect(x + 8, base - height + 14, w - 16, height - 14, 16, shade(p.material, 0.4))
            + rect(x + 24, base - height * 0.5, w - 48, height * 0.5 - 12, 10, inner if inner != p.main else "#e0a25c")
            + rect(x, base - height + 4, w, 24, 10, p.main)
            + rect(180, base - height + 6, 40, 34, 8, p.dark)
        )
    return shown


def tin(p: Paint) -> str:
    """A loaf tin, and the loaf that rose in it."""
    w = 104 + 30 * p.size
    loaf = soft(
        f"M{212 - w:.0f} 214 Q{196 - w:.0f} 132 {262 - w:.0f} 138 Q200 104 {138 + w:.0f} 138 Q{204 + w:.0f} 132 {188 + w:.0f} 214 Z",
        "#c98a4b",
        10,
    )
    cuts = line("M150 142 L170 178 M194 132 L212 172 M238 138 L254 176", "#f0cf9d", 9)
    body = soft(f"M{204 - w:.0f} 214 H{196 + w:.0f} L{172 + w:.0f} 326 H{228 - w:.0f} Z", p.main, 12)
    rim = rect(190 - w, 204, 2 * w + 20, 20, 10, p.dark)
    return loaf + cuts + body + path(f"M{208 - w:.0f} 224 h34 l14 104 h-26 Z", p.light) + rim
