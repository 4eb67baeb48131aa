"""Opening a shop for a command: in this process, or through the server that owns its folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retriever.errors import BadInputError, UnavailableError
from ui.cli.terminal import CountedProgress, phases, tell

if TYPE_CHECKING:
    from assistant.settings import Settings
    from retriever.catalogue import Catalogue
    from retriever.database import Database
    from retriever.store import Store
    from ui.ports import Talker
    from ui.shop import ShopDoor

WAIT_SECONDS = 60.0

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder of the shop's data. Default: SHOPWISE_HOME, else ./.shopwise.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]


def settings_for(home: Path | None, **given: Any) -> Settings:
    """The settings of the environment, with what the command line gives put over them.

    Raises:
        BadInputError: if the environment holds a value that cannot be used.
    """
    from pydantic import ValidationError

    from assistant.settings import Settings

    values: dict[str, Any] = {name: value for name, value in {"home": home, **given}.items() if value is not None}
    try:
        return Settings(**values)
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(str(part) for part in fault["loc"])
        raise BadInputError(
            f"The setting SHOPWISE_{name.upper()} cannot be used: {fault['msg']}.", "Correct it or unset it."
        ) from error


@contextmanager
def open_shop(settings: Settings) -> Iterator[ShopDoor]:
    """A door to the shop: the server that owns its folder, or the store opened here for this command."""
    from retriever.home import Home

    with Home(settings.home).owned_within(WAIT_SECONDS, tell) as serving:
        if serving is not None:
            from ui.shop import RemoteShop

            yield RemoteShop(serving)
            return
        from ui.shop import LocalShop

        with opened(settings) as store:
            yield LocalShop(store)


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store, for a process that owns the folder."""
    from assistant.build import open_store
    from ui.cli.terminal import counted

    with counted() as progress:
        store = open_store(settings, progress=progress)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def owned_shop(settings: Settings, what: str = "train") -> Iterator[tuple[Store, CountedProgress]]:
    """The store for a long work that nobody else's may cross, and the bars that show how far it is.

    Raises:
        UnavailableError: if another process has the folder.
    """
    from assistant.build import open_store
    from retriever.home import Home
    from ui.cli.terminal import counted

    with Home(settings.home).owned() as mine, counted() as progress:
        if not mine:
            raise UnavailableError(f"Another command or web app has {settings.home} open.", f"Stop it, then {what}.")
        store = open_store(settings)
        try:
            yield store, progress
        finally:
            store.close()


@contextmanager
def records(settings: Settings) -> Iterator[tuple[Database, Catalogue]]:
    """The shop's records without its vectors: beside a web app that serves the shop, too."""
    from retriever.catalogue import Catalogue
    from retriever.database import Database
    from retriever.home import Home
    from retriever.lexical import lexical_for

    with Home(settings.home).owned() as mine:
        database = Database(settings.resolved_database_url)
        try:
            if mine:  # else whoever owns the folder has done so
                database.migrate()
            yield database, Catalogue(database, lexical_for(database), settings.currency)
        finally:
            database.close()


def stocked(catalogue: Catalogue) -> None:
    """That a shop has goods to train on.

    Raises:
        BadInputError: if it has none.
    """
    if not catalogue.count():
        raise BadInputError(
            "The shop has no goods to train on.", "Import some first, for example: shopwise import demo."
        )


@asynccontextmanager
async def open_talker(settings: Settings) -> AsyncIterator[Talker]:
    """Somebody to talk to: the server's assistant, or one of our own with the model started for it.

    Raises:
        UnavailableError: if the model cannot be started or reached.
    """
    from retriever.home import Home

    with Home(settings.home).owned_within(WAIT_SECONDS, tell) as serving:
        if serving is not None:
            from ui.shop import RemoteShop

            yield RemoteShop(serving)
            return
        from assistant.build import open_assistant
        from assistant.model.serve import ModelServer

        with opened(settings) as store:
            server = ModelServer(settings, eager=True)
            try:
                with phases() as progress:
                    server.start(progress)
                async with open_assistant(settings, store, server) as assistant:
                    yield assistant
            finally:
                server.stop()
