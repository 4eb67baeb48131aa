"""What other people have asked shops and assistants: two public corpora, with what our clerk should do about it.

- ``bitext``: customer service utterances by intent. Source: bitext/customer-support-intent-detection-training-dataset,
  licence CDLA-Sharing-1.0.
- ``clinc150``: 150 intents and what is out of scope. Source: clinc/oos-eval (Larson et al., 2019), licence CC BY 3.0.

Only their training parts are read. Neither comes with this project; ``corpora.toml`` says which intents are used.
"""

from __future__ import annotations

import csv
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, zip_longest
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from assistant.phrases import replies
from assistant.tune.patterns import patterns
from assistant.tune.script import Line
from retriever.errors import BadInputError

BITEXT = Path("bitext") / "train.csv"
CLINC150 = Path("clinc150") / "data_full.json"
COLUMNS = ("utterance", "intent", "entity_type", "entity_value")
MOST = 60  # lines of one intent
ORDER = "{order_id}"
LETTERED = 0.5  # share of order numbers with letters in front
ROOMS = ("search", "context", "service", "talk")
TEMPLATE = re.compile(r"[{}<>\[\]|_]")  # what a generator forgot to fill in


class Rule(BaseModel):
    """What the clerk does about some intents; the fields are explained in ``corpora.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intents: list[str]
    phenomenon: str
    tool: str = ""
    arguments: dict[str, str] = {}
    reply: str = ""
    only: re.Pattern[str] = re.compile("")
    never: re.Pattern[str] = re.compile("(?!)")
    share: int = 1

    @model_validator(mode="after")
    def _calls_or_replies(self) -> Rule:
        if bool(self.tool) == bool(self.reply):
            raise ValueError(f"{self.phenomenon}: a rule has either a tool or a reply")
        return self

    @property
    def answer(self) -> tuple[str, str, str]:
        """What is right, to compare rules by."""
        return self.tool, str(self.arguments), self.reply

    def takes(self, utterance: Utterance) -> bool:
        """Whether an utterance is for this rule."""
        text = utterance.masked.lower()
        wanted = utterance.intent in self.intents and self.only.search(text)
        return bool(wanted) and not self.never.search(text)

    def line(self, utterance: Utterance, dice: random.Random) -> Line:
        """What is said, and what is right."""
        number = _order_number(dice)
        text = utterance.filled(number)
        if self.reply:
            return Line(text, self.phenomenon, reply=replies()[self.reply]["en"][0])
        arguments = {name: value.replace(ORDER, number) for name, value in self.arguments.items()}
        return Line(text, self.phenomenon, self.tool, arguments)


@dataclass(frozen=True)
class Utterance:
    """What somebody said, with the intent that its corpus gives it.

    Attributes:
        masked: the text, with what the corpus marks in it named instead of said: "where is order {order_id}".
        marks: by those names, what was said.
    """

    masked: str
    intent: str
    marks: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The same for texts that differ in numbers, capitals and marks only."""
        return _key(self.masked)

    def filled(self, number: str) -> str:
        """The text, with another order number: a corpus has only five, which a model would learn by heart."""
        text = self.masked.replace(ORDER, number)
        for name, said in self.marks:
            text = text.replace(name, said)
        return text


class Clinc(BaseModel):
    """The parts of ``data_full.json`` that are for training: pairs of a text and its intent. No other part is kept."""

    train: list[tuple[str, str]]
    oos_train: list[tuple[str, str]]


def corpora(folder: Path, dice: random.Random, *, most: int = MOST) -> list[Line]:
    """What the corpora in a folder have that our clerk can answer, in English, in random order.

    Args:
        folder: holds ``bitext/train.csv``, ``clinc150/data_full.json`` or both.
        dice: draws which lines are taken, and order numbers.
        most: lines of one intent, and of one rule times its share, so that none floods the rest.

    Raises:
        BadInputError: the folder has neither, or one is malformed.
    """
    readers = {"bitext": (folder / BITEXT, _bitext), "clinc150": (folder / CLINC150, _clinc150)}
    found = {name: read(path) for name, (path, read) in readers.items() if path.is_file()}
    if not found:
        hint = f"Put {BITEXT.as_posix()} or {CLINC150.as_posix()} into that folder, or name the folder that has them."
        raise BadInputError(f"There is no corpus in {folder}.", hint)
    lines = [
        rule.line(utterance, dice)
        for rule, utterances in _without_doubt(_ruled(found))
        for utterance in _drawn(rule, utterances, most, dice)
    ]
    dice.shuffle(lines)
    return lines


@cache
def rules() -> dict[str, tuple[Rule, ...]]:
    """The rules of ``corpora.toml`` by corpus."""
    text = (resources.files("assistant.tune") / "corpora.toml").read_text(encoding="utf-8")
    return {
        name: tuple(Rule.model_validate(entry) for entry in entries) for name, entries in tomllib.loads(text).items()
    }


def _ruled(found: Mapping[str, Iterable[Utterance]]) -> Iterator[tuple[Rule, Utterance]]:
    """What is understood, with the first rule that takes it."""
    for name, utterances in found.items():
        for utterance in utterances:
            rule = next((rule for rule in rules()[name] if rule.takes(utterance)), None)
            if rule is not None:
                yield rule, utterance


def _without_doubt(ruled: Iterable[tuple[Rule, Utterance]]) -> list[tuple[Rule, list[Utterance]]]:
    """Each text once, by rule; without what two rules disagree on and what our own patterns say already."""
    ours = {
        _key(text) for room in ROOMS for pattern in patterns("en", room) for text in pattern.texts + pattern.held_out
    }
    once: dict[str, tuple[Rule, Utterance]] = {}
    disputed = ours | {""}
    for rule, utterance in ruled:
        first, _ = once.setdefault(utterance.key, (rule, utterance))
        if first.answer != rule.answer:
            disputed.add(utterance.key)
    by_rule: dict[int, tuple[Rule, list[Utterance]]] = {}
    for key, (rule, utterance) in once.items():
        if key not in disputed:
            by_rule.setdefault(id(rule), (rule, []))[1].append(utterance)
    return list(by_rule.values())


def _drawn(rule: Rule, utterances: Iterable[Utterance], most: int, dice: random.Random) -> list[Utterance]:
    """At most so many of each intent and of the rule, taken from its intents in turns."""
    by_intent: dict[str, list[Utterance]] = {}
    for utterance in utterances:
        by_intent.setdefault(utterance.intent, []).append(utterance)
    columns = [dice.sample(members, min(most, len(members))) for members in by_intent.values()]
    in_turns = chain.from_iterable(zip_longest(*columns))
    return [utterance for utterance in in_turns if utterance is not None][: most * rule.share]


def _bitext(path: Path) -> list[Utterance]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadInputError(f"{path} lacks the columns {', '.join(missing)}.", _whole(path))
            return [utterance for row in reader if (utterance := _marked(row, path, reader.line_num))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path} is no CSV file in UTF-8: {error}.", _whole(path)) from error


def _marked(row: Mapping[str, str | None], path: Path, number: int) -> Utterance | None:
    """A row's utterance with what it marks named; None if the mark is not in the text, or a template was not filled."""
    cells = [row[name] for name in COLUMNS]
    text, intent, kind, value = (cell or "" for cell in cells)
    if None in cells or not text.strip() or not intent:
        raise BadInputError(f"{path}, line {number}: there is no utterance with its intent.", _whole(path))
    text = " ".join(text.split())
    if TEMPLATE.search(text):
        return None
    if not kind:
        return Utterance(text, intent)
    place = text.lower().find(value.lower())
    if place < 0:
        return None
    said, name = text[place : place + len(value)], f"{{{kind}}}"
    return Utterance(text[:place] + name + text[place + len(value) :], intent, ((name, said),))


def _clinc150(path: Path) -> list[Utterance]:
    try:
        parts = Clinc.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        wrong = ": ".join(filter(None, (".".join(str(step) for step in first["loc"]), first["msg"])))
        raise BadInputError(f"{path} cannot be read: {wrong}.", _whole(path)) from error
    pairs = ((" ".join(text.split()), intent) for text, intent in parts.train + parts.oos_train)
    return [Utterance(text, intent) for text, intent in pairs if not TEMPLATE.search(text)]


def _whole(path: Path) -> str:
    return f"Fetch {path.name} again from its source, or take it out of the folder."


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _order_number(dice: random.Random) -> str:
    """Shops number orders in many ways."""
    if dice.random() < LETTERED:
        return f"FS-{dice.randint(10_000, 99_999)}"
    return str(dice.randint(10_000, 10 ** dice.randint(5, 12)))
