"""Where an export goes: a file or folder that is complete or not there, or standard output."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from retriever.errors import BadInputError, UnavailableError

Write = Callable[[str], object]
"""Takes the next piece of text."""

LONGEST_NAME = 150  # characters of a file's name that come from an id


@contextmanager
def new_file(path: Path, *, force: bool) -> Generator[Write]:
    """A file to write; it gets its name when all of it is written.

    Raises:
        BadInputError: if there is a file already and not ``force``, or the place cannot be written to.
        UnavailableError: if the disk is full or fails. What was there before is still there.
    """
    if path.is_dir():
        raise BadInputError(f"{path} is a folder, not a file.", "Give the path of a file.")
    if path.exists() and not path.is_file():
        raise BadInputError(f"{path} is no file.", "Give the path of a file, or - for standard output.")
    if path.exists() and not force:
        raise BadInputError(f"There is already a file {path}.", "Name another, or overwrite it with --force.")
    draft = _draft(path)
    with _kept_whole(path), _removed_after_failure(draft):
        with draft.open("x", encoding="utf-8", newline="") as file:
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


@contextmanager
def new_folder(path: Path, ending: str, *, force: bool) -> Generator[Callable[[str, str], object]]:
    """A folder to fill, by ``add(id, text)``, with one file an id; it gets its name when all of them are written.

    Raises:
        BadInputError: if the folder holds something already and not ``force``, or something
            besides an earlier export, or the place cannot be written to.
        UnavailableError: if the disk is full or fails. What was there before is still there.
    """
    with _kept_whole(path):
        _refuse_foreign(path, ending, force=force)
        draft = _draft(path)
        with _removed_after_failure(draft):
            draft.mkdir()

            def add(id: str, text: str) -> None:
                (draft / f"{file_name(id)}{ending}").write_text(text, encoding="utf-8", newline="")

            yield add
            if path.exists():
                old = _draft(path)
                path.rename(old)
                draft.rename(path)
                shutil.rmtree(old)
            else:
                draft.rename(path)


def file_name(id: str) -> str:
    """An id as a file's name: nothing in it leads elsewhere, and different ids stay different."""
    name = quote(id, safe=" ")
    name = f"%2E{name[1:]}" if name.startswith(".") else name
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 17]}-{hashlib.sha256(id.encode()).hexdigest()[:16]}"


def _refuse_foreign(path: Path, ending: str, *, force: bool) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise BadInputError(f"{path} is a file, not a folder.", "Name a folder.")
    held = sorted(path.iterdir())
    if held and not force:
        raise BadInputError(
            f"The folder {path} is not empty.", "Name another, or replace an earlier export with --force."
        )
    foreign = next((file for file in held if file.suffix != ending or not file.is_file()), None)
    if foreign is not None:
        raise BadInputError(
            f"The folder {path} holds something that is no earlier export: {foreign.name}.", "Name another folder."
        )


def _draft(path: Path) -> Path:
    return path.parent / f".shopwise-export-{secrets.token_hex(6)}"


@contextmanager
def _kept_whole(path: Path) -> Generator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadInputError(f"There is no folder {path.parent}.", "Make it first, or check the path.") from error
    except PermissionError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror}.", "Check the permissions.") from error
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be written: {error.strerror or error}. Nothing was changed.", "Make room on the disk."
        ) from error


@contextmanager
def _removed_after_failure(draft: Path) -> Generator[None]:
    try:
        yield
    except BaseException:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
        raise
