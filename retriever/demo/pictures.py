"""Pictures of the demo goods, drawn from their attributes when they are asked for.

A picture brings its own soft ground, so that it looks the same on a light and on a dark page.
It holds no script, no text and no reference to anything outside itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from retriever.demo.family import shop
from retriever.demo.generate import Made, Value
from retriever.demo.relations import by_id
from retriever.demo.silhouettes import MATERIALS, PALE, PLAIN, SILHOUETTES, Paint, deepen, distance, luminance, shade

GROUNDS = {
    "Electronics": "#d9e2e6",
    "Office": "#e1e3da",
    "Kitchen": "#efe3cf",
    "Outdoor": "#dbe6d6",
    "Home": "#ebe0e0",
    "Clothing": "#dfe0ea",
    "Beauty": "#f0dfe2",
    "Pets": "#e9e2d3",
    "Toys": "#dde9e8",
}
OTHER_GROUND = "#e4e4de"
APART = 0.12  # how far goods and ground look apart at least, in Oklab


@lru_cache(maxsize=512)
def picture(product_id: str) -> str | None:
    """The SVG of a demo product, or ``None`` when the demo store has no such product."""
    made = by_id().get(product_id)
    return None if made is None else draw(made)


@lru_cache(maxsize=128)
def png(product_id: str, size: int = 512) -> bytes | None:
    """The same picture as a PNG with sides of ``size`` pixels, for places that show no SVG."""
    from resvg_py import svg_to_bytes  # only where a PNG is wanted

    drawn = picture(product_id)
    return None if drawn is None else svg_to_bytes(svg_string=drawn, width=size, height=size, skip_system_fonts=True)


def draw(made: Made) -> str:
    """The SVG of one product."""
    colors = [shop().colors[name].hex for name in made.colors]
    painted = paint(colors, made.values.values(), made.size, facts(made))
    return framed(made.family.silhouette, painted, made.family.department)


def framed(silhouette: str, colors: Paint, department: str) -> str:
    """A drawing on its department's ground."""
    ground = ground_for(colors.main, department)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img">'
        f'<defs><linearGradient id="g{ground[1:]}" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{shade(ground, 0.35)}"/><stop offset="1" stop-color="{shade(ground, -0.08)}"/>'
        f'</linearGradient></defs><rect width="400" height="400" fill="url(#g{ground[1:]})"/>'
        '<ellipse cx="200" cy="332" rx="132" ry="14" fill="#000000" opacity="0.12"/>'
        f"{SILHOUETTES[silhouette](colors)}</svg>"
    )


def ground_for(main: str, department: str) -> str:
    """The department's ground, deepened as far as goods of this colour need to stand out from it."""
    own = GROUNDS.get(department, OTHER_GROUND)
    deeper = (deepen(own, step / 4) for step in range(40))
    return next(ground for ground in deeper if distance(main, ground) >= APART)


def paint(colors: list[str], values: Iterable[Value], size: float, known: dict[str, float | str]) -> Paint:
    """What to draw a product with: its colours, its material if it is one that shows, its size and facts."""
    main = colors[0]
    pale = luminance(main) > PALE
    return Paint(
        main=main,
        dark=shade(main, -0.28),
        light=shade(main, -0.12 if pale else 0.32),
        material=next((MATERIALS[value.en] for value in values if value.en in MATERIALS), PLAIN),
        second=colors[1 % len(colors)],
        third=colors[2 % len(colors)],
        size=size,
        facts=known,
    )


def facts(made: Made) -> dict[str, float | str]:
    """The product's attributes: numbers as numbers, words as words."""
    numbers = {key for key, attribute in made.family.attributes.items() if attribute.range is not None}
    return {key: value.number if key in numbers else value.en for key, value in made.values.items()}
