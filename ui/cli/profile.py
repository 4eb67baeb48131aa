"""``shopwise profile``: what is known of a customer's taste, and the customer's say in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from retriever.errors import BadInputError
from ui.cli.opening import HomeOption, JsonOption, opened, settings_for
from ui.cli.terminal import out, tell, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from retriever.profiles.building import Profiles

WAIT_SECONDS = 10.0

app = typer.Typer(
    name="profile",
    help="What is known of a customer's taste: shown, edited, forgotten, exported, switched off.",
    no_args_is_help=True,
)
UserArgument = Annotated[str, typer.Argument(metavar="USER", help="The customer's id.")]


@app.command("show")
def show(
    user: UserArgument,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say in plain words what is known of a customer's taste."""
    from retriever.profiles.wording import in_words

    if language not in ("en", "zh"):
        raise BadInputError(f"A profile cannot be told in '{language}'.", "Use en or zh.")
    with _profiles(home) as profiles:
        profile = profiles.of(user)
    lines = in_words(profile, language)
    if as_json:
        write_json({**profile.model_dump(mode="json"), "words": lines})
        return
    for line in lines:
        out.print(escape(line))


@app.command("export")
def export(
    user: UserArgument,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Everything that is known of a customer's taste, and every act it is drawn from, as one JSON document."""
    with _profiles(home) as profiles:
        document = profiles.export(user)
    if as_json:
        write_json(document)
    else:
        out.print_json(data=document)


@app.command("forget")
def forget(
    user: UserArgument,
    what: Annotated[
        str, typer.Argument(help="A product, category, brand, interest, or a word of titles and searches.")
    ] = "",
    everything: Annotated[bool, typer.Option("--everything", help="All that this customer did.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Forget that a customer looked at something, or all of it; an import does not bring it back.

    [bold]shopwise profile forget C-1 perfume[/bold]
    """
    if everything == bool(what.strip()):
        raise BadInputError("Say what to forget, or --everything.", "For example: shopwise profile forget C-1 perfume")
    with _profiles(home) as profiles:
        gone = profiles.choices.forget_everything(user) if everything else profiles.forget(user, what)
    _report({"customer_id": user, "forgotten": what or "everything", "events": gone}, as_json)


@app.command("off")
def off(user: UserArgument, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Keep no events of a customer from now on, and use none; what was recorded stays until it is forgotten."""
    _switch(user, on=False, as_json=as_json, home=home)


@app.command("on")
def on(user: UserArgument, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Have a profile again."""
    _switch(user, on=True, as_json=as_json, home=home)


@app.command("mute")
def mute(
    user: UserArgument,
    name: Annotated[str, typer.Argument(help="The interest or brand, as the profile shows it.")],
    brand: Annotated[bool, typer.Option("--brand", help="It is a brand.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Let it count again.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Let an interest or a brand no longer count."""
    from retriever.profiles.profile import Muted

    with _profiles(home) as profiles:
        profiles.choices.mute(user, Muted(kind="brand" if brand else "interest", name=name), on=not undo)
    _report({"customer_id": user, "muted": not undo, "name": name}, as_json)


@app.command("size")
def size(
    user: UserArgument,
    kind: Annotated[str, typer.Argument(help="The kind of goods, as the profile shows it.")],
    value: Annotated[str, typer.Argument(help="The size; empty takes it back.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Set a customer's size of a kind of goods."""
    with _profiles(home) as profiles:
        profiles.choices.set_size(user, kind, value)
    _report({"customer_id": user, "kind": kind, "size": value}, as_json)


def _switch(user: str, *, on: bool, as_json: bool, home: Path | None) -> None:
    with _profiles(home) as profiles:
        profiles.choices.switch(user, on=on)
    _report({"customer_id": user, "enabled": on}, as_json)


def _report(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(values)
    else:
        tell(", ".join(f"{name}: {value}" for name, value in values.items()))


@contextmanager
def _profiles(home: Path | None) -> Iterator[Profiles]:
    """The profiles of the shop; while a server owns its folder, from the records alone and without vectors."""
    from retriever.home import Home
    from retriever.profiles.building import Profiles

    settings = settings_for(home)
    with Home(settings.home).owned_within(WAIT_SECONDS, tell) as serving:
        if serving is None:
            with opened(settings) as store:
                yield Profiles(store.database, store.catalogue, store.vectors.vectors)
            return
        with _beside(settings) as profiles:
            yield profiles


@contextmanager
def _beside(settings: Settings) -> Iterator[Profiles]:
    from retriever.catalogue import Catalogue
    from retriever.database import Database
    from retriever.lexical import lexical_for
    from retriever.profiles.building import Profiles

    database = Database(settings.resolved_database_url)
    try:
        yield Profiles(database, Catalogue(database, lexical_for(database), settings.currency))
    finally:
        database.close()
