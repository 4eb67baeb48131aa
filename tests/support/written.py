"""Numbers as people write them in Chinese, for tests that read them back."""

from __future__ import annotations

HAN = "零一二三四五六七八九"
SIZES = ((10_000, "万"), (1_000, "千"), (100, "百"), (10, "十"))


def in_chinese(number: int) -> str:
    """A number below a hundred million: 1005 is 一千零五."""
    for size, sign in SIZES:
        if number >= size:
            rest = number % size
            between = "零" if rest and rest < size // 10 else ""
            return f"{in_chinese(number // size)}{sign}{between}{in_chinese(rest) if rest else ''}"
    return HAN[number]
