"""Numbers written in Chinese characters, for whoever reads queries, arguments or sentences."""

from __future__ import annotations

from decimal import Decimal

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}


def chinese(written: str) -> Decimal:
    """The number that Chinese numerals are: 三十二, 一万零五十, 二点五, 一二三 digit by digit, 一百五 as it is spoken.

    Raises:
        ValueError: if there is any other character, or none.
    """
    whole, point, fraction = written.partition("点")
    if not whole or (point and not fraction) or not set(whole) <= DIGITS.keys() | UNITS.keys():
        raise ValueError(f"no Chinese number: {written}")
    value = Decimal(_whole(whole))
    return value + Decimal("0." + "".join(str(DIGITS[sign]) for sign in fraction)) if fraction else value


def _whole(signs: str) -> int:
    if not UNITS.keys() & set(signs):
        return int("".join(str(DIGITS[sign]) for sign in signs))
    total = section = 0  # of ten thousands, and below them
    digit: int | None = None
    last = 0  # the unit that a digit right after it is tenths of
    for sign in signs:
        if sign == "万":
            total += (section + (digit or 0) or 1) * UNITS[sign]
            section, digit, last = 0, None, UNITS[sign]
        elif sign in UNITS:
            section += (1 if digit is None else digit) * UNITS[sign]
            digit, last = None, UNITS[sign]
        else:
            digit, last = DIGITS[sign], last if digit is None and sign not in "零〇" else 0
    spoken = last // 10 if last > UNITS["十"] else 1  # 一百五 is 150, 一百零五 is 105
    return total + section + (digit or 0) * spoken
