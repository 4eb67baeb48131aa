"""``shopwise eval retrieval``: the shop's ranked lists against judgments, beside references from outside."""
