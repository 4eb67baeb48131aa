"""What a query does not want: "dinnerware sets without mugs", "cat treats no chicken", 不含酒精的洗手液.

A full-text or vector search that gets "without mugs" finds mugs. So the words that exclude
are read, taken out of what is searched, and checked on the products that are found
(``retriever.understanding.asserting``).

Two kinds of words look like it and are none. Titles and sayings ("listen without prejudice",
"no country for old men") are told by how they are built, and where that leaves doubt the
exclusion has a low confidence and its words stay in the text. Properties ("cordless",
"non-stick", "sugar free", 无线) are what products say of themselves: their words stay too,
and only "sugar free" and its like, which name a thing, are checked besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from retriever.text import fold, holds_han
from retriever.understanding.exclusions import CONFIDENT, Exclusion, singular
from retriever.understanding.negation_words import (
    ABSTRACT,
    ARTICLES,
    BOUNDARY,
    DESCRIBING,
    JOIN,
    MEDIA,
    NEVER,
    NO_SUBSTANCE,
    SUBSTANCES,
)
from retriever.understanding.negation_zh import read_chinese

MAX_TEXT = 1_000  # characters that are read: a pasted page is no query
MAX_WORDS = 4  # of one excluded thing

_TOKEN = re.compile(r"[^\W_]+(?:['’&.-][^\W_]+)*|[,;:.!?()|]")
_QUOTES = re.compile(r"[\"“”]")

_VERB = (
    r"\b(?:(?:(?:that|which|who|but)\s+)?(?:do|does|did)(?:n['’]?t| not)"
    r"\s+(?:want|need|like|have|contain|include|use|require|come with)|(?:i\s+)?(?:hate|avoid))"
    r"(?:\s+(?:it\s+)?(?:any|to have|to be))?(?=\s)"
)
_NOT = (
    r"(?:(?:\bthat|\bwhich)(?:\s+(?:is|are)|['’]s)\s+|\b(?:isn|aren)['’]?t\s+|\b)"
    r"(?<!why )(?<!or )(?<!me )not(?=\s)"
)
# How surely a marker excludes what comes after it.
_MARKERS: tuple[tuple[re.Pattern[str], float, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), confidence, kind)
    for pattern, confidence, kind in (
        (r"\b(?:with\s+no|sold without|with\s?out(?:\s+any)?|w/o|free (?:of|from))(?=\s)", 0.9, "without"),
        (_VERB, 0.9, "without"),
        (
            r"\b(?:except(?:ing)?(?:\s+for)?|excluding|excludes?|other than|anything but|apart from)(?=\s)",
            0.9,
            "except",
        ),
        (r"\ballergic to(?=\s)", 0.7, "except"),
        (r"\bbut (?:not|no)(?=\s)", 0.9, "not"),
        (r"\bminus(?=\s+[a-z])", 0.7, "without"),
        (r"\bnot (?:including|included?|containing|with|having)(?=\s+[a-z])", 0.9, "without"),
        (_NOT, 0.8, "not"),
        (r"(?<![\w.-])no(?=\s+[^\W\d])", 0.8, "no"),
        (r"(?<=\s)-(?=[a-z]{3,}\b)", 0.7, "without"),
    )
)
_NOT_INCLUDED = re.compile(
    r"(?P<thing>[^\W\d_]+(?:['’-][^\W_]+)*)\s+(?:(?:is|are)\s+)?"
    r"(?:not (?:included|required|needed)|excluded)\s*(?=$|[,;.!?)])",
    re.IGNORECASE,
)
_FREE = re.compile(r"(?<![\w-])(?P<thing>[^\W\d_]{3,})(?P<join>[\s-])free(?![\w-])", re.IGNORECASE)


# Sentences are titles, unless it is the shopper who speaks of what is wanted.
_SENTENCE = re.compile(
    r"\b(?:you|your|yours|we|us|our|ours|he|she|his|him|her|they|them|my|me|whom|is not enough|was|were|shall|should"
    r"|would|when|why|how|if|because|let|lets|let's)\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"^(?:listen|live|living|love|gone|born|dance|dancing|eat|say|go|stay|stop|speak|think|keep|let"
    r"|(?:watch|play|eat|run|keep|make|say|love|hate) (?:the|a|it|like))$",
    re.IGNORECASE,
)
_SHOPPER = re.compile(
    r"\b(?:i(?:['’]m| am)?\s+(?:want|need|would like|like|look|am|prefer|hate)|i['’]?d like|looking for|show me|find me"
    r"|give me|do you (?:have|sell)|can you|could you|please|for (?:my|me|him|her|us|our)"
    r"|do(?:n['’]?t| not) (?:want|need|like))\b",
    re.IGNORECASE,
)
_EDGES = re.compile(
    r"^(?:[\s,;:.|&-]|(?:and|or|but|that|which|with|are|is)\b(?!-))+"
    r"|(?:[\s,;:|&-]|\b(?:and|or|but|that|which|with|the|are|is|i))+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Negated:
    """A query's words without what it surely excludes, and the exclusions."""

    text: str
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def sure(self) -> tuple[Exclusion, ...]:
        """The exclusions that searching may act on."""
        return tuple(exclusion for exclusion in self.exclusions if exclusion.sure)


@dataclass(frozen=True, slots=True)
class _Found:
    """One exclusion and where in the text its words are."""

    start: int
    end: int
    things: tuple[str, ...]
    confidence: float
    kept: bool = False


def read_negations(text: str) -> Negated:
    """Read what a query excludes.

    The same text always gives the same answer, and text without exclusions comes back as it was.
    """
    whole = " ".join(_QUOTES.sub(" ", text[:MAX_TEXT]).split())
    if not whole:
        return Negated(text)
    read = [_Found(*found) for found in read_chinese(whole)] if holds_han(whole) else []
    read += [found for found in _english(whole) if not _overlaps(found, read)]
    read.sort(key=lambda found: found.start)
    taken = [found for found in read if found.confidence >= CONFIDENT and not found.kept]
    rest = _rest(whole, taken) if taken else text
    if not rest:  # "no sugar" alone wants something without it: there is nothing else to look for
        read, rest = [replace(found, kept=True) for found in read], text
    wanted = _content(_rest(whole, read))
    exclusions = [
        Exclusion(thing, whole[found.start : found.end].strip(), found.confidence, found.kept, wanted)
        for found in read
        for thing in found.things
    ]
    unique = {exclusion.thing: exclusion for exclusion in reversed(exclusions)}
    return Negated(rest, tuple(reversed(unique.values())))


def is_negated(query: str) -> bool:
    """Whether a query says that something is not wanted; "sugar free" alone is a property, not a negation."""
    return any(exclusion.sure and not exclusion.kept for exclusion in read_negations(query).exclusions)


def _english(text: str) -> list[_Found]:
    found: list[_Found] = []
    for candidate in (*_not_included(text), *_marked(text), *_free(text)):
        if not _overlaps(candidate, found):
            found.append(candidate)
    return found


def _overlaps(one: _Found, others: list[_Found]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def _not_included(text: str) -> Iterator[_Found]:
    """Where the thing comes first: batteries not included."""
    for match in _NOT_INCLUDED.finditer(text):
        thing = fold(match["thing"])
        if thing not in BOUNDARY and thing not in NEVER and thing != "gift":
            yield _Found(match.start(), match.end(), (thing,), 0.9)


def _free(text: str) -> Iterator[_Found]:
    """Sugar-free and its like. The words stay, for products say the same."""
    for match in _FREE.finditer(text):
        thing = fold(match["thing"])
        if thing in NO_SUBSTANCE or (match["join"] != "-" and thing not in SUBSTANCES):
            continue
        yield _Found(match.start(), match.end(), (thing,), 0.8, kept=True)


def _marked(text: str) -> Iterator[_Found]:
    taken = 0
    for start, end, confidence, kind in _marks(text):
        if start < taken:
            continue
        things, stop = _things(text, end, kind)
        if not things:
            continue
        taken = stop
        noun = things[0].split()[0]
        if kind == "no" and " " in things[0] and not _names_goods(text[:start]):
            # "nike no lace shoes", "no sugar peanut butter": what is wanted comes last, and where it begins is a guess.
            sureness = min(0.6, _confidence(text, start, end + 1 + len(noun), (noun,), kind, confidence))
            yield _Found(start, stop, (noun,), sureness, kept=True)
            continue
        sureness = _confidence(text, start, stop, things, kind, confidence)
        yield _Found(start, stop, things, sureness)


def _names_goods(before: str) -> bool:
    """Whether what precedes can be all that is wanted: two words that are more than a size or an audience."""
    words = (fold(match[0]) for match in _TOKEN.finditer(before))
    return sum(word.isalpha() and word not in DESCRIBING and word not in BOUNDARY for word in words) >= 2


def _marks(text: str) -> list[tuple[int, int, float, str]]:
    """Every marker, the earliest first; of two at one place the one that says more."""
    marks = [
        (match.start(), match.end(), confidence, kind)
        for pattern, confidence, kind in _MARKERS
        for match in pattern.finditer(text)
    ]
    marks.sort(key=lambda mark: (mark[0], -mark[1]))
    return marks


def _things(text: str, start: int, kind: str) -> tuple[tuple[str, ...], int]:
    """What comes after a marker, thing by thing, and where it ends."""
    things: list[str] = []
    current: list[str] = []
    stop = start
    tokens = list(_TOKEN.finditer(text, start))
    for place, token in enumerate(tokens):
        word = fold(token[0])
        if word in JOIN:
            if not current or not _continues(tokens, place, kind):
                break
            things.append(" ".join(current))
            current = []
            continue
        if not current and not things and word in ARTICLES:
            continue
        if _ends(word, current, kind):
            break
        current.append(word)
        stop = token.end()
    if current:
        things.append(" ".join(current))
    return tuple(things), stop if things else start


def _ends(word: str, current: list[str], kind: str) -> bool:
    """Whether the excluded thing ended before this word."""
    if not word[0].isalnum() or (word[0].isdigit() and (current or kind in ("no", "not"))):
        return True
    if not current:
        deny = kind in ("no", "not")
        return (word in BOUNDARY and not (kind == "not" and word in ("made", "for"))) or (deny and word in NEVER)
    if current[0] in ("made", "for"):  # "not made in china" is one thing
        return len(current) >= 3 or (len(current) == 2 and current[0] == "for")
    if kind == "not" and current[-1] in DESCRIBING:  # "gold not silver chain" is about a chain
        return True
    if word in BOUNDARY or len(current) >= MAX_WORDS:
        return True
    # "overflow solid brass": a description after the noun is of something else; before it, of the noun.
    return word in DESCRIBING and any(held not in DESCRIBING for held in current)


def _continues(tokens: list[re.Match[str]], place: int, kind: str) -> bool:
    """Whether "and", "or" or a comma goes on with the list of what is excluded."""
    after = [fold(token[0]) for token in tokens[place + 1 : place + 3]]
    if not after or after[0] in BOUNDARY or after[0] in JOIN or not after[0][0].isalpha():
        return bool(after) and after[0] in ("or", "and", "nor") and len(after) == 2 and after[1] not in BOUNDARY
    if fold(tokens[place][0]) in ("or", "nor"):
        return True
    # "no sugar, salt" goes on, "no chicken, grain free food" and "without lid, large" do not.
    return len(tokens) - place <= 3 and kind != "not" and not any(word in DESCRIBING for word in after)


def _confidence(text: str, start: int, stop: int, things: tuple[str, ...], kind: str, base: float) -> float:
    """The marker's own confidence, less what makes the text look like a title."""
    before, after = text[:start].strip(" ,;"), text[stop:].strip()
    words = [word for thing in things for word in thing.split()]
    if any(word in ABSTRACT for word in words) or (len(words) > 1 and words[-1] in MEDIA):
        return 0.1
    if _SENTENCE.search(text) and not _SHOPPER.search(text):
        base -= 0.6
    if _IMPERATIVE.search(before):
        base -= 0.5
    following = fold(after.split()[0]) if after else ""
    if (
        not before and kind != "without" and (not following or following in BOUNDARY)
    ):  # "no country for old men", "not for sale"
        base -= 0.5
    bare = kind == "not" and fold(text[start:]).startswith("not")
    if bare and len(before.split()) == 1 and words[0] not in DESCRIBING and words[0] not in ("made", "for"):
        base -= 0.5  # "bite not collar"
    return round(max(base, 0.1), 2)


def _rest(text: str, taken: list[_Found]) -> str:
    """The text without these words."""
    kept, place = "", 0
    for found in taken:
        kept += text[place : found.start] + " "
        place = found.end
    cleaned = " ".join((kept + text[place:]).split())
    return _EDGES.sub("", cleaned).strip()


def _content(text: str) -> frozenset[str]:
    return frozenset(singular(fold(match[0])) for match in _TOKEN.finditer(text) if match[0][0].isalnum())
