"""Why a product is shown, in words: proved first, at most two reasons, the most telling one first."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from itertools import accumulate

from babel.dates import format_date

from retriever.database import Database
from retriever.pictures.index import Pictures
from retriever.product import Stamped, babel_locale
from retriever.recommending.candidate import Because, Candidate, Ground, Kind
from retriever.recommending.explaining.on_record import Catalogue, Evidence, read_evidence, read_looks
from retriever.recommending.explaining.proving import Proved, Prover
from retriever.recommending.situation import Situation
from retriever.text import holds_han
from retriever.understanding.called import called

MOST = 2  # reasons for one product
NAME_WIDTH = 48  # of a name, in letters
WEEK = 7  # days within which a day is told by its name
# The most telling first. Of paid placements it is always told, before all else.
TELLING: tuple[Kind, ...] = (
    "sponsored", "due", "goes_with", "together", "bought", "taken", "told", "searched", "answered", "viewed",
    "promoted", "looks_like", "like", "new", "favourite", "landed", "trending", "popular", "rated", "pinned",
    "boosted", "explored",
)  # fmt: skip
DECIDED: tuple[Kind, ...] = ("sponsored", "pinned", "boosted")
# Reasons that say much the same of the same thing: one of each row is told.
FAMILIES: Mapping[Kind, str] = {
    "bought": "own", "taken": "own", "told": "own", "viewed": "own",
    "favourite": "kind", "landed": "kind", "trending": "crowd", "popular": "crowd",
}  # fmt: skip
AS_IT_IS: tuple[Kind, ...] = ("sponsored", "searched")  # names of people, and words that somebody typed
_BRACKETED = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]")
_MONEY = re.compile(r"(?:US\$|[$¥￥€£])\s?\d[\d,.]*|\d[\d,.]*\s?(?:dollars?|usd|元|美元)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as it is said, what it says as data, and the records that prove it."""

    text: str
    because: Because
    grounds: tuple[Ground, ...]


class Reasons:
    """Proves what sources claim, and puts it into words.

    Args:
        database: the shop's records.
        catalogue: where the products that reasons are about are read.
        pictures: vectors of the goods' pictures, by which they are said to look alike.
    """

    def __init__(self, database: Database, catalogue: Catalogue, pictures: Pictures | None = None) -> None:
        self._database = database
        self._catalogue = catalogue
        self._pictures = pictures

    def of(
        self, situation: Situation, candidates: Iterable[Candidate], goods: Mapping[str, Stamped]
    ) -> dict[str, tuple[Reason, ...]]:
        """For each candidate its reasons, in the language asked for; none where nothing can be proved.

        Args:
            situation: whom it is shown to, and when.
            candidates: those that are shown, with what moved them.
            goods: their records as they have just been read.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        claims = {each.id: each.because for each in candidates}
        evidence = read_evidence(
            self._database,
            self._catalogue,
            situation,
            goods,
            (one for held in claims.values() for one in held),
            read_looks(self._pictures, claims),
        )
        prover = Prover(situation, evidence)
        words = Wording(situation, evidence)
        return {id: _reasons(prover, words, id, claimed) for id, claimed in claims.items()}


def _reasons(prover: Prover, words: Wording, id: str, claims: Sequence[Because]) -> tuple[Reason, ...]:
    proved = [found for claim in dict.fromkeys(claims) if (found := prover.prove(id, claim))]
    proved.sort(key=_telling)
    # What the shop has decided itself keeps one place: it is owned up to, however much else there is to tell.
    kept = [each for each in proved if each.because.kind in DECIDED][:1]
    for each in _joined([each for each in proved if each.because.kind not in DECIDED]):
        if len(kept) < MOST and not any(_same(each, other) for other in kept):
            kept.append(each)
    if all(each.because.kind in (*DECIDED, "explored") for each in kept) and (plain := prover.plainest(id)):
        kept = [*(each for each in kept if each.because.kind in DECIDED), plain]
    return tuple(Reason(words.of(id, each), each.because, each.grounds) for each in sorted(kept, key=_telling))


def _telling(proved: Proved) -> int:
    return TELLING.index(proved.because.kind)


def _joined(proved: Sequence[Proved]) -> list[Proved]:
    """A new product of the kind that somebody looks at most is told in one sentence."""
    kinds = {each.because.name for each in proved if each.because.kind == "favourite"}
    found: list[Proved] = []
    joined: set[str] = set()
    for each in proved:
        if each.because.kind == "new" and each.because.name in kinds and each.because.name:
            joined.add(each.because.name)
            found.append(Proved(each.because, each.grounds, "favourite"))
        elif each.because.kind != "favourite" or each.because.name not in joined:
            found.append(each)
    return found


def _same(one: Proved, other: Proved) -> bool:
    """Whether two reasons say much the same, or rest on the same product."""
    kinds = [FAMILIES.get(each.because.kind, each.because.kind) for each in (one, other)]
    return kinds[0] == kinds[1] or bool(set(one.because.about) & set(other.because.about))


class Wording:
    """Words for what was proved, in the language of one request."""

    def __init__(self, situation: Situation, evidence: Evidence) -> None:
        self._language = "zh" if situation.asked.language.casefold().startswith("zh") else "en"
        self._now = situation.now
        self._brands = situation.goods.brands
        self._evidence = evidence

    def of(self, id: str, proved: Proved) -> str:
        """The reason for this product in words."""
        because = proved.because
        values: dict[str, object] = {"name": self._name(because), "number": f"{because.number:.0f}"}
        if because.kind == "rated" and (rating := self._evidence.products[id].product.rating):
            values |= {"value": rating.value, "count": rating.count}
        elif because.kind == "promoted":
            values |= self._offer(because)
        elif because.about:
            values["about"] = self.named(because.about[0])
        return wordings()[self._language][_key(proved, values)].format(**values)

    def named(self, id: str) -> str:
        """A product's short name."""
        held = self._evidence.products.get(id)
        return short_name(held.localised(self._language).title) if held else id

    def _name(self, because: Because) -> str:
        """What is named, where it is a kind of goods in the language of the reason."""
        if because.kind in AS_IT_IS or (because.kind == "answered" and because.name in self._brands):
            return because.name
        return called(because.name, self._language)

    def _offer(self, because: Because) -> dict[str, object]:
        offer = self._evidence.promotions[because.about[0]]
        values: dict[str, object] = {"name": offer.titles.get(self._language) or offer.title, "code": offer.code}
        return values | ({"day": self._day(because.until)} if because.until else {})

    def _day(self, until: float) -> str:
        """The last day of what ends then, as people say it."""
        last = datetime.fromtimestamp(until - 1, UTC).date()
        away = (last - datetime.fromtimestamp(self._now, UTC).date()).days
        if away <= 0:
            return wordings()[self._language]["today"]
        locale = babel_locale(self._language)
        if away < WEEK:
            return format_date(last, "EEEE", locale=locale)
        return format_date(last, "d MMMM" if self._language == "en" else "M月d日", locale=locale)


def _key(proved: Proved, values: Mapping[str, object]) -> str:
    kind = proved.because.kind
    if kind == "promoted":
        return f"promoted{'_code' if values['code'] else ''}{'_until' if 'day' in values else ''}"
    if proved.how:
        return f"{kind}_{proved.how}"
    plain = f"{kind}_plain"
    return plain if not proved.because.name and plain in wordings()["en"] else kind


def short_name(title: str) -> str:
    """The part of a title that people say, without sums of money: those are said from their own fields only."""
    bare = " ".join(_MONEY.sub(" ", _BRACKETED.sub(" ", title)).split()) or title
    name = re.split(r"[,，|]", bare, maxsplit=1)[0].strip() or bare
    cut = name[: _fitting(name)]
    if cut == name:
        return name
    cut = (cut.rsplit(" ", 1)[0] or cut).rstrip(" ,;-–")
    return cut if holds_han(cut) else f"{cut}…"


def _fitting(text: str) -> int:
    """How many signs fit into a name; a Chinese character stands as wide as two letters."""
    if not holds_han(text):
        return NAME_WIDTH
    widths = accumulate(1 + holds_han(sign) for sign in text[:NAME_WIDTH])
    return sum(width <= NAME_WIDTH for width in widths)


@cache
def wordings() -> Mapping[str, Mapping[str, str]]:
    """What ``reasons.toml`` holds."""
    return tomllib.loads(
        (resources.files("retriever.recommending.explaining") / "reasons.toml").read_text(encoding="utf-8")
    )
