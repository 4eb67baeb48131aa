"""Words of a text: the one analysis that filters, full-text index and queries share.

English is split at everything that is neither letter nor digit; Chinese, which has no
spaces, goes through jieba. Stemming is left to the full-text engines.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Literal

MAX_TERMS = 64  # of one query: beyond that the words of a pasted page only cost time
MAX_QUERY = 2_000  # characters of a query that are read for terms
MAX_TOKEN = 64  # longer ones are keys and blobs, not words
STEMMED = 50_000  # words whose stems are remembered

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_TOKEN = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+")
_WORD = re.compile(r"[^\W_]+")
_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019\u02bc](?=\w)")
_LATIN = re.compile("[A-Za-z]")

_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("ss", "ss"), ("us", "us"), ("s", ""))

STOP_WORDS = frozenset(
    """a about all also am an and any are as at be been but by can could did do does for from had has have he her him
    his how i if im in into is it its ive me my no not of on or our she should so some such than that the their them
    then there these they this those to us was we were what when where which who will with would you your
    的 了 和 与 或 是 在 我 你 您 他 她 它 我们 你们 有 没有 吗 呢 吧 啊 请 请问 一个 一下 一些 这 那 这个 那个 想 要
    想要 给 把 被 能 可以 什么 怎么 哪些 哪个 多少 很 也 都 就 还 对 从 到""".split()  # noqa: SIM905 (words read better as words)
)


def fold(text: str) -> str:
    """The key under which two spellings of a name are the same: case, width and spacing do not count."""
    if text.isascii():  # the same in a fourth of the time
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def segment(text: str) -> str:
    """The words of a text, folded and separated by spaces, as the full-text index stores them.

    A Chinese compound is there beside its parts: 无线耳机 becomes ``无线 耳机 无线耳机``.
    """
    plain = _plain(text)
    if not holds_han(plain):  # what _tokens would give, at half the time
        return " ".join([word[:MAX_TOKEN] for word in _WORD.findall(plain)])
    return " ".join(_tokens(text))


def terms(query: str) -> list[str]:
    """The different words to look for, in order, at most ``MAX_TERMS``.

    Stop words are left out unless there is nothing else. Only letters and digits come
    out, so a term can be quoted into any query language.
    """
    found = list(dict.fromkeys(_tokens(query[:MAX_QUERY])))
    meant = [word for word in found if word not in STOP_WORDS]
    return (meant or found)[:MAX_TERMS]


def exact(text: str) -> list[str]:
    """The words of a text once each time they come, Chinese compounds whole."""
    return list(_tokens(text, parts=False))


@lru_cache(maxsize=STEMMED)
def stem(word: str) -> str:
    """An English word without its commonest endings, for the few places that no full-text engine looks at.

    Only equal stems mean anything: ``returns``, ``returned`` and ``returning`` are all ``return``.
    """
    if not (word.isascii() and word.isalpha()):
        return word
    for ending, replacement in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending) + replacement
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeious":  # shipping, shipped: ship
        return word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def names(stored: str, wanted: str) -> bool:
    """Whether a stored name answers to the wanted one: the same, or with all its words in a row.

    ``Headphones & Earbuds`` answers to ``headphones``, ``Black/Silver`` to ``black``, ``Blackberry`` to neither.
    Chinese has no spaces to hold on to: 蓝牙耳机 answers to 耳机.
    """
    held, asked = fold(stored), fold(wanted)
    if held == asked:
        return True
    if not _TOKEN.search(asked):
        return False
    if _HAN_RUN.search(asked):
        return asked in held
    return re.search(rf"(?<![^\W_]){re.escape(asked)}(?![^\W_])", held) is not None


def language_of(text: str) -> Literal["en", "zh"]:
    """The language somebody writes in; a few Latin letters (a brand) do not make Chinese English."""
    han = sum(len(run) for run in _HAN_RUN.findall(text))
    return "zh" if han and han * 3 >= len(_LATIN.findall(text)) else "en"


def holds_han(text: str) -> bool:
    """Whether there is any Chinese character."""
    return _HAN_RUN.search(text) is not None


def _tokens(text: str, *, parts: bool = True) -> Iterator[str]:
    plain = _plain(text)
    if plain.isascii():
        yield from (word[:MAX_TOKEN] for word in _ASCII_TOKEN.findall(plain))
        return
    for match in _TOKEN.finditer(plain):
        if match["han"]:
            yield from (_jieba().cut_for_search if parts else _jieba().cut)(match["han"])
        else:
            yield match[0][:MAX_TOKEN]


def _plain(text: str) -> str:
    """Folded, without accents (café is also typed cafe), ``women's`` as ``womens``, which stems to ``women``."""
    if text.isascii():
        return (_APOSTROPHE.sub("", text) if "'" in text else text).lower()
    text = unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    return _APOSTROPHE.sub("", text).casefold()


@cache
def _jieba() -> Any:
    import jieba  # a second to load, and only shops with Chinese need it

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()
