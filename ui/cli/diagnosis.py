"""``shopwise doctor``: what is installed, running, reachable, and what to do about the rest."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from retriever.errors import ShopwiseError
from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import out, write_json

if TYPE_CHECKING:
    from assistant.settings import Settings
    from retriever.home import Home
    from retriever.store import Store

PACKAGES = ("gradio", "fastapi", "chromadb", "langchain", "sentence-transformers", "torch")


@dataclass(frozen=True)
class Finding:
    """One part: whether it is well, what was seen, what to do."""

    part: str
    ok: bool
    seen: str
    do: str = ""


def doctor(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Say what is installed, running and reachable, and what to do about the rest.

    [bold]shopwise doctor[/bold]
    """
    settings = settings_for(home)
    findings = [*_installed(), *_model(settings), _ranker(settings), *_shop(settings)]
    if as_json:
        write_json({"ok": all(finding.ok for finding in findings), "parts": [asdict(finding) for finding in findings]})
        return
    table = Table("", "part", "seen", "what to do", box=None, header_style="bold")
    for finding in findings:
        mark = "[green]ok[/green]" if finding.ok else "[yellow]--[/yellow]"
        table.add_row(mark, *map(escape, (finding.part, finding.seen, finding.do)))
    out.print(table)


def _installed() -> Iterator[Finding]:
    yield Finding("python", ok=True, seen=platform.python_version())
    for package in PACKAGES:
        try:
            yield Finding(package, ok=True, seen=metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Finding(package, ok=False, seen="not installed", do="Run make setup.")
    from assistant.model.vllm import installed_build

    try:
        yield Finding("vllm", ok=True, seen=f"{installed_build()} build")
    except ShopwiseError as error:
        yield Finding("vllm", ok=False, seen=error.message, do=error.hint)


def _model(settings: Settings) -> Iterator[Finding]:
    from assistant.model.client import served_names
    from assistant.model.serve import running
    from assistant.model.weights import info

    if settings.model_url:
        try:
            names = served_names(settings.model_url, settings.model_api_key)
            yield Finding("model server", ok=True, seen=f"{settings.model_url}: {', '.join(names)}")
        except ShopwiseError as error:
            yield Finding("model server", ok=False, seen=error.message, do=error.hint)
        return
    if not settings.model:
        known = info(settings)
        yield Finding(
            "model weights",
            ok=known.built,
            seen=f"{known.name} in {known.path}" if known.built else f"{known.name}: not made yet",
            do="" if known.built else "Run shopwise model build.",
        )
        if not known.built:
            return
    record = running(settings)
    yield Finding(
        "model server",
        ok=record is not None,
        seen=f"{record.name} at {record.url}" if record else "not running",
        do="" if record else "shopwise ask starts it for a question; shopwise serve or model serve keeps it running.",
    )


def _ranker(settings: Settings) -> Finding:
    from assistant.build import served_ranker
    from ranker.cross.scoring import RankerMissingError
    from ranker.cross.serving import OnnxCrossEncoder
    from ranker.cross.shelf import Shelf

    try:
        served = served_ranker(settings)
        if served is not None:
            served.load()
            return Finding("ranker", ok=True, seen=f"served: {served.name}")
        folder = Shelf(settings.home / "ranker").in_use()
        if folder is None:
            return Finding(
                "ranker", ok=True, seen="the shop has none of its own", do="shopwise train ranker makes one."
            )
        OnnxCrossEncoder(folder).load()
    except RankerMissingError as error:
        return Finding("ranker", ok=False, seen=str(error), do=error.hint)
    return Finding("ranker", ok=True, seen=f"{folder.parent.name} in {folder.parent.parent}")


def _shop(settings: Settings) -> Iterator[Finding]:
    from retriever.home import Home

    if not settings.home.is_dir():
        yield Finding(
            "shop", ok=False, seen=f"{settings.home} does not exist", do="Run shopwise demo or shopwise import."
        )
        return
    home = Home(settings.home)
    with home.owned() as mine:
        if mine:
            yield Finding("web app", ok=False, seen="not running", do="Run shopwise serve.")
            yield from _records(settings)
            return
    yield from _served(home)


def _served(home: Home) -> Iterator[Finding]:
    import httpx

    serving = home.serving()
    if serving is None:
        yield Finding("shop", ok=True, seen=f"{home.folder} is in use by another command", do="Wait until it ends.")
        return
    try:
        ready = httpx.get(f"{serving.address}/readyz", timeout=15, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        yield Finding(
            "web app",
            ok=False,
            seen=f"{serving.address} does not answer",
            do=f"Look at process {serving.pid}; restart it.",
        )
        return
    yield Finding("web app", ok=True, seen=serving.address)
    for name, part in ready["parts"].items():
        yield Finding(
            f"served {name}", ok=part["ready"], seen=part["detail"], do="" if part["ready"] else "Wait, or restart it."
        )


def _records(settings: Settings) -> Iterator[Finding]:
    from ui.cli.opening import opened

    try:
        with opened(settings) as store:
            goods, vectors = store.catalogue.count(), store.vectors.count()
            pictures = _pictures(store)
    except ShopwiseError as error:
        yield Finding("records", ok=False, seen=error.message, do=error.hint)
        return
    seen = f"{goods} products, {vectors} vectors in {settings.home}"
    yield Finding("records", ok=goods > 0, seen=seen, do="" if goods else "Run shopwise import demo, or your own feed.")
    yield pictures


def _pictures(store: Store) -> Finding:
    part = "picture vectors"
    try:
        held = store.pictures.held()
    except ShopwiseError as error:
        return Finding(part, ok=False, seen=error.message, do=error.hint)
    if held is None:
        return Finding(part, ok=True, seen="the shop has none", do="shopwise import vectors takes those of any model.")
    seen = f"{held.counts.vectors} of {held.model}, {held.dimension} numbers each"
    return Finding(part, ok=True, seen=f"{seen}; {held.counts.without} products have none")
