"""The words of a short phrase with their places, and the key under which two phrases are one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from retriever.text import stem

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"(?P<han>[{HAN}]+)|[^\W_{HAN}]+(?:['\u2019][^\W_{HAN}]+)*")
_ASCII_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: what it is matched by, and where it stands. A run of Chinese is one word."""

    key: str
    start: int
    end: int
    han: bool


def tokens(text: str) -> list[Token]:
    """The words of a text in order."""
    return [
        Token(plain(match[0]), match.start(), match.end(), match["han"] is not None) for match in _TOKEN.finditer(text)
    ]


def keys(text: str) -> list[str]:
    """What the words of a text are matched by, without their places: the keys of ``tokens``."""
    if not text.isascii():
        return [token.key for token in tokens(text)]
    found = _ASCII_WORD.findall(text.lower())
    return [word.replace("'", "") for word in found] if "'" in text else found


def plain(word: str) -> str:
    """A word as it is compared: without case, accents and apostrophes."""
    if not word.isascii():
        word = unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", word)))
    return word.casefold().translate(_APOSTROPHES)


def key_of(text: str) -> tuple[str, ...]:
    """The same for ``tent``, ``Tents`` and ``tents``; another one for another order of words."""
    return tuple(stem(token.key) for token in tokens(text))


def tidy(text: str) -> str:
    """A text fit to be shown: no control characters, one width, single spaces."""
    if text.isascii() and text.isprintable():  # most titles: the rest would leave it as it is
        return " ".join(text.split())
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    return " ".join(unicodedata.normalize("NFKC", kept).split())
