"""The reply as it grows: sentences of the model that passed the check, and words made from the records."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.events import Evidence, Withheld
from assistant.evidence import Ledger
from assistant.grounding import Checker, denies, split_sentences
from assistant.phrases import phrase
from assistant.plain import cards_reply, nothing_found, plain_reply, start_reply

__all__ = ["Answer", "cards_reply", "nothing_found", "phrase", "plain_reply", "start_reply"]

MAX_CHARS = 4_000  # of one reply that are read; the longest honest one has a few hundred
_QUESTION = re.compile(r"[?？][\"'”’)）\]\s]*$")
SURROGATE = re.compile("[\ud800-\udfff]")


class Answer:
    """Collects a reply. Text goes in as the model writes it; only whole, proved sentences come out."""

    def __init__(self, ledger: Ledger) -> None:
        self._checker = Checker(ledger)
        self.text = ""
        self.evidence: list[Evidence] = []
        self.withheld: list[Withheld] = []
        self.repaired = 0  # sentences that the model could prove at its second try
        self.lead = ""  # what must be said before any of the goods is: that they are not what was asked for
        self.may_ask = True
        self.asked_again = False  # the model asked where it may not
        self.cut_off = False  # the model reached its bound: its last sentence is a stump
        self._rest = ""
        self._read = 0
        self._repairs = False

    @property
    def ledger(self) -> Ledger:
        """What the sentences are held against; a new ledger starts the check anew."""
        return self._checker.ledger

    @ledger.setter
    def ledger(self, ledger: Ledger) -> None:
        self._checker = Checker(ledger)

    def write(self, piece: str) -> str:
        """Take a further piece of the model's text; returns what may be shown of it now."""
        # A model that loops is not read to its end, and half a surrogate pair can be written nowhere.
        piece = SURROGATE.sub("", piece)[: max(0, MAX_CHARS - self._read)]
        self._read += len(piece)
        sentences, self._rest = split_sentences(self._rest + piece)
        return "".join(self._judge(sentence) for sentence in sentences)

    def end(self) -> str:
        """Judge the unfinished last sentence."""
        last, self._rest = self._rest, ""
        return self._judge(last) if last.strip() and not self.cut_off else ""

    def repair(self) -> None:
        """From here on the model says once more what was withheld."""
        self._repairs, self.cut_off = True, False

    def state(self, sentence: str, evidence: Sequence[Evidence] = ()) -> str:
        """Add a sentence that was made from the records and needs no check."""
        self.evidence.extend(evidence)
        return self._append(sentence)

    def _judge(self, sentence: str) -> str:
        if not sentence.strip():
            piece = sentence if self.text else ""
            self.text += piece
            return piece
        if sentence.strip() in self.text:
            return ""  # a small model says a thing twice, a mended answer what stood
        if not self.may_ask and _QUESTION.search(sentence):
            self.asked_again = True
            return ""
        verdict = self._checker.judge(sentence)
        if not verdict.ok:
            held = Withheld(text=sentence.strip(), why=verdict.why)
            self.withheld += [held] if held not in self.withheld else []
            return ""
        led = self._led(sentence, verdict.evidence)
        self.evidence.extend(verdict.evidence)
        self.repaired += self._repairs
        return led + self._append(sentence if self.text else sentence.lstrip())

    def _append(self, sentence: str) -> str:
        """Add a sentence; an English one stands apart from what is before it."""
        apart = self.text and not self.text[-1].isspace() and self.text[-1].isascii() and not sentence[0].isspace()
        piece = f" {sentence}" if apart else sentence
        self.text += piece
        return piece

    def _led(self, sentence: str, evidence: Sequence[Evidence]) -> str:
        """The lead, if it is due before this sentence."""
        marked = self.ledger.nearest and sentence.strip().casefold().startswith(self.ledger.nearest.casefold())
        if denies(sentence) or marked:
            self.lead = ""  # the model says it in its own words
        if not self.lead or not any(proof.source.type in ("product", "variant") for proof in evidence):
            return ""
        lead, self.lead = self.lead, ""
        return self.state(lead if lead.endswith("：") else f"{lead} ")
