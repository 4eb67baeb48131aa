"""What the goods look like: one drawing a kind, on a field of 400 by 400, in the product's own colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MATERIALS = {
    "plastic": "#8d9499",
    "glass": "#cfe3e6",
    "stainless steel": "#aeb6bc",
    "oak": "#b88a57",
    "steel": "#8f979d",
    "wood": "#b88a57",
    "cast iron": "#44474b",
    "carbon steel": "#5d6a74",
    "tri-ply stainless steel": "#c2c9ce",
    "non-stick aluminium": "#565b60",
}


@dataclass(frozen=True)
class Paint:
    """The main colour with a darker and a lighter one, the material's, a second one, and the size from 0 to 1."""

    main: str
    dark: str
    light: str
    material: str
    second: str
    third: str
    size: float


def shade(color: str, amount: float) -> str:
    """A colour moved towards white (up to 1) or black (down to -1)."""
    goal = 255 if amount > 0 else 0
    parts = (int(color[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(f"{round(part + (goal - part) * abs(amount)):02x}" for part in parts)


def _rect(x: float, y: float, width: float, height: float, round_: float, fill: str, rest: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round_}" fill="{fill}" {rest}/>'


def _circle(x: float, y: float, radius: float, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _path(d: str, fill: str) -> str:
    return f'<path d="{d}" fill="{fill}"/>'


def _line(d: str, stroke: str, width: float) -> str:
    return (
        f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def speaker(p: Paint) -> str:
    """A box with two cones; the big ones have a handle."""
    width = 130 + 60 * p.size
    x = 200 - width / 2
    handle = _line(f"M{x + 30} 96 V70 H{x + width - 30} V96", p.dark, 14) if p.size > 0.6 else ""
    cones = "".join(
        _circle(200, y, r, p.dark) + _circle(200, y, r * 0.72, p.light) + _circle(200, y, r * 0.3, p.dark)
        for y, r in ((150, 32), (246, 52))
    )
    return handle + _rect(x, 90, width, 230, 34, p.main) + cones


def earbuds(p: Paint) -> str:
    """Two buds above their open case."""
    buds = "".join(
        _rect(x - 12, 120, 24, 86, 12, p.main)
        + _circle(x + turn * 8, 122, 34, p.main)
        + _circle(x + turn * 32, 126, 16, p.dark)
        for x, turn in ((146, 1), (254, -1))
    )
    case = _rect(100, 222, 200, 108, 50, p.dark) + _rect(100, 252, 200, 78, 39, p.main) + _circle(200, 284, 6, p.light)
    return buds + case


def charger(p: Paint) -> str:
    """A block with prongs and as many sockets as its size allows."""
    side = 130 + 50 * p.size
    x, y = 200 - side / 2, 220 - side / 2
    prongs = _rect(168, y - 46, 14, 60, 4, "#b3a27c") + _rect(218, y - 46, 14, 60, 4, "#b3a27c")
    count = 1 + round(p.size * 3)
    gap = side / (count + 1)
    sockets = "".join(_rect(x + 26, y + gap * (n + 1) - 7, side - 52, 14, 7, p.dark) for n in range(count))
    return prongs + _rect(x, y, side, side, 28, p.main) + _rect(x, y, side, 18, 9, p.light) + sockets


def kettle(p: Paint) -> str:
    """A kettle in its material, with lid, handle and base in its colour."""
    body = _path("M142 120 H250 L276 300 H116 Z", p.material) + _path(
        "M142 120 H176 L162 300 H116 Z", shade(p.material, 0.3)
    )
    spout = _path("M146 150 L100 132 L112 170 L138 196 Z", p.material)
    handle = _line("M252 136 Q336 140 320 214 Q312 258 272 276", p.main, 24)
    return (
        spout
        + handle
        + body
        + _rect(150, 98, 92, 24, 12, p.main)
        + _circle(196, 92, 12, p.dark)
        + _rect(104, 298, 184, 30, 12, p.dark)
    )


def pan(p: Paint) -> str:
    """A frying pan seen from above, with a handle in its colour."""
    handle = _line("M246 246 L336 336", p.main, 34) + _circle(334, 334, 7, p.light)
    dish = _circle(172, 172, 112, shade(p.material, -0.25)) + _circle(172, 172, 98, p.material)
    return handle + dish + _line("M112 152 Q126 112 166 102", shade(p.material, 0.35), 9)


def tent(p: Paint) -> str:
    """A ridge tent with its door tied back; the larger, the wider."""
    w = 130 + 40 * p.size
    fly = _path(f"M200 96 L{200 + w} 328 H{200 - w} Z", p.main) + _path(f"M200 96 L{200 + w} 328 H240 Z", p.dark)
    door = _path("M200 128 L240 328 H160 Z", shade(p.dark, -0.45)) + _path(
        "M200 128 L160 328 Q150 236 200 128 Z", p.light
    )
    return fly + door + _line("M192 84 L200 98 L208 84", p.dark, 7)


def backpack(p: Paint) -> str:
    """A pack with lid and front pocket; the larger, the taller."""
    top = 120 - 40 * p.size
    straps = _line(f"M170 {top} Q200 {top - 46} 230 {top}", p.dark, 14)
    body = _rect(118, top, 164, 320 - top, 56, p.main)
    sides = _rect(98, 222, 34, 78, 16, p.dark) + _rect(268, 222, 34, 78, 16, p.dark)
    pocket = _rect(140, 222, 120, 80, 20, p.dark) + _rect(152, 240, 96, 7, 3, p.light)
    return (
        straps
        + sides
        + body
        + _path(f"M118 {top + 70} Q200 {top + 120} 282 {top + 70} V{top + 50} H118 Z", p.light)
        + pocket
    )


def bottle(p: Paint) -> str:
    """A bottle with a steel rim and a lid."""
    body = _rect(148, 136, 104, 200, 30, p.main) + _rect(164, 150, 16, 170, 8, p.light)
    return _rect(160, 112, 80, 34, 8, p.material) + _rect(154, 66, 92, 54, 16, p.dark) + body


def lamp(p: Paint) -> str:
    """A jointed lamp on a base of its material, with its pool of light."""
    light = _path("M232 176 L172 306 H352 L294 148 Z", "#ffe7a3").replace("/>", ' opacity="0.55"/>')
    arm = _line("M136 304 L112 196 L232 112", p.dark, 13) + _circle(112, 196, 14, p.main)
    head = _path("M212 96 Q250 62 286 92 L304 142 L222 182 Z", p.main)
    return light + arm + head + _rect(84, 302, 110, 24, 12, p.material)


def blanket(p: Paint) -> str:
    """A folded blanket with stripes and a fringe."""
    fringe = "".join(_line(f"M{x} 286 V318", p.dark, 7) for x in range(108, 300, 18))
    folds = (
        _rect(92, 118, 216, 172, 26, p.main) + _rect(92, 118, 216, 46, 23, p.light) + _rect(92, 164, 216, 8, 0, p.dark)
    )
    return fringe + folds + _rect(92, 216, 216, 14, 0, p.light) + _rect(92, 242, 216, 8, 0, p.dark)


def jacket(p: Paint) -> str:
    """A hooded jacket with zip and pockets."""
    hood = _path("M150 112 Q200 40 250 112 L226 140 H174 Z", p.dark)
    sleeves = _path("M150 112 L84 150 L70 290 H112 L136 196 Z", p.dark) + _path(
        "M250 112 L316 150 L330 290 H288 L264 196 Z", p.dark
    )
    body = _path("M150 112 Q200 146 250 112 L282 138 L274 324 H126 L118 138 Z", p.main)
    zip_ = _line("M200 132 V324", p.light, 6)
    return (
        hood + sleeves + body + zip_ + _line("M150 246 L168 276", p.light, 6) + _line("M250 246 L232 276", p.light, 6)
    )


def shoe(p: Paint) -> str:
    """A running shoe from the side."""
    sole = _path("M72 284 Q70 308 96 310 H318 Q346 308 340 280 Z", shade(p.main, 0.78))
    upper = _path("M76 288 L88 172 Q126 196 158 168 Q204 226 284 240 Q340 250 340 288 Z", p.main)
    laces = "".join(
        _line(f"M{168 + n * 26} {192 + n * 14} L{150 + n * 26} {214 + n * 14}", p.light, 8) for n in range(3)
    )
    return upper + sole + laces + _line("M96 262 Q160 276 206 238", p.dark, 12) + _line("M72 300 H338", p.dark, 5)


def jar(p: Paint) -> str:
    """A cream jar with a lid and a label."""
    return (
        _rect(112, 182, 176, 136, 34, p.main) + _rect(126, 206, 18, 88, 9, p.light)
        + _rect(104, 122, 192, 64, 16, p.dark) + _rect(104, 164, 192, 8, 0, p.light)
        + _rect(164, 224, 94, 52, 8, "#fbf8f0") + _line("M180 242 H242 M190 258 H232", p.dark, 5)
    )  # fmt: skip


def bed(p: Paint) -> str:
    """A dog bed with a cushion and a paw on its rim."""
    paw = _circle(200, 274, 15, p.light) + "".join(
        _circle(x, y, 7, p.light) for x, y in ((178, 258), (193, 247), (209, 247), (223, 258))
    )
    rim = (
        '<ellipse cx="200" cy="232" rx="144" ry="82" fill="{}"/><ellipse cx="200" cy="206" rx="108" ry="44" fill="{}"/>'
    )
    return rim.format(p.main, p.dark) + f'<ellipse cx="200" cy="214" rx="98" ry="34" fill="{p.light}"/>' + paw


def puzzle(p: Paint) -> str:
    """Four pieces, the last one not quite in its place."""
    pieces = (
        _rect(96, 96, 100, 100, 10, p.main)
        + _rect(200, 96, 100, 100, 10, p.second)
        + _rect(96, 200, 100, 100, 10, p.third)
    )
    knobs = _circle(204, 146, 20, p.main) + _circle(146, 204, 20, p.main) + _circle(250, 202, 20, p.second)
    corner = _rect(206, 206, 100, 100, 10, p.light) + _circle(202, 256, 20, p.light)
    last = f'<g transform="translate(18 18) rotate(8 250 250)">{corner}</g>'
    return pieces + knobs + last


SILHOUETTES: dict[str, Callable[[Paint], str]] = {
    "speaker": speaker,
    "earbuds": earbuds,
    "charger": charger,
    "kettle": kettle,
    "pan": pan,
    "tent": tent,
    "backpack": backpack,
    "bottle": bottle,
    "lamp": lamp,
    "blanket": blanket,
    "jacket": jacket,
    "shoe": shoe,
    "jar": jar,
    "bed": bed,
    "puzzle": puzzle,
}
