"""One number out of the findings: 0 to 100.

    score = 100 * product over the checks of (1 - weight * share)

``share`` is the part of the rows that a check could have found fault with (products; for
the checks on texts, products, reviews and policies) in which it did, at most 1. So a check
that every row fails costs its weight of what the others leave, each mended row raises the
score, and a check that could not be run costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from retriever.quality.report import NOT_RUN, Finding
from retriever.quality.rules import Rules

OF_TEXTS = frozenset(("control_characters", "mojibake", "instructions_to_a_model"))
DIGITS = 2  # a stored score is rounded to so many


def score(findings: Iterable[Finding], rules: Rules, products: int, texts: int) -> float:
    """The score of a feed.

    Args:
        findings: what was found in it.
        rules: their weights.
        products: products seen.
        texts: rows with texts seen.
    """
    left = 1.0
    for finding in findings:
        rows = texts if finding.check in OF_TEXTS else products
        if rows and finding.check != NOT_RUN:
            left *= 1.0 - rules.check(finding.check).weight * min(1.0, finding.count / rows)
    return 100.0 * left
