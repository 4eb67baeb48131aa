"""A Chromium for the tests: the system's, or Playwright's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright
from shopfront import demo_store

from retriever.store import Store

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running browser; the test is skipped where none is installed.

    It goes with its module: Playwright's event loop runs in the main thread, where tests elsewhere run their own.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        if found is None and not Path(own).exists():
            pytest.skip(f"no Chromium: none of {', '.join(NAMES)} on the PATH, and Playwright has none of its own")
        try:
            browser = playwright.chromium.launch(executable_path=found or own, args=FLAGS)
        except Error as error:
            pytest.skip(f"Chromium does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo shop."""
    opened = demo_store(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()
