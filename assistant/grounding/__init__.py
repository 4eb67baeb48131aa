"""Holds every sentence against the evidence before the shopper sees it.

``values`` reads amounts, ``claims`` reads sentences, ``records`` keeps what the tools found;
``goods``, ``compare``, ``orders`` and ``rules`` judge, and ``check`` brings them together.
"""

from __future__ import annotations

from assistant.grounding.check import Checker, check, denies
from assistant.grounding.claims import split_sentences
from assistant.grounding.proof import Verdict, repair_hint
from assistant.grounding.words import clerk_words, stems

__all__ = ["Checker", "Verdict", "check", "clerk_words", "denies", "repair_hint", "split_sentences", "stems"]
