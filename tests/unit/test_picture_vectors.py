"""Files of picture vectors: what is read of them, and what is refused as a whole."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import BadInputError
from retriever.feeds.feed import silent
from retriever.pictures.importing import usual_cosine
from retriever.pictures.reading import read_vectors

KNOWN = frozenset({"mug", "cup", "tent"})
GOOD = ['{"id": "mug", "vector": [3, 4]}', '{"id": "cup", "vector": [0.0, -2.5]}']


def read(path: Path) -> dict[str, list[float]]:
    with read_vectors(path, KNOWN, silent) as found:
        return {id: row.tolist() for id, row in zip(found.ids, found.rows, strict=True)}


def lines(folder: Path, *rows: str) -> Path:
    path = folder / "look.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_vectors_come_with_length_one_from_lines_plain_and_gzipped(tmp_path: Path) -> None:
    expected = {"mug": pytest.approx([0.6, 0.8]), "cup": pytest.approx([0, -1])}
    plain = lines(tmp_path, GOOD[0], "", GOOD[1])
    packed = tmp_path / "look.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read(plain) == expected
    assert read(packed) == expected


def test_vectors_come_from_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "look.npz", ids=np.array(["mug", "cup"]), vectors=np.array([[3, 4], [0, -2]], np.float16))

    assert read(tmp_path / "look.npz") == {"mug": pytest.approx([0.6, 0.8]), "cup": pytest.approx([0, -1])}


def test_numbers_too_large_to_be_squared_have_a_direction_too(tmp_path: Path) -> None:
    assert read(lines(tmp_path, '{"id": "mug", "vector": [3e300, 4e300]}')) == {"mug": pytest.approx([0.6, 0.8])}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('{"id": "lamp", "vector": [1, 2]}', r"line 3 \(lamp\): the shop has no such product"),
        ('{"id": "mug", "vector": [1, 2]}', r"line 3 \(mug\): line 1 has a vector for it already"),
        ('{"id": "tent", "vector": [1, 2, 3]}', r"line 3 \(tent\): 3 numbers, where line 1 has 2"),
        ('{"id": "tent", "vector": [0, 0.0]}', "all zeros"),
        ('{"id": "tent", "vector": [NaN, 1]}', "line 3: not JSON: NaN is not a JSON number"),
        ('{"id": "tent", "vector": [1e999, 1]}', "line 3: not JSON: the number 1e999 is too large"),
        ('{"id": "tent", "vector": []}', "the vector is empty"),
        ('{"id": "tent", "vector": ["1", "2"]}', "no list of numbers"),
        ('{"id": "tent", "vector": [true, false]}', "no list of numbers"),
        ('{"id": "tent", "vector": [null, 1]}', "no list of numbers"),
        ('{"id": "tent", "vector": [[1, 2]]}', "no list of numbers"),
        ('{"id": "tent", "vector": [[1], [1, 2]]}', "no list of numbers"),
        ('{"id": "tent", "vector": 7}', "no list of numbers"),
        ('{"id": "tent"}', "not one object with id and vector alone"),
        ('{"id": "tent", "vector": [1, 2], "model": "x"}', "not one object with id and vector alone"),
        ('{"id": 7, "vector": [1, 2]}', "line 3: it has no id, which is a text"),
        ("[1, 2]", "not one object with id and vector alone"),
        ('{"id": "tent", "vector": [1,', "line 3: not JSON"),
    ],
)
def test_one_bad_row_refuses_the_file_and_is_named_by_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(BadInputError, match=told) as refused:
        read(lines(tmp_path, *GOOD, row))
    assert refused.value.exit_code == 2
    assert "Nothing was imported" in refused.value.hint


def test_of_many_bad_rows_the_first_few_are_named_and_the_others_counted(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"^9 of the vectors .* line 5 .*; and 4 more"):
        read(lines(tmp_path, *(f'{{"id": "no-{n}", "vector": [1, 2]}}' for n in range(9))))


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInputError, match="holds no vector"):
        read(lines(tmp_path, text))


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"ids": ["mug"], "vectors": [[math.nan, 1]]}, r"line 1 \(mug\): the vector holds NaN or infinity"),
        ({"ids": ["mug"], "vectors": [[math.inf, 1]]}, "NaN or infinity"),
        ({"ids": ["mug", "cup"], "vectors": [[1, 2]]}, "one vector an id"),
        ({"ids": ["mug"], "vectors": [1, 2]}, "one vector an id"),
        ({"ids": [7], "vectors": [[1, 2]]}, "it has no id, which is a text"),
        ({"ids": ["mug"], "vectors": np.zeros((1, 0))}, "the vector is empty"),
        ({"ids": np.array([], np.str_), "vectors": np.zeros((0, 2))}, "holds no vector"),
        ({"names": ["mug"], "vectors": [[1, 2]]}, "ids"),
    ],
)
def test_arrays_are_held_against_the_same(tmp_path: Path, arrays: dict[str, object], told: str) -> None:
    np.savez(tmp_path / "look.npz", **{name: np.asarray(held) for name, held in arrays.items()})
    with pytest.raises(BadInputError, match=told):
        read(tmp_path / "look.npz")


@pytest.mark.parametrize("held", [b"", b"PK no archive", b"\x93NUMPY"])
def test_a_damaged_archive_is_refused(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "look.npz").write_bytes(held)
    with pytest.raises(BadInputError, match=r"cannot be read as \.npz"):
        read(tmp_path / "look.npz")


def test_objects_in_an_archive_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "look.npz", ids=np.array([{"a": 1}], dtype=object), vectors=np.ones((1, 2)))
    with pytest.raises(BadInputError, match="cannot be read"):
        read(tmp_path / "look.npz")


@pytest.mark.parametrize("name", ["none.jsonl", "none.npz"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError, match=f"There is no file .*{name}"):
        read(tmp_path / name)


@given(st.lists(st.lists(st.floats(-9, 9), min_size=3, max_size=3), min_size=2, max_size=9))
def test_the_usual_cosine_is_the_mean_over_all_pairs(rows: list[list[float]]) -> None:
    held = np.array([[1.0, *row] for row in rows], dtype=np.float32)
    held /= np.linalg.norm(held, axis=1, keepdims=True)
    pairs = [float(held[one] @ held[other]) for one in range(len(held)) for other in range(one)]

    assert usual_cosine(held) == pytest.approx(np.mean(pairs), abs=1e-4)


def test_a_single_picture_is_like_none(tmp_path: Path) -> None:
    assert usual_cosine(np.ones((1, 1), dtype=np.float32)) == 0.0
    assert json.loads(GOOD[0])["id"] in read(lines(tmp_path, GOOD[0]))
