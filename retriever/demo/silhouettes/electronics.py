"""Electronics."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import INK, STEEL, Paint, circle, ellipse, group, line, path, rect, ring, soft


def speaker(p: Paint) -> str:
    """A box with two cones; the big ones have a handle."""
    width = 130 + 60 * p.size
    x = 200 - width / 2
    handle = line(f"M{x + 30} 96 V70 H{x + width - 30} V96", p.dark, 14) if p.size > 0.6 else ""
    cones = "".join(
        circle(200, y, r, p.dark) + circle(200, y, r * 0.72, p.light) + circle(200, y, r * 0.3, p.other(p.dark))
        for y, r in ((150, 32), (252, 52))
    )
    return handle + rect(x, 90, width, 242, 34, p.main) + cones


def earbuds(p: Paint) -> str:
    """Two buds above their open case."""
    buds = "".join(
        rect(x - 12, 106, 24, 92, 12, p.main)
        + circle(x + turn * 8, 110, 36, p.main)
        + circle(x + turn * 34, 114, 16, p.dark)
        for x, turn in ((146, 1), (254, -1))
    )
    case = rect(100, 216, 200, 116, 54, p.dark) + rect(100, 252, 200, 80, 40, p.main)
    return buds + case + circle(200, 286, 7 + 4 * p.size, p.other(p.light))


def charger(p: Paint) -> str:
    """A block with prongs and as many sockets as it has ports."""
    side = 130 + 50 * p.size
    x, y = 200 - side / 2, 332 - side
    prongs = rect(164, y - 44, 16, 60, 5, "#b3a27c") + rect(220, y - 44, 16, 60, 5, "#b3a27c")
    count = p.count(("ports", "port_count", "sockets"), 1, 4)
    gap = (side - 18) / (count + 1)
    sockets = "".join(rect(x + 34, y + 14 + gap * (n + 1) - 7, side - 68, 14, 7, p.dark) for n in range(count))
    return (
        prongs + rect(x, y, side, side, 28, p.main) + rect(x + 20, y + 9, side - 40, 8, 4, p.other(p.light)) + sockets
    )


def headphones(p: Paint) -> str:
    """Two cups on a band."""
    band = line("M100 230 V190 A100 100 0 0 1 300 190 V230", p.dark, 20) + line(
        "M132 117 A100 100 0 0 1 268 117", p.other(p.light), 8
    )
    h = 96 + 26 * p.size
    y = 262 - h / 2
    cups = "".join(
        rect(x, y + 8, 26, h - 16, 13, p.dark)
        + rect(cup, y, 54, h, 26, p.main)
        + rect(mark, y + 24, 8, h - 48, 4, p.light)
        for x, cup, mark in ((124, 76, 92), (250, 270, 300))
    )
    return band + cups


def powerbank(p: Paint) -> str:
    """A slab with a bolt, its ports, and four lights or a display that say how full it is."""
    width, height = 124 + 46 * p.size, 206 + 40 * p.size
    x, y = 200 - width / 2, 332 - height
    ports = "".join(rect(200 + n * 44 - 18, y - 6, 36, 14, 5, p.dark) for n in ((0,) if p.size < 0.4 else (-0.6, 0.6)))
    lights = "".join(circle(164 + n * 24, 300, 6, "#8fe0a0" if n < 3 else p.dark) for n in range(4))
    shown = (
        rect(166, 286, 68, 26, 8, INK) + rect(172, 292, 44, 14, 4, "#8fe0a0")
        if p.says("display") and not p.says("lights")
        else lights
    )
    bolt = soft("M206 156 L168 218 H196 L188 264 L230 198 H202 Z", p.other(p.light), 6)
    return (
        ports + rect(x, y, width, height, 30, p.main) + rect(x + 12, y + 20, 9, height - 60, 4, p.light) + bolt + shown
    )


def cable(p: Paint) -> str:
    """A cable in a coil, with its two plugs; the longer, the more turns."""
    turns = p.count(("turns",), 2, 4)
    coil = "".join(
        f"M{200 - r} 206 a{r} {r * 0.86:.0f} 0 1 0 {2 * r} 0 a{r} {r * 0.86:.0f} 0 1 0 {-2 * r} 0 "
        for r in (104 - 20 * n for n in range(turns))
    )
    ends = line("M98 222 Q92 296 140 302 M302 222 Q308 296 260 302", p.dark, 12)
    plug = rect(130, 286, 44, 32, 10, p.dark) + rect(172, 293, 20, 18, 4, STEEL)
    tie = rect(184, 92, 32, 26 + 20 * (turns - 1), 10, p.other(p.light))
    return ends + line(coil.strip(), p.main, 12) + tie + plug + group(plug, "translate(400 0) scale(-1 1)")


LAYOUTS = {"percent": 8, "tenkeyless": 10, "full-size": 12}  # how many keys wide


def keyboard(p: Paint) -> str:
    """A keyboard from above, short or long, with one key that matters in the second colour."""
    columns = next((wide for name, wide in LAYOUTS.items() if p.says(name)), 8 + round(3 * p.size))
    width = columns * 26 + 32
    x = 200 - width / 2
    keys = "".join(f"M{x + 21 + n * 26:.0f} {174 + row * 31}h14v17h-14z" for row in range(3) for n in range(columns))
    bar = width - 167
    last = f"M{x + 21:.0f} 267h14v17h-14z M{x + 47:.0f} 267h14v17h-14z M{x + 73:.0f} 267h{bar:.0f}v17h-{bar:.0f}z"
    enter = soft(f"M{x + width - 61:.0f} 267h40v17h-40z", p.other("#e0745c"), 6)
    board = rect(x, 154, width, 166, 22, p.dark) + rect(x, 146, width, 162, 22, p.main)
    lead = line("M200 150 Q200 102 244 98 T290 62", p.dark, 9) if p.says("wired") else ""
    return lead + board + soft(keys + last, p.light, 6) + enter


def mouse(p: Paint) -> str:
    """A mouse from above."""
    w = 128 + 30 * p.size
    x = 200 - w / 2
    body = rect(x, 92, w, 240, w / 2, p.main)
    buttons = path(f"M{x} {92 + w / 2} A{w / 2} {w / 2} 0 0 1 {x + w} {92 + w / 2} V190 H{x} Z", p.light)
    split = line("M200 96 V190", p.main, 6) + line(f"M{x + 3} 190 H{x + w - 3}", p.main, 6)
    wheel = rect(189, 122, 22, 48, 11, p.dark) + rect(195, 132, 10, 26, 5, p.second)
    lead = line("M200 100 Q196 74 214 56", p.dark, 9) if p.says("wired") else ""
    return lead + body + buttons + split + wheel


def webcam(p: Paint) -> str:
    """A camera on a folding clip."""
    w = 180 + 50 * p.size
    foot = rect(184, 206, 32, 90, 10, p.dark) + soft("M140 326 Q146 286 200 284 Q254 286 260 326 Z", p.dark, 10)
    head = rect(200 - w / 2, 96, w, 124, 60, p.main)
    lens = circle(200, 158, 50, p.other(p.dark)) + circle(200, 158, 38, "#22262b") + circle(200, 158, 18, "#3c5a78")
    glint = circle(186, 144, 8, "#dfeaf2")
    marks = circle(200 - w / 2 + 28, 158, 5, p.dark) + circle(200 + w / 2 - 28, 158, 6, "#79d08c")
    return foot + head + lens + glint + marks


def phonecase(p: Paint) -> str:
    """The back of a telephone in its case."""
    w, h = 142 + 18 * p.size, 268
    x, y = 200 - w / 2, 64
    rim = rect(x, y, w, h, 32, p.dark) + rect(x + 7, y + 7, w - 14, h - 14, 26, p.main)
    camera = rect(x + 20, y + 20, 62, 62, 20, INK)
    lenses = "".join(
        circle(x + 20 + dx, y + 20 + dy, 12, "#22262b") + circle(x + 17 + dx, y + 17 + dy, 4, "#8fa6b8")
        for dx, dy in ((20, 20), (42, 42))
    )
    band = path(
        f"M{x + 7} {y + 196} L{x + w - 7} {y + 130} V{y + 166} L{x + 7} {y + 232} Z",
        p.other(p.light),
    )
    if p.says("magnet ring"):
        band = ring(200, 216, 38, 38, p.other(p.light), 9) + rect(195, 266, 10, 26, 5, p.other(p.light))
    return (
        rect(x + w - 3, y + 96, 8, 44, 4, p.dark)
        + rim
        + band
        + camera
        + lenses
        + ellipse(x + 68, y + 32, 4, 4, "#fff3c4")
    )
