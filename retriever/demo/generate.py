"""From families to product rows.

Each product draws two hidden numbers, size and grade (the grade within what its brand's
character allows), and everything else follows from them: attributes, price, words, rating.
Draws are keyed by the product's id, so a new family leaves the others as they were.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from retriever.demo.dice import Dice
from retriever.demo.family import Attribute, Bounds, Brand, Choice, Condition, Family, Latent, Sentence, families, shop
from retriever.feeds.rows import ProductRow, VariantRow
from retriever.product import LocaleText, Rating

TODAY = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""The day the demo store is written for; every date in it is counted from here."""

CURRENCY = "USD"
SEED = "fennel street"
SOLD_OUT, UNKNOWN_PRICE = 0.10, 0.05  # shares of the products
VARIANT_SOLD_OUT = 0.06  # of the variants of the other products
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
    brand: Brand
    values: dict[str, Value]
    colors: tuple[str, ...]
    size: float
    grade: float
    price: Decimal  # what it would cost, also where the row says unknown


def holds(condition: Condition, values: dict[str, Value]) -> bool:
    """True when every named attribute exists and is as the condition says."""
    for name, wanted in condition.items():
        value = values.get(name)
        if value is None:
            return False
        if not (wanted.hold(value.number) if isinstance(wanted, Bounds) else value.en in wanted):
            return False
    return True


@cache
def products(seed: str = SEED) -> tuple[Made, ...]:
    """Every product of the store, the same for the same seed."""
    made = [product(family, name, seed) for family in families() for name in (*family.names, *family.twins)]
    sold_out = _share_of(made, SOLD_OUT, "sold out", seed)
    unpriced = _share_of(made, UNKNOWN_PRICE, "unpriced", seed)
    return tuple(_with_variants(item, item.row.id in sold_out, item.row.id in unpriced, seed) for item in made)


def by_id() -> dict[str, Made]:
    """The store's products by id."""
    return {item.row.id: item for item in products()}


def product(family: Family, name: str, seed: str) -> Made:
    """One product, before its variants."""
    twin_of = family.twins.get(name)
    dice = Dice(seed, family.id, twin_of or name)  # a twin is drawn as the one it resembles
    brands = [brand for brand in shop().brands if family.department in brand.departments]
    turn = int(Dice(seed, family.id, "brands").share() * len(brands))
    brand = brands[
        (turn + family.names.index(twin_of or name)) % len(brands)
    ]  # each family has cheap and premium goods
    low, high = GRADES[brand.character]
    latents = {"size": dice.share(), "grade": dice.between(low, high)}
    if twin_of:
        latents["size"] = min(1.0, latents["size"] + 0.12) if latents["size"] < 0.8 else latents["size"] - 0.12
    values: dict[str, Value] = {}
    for key, attribute in family.attributes.items():
        place = dice.share()
        if holds(attribute.when, values):
            values[key] = _value(attribute, _place(attribute.along, latents) if attribute.along else place)
    colors = dice.some(family.colors, dice.whole(*family.color_pick))
    shown = int(dice.share() * len(colors))  # the colour of the picture comes first
    colors = (*colors[shown:], *colors[:shown])
    age = dice.whole(3, 35) if twin_of else dice.whole(20, 1000)  # the newer of a pair is the twin
    published = TODAY - timedelta(days=age, minutes=dice.whole(0, 600))
    sentences = _sentences(family, values, dice)
    words = {
        language: (
            _fill(getattr(family.title, language), language, brand, name, values),
            [_fill(getattr(sentence, language), language, brand, name, values) for sentence in sentences],
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
        rating=_rating(latents["grade"], published, dice),
        currency=CURRENCY,
        texts={"zh": LocaleText(title=words["zh"][0], description="".join(words["zh"][1]))},
        published_at=published,
    )
    price = _price(family, brand, latents, values)
    return Made(row, family, brand, values, colors, latents["size"], latents["grade"], price)


def slug(words: str) -> str:
    """Words as a part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _place(along: Mapping[Latent, float], latents: Mapping[str, float]) -> float:
    parts = [weight * latents[name] if weight > 0 else -weight * (1 - latents[name]) for name, weight in along.items()]
    return sum(parts) / sum(abs(weight) for weight in along.values())


def _value(attribute: Attribute, place: float) -> Value:
    if attribute.range is None:
        choice = attribute.choices[min(int(place * len(attribute.choices)), len(attribute.choices) - 1)]
        return Value(0, choice[0], choice[1], choice[0], _factor(choice))
    low, high = attribute.range
    digits = max(0, -math.floor(math.log10(attribute.step)))
    number = round(round((low + (high - low) * place) / attribute.step) * attribute.step, digits)
    bare = f"{number:.{digits}f}"
    bare = bare.rstrip("0").rstrip(".") if "." in bare else bare
    if not attribute.unit:
        return Value(number, bare, bare, bare)
    return Value(number, f"{bare} {attribute.unit}", f"{bare}{shop().units[attribute.unit]}", bare)


def _factor(choice: Choice) -> float:
    return choice[2] if len(choice) == 3 else 1.0


def _price(family: Family, brand: Brand, latents: dict[str, float], values: dict[str, Value]) -> Decimal:
    low, high = family.price.range
    dollars = low + (high - low) * _place(family.price.along, latents) ** family.price.curve
    dollars *= math.prod(value.factor for value in values.values())
    return _ending(dollars, brand)


def _ending(dollars: float, brand: Brand) -> Decimal:
    """A price as that kind of brand writes it: 19.99, 24.50, 89."""
    return max(Decimal(int(dollars)), Decimal(1)) + ENDINGS[brand.character]


def _sentences(family: Family, values: dict[str, Value], dice: Dice) -> list[Sentence]:
    """One true sentence a slot, in the order in which the family names the slots."""
    slots: dict[str, list[Sentence]] = {}
    for sentence in family.sentences:
        fitting = slots.setdefault(sentence.slot, [])
        if holds(sentence.when, values):
            fitting.append(sentence)
    return [dice.one(fitting) for fitting in slots.values() if fitting]


def _fill(template: str, language: str, brand: Brand, name: str, values: dict[str, Value]) -> str:
    words = {"brand": brand.name, "name": name}
    for key, value in values.items():
        words[key] = value.en if language == "en" else value.zh
        words[f"{key}#"] = value.bare
        words[f"{key}^"] = " ".join(word[:1].upper() + word[1:] for word in value.en.split(" "))
    text = template.format_map(words)
    return text[:1].upper() + text[1:]


def _rating(grade: float, published: datetime, dice: Dice) -> Rating | None:
    """Good goods are rated well, with some luck; what is new has none yet."""
    luck, crowd = dice.between(-0.35, 0.35), dice.share()
    if TODAY - published < timedelta(days=30):
        return None
    return Rating(value=round(min(4.9, 3.45 + 1.25 * grade + luck), 1), count=round(6 * 300**crowd))


def _share_of(made: list[Made], share: float, why: str, seed: str) -> set[str]:
    """That share of the products, by a draw of each product's own."""
    ranked = sorted((item.row.id for item in made), key=lambda product_id: Dice(seed, why, product_id).share())
    return set(ranked[: round(share * len(made))])


def _with_variants(item: Made, sold_out: bool, unpriced: bool, seed: str) -> Made:
    dice = Dice(seed, "stock", item.row.id)
    variants = [
        VariantRow(
            id="-".join([item.row.id, *(slug(choice[0]) for _, choice in combination)]),
            title=" / ".join(choice[0] for _, choice in combination),
            price=None if unpriced else _ending(float(item.price) * _factors(combination), item.brand),
            options={name: choice[0] for name, choice in combination},
            stock=0 if sold_out or dice.share() < VARIANT_SOLD_OUT else dice.whole(1, 60),
        )
        for combination in _combinations(item, Dice(seed, "options", item.row.id))
    ]
    if not variants:
        stock = 0 if sold_out else dice.whole(1, 60)
        change = {"price": None if unpriced else item.price, "stock": stock}
    elif not sold_out and not any(variant.stock for variant in variants):
        change = {"variants": [variants[0].model_copy(update={"stock": dice.whole(1, 60)}), *variants[1:]]}
    else:
        change = {"variants": variants}
    zh = item.row.texts["zh"].model_copy(update={"attributes": _chinese_attributes(item, variants)})
    row = item.row.model_copy(update={**change, "texts": {"zh": zh}})
    return Made(row, item.family, item.brand, item.values, item.colors, item.size, item.grade, item.price)


def _factors(combination: tuple[tuple[str, Choice], ...]) -> float:
    return math.prod(_factor(choice) for _, choice in combination)


def _combinations(item: Made, dice: Dice) -> Iterator[tuple[tuple[str, Choice], ...]]:
    """Every combination of the product's options: its colours first, then the family's other options."""
    axes: list[list[tuple[str, Choice]]] = []
    if item.family.color_option:
        axes.append([("color", (shop().colors[color].en, shop().colors[color].zh)) for color in item.colors])
    for name, option in item.family.options.items():
        values = option.values if option.pick is None else dice.some(option.values, option.pick)
        axes.append([(name, value) for value in values])
    return itertools.product(*axes) if axes else iter(())


def _chinese_attributes(item: Made, variants: list[VariantRow]) -> dict[str, str]:
    """The attributes, and what can be chosen, under Chinese names."""
    words = {item.family.attributes[key].zh: value.zh for key, value in item.values.items()}
    if item.family.color_option:
        words["颜色"] = "、".join(shop().colors[color].zh for color in item.colors)
    for name, option in item.family.options.items():
        offered = {variant.options[name] for variant in variants}
        words[option.zh] = "、".join(choice[1] for choice in option.values if choice[0] in offered)
    return words
