"""What the trainings of models share on the command line: the folder of a run, and how it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from retriever.errors import BadInputError, UnavailableError

if TYPE_CHECKING:
    from ranker.cross.shelf import Shelf


def run_folder(shelf: Shelf, given: Path | None, *, resume: bool) -> Path:
    """The folder of the run to start or to go on with.

    Raises:
        BadInputError: if there is nothing to go on with, or the folder is not in the shop's.
    """
    from ranker.cross.shelf import PLAN

    if given is None:
        unfinished = shelf.unfinished() if resume else None
        if resume and unfinished is None:
            raise BadInputError("No training was interrupted.", "Leave out --resume to start one.")
        return unfinished or shelf.new_run()
    run = shelf.folder / given if given.parent == Path() else given
    if run.parent.resolve() != shelf.folder.resolve() or not run.name.startswith("run-"):
        raise BadInputError(
            f"The folder {given} cannot hold a run.", f"Runs are kept in {shelf.folder}: give a name like run-mine."
        )
    if resume and not (run / PLAN).exists():
        raise BadInputError(f"The folder {run} holds no run that was interrupted.", "Leave out --resume to start one.")
    return run


def asked_for(arguments: list[str]) -> str:
    """The command for the card, without the folders of this machine."""
    words: list[str] = []
    for word in arguments[1:]:
        path = Path(word)
        words.append(path.name if path.is_absolute() else word)
    return " ".join(["shopwise", *words])


@contextmanager
def said() -> Iterator[None]:
    """What goes wrong in a training, as errors that say who must act."""
    from ranker.cross.scoring import RankerMissingError
    from ranker.cross.training import OtherRunError
    from ranker.encoder import ModelMissingError
    from ranker.groups import TrainingDataError
    from ranker.likelihood import TeacherMissingError

    try:
        yield
    except TrainingDataError as error:
        raise BadInputError(str(error), error.hint) from error
    except OtherRunError as error:
        raise BadInputError(str(error), "Name another folder with --out, or leave it out.") from error
    except RankerMissingError as error:
        raise UnavailableError(str(error), error.hint) from error
    except ModelMissingError as error:
        hint = "Name a sentence-transformers folder or an id in the local cache, or leave out --base."
        raise UnavailableError(str(error), hint) from error
    except TeacherMissingError as error:
        raise UnavailableError(str(error), "Run make setup, or train with --no-catalogue.") from error
