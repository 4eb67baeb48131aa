"""What the goods look like: one drawing a kind, on a field of 400 by 400, in the product's own colours.

A card shows a picture four to three, so a drawing keeps between 50 and 350; goods stand on 332.
"""

from __future__ import annotations

from collections.abc import Callable

from retriever.demo.silhouettes import care, clothing, electronics, home, kitchen, office, outdoor, pets, toys
from retriever.demo.silhouettes.shapes import MATERIALS, PALE, PLAIN, Paint, deepen, distance, luminance, shade

__all__ = ["MATERIALS", "PALE", "PLAIN", "SILHOUETTES", "Paint", "deepen", "distance", "luminance", "shade"]

DRAWINGS: tuple[Callable[[Paint], str], ...] = (
    electronics.speaker,
    electronics.earbuds,
    electronics.charger,
    electronics.headphones,
    electronics.powerbank,
    electronics.cable,
    electronics.keyboard,
    electronics.mouse,
    electronics.webcam,
    electronics.phonecase,
    office.chair,
    office.lumbar,
    office.stand,
    office.notebook,
    office.calendar,
    kitchen.kettle,
    kitchen.pan,
    kitchen.bottle,
    kitchen.knife,
    kitchen.board,
    kitchen.mug,
    kitchen.press,
    kitchen.lid,
    kitchen.box,
    kitchen.tin,
    home.lamp,
    home.blanket,
    home.candle,
    home.plantpot,
    home.clock,
    home.towel,
    home.lights,
    outdoor.tent,
    outdoor.backpack,
    outdoor.sleepingbag,
    outdoor.mat,
    outdoor.stove,
    outdoor.headlamp,
    outdoor.poles,
    outdoor.hammock,
    clothing.jacket,
    clothing.shoe,
    clothing.shirt,
    clothing.sweater,
    clothing.trousers,
    clothing.socks,
    clothing.hat,
    clothing.umbrella,
    care.jar,
    care.tube,
    care.stick,
    care.bar,
    care.brush,
    pets.bed,
    pets.bowl,
    pets.leash,
    pets.post,
    pets.feather,
    toys.puzzle,
    toys.plush,
    toys.blocks,
    toys.boardgame,
    toys.gadget,
)

SILHOUETTES: dict[str, Callable[[Paint], str]] = {draw.__name__: draw for draw in DRAWINGS}
"""Every drawing by its name, which is what a family's ``silhouette`` says."""
