"""Why something is recommended, as a sentence says it, held against the reasons for which it was.

A clause such as "because you bought the Alder Poles" or "goes with your tent" is true of a product
only if the tool gave that reason for it: the clause's words and figures have to be the reason's own, or the names of
the product that it rests on. What is left of the sentence is judged as any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.events import Evidence, Source
from assistant.evidence import Given, short_title
from assistant.grounding.words import canonical, is_free, negated, tokens
from retriever.text import fold, holds_han

_BECAUSE = r"(?:(?:because|since|as|given that|seeing that|based on the fact that|因为|由于|考虑到|根据|鉴于)\s*)?"
_END = re.compile(
    r"[,，;；。:：()（）]|\.(?:\s|$)|(?<![a-z])(?:and|but|so|while|which)(?![a-z])|\s[-–—]\s|——|而且|并且|所以|但是?"
)
# What opens such a clause, by the kinds of reasons that may stand behind it.
OPENS: Mapping[tuple[str, ...], re.Pattern[str]] = {
    tuple(kinds.split()): re.compile(_BECAUSE + f"(?:{opens})")
    for kinds, opens in {
        "bought due taken told": r"(?:you(?:'ve| have|'d)? (?:already |just |previously |recently |once |also )?"
        r"(?:bought|purchased|ordered|own|have)(?![a-z])|your (?:recent |last |earlier )?(?:purchase|order)s? of"
        r"|based on your (?:recent |last )?(?:purchase|order)s?(?: of)?)"
        r"|您(?:之前|以前|曾经?|已经?)?(?:购?买|订购?|有)过?",
        "viewed": r"you(?:'ve| have)? (?:already |just |previously |recently )?"
        r"(?:looked at|viewed|browsed|seen|checked out|been looking at)|您(?:之前|以前|最近)?(?:看|浏览|查看)过",
        "taken": r"you(?:'ve| have)? (?:put|rated|took|taken|chose|added)(?![a-z])|(?:it is |it's )?in your cart"
        r"|您(?:把|评价|加入)过?",
        "together": r"(?:\d+ )?(?:people|customers|shoppers|others|many|buyers) (?:who|that) "
        r"(?:took|bought|chose|got|picked|have)"
        r"|(?:often |frequently )?(?:bought|taken|purchased) (?:together )?with|\d*\s*位?(?:选|购?买)了",
        "goes_with": r"(?:it )?(?:goes|go|pairs?|works?|fits?) (?:very |really )?(?:well |nicely |together |best )?with"
        r"|complements?|to go with|(?:可以?|能|很?适合)?[与和跟](?=.{1,60}搭配)|搭配",
        "like": r"(?:it is |it's )?(?:very |quite )?(?:similar to|like)(?= )|[与和跟](?=.{1,60}(?:相似|类似))",
        "looks_like": r"(?:it |they )?looks? (?:very |quite |a lot |just )?(?:like|similar to)(?= )"
        r"|(?:外观|看起来|看上去)[与和跟像](?=.{1,60})",
        "due": r"(?:you (?:usually |normally )?buy (?:it|this|them)|bought|it is|it's) (?:about )?(?:every|due)|due now"
        r"|您大约每|该补货",
        "promoted": r"(?:it is |it's |they are )?(?:currently |now )?on (?:promotion|offer|special offer)"
        r"|促销|凭优惠码",
        "new": r"(?:it is |it's |they are )?(?:brand )?new(?![a-z])(?: arrivals?)?|just arrived|新品|新到|新上架",
        "favourite new": r"the kind (?:that )?you look at most|(?:属于)?您最常看",
        "landed": r"where you are looking|(?:属于)?您正在看",
        "popular": r"(?:it is |it's |they are )?(?:very |quite |also )?popular(?![a-z])|热门|受(?:大家)?欢迎",
        "trending": r"(?:it is |it's )?(?:trending|wanted more)|近来更受欢迎",
        "sponsored": r"(?:it is |it's )?sponsored(?![a-z])|由.{1,40}赞助|赞助",
        "searched": r"found for|根据“",
        "answered": r"fits? your answer|within the price you named|符合您的回答|在您的预算之内",
    }.items()
}
_SYMMETRIC = ("together", "goes_with")
# What these rest on was just spoken of, and may be called "it".
_OF_ASKED = ("together", "goes_with", "like", "looks_like")


_LISTS = (";", "；", "\n")  # what parts the entries of a list
_MOST = 2_000  # titles, and as many reasons, for which there are signs
_TITLE, _TEXT = "[\ue800-\uefff]", "[\uf000-\uf7ff]"


@dataclass(frozen=True)
class Told:
    """A clause that gives a reason: what is left of the sentence without it, and the reasons that it can be.

    Attributes:
        beside: the recommended products that are named by their titles in the same part of a list as the clause.
    """

    rest: str
    clause: str
    reasons: tuple[Given, ...]
    beside: tuple[str, ...] = ()

    def of(self, ids: Sequence[str]) -> tuple[Given, ...]:
        """For each of these products the reason that the clause gives; empty if it gives one of them none."""
        found = [next((given for given in self.reasons if given.product == id), None) for id in ids]
        return tuple(each for each in found if each is not None) if all(found) else ()

    @property
    def within(self) -> tuple[Given, ...]:
        """The reasons whose product the clause itself names: "people who took the tent also took the mat"."""
        words = {canonical(token.text) for token in tokens(self.clause)}
        return tuple(
            given
            for given in self.reasons
            if given.because in _SYMMETRIC and words & (_words(given.title) - _words(given.about) - _words(given.text))
        )


def proofs(given: Sequence[Given], sentence: str) -> tuple[Evidence, ...]:
    """What proves a sentence that gives these reasons: which products it speaks of, and the records behind them."""
    spoken = [
        Evidence(
            claim=sentence,
            kind="attribute",
            value=each.title,
            source=Source(type="product", id=each.product, field="title"),
        )
        for each in given
    ]
    return (*spoken, *(each.evidence(sentence) for each in given))


def told(sentence: str, reasons: Sequence[Given]) -> Iterator[Told]:
    """Each clause of a folded sentence that gives a reason the tool gave too; none where the sentence denies."""
    signed = _Signed.of(sentence, reasons)
    if negated(re.sub(f"{_TITLE}|{_TEXT}", " ", signed.body)):
        return
    yield from signed.verbatim(reasons)
    for kinds, opens in OPENS.items():
        held = [given for given in reasons if given.because in kinds]
        for match in opens.finditer(signed.body) if held else ():
            end = _END.search(signed.body, match.end())
            stop = end.start() if end else len(signed.body)
            said, clause = (signed.restored(signed.body[start:stop]) for start in (match.end(), match.start()))
            if fitting := tuple(given for given in held if _accounts(given, said, clause)):
                yield signed.told(match.start(), stop, fitting, reasons)


@dataclass(frozen=True)
class _Signed:
    """A sentence with each title and each reason in it as one sign: their commas end no clause."""

    body: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, sentence: str, reasons: Sequence[Given]) -> _Signed:
        texts = sorted({fold(given.text) for given in reasons}, key=len, reverse=True)[:_MOST]
        named = {title for given in reasons for title in (given.about, given.title) if title}
        titles = sorted({fold(name) for title in named for name in (title, short_title(title))}, key=len, reverse=True)
        for start, known in ((0xF000, texts), (0xE800, titles[:_MOST])):
            for place, text in enumerate(known):
                sentence = sentence.replace(text, chr(start + place))
        return cls(sentence, tuple(titles), tuple(texts))

    def verbatim(self, reasons: Sequence[Given]) -> Iterator[Told]:
        """The reasons that are given word for word."""
        for match in re.finditer(_TEXT, self.body):
            text = self.texts[ord(match[0]) - 0xF000]
            same = tuple(given for given in reasons if fold(given.text) == text)
            yield self.told(match.start(), match.end(), same, reasons)

    def told(self, start: int, stop: int, fitting: tuple[Given, ...], reasons: Sequence[Given]) -> Told:
        """What the sentence says without the clause between two places."""
        first = max(self.body.rfind(sign, 0, start) for sign in _LISTS) + 1
        last = min([place for sign in _LISTS if (place := self.body.find(sign, stop)) >= 0], default=len(self.body))
        alone = first == 0 and last == len(self.body)
        part = f"{self.body[first:start]} {self.body[stop:last]}"
        near = {self.titles[ord(sign) - 0xE800] for sign in re.findall(_TITLE, part)}
        beside = {
            given.product: None for given in reasons if near & {fold(given.title), fold(short_title(given.title))}
        }
        rest = f"{self.body[:start]} {self.body[stop:]}"
        clause = self.restored(self.body[start:stop])
        return Told(" ".join(self.restored(rest).split()), clause, fitting, () if alone else tuple(beside))

    def restored(self, text: str) -> str:
        """The text with the words that its signs stand for."""
        texts = re.sub(_TEXT, lambda sign: f" {self.texts[ord(sign[0]) - 0xF000]} ", text)
        return re.sub(_TITLE, lambda sign: f" {self.titles[ord(sign[0]) - 0xE800]} ", texts)


def _accounts(given: Given, said: str, clause: str) -> bool:
    """Whether all that a clause says after its opening is in the reason, or names what the reason rests on."""
    text = fold(f"{given.text} {given.about} {given.known_as}")
    if any(figure not in re.findall(r"\d+", text) for figure in re.findall(r"\d+", clause)):
        return False
    known = _words(text) | (_words(given.title) if given.because in _SYMMETRIC else set())
    named = [token.text for token in tokens(said) if not is_free(token.text)]
    if (
        given.about
        and not any(_in(word, known, text) for word in named)
        and not (given.because in _OF_ASKED and _refers(said))
    ):
        return False  # it does not say what it rests on
    return all(_in(word, known, f"{text} {fold(given.title)}") or word in _MEANING for word in named)


_MEANING = frozenset(
    "also took bought chose picked taken together often purchase people customers shoppers cart rated looked".split()  # noqa: SIM905
)


def _refers(said: str) -> bool:
    return re.search(r"(?<![a-z])(?:it|this|that|them|these|your cart)(?![a-z])|它|这", said) is not None


def _in(word: str, known: set[str], text: str) -> bool:
    return canonical(word) in known or (holds_han(word) and word in text)


def _words(text: str) -> set[str]:
    return {canonical(token.text) for token in tokens(fold(text))}
