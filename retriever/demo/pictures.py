"""Pictures of the demo goods, drawn from their attributes when they are asked for.

A picture brings its own soft ground, so that it looks the same on a light and on a dark page.
It holds no script, no text and no reference to anything outside itself.
"""

from __future__ import annotations

from functools import lru_cache

from retriever.demo.family import shop
from retriever.demo.generate import Made
from retriever.demo.relations import by_id
from retriever.demo.silhouettes import MATERIALS, SILHOUETTES, Paint, shade

GROUNDS = {
    "Electronics": "#d9e2e6",
    "Kitchen": "#efe3cf",
    "Outdoor": "#dbe6d6",
    "Home": "#ebe0e0",
    "Clothing": "#dfe0ea",
    "Beauty": "#f0dfe2",
    "Pets": "#e9e2d3",
    "Toys": "#dde9e8",
}
OTHER_GROUND = "#e4e4de"


@lru_cache(maxsize=512)
def picture(product_id: str) -> str | None:
    """The SVG of a demo product, or ``None`` when the demo store has no such product."""
    made = by_id().get(product_id)
    return None if made is None else draw(made)


def draw(made: Made) -> str:
    """The SVG of one product."""
    ground = GROUNDS.get(made.family.department, OTHER_GROUND)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img">'
        f'<defs><linearGradient id="g{ground[1:]}" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{shade(ground, 0.35)}"/><stop offset="1" stop-color="{shade(ground, -0.08)}"/>'
        f'</linearGradient></defs><rect width="400" height="400" fill="url(#g{ground[1:]})"/>'
        '<ellipse cx="200" cy="332" rx="132" ry="14" fill="#000000" opacity="0.12"/>'
        f"{SILHOUETTES[made.family.silhouette](_paint(made))}</svg>"
    )


def _paint(made: Made) -> Paint:
    colors = [shop().colors[name].hex for name in made.colors]
    material = next((MATERIALS[value.en] for value in made.values.values() if value.en in MATERIALS), "#aeb6bc")
    main = colors[0]
    return Paint(
        main=main,
        dark=shade(main, -0.28),
        light=shade(main, 0.32),
        material=material,
        second=colors[1 % len(colors)],
        third=colors[2 % len(colors)],
        size=made.size,
    )
