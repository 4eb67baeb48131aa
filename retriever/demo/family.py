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
"""What attributes must be like. Beside them it may name ``price`` (dollars), ``grade`` and ``size`` (0 to 1)."""


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


class Aspect(Data):
    """What shoppers judge a product by: a strength when ``good`` holds, a flaw when ``bad`` does.

    ``love`` and ``complain`` are what reviewers then say, each in English and Chinese.
    """

    id: str
    name: Words
    good: Condition
    bad: Condition
    love: list[tuple[str, str]] = Field(min_length=2)
    complain: list[tuple[str, str]] = Field(min_length=2)


class Season(Words):
    """A yearly season of sale, from a day to a day (``MM-DD``, both included), and what it is called."""

    start: str = Field(pattern=r"^\d\d-\d\d$")
    end: str = Field(pattern=r"^\d\d-\d\d$")


class Fit(Data):
    """What this fits: the products of a family, where ``same`` names an attribute with an equal value."""

    family: str
    same: str | None = None


class Rule(Data):
    """A joint range: whenever ``when`` holds, ``then`` must. Tests hold every product to it."""

    when: Condition
    then: Condition


class Family(Data):
    """One family of products.

    ``twins`` maps a product's name to the one it is easily confused with and replaces. ``wanted``
    are words in which shoppers ask for such goods: names, misnomers and needs. ``interests`` says
    which tastes it appeals to, from 0 to 1. An ``oddity`` is a single product of the long tail.
    ``lasts`` says of what is used up how many days a small and a large piece last.
    """

    id: str
    department: str
    categories: list[str]
    silhouette: str
    names: list[str]
    twins: dict[str, str] = {}
    oddity: bool = False
    brands: list[str] = []  # instead of the department's
    title: Words
    attributes: dict[str, Attribute]
    price: PriceModel
    colors: list[str]
    color_pick: tuple[int, int] = (2, 4)
    color_option: bool = True
    options: dict[str, Option] = {}
    season: Season | None = None
    wanted: list[tuple[str, str]] = []
    interests: dict[str, float] = {}
    sentences: list[Sentence]
    aspects: list[Aspect] = []
    reviews: list[ReviewText] = []
    rules: list[Rule] = []
    lasts: tuple[float, float] | None = None
    goes_with: list[str] = []
    fits: list[Fit] = []
    replaces: list[str] = []  # families whose job it also does


class Brand(Data):
    """An invented brand, its character and the departments it makes things for."""

    name: str
    character: Character
    departments: list[str]


class Color(Words):
    """A colour as words and as the pictures draw it."""

    hex: str = Field(pattern=r"^#[0-9a-f]{6}$")


class Shop(Data):
    """What the families share: brands, colours, units, the words of options and interests."""

    brands: list[Brand]
    colors: dict[str, Color]
    units: dict[str, str]  # English unit to Chinese unit
    interests: dict[str, str]  # a taste and what it is


def read(name: str) -> dict[str, Any]:
    """One data file of this package."""
    return tomllib.loads((resources.files("retriever.demo") / name).read_text(encoding="utf-8"))


@cache
def shop() -> Shop:
    """Brands, colours, units and interests."""
    return Shop.model_validate(read("shop.toml"))


@cache
def families() -> tuple[Family, ...]:
    """All families in the order of their file names, then the oddities."""
    return tuple(Family.model_validate(entry) for _, entry in sources())


def sources() -> list[tuple[str, dict[str, Any]]]:
    """Every family as its file says it, with the file's name; a file may hold several under ``family``."""
    found: list[tuple[str, dict[str, Any]]] = []
    for folder in ("families", "oddities"):
        entries = (resources.files("retriever.demo") / folder).iterdir()
        for name in sorted(entry.name for entry in entries if entry.name.endswith(".toml")):
            content = read(f"{folder}/{name}")
            found += [(name, entry) for entry in content.get("family", [content])]
    return found
