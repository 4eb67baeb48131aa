"""Slots in words: money, amounts, references and slips as people type them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from assistant.tune.patterns import Language
from retriever.text import holds_han

ONES = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
HAN = "零一二三四五六七八九十"
THOUSANDS = 0.4  # share of the round sums from 1,000 on that are said as such: 2k, 2千
NAMED = 0.2  # share of the references that are names
WHOLE = 0.3  # share of the names said in full
BRAND_HAN = (
    "安佳美康乐维雅诺德力嘉恒博瑞欧莱科奥星云海天华凯达宝利通友鑫悦尚品格林米小熊鹿松竹兰石山泉"
    "金银百千万丽娜贝思朗卡罗西奇艾尼斯特曼"
)
BRAND_PARTS = (
    "ka", "lo", "vi", "mar", "ten", "nor", "zel", "bra", "co", "dex", "fi", "gan", "hol", "jin", "kro", "lum", "mi",
    "nex", "or", "pel", "qua", "ri", "sol", "tra", "ul", "ver", "wen", "xo", "yar", "zen", "sta", "bel", "ster", "wood",
)  # fmt: skip
SHORTEST_SLIP = 2  # characters: with one wrong of two, nobody knows what is meant
ORDINALS = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Filled:
    """What stands in the text, and what the call says."""

    said: str
    value: object


def money(amount: int, language: Language, dice: random.Random) -> Filled:
    """An amount as shoppers write it."""
    if amount >= 1000 and amount % 100 == 0 and dice.random() < THOUSANDS:
        return Filled(f"{amount / 1000:g}{'千' if language == 'zh' and amount % 1000 == 0 else 'k'}", amount)
    if language == "zh":
        ways = [
            f"{amount}美元",
            f"{amount}刀",
            f"${amount}",
            f"{amount}块",
            f"{amount}",
            f"{_han(amount)}美元",
            f"{_han(amount)}块钱",
        ]
        weights = [4, 2, 2, 2, 2, 1, 1]
    else:
        ways = [
            f"${amount}",
            f"{amount} dollars",
            f"{amount}",
            f"{amount} bucks",
            f"${amount}.00",
            f"{words(amount)} dollars",
        ]
        weights = [5, 3, 3, 2, 1, 1]
    return Filled(dice.choices(ways, weights)[0], amount)


def number(amount: int, language: Language, dice: random.Random) -> Filled:
    """A small number in figures or words."""
    if language == "zh":
        return Filled(dice.choice([f"{amount}个", f"{'两' if amount == 2 else _han(amount)}个"]), amount)
    return Filled(dice.choice([str(amount), words(amount)]), amount)


def reference(place: int, count: int, name: str, language: Language, dice: random.Random) -> Filled:
    """How somebody points at one of ``count`` shown products, ``place`` from 1; the call says its number or name."""
    if dice.random() < NAMED:
        said = spoken_name(name, dice)
        return Filled(f"那个{said}" if language == "zh" else f"the {said}", said)
    if language == "zh":
        ways = [f"第{_han(place)}个", f"第{place}个", f"第{_han(place)}款", f"{place}号"]
        last = ["最后一个", "最后那款"]
    else:
        ordinal = ORDINALS[place - 1]
        ways = [f"the {ordinal} one", f"the {ordinal}", f"number {place}", f"#{place}"]
        last = ["the last one", "the bottom one"]
    return Filled(dice.choice(ways + (last if place == count > 1 else [])), str(place))


def spoken_name(name: str, dice: random.Random) -> str:
    """A title as somebody says it: all of it, or some neighbouring words."""
    parts = name.split(" ")
    if len(parts) < 3 or dice.random() < WHOLE:
        return name
    size = dice.randint(2, min(3, len(parts) - 1))
    start = dice.randint(0, len(parts) - size)
    return " ".join(parts[start : start + size])


def several(count: int, language: Language, dice: random.Random) -> Filled:
    """How somebody points at several of ``count`` shown products; the call says their numbers."""
    both, three = ["1", "2"], ["1", "2", "3"]
    if language == "zh":
        options = [("前两个", both), ("第一个和第二个", both), ("1号和2号", both)]
        options += (
            [("第一个和第三个", ["1", "3"]), ("前三个", three), ("第二个和第三个", ["2", "3"])]
            if count > 2
            else [("这两个", both)]
        )
    else:
        options = [("the first two", both), ("number 1 and number 2", both), ("the first and the second", both)]
        options += (
            [
                ("the first and third", ["1", "3"]),
                ("the first three", three),
                ("numbers 2 and 3", ["2", "3"]),
                ("the top three", three),
            ]
            if count > 2
            else [("both", both), ("these two", both), ("the two", both)]
        )
    said, value = dice.choice(options)
    return Filled(said, value)


def words(amount: int) -> str:
    """An English number below 1,000 in words."""
    if amount < len(ONES):
        return ONES[amount]
    if amount < 20:
        return {13: "thirteen", 15: "fifteen", 18: "eighteen"}.get(amount, f"{ONES[amount % 10]}teen")
    if amount < 100:
        return TENS[amount - amount % 10] + (f"-{ONES[amount % 10]}" if amount % 10 else "")
    if amount < 1000:
        rest = f" and {words(amount % 100)}" if amount % 100 else ""
        return f"{words(amount // 100)} hundred{rest}"
    return str(amount)


def _han(amount: int) -> str:
    """A number below 1,000 in Chinese characters."""
    if amount <= 10:
        return HAN[amount]
    if amount < 100:
        tens, ones = divmod(amount, 10)
        return f"{HAN[tens] if tens > 1 else ''}十{HAN[ones] if ones else ''}"
    if amount < 1000:
        hundreds, rest = divmod(amount, 100)
        middle = "零" if 0 < rest < 10 else ""
        tail = f"一{_han(rest)}" if 10 <= rest < 20 else _han(rest) if rest else ""
        return f"{HAN[hundreds]}百{middle}{tail}"
    return str(amount)


def invented_brand(language: Language, dice: random.Random) -> str:
    """A brand that nobody knows: a name is copied from the message, not remembered."""
    if language == "zh":
        return "".join(dice.sample(BRAND_HAN, dice.choice((2, 2, 3))))
    return "".join(dice.sample(BRAND_PARTS, dice.choice((2, 2, 3)))).capitalize()


def misspelt(text: str, dice: random.Random) -> str:
    """The text with a slip in one longer English word: letters swapped, dropped, doubled or replaced.

    In Chinese one character is another one, as an input method picks it.
    """
    if holds_han(text):
        at = dice.randrange(len(text))
        return text[:at] + dice.choice(BRAND_HAN) + text[at + 1 :] if len(text) > SHORTEST_SLIP else text
    parts = text.split(" ")
    long = [index for index, word in enumerate(parts) if len(word) > 4 and word.isascii() and word.isalpha()]
    if not long:
        return text
    index = dice.choice(long)
    word = parts[index]
    at = dice.randrange(1, len(word) - 1)
    slips = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + dice.choice("aeiourstln") + word[at + 1 :],
    )
    parts[index] = dice.choice(slips)
    return " ".join(parts)


def typed(text: str, dice: random.Random) -> str:
    """The text as a hurried person types it: without capitals, without the last mark, with an exclamation."""
    share = dice.random()
    if share < 0.35:
        text = text.lower()
    if share < 0.25:
        text = text.rstrip(".?!。？！") or text
    elif share > 0.97:
        text = text.rstrip(".?!。？！") + "!!"
    return text
