"""What a product says about a thing that the shopper does not want: has it, does without it, only mentions it.

A word in a product's text proves little: "mugs not included", "for your mug" and "mug-free"
all hold it. Each mention is therefore read in its own clause. What stands in the title or
in an attribute weighs more than a sentence of the description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from retriever.product import Product
from retriever.text import fold, holds_han
from retriever.understanding.exclusions import Exclusion, described, forms, singular

Stance = Literal["has", "says_without", "mentions", "silent"]

MAX_DESCRIPTION = 4_000  # characters that are read of it
MAX_MENTIONS = 8  # of one text: a page that says it more often says nothing new
_REACH = 70  # characters before and after a mention that decide about it
_INGREDIENTS_REACH = 400

_CLAUSE_END = re.compile(r"[.;:!?|()\[\]\n•【】✔★–—]|\s-\s|\b(?:but|while|with|has|have|includes?|comes?|features?)\b")
_FREE_GIFT = r"(?!\s+(?:shipping|gift|return|delivery|replacement|standing|size|weights?|bonus|refund|with|of|from))"
# "No more", "not only": what follows these is not denied.
# "Without removing the lid" denies the removing.
_NO_DENIAL = re.compile(
    r"[\s-]*(?:(?:more|only|longer|matter|problem|worry|worries|just|doubt|limit|less|need to)\b"
    r"|(?!(?:using|needing|requiring|adding|containing|including)\b)\w+ing (?:a|an|the|your|on|to|up|any)\b)"
)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|with\s?out|w/o|zero|free (?:of|from)|excluding|excludes?|minus|lacks?|instead of|rather than|never"
    r"|eliminates?|no need (?:for|of)"
    r"|(?:not|cannot|[a-z]+n['’]t) (?:\w+ )?(?:contain|have|has|include|need|require|use|with|come with)\w*)\b"
)
_DENIED_STRAIGHT = re.compile(r"\b(?:not (?:a |an |the )?|non[\s-]+)$")
_DENIED_AFTER = re.compile(
    r"(?:-free\b|\s+free\b" + _FREE_GIFT + r"|(?:[\s,/&]+[\w'’-]+){0,3}?[\s(*,]*(?:(?:is|are)\s+)?"
    r"(?:not (?:included|required|needed|necessary|provided|supplied)|sold separately|excluded))"
)
_OPTIONAL = re.compile(
    r"\b(?:removable|detachable|optional|(?:with|used?|usable|works?) (?:and |or |also )?without|(?:and|or) without)"
    r"\s+(?:[\w'’-]+\s+){0,2}$"
)
_PURPOSE_BEFORE = re.compile(
    r"\b(?:for|fits?|compatible with|works? with|replacement|like|than|holds?|holding|stores?|storing"
    r"|replaces?|suitable for|use with|under|over|your|any|match(?:es|ing)?|pair(?:s|ed)? with|anti)\b"
)
_PURPOSE_AFTER = re.compile(
    r"[\s-]*(?:holders?|holes?|hooks?|slots?|compartments?|loops?|pockets?|organi[sz]ers?|stands?|racks?|storage|adapters?"
    r"|replacements?|compatible|ready|friendly|resistant|proof|lovers?|like|style|inspired|remover|cleaner)\b"
)
_GIVEN_BEFORE = re.compile(
    r"\b(?:with|w/|includes?|including|included|comes? with|has|have|features?|featuring|contains?|containing"
    r"|made (?:with|of|from)|uses?|plus|equipped with|real|set of|\d+)(?![^\W_])|[+&]"
)
# Where the thing's word is wanted too ("tool case without tools"), only this says that the thing itself comes along.
_BROUGHT_BEFORE = re.compile(r"(?:\b(?:with|includes?|including|plus|and)|[+&])\s+(?:\d+\s+|the\s+|all\s+)?$")
_NOUN_ENDS = re.compile(r"\s*(?:$|[.,;:!()|+&/-]|and\b|for\b|included\b)")
_GIVEN_AFTER = re.compile(r"\s*(?:is |are )?(?:included|inside|built[- ]?in)\b")
_FALSE = frozenset(
    ("no", "none", "false", "0", "without", "n", "n/a", "na", "never", "not", "否", "无", "没有", "不含", "不带")
)
_TRUE = frozenset(("yes", "true", "1", "y", "included", "with", "是", "有", "含", "带"))

_ZH_DENIED = re.compile(
    r"(?:无|不含|不带|不加|不添加|未添加|没有|不要|不用|零|(?<!\d)0|免|非|去|不配|不附|不含有)(?:[^，。；,;！!\s]{0,4}?|[^，。；,;！!\s]{1,8}[、和及或])$"
)
_ZH_DENIED_AFTER = re.compile(r"(?:需?另购|除外|不含|需?自备|不包含|另售)")
_ZH_GIVEN = re.compile(r"(?:含有?|带有?|配有?|加|送|附|有|添加|采用|富含|内置)[^，。；,;！!\s]{0,4}$")
_ZH_END = re.compile(r"[，。；,;！!\n\s|/]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a product says, where, and in which words."""

    stance: Stance
    field: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class ExclusionFeatures:
    """What the last order needs to know of a product: about all sure exclusions of a query together.

    ``has`` if any of them is there; ``says_without`` if none is and one is denied.
    """

    has: bool = False
    says_without: bool = False
    mentions: bool = False


NOTHING = ExclusionFeatures()


def exclusion_features(exclusions: Iterable[Exclusion], product: Product) -> ExclusionFeatures:
    """What a product says about what a query excludes; only sure exclusions count."""
    stances = {verdict(exclusion, product).stance for exclusion in exclusions if exclusion.sure}
    has = "has" in stances
    return ExclusionFeatures(has, "says_without" in stances and not has, "mentions" in stances)


def verdict(exclusion: Exclusion, product: Product) -> Verdict:
    """Whether a product has what is excluded. A shop's texts in a further language: ask the localised product."""
    reader = _reader(exclusion)
    found = [
        *reader.look("title", product.title),
        *reader.look("brand", product.brand),
        *reader.look("categories", " | ".join(product.categories)),
        *reader.attributes(product),
    ]
    # The longest text comes last, and not at all where nothing it could say would be believed.
    if max((evidence.weight for evidence in found), default=0) < _WEIGHTS["description", "says_without"]:
        found += reader.look("description", product.description[:MAX_DESCRIPTION])
    if not found:
        return Verdict("silent")
    best = max(found, key=lambda evidence: evidence.weight)
    opposed = {evidence.stance for evidence in found if evidence.weight == best.weight} >= {"has", "says_without"}
    return Verdict("mentions" if opposed else best.stance, best.field, best.quote)


@dataclass(frozen=True, slots=True)
class _Evidence:
    stance: Stance
    weight: int
    field: str
    quote: str


# How much each kind of evidence weighs; of two the heavier is believed.
_WEIGHTS: dict[tuple[str, Stance], int] = {
    ("title", "says_without"): 90,
    ("title word", "says_without"): 90,
    ("attribute", "says_without"): 80,
    ("attribute", "has"): 80,
    ("brand", "has"): 80,
    ("title given", "has"): 70,
    ("description", "says_without"): 60,
    ("title", "has"): 50,
    ("description word", "says_without"): 45,  # "crewneck" among keywords is less than "hooded" in the title
    ("categories", "has"): 40,
    ("description", "has"): 40,
}
_WEAK = 10


class _Reader:
    """One exclusion, with everything compiled that reading a product for it takes."""

    def __init__(self, exclusion: Exclusion) -> None:
        self._exclusion = exclusion
        self._han = holds_han(exclusion.thing)
        words = exclusion.words
        head = exclusion.head
        one = singular(head)
        self._others = tuple(frozenset(forms(word)) for word in words[:-1])
        self._wanted = one in exclusion.wanted
        having = () if self._han else (described(head), *_derived(one))
        called = tuple(dict.fromkeys((*forms(head), *having)))
        # A word that the query wants proves nothing: "wireless thermostat without c wire".
        denials = tuple(
            word
            for word in (*exclusion.single_words, *(() if self._han or len(words) > 1 else _undone(having)))
            if not set(word.split()) <= exclusion.wanted and word not in called
        )
        self._needles = _shortest({*called, *denials, *(word.replace(" ", "-") for word in denials)})
        self._mention = re.compile(self._bounded(called))
        self._denial = re.compile(self._bounded(denials)) if denials else None

    def _bounded(self, words: Iterable[str]) -> str:
        either = "|".join(re.escape(word).replace(r"\ ", r"[\s-]") for word in sorted(words, key=len, reverse=True))
        # No look-behind: with it the engine tries every place of a text. ``_words`` looks at what precedes.
        return f"(?:{either})" if self._han else rf"(?:{either})(?![^\W_])"

    def look(self, field: str, text: str) -> list[_Evidence]:
        """What a text says, if it has any of the words at all."""
        lowered = text.lower()
        return list(self._read(field, lowered)) if self._worth_reading(lowered) else []

    def _worth_reading(self, lowered: str) -> bool:
        """A quick look, before any pattern: most products say nothing."""
        return any(needle in lowered for needle in self._needles)

    def _read(self, field: str, text: str) -> Iterator[_Evidence]:
        """What every mention in a text says."""
        if self._denial is not None and field in ("title", "description"):
            for match in self._words(self._denial, text):
                if not re.search(r"\b(?:not|non)[\s-]*$", text[max(0, match.start() - 6) : match.start()]):
                    yield self._evidence("says_without", f"{field} word", text, match)
        for match in self._words(self._mention, text):
            if self._han:
                yield self._chinese(field, text, match)
            else:
                evidence = self._english(field, text, match)
                if evidence is not None:
                    yield evidence

    def _words(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """Where the pattern is a word of its own, a few times."""
        matches = (m for m in pattern.finditer(text) if self._han or not m.start() or not text[m.start() - 1].isalnum())
        return islice(matches, MAX_MENTIONS)

    def attributes(self, product: Product) -> Iterator[_Evidence]:
        """What attributes and options say: their value names it, or their name does and the value is yes or no."""
        options = (pair for variant in product.variants for pair in variant.options.items())
        for name, value in dict.fromkeys((*product.attributes.items(), *options)):
            key, said = fold(name), fold(value)
            if self._worth_reading(key) and any(self._words(self._mention, key)) and self._whole(key):
                if said in _FALSE:
                    yield _Evidence("says_without", 80, name, f"{name}: {value}")
                elif said in _TRUE:
                    yield _Evidence("has", 80, name, f"{name}: {value}")
            for evidence in self.look("attribute", said):
                yield _Evidence(evidence.stance, evidence.weight, name, f"{name}: {value}")

    def _english(self, field: str, text: str, match: re.Match[str]) -> _Evidence | None:
        before, after = text[max(0, match.start() - _REACH) : match.start()], text[match.end() : match.end() + _REACH]
        clause = _tail(before)
        if _OPTIONAL.search(before) or (self._wanted and after.startswith("-free")):
            return self._evidence("mentions", field, text, match)
        if _denied(clause) or _DENIED_AFTER.match(after):
            return self._evidence("says_without", field, text, match)
        given = _reaches(_GIVEN_BEFORE, before, 5) or _GIVEN_AFTER.match(after) is not None
        if self._wanted and not (_BROUGHT_BEFORE.search(before) and _NOUN_ENDS.match(after)):
            return None
        if not self._whole(text[max(0, match.start() - 30) : match.end() + 20]):
            return self._evidence("mentions", field, text, match)
        if _reaches(_PURPOSE_BEFORE, clause, 2) or _PURPOSE_AFTER.match(after):
            return self._evidence("mentions", field, text, match)
        if field == "title":
            return self._evidence("has", "title given" if given else "title", text, match)
        if field in ("attribute", "brand"):
            return self._evidence("has", field, text, match)
        listed = "ingredients" in text[max(0, match.start() - _INGREDIENTS_REACH) : match.start()]
        stance: Stance = "has" if field == "description" and (given or listed) else "mentions"
        return self._evidence(stance, field, text, match)

    def _chinese(self, field: str, text: str, match: re.Match[str]) -> _Evidence:
        before = _ZH_END.split(text[max(0, match.start() - 12) : match.start()])[-1]
        if _ZH_DENIED.search(before) or _ZH_DENIED_AFTER.match(text[match.end() : match.end() + 8].lstrip("（( ")):
            return self._evidence("says_without", field, text, match)
        # One character is part of too many words (糖 of 糖果) to prove anything alone.
        if _ZH_GIVEN.search(before) or (field in ("title", "attribute", "brand") and len(match[0]) > 1):
            return self._evidence("has", field, text, match)
        return self._evidence("mentions", field, text, match)

    def _whole(self, around: str) -> bool:
        """Whether all the words of the thing are there, not only its noun."""
        if not self._others:
            return True
        held = set(re.findall(r"[^\W_]+", around))
        return all(others & held for others in self._others)

    def _evidence(self, stance: Stance, field: str, text: str, match: re.Match[str]) -> _Evidence:
        quote = " ".join(text[max(0, match.start() - 24) : match.end() + 24].split())
        return _Evidence(stance, _WEIGHTS.get((field, stance), _WEAK), field.split()[0], quote)


@lru_cache(maxsize=256)
def _reader(exclusion: Exclusion) -> _Reader:
    return _Reader(exclusion)


def _tail(before: str) -> str:
    """The part of a text that is in the clause of what follows it."""
    ends = [match.end() for match in _CLAUSE_END.finditer(before)]
    return before[ends[-1] :] if ends else before


def _shortest(words: Iterable[str]) -> tuple[str, ...]:
    """Those that hold no other of them: a text without these has none."""
    held: list[str] = []
    for word in sorted(words, key=len):
        if not any(shorter in word for shorter in held):
            held.append(word)
    return tuple(held)


def _denied(clause: str) -> bool:
    return _reaches(_DENIED_BEFORE, clause, 5) or _DENIED_STRAIGHT.search(clause) is not None


def _reaches(marker: re.Pattern[str], before: str, words: int) -> bool:
    """Whether the last of these markers is within so many words of the end of the text before a mention."""
    found = None
    for found in marker.finditer(before):  # noqa: B007 (the last one is what counts)
        pass
    if found is None:
        return False
    between = before[found.end() :]
    return between.count(" ") <= words + 1 and len(between.split()) <= words and not _NO_DENIAL.match(between)


def _derived(one: str) -> Sequence[str]:
    """Other nouns for the same thing: liner and lining, wire and wiring."""
    stem = one[:-2] if one.endswith("er") else one[:-3] if one.endswith("ing") else one.removesuffix("e")
    if len(stem) < 3 or not one.endswith(("er", "ing")):
        return ()
    nouns = (f"{stem}ing", f"{stem}ed") if one.endswith("er") else (f"{stem}er", f"{stem}e", f"{stem}ed")
    return tuple(word for word in nouns if len(word) > 4 or word == f"{stem}e")


def _undone(having: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"un{word}" for word in having if word.endswith("ed"))
