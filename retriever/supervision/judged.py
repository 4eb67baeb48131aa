"""Human judgments as training data: each judged query with its products, their texts and gains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from ranker.groups import Group, GroupReport, TrainingDataError, check_groups
from retriever.errors import BadInputError
from retriever.judgments import Judgments, check_judgments
from retriever.product import Stamped
from retriever.ranking_text import LIMIT, ranking_text
from retriever.text import language_of

SHOWN = 5  # examples in a message


class Products(Protocol):
    """What is read of a catalogue."""

    def all_ids(self) -> list[str]:
        """The ids of all products."""
        ...

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        """These products; missing ones are left out."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """Training data of human judgments.

    Attributes:
        groups: a group a query, in the order of the judgments.
        report: what there is to learn from.
        unknown_ids: judged products that the shop does not have; they were left out.
        unknown_queries: queries that were left out since the shop has none of their products.
    """

    groups: tuple[Group, ...]
    report: GroupReport
    unknown_ids: tuple[str, ...]
    unknown_queries: tuple[str, ...]


def judged_groups(
    judgments: Judgments,
    catalogue: Products,
    *,
    strict: bool = False,
    weight: float = 1.0,
    limit: int = LIMIT,
) -> Judged:
    """Groups of judged queries.

    Args:
        judgments: as ``retriever.judgments.read_judgments`` gives them.
        catalogue: has the products' words.
        strict: refuse judgments of products that the shop does not have, rather than leave them out.
        weight: how much each judgment counts beside other sources.
        limit: characters of a product's text.

    Raises:
        BadInputError: more than half of the products are unknown (any, if ``strict``), a gain is not
            within 0 to 1, or no query has products of different gains.
    """
    _check_gains(judgments)
    checked = check_judgments(judgments, frozenset(catalogue.all_ids()))
    if strict and checked.unknown_ids:
        raise BadInputError(
            f"{len(checked.unknown_ids):,} judged products are not in the shop: {_some(checked.unknown_ids)}.",
            "Import them, or take their lines out of the judgments.",
        )
    held = {id: True for gains in checked.judgments.values() for id in gains}
    text = texts(catalogue.stamped(list(held)), limit)
    try:
        groups = tuple(
            Group(
                query=query,
                ids=tuple(gains),
                texts=tuple(text(id, language_of(query)) for id in gains),
                gains=tuple(gains.values()),
                weights=(weight,) * len(gains),
                source="judgments",
            )
            for query, gains in checked.judgments.items()
        )
        report = check_groups(groups)
    except TrainingDataError as error:
        raise BadInputError(str(error), error.hint or "Correct the judgments.") from error
    return Judged(groups, report, checked.unknown_ids, checked.unknown_queries)


def texts(products: Iterable[Stamped], limit: int = LIMIT) -> Callable[[str, str], str]:
    """What the ranker reads of a product, by its id, for a query in a language; each text is made once."""
    by_id = {stamped.product.id: stamped for stamped in products}

    @cache
    def text(id: str, language: str) -> str:
        return ranking_text(by_id[id], limit=limit, language=language)

    return text


def _check_gains(judgments: Judgments) -> None:
    wrong = [
        f"{gain:g} of '{id}' for '{query}'"
        for query, gains in judgments.items()
        for id, gain in gains.items()
        if not 0 <= gain <= 1  # NaN is neither
    ]
    if wrong:
        raise BadInputError(
            f"{len(wrong):,} gains are not between 0 and 1: {_some(wrong)}.",
            "Scale them: 0 is irrelevant, 1 what was looked for.",
        )


def _some(names: list[str] | tuple[str, ...]) -> str:
    return f"{', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''}"
