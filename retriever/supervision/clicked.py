"""The shop's own searches, clicks and purchases as training data.

What is read from the events (``/api/events``, feeds); further fields do not matter:

| kind | product | value |
|---|---|---|
| ``search`` | | ``query``, and ``results``: the ids shown, in order; ``offset`` of a further page |
| ``click`` | the one clicked | ``search_id``: the id of the search event; or ``query``; ``position`` from 1 |
| ``add_to_cart``, ``purchase`` | the one meant | ``search_id``, or nothing |

A click belongs to the search it names, else to the last search of its session with its query
that showed the product, and where it names no query, to the last one that showed the product.
Clicks that name another list (``category``, ``list``, ``recommendation_id``) belong to no search.
Carts and purchases belong to the search from which the session last clicked the product. A
``position`` only tells two pages apart: what was shown where is told by ``results``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

from sqlalchemy import select

from ranker.clicks import Act, Kind, Lessons, Limits, PositionBias, Showing, clean, learn
from ranker.groups import Group, GroupReport, TrainingDataError, check_groups
from retriever.database import Database
from retriever.errors import BadInputError
from retriever.product import Stamped
from retriever.ranking_text import LIMIT
from retriever.records import EventRecord
from retriever.supervision.judged import Products, texts
from retriever.text import fold, language_of

KINDS: tuple[Kind, ...] = ("click", "add_to_cart", "purchase")
ELSEWHERE = ("category", "list", "recommendation_id")  # a click that names one of these came from no search
LATER = 24 * 3600.0  # seconds after a search that an act can still come of it
DEEPEST = 1_000  # products of one list that are counted
AT_ONCE = 2_000  # events between two reads
LONGEST_QUERY = 200  # characters


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the shop recorded it."""

    id: str
    kind: str
    at: float  # seconds
    customer_id: str = ""
    session_id: str = ""
    product_id: str = ""
    value: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was found in the log, and what was left out of the training data and why."""

    searches: int = 0
    unreadable: int = 0  # searches without a query or without the ids shown
    acts: int = 0  # clicks, carts and purchases that came of a search
    other_acts: int = 0  # that came of none
    repeats: int = 0  # lists loaded again
    bots: int = 0  # visitors that are programs
    rare_queries: int = 0  # of too few visitors, left out for their privacy
    unused_queries: int = 0  # nothing clicked, or too little shown
    rare_products: int = 0  # shown too seldom for a query
    gone_products: int = 0  # no longer in the shop


@dataclass(frozen=True, slots=True)
class Clicked:
    """Training data of clicks, with the position bias that was taken out of it."""

    groups: tuple[Group, ...]
    report: GroupReport
    log: LogReport
    bias: PositionBias


def clicked_groups(database: Database, catalogue: Products, *, limits: Limits | None = None) -> Clicked:
    """What the shop's recorded events teach; see ``groups_of``.

    Raises:
        BadInputError: if nothing can be learned from them.
    """
    return groups_of(recorded(database), catalogue, limits=limits)


def groups_of(
    events: Iterable[Event],
    catalogue: Products,
    *,
    limits: Limits | None = None,
    weight: float = 1.0,
    limit: int = LIMIT,
) -> Clicked:
    """Groups of the queries that visitors made, with gains corrected for position bias.

    Args:
        events: as ``recorded`` gives them.
        catalogue: has the products' words.
        limits: what counts as a visitor, and how much is enough.
        weight: how much clicks count beside other sources, before each product's own certainty.
        limit: characters of a product's text.

    Raises:
        BadInputError: if nothing can be learned from the log; the message says what it holds.
    """
    showings, log = read_showings(events)
    cleaned = clean(showings, limits)
    lessons = learn(cleaned.showings, limits)
    held = {id: True for learned in lessons.queries for id in learned.ids}
    products = catalogue.stamped(list(held))
    log = _complete(log, cleaned.repeats, cleaned.bots, lessons, gone=len(held) - len(products))
    groups = _groups(lessons, products, weight, limit)
    try:
        report = check_groups(groups)
    except TrainingDataError as error:
        raise BadInputError(_too_little(log), _what_to_do(log)) from error
    return Clicked(tuple(groups), report, log, lessons.bias)


def _groups(lessons: Lessons, products: Sequence[Stamped], weight: float, limit: int) -> list[Group]:
    text, here = texts(products, limit), {stamped.product.id for stamped in products}
    groups: list[Group] = []
    for learned in lessons.queries:
        rows = [row for row, id in enumerate(learned.ids) if id in here]
        if len(rows) < 2:
            continue
        language = language_of(learned.query)
        groups.append(
            Group(
                query=learned.query,
                ids=tuple(learned.ids[row] for row in rows),
                texts=tuple(text(learned.ids[row], language) for row in rows),
                gains=tuple(learned.gains[row] for row in rows),
                weights=tuple(weight * learned.weights[row] for row in rows),
                source="clicks",
            )
        )
    return groups


def recorded(database: Database) -> Iterator[Event]:
    """The events that matter here, session by session, each in the order of time."""
    record = EventRecord
    query = (
        select(
            record.id, record.kind, record.at, record.customer_id, record.session_id, record.product_id, record.value
        )
        .where(record.kind.in_(("search", *KINDS)))
        .order_by(record.session_id, record.customer_id, record.at, record.id)
        .execution_options(yield_per=AT_ONCE)
    )
    with database.session() as session:
        for row in session.execute(query):
            yield Event(
                row.id, row.kind, row.at.timestamp(), row.customer_id, row.session_id, row.product_id, row.value
            )


def read_showings(events: Iterable[Event]) -> tuple[list[Showing], LogReport]:
    """The lists that were shown and what came of them, from events as ``recorded`` orders them.

    Events without a session are taken together by customer; without either they belong to nobody.
    """
    counts: Counter[str] = Counter()
    showings: list[Showing] = []
    for (session, customer), visit in groupby(events, key=_session):
        if session or customer:
            showings += _visit(sorted(visit, key=lambda event: event.at), counts)
        else:
            counts.update("unreadable" if event.kind == "search" else "other_acts" for event in visit)
    return showings, LogReport(**counts)


@dataclass(slots=True)
class _List:
    """A list while its visit is read."""

    event: Event
    query: str
    ids: tuple[str, ...]
    offset: int
    acts: list[Act] = field(default_factory=list[Act])


def _session(event: Event) -> tuple[str, str]:
    # A session is one visitor's, also when they sign in half-way.
    return (event.session_id, "" if event.session_id else event.customer_id)


def _visit(events: Sequence[Event], counts: Counter[str]) -> Iterator[Showing]:
    lists: list[_List] = []
    clicked: dict[str, _List] = {}  # by product: where it was last clicked
    for event in events:
        if event.kind == "search":
            shown = _list(event)
            counts["searches" if shown else "unreadable"] += 1
            lists += [shown] if shown else []
        elif event.kind in KINDS:
            kind = event.kind
            source = _source(event, lists, clicked)
            counts["acts" if source else "other_acts"] += 1
            if source:
                source.acts.append(Act(event.product_id, kind, event.at))
                clicked[event.product_id] = source
            elif kind == "click":
                clicked.pop(event.product_id, None)  # what follows comes of the other list
    visitor = (
        next((event.customer_id for event in events if event.customer_id), "") or f"session {events[0].session_id}"
    )
    for shown in lists:
        yield Showing(shown.query, visitor, shown.event.at, shown.ids, tuple(shown.acts), shown.offset)


def _list(event: Event) -> _List | None:
    """What a search event showed; ``None`` where it does not say."""
    query, results, offset = (event.value.get(name) for name in ("query", "results", "offset"))
    if not isinstance(query, str) or not query.strip() or len(query) > LONGEST_QUERY or not isinstance(results, list):
        return None
    ids = [id for id in cast("list[Any]", results) if isinstance(id, str) and id]
    start = offset if isinstance(offset, int) and 0 <= offset < DEEPEST else 0
    return _List(event, fold(query), tuple(dict.fromkeys(ids))[: DEEPEST - start], start)


def _source(event: Event, lists: Sequence[_List], clicked: Mapping[str, _List]) -> _List | None:
    """The list that an act came of."""
    value, id = event.value, event.product_id
    fits = [shown for shown in lists if id in shown.ids and event.at - shown.event.at <= LATER]
    if named := value.get("search_id"):
        return next((shown for shown in fits if shown.event.id == named), None)
    if event.kind != "click":
        source = clicked.get(id)
        return source if source in fits else None
    if any(value.get(name) for name in ELSEWHERE):
        return None
    if isinstance(query := value.get("query"), str) and query.strip():
        fits = [shown for shown in fits if shown.query == fold(query)]
    return _placed(fits, id, value.get("position"))


def _placed(fits: Sequence[_List], id: str, position: object) -> _List | None:
    """The last list; of two pages with the same product, the last one that had it at the named place."""
    at_place = [shown for shown in fits if shown.offset + shown.ids.index(id) + 1 == position]
    return (at_place or fits or [None])[-1]


def _complete(log: LogReport, repeats: int, bots: int, lessons: Lessons, *, gone: int) -> LogReport:
    return LogReport(
        searches=log.searches,
        unreadable=log.unreadable,
        acts=log.acts,
        other_acts=log.other_acts,
        repeats=repeats,
        bots=bots,
        rare_queries=lessons.rare_queries,
        unused_queries=lessons.unused_queries,
        rare_products=lessons.rare_products,
        gone_products=gone,
    )


def _too_little(log: LogReport) -> str:
    return (
        f"Nothing can be learned from the shop's clicks: {log.searches:,} searches with {log.acts:,} clicks and "
        f"purchases; {log.rare_queries:,} queries are of too few visitors, {log.unused_queries:,} of too little use."
    )


def _what_to_do(log: LogReport) -> str:
    if log.unreadable > log.searches:
        return "Search events need in their value the 'query' and, as 'results', the ids shown in order."
    if log.searches and not log.acts:
        return "Click events need the 'query' or the 'search_id' of their search, and its session."
    return "Wait until more visitors have searched, or train on judgments or on the catalogue alone."
