"""The words of a shop: what shoppers call its goods, with brands, colours, sizes and prices that go together.

They are read from any imported catalogue: from its categories and from what its own visitors searched
for. Goods that many shops have and this one may not come from ``goods.toml``.
"""

from __future__ import annotations

import hashlib
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from sqlalchemy import select

from assistant.tune.patterns import Language
from retriever.product import Stamped
from retriever.records import EventRecord
from retriever.store import Store
from retriever.text import fold, language_of

HELD_OUT = 0.2  # share of the kinds of goods that only the evaluation sees
NEED = re.compile(r"\b(?:i|my|we|our|me|it|is|are|does|keep|keeps)\b|我|总|老|怕|疼|酸|没|不|累|冷|脏|吵|坏|被")
UNEVEN = 0.15  # share of the budgets that are any number: what is to be copied must not be guessed
OFTEN = 3  # times that a query was made: rarer ones are slips and chance
SHARED_RESULTS = 0.5  # of a query's results that must lie in one category for the query to name it
VALUE = re.compile(r"^[A-Za-z][A-Za-z -]{2,24}$|^[\u4e00-\u9fff]{2,8}$")
SIZE_NAMES = ("size", "diameter", "length", "尺码", "尺寸", "直径", "长度")


@dataclass(frozen=True)
class Kind:
    """One kind of goods in one language: names, and what may be asked of it."""

    language: Language
    things: tuple[str, ...]
    needs: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    prices: tuple[int, ...] = ()  # whole units, sorted
    general: bool = False  # of goods.toml, not of the shop

    @property
    def held_out(self) -> bool:
        """Whether only the evaluation may use it: by a hash of its first name, so that it stays so."""
        return int(hashlib.sha256(self.things[0].encode()).hexdigest(), 16) % 1000 < 1000 * HELD_OUT

    def budget(self, dice: random.Random) -> int:
        """A sum that somebody might set for it; mostly a round one."""
        if dice.random() < UNEVEN:
            most = 10 ** dice.randint(2, 4)
            return dice.choice([dice.randint(3, most), most // 10 * dice.randint(1, 9)])
        if not self.prices:
            return dice.choice([15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200])
        around = dice.choice(self.prices) * dice.uniform(0.7, 1.6)
        step = 5 if around < 60 else 10 if around < 200 else 50
        return max(5, step * round(around / step))


@dataclass
class _Found:
    things: list[str] = field(default_factory=list[str])
    needs: list[str] = field(default_factory=list[str])


@cache
def common() -> dict[str, list[str]]:
    """The lists of ``goods.toml``."""
    return tomllib.loads((resources.files("assistant.tune") / "goods.toml").read_text(encoding="utf-8"))


def kinds(store: Store) -> list[Kind]:
    """Every kind of goods that the shop has, and those of ``goods.toml``, in both languages."""
    goods: dict[str, list[Stamped]] = {}
    for stamped in store.catalogue.stamped(store.catalogue.all_ids()):
        if stamped.product.categories:
            goods.setdefault(stamped.product.categories[-1], []).append(stamped)
    asked = _asked(store, {stamped.product.id: name for name, members in goods.items() for stamped in members})
    found: list[Kind] = []
    for category, members in goods.items():
        for language in ("en", "zh"):
            words = asked.get((category, language), _Found())
            things = words.things if language == "zh" else [*singular_and_plural(category), *words.things]
            if things:
                found.append(_kind(language, things, words.needs, members))
    return [*found, *_common_kinds()]


def _common_kinds() -> list[Kind]:
    lists = common()
    found: list[Kind] = []
    for language in ("en", "zh"):
        brands = [brand for brand in lists["brands"] if language == "zh" or brand.isascii()]
        colors = lists[f"colors_{language}"]
        found += [
            Kind(
                language=language,
                things=(thing,),
                needs=tuple(lists[f"needs_{language}"][index :: len(lists[language])]),
                brands=tuple(brands[index % len(brands) :][:3]),
                colors=tuple(colors[index % len(colors) :][:3]),
                sizes=("S", "M", "L"),
                general=True,
            )
            for index, thing in enumerate(lists[language])
        ]
    return found


def singular_and_plural(category: str) -> list[str]:
    """``Frying Pans`` as people type it: ``frying pans``, ``frying pan``."""
    name = fold(category)
    if not name.endswith("s") or name.endswith("ss"):
        return [name]
    return [name, re.sub(r"ies$", "y", name) if name.endswith("ies") else re.sub(r"(?<=sh|ch|ss)es$|s$", "", name)]


def _asked(store: Store, category_of: dict[str, str]) -> dict[tuple[str, str], _Found]:
    """What visitors searched for, by the category that most of what they were shown lies in."""
    found: dict[tuple[str, str], _Found] = {}
    with store.database.session() as session:
        query = select(EventRecord.value).where(EventRecord.kind == "search").order_by(EventRecord.id)
        values = list(session.scalars(query))
    often = Counter(str(value.get("query", "")) for value in values)
    shown = {str(value.get("query", "")): value.get("results", []) for value in values}
    for words, times in often.items():
        results = [category_of.get(str(id), "") for id in shown[words]]
        if times < OFTEN or not results or any(c.isdigit() for c in words):
            continue
        category = max(set(results), key=lambda name: (results.count(name), name))
        if not category or results.count(category) < SHARED_RESULTS * len(results):
            continue
        entry = found.setdefault((category, language_of(words)), _Found())
        (entry.needs if NEED.search(words) and len(words) > 6 else entry.things).append(words)
    return found


def _kind(language: Language, things: Sequence[str], needs: Sequence[str], members: Sequence[Stamped]) -> Kind:
    products = [stamped.localised(language) for stamped in members]
    options = [
        (fold(name), value) for product in products for v in product.variants for name, value in v.options.items()
    ]
    prices = [product.price_range.min.major for product in products if product.price_range.min]
    brands = _unique(product.brand for product in products if product.brand)
    plain = [thing for thing in things if not any(fold(brand) in fold(thing) for brand in brands)]
    return Kind(
        language=language,
        things=tuple(_unique(plain or things)),
        needs=tuple(_unique(needs)),
        brands=tuple(brands),
        colors=tuple(_unique(value.lower() for name, value in options if name in ("color", "colour", "颜色"))),
        sizes=tuple(_unique(value for name, value in options if name in SIZE_NAMES)),
        features=tuple(_unique(v for product in products for v in product.attributes.values() if VALUE.match(v))),
        prices=tuple(sorted(int(price) for price in prices)),
    )


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
