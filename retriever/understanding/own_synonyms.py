"""The synonyms that a shop's owner has written down, in ``HOME/synonyms.txt``, one rule a line.

``couch, sofa`` (or ``couch = sofa``): each is looked for where another is asked for. ``console stand => media unit``:
what is on the right is looked for where the left is asked for, and not the other way round. ``#`` starts a comment.
These are the lines that Solr and Elasticsearch read, but here what was typed is always looked for as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retriever.errors import BadInputError, NotFoundError, UnavailableError
from retriever.kept import Kept
from retriever.text import exact, fold
from retriever.understanding.synonyms import LONGEST, Expansion, expanded, phrase_key

NAME = "synonyms.txt"
FRESH = 1.0  # seconds for which nobody looks again whether the file has changed
WEIGHT = 1.0  # its owner knows the shop
EACH = 8  # other wordings of one phrase
MOST_LINES = 10_000

_COMMENT = re.compile(r"(?:^|\s)#.*")
_BETWEEN = re.compile(r"[,=]")


@dataclass(frozen=True, slots=True)
class Rule:
    """Phrases, and what is looked for where they are asked for; without ``also`` they stand for each other."""

    said: tuple[str, ...]
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The rule as a line of the file."""
        said = ", ".join(self.said)
        return f"{said} => {', '.join(self.also)}" if self.also else said


def parse(line: str) -> Rule:
    """The rule of a line.

    Raises:
        BadInputError: if it is none.
    """
    left, arrow, right = line.partition("=>")
    said, also = _phrases(left), _phrases(right)
    if not said or (arrow and not also) or (not arrow and len(said) < 2):
        raise BadInputError(
            f"'{line.strip()}' is no rule for synonyms.",
            "Write 'couch, sofa' for words that mean the same, or 'console stand => media unit' for one way only.",
        )
    for phrase in said:
        if len(exact(phrase)) > LONGEST:
            raise BadInputError(f"'{phrase}' has more than {LONGEST} words.", "Name the thing in fewer words.")
    return Rule(said, also)


class SynonymFile:
    """The file with the rules. What cannot be read in it is left as it is and does nothing."""

    def __init__(self, home: Path) -> None:
        self.path = home / NAME

    def state(self) -> object:
        """Another one once the file was written."""
        try:
            held = self.path.stat()
        except OSError:
            return None
        return held.st_mtime_ns, held.st_size

    def read(self) -> Mapping[str, Sequence[str]]:
        """What else is looked for, by the key of each phrase."""
        others: dict[str, list[str]] = {}
        for rule in self.rules():
            for said in rule.said:
                held = others.setdefault(phrase_key(said), [])
                held += [also for also in rule.also or rule.said if also != said and also not in held]
        return others

    def rules(self) -> list[Rule]:
        """All rules, in the file's order."""
        return [rule for line in self._lines() if (rule := _rule(line))]

    def unreadable(self) -> list[str]:
        """The lines that are neither rules nor comments."""
        return [line for line in self._lines() if _COMMENT.sub("", line).strip() and _rule(line) is None]

    def add(self, line: str) -> Rule:
        """Write a rule down, unless it is there.

        Raises:
            BadInputError: if the line is no rule.
            UnavailableError: if the file cannot be written.
        """
        rule = parse(line)
        if rule not in self.rules():
            self._write([*self._lines(), str(rule)])
        return rule

    def remove(self, line: str) -> int:
        """Take out a rule, or every rule with a phrase; how many those were.

        Raises:
            NotFoundError: if there is none.
            UnavailableError: if the file cannot be written.
        """
        asked, phrase = _rule(line), fold(line)
        lines = self._lines()
        kept = [held for held in lines if not _is(_rule(held), asked, phrase)]
        if len(kept) == len(lines):
            raise NotFoundError(f"There is no synonym '{line.strip()}'.", "'shopwise synonyms list' shows all of them.")
        self._write(kept)
        return len(lines) - len(kept)

    def _lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()[:MOST_LINES]
        except OSError:
            return []

    def _write(self, lines: Iterable[str]) -> None:
        draft = self.path.with_name(f".{NAME}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise UnavailableError(
                f"The synonyms in {self.path} cannot be written: {error}",
                "Make room on the disk and check the permissions.",
            ) from error


class OwnSynonyms:
    """The owner's synonyms as they are now. Safe to share."""

    def __init__(self, file: SynonymFile) -> None:
        self._known = Kept(file, FRESH)

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """Other wordings of the phrases of a text, in its order."""
        others = self._known.get()
        if not others:
            return ()
        return expanded(text, lambda _, key: [(also, "owner") for also in others.get(key, ())], WEIGHT, EACH)


def _rule(line: str) -> Rule | None:
    try:
        return parse(_COMMENT.sub("", line))
    except BadInputError:
        return None


def _is(rule: Rule | None, asked: Rule | None, phrase: str) -> bool:
    return rule is not None and (rule == asked or phrase in (*rule.said, *rule.also))


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded for part in _BETWEEN.split(text) if exact(folded := fold(part))))
