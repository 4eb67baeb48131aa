"""What shoppers say, and which call is right: the hand-written unseen cases and scripts of held-out words and goods."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select

from assistant.tune.data import Director, Example, split
from retriever.errors import BadInputError
from retriever.records import OrderRecord
from retriever.store import Store

Item = TypeVar("Item")


class Wanted(BaseModel):
    """The call that is right.

    Attributes:
        tool: its name; empty where no tool helps.
        also: other tools that are right too; what they should be given is left open.
        arguments: all that it must be given besides the query, products as their place (``2``) or ``it``.
        query: the words looked for, where they are known exactly.
        query_has: groups of words of which the query must hold one each.
        query_not: words that the query must not hold.
        loose: arguments (``attributes.color``) that may be absent if their word is in the query.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    also: tuple[str, ...] = ()
    arguments: dict[str, Any] = {}
    query: str = ""
    query_has: tuple[tuple[str, ...], ...] = ()
    query_not: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


class Line(BaseModel):
    """One message of a shopper; ``wanted`` where the first call that answers it is judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    phenomenon: str
    wanted: Wanted | None = None


class Script(BaseModel):
    """A conversation to be held: its lines, and the customer who is signed in; empty for a stranger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: str
    lines: tuple[Line, ...]
    user: str = ""


class Case(Wanted):
    """A line of ``unseen.jsonl``: earlier messages, the message that is judged, and what is right."""

    id: str
    language: str
    phenomenon: str
    before: tuple[str, ...] = ()
    text: str

    def script(self) -> Script:
        """The case as a conversation whose last line is judged."""
        wanted = Wanted(**self.model_dump(include=set(Wanted.model_fields)))
        lines = [Line(text=text, phenomenon=self.phenomenon) for text in self.before]
        lines.append(Line(text=self.text, phenomenon=self.phenomenon, wanted=wanted))
        return Script(id=self.id, language=self.language, lines=tuple(lines))


def unseen(limit: int = 0, seed: int = 1, file: Path | None = None) -> list[Script]:
    """The hand-written cases, which no pattern of the training data was made from; ``limit`` of them by lot.

    Args:
        limit: how many; all of them for 0.
        seed: draws them.
        file: somebody's own cases in their place.

    Raises:
        BadInputError: the file cannot be read, or holds something else than cases.
    """
    source = file or resources.files("eval.clerk").joinpath("unseen.jsonl")
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{source.name} cannot be read: {error}.", "Give a JSON Lines file in UTF-8.") from error
    return chosen(read_cases(text.splitlines(), source.name), limit, seed)


def read_cases(lines: Iterable[str], name: str) -> list[Script]:
    """The cases of a file.

    Raises:
        BadInputError: a line is no case, or an id comes twice.
    """
    scripts: dict[str, Script] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            case = Case.model_validate_json(line)
        except ValidationError as error:
            fault = error.errors()[0]
            raise BadInputError(
                f"{name}, line {number}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.",
                "docs/evaluation.md says what a case holds.",
            ) from error
        if case.id in scripts:
            raise BadInputError(f"{name}, line {number}: the id {case.id} comes twice.", "Give it another id.")
        scripts[case.id] = case.script()
    return list(scripts.values())


def chosen(items: Sequence[Item], limit: int, seed: int) -> list[Item]:
    """At most ``limit`` items by lot, in their order; all of them for 0."""
    if not limit or limit >= len(items):
        return list(items)
    places = random.Random(seed).sample(range(len(items)), limit)  # noqa: S311 (a seeded draw, no secret)
    return [items[place] for place in sorted(places)]


async def held_out(store: Store, dialogues: int, seed: int) -> list[Script]:
    """Whole dialogues in held-out words about held-out goods of the shop, with the call that is right at each turn.

    They are planned once, with a clerk who always makes the right call, so that every contender hears the same.

    Args:
        store: the shop; the plan writes carts and handoffs into it, so give it one of its own.
        dialogues: how many.
        seed: the same seed plans the same dialogues.

    Raises:
        BadInputError: no goods of the shop are held out in one of the languages.
    """
    part = split(store)[1]
    if {kind.language for kind in part.goods} != {"en", "zh"}:
        raise BadInputError(
            "The shop has too few goods to hold some out in English and Chinese.",
            "Import more, for example: shopwise import demo.",
        )
    owners = _owners(store)
    scripts: list[Script] = []
    async for examples in Director(store, part, seed).examples(dialogues):
        lines = [line_of(example) for example in examples if example.kind == "decide"]
        if lines:
            user = _signed_in(lines, owners)
            scripts.append(
                Script(id=f"s{seed}-{len(scripts)}", language=examples[0].language, lines=tuple(lines), user=user)
            )
    return scripts


def line_of(example: Example) -> Line:
    """What was said in an example of a decision, and the call that it wants."""
    calls = cast("list[dict[str, Any]]", example.answer.get("tool_calls") or [])
    wanted = Wanted(tool="")
    if calls:
        arguments: dict[str, Any] = json.loads(calls[0]["function"]["arguments"])
        query = str(arguments.pop("query", ""))
        wanted = Wanted(tool=calls[0]["function"]["name"], arguments=arguments, query=query)
    return Line(text=str(example.messages[-1]["content"]), phenomenon=example.phenomenon, wanted=wanted)


def _owners(store: Store) -> dict[str, str]:
    with store.database.session() as session:
        rows = session.execute(select(OrderRecord.id, OrderRecord.customer_id).order_by(OrderRecord.id)).all()
    return {str(order): str(customer) for order, customer in rows}


def _signed_in(lines: Sequence[Line], owners: dict[str, str]) -> str:
    """Whose order is asked about; else the first customer who has any, so that orders can be listed."""
    asked = [str(line.wanted.arguments.get("order_id", "")) for line in lines if line.wanted]
    return next((owners[order] for order in asked if order in owners), next(iter(owners.values()), ""))
