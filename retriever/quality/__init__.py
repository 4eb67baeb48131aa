"""Data quality: what is missing, wrong, duplicate or suspicious in a feed, and what can be said where it is silent.

- ``rules``: what good data is, as data; ``rules.toml`` comes with the package.
- ``report``: looks at one row after the other, in bounded memory, and keeps findings.
- ``checks``, ``schema``, ``attributes``, ``duplicates``, ``outliers``: the checks themselves.
- ``score``: one number from 0 to 100 out of the findings.
- ``completing``, ``lexicon``, ``neighbours``: values where the merchant said nothing, each with its confidence.
- ``learning``: both over the products of one feed; ``store``: what is kept of it in the records.
- ``survey``: all of it over the records of a shop; ``page`` and ``plots``: the same as one HTML page.
"""

from __future__ import annotations

from retriever.quality.report import EXAMPLES, Finding, QualityReport
from retriever.quality.rules import CHECKS

__all__ = ["CHECKS", "EXAMPLES", "Finding", "QualityReport"]
