"""The shop's own rules for recommendations, in ``HOME/recommendations.toml``; see docs/recommendations.md.

A file that cannot be used changes nothing: the rules that could be read last stay in force, and a copy of them beside
the file outlives the process, so that a slip of the pen never shows what a rule kept away.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic
from typing import Annotated, Literal, TypeGuard

from pydantic import AwareDatetime, BeforeValidator, Field, ValidationError, model_validator

from retriever.errors import BadInputError
from retriever.kept import Kept
from retriever.product import Shape
from retriever.recommending.asking import MOST, Goal
from retriever.recommending.listing.belonging import ADULT, Applies

NAME = "recommendations.toml"
LAST_GOOD = f".{NAME}.last-good"
FRESH = 1.0  # seconds for which nobody looks again whether the file has changed
MOST_RULES = 500

_HEADER = re.compile(r"^\s*\[\[\s*rules\s*\]\]")
_log = logging.getLogger(__name__)

Text = Annotated[str, Field(min_length=1, max_length=200)]


def _first_moment(value: object) -> object:
    return datetime.combine(value, time.min, UTC) if _is_day(value) else value


def _last_moment(value: object) -> object:
    return datetime.combine(value, time.max, UTC) if _is_day(value) else value


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _some(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


class Rule(Shape):
    """What all rules say.

    Attributes:
        name: unique; shown where the rule moved something.
        ids: products that it applies to. What else is given of ``category``, ``brand`` and ``attributes`` has to hold
            as well.
        goals: what recommendations are asked for; empty: any. ``personal`` includes those without a goal.
        surfaces: where they are shown; empty: anywhere.
        from_: written ``from``. A day begins with its first moment in UTC ...
        until: ... and lasts to its end; a time is the first one at which the rule no longer holds.
    """

    name: Text
    ids: tuple[Text, ...] = Field(default=(), max_length=1_000)
    category: str = Field(default="", max_length=200)
    brand: str = Field(default="", max_length=200)
    attributes: dict[str, str] = Field(default_factory=dict[str, str], max_length=20)
    goals: tuple[Goal, ...] = ()
    surfaces: tuple[Text, ...] = ()
    from_: Annotated[AwareDatetime | None, BeforeValidator(_first_moment)] = Field(default=None, alias="from")
    until: Annotated[AwareDatetime | None, BeforeValidator(_last_moment)] = None

    @property
    def applies(self) -> Applies:
        """Which goods it is about."""
        return Applies(self.ids, _some(self.category), _some(self.brand), tuple(sorted(self.attributes.items())))

    @model_validator(mode="after")
    def _said(self) -> Rule:
        if not self.applies and not isinstance(self, Promote):
            raise ValueError("say what it applies to: ids, category, brand or attributes")
        if self.from_ is not None and self.until is not None and self.from_ >= self.until:
            raise ValueError("it ends before it begins: until is not after from")
        return self

    def holds(self, goal: Goal | None, surface: str, now: float) -> bool:
        """Whether it is in force there and then."""
        if (self.goals and (goal or "personal") not in self.goals) or (self.surfaces and surface not in self.surfaces):
            return False
        begun = self.from_ is None or self.from_.timestamp() <= now
        return begun and (self.until is None or now < self.until.timestamp())


class Boost(Rule):
    """Brings goods forward: with a factor of 2 to about half the place."""

    kind: Literal["boost"]
    factor: float = Field(default=2.0, gt=1, le=100)


class Bury(Rule):
    """Puts goods back."""

    kind: Literal["bury"]
    factor: float = Field(default=0.5, gt=0, lt=1)


class Pin(Rule):
    """Puts one product at a place: the first of ``ids`` that may be shown, else the best candidate of its kind."""

    kind: Literal["pin"]
    place: int = Field(default=1, ge=1, le=MOST)


class Sponsor(Rule):
    """The same for money: labelled, never where nobody is to be talked into more, and not many in a list."""

    kind: Literal["sponsor"]
    place: int = Field(ge=1, le=MOST)
    payer: Text


class Exclude(Rule):
    """Keeps goods out of recommendations; a search still finds them."""

    kind: Literal["exclude"]


class Age(Rule):
    """Keeps goods from everybody who is not known to be of age."""

    kind: Literal["age"]
    minimum: int = Field(default=18, ge=ADULT, le=99)


class Promote(Rule):
    """Brings the goods of one of the shop's promotions forward while it runs; of a part of them, if it says of which.

    Attributes:
        promotion: its id.
    """

    kind: Literal["promotion"]
    promotion: Text
    factor: float = Field(default=1.5, gt=1, le=100)


AnyRule = Annotated[Boost | Bury | Pin | Sponsor | Exclude | Age | Promote, Field(discriminator="kind")]


class Lists(Shape):
    """What holds for every list.

    Attributes:
        sponsored: placements that are paid for, at most.
        long_tail: share of the list that comes from the less wanted goods, where there are fitting ones.
        per_brand: products of one brand among the first ten, unless a brand is asked for ...
        per_category: ... and of one category.
    """

    sponsored: int = Field(default=1, ge=0, le=10)
    long_tail: float = Field(default=0.2, ge=0, le=1)
    per_brand: int = Field(default=4, ge=1, le=10)
    per_category: int = Field(default=5, ge=1, le=10)


class RuleBook(Shape):
    """All that the file says."""

    lists: Lists = Lists()
    rules: tuple[AnyRule, ...] = Field(default=(), max_length=MOST_RULES)


def parse(text: str, path: Path | str = NAME) -> RuleBook:
    """The rules of a file's text.

    Raises:
        BadInputError: if they cannot be used; it says in which line and why.
    """
    try:
        book = RuleBook.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise _fault(path, int(where[1]) if where else text.count("\n") + 1, reason) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _fault(path, *_placed(text, first["loc"], str(first["msg"]))) from error
    names: set[str] = set()
    for place, rule in enumerate(book.rules):
        if rule.name in names:
            raise _fault(path, _line(text, place, "name"), f"there is another rule called '{rule.name}'")
        names.add(rule.name)
    return book


def _fault(path: Path | str, line: int, reason: str) -> BadInputError:
    return BadInputError(
        f"{path}, line {line}: {reason}.",
        "Correct it; 'shopwise rules check' says whether the file can be used. The last good rules stay in force.",
    )


def _placed(text: str, loc: tuple[int | str, ...], message: str) -> tuple[int, str]:
    """The line that a fault is in, and what it is. ``loc`` is such as ("rules", 2, "boost", "factor")."""
    message = message.removeprefix("Value error, ")
    number = loc[1] if len(loc) > 1 and isinstance(loc[1], int) else None
    keys = [str(part) for part in (loc[3:] if number is not None else loc)]
    line = (
        _line(text, number, keys[0] if keys else "") if number is not None else _key_line(text.splitlines(), loc[-1:])
    )
    where = ".".join(keys)
    return line, f"{where}: {message}" if where else message


def _line(text: str, rule: int, key: str) -> int:
    """The line of a rule's key, else the one with which the rule begins."""
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    if rule >= len(heads):  # written in another of TOML's ways
        return _key_line(lines, ("rules",))
    end = heads[rule + 1] if rule + 1 < len(heads) else len(lines)
    found = _key_line(lines[heads[rule] : end], (key,)) if key else 1
    return heads[rule] + found


def _key_line(lines: list[str], keys: tuple[int | str, ...]) -> int:
    key = re.escape(str(keys[0])) if keys else ""
    wanted = re.compile(rf"""^\s*\[*\s*["']?{key}["']?\s*[=.\]]""")
    return next((at for at, line in enumerate(lines, start=1) if wanted.match(line)), 1)


class RulesFile:
    """The file with the rules, as a source of them that is always of use."""

    def __init__(self, home: Path) -> None:
        self.path = home / NAME
        self._good = home / LAST_GOOD
        self._last: RuleBook | None = None

    def state(self) -> object:
        """Another one once the file was written."""
        try:
            held = self.path.stat()
        except OSError:
            return None
        return held.st_mtime_ns, held.st_size

    def checked(self) -> RuleBook:
        """What the file says; nothing where there is none.

        Raises:
            BadInputError: if it cannot be used.
        """
        text = self._text()
        return RuleBook() if text is None else parse(text, self.path)

    def read(self) -> RuleBook:
        """What the file says, or what it said when it could be used last."""
        try:
            text = self._text()
            book = RuleBook() if text is None else parse(text, self.path)
        except BadInputError as error:
            _log.warning("%s %s", error.message, error.hint)
            return self._last or self._before()
        self._last = book
        self._keep(text)
        return book

    def _text(self) -> str | None:
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise _fault(self.path, line, "this is not UTF-8") from error
        except OSError as error:
            raise BadInputError(f"{self.path} cannot be read: {error}", "Make it a file that may be read.") from error

    def _before(self) -> RuleBook:
        try:
            return parse(self._good.read_text(encoding="utf-8"), self._good)
        except (OSError, UnicodeDecodeError, BadInputError):
            return RuleBook()

    def _keep(self, text: str | None) -> None:
        draft = self._good.with_name(f"{self._good.name}.new")
        try:
            if text is None:
                self._good.unlink(missing_ok=True)
            elif not self._good.exists() or self._good.read_text(encoding="utf-8") != text:
                draft.write_text(text, encoding="utf-8")
                draft.replace(self._good)
        except (OSError, UnicodeDecodeError) as error:
            _log.warning("The rules of %s cannot be kept for a restart: %s", self.path, error)


def kept_rules(home: Path, clock: Callable[[], float] = monotonic) -> Kept[RuleBook]:
    """The rules of a shop as they are now: read anew once the file has changed. Safe to share."""
    return Kept(RulesFile(home), FRESH, clock)
