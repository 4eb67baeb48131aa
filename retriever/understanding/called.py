"""What a name of the shop's is called in the other language: by the lexicon that search uses, where it leaves no doubt.

A shop that has its categories in English only is read by people who read Chinese too. A name that is one wording of
the lexicon, or several with "and" between them, is said in that wording; every other name stands in quotation
marks, so that it is seen to be a name. Words are not put together one by one: a sleeping bag is no bag that sleeps.
"""

from __future__ import annotations

import re
from functools import lru_cache

from retriever.text import exact, fold, holds_han, stem
from retriever.understanding.bridging import lexicon

KEPT = 5_000  # names that are remembered
_JOINED = re.compile(r"\s*(?:&|/|,|，|、|\band\b|和|与)\s*", re.IGNORECASE)
_AND = {"zh": "和", "en": " & "}


@lru_cache(maxsize=KEPT)
def called(name: str, language: str, *, quoted: bool = True) -> str:
    """The name in that language; where nobody can say what it is in it, as it is, in quotation marks if ``quoted``."""
    if not name or holds_han(name) == (language == "zh") or not re.search(r"[^\W\d_]", name):
        return name
    parts = [_wording(part, language) for part in _JOINED.split(name)]
    found = _AND["zh" if language == "zh" else "en"].join(dict.fromkeys(parts)) if all(parts) else name
    # One Chinese character in a sentence reads like half a word.
    return f"“{found}”" if quoted and (found == name or len(found) == 1) else found


def _wording(name: str, language: str) -> str:
    """One wording for one wording, if each is what the other means first of all; empty where there is a doubt."""
    words = lexicon()
    if language != "zh":
        english = words.english.get(fold(name), ("",))[0]
        return english.title() if fold(name) in words.chinese.get(_stems(english), ())[:1] else ""
    means = words.chinese.get(_stems(name), ())
    sure = [each for each in means if _one(words.english[fold(each)][0]) == _one(name)]
    found = next((each for each in sure if len(each) > 1), sure[0] if sure else "")
    return found[:1].upper() + found[1:]


def _stems(wording: str) -> str:
    """As the lexicon has English wordings."""
    return " ".join("".join(stem(part) for part in exact(word)) for word in re.split(r"[\s-]+", wording) if word)


def _one(wording: str) -> str:
    """In the singular, word for word: a stem would take clothing for cloth."""
    return re.sub(
        r"(?<=[^s])s$|(?<=s|x|z|h)es$", "", re.sub(r"ies$", "y", " ".join(re.split(r"[\s-]+", fold(wording))))
    )
