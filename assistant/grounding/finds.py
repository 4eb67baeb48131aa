"""Sentences that claim to have found goods, or to have them: there must be some, and they must be called so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.grounding.claims import NAMED, VALUE, Piece
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Records
from assistant.grounding.words import canonical, lexicon, negated, spoken, tokens

_FINDING = re.compile(
    r"(?<![a-z])(?:found|(?:i|we|the shop|our shop|the store)(?:'ve)?(?: do| also| currently| have)*"
    r" (?:have|has|got|sells?|carry|carries|stocks?|offers?)|there(?:'s| is| are)|here(?:'s| is| are))(?![a-z])"
    r"|[找搜查挑选]索?到了?|(?:以下|这里)[是有]|(?:^|我们|[本我小]店|店[里内]?|目前|现在|[还也都共])有"
)
# Before the verb these make an offer, a wish or a condition of it.
_NOT_YET = re.compile(
    r"(?<![a-z])(?:can|could|may|might|will|would|to|if|once|when|unless|until|have you|did you|whether)(?![a-z])"
    r"|可以|能|会|想|将|希望|请|需要|为了|如果|若|怎么|是否"
)


def found(pieces: Sequence[Piece], records: Records, claims: Sequence[Claim]) -> None:
    """Hold what a sentence says to have found, or to have, against what was found.

    Raises:
        Unproved: if there are no goods, or they are called what goods are not.
    """
    for piece in pieces:
        match = _FINDING.search(piece.text)
        if match is None or negated(piece.text) or _NOT_YET.search(piece.text[: match.start()]):
            continue
        named = re.sub(f"{NAMED}|{VALUE}", " ", piece.text[match.end() :])
        if _any("elsewhere", named):
            continue
        if not claims and (_any("goods", named) or not named.strip()) and not _some(records):
            raise Unproved("it claims to have found goods, and none were found")
        _called(named, records)


def _some(records: Records) -> bool:
    """Whether there are goods to speak of; where the newest search found nothing, only those found beside it."""
    newest = records.ledger.texts[0] if records.ledger.texts else ""
    if newest.startswith("Nothing found for") and not records.ledger.found:
        return False
    return bool(records.goods)


def _called(named: str, records: Records) -> None:
    """Refuse words of courtesy and of talk as the name of goods, unless goods are called so."""
    for word in _said("courtesies", named):
        if not any(clause.holds(word) for thing in records.shown for clause in thing.clauses):
            raise Unproved(f"no goods that were found are: {word}")


def _any(kind: str, text: str) -> bool:
    return bool(_said(kind, text))


def _said(kind: str, text: str) -> list[str]:
    """The words of a list that stand in a text; Chinese ones wherever they stand."""
    listed = lexicon()["finds"]
    held = {canonical(token.text) for token in tokens(text)}
    english = [word for word in listed[f"{kind}_en"].split() if canonical(word) in held]
    return english + [word for word in listed[f"{kind}_zh"].split() if spoken(word, text)]
