"""The real model server with the built-in model, started once for all tests that want it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.model.serve import ModelServer
from assistant.settings import Settings


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """Uses a running server of ours where there is one; else starts one without compiling, which is up sooner."""
    settings = Settings(home=tmp_path_factory.mktemp("model-home"))
    with ModelServer(settings, eager=True, port=0) as server:
        yield server


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the built-in weights in which nobody's server is recorded: for tests that kill theirs."""
    from assistant.model.weights import ensure_model

    shared = Settings()
    ensure_model(shared)
    cache = tmp_path_factory.mktemp("model-cache")
    (cache / "models").symlink_to(shared.cache.resolve() / "models")
    return cache
