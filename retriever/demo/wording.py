"""How visitors put what they look for: in their language, with brands, colours, prices and slips of the finger."""

from __future__ import annotations

from collections.abc import Sequence

from retriever.demo.dice import Dice
from retriever.demo.family import Family, shop
from retriever.demo.generate import Made
from retriever.demo.tastes import Taste

BRAND, COLOR, PRICE, SLIP = 0.1, 0.1, 0.06, 0.07  # share of queries with one


def query(family: Family, taste: Taste, members: Sequence[Made], dice: Dice) -> str:
    """A query for goods of a family."""
    chinese = taste.language == "zh"
    words = dice.one(family.wanted)[chinese] if family.wanted else family.categories[-1].lower()
    if members and dice.share() < BRAND:
        words = f"{dice.one(members).brand.name} {words}"
    elif dice.share() < COLOR and family.color_option:
        color = shop().colors[dice.one(family.colors)]
        words = f"{color.zh}{words}" if chinese else f"{color.en.lower()} {words}"
    elif members and dice.share() < PRICE:
        limit = 5 * round(float(dice.one(members).price) / 5 + 1)
        words = f"{limit}美元以内的{words}" if chinese else f"{words} under {limit}"
    return slipped(words, dice) if dice.share() < SLIP else words


def slipped(text: str, dice: Dice) -> str:
    """The text with two neighbouring letters of one longer English word swapped."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 4 and word.isascii() and word.isalpha()]
    if not long:
        return text
    index = dice.one(long)
    word = words[index]
    at = dice.whole(1, len(word) - 3)
    words[index] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)
