"""The model server's life: shared while it runs, back when it dies, gone when its owner is."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from assistant.model.client import Endpoint, first_word
from assistant.model.serve import ModelServer
from assistant.settings import Settings

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]

START_ONE = """
import sys, time
from pathlib import Path
from assistant.model.serve import ModelServer
from assistant.settings import Settings
ModelServer(Settings(home=Path(sys.argv[1]), cache=Path(sys.argv[2])), eager=True, port=0).start()
time.sleep(600)
"""


def processes_of(server: ModelServer) -> list[psutil.Process]:
    """Everything that runs for this server, from the warden down; its port tells it from another."""
    port = server.url.rpartition(":")[2].removesuffix("/v1")
    (top,) = (one for one in psutil.Process().children() if _has(one, "warden.py") and _has(one, port))
    return [top, *top.children(recursive=True)]


def engine(below: psutil.Process) -> psutil.Process | None:
    """The process of vLLM that computes, told by the name it gives itself."""
    return next((one for one in below.children(recursive=True) if _has(one, "VLLM::")), None)


def all_gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=30)[1]


def answers(endpoint: Endpoint) -> bool:
    first_word(endpoint)
    return True


def test_a_server_is_shared_comes_back_and_leaves_nothing(tmp_path: Path, apart: Path) -> None:
    phases: list[str] = []
    server = ModelServer(Settings(home=tmp_path, cache=apart), eager=True, port=0)
    with server.start(lambda phase, _: phases.append(phase)):
        assert phases[-1] == "model ready"
        assert (tmp_path / "logs" / "model.log").stat().st_size > 0
        before = processes_of(server)
        assert len(before) >= 3

        with ModelServer(Settings(home=tmp_path / "second", cache=apart)) as guest:
            assert guest.endpoint == server.endpoint
            assert not guest.owned
        assert server.healthy()  # a guest that leaves takes nothing down

        computing = engine(before[0])
        assert computing is not None
        computing.kill()
        while server.state == "ready":
            time.sleep(0.2)
        while server.state == "restarting":
            time.sleep(0.2)
        assert server.state == "ready", server.problem
        assert answers(server.endpoint)
        assert all_gone(before)

        after = processes_of(server)
    assert all_gone(after)
    assert not list(apart.glob("model-server-*.json"))


def test_an_owner_killed_outright_leaves_nothing(tmp_path: Path, apart: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", START_ONE, str(tmp_path), str(apart)])
    try:
        process = psutil.Process(owner.pid)
        while engine(process) is None:  # it may still be starting: that is the worst moment
            assert owner.poll() is None
            time.sleep(0.2)
        below = process.children(recursive=True)
        assert len(below) >= 3
        owner.send_signal(signal.SIGKILL)
        assert all_gone(below)
    finally:
        owner.kill()
        owner.wait()


def _has(process: psutil.Process, word: str) -> bool:
    """Whether the word is in its command line; what is gone by now has none."""
    try:
        return any(word in part for part in process.cmdline())
    except psutil.NoSuchProcess:
        return False
