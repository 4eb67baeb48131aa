"""In which forms a product is sold, how many there are, and when."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from retriever.demo.dice import Dice
from retriever.demo.family import Choice, Family, Season, shop
from retriever.demo.generate import Made, ending, factor, slug
from retriever.feeds.rows import VariantRow

SOLD_OUT, UNKNOWN_PRICE = 0.10, 0.05  # shares of the products
VARIANT_SOLD_OUT = 0.06  # of the variants of the other products
FROM = ("on sale from", "开售日期")
UNTIL = ("on sale until", "停售日期")


def stocked(made: Sequence[Made], seed: str, today: datetime) -> list[Made]:
    """The products with variants, stock and season; some are sold out and some have no known price."""
    sold_out = share_of(made, SOLD_OUT, "sold out", seed)
    unpriced = share_of(made, UNKNOWN_PRICE, "unpriced", seed)
    formed = (_with_variants(item, item.row.id in sold_out, item.row.id in unpriced, seed) for item in made)
    return [_seasonal(item, today.date()) for item in formed]


def for_sale(item: Made) -> bool:
    """Whether a form of it can be bought today."""
    return any(
        form.stock and form.available is None and form.price is not None for form in item.row.variants or [item.row]
    )


def share_of(made: Sequence[Made], share: float, why: str, seed: str) -> set[str]:
    """That share of the products, by a draw of each product's own."""
    ranked = sorted((item.row.id for item in made), key=lambda product_id: Dice(seed, why, product_id).share())
    return set(ranked[: round(share * len(made))])


def season_days(season: Season, today: date) -> tuple[date, date]:
    """First and last day of the season that runs, or else of the next one."""
    for year in (today.year - 1, today.year, today.year + 1):
        start = date.fromisoformat(f"{year}-{season.start}")
        end = date.fromisoformat(f"{year + (season.end < season.start)}-{season.end}")
        if today <= end:
            return start, end
    raise AssertionError("a year has passed without the season's end")


def in_season(family: Family, day: date) -> bool:
    """Whether the family is on sale that day."""
    return family.season is None or season_days(family.season, day)[0] <= day


def _seasonal(item: Made, today: date) -> Made:
    season = item.family.season
    if season is None:
        return item
    first, last = season_days(season, today)
    days = {"en": (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"), "zh": (_chinese(first), _chinese(last))}
    zh = item.row.texts["zh"]
    zh = zh.model_copy(update={"attributes": zh.attributes | {"销售季": season.zh} | _dated(days["zh"], 1)})
    attributes = item.row.attributes | {"sales season": season.en} | _dated(days["en"], 0)
    if in_season(item.family, today):
        return item.shaped(attributes=attributes, texts={"zh": zh})
    closed = {"available": False, "status": "out_of_stock"}
    variants = [variant.model_copy(update=closed) for variant in item.row.variants]
    return item.shaped(attributes=attributes, texts={"zh": zh}, variants=variants, **closed)


def _dated(days: tuple[str, str], language: int) -> dict[str, str]:
    return {FROM[language]: days[0], UNTIL[language]: days[1]}


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _with_variants(item: Made, sold_out: bool, unpriced: bool, seed: str) -> Made:
    dice = Dice(seed, "stock", item.row.id)
    combinations = list(_combinations(item, Dice(seed, "options", item.row.id)))
    variants = [
        VariantRow(
            id="-".join([item.row.id, *(slug(choice[0]) for _, choice in combination)]),
            title=" / ".join(choice[0] for _, choice in combination),
            price=None if unpriced else ending(float(item.price) * _factors(combination), item.brand),
            options={name: choice[0] for name, choice in combination},
            stock=0 if sold_out or dice.share() < VARIANT_SOLD_OUT else dice.whole(1, 60),
        )
        for combination in combinations
    ]
    if not variants:
        stock = 0 if sold_out else dice.whole(1, 60)
        item = item.shaped(price=None if unpriced else item.price, stock=stock)
    elif not sold_out and not any(variant.stock for variant in variants):
        item = item.shaped(variants=[variants[0].model_copy(update={"stock": dice.whole(1, 60)}), *variants[1:]])
    else:
        item = item.shaped(variants=variants)
    words = {"attributes": _chinese_attributes(item, variants), "options": _chinese_options(item, combinations)}
    return item.shaped(texts={"zh": item.row.texts["zh"].model_copy(update=words)})


def _factors(combination: tuple[tuple[str, Choice], ...]) -> float:
    return math.prod(factor(choice) for _, choice in combination)


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


def _chinese_options(item: Made, combinations: list[tuple[tuple[str, Choice], ...]]) -> dict[str, str]:
    """Names and values of the options in Chinese."""
    if not combinations:
        return {}
    names = {"color": "颜色", **{name: option.zh for name, option in item.family.options.items()}}
    used = {name: names[name] for name, _ in combinations[0]}
    return used | {choice[0]: choice[1] for combination in combinations for _, choice in combination}
