"""What every vector index promises, asked of Chroma in a folder and of a real Chroma server."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
from chroma_running import free_port, running

from ranker.encoder import Progress, Vectors
from retriever.allowed import Chosen, Many
from retriever.columns import Columns, Names
from retriever.errors import UnavailableError
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.vectors import (
    BATCH,
    EXACT,
    TEXT_LENGTH,
    VectorIndex,
    collection_name,
    embedding_text,
    open_vectors,
    search_each,
)


class Letters:
    """Counts letters: vectors a reader can work out."""

    languages = None

    def __init__(self, name: str = "letters", dimension: int = 26) -> None:
        self.name = name
        self.dimension = dimension

    def encode(self, texts: list[str], progress: Progress | None = None) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                rows[row, (ord(letter) - 97) % self.dimension] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("chroma-server")) as url:
        yield url


@pytest.fixture(params=["embedded", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    url = request.getfixturevalue("chroma_server") if request.param == "server" else ""
    # A name of its own: the server's collections outlive one test.
    opened = open_vectors(Letters(f"letters {tmp_path}"), tmp_path / "chroma", url)
    yield opened
    opened.close()


ENCODER = Letters()


def vector(text: str) -> Vectors:
    return ENCODER.encode([text])[0]


def fill(index: VectorIndex, *words: str) -> None:
    index.upsert(list(words), ENCODER.encode(list(words)))


def ids(index: VectorIndex, text: str, limit: int = 10, allowed: Collection[str] | None = None) -> list[str]:
    return [hit.id for hit in index.search(vector(text), limit, allowed)]


def test_the_nearest_comes_first_with_its_cosine(index: VectorIndex) -> None:
    fill(index, "cab", "cat", "dog")
    hits = index.search(vector("abc"), 2)
    assert [hit.id for hit in hits] == ["cab", "cat"]
    assert hits[0].score == pytest.approx(1.0, abs=1e-5)
    assert hits[1].score == pytest.approx(2 / 3, abs=1e-5)


def test_several_vectors_are_searched_for_at_once(index: VectorIndex) -> None:
    fill(index, "cab", "cat", "dog", "god")
    vectors = ENCODER.encode(["cab", "dog", "zzz"])

    assert search_each(index, vectors, 2) == [index.search(vector, 2) for vector in vectors]
    assert search_each(index, vectors[:0], 2) == []
    assert search_each(index, vectors, 0) == [[], [], []]


def test_only_allowed_products_are_found(index: VectorIndex) -> None:
    fill(index, "cab", "cat", "dog")
    assert ids(index, "cab", allowed={"dog", "cat"}) == ["cat", "dog"]
    assert ids(index, "cab", allowed=set()) == []


def test_among_many_allowed_products_the_nearest_are_found(index: VectorIndex) -> None:
    rows = np.random.default_rng(1).normal(size=(EXACT + 500, 26)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index.upsert([f"p{n}" for n in range(len(rows))], rows)
    near = np.argsort(-(rows @ rows[0]))
    without_near = {f"p{n}" for n in near[30:]}
    nearly_all = {f"p{n}" for n in near[1:]}
    unknown = {f"unknown {n}" for n in range(EXACT + 1)}
    assert [hit.id for hit in index.search(rows[0], 3, nearly_all)] == [f"p{n}" for n in near[1:4]]
    assert index.search(rows[0], 3, without_near)[0].id == f"p{near[30]}"
    assert [hit.id for hit in index.search(rows[0], 3, {f"p{near[-1]}", *unknown})] == [f"p{near[-1]}"]


@pytest.mark.parametrize("first", [30, 10_000, 11_700])  # picked from the nearest, told by name, all compared
def test_among_products_chosen_by_columns_the_nearest_are_found(index: VectorIndex, first: int) -> None:
    rows = np.random.default_rng(1).normal(size=(12_000, 26)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"p{n}" for n in range(len(rows))]
    index.upsert(ids, rows)
    near = np.argsort(-(rows @ rows[0]))
    found = np.zeros(len(rows), dtype=np.bool_)
    found[near[first:]] = True
    found[near[first]] = False  # has changed, and satisfies the conditions as it is now
    allowed = Chosen(_columns(ids), found, [f"p{near[first]}"], set)
    assert [hit.id for hit in index.search(rows[0], 5, allowed)] == [f"p{n}" for n in near[first : first + 5]]
    without = Chosen(_columns(ids), found, [], lambda: {f"p{near[first + 1]}"})
    assert [hit.id for hit in index.search(rows[0], 2, without)] == [f"p{n}" for n in near[first + 2 : first + 4]]


def _columns(ids: list[str]) -> Columns:
    none, rows = np.zeros(0, dtype=np.int32), {id: row for row, id in enumerate(ids)}
    prices, stock = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
    return Columns(ids, rows, none, Names(), (none, none), Names(), none, prices, stock, none)


def test_products_too_many_to_be_listed_are_asked_about(index: VectorIndex) -> None:
    fill(index, "cab", "cat", "dog")

    def never() -> set[str]:
        raise AssertionError("nobody goes through them all")

    allowed = Many(lambda ids: {id for id in ids if id != "cab"}, never)
    assert ids(index, "cab", allowed=allowed) == ["cat", "dog"]


def test_allowed_ids_without_a_vector_are_passed_over(index: VectorIndex) -> None:
    fill(index, "cab", "dog")
    assert ids(index, "cab", allowed={"dog", "not yet embedded"}) == ["dog"]
    assert ids(index, "cab", allowed={"not yet embedded"}) == []


def test_an_upsert_replaces(index: VectorIndex) -> None:
    fill(index, "cab", "bad")
    index.upsert(["cab"], ENCODER.encode(["zzz"]))
    assert index.count() == 2
    assert ids(index, "cab", limit=1) == ["bad"]


def test_the_last_vector_of_an_id_counts(index: VectorIndex) -> None:
    index.upsert(["x", "x"], ENCODER.encode(["aaa", "bbb"]))
    assert index.search(vector("bbb"), 1)[0].score == pytest.approx(1.0, abs=1e-5)


def test_removed_products_are_gone_and_unknown_ones_do_no_harm(index: VectorIndex) -> None:
    fill(index, "cab", "dog")
    index.remove(["cab", "never there"])
    index.remove([])
    assert index.count() == 1
    assert ids(index, "cab") == ["dog"]
    assert ids(index, "cab", allowed={"cab", "dog"}) == ["dog"]


def test_vectors_are_given_back_for_the_products_that_have_one(index: VectorIndex) -> None:
    rows = Letters().encode(["mug", "cup"])
    index.upsert(["m", "c"], rows)
    found = index.vectors(["c", "unknown", "c"])
    assert list(found) == ["c"]
    np.testing.assert_allclose(found["c"], rows[1], atol=1e-6)
    assert index.vectors([]) == {}


def test_vectors_are_those_of_now_after_a_change(index: VectorIndex) -> None:
    rows = Letters().encode(["mug", "cup"])
    index.upsert(["m", "c"], rows)
    assert set(index.vectors(["m", "c"])) == {"m", "c"}
    index.upsert(["m"], rows[1:])
    index.remove(["c"])
    found = index.vectors(["m", "c"])
    assert list(found) == ["m"]
    np.testing.assert_allclose(found["m"], rows[1], atol=1e-6)


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert index.count() == 0
    assert ids(index, "cab") == []
    index.upsert([], np.zeros((0, 26), dtype=np.float32))
    assert index.count() == 0


def test_more_rows_than_chroma_takes_at_once(index: VectorIndex) -> None:
    many = BATCH + 700
    rows = np.random.default_rng(0).normal(size=(many, 26)).astype(np.float32)
    index.upsert([f"p{i}" for i in range(many)], rows)
    assert index.count() == many
    assert index.search(rows[many - 1], 1)[0].id == f"p{many - 1}"
    assert len(index.vectors([f"p{i}" for i in range(many)])) == many
    index.remove([f"p{i}" for i in range(many)])
    assert index.count() == 0


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = open_vectors(ENCODER, tmp_path)
    fill(first, "cab", "dog")
    first.close()
    second = open_vectors(ENCODER, tmp_path)
    assert ids(second, "cab", limit=1) == ["cab"]
    second.close()


def test_another_encoder_gets_another_collection(tmp_path: Path) -> None:
    first, other = open_vectors(ENCODER, tmp_path), open_vectors(Letters("other letters"), tmp_path)
    fill(first, "cab")
    assert other.count() == 0
    first.close()
    other.close()
    assert collection_name(Letters("a/b")) != collection_name(Letters("a b"))
    assert collection_name(Letters(dimension=20)) != collection_name(Letters(dimension=26))


def test_a_server_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UnavailableError, match=url) as caught:
        open_vectors(ENCODER, tmp_path, url).count()
    assert "chroma run" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UnavailableError, match="vector store"):
        open_vectors(ENCODER, tmp_path / "file" / "chroma").count()


def test_the_embedded_text_leads_with_the_title() -> None:
    product = Product(
        id="1",
        title="Trail bottle",
        brand="Alder",
        categories=("Outdoor", "Bottles"),
        description="Keeps water cold. " * 200,
        price_range=PriceRange(),
        availability=Availability(available=True, status="in_stock"),
    )
    text = embedding_text(Stamped(product=product))
    assert text.startswith("Trail bottle. Alder. Bottles. Keeps water cold.")
    assert len(text) <= TEXT_LENGTH + 2
    wordy = product.model_copy(update={"title": "Trail bottle " * 40})
    assert "Keeps water cold" not in embedding_text(Stamped(product=wordy))
