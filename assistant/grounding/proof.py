"""What the judges hand back: a proved claim, or the reason why one is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.events import Evidence, EvidenceKind
from assistant.evidence import Fact


@dataclass(frozen=True)
class Claim:
    """Something that a sentence states, with the fact that proves it; none where it says that the records lack one."""

    kind: EvidenceKind
    text: str
    fact: Fact | None = None
    value: Any = None


class Unproved(Exception):  # noqa: N818 (a finding, not an error)
    """A claim that the records contradict or do not bear out; the message is the reason."""


@dataclass(frozen=True)
class Verdict:
    """Whether a sentence may be said; ``why`` not, or the evidence it cites."""

    ok: bool
    why: str = ""
    evidence: tuple[Evidence, ...] = ()


def evidence(claims: list[Claim], sentence: str) -> list[Evidence]:
    """The proofs of a sentence's claims, each record field once."""
    seen: dict[tuple[str, str, str], Evidence] = {}
    for claim in claims:
        if claim.fact is not None:
            proof = claim.fact.evidence(sentence)
            if claim.kind == "comparison":
                proof = proof.model_copy(update={"kind": "comparison", "value": claim.value})
            seen.setdefault((proof.kind, proof.source.id, proof.source.field), proof)
    return list(seen.values())


def repair_hint(verdict: Verdict) -> str:
    """What to tell the model that wrote a withheld sentence, in one short sentence; empty where it may be said."""
    return "" if verdict.ok else f"Say it again with what the records hold: {verdict.why}."
