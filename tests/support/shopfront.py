"""The demo shop opened for front-end tests, and the app over it served on a port of its own."""

from __future__ import annotations

import atexit
import json
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from import_fakes import ListFeed
from scripted import HashEncoder

from assistant.build import open_store
from assistant.settings import Settings
from ranker.encoder import Encoder
from retriever.demo.house import policies
from retriever.demo.orders import orders
from retriever.demo.people import customers
from retriever.demo.relations import products
from retriever.feeds.registry import source_feed
from retriever.store import Store

DAY = date(2026, 11, 2)  # on which somebody comes to the demo store: the same whenever the tests run


def demo_store(folder: Path, encoder: Encoder | None = None) -> Store:
    """A new store with the demo's goods; without an encoder its vectors come from a hash, which loads nothing."""
    if encoder is None:
        shutil.copytree(imported(), folder, dirs_exist_ok=True)
    store = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=encoder or HashEncoder())
    if encoder is not None:
        store.importer.run(source_feed("demo", downloads=folder, day=DAY))
    return store


def small_demo_store(folder: Path) -> Store:
    """A new store with a few of the demo's families, its rules, and the orders of its first customer."""
    store = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    families = {"tent", "mug", "running-shoe", "face-cream"}
    goods = [made.row.model_copy(update={"related": {}}) for made in products() if made.family.id in families]
    some = [order for order in orders() if order.customer_id == orders()[0].customer_id]
    rows = [*goods, *policies(), *customers()[:3], *some]
    store.importer.run(ListFeed([json.loads(row.model_dump_json()) for row in rows]))
    return store


@cache
def imported() -> Path:
    """A folder with the demo store's home, imported once a test run: it takes half a minute, a copy none."""
    folder = Path(tempfile.mkdtemp(prefix="shopwise-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    store.importer.run(source_feed("demo", downloads=folder, day=DAY))
    store.close()
    return folder


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of the app while it is served."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server ended before it started"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
