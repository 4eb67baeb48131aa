"""Counts the claims of a turn: what the model stated and what was shown, each held against the records again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.agent import WRITES
from assistant.conversation import ledger_of
from assistant.grounding import Checker, split_sentences
from eval.clerk.playing import Played
from eval.clerk.rates import Row
from eval.clerk.truth import Shelf

_CLAUSE = re.compile(
    r"(?<!\d)[,，](?!\d)|[;；:：、()（）]|(?<![A-Za-z])(?:and|but|while)(?![A-Za-z])|但是?|而且?|并且", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentence:
    """A sentence under the check: whether all of it is proved, and its claims."""

    text: str
    proved: bool
    supported: int
    stated: int
    why: str = ""


def checked(sentences: Sequence[str], checker: Checker) -> list[Sentence]:
    """The sentences of one reply in order, each with its claims counted.

    A proved sentence states what it cites. Of a refused one the check tells only the first fault, so that its clauses
    are judged one by one: each states what it cites, or one thing that no record bears out.
    """
    return [_checked(sentence, checker) for sentence in sentences]


def _checked(sentence: str, checker: Checker) -> Sentence:
    verdict = checker.judge(sentence)
    if verdict.ok:
        return Sentence(sentence.strip(), True, len(verdict.evidence), len(verdict.evidence))
    last, supported, unsupported = checker.last, 0, 0
    for clause in filter(None, (clause.strip() for clause in _CLAUSE.split(sentence))):
        heard = checker.judge(clause)
        supported += len(heard.evidence)
        unsupported += not heard.ok
    checker.last = last  # a sentence that is not said is not spoken of later
    # Clauses that hold one by one and not together state one thing that is not so.
    return Sentence(sentence.strip(), False, supported, supported + max(unsupported, 1), verdict.why)


@dataclass(frozen=True)
class Account:
    """What became of one turn's words.

    Attributes:
        written: the model's sentences before the check.
        shown: the reply's sentences.
        own: those of ``shown`` that are the model's; the others were composed from the records.
        withheld: how many of the model's sentences the check refused.
        repaired: how many of them the model then said rightly.
        values: figures and states that the second judge compared.
        faults: those it found to be other than the records.
    """

    written: tuple[Sentence, ...]
    shown: tuple[Sentence, ...]
    own: frozenset[str]
    withheld: int
    repaired: int
    values: int
    faults: tuple[str, ...]

    @property
    def composed(self) -> bool:
        """Whether there is a reply, and none of it is the model's."""
        return bool(self.shown) and not self.own

    @property
    def unproved(self) -> tuple[Sentence, ...]:
        """The model's sentences that were shown and that the check does not prove."""
        return tuple(said for said in self.shown if said.text in self.own and not said.proved)

    def rows(self, language: str, phenomenon: str) -> list[Row]:
        """The account as counts."""

        def row(measure: str, right: float, of: float) -> list[Row]:
            return [Row(measure, language, phenomenon, right, of)] if of else []

        composed = [said for said in self.shown if said.text not in self.own]
        return [
            *row("claims_before", sum(s.supported for s in self.written), sum(s.stated for s in self.written)),
            *row("claims_after", sum(s.supported for s in self.shown), sum(s.stated for s in self.shown)),
            *row("withheld", self.withheld, max(len(self.written), self.withheld)),
            *row("repaired", self.repaired, max(self.withheld, self.repaired)),
            *row("composed", self.composed, bool(self.shown)),
            *row("unproved_shown", len(self.unproved), len(self.shown) - len(composed)),
            *row("unproved_composed", sum(not said.proved for said in composed), len(composed)),
            *row("false_shown", len(self.faults), self.values),
        ]


def account(turn: Played, shelf: Shelf, user: str, cart_id: str) -> Account:
    """What became of the words of a turn.

    Args:
        turn: the turn.
        shelf: the shop's records as the second judge reads them.
        user: who is signed in; empty for a stranger.
        cart_id: the conversation's cart.
    """
    ledger = ledger_of(turn.after, WRITES)
    first = {message.id for message in turn.after}  # what the model says to repair a sentence is not kept
    raw = [(message.id, sentence) for message in turn.spoken for sentence in sentences_of(str(message.text))]
    shown = sentences_of(turn.result.reply)
    truth = shelf.judge(turn, user, cart_id)
    return Account(
        written=tuple(checked([said for id, said in raw if id in first], Checker(ledger))),
        shown=tuple(checked(shown, Checker(ledger))),
        own=frozenset(sentence.strip() for sentence in shown) & frozenset(sentence.strip() for _, sentence in raw),
        withheld=len(turn.result.withheld),
        repaired=turn.result.repaired,
        values=truth.values,
        faults=truth.faults,
    )


def sentences_of(text: str) -> list[str]:
    """The sentences of a whole text."""
    whole, rest = split_sentences(text)
    return [sentence for sentence in (*whole, rest) if sentence.strip()]
