"""For the desk and whoever sits at it."""

from __future__ import annotations

from retriever.demo.silhouettes.shapes import (
    INK,
    PAPER,
    STEEL,
    Paint,
    circle,
    group,
    line,
    mirrored,
    path,
    rect,
    soft,
    star,
)


def chair(p: Paint) -> str:
    """A swivel chair; the big ones have a head rest."""
    head = rect(158, 58, 84, 30, 14, p.dark) + rect(192, 84, 16, 20, 4, INK) if p.size > 0.5 else ""
    back = (
        rect(138, 98, 124, 116, 34, p.main)
        + rect(156, 118, 88, 70, 22, p.light)
        + rect(168, 170, 64, 8, 4, p.other(p.dark))
    )
    arms = mirrored(line("M112 190 H134 M120 192 V228 Q122 240 140 240", p.dark, 13))
    seat = rect(120, 222, 160, 36, 18, p.main) + rect(120, 242, 160, 16, 8, p.dark)
    foot = rect(192, 256, 16, 40, 4, STEEL) + line("M200 292 L134 314 M200 292 L266 314 M200 292 V316", INK, 11)
    wheels = "".join(circle(x, 322, 10, INK) for x in (130, 200, 270))
    return head + rect(190, 200, 20, 40, 4, INK) + foot + wheels + back + arms + seat


def lumbar(p: Paint) -> str:
    """A cushion for the small of the back, strapped to a chair one can only guess."""
    ghost = group(rect(112, 60, 176, 250, 46, INK) + rect(190, 300, 20, 32, 4, INK), opacity=0.16)
    h = 108 + 32 * p.size
    y = 214 - h / 2
    heights = (184, 228) if p.says("two straps") else (200,)
    strap = "".join(rect(104, at, 192, 22, 10, p.dark) for at in heights)
    pillow = soft(
        f"M98 {y:.0f} Q200 {y + 30:.0f} 302 {y:.0f} Q320 214 302 {y + h:.0f} "
            f"Q200 {y + h - 18:.0f} 98 {y + h:.0f} Q80 214 98 {y:.0f} Z",
        p.main, 22,
    )  # fmt: skip
    seams = line(
        f"M160 {y + 26:.0f} Q152 214 160 {y + h - 22:.0f} M240 {y + 26:.0f} Q248 214 240 {y + h - 22:.0f}", p.dark, 5
    )
    return ghost + strap + pillow + seams + rect(184, 204, 32, 18, 6, p.other(p.light))


def stand(p: Paint) -> str:
    """A stand from the side, with the laptop it lifts; the larger, the higher."""
    lift = 36 * p.size
    top = 236 - lift
    foot = rect(98, 312, 206, 18, 9, p.main)
    arm = (
        line(f"M150 316 L250 {top + 22:.0f}", p.dark, 20)
        + circle(150, 316, 15, p.other(p.main))
        + circle(250, top + 22, 15, p.main)
    )
    tray = line(f"M98 {top + 30:.0f} L102 {top + 50:.0f} L300 {top + 8:.0f}", p.main, 13)
    laptop = line(f"M116 {top + 32:.0f} L298 {top - 7:.0f}", STEEL, 13) + line(
        f"M300 {top - 10:.0f} L326 {top - 128 + lift / 3:.0f}", INK, 11
    )
    return foot + arm + laptop + tray


def notebook(p: Paint) -> str:
    """A bound notebook with an elastic band and a ribbon."""
    w, h = 150 + 44 * p.size, 210 + 50 * p.size
    x, y = 200 - w / 2, 326 - h
    band = p.other(p.dark)
    pages = rect(x + 8, y + 8, w - 2, h - 10, 10, PAPER) + rect(x + 8, y + h - 12, w - 2, 10, 5, "#d8d2c2")
    cover = rect(x, y, w, h - 6, 16, p.main) + rect(x, y, 24, h - 6, 12, p.dark)
    ribbon = path(f"M{x + 70:.0f} {y + h - 8:.0f} h16 v26 l-8 -8 l-8 8 Z", p.last("#c0443c"))
    label = rect(x + 52, y + 40, w - 104, 46, 8, p.light)
    return ribbon + pages + cover + label + rect(x + w - 30, y - 2, 11, h - 2, 4, band)


def calendar(p: Paint) -> str:
    """A house of little doors, one for each day until the feast; a few stand open already."""
    house = soft("M86 148 L200 70 L314 148 V322 H86 Z", p.main, 16)
    roof = (
        line("M78 150 L200 66 L322 150", "#f6f8fa", 20)
        + circle(78, 152, 13, "#f6f8fa")
        + circle(322, 152, 13, "#f6f8fa")
    )
    colors = (p.light, p.second, p.dark, p.third)
    doors = ""
    for n in range(24):
        row, column = divmod(n, 6)
        x, y = 94 + column * 36.4, 162 + row * 41
        if n in (1, 8, 15):
            doors += (
                rect(x, y, 30, 33, 4, INK)
                + circle(x + 15, y + 17, 8, "#f2c14e")
                + path(f"M{x} {y} l-9 5 v29 l9 -1 Z", p.light)
            )
        else:
            tone = colors[(n * 5 + row) % 4]
            doors += rect(x, y, 30, 33, 4, tone if tone != p.main else p.dark) + circle(x + 24, y + 17, 2.5, PAPER)
    whole = house + roof + doors + star(200, 120, 19, "#f2c14e")
    return group(whole, f"translate(200 332) scale({0.88 + 0.12 * p.size:.2f}) translate(-200 -330)")
