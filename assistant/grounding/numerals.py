"""Numbers in figures and in words, English and Chinese."""

from __future__ import annotations

import re
from decimal import Decimal

from retriever.numerals import chinese
from retriever.text import holds_han

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))  # noqa: SIM905
_SMALL = {word: value for value, word in enumerate(_ONES)} | _TENS

DIGITS = r"(?:(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
_WORD = rf"(?:{'|'.join(sorted(_SMALL, key=len, reverse=True))}|hundred|thousand)"
_WORDS = rf"(?<![a-z]){_WORD}(?:(?:[\s-]|\sand\s){_WORD})*(?:\sand a half)?(?![a-z])"
NUMBER = rf"(?:{DIGITS}(?:\s?k(?![a-z\d]))?|{_WORDS})"
_MANY = (
    rf"(?:{'|'.join(word for word in sorted(_SMALL, key=len, reverse=True) if word not in ('one', 'zero'))}"
    rf"|hundred|thousand)"
)
PLAIN = rf"(?:{DIGITS}(?:\s?k(?![a-z\d]))?(?!\.?\d)|(?<![a-z]){_MANY}(?:[\s-]{_WORD})*(?![a-z-]))"
"""A bare number: "one" alone is mostly a pronoun ("this one") and states no number."""
CHINESE = r"(?:[零〇一二两三四五六七八九十百千万]+(?:点[零〇一二三四五六七八九]+)?|\d+(?:\.\d+)?\s?[千万])"


def number(text: str) -> tuple[Decimal, Decimal]:
    """The number that a match of ``NUMBER`` or ``CHINESE`` is, and the step it was rounded to (0: not at all)."""
    text = text.strip()
    if text[0].isdigit():
        figures = re.match(r"[\d,]+(?:\.\d+)?", text)
        value = Decimal(figures[0].replace(",", "")) if figures else Decimal(0)
        scale = {"k": 1_000, "千": 1_000, "万": 10_000}.get(text[-1], 1)
        places = -int(value.as_tuple().exponent)
        return value * scale, (Decimal(1).scaleb(-places) * scale if scale > 1 else Decimal(0))
    if holds_han(text):
        return chinese(text), Decimal(0)
    return _english(text), Decimal(0)


def _english(text: str) -> Decimal:
    half = text.endswith("and a half")
    total = current = 0
    for word in re.findall(r"[a-z]+", text.removesuffix("and a half")):
        if word == "thousand":
            total, current = total + max(current, 1) * 1_000, 0
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            current += _SMALL.get(word, 0)
    return Decimal(total + current) + (Decimal("0.5") if half else 0)
