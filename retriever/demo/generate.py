"""From families to product rows.

Each product draws two hidden numbers, size and grade (the grade within what its brand's
character allows), and everything else follows from them: attributes, price, words, rating.
Draws are keyed by the product's id, so a new family leaves the others as they were. Stock
and options are drawn in ``stock``, what goes with what in ``relations``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from retriever.demo.day import TODAY
from retriever.demo.dice import Dice
from retriever.demo.family import Attribute, Bounds, Brand, Choice, Condition, Family, Latent, Sentence, shop
from retriever.feeds.rows import ProductRow
from retriever.product import LocaleText, Rating

CURRENCY = "USD"
SEED = "fennel street"
GRADES = {"cheap": (0.0, 0.35), "solid": (0.35, 0.7), "premium": (0.7, 1.0)}
ENDINGS = {"cheap": Decimal("0.99"), "solid": Decimal("0.50"), "premium": Decimal(0)}


@dataclass(frozen=True)
class Value:
    """An attribute's value: its number or a plain 0, and its words."""

    number: float
    en: str
    zh: str
    bare: str
    factor: float = 1.0  # on the price


@dataclass(frozen=True)
class Made:
    """A product with what its row does not show."""

    row: ProductRow
    family: Family
    name: str
    brand: Brand
    values: dict[str, Value]
    colors: tuple[str, ...]
    size: float
    grade: float
    price: Decimal  # what it would cost, also where the row says unknown

    @property
    def facts(self) -> dict[str, Value]:
        """What conditions may name: attributes, hidden numbers and price."""
        return {**self.values, **_hidden({"size": self.size, "grade": self.grade, "price": float(self.price)})}

    def shaped(self, **changes: object) -> Made:
        """The same product with a changed row."""
        return replace(self, row=self.row.model_copy(update=changes))


def _hidden(numbers: Mapping[str, float]) -> dict[str, Value]:
    return {name: Value(number, "", "", "") for name, number in numbers.items()}


def holds(condition: Condition, values: Mapping[str, Value]) -> bool:
    """True when every named attribute exists and is as the condition says."""
    for name, wanted in condition.items():
        value = values.get(name)
        if value is None:
            return False
        if not (wanted.hold(value.number) if isinstance(wanted, Bounds) else value.en in wanted):
            return False
    return True


def product(family: Family, name: str, seed: str, today: datetime = TODAY) -> Made:
    """One product, before its variants. Its age is counted from ``today``."""
    twin_of = family.twins.get(name)
    dice = Dice(seed, family.id, twin_of or name)  # a twin is drawn as the one it resembles
    brand = _brand(family, family.names.index(twin_of or name), seed)
    low, high = GRADES[brand.character]
    latents = {"size": dice.share(), "grade": dice.between(low, high)}
    if twin_of:
        latents["size"] = min(1.0, latents["size"] + 0.12) if latents["size"] < 0.8 else latents["size"] - 0.12
    values: dict[str, Value] = {}
    for key, attribute in family.attributes.items():
        place = dice.share()
        if holds(attribute.when, {**values, **_hidden(latents)}):
            values[key] = _value(attribute, _place(attribute.along, latents) if attribute.along else place)
    colors = dice.some(family.colors, dice.whole(*family.color_pick))
    shown = int(dice.share() * len(colors))  # the colour of the picture comes first
    colors = (*colors[shown:], *colors[:shown])
    age = dice.whole(3, 35) if twin_of else dice.whole(20, 1000)  # the newer of a pair is the twin
    published = today - timedelta(days=age, minutes=dice.whole(0, 600))
    sentences = _sentences(family, {**values, **_hidden(latents)}, dice)
    words = {
        language: (
            fill(getattr(family.title, language), language, brand, name, values),
            [fill(getattr(sentence, language), language, brand, name, values) for sentence in sentences],
        )
        for language in ("en", "zh")
    }
    product_id = f"fs-{family.id}-{slug(name)}"
    row = ProductRow(
        id=product_id,
        title=words["en"][0],
        description=" ".join(words["en"][1]),
        images=[f"/media/demo/{product_id}.svg"],
        brand=brand.name,
        categories=[family.department, *family.categories],
        attributes={key: value.en for key, value in values.items()},
        rating=_rating(latents["grade"], today - published, dice),
        currency=CURRENCY,
        texts={"zh": LocaleText(title=words["zh"][0], description="".join(words["zh"][1]))},
        published_at=published,
    )
    price = _price(family, brand, latents, values)
    return Made(row, family, name, brand, values, colors, latents["size"], latents["grade"], price)


def slug(words: str) -> str:
    """Words as a part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _brand(family: Family, turn: int, seed: str) -> Brand:
    """Brands take turns, so that each family has cheap and premium goods."""
    named = set(family.brands)
    fitting = [brand for brand in shop().brands if family.department in brand.departments]
    brands = [brand for brand in shop().brands if brand.name in named] if named else fitting
    start = int(Dice(seed, family.id, "brands").share() * len(brands))
    return brands[(start + turn) % len(brands)]


def _place(along: Mapping[Latent, float], latents: Mapping[str, float]) -> float:
    parts = [weight * latents[name] if weight > 0 else -weight * (1 - latents[name]) for name, weight in along.items()]
    return sum(parts) / sum(abs(weight) for weight in along.values())


def _value(attribute: Attribute, place: float) -> Value:
    if attribute.range is None:
        choice = attribute.choices[min(int(place * len(attribute.choices)), len(attribute.choices) - 1)]
        return Value(0, choice[0], choice[1], choice[0], factor(choice))
    low, high = attribute.range
    digits = max(0, -math.floor(math.log10(attribute.step)))
    number = round(round((low + (high - low) * place) / attribute.step) * attribute.step, digits)
    bare = f"{number:.{digits}f}"
    bare = bare.rstrip("0").rstrip(".") if "." in bare else bare
    if not attribute.unit:
        return Value(number, bare, bare, bare)
    unit = attribute.unit.removesuffix("s") if bare == "1" and len(attribute.unit) > 2 else attribute.unit  # 1 year
    return Value(number, f"{bare} {unit}", f"{bare}{shop().units[attribute.unit]}", bare)


def factor(choice: Choice) -> float:
    """What a choice multiplies the price by."""
    return choice[2] if len(choice) == 3 else 1.0


def _price(family: Family, brand: Brand, latents: dict[str, float], values: dict[str, Value]) -> Decimal:
    low, high = family.price.range
    dollars = low + (high - low) * _place(family.price.along, latents) ** family.price.curve
    dollars *= math.prod(value.factor for value in values.values())
    return ending(dollars, brand)


def ending(dollars: float, brand: Brand) -> Decimal:
    """A price as that kind of brand writes it: 19.99, 24.50, 89."""
    return max(Decimal(int(dollars)), Decimal(1)) + ENDINGS[brand.character]


def _sentences(family: Family, values: Mapping[str, Value], dice: Dice) -> list[Sentence]:
    """One true sentence a slot, in the order in which the family names the slots."""
    slots: dict[str, list[Sentence]] = {}
    for sentence in family.sentences:
        fitting = slots.setdefault(sentence.slot, [])
        if holds(sentence.when, values):
            fitting.append(sentence)
    return [dice.one(fitting) for fitting in slots.values() if fitting]


def fill(template: str, language: str, brand: Brand, name: str, values: Mapping[str, Value]) -> str:
    """A template with the product's values; ``{key#}`` is the bare number, ``{key^}`` in title case."""
    words = {"brand": brand.name, "name": name}
    for key, value in values.items():
        words[key] = value.en if language == "en" else value.zh
        words[f"{key}#"] = value.bare
        words[f"{key}^"] = " ".join(word[:1].upper() + word[1:] for word in value.en.split(" "))
    text = template.format_map(words)
    return text[:1].upper() + text[1:]


def _rating(grade: float, age: timedelta, dice: Dice) -> Rating | None:
    """Good goods are rated well, with some luck; what is new has none yet."""
    luck, crowd = dice.between(-0.35, 0.35), dice.share()
    if age < timedelta(days=30):
        return None
    return Rating(value=round(min(4.9, 3.45 + 1.25 * grade + luck), 1), count=round(6 * 300**crowd))
