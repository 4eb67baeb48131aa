"""The text of a product that the ranker reads: the same one in training and in serving."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from retriever.product import Product, Stamped
from retriever.text import fold

LIMIT = 240  # characters, some 60 tokens: what there is time to read of a dozen candidates (docs/experiments.md)
ATTRIBUTES_SHARE = 0.35  # of the limit: a long table of details leaves room for the description
LONGEST_VALUE = 60  # characters: longer ones are sentences, which the description has too
MOST_VALUES = 6  # of one option: a shoe in forty sizes is not forty words about it

_WORD = re.compile(r"\w+")

# What shoppers name in a query comes first.
_FIRST = {
    name: place
    for place, names in enumerate(
        (
            ("color", "colour", "颜色"),
            ("size", "尺寸", "尺码", "规格"),
            ("material", "fabric", "材质", "面料"),
            ("gender", "audience", "age group", "适用人群", "性别"),
            ("flavor", "flavour", "scent", "style", "pattern", "capacity", "口味", "款式", "容量"),
        )
    )
    for name in names
}


def ranking_text(stamped: Stamped, *, limit: int = LIMIT, language: str = "") -> str:
    """Title, brand, most particular category, attributes and the lead of the description, as far as there is room.

    Args:
        stamped: the product.
        limit: characters; the title itself may be cut.
        language: of the query; the product's words in it are taken where the shop has them.
    """
    product = stamped.localised(language) if language else stamped.product
    brand = "" if _says(_padded(product.title), product.brand) else product.brand
    text = _joined(product.title, brand, *product.categories[-1:])
    text = _joined(text, *_attributes(product, text, int(limit * ATTRIBUTES_SHARE)))
    text = _joined(text, product.description[: 2 * limit])  # a book of a description is not read to its end
    return _cut(text, limit) or product.id


def _attributes(product: Product, said: str, room: int) -> Iterator[str]:
    """``color: black``, what shoppers name first; without what the text says already."""
    held = _held(product)
    heard = _padded(said)
    for name in sorted(held, key=lambda name: _FIRST.get(fold(name), len(_FIRST))):
        values = [value for value in held[name] if len(value) <= LONGEST_VALUE and not _says(heard, value)]
        detail = f"{name}: {', '.join(values[:MOST_VALUES])}"
        if values and len(detail) <= room:
            room -= len(detail)
            yield detail


def _held(product: Product) -> Mapping[str, list[str]]:
    """The product's own attributes and the options of its variants, each value once."""
    held = {name: [value] for name, value in product.attributes.items() if value.strip()}
    for variant in product.variants:
        for name, value in variant.options.items():
            values = held.setdefault(name, [])
            if value.strip() and value not in values:
                values.append(value)
    return held


def _padded(text: str) -> str:
    return f" {' '.join(_WORD.findall(fold(text)))} "


def _says(padded: str, part: str) -> bool:
    return _padded(part) in padded


def _joined(*parts: str) -> str:
    return ". ".join(plain.rstrip(".") for part in parts if (plain := " ".join(part.split())))


def _cut(text: str, limit: int) -> str:
    """Cut between two words, where there is a space to cut at."""
    if len(text) <= limit:
        return text
    head, space, _ = text[: limit + 1].rpartition(" ")
    return head if space and len(head) > limit // 2 else text[:limit]
