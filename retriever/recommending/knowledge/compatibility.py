"""Whether two products can be used together, as far as their attributes say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from retriever.product import Product
from retriever.text import fold

# Attributes whose values have to agree: a lid and a pan of 28 cm, a plug and a socket of one kind.
_FITTING = re.compile(
    r"\b(size|diameter|gauge|bore|thread|connector|connection|socket|plug|mount|voltage|bayonet)\b"
    r"|直径|口径|尺寸|尺码|接口|插头|卡口|螺纹|电压|连接"
)
# Attributes that name what a product is made for, and those that name what a product is.
_MADE_FOR = re.compile(r"^(fits|made for|designed for|for|compatible|compatibility|compatible with)\b|适用|适配|兼容")
_MODEL = re.compile(r"\bmodel\b|型号")
_PARTS = re.compile(r"\s*(?:[,;/|、，；]|\bor\b|\band\b)\s*")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def agreement(one: Product, other: Product) -> int:
    """1 if their attributes say that they fit, -1 if that they do not, 0 if they do not say.

    One contradiction outweighs all that agrees. Values in different measures (a shoe's 42 and a shirt's M) say nothing.
    """
    mine, theirs = _attributes(one), _attributes(other)
    verdicts = [_same(mine[name], theirs[name]) for name in mine.keys() & theirs.keys() if _compared(name)]
    verdicts += [_serves(mine, other, theirs), _serves(theirs, one, mine)]
    return min(verdicts) if min(verdicts) < 0 else max(verdicts)


def _attributes(product: Product) -> dict[str, str]:
    return {fold(name).replace("_", " "): fold(str(value)) for name, value in product.attributes.items()}


def _compared(name: str) -> bool:
    return bool(_FITTING.search(name) or _MADE_FOR.search(name))


def _same(one: str, other: str) -> int:
    mine, theirs = _values(one), _values(other)
    if not mine or not theirs:
        return 0
    if mine & theirs:
        return 1
    return -1 if _measures(mine) == _measures(theirs) else 0


def _values(text: str) -> frozenset[str]:
    return frozenset(part for part in _PARTS.split(text) if part)


def _measures(values: frozenset[str]) -> frozenset[str]:
    """What the values are measured in: what is left of them without their numbers; nothing of plain words."""
    return frozenset(" ".join(_NUMBER.sub(" ", value).split()) if _NUMBER.search(value) else "" for value in values)


def _serves(made: Mapping[str, str], other: Product, its: Mapping[str, str]) -> int:
    """Whether a product that is made for something is made for the other one.

    That the other has another model's name rules it out only if it is of the kind that is meant: a case that fits the
    phone "Orrin 9" may well be taken with a charger of the model "C20".
    """
    told = [(name, _values(text)) for name, text in made.items() if _MADE_FOR.search(name)]
    if not told:
        return 0
    models = {value for name, text in its.items() if _MODEL.search(name) for value in _values(text)}
    title = _worded(fold(other.title))
    if any(value in models or _worded(value) in title for _, wanted in told for value in wanted):
        return 1
    return -1 if models and any(_meant(name, other) for name, _ in told) else 0


def _meant(name: str, other: Product) -> bool:
    """Whether ``fits phone`` speaks of this product: one of a category such as ``Mobile Phones``."""
    kinds = _WORD.findall(fold(other.categories[-1])) if other.categories else []
    return bool(kinds) and any(kinds[-1] in (word, f"{word}s") for word in _WORD.findall(name))


def _worded(text: str) -> str:
    """The words of a text between single spaces, so that whole words are found in it."""
    return f" {' '.join(_WORD.findall(text))} "
