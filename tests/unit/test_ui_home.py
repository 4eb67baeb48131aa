"""One process owns a shop's folder; the others wait, or go through it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from retriever.errors import BadInputError, UnavailableError
from retriever.home import SERVER_NAME, Home
from ui.cli.opening import settings_for

CRASH = """
import os, sys
from pathlib import Path
from retriever.home import Home
home = Home(Path(sys.argv[1]))
owned = home.owned()
owned.__enter__()
home.announce("http://127.0.0.1:1")
os.kill(os.getpid(), 9)
"""


def silent(_message: str) -> None:
    """Nobody to tell."""


def test_a_free_folder_is_owned_and_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "shop")
    with home.owned_within(0, silent) as server:
        assert server is None
        with Home(home.folder).owned() as mine:
            assert not mine, "two owners at once"
    with Home(home.folder).owned() as mine:
        assert mine, "the lock outlived its owner"


def test_a_served_folder_names_the_address_and_the_token(tmp_path: Path) -> None:
    with Home(tmp_path).owned() as mine:
        assert mine
        announced = Home(tmp_path).announce("http://127.0.0.1:7860")
        with Home(tmp_path).owned_within(0, silent) as server:
            assert server == announced
        assert stat.S_IMODE((tmp_path / SERVER_NAME).stat().st_mode) == 0o600
    assert Home(tmp_path).serving() is None, "the address outlived the server"


def test_what_a_dead_server_left_is_forgotten(tmp_path: Path) -> None:
    crashed = subprocess.run(
        [
            sys.executable,
            "-c",
            CRASH,
            str(tmp_path),
        ],
        check=False,
    )
    assert crashed.returncode == -9
    assert (tmp_path / SERVER_NAME).exists()
    assert Home(tmp_path).serving() is None
    with Home(tmp_path).owned_within(0, silent) as server:
        assert server is None
        assert not (tmp_path / SERVER_NAME).exists()


def test_another_command_in_the_folder_is_waited_for_and_then_named(tmp_path: Path) -> None:
    said: list[str] = []
    waited = Home(tmp_path).owned_within(0.3, said.append)
    with Home(tmp_path).owned(), pytest.raises(UnavailableError, match="in use by another command") as refused:
        waited.__enter__()
    assert "--home" in refused.value.hint
    assert len(said) == 1


@pytest.mark.parametrize("left", ["", "{", "[]", '{"address": "x"}', '{"address": "x", "pid": "y", "token": "z"}'])
def test_a_damaged_address_file_is_no_server(tmp_path: Path, left: str) -> None:
    (tmp_path / SERVER_NAME).write_text(left, encoding="utf-8")
    assert Home(tmp_path).serving() is None


def test_a_file_where_the_folder_should_be_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("not a folder", encoding="utf-8")
    with pytest.raises(BadInputError, match="cannot be used"), Home(tmp_path / "shop").owned():
        pass


def test_a_token_that_was_set_outlives_the_server(tmp_path: Path) -> None:
    lasting = "a-token-of-the-shops-own-server"
    with Home(tmp_path).owned():
        assert Home(tmp_path).announce("http://127.0.0.1:1", lasting).token == lasting
        made = [Home(tmp_path).announce("http://127.0.0.1:1").token for _ in range(2)]
    assert len({lasting, *made}) == 3  # without one each start makes its own


@pytest.mark.parametrize("token", ["short", "long enough, but with spaces in it", "令牌" * 20])
def test_a_token_that_is_easily_guessed_or_no_header_could_carry_is_refused(token: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"SHOPWISE_OWNER_TOKEN cannot be used: .* 24 letters") as refused:
        settings_for(tmp_path, owner_token=token)
    assert token not in refused.value.message
