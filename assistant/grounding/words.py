"""Words: tokens and stems of both languages, and what the lexicon says of them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.prompts import prompt
from retriever.text import exact, fold, holds_han, segment, stem

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NEGATING = frozenset(
    [
        "not",
        "no",
        "without",
        "cannot",
        "none",
        "never",
        "neither",
        "nor",
        "dont",
        "doesnt",
        "isnt",
        "arent",
        "cant",
        "wont",
        "didnt",
        "wasnt",
        "werent",
        "hasnt",
        "havent",
        "couldnt",
        "wouldnt",
        "nothing",
        "lacks",
        "lack",
        "missing",
        "free_of",
    ]
)
_NEGATING_HAN = re.compile(r"(?:不|没|未|无|非|勿|莫|缺乏|缺少|并非|禁止)")
_UNWANTED = re.compile(r"(?:what|which|that|if|whatever) you (?:do not|don't) (?:want|need|like)")
_HARMLESS_HAN = re.compile(
    r"无线|无人机|不锈钢|不粘|不仅|不但|不错|非常|无缝|不过|不客气|未来|无论|不好意思|不同|无花果" r"|差不多"
)

_POSSESSIVE = re.compile(
    r"(?<=[a-z])(?<!\bit)(?<!\bthat)(?<!\bhere)(?<!\bthere)(?<!\bwhat)(?<!\blet)(?<!\bwho)['’]s(?![a-z])"
)


@dataclass(frozen=True)
class Token:
    """A word with its place in the text."""

    text: str
    start: int
    end: int

    @property
    def stem(self) -> str:
        """The word without its ending."""
        return stem(self.text)


def tokens(text: str) -> list[Token]:
    """The words of a folded text in order; Chinese as segmented."""
    found: list[Token] = []
    place = 0
    for word in exact(text):
        start = text.find(word, place)
        if start < 0:  # a word that the analysis rewrote: an accent, an apostrophe
            start, end = _rewritten(word, text, place)
        else:
            end = start + len(word)
        found.append(Token(word, start, end))
        place = end
    return found


def _rewritten(word: str, text: str, place: int) -> tuple[int, int]:
    match = re.compile("['’ʼ]?".join(re.escape(sign) for sign in word)).search(text, place)
    return match.span() if match else (place, place)


def stems(text: str) -> list[str]:
    """Words without simple English endings; Chinese words as segmented."""
    return [_stem(word) for word in WORD.findall(segment(fold(text)))]


def _stem(word: str) -> str:
    for ending in ("ies", "es", "ing", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


@cache
def clerk_words() -> frozenset[str]:
    """Stems of the words that state nothing and so need no proof."""
    lines = [line for line in prompt("clerk_words.txt").splitlines() if not line.startswith("#")]
    return frozenset(_stem(fold(word)) for line in lines for word in line.split())


@cache
def lexicon() -> dict[str, Any]:
    """What ``lexicon.toml`` holds."""
    return tomllib.loads((files("assistant.grounding") / "lexicon.toml").read_text(encoding="utf-8"))


@cache
def _free() -> frozenset[str]:
    listed = " ".join(lexicon()["free"].values()).split()
    clerk = [
        word for line in prompt("clerk_words.txt").splitlines() if not line.startswith("#") for word in line.split()
    ]
    return frozenset(stem(word.replace("'", "")) for word in map(fold, [*listed, *clerk])) - {"stock", "rat", "rate"}


@cache
def risky() -> frozenset[str]:
    """Stems of benefits: a question may not slip one in either."""
    return frozenset(stem(word) for words in lexicon()["risky"].values() for word in words.split())


def is_free(word: str) -> bool:
    """Whether a word states nothing by itself."""
    return stem(word) in _free() or (holds_han(word) and all(sign in _free() for sign in word))


def negated(text: str) -> bool:
    """Whether a clause denies."""
    text = _UNWANTED.sub(" ", text)
    if any(word in _NEGATING for word in re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])['’](?=[a-z])", "", text))):
        return True
    return _NEGATING_HAN.search(_HARMLESS_HAN.sub("", text)) is not None


def is_negation(word: str) -> bool:
    """Whether a single word denies."""
    return word in _NEGATING or (holds_han(word) and _NEGATING_HAN.match(_HARMLESS_HAN.sub("", word)) is not None)


@cache
def _synonyms() -> dict[str, str]:
    lines = [line.split() for group in lexicon()["synonyms"].values() for line in group.splitlines() if line.strip()]
    return {stem(word): stem(line[0]) for line in lines for word in line}


def canonical(word: str) -> str:
    """The stem that stands for a word and for those that mean the same."""
    base = stem(word)
    return _synonyms().get(base, base)


@cache
def phrases(table: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of every phrase of a table, the longest first, and the entry each belongs to."""
    meaning = {phrase: key for key, held in lexicon()[table].items() for phrase in held}
    ordered = sorted(meaning, key=len, reverse=True)
    parts = [
        rf"(?<![a-z]){re.escape(phrase)}(?![a-z])" if phrase.isascii() else re.escape(phrase) for phrase in ordered
    ]
    return re.compile("|".join(parts)), meaning


def spoken(name: str, text: str) -> bool:
    """Whether an option or an attribute is named in a text, as a word of its own where it is English."""
    if name.isascii():
        return re.search(rf"(?<![a-z\d]){re.escape(name)}(?![a-z\d])", text) is not None
    return name in text


def unpossessed(text: str) -> str:
    """A folded text without possessive endings: "the Alder's poles" names the Alder."""
    return _POSSESSIVE.sub("", text)
