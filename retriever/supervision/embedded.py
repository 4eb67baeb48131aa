"""Training data for the dense leg: the same groups, with what the vector index embeds of each product."""

from __future__ import annotations

from collections.abc import Sequence

from ranker.groups import Group
from retriever.supervision.judged import Products
from retriever.vectors import embedding_text


def embedded_groups(groups: Sequence[Group], catalogue: Products) -> list[Group]:
    """Groups of what a ranker reads as groups of what is embedded.

    Products that the shop no longer has are left out, and so are groups of which nothing is left.
    """
    ids = list(dict.fromkeys(id for group in groups for id in group.ids))
    texts = {each.product.id: embedding_text(each) for each in catalogue.stamped(ids)}
    turned: list[Group] = []
    for group in groups:
        held = [row for row, id in enumerate(group.ids) if texts.get(id, "").strip()]
        if held:
            turned.append(
                Group(
                    query=group.query,
                    ids=tuple(group.ids[row] for row in held),
                    texts=tuple(texts[group.ids[row]] for row in held),
                    gains=tuple(group.gains[row] for row in held),
                    weights=tuple(group.weights[row] for row in held),
                    source=group.source,
                )
            )
    return turned
