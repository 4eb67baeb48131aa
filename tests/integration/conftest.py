"""What tests that start and kill model servers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.settings import Settings


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the built-in weights in which nobody's server is recorded: for tests that kill theirs."""
    from assistant.model.weights import ensure_model

    shared = Settings()
    ensure_model(shared)
    cache = tmp_path_factory.mktemp("model-cache")
    (cache / "models").symlink_to(shared.cache.resolve() / "models")
    return cache
