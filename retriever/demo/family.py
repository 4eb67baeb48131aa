"""What a family file may say. Closed shapes: a misspelt key in a family is an error, not a silence."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Character = Literal["cheap", "solid", "premium"]
Latent = Literal["size", "grade"]
Choice = tuple[str, str] | tuple[str, str, float]  # English, Chinese, and a factor on the price


class Data(BaseModel):
    """Frozen, closed base of the data shapes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bounds(Data):
    """A numeric condition: from ``at_least`` up to, not including, ``below``."""

    at_least: float = float("-inf")
    below: float = float("inf")

    def hold(self, number: float) -> bool:
        """True when the number is inside."""
        return self.at_least <= number < self.below


Condition = dict[str, list[str] | Bounds]


class Attribute(Data):
    """A number in a range or a word from a list, placed ``along`` the product's size and grade.

    Attributes share those two hidden numbers, which is what keeps them plausible together:
    what weighs little for its size is of a high grade, and what is of a high grade costs more.
    A negative weight means the less, the more. Without ``along`` the place is drawn.
    """

    zh: str
    unit: str = ""
    range: tuple[float, float] | None = None
    step: float = 1
    choices: list[Choice] = []
    along: dict[Latent, float] = {}
    when: Condition = {}


class Option(Data):
    """A choice the shopper makes. ``pick`` limits a product to that many of the values."""

    zh: str
    values: list[Choice]
    pick: int | None = None


class PriceModel(Data):
    """Price in dollars along size and grade; a ``curve`` above 1 keeps most goods near the low end."""

    range: tuple[float, float]
    along: dict[Latent, float]
    curve: float = 1


class Words(Data):
    """The same words in both languages; ``{name}`` is an attribute, ``{name#}`` its bare number."""

    en: str
    zh: str


class Sentence(Words):
    """A sentence that is true ``when`` the attributes are so; each slot of a description takes one."""

    slot: str
    when: Condition = {}


class ReviewText(Words):
    """A shopper's words about a product whose attributes make them possible."""

    stars: int = Field(ge=1, le=5)
    when: Condition = {}


class Rule(Data):
    """A joint range: whenever ``when`` holds, ``then`` must. Tests hold every product to it."""

    when: Condition
    then: Condition


class Family(Data):
    """One family of products. ``twins`` maps a product's name to the one it is easily confused with."""

    id: str
    department: str
    categories: list[str]
    silhouette: str
    names: list[str]
    twins: dict[str, str] = {}
    title: Words
    attributes: dict[str, Attribute]
    price: PriceModel
    colors: list[str]
    color_pick: tuple[int, int] = (2, 4)
    color_option: bool = True
    options: dict[str, Option] = {}
    sentences: list[Sentence]
    reviews: list[ReviewText]
    rules: list[Rule] = []
    goes_with: list[str] = []


class Brand(Data):
    """An invented brand, its character and the departments it makes things for."""

    name: str
    character: Character
    departments: list[str]


class Color(Words):
    """A colour as words and as the pictures draw it."""

    hex: str = Field(pattern=r"^#[0-9a-f]{6}$")


class Shop(Data):
    """What the families share: brands, colours, units."""

    brands: list[Brand]
    colors: dict[str, Color]
    units: dict[str, str]  # English unit to Chinese unit


def read(name: str) -> dict[str, Any]:
    """One data file of this package."""
    return tomllib.loads((resources.files("retriever.demo") / name).read_text(encoding="utf-8"))


@cache
def shop() -> Shop:
    """Brands, colours and units."""
    return Shop.model_validate(read("shop.toml"))


@cache
def families() -> tuple[Family, ...]:
    """All families, in the order of their file names."""
    folder = resources.files("retriever.demo") / "families"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(Family.model_validate(read(f"families/{name}")) for name in names)
