"""Everything that the small model is trained to hear, as a shopper would say it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.tune.patterns import patterns

FILLINGS = {"en": ("kettle", "the second one"), "zh": ("水壶", "第二个")}


def trained_texts() -> Iterator[str]:
    """The texts of all patterns, held out ones too, with a thing, a reference and a number in their places."""
    for language, (thing, ref) in FILLINGS.items():
        for room in ("search", "context", "service", "talk"):
            texts = [t for p in patterns(language, room) for held in (0, 1) for t in p.said(held_out=bool(held))]
            said = [re.sub(r"\{(?:max|min|around|low|high|count|quantity)\}", "50", text) for text in texts]
            said = [re.sub(r"\{ref2?\}", ref, text) for text in said]
            yield from (re.sub(r"\{\w+\}", thing, text) for text in said)
