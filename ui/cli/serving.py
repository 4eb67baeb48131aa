"""``shopwise demo`` and ``shopwise serve``: the web app, with the model beside it."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from retriever.errors import ShopwiseError, UnavailableError
from ui.cli.opening import HomeOption, opened, settings_for
from ui.cli.terminal import counted, tell

if TYPE_CHECKING:
    import uvicorn

    from assistant.model.serve import ModelServer
    from assistant.settings import Settings
    from retriever.home import Home
    from retriever.store import Store
    from ui.ports import Check

DEMO_NAME = "Fennel Street"
CLOSING_SECONDS = 5

HostOption = Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.", show_default=False)]
PortOption = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, help="Port of the page and the API; default 7860, 0: a free one.", show_default=False
    ),
]


def demo(home: HomeOption = None, host: HostOption = None, port: PortOption = None) -> None:
    """Sell from the demo store: records, indexes, model, web app. A second run starts in seconds.

    [bold]shopwise demo[/bold]
    """
    _serve(settings_for(home, host=host, port=port), import_demo=True)


def serve(home: HomeOption = None, host: HostOption = None, port: PortOption = None) -> None:
    """Serve the shop: chat page at /, API at /api and /v1, its documentation at /docs. Ctrl-C stops it.

    [bold]shopwise serve --port 8080[/bold]
    """
    _serve(settings_for(home, host=host, port=port), import_demo=False)


def _serve(settings: Settings, *, import_demo: bool) -> None:
    from retriever.home import Home

    home = Home(settings.home)
    with home.owned() as mine, listening(settings.host, settings.port) as listener:
        if not mine:
            other = home.serving()
            raise UnavailableError(
                f"The folder {settings.home} is already "
                + (f"served at {other.address} (process {other.pid})." if other else "in use by another command."),
                "Open that address, stop that process, or name another folder with --home.",
            )
        model = ModelInBackground(settings)
        try:
            with opened(settings) as store:
                if import_demo:
                    _import_demo(settings, store)
                elif not store.catalogue.count():
                    tell("This shop has no goods yet. In another terminal: shopwise import demo, or your own feed.")
                asyncio.run(_run(settings, home, store, model.server, listener))
        finally:
            tell("Stopping.")
            model.stop()


class ModelInBackground:
    """The model server, started while the page is already up; until it answers the assistant is limited."""

    def __init__(self, settings: Settings) -> None:
        from assistant.model.serve import ModelServer

        self.server: ModelServer = ModelServer(settings)
        self._thread = threading.Thread(target=self._start, name="model-start", daemon=True)
        self._stopping = False
        self._thread.start()

    def stop(self) -> None:
        """Take down what was started."""
        self._stopping = True
        self.server.stop()
        self._thread.join(timeout=CLOSING_SECONDS)

    def _start(self) -> None:
        told: set[str] = set()

        def progress(phase: str, seconds: float) -> None:
            if phase not in told:
                told.add(phase)
                tell(f"model: {phase} ({seconds:.0f} s)")

        try:
            self.server.start(progress)
            tell("model: ready, the assistant answers in full.")
        except ShopwiseError as error:
            if not self._stopping:
                tell(f"model: {error.message} {error.hint}")
                tell("The page works; the assistant is limited to search until the model is served.")


def _import_demo(settings: Settings, store: Store) -> None:
    from ui.shop import ImportOrder, run_import

    with counted() as progress:
        report = run_import(store, ImportOrder(source="demo", downloads=settings.cache / "downloads"), progress)
    if report["added"] or report["updated"] or report["removed"]:
        tell(f"demo store: {report['counts']['products']} products")


async def _run(settings: Settings, home: Home, store: Store, model: ModelServer, listener: socket.socket) -> None:
    import uvicorn

    from assistant.build import open_assistant
    from ui.api import Shop, create_app

    host = settings.host if settings.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 - compared, not bound
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    fictional = is_demo(store)
    async with open_assistant(settings, store, model) as assistant:
        shop = Shop(
            store=store,
            talker=assistant,
            name=DEMO_NAME if fictional else "Shopwise",
            fictional=fictional,
            checks=checks(store, model),
            owner_token=(announced := home.announce(address, settings.owner_token.get_secret_value())).token,
        )
        config = uvicorn.Config(
            create_app(shop), log_level="warning", timeout_graceful_shutdown=CLOSING_SECONDS, lifespan="on"
        )
        server = _server(config, announced.address, lambda: _invite(store, address) if fictional else None)
        with stopping(lambda: setattr(server, "should_exit", True)):
            await server.serve(sockets=[listener])


def _server(config: uvicorn.Config, address: str, opened: Callable[[], object]) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """Says its address once it answers, and leaves signals to us.

        Uvicorn would answer a signal by raising it again after the shutdown, past our own cleaning up.
        """

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            typer.echo(f"Open {address}  (Ctrl-C stops it)")
            await asyncio.to_thread(opened)

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(config)


def _invite(store: Store, address: str) -> None:
    """Say as whom the demo store may be looked at. Nobody's visit waits for it, or fails with it."""
    from datetime import UTC, datetime

    from ui.trying import people_to_try

    try:
        people = people_to_try(store.database, datetime.now(UTC))
    except ShopwiseError as error:
        tell(f"Its customers could not be read: {error.message}")
        return
    for person in people:
        tell(f"As {person.name}, who {person.told}: {address}/?as={person.id}")


@contextmanager
def stopping(stop: Callable[[], object]) -> Iterator[None]:
    """Ctrl-C and a polite kill end the work instead of the process; the second one is not waited for."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, _frame: FrameType | None) -> None:
        stop()
        signal.signal(number, kept[signal.Signals(number)])

    for number in kept:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket, taken before anything slow is done.

    Raises:
        UnavailableError: if the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                f"Port {port} of {host} cannot be used: {(error.strerror or str(error)).lower()}.",
                "Stop what listens there, or choose another with --port (0 takes a free one).",
            ) from error
        yield listener
    finally:
        listener.close()


def is_demo(store: Store) -> bool:
    """Whether everything for sale is the fictional demo store's."""
    from sqlalchemy import select

    from retriever.records import FeedRecord

    with store.database.session() as session:
        return set(session.scalars(select(FeedRecord.source))) == {"demo"}


def checks(store: Store, model: ModelServer) -> dict[str, Check]:
    """What ``/readyz`` asks of each part."""
    from ui.ports import PartState

    async def counted_by(count: Callable[[], int], what: str) -> PartState:
        try:
            return PartState(ready=True, detail=f"{await asyncio.to_thread(count)} {what}")
        except ShopwiseError as error:
            return PartState(ready=False, detail=error.message)

    async def database() -> PartState:
        return await counted_by(store.catalogue.count, "products")

    async def vectors() -> PartState:
        return await counted_by(store.vectors.count, "vectors")

    async def model_part() -> PartState:
        if model.state == "ready" and await asyncio.to_thread(model.healthy):
            return PartState(ready=True, detail=model.model_name)
        return PartState(ready=False, detail=model.problem or f"the model server is {model.state}")

    return {"database": database, "vectors": vectors, "model": model_part}
