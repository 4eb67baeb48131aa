"""What picture vectors promise, asked of Chroma in a folder and of a real Chroma server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chroma_running import free_port, running
from scripted import HashEncoder

from ranker.encoder import Vectors
from retriever.chroma import Chroma
from retriever.errors import UnavailableError
from retriever.pictures.index import LOOKED_FOR, STEP, PictureModel, PictureVectors, Replaced, WithPictures
from retriever.vectors import open_vectors

CLIP = PictureModel(model="clip", dimension=3, usual=0.5)
DINO = PictureModel(model="dino", dimension=2, usual=0.0)
LOOK = {"red": [1.0, 0.0, 0.0], "cherry": [0.8, 0.6, 0.0], "blue": [0.0, 0.0, 1.0]}


class Stopped(Exception):  # noqa: N818 (it is no error: somebody stops it)
    """An import that is stopped in its middle."""


@pytest.fixture(params=["embedded", "server"])
def chroma(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chroma]:
    """A store of its own for every test: of picture vectors a shop has one collection."""
    if request.param == "embedded":
        yield Chroma(tmp_path / "chroma")
        return
    with running(tmp_path) as url:
        yield Chroma(tmp_path, url)


@pytest.fixture
def pictures(chroma: Chroma) -> Iterator[PictureVectors]:
    opened = PictureVectors(chroma)
    yield opened
    opened.close()


def rows(held: dict[str, list[float]]) -> Vectors:
    return np.array(list(held.values()), dtype=np.float32)


def fill(pictures: PictureVectors, of: PictureModel = CLIP, held: dict[str, list[float]] = LOOK) -> Replaced:
    return pictures.replace(of, list(held), rows(held))


def collections(chroma: Chroma) -> list[str]:
    client = chroma.connect()
    try:
        return sorted(each.name for each in client.list_collections())
    finally:
        client.close()


def test_before_an_import_there_are_none_and_nothing_is_made(pictures: PictureVectors, chroma: Chroma) -> None:
    assert pictures.model() is None
    assert (pictures.count(), pictures.vectors(["red"]), pictures.alike(1.0)) == (0, {}, 0.0)
    assert pictures.search(rows(LOOK)[0], 5) == []
    pictures.remove(["red"])
    assert collections(chroma) == []


def test_what_was_imported_is_found_with_its_model(pictures: PictureVectors) -> None:
    assert fill(pictures) == Replaced(added=3, updated=0, removed=0)
    assert pictures.model() == CLIP
    hits = pictures.search(rows(LOOK)[0], 2)
    assert [(hit.id, round(hit.score, 4)) for hit in hits] == [("red", 1.0), ("cherry", 0.8)]
    np.testing.assert_allclose(pictures.vectors(["cherry", "unknown"])["cherry"], LOOK["cherry"], atol=1e-6)
    assert pictures.alike(1.0) == 1.0
    assert pictures.alike(0.5) == 0.0


def test_another_model_of_another_width_takes_the_place_of_all(pictures: PictureVectors, chroma: Chroma) -> None:
    fill(pictures)
    assert fill(pictures, DINO, {"red": [1.0, 0.0], "green": [0.0, 1.0]}) == Replaced(added=1, updated=1, removed=2)
    assert (pictures.model(), pictures.count()) == (DINO, 2)
    assert pictures.vectors(["cherry"]) == {}
    assert [hit.id for hit in pictures.search(np.array([0.1, 1.0], dtype=np.float32), 9)] == ["green", "red"]
    assert len(collections(chroma)) == 1


def test_an_import_that_is_stopped_changes_nothing_and_the_next_one_clears_up(
    pictures: PictureVectors, chroma: Chroma
) -> None:
    fill(pictures)
    many = np.random.default_rng(0).normal(size=(2 * STEP, 2)).astype(np.float32)

    def stop(_stage: str, _done: int, _total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        pictures.replace(DINO, [f"p{n}" for n in range(len(many))], many, stop)
    assert (pictures.model(), pictures.count()) == (CLIP, 3)
    again = PictureVectors(chroma)
    assert again.model() == CLIP
    assert len(collections(chroma)) == 2
    fill(again, DINO, {"red": [1.0, 0.0]})
    assert (again.model(), again.count()) == (DINO, 1)
    assert len(collections(chroma)) == 1
    again.close()


def test_what_was_written_is_there_after_a_restart(pictures: PictureVectors, chroma: Chroma) -> None:
    fill(pictures)
    pictures.close()
    second = PictureVectors(chroma)
    assert (second.model(), second.count()) == (CLIP, 3)
    second.close()


def test_a_product_loses_its_pictures_vector_with_that_of_its_words(pictures: PictureVectors, chroma: Chroma) -> None:
    encoder = HashEncoder()
    both = WithPictures(open_vectors(encoder, chroma.folder, chroma.url), pictures)
    both.upsert(["red", "blue"], encoder.encode(["red mug", "blue mug"]))
    fill(pictures)
    both.remove(["red", "never there"])
    assert (both.count(), pictures.count()) == (1, 2)
    assert [hit.id for hit in pictures.search(rows(LOOK)[0], 5)] == ["cherry", "blue"]
    assert [hit.id for hit in both.search(encoder.encode(["red mug"])[0], 5)] == ["blue"]
    both.close()


def test_a_collection_of_somebody_elses_is_not_taken_for_one(pictures: PictureVectors, chroma: Chroma) -> None:
    client = chroma.connect()
    client.create_collection("pictures-7", metadata={"model": "clip"}, embedding_function=None)
    client.create_collection("pictures-of-mine", embedding_function=None)
    client.close()
    assert pictures.model() is None
    fill(pictures)
    assert collections(chroma) == ["pictures-8", "pictures-of-mine"]


def test_what_another_process_imported_on_a_server_is_seen_soon(tmp_path: Path) -> None:
    now = 0.0
    with running(tmp_path) as url:
        mine = PictureVectors(Chroma(tmp_path, url), clock=lambda: now)
        assert mine.model() is None
        other = PictureVectors(Chroma(tmp_path, url))
        fill(other)
        assert mine.model() is None
        now = LOOKED_FOR
        assert (mine.model(), mine.count()) == (CLIP, 3)
        fill(other, DINO, {"red": [1.0, 0.0]})
        with pytest.raises(UnavailableError):
            mine.search(rows(LOOK)[0], 5)  # which is left out of the list, and no more
        now = 2 * LOOKED_FOR
        assert (mine.model(), mine.count()) == (DINO, 1)
        mine.close()
        other.close()


def test_a_server_that_is_not_there_is_asked_once_in_a_while(tmp_path: Path) -> None:
    now = 0.0
    away = PictureVectors(Chroma(tmp_path, f"http://127.0.0.1:{free_port()}"), clock=lambda: now)
    with pytest.raises(UnavailableError, match="does not answer"):
        away.model()
    assert away.vectors(["red"]) == {}
    now = LOOKED_FOR
    with pytest.raises(UnavailableError, match="does not answer"):
        away.search(rows(LOOK)[0], 5)
