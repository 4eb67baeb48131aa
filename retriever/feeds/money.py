"""Prices as merchants write them: ``1.299,00 €``, ``$19.99``, ``19.99 USD``.

What can be read in two ways is refused, never guessed. The one case that comes up is a single
point or comma before exactly three digits, as in ``1.299``: it may be one thousand two hundred
and ninety-nine or one and three tenths. Only a currency without minor units (yen: thousands) or
with three places of them (Kuwaiti dinar: decimals) decides it; otherwise the row is rejected.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel.numbers import get_currency_precision, list_currencies

LONGEST = 60  # characters of a price; no real one comes near it
SIGNS = {
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "AU$": "AUD",
    "A$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "NT$": "TWD",
    "S$": "SGD",
    "MX$": "MXN",
    "R$": "BRL",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₺": "TRY",
    "₫": "VND",
    "₴": "UAH",
    "₪": "ILS",
    "元": "CNY",
    "円": "JPY",
    "ZŁ": "PLN",
    "KČ": "CZK",
}
TWO_READINGS = {"¥": "JPY or CNY", "KR": "SEK, NOK, DKK or ISK", "RS": "INR, PKR or LKR"}
NOTHING_TO_PAY = ("FREE", "GRATIS", "KOSTENLOS", "GRATUIT", "免费")

SPACES = re.compile(r"[\s'’`]")
AMOUNT = re.compile(r"\d[\d.,\s'’`]*(?<=\d)|[.,]\d+")
POINTS = re.compile(r"[.,]")
THOUSANDS = re.compile(r"\d{1,3}(?P<mark>[.,\s'’`])\d{3}(?:(?P=mark)\d{3})*")


class PriceError(ValueError):
    """A price that cannot be read; the message says why and how to write it."""


@dataclass(frozen=True)
class Price:
    """An amount in major units, and the currency written with it; both ``None`` when nothing was written."""

    amount: Decimal | None = None
    currency: str | None = None


def parse_price(text: str) -> Price:
    """The price in a cell. An empty cell is an unknown price, which is not a free one.

    A plain dollar sign is the US dollar; other dollars are written as ``CA$`` or ``CAD``.

    Raises:
        PriceError: if it is no price, negative, or can be read in two ways.
    """
    given = unicodedata.normalize("NFKC", text).strip().upper()
    if not given:
        return Price()
    if len(given) > LONGEST:
        raise PriceError(f"a price of {len(given)} characters is none")
    found = AMOUNT.search(given)
    if found is None:
        raise PriceError(_no_number(given, text))
    before, after = given[: found.start()].strip(), given[found.end() :].strip()
    if before.startswith(("-", "−", "–", "(")) or before.endswith(("-", "−", "–")) or after == "-":
        raise PriceError(f"a price cannot be negative ({_shown(text)})")
    if (before and after) or AMOUNT.search(after):
        raise PriceError(_unreadable(text))
    currency = _currency(before or after, text)
    return Price(_amount(found[0], currency, text), currency)


def _no_number(given: str, text: str) -> str:
    if given in NOTHING_TO_PAY:
        return f"{_shown(text)} is no amount; write 0 for what costs nothing"
    return _unreadable(text)


def _unreadable(text: str) -> str:
    return f"{_shown(text)} is no price; write it as 19.99 or 19.99 USD"


def _currency(written: str, text: str) -> str | None:
    if not written:
        return None
    sign = written.removesuffix(".")
    if sign in TWO_READINGS:
        raise PriceError(f"{_shown(text)}: the currency may be {TWO_READINGS[sign]}; write its code")
    if sign in SIGNS:
        return SIGNS[sign]
    if sign in _codes():
        return sign
    raise PriceError(f"{_shown(text)}: {_shown(written)} is no currency; write a code such as USD")


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


def _amount(written: str, currency: str | None, text: str) -> Decimal:
    marks = POINTS.findall(written)
    digits, decimals = written, ""
    if len(marks) == 1 or len(set(marks)) == 2:  # the last mark stands before decimals, as far as can be told
        at = max(written.rfind("."), written.rfind(","))
        digits, decimals = written[:at], written[at + 1 :]
        if len(marks) == 1 and _is_ambiguous(digits, decimals):
            digits, decimals = _settled(digits, decimals, currency, text)
    whole = digits.isdecimal() or not digits or THOUSANDS.fullmatch(digits)
    if not whole or (decimals and not decimals.isdecimal()):
        raise PriceError(_unreadable(text))
    units = SPACES.sub("", POINTS.sub("", digits)) or "0"
    return Decimal(f"{units}.{decimals}" if decimals else units)


def _is_ambiguous(digits: str, decimals: str) -> bool:
    return len(decimals) == 3 and digits.isdecimal() and len(digits) <= 3 and not digits.startswith("0")


def _settled(digits: str, decimals: str, currency: str | None, text: str) -> tuple[str, str]:
    places = get_currency_precision(currency) if currency else 2
    if places == 0:
        return digits + decimals, ""
    if places == 3:
        return digits, decimals
    raise PriceError(
        f"{_shown(text)} may be {digits}{decimals} or {digits} and a fraction; "
        f"write {digits}{decimals}.00 or {digits}.{decimals[:2]}"
    )


def _shown(text: str) -> str:
    return f"'{text.strip()[:LONGEST]}'"
