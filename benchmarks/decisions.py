"""Where the model stands: 20 utterances over the demo store, right tool and right arguments.

Run: ``python -m benchmarks.decisions`` (starts the model server if none is running).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.agent import Assistant
from assistant.build import open_assistant, open_store
from assistant.decide import SMALL, Profile
from assistant.events import Turn, TurnResult
from assistant.model.serve import ModelServer
from assistant.settings import Settings
from retriever.feeds.registry import source_feed


def load() -> list[dict[str, Any]]:
    """The utterances: text, the tool wanted, words its query must hold, limits that must reach the search."""
    text = (files("benchmarks") / "data" / "utterances.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def right_arguments(wanted: dict[str, Any], result: TurnResult) -> bool:
    """Whether the first call has the words wanted, and shows no product that breaks a limit."""
    call = result.tool_calls[0]
    query = str(call.arguments.get("query", "")).casefold()
    if not all(word in query for word in wanted.get("query", [])):
        return False
    top = wanted.get("limits", {}).get("price_max")
    prices = [product.price_range.min for product in result.products]
    return top is None or all(price is not None and price.major <= top for price in prices)


async def measure(assistant: Assistant, rows: list[dict[str, Any]], console: Console) -> dict[str, float]:
    """Ask each utterance in a conversation of its own, after its ``after`` where it has one."""
    table = Table("utterance", "wanted", "called", "arguments", "reply", "withheld", "ms")
    tools = arguments = sentences = 0
    for row in rows:
        conversation = ""
        if "after" in row:
            conversation = (await assistant.reply(Turn(row["after"]))).conversation_id
        result = await assistant.reply(Turn(row["text"], conversation))
        called = result.tool_calls[0].name if result.tool_calls else ""
        right_tool = called == row["tool"]
        right = right_tool and right_arguments(row, result)
        tools += right_tool
        arguments += right
        sentences += len(result.withheld)
        called_with = json.dumps(result.tool_calls[0].arguments, ensure_ascii=False) if result.tool_calls else ""
        mark = "[green]" if right else "[yellow]" if right_tool else "[red]"
        table.add_row(
            row["text"],
            row["tool"],
            mark + called,
            called_with[:60],
            result.reply[:80],
            str(len(result.withheld)),
            str(result.timing.total_ms),
        )
    console.print(table)
    return {"right tool": tools, "right arguments": arguments, "of": len(rows), "sentences withheld": sentences}


async def run(settings: Settings, console: Console, profile: Profile) -> dict[str, float]:
    """Import the demo store into a fresh home and measure on it."""
    store = open_store(settings)
    try:
        store.importer.run(source_feed("demo", downloads=settings.cache))
        with ModelServer(settings) as server:
            async with open_assistant(settings, store, server, profile) as assistant:
                return await measure(assistant, load(), console)
    finally:
        store.close()


def main() -> None:
    """Print the table and the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--free", action="store_true", help="without narrowing what the small model may choose")
    parser.add_argument("--model-url", default="", help="an OpenAI-compatible server instead of our own")
    chosen = parser.parse_args()
    console = Console(width=200)
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), model_url=chosen.model_url)
        console.print(asyncio.run(run(settings, console, replace(SMALL, narrow=not chosen.free))))


if __name__ == "__main__":
    main()
