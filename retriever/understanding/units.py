"""Units that goods are sold by, English and Chinese, each as a multiple of one base unit of its dimension."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: ``size`` base units of its dimension."""

    dimension: str
    size: Fraction


LENGTH, VOLUME, MASS, COUNT, AGE = "length", "volume", "mass", "count", "age"

# Dimension, size in base units (mm, ml, g, W ...), and the words that say it.
_TABLE = (
    (LENGTH, "25.4", "inch inches in \" '' 英寸 寸 吋"),
    (LENGTH, "304.8", "ft feet foot ' 英尺"),
    (LENGTH, "914.4", "yard yards yd yds"),
    (LENGTH, "1609344", "mile miles"),
    (LENGTH, "1", "mm millimeter millimeters millimetre millimetres 毫米"),
    (LENGTH, "10", "cm centimeter centimeters centimetre centimetres 厘米 公分"),
    (LENGTH, "1000", "m meter meters metre metres mtr 米"),
    (LENGTH, "1000000", "km kilometer kilometers kilometre kilometres 公里"),
    (VOLUME, "29.5735295625", "floz fl.oz fluidounce fluidounces 液量盎司"),
    (VOLUME, "1", "ml milliliter milliliters millilitre millilitres cc 毫升"),
    (VOLUME, "10", "cl"),
    (VOLUME, "1000", "l liter liters litre litres ltr 升"),
    (VOLUME, "3785.411784", "gallon gallons gal gals 加仑"),
    (VOLUME, "946.352946", "quart quarts qt qts"),
    (VOLUME, "473.176473", "pint pints pt"),
    (VOLUME, "236.5882365", "cup cups"),
    (VOLUME, "28316.846592", "cuft cu.ft"),
    (MASS, "28.349523125", "oz ounce ounces 盎司"),
    (VOLUME, "29.5735295625", "oz ounce ounces 盎司"),
    (MASS, "453.59237", "lb lbs pound pounds 磅"),
    (MASS, "0.000001", "mcg microgram micrograms µg ug 微克"),
    (MASS, "0.001", "mg milligram milligrams 毫克"),
    (MASS, "1", "g gram grams gm 克"),
    (MASS, "1000", "kg kgs kilo kilos kilogram kilograms 公斤 千克"),
    (MASS, "500", "斤 市斤"),
    ("international units", "1", "iu"),
    ("power", "1", "w watt watts 瓦"),
    ("power", "1000", "kw 千瓦"),
    ("power", "745.7", "hp horsepower 马力"),
    ("voltage", "1", "v volt volts 伏"),
    ("current", "1", "a amp amps ampere amperes 安"),
    ("charge", "1", "mah 毫安 毫安时"),
    ("charge", "1000", "ah"),
    ("frequency", "1", "hz 赫兹"),
    ("frequency", "1000", "khz"),
    ("frequency", "1000000", "mhz"),
    ("frequency", "1000000000", "ghz"),
    ("storage", "1", "gb gigabyte gigabytes"),
    ("storage", "1000", "tb terabyte terabytes"),
    ("storage", "0.001", "mb megabyte megabytes"),
    ("pixels", "1", "mp megapixel megapixels"),
    ("brightness", "1", "lumen lumens lm 流明"),
    ("loudness", "1", "db decibel decibels 分贝"),
    ("speed", "1", "rpm"),
    ("pressure", "1", "psi"),
    ("sun protection", "1", "spf"),
    ("share", "1", "% percent"),
    ("angle", "1", "° degree degrees 度"),
    ("carat", "1", "k karat carat ct.tw 克拉"),
    ("grit", "1", "grit 目"),
    ("gauge", "1", "gauge ga awg"),
    ("time", "1", "sec secs second seconds 秒"),
    ("time", "60", "min mins minute minutes 分钟"),
    ("time", "3600", "h hr hrs hour hours 小时"),
    ("time", "86400", "day days 天"),
    ("time", "604800", "week weeks 周"),
    ("time", "2629800", "month months 个月"),
    ("time", "31557600", "year years yr yrs 年"),
    (AGE, "12", "yearold yearsold yo 岁"),
    (AGE, "1", "monthold monthsold 个月大 月龄"),
    ("size number", "1", "码"),
    (COUNT, "12", "dozen 打"),
    (COUNT, "1", "pack packs pk count ct pcs pc piece pieces pieza piezas pair pairs 个 只 支 片 件 包 条 双 瓶 盒 袋"),
    (COUNT, "1", "枚 粒 张 片装 只装 个装 支装 包装 条装 双装 瓶装 盒装 袋装 枚装 粒装 张装 件装 件套"),
)


def _units() -> dict[str, tuple[Unit, ...]]:
    units: dict[str, tuple[Unit, ...]] = {}
    for dimension, size, words in _TABLE:
        for word in words.split():
            units[word] = (*units.get(word, ()), Unit(dimension, Fraction(size)))
    return units


UNITS = _units()
"""The units that a word says: more than one where it is ambiguous, as an ounce of tea and one of water."""

SCREENS = {"720p": 720, "1080p": 1080, "full hd": 1080, "1440p": 1440, "2k": 1440, "4k": 2160, "8k": 4320}
"""Lines of a picture, by what they are called."""

_ONE_SIZE = {
    "bed size": (
        ("twin", "单人床"), ("twin xl",), ("full", "double", "双人床"), ("queen",), ("king",),
        ("california king", "cal king"),
    ),
    "letter size": (
        ("xxs", "2xs"), ("xs", "x-small", "extra small"), ("small",), ("medium",), ("large",),
        ("xl", "x-large", "extra large"), ("xxl", "2xl", "xx-large"), ("xxxl", "3xl"), ("4xl",), ("5xl",),
    ),
    "fit": (("plus size", "plus-size", "plus sized"), ("petite",), ("big and tall", "big & tall"), ("maternity",)),
}  # fmt: skip

NAMED = {
    word: (dimension, Fraction(place))
    for dimension, sizes in _ONE_SIZE.items()
    for place, words in enumerate(sizes)
    for word in words
}
"""Sizes that have names: their dimension and their place in it."""
