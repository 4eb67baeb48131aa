"""Training data: whole dialogues with the real tools, over any imported shop.

A planned shopper speaks, an actor plays the clerk, and the assistant runs as it always does: its
tools find what they find, its guard refuses what it refuses, its check judges the answer. What the
actor was told and what it said at each step is an example. An answer that the check would withhold
is no example: the model learns to say only what can be proved.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.messages.utils import convert_to_openai_messages
from langgraph.checkpoint.memory import InMemorySaver
from sqlalchemy import select

from assistant.agent import Assistant
from assistant.decide import TUNED
from assistant.events import Turn, TurnResult
from assistant.evidence import Finding
from assistant.tune.actor import Actor, Spoken, Stage
from assistant.tune.answers import Clerk
from assistant.tune.goods import Kind, kinds
from assistant.tune.patterns import Language
from assistant.tune.script import Line, Shopper
from retriever.product import Product
from retriever.records import OrderRecord
from retriever.store import Store

CHINESE = 0.42  # share of the dialogues
LENGTHS = (1, 1, 1, 1, 1, 2, 2, 3, 5)  # turns of a dialogue
OPENS = {"search": 0.56, "service": 0.26, "talk": 0.18}
GOES_ON = {"context": 0.68, "search": 0.12, "service": 0.12, "talk": 0.08}
ANSWERED = 0.14  # share of the answers that become examples: they are long, all alike, and soon learned
BORROWED = 0.25  # share of what is asked and talked that comes from other people's corpora, where there are any


@dataclass(frozen=True)
class Example:
    """One call of the model: OpenAI messages it is told, and the one it should answer with.

    Attributes:
        kind: ``decide`` (a call, or words where no tool helps) or ``answer`` (words on a tool's result).
        phenomenon: what the shopper's words show.
    """

    messages: list[dict[str, Any]]
    answer: dict[str, Any]
    kind: str
    phenomenon: str
    language: str

    def line(self) -> str:
        """As a line of a JSON Lines file."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Part:
    """One side of the split: its own texts and its own goods."""

    held_out: bool
    goods: tuple[Kind, ...]


def split(store: Store) -> tuple[Part, Part]:
    """The goods to train on and those to evaluate on."""
    found = kinds(store)
    return (
        Part(held_out=False, goods=tuple(kind for kind in found if not kind.held_out)),
        Part(held_out=True, goods=tuple(kind for kind in found if kind.held_out)),
    )


class Director:
    """Runs dialogues over a store.

    Args:
        store: the shop; its carts and handoffs are written to, so give it one of its own.
        part: the side of the split.
        seed: the same seed gives the same dialogues.
        corpora: what other people have asked shops, in English (see ``corpora.py``).
    """

    def __init__(self, store: Store, part: Part, seed: int, corpora: Sequence[Line] = ()) -> None:
        self._store = store
        self._corpora = corpora
        self._part = part
        self._dice = random.Random(seed)  # noqa: S311 (a seeded plan, no secret)
        self._actor = Actor()
        self._assistant = Assistant(store, Stage(self._actor), TUNED, InMemorySaver())
        with store.database.session() as session:
            rows = session.execute(select(OrderRecord.customer_id, OrderRecord.id).order_by(OrderRecord.id)).all()
        self._orders: dict[str, list[str]] = {}
        for customer, order in rows:
            self._orders.setdefault(customer, []).append(order)
        self._number = 0

    async def examples(self, dialogues: int) -> AsyncIterator[list[Example]]:
        """The examples of each dialogue."""
        for _ in range(dialogues):
            self._number += 1
            yield [example async for example in self._dialogue()]

    async def _dialogue(self) -> AsyncIterator[Example]:
        dice = self._dice
        language: Language = "zh" if dice.random() < CHINESE else "en"
        mine = [kind for kind in self._part.goods if kind.language == language]
        others = [kind for kind in self._part.goods if kind.language != language]
        shopper = Shopper(language, mine, others, held_out=self._part.held_out, dice=dice)
        customer = dice.choice(sorted(self._orders)) if self._orders and dice.random() < 0.7 else None
        shown: tuple[Product, ...] = ()
        in_cart = False
        for turn in range(dice.choice(LENGTHS)):
            line = self._next(shopper, shown, customer, first=turn == 0, in_cart=in_cart)
            result, spoken = await self._play(line, customer, language)
            shown = result.products if len(result.products) > 1 else shown or result.products
            in_cart = in_cart or (line.tool == "update_cart" and all(call.ok for call in result.tool_calls))
            for example in _examples(line, spoken, result, language):
                if example.kind == "decide" or dice.random() < ANSWERED:
                    yield example

    def _next(
        self, shopper: Shopper, shown: Sequence[Product], customer: str | None, *, first: bool, in_cart: bool
    ) -> Line:
        ways = OPENS if first or not shown else GOES_ON
        room = self._dice.choices(list(ways), list(ways.values()))[0]
        if room in ("service", "talk") and self._borrows(shopper.language):
            return self._dice.choice(self._corpora)
        match room:
            case "search":
                return shopper.searches()
            case "context":
                return shopper.goes_on(shown, in_cart=in_cart)
            case "service":
                return shopper.asks(self._orders.get(customer or "", []))
            case _:
                return shopper.talks()

    def _borrows(self, language: Language) -> bool:
        return bool(self._corpora) and language == "en" and self._dice.random() < BORROWED

    async def _play(self, line: Line, customer: str | None, language: Language) -> tuple[TurnResult, list[Spoken]]:
        clerk = Clerk(language, self._dice)

        def words(messages: Sequence[BaseMessage]) -> str:
            finding, refused = self._finding(messages, language)
            return clerk.answer(line.tool, line.arguments, finding, refused)

        if line.tool:
            call = {"name": line.tool, "args": line.arguments, "id": f"call_{self._number}"}
            self._actor.plays(AIMessage("", tool_calls=[cast("Any", call)]), words)
        else:
            self._actor.plays(AIMessage(line.reply))
        turn = Turn(text=line.text, conversation_id=f"tune-{self._number}", user_id=customer)
        result = await self._assistant.reply(turn)
        return result, self._actor.spoken()

    def _finding(self, messages: Sequence[BaseMessage], language: Language) -> tuple[Finding | None, str]:
        """What the tool found, read back from the conversation, or why it refused."""
        message = messages[-1]
        if not isinstance(message, ToolMessage) or message.status == "error":
            return None, str(message.content).removeprefix("Not done: ")
        artifact = cast("dict[str, Any]", message.artifact)
        stamped = self._store.catalogue.stamped(artifact["products"])
        products = tuple(each.localised(language) for each in stamped)
        return Finding(str(message.content), products=products, note=artifact["note"]), ""


def _examples(line: Line, spoken: Sequence[Spoken], result: TurnResult, language: str) -> list[Example]:
    """The examples of one turn: its decision, and its answer where all of it was proved."""
    found: list[Example] = []
    for step in spoken:
        decides = not isinstance(step.told[-1], ToolMessage)
        answered = bool(str(step.answer.content)) or bool(step.answer.tool_calls)
        if not answered or (not decides and result.withheld):
            continue
        found.append(
            Example(
                messages=convert_to_openai_messages(list(step.told)),
                answer=convert_to_openai_messages([step.answer])[0],
                kind="decide" if decides else "answer",
                phenomenon=line.phenomenon,
                language=language,
            )
        )
    return found
