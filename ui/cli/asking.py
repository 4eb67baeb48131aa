"""``shopwise ask`` and ``shopwise chat``: the assistant in the terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from retriever.errors import BadInputError, ShopwiseError
from ui.cli.opening import HomeOption, JsonOption, open_talker, settings_for
from ui.cli.searching import json_lines, product_table, tell_corrected
from ui.cli.terminal import err, out, tell, write_json

if TYPE_CHECKING:
    from assistant.events import Turn, TurnResult
    from assistant.settings import Settings
    from ui.ports import Talker

LEAVE = {"/quit", "/exit", "quit", "exit"}

ConversationOption = Annotated[str, typer.Option(help="Go on with this conversation; default: a new one.")]
UserOption = Annotated[
    str | None, typer.Option("--user", help="Act for this customer, whom you vouch for.", show_default=False)
]


def ask(
    text: Annotated[str | None, typer.Argument(help="What the shopper says.", show_default=False)] = None,
    conversation: ConversationOption = "",
    user: UserOption = None,
    script: Annotated[
        Path | None,
        typer.Option(help='Many turns: JSON lines {"conversation","user_id","text"}; one turn result a line.'),
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say one thing to the assistant.

    [bold]shopwise ask "show me a bluetooth speaker"[/bold]

    [bold]shopwise ask "the cheapest of them, please" --conversation c1 --json[/bold]

    [bold]shopwise ask --script turns.jsonl[/bold]

    On a folder that is being served the server answers; else the model is started for the question.
    """
    from assistant.events import Turn
    from ui.ports import checked_message

    if (text is None) == (script is None):
        raise BadInputError("Say one thing, or give --script FILE.jsonl.", 'For example: shopwise ask "a desk lamp"')
    settings = settings_for(home)
    if script is not None:
        asyncio.run(_run_script(settings, _script_turns(script)))
        return
    turn = Turn(checked_message(text or ""), conversation, user)
    asyncio.run(_ask(settings, turn, as_json))


def chat(conversation: ConversationOption = "", user: UserOption = None, home: HomeOption = None) -> None:
    """Talk to the assistant in the terminal; /quit or Ctrl-D leaves.

    [bold]shopwise chat[/bold]
    """
    asyncio.run(_chat(settings_for(home), conversation, user))


def _script_turns(path: Path) -> list[Turn]:
    from assistant.events import Turn

    turns: list[Turn] = []
    for number, value in json_lines(path):
        text, user = value.get("text"), value.get("user_id")
        if not isinstance(text, str) or not text.strip():
            raise BadInputError(
                f"{path}, line {number}: no text.", 'Write {"conversation": "c1", "user_id": null, "text": "hello"}.'
            )
        turns.append(Turn(text, str(value.get("conversation") or ""), str(user) if user else None))
    return turns


async def _ask(settings: Settings, turn: Turn, as_json: bool) -> None:
    async with open_talker(settings) as talker:
        result = await _listen(talker, turn, aloud=not as_json)
    if as_json:
        write_json(result.model_dump(mode="json"))
    else:
        _show_rest(result)


async def _run_script(settings: Settings, turns: list[Turn]) -> None:
    async with open_talker(settings) as talker:
        for number, turn in enumerate(turns, start=1):
            err.print(f"turn {number} of {len(turns)}")
            result = await _listen(talker, turn, aloud=False)
            write_json(result.model_dump(mode="json"))


async def _chat(settings: Settings, conversation: str, user: str | None) -> None:
    from assistant.events import Turn

    async with open_talker(settings) as talker:
        tell("Say what you are looking for. /quit leaves.")
        while (text := await asyncio.to_thread(_heard)) is not None:
            if not text:
                continue
            try:
                result = await _listen(talker, Turn(text, conversation, user), aloud=True)
            except ShopwiseError as error:  # one turn failed, the talk goes on
                err.print(f"[red]{escape(error.message)}[/red] {escape(error.hint)}")
                continue
            conversation = result.conversation_id
            _show_rest(result)


def _heard() -> str | None:
    """The next thing typed; None at the end."""
    try:
        text = out.input("[bold green]> [/bold green]").strip()
    except EOFError:
        return None
    return None if text in LEAVE else text


async def _listen(talker: Talker, turn: Turn, *, aloud: bool) -> TurnResult:
    """The result of a turn; ``aloud`` writes its words as they come."""
    from assistant.events import TextDelta, TurnFinished

    result: TurnResult | None = None
    async for event in talker.stream(turn):
        if isinstance(event, TextDelta) and aloud:
            sys.stdout.write(event.text)
            sys.stdout.flush()
        elif isinstance(event, TurnFinished):
            result = event.result
    if result is None:
        raise ShopwiseError("The turn ended without a result.", "Say it again.")
    return result


def _show_rest(result: TurnResult) -> None:
    """What a person sees of a turn after its words."""
    out.print()
    for each in result.corrected:
        tell_corrected(each.said, each.meant)
    if result.products:
        out.print(product_table([product.json_dict() for product in result.products]))
    if result.evidence:
        err.print(f"[dim]checked against the shop's records: {len(result.evidence)}[/dim]")
    if result.withheld:
        err.print(f"[dim]left out, because the records do not prove it: {len(result.withheld)}[/dim]")
    if result.limited:
        err.print(
            "[yellow]The assistant is limited at the moment: this answer comes straight from the search.[/yellow]"
        )
    if result.handoff:
        err.print("Your request was recorded for a person at the shop.")
    err.print(f"[dim]conversation {escape(result.conversation_id)}[/dim]")
