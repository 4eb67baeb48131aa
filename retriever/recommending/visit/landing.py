"""What the way into the shop tells: the page that was landed on, and the words of the address that led there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from retriever.recommending.asking import Context
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.once import Once
from retriever.text import fold

# In which parameter search engines and campaigns carry what was searched for, the surest first.
SEARCHED = ("q", "query", "wd", "keyword", "keywords", "search", "utm_term", "p", "text")
LONGEST = 200  # characters of a search


def landed_category(context: Context, goods: Goods) -> int | None:
    """The category of the page, as a place in the goods' categories: the one it lists, else the product's on it."""
    named = fold((context.category or goods.category_of(context.product_id)).replace("-", " "))
    return _places(goods)[0].get(named) if named else None


def searched_words(context: Context) -> str:
    """What was searched for: in the shop, else in the search engine or campaign that led here."""
    if own := " ".join(context.query.split()):
        return own[:LONGEST]
    told = dict(reversed(_parameters(context.referrer)))
    return next((words for name in SEARCHED if (words := " ".join(told.get(name, "").split()))), "")[:LONGEST]


def named_on_the_way(context: Context, goods: Goods) -> tuple[int | None, int | None]:
    """The category and the brand whose names are in the path of the address that led here."""
    named = {fold(part.replace("-", " ").replace("_", " ")) for part in _path(context.referrer).split("/")} - {""}
    if not named:
        return None, None
    categories, brands = (
        min((place for name in named if (place := places.get(name)) is not None), default=None)
        for places in _places(goods)
    )
    return categories, brands


@Once
def _places(goods: Goods) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The places of categories and brands by name; hyphens count as spaces, as they do in addresses."""
    categories, brands = (
        # The first of several that are called alike.
        {fold(value.replace("-", " ")): place for place, value in reversed(list(enumerate(values)))}
        for values in (goods.categories, goods.brands)
    )
    return categories, brands


def _parameters(address: str) -> list[tuple[str, str]]:
    try:
        return [(name.lower(), value) for name, value in parse_qsl(urlsplit(address).query, max_num_fields=50)]
    except ValueError:  # no address, or one made to cost time
        return []


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address).path)[:LONGEST]
    except ValueError:
        return ""
