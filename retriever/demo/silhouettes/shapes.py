"""What the drawings are made of: the paint of a product and the few shapes that SVG needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MATERIALS = {
    "plastic": "#8d9499",
    "glass": "#cfe3e6",
    "tempered glass": "#cfe3e6",
    "borosilicate glass": "#cfe3e6",
    "stainless steel": "#aeb6bc",
    "steel": "#8f979d",
    "aluminium": "#bfc5c9",
    "cardboard": "#c9a877",
    "brushed steel": "#aab2b8",
    "aluminised steel": "#a9b0b5",
    "oiled walnut": "#6f4e37",
    "polypropylene": "#d3d9dc",
    "pearwood": "#b27a4e",
    "titanium": "#9a9ea3",
    "layered steel": "#9aa3ab",
    "oak": "#b88a57",
    "end-grain oak": "#b3834e",
    "wood": "#b88a57",
    "beech": "#cfa673",
    "bamboo": "#d0b071",
    "acacia": "#9a6a3f",
    "walnut": "#6f4e37",
    "cork": "#b98d63",
    "cast iron": "#44474b",
    "carbon steel": "#5d6a74",
    "carbon": "#43484d",
    "carbon fibre": "#43484d",
    "tri-ply stainless steel": "#c2c9ce",
    "non-stick aluminium": "#565b60",
    "terracotta": "#b9694a",
    "ceramic": "#dcd5c9",
    "stoneware": "#a79a89",
    "earthenware": "#bd8a68",
    "porcelain": "#e3e1da",
    "concrete": "#a5a6a2",
    "brass": "#b8964f",
    "sisal": "#c9ab78",
    "leather": "#8a5c3b",
}
PLAIN = "#adb5bb"  # the colour of a material that has none of its own here

PALE = 0.6  # from this luminance on, what is drawn on goods is darker than they are
INK, PAPER, WOOD, STEEL, LEAF, GLOW = "#3b3f45", "#fbf8f0", "#b88a57", "#b7bec4", "#5f8f5a", "#ffe08a"

Point = tuple[float, float]


@dataclass(frozen=True)
class Paint:
    """The main colour with a darker and a lighter one, the material's, a second and a third, and the size from 0 to 1.

    ``facts`` are the product's attributes: a number where it is one, else its English words.
    """

    main: str
    dark: str
    light: str
    material: str
    second: str
    third: str
    size: float
    facts: Mapping[str, float | str] = field(default_factory=dict[str, float | str])

    def count(self, names: Sequence[str], low: int, high: int) -> int:
        """How many of something to draw: the first of these facts that is a number, else as the size has it."""
        for name in names:
            number = self.facts.get(name)
            if isinstance(number, float | int):
                return min(high, max(low, round(number)))
        return low + round(self.size * (high - low))

    @property
    def mark(self) -> str:
        """What shows on the main colour: paper white, or on pale goods the darker main colour."""
        return self.dark if luminance(self.main) > PALE else PAPER

    def other(self, otherwise: str) -> str:
        """The second colour, or this one where there is no second."""
        return self.second if self.second != self.main else otherwise

    def last(self, otherwise: str) -> str:
        """The third colour, or this one where there is no third."""
        return self.third if self.third != self.main else otherwise

    def says(self, *words: str) -> bool:
        """True when one of the facts that are words holds one of these."""
        return any(word in fact for fact in self.facts.values() if isinstance(fact, str) for word in words)


def shade(color: str, amount: float) -> str:
    """A colour moved towards white (up to 1) or black (down to -1)."""
    goal = 255 if amount > 0 else 0
    parts = (int(color[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(f"{round(part + (goal - part) * abs(amount)):02x}" for part in parts)


def luminance(color: str) -> float:
    """How light a colour is to the eye, from 0 to 1, as WCAG 2 counts it."""
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def distance(one: str, other: str) -> float:
    """How far apart two colours look in Oklab: 0 is the same, 1 is black and white."""
    return math.dist(_oklab(one), _oklab(other))


def deepen(color: str, amount: float) -> str:
    """A tint of the same hue, darker and stronger the larger the amount."""
    parts = (int(color[index : index + 2], 16) / 255 for index in (1, 3, 5))
    return "#" + "".join(f"{round(255 * part ** (1 + amount)):02x}" for part in parts)


def _oklab(color: str) -> tuple[float, float, float]:
    red, green, blue = _linear(color)
    long, middle, short = (
        (0.4122 * red + 0.5363 * green + 0.0514 * blue) ** (1 / 3),
        (0.2119 * red + 0.6807 * green + 0.1074 * blue) ** (1 / 3),
        (0.0883 * red + 0.2817 * green + 0.6300 * blue) ** (1 / 3),
    )
    return (
        0.2105 * long + 0.7936 * middle - 0.0041 * short,
        1.9780 * long - 2.4286 * middle + 0.4506 * short,
        0.0259 * long + 0.7828 * middle - 0.8087 * short,
    )


def _linear(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[index : index + 2], 16) / 255 for index in (1, 3, 5))
    return _unbent(red), _unbent(green), _unbent(blue)


def _unbent(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def number(value: float) -> str:
    """A coordinate without needless digits."""
    return f"{value:.1f}".removesuffix(".0")


def rect(x: float, y: float, width: float, height: float, radius: float, fill: str) -> str:
    """A rectangle with round corners."""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'rx="{number(radius)}" fill="{fill}"/>'
    )


def circle(x: float, y: float, radius: float, fill: str) -> str:
    """A disc."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"/>'


def ellipse(x: float, y: float, across: float, down: float, fill: str) -> str:
    """An ellipse by its centre and its two radii."""
    return f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="{number(across)}" ry="{number(down)}" fill="{fill}"/>'


def ring(x: float, y: float, across: float, down: float, stroke: str, width: float) -> str:
    """The outline of an ellipse."""
    return (
        f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="{number(across)}" ry="{number(down)}" '
        f'fill="none" stroke="{stroke}" stroke-width="{number(width)}"/>'
    )


def path(d: str, fill: str) -> str:
    """A filled outline."""
    return f'<path d="{d}" fill="{fill}"/>'


def line(d: str, stroke: str, width: float) -> str:
    """A stroke with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{number(width)}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def soft(d: str, fill: str, width: float) -> str:
    """A filled outline whose corners are rounded by a stroke of its own colour."""
    return (
        f'<path d="{d}" fill="{fill}" stroke="{fill}" stroke-width="{number(width)}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def group(inner: str, transform: str = "", opacity: float = 1) -> str:
    """Shapes that are moved, turned or made faint together."""
    moved = f' transform="{transform}"' if transform else ""
    faint = f' opacity="{opacity}"' if opacity < 1 else ""
    return f"<g{moved}{faint}>{inner}</g>"


def mirrored(inner: str) -> str:
    """Shapes of the left half, and the same on the right."""
    return inner + group(inner, "translate(400 0) scale(-1 1)")


def star(x: float, y: float, radius: float, fill: str, points: int = 5) -> str:
    """A star."""
    corners = (
        (x + r * math.sin(turn), y - r * math.cos(turn))
        for step in range(points * 2)
        for turn, r in [(math.pi * step / points, radius if step % 2 == 0 else radius * 0.45)]
    )
    return soft(polygon(*corners), fill, 3)


def polygon(*corners: Point) -> str:
    """The outline through these corners."""
    return "M" + " L".join(f"{number(x)} {number(y)}" for x, y in corners) + " Z"


def steam(x: float, y: float) -> str:
    """Two wisps above something hot."""
    return group(
        line(f"M{x - 16} {y} q-14 -16 0 -30 t0 -26 M{x + 18} {y} q-14 -16 0 -30 t0 -26", "#ffffff", 8), opacity=0.75
    )


def flame(x: float, y: float, height: float) -> str:
    """A flame that stands on its point of origin."""
    h = height
    outer = f"M{number(x)} {number(y - h)} q{number(h * 0.42)} {number(h * 0.5)} 0 {number(h)} "
    inner = f"M{number(x)} {number(y - h * 0.55)} q{number(h * 0.2)} {number(h * 0.28)} 0 {number(h * 0.52)} "
    return path(
        f"{outer}q{number(-h * 0.42)} {number(-h * 0.5)} 0 {number(-h)} Z", "#f2a541"
    ) + path(f"{inner}q{number(-h * 0.2)} {number(-h * 0.28)} 0 {number(-h * 0.52)} Z", GLOW)  # fmt: skip
