"""To be worn."""

from __future__ import annotations

import math

from retriever.demo.silhouettes.shapes import (
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
)  # fmt: skip


def jacket(p: Paint) -> str:
    """A hooded jacket with zip and pockets; the larger, the longer."""
    end = 304 + 24 * p.size
    hood = path("M150 112 Q200 40 250 112 L226 140 H174 Z", p.dark)
    sleeves = mirrored(soft("M146 118 L88 152 L74 286 H110 L136 196 Z", p.dark, 8))
    body = soft(f"M152 116 Q200 150 248 116 L278 140 L270 {end - 4:.0f} H130 L122 140 Z", p.main, 8)
    pockets = mirrored(line("M150 246 L168 276", p.light, 6))
    return hood + sleeves + body + line(f"M200 138 V{end - 6:.0f}", p.other(p.light), 6) + pockets


def shoe(p: Paint) -> str:
    """A running shoe from the side; the better cushioned, the thicker its sole."""
    up = 12 * p.size
    sole = path(f"M72 {288 - up:.0f} Q66 330 96 330 H318 Q350 330 340 {284 - up:.0f} Z", shade(p.main, 0.78))
    upper = path("M76 296 L88 172 Q126 196 158 168 Q204 226 284 240 Q340 250 340 296 Z", p.main)
    laces = "".join(
        line(f"M{168 + n * 26} {192 + n * 14} L{150 + n * 26} {214 + n * 14}", p.light, 8) for n in range(3)
    )
    swoop = line("M96 262 Q160 276 206 238", p.other(p.dark), 12)
    return upper + sole + laces + swoop + line("M74 316 H338", p.dark, 5)


def shirt(p: Paint) -> str:
    """A T-shirt with a round neck or a pointed one, and a pocket."""
    end = 300 + 28 * p.size
    sleeves = mirrored(
        soft("M142 96 L74 142 L98 196 L140 170 Z", p.dark, 8) + line("M76 146 L99 192", p.other(p.light), 9)
    )
    body = soft(f"M150 92 Q200 130 250 92 L272 108 V{end - 4:.0f} H128 V108 Z", p.main, 8)
    neck = "M152 94 L200 150 L248 94" if p.says("V-neck") else "M150 94 Q200 138 250 94"
    hole = path("M152 90 L200 146 L248 90 Q200 112 152 90 Z", p.dark) if p.says("V-neck") else ""
    pocket = rect(212, 166, 40, 44, 8, p.light) + rect(212, 166, 40, 10, 5, p.other(p.dark))
    return (
        sleeves + body + hole + pocket + line(neck, p.other(p.light), 11) + line(f"M132 {end - 12:.0f} H268", p.dark, 4)
    )


def sweater(p: Paint) -> str:
    """A knitted sweater with a pattern across the chest."""
    end = 302 + 26 * p.size
    sleeves = mirrored(
        soft("M140 100 L86 148 L72 270 L108 276 L138 190 Z", p.dark, 10) + line("M74 284 L106 288", p.light, 15)
    )
    body = soft(f"M150 98 Q200 122 250 98 L274 114 L270 {end - 20:.0f} H130 L126 114 Z", p.main, 10)
    tone = p.other(p.light)
    dots = p.last(p.light)
    zigzag = line(
        "M134 182 l12 -16 l12 16 l12 -16 l12 16 l12 -16 l12 16 l12 -16 l12 16 l12 -16 l12 16 l12 -16", tone, 7
    )
    band = zigzag + "".join(circle(146 + n * 27, 202, 5, dots) for n in range(5)) + line("M132 218 H268", tone, 6)
    hem = rect(122, end - 22, 156, 26, 10, p.light) + line(
        " ".join(f"M{136 + n * 16} {end - 16:.0f} v14" for n in range(9)), p.main, 4
    )
    return sleeves + body + band + hem + _collar(p)


def _collar(p: Paint) -> str:
    ribs = line("M152 98 Q200 126 248 98", p.light, 18)
    if p.says("roll neck"):
        return ribs + rect(152, 66, 96, 46, 18, p.light) + line("M160 90 Q200 102 240 90", p.dark, 4)
    if p.says("half zip"):
        return ribs + rect(160, 72, 80, 38, 12, p.light) + line("M200 78 V160", p.dark, 5) + circle(200, 164, 5, p.dark)
    return ribs


def trousers(p: Paint) -> str:
    """Trousers; the larger, the wider the leg."""
    foot = 44 + 16 * p.size
    leg = soft(f"M132 76 H198 V140 L{186:.0f} 328 H{186 - foot:.0f} L124 150 Z", p.main, 8)
    crease = line(f"M158 150 L{186 - foot / 2:.0f} 320", p.dark, 4)
    pocket = line("M132 110 Q152 128 164 100", p.dark, 5)
    belt = rect(126, 66, 148, 26, 8, p.other(p.dark))
    loops = "".join(rect(x, 62, 9, 34, 4, p.light) for x in (146, 245)) + circle(200, 79, 6, p.light)
    zips = line("M126 226 L186 222", p.dark, 5) if p.says("zip-off") else ""
    return mirrored(leg + crease + pocket + zips) + line("M200 92 V150", p.dark, 5) + belt + loops


SOCKS = {"ankle": 176, "mid-calf": 122, "knee": 72}  # where they end


def socks(p: Paint) -> str:
    """A pair of socks, heel and toe in the second colour; the longer, the larger."""
    top = next((at for name, at in SOCKS.items() if p.says(name)), 132 - 56 * p.size)
    tone = p.other(p.dark)
    sock = (
        soft(f"M150 {top:.0f} H206 V232 Q206 262 176 278 L118 312 Q88 322 80 300 Q76 284 96 272 L150 236 Z", p.main, 10)
        + soft("M80 300 Q76 284 96 272 L108 264 L130 306 L118 312 Q88 322 80 300 Z", tone, 10)
        + path("M211 214 V234 Q210 262 186 278 Q168 252 176 228 Q190 212 211 214 Z", tone)
        + rect(143, top - 8, 70, 34, 10, tone)
        + line(f"M152 {top + 40:.0f} H206 M152 {top + 56:.0f} H206", p.last(p.light), 7)
    )
    return group(sock, "translate(94 -12)") + group(sock, "translate(6 12)")


def hat(p: Paint) -> str:
    """A knitted hat, with a bobble unless its top is plain, or a brim for the sun where there is one."""
    if p.says("brim"):
        w = 116 + 30 * p.size
        crown = soft("M126 250 Q122 118 164 108 Q200 124 236 108 Q278 118 274 250 Z", p.main, 10)
        brim = ellipse(200, 268, w, 40, p.dark) + ellipse(200, 260, w, 38, p.main)
        top = path("M126 252 Q200 282 274 252 V262 Q200 294 126 262 Z", p.dark)
        return brim + crown + path("M123 216 Q200 246 277 216 V250 Q200 282 123 250 Z", p.other(p.light)) + top
    pompom = "".join(circle(200 + 24 * math.cos(n), 98 + 24 * math.sin(n), 17, p.other(p.light)) for n in range(7))
    crown = path("M104 272 Q98 106 200 104 Q302 106 296 272 Z", p.main)
    knit = line(
        "M144 262 Q142 152 176 116 M182 262 Q180 160 194 112 M218 262 Q220 160 206 112 M256 262 Q258 152 224 116",
        p.dark,
        5,
    )
    height = 52 + 16 * p.size
    cuff = rect(92, 322 - height, 216, height, 20, p.light) + line(
        " ".join(f"M{112 + n * 22} {334 - height:.0f} V310" for n in range(9)), p.main, 6
    )
    bobble = "" if p.says("plain top") else pompom + circle(200, 98, 26, p.other(p.light))
    return bobble + crown + knit + cuff


def umbrella(p: Paint) -> str:
    """An open umbrella, its panels by turns in its colours."""
    w = 116 + 28 * p.size
    other = p.other(p.light)
    stick = (
        line("M200 96 V286", p.material, 10) + rect(188, 276, 24, 54, 11, p.dark) + rect(188, 290, 24, 7, 0, p.light)
    )
    if p.says("walking-stick"):
        stick = line("M200 96 V300", p.material, 10) + line("M200 280 V300 Q200 326 222 326 Q244 326 244 306", WOOD, 15)
    dome = path(
        f"M{200 - w:.0f} 212 Q{200 - w:.0f} 84 200 80 Q{200 + w:.0f} 84 {200 + w:.0f} 212 "
        f"q-{w / 4:.0f} -30 -{w / 2:.0f} 0 q-{w / 4:.0f} -30 -{w / 2:.0f} 0 "
        f"q-{w / 4:.0f} -30 -{w / 2:.0f} 0 q-{w / 4:.0f} -30 -{w / 2:.0f} 0 Z",
        p.main,
    )
    panel = path(f"M200 80 Q{200 - w * 0.55:.0f} 120 {200 - w / 2:.0f} 212 q{w / 4:.0f} -30 {w / 2:.0f} 0 Z", other)
    far = path(
        f"M200 80 Q{200 + w * 0.94:.0f} 92 {200 + w:.0f} 212 "
        f"q-{w / 4:.0f} -30 -{w / 2:.0f} 0 Q{200 + w * 0.55:.0f} 120 200 80 Z",
        p.dark,
    )
    return line("M200 62 V84", p.dark, 8) + stick + dome + panel + far
