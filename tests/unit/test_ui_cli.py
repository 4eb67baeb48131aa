"""The command line's manners: what it refuses, with which exit code, and where it writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from retriever.home import Home


def shopwise(*words: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it."""
    line = [sys.executable, "-c", "from ui.cli import main; main()", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)


def test_help_teaches_and_loads_nothing_heavy() -> None:
    assert "shopwise demo" in shopwise("--help").stdout
    heavy = (
        "import sys, ui.cli.app; print([m for m in ('torch', 'gradio', 'langchain', 'chromadb') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["search", "--json"], "Give one query"),
        (["search", "--queries", "nowhere.jsonl"], "cannot be read"),
        (["ask", "   "], "The message is empty"),
        (["ask", "x" * 2_001], "at most 2000"),
        (["ask", "--script", "nowhere.jsonl"], "cannot be read"),
        (["import", "jsonl", "--feed", "n" * 81], "at most 80"),
        (["search", "x", "-k", "0"], "-k"),
        (["search", "x", "--mode", "magic"], "--mode"),
    ],
)
def test_bad_words_exit_with_2_and_leave_stdout_empty(words: list[str], told: str, tmp_path: Path) -> None:
    ended = shopwise(*words, "--home", str(tmp_path))
    assert ended.returncode == 2, ended.stderr
    assert told in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_a_second_server_on_a_folder_is_refused_and_names_the_first(tmp_path: Path) -> None:
    with Home(tmp_path).owned():
        Home(tmp_path).announce("http://127.0.0.1:7123")
        ended = shopwise("serve", "--home", str(tmp_path), "--port", "0")
    assert ended.returncode == 3
    assert "http://127.0.0.1:7123" in ended.stderr


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = shopwise("serve", "--home", str(tmp_path), "--port", str(port))
    assert ended.returncode == 3
    assert str(port) in ended.stderr
    assert "--port" in ended.stderr
