"""The shop's policies and promotions, as rows."""

from __future__ import annotations

from functools import cache

from retriever.demo.family import read
from retriever.feeds.rows import PolicyRow, PromotionRow


@cache
def policies() -> tuple[PolicyRow, ...]:
    """The shop's policies and answers, each in English and Chinese."""
    return tuple(
        PolicyRow(
            type="policy",
            id=f"fs-policy-{entry['id']}",
            title=entry["title"],
            body=entry["body"],
            topic=entry["topic"],
            texts={"zh": {"title": entry["zh"]["title"], "body": entry["zh"]["body"]}},
        )
        for entry in read("policies.toml")["policies"]
    )


@cache
def promotions() -> tuple[PromotionRow, ...]:
    """The promotions of the year: over, running and to come."""
    return tuple(
        PromotionRow.model_validate({"type": "promotion", **entry}) for entry in read("promotions.toml")["promotions"]
    )
