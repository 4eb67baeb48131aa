"""The cache of vectors."""

from __future__ import annotations

import numpy as np
import pytest
from import_fakes import HashEncoder

from retriever.errors import UnavailableError
from retriever.indexing import EmbeddingCache


def test_a_text_is_encoded_once_for_every_cache_on_the_folder(tmp_path):
    encoder = HashEncoder()
    first = EmbeddingCache(tmp_path).vectors(encoder, ["a", "b", "a"])
    again = EmbeddingCache(tmp_path).vectors(encoder, ["c", "a", "b"])
    assert encoder.encoded == ["a", "b", "c"]
    np.testing.assert_array_equal(first, again[[1, 2, 1]])


def test_another_encoder_makes_its_own_vectors(tmp_path):
    cache, other = EmbeddingCache(tmp_path), HashEncoder("other")
    cache.vectors(HashEncoder(), ["a"])
    cache.vectors(other, ["a"])
    assert other.encoded == ["a"]


def test_more_texts_than_one_query_holds_keep_their_order(tmp_path):
    encoder, texts = HashEncoder(), [f"text {n}" for n in range(1_000)]
    np.testing.assert_array_equal(EmbeddingCache(tmp_path).vectors(encoder, texts), HashEncoder().encode(texts))
    np.testing.assert_array_equal(
        EmbeddingCache(tmp_path).vectors(encoder, texts[::-1]), HashEncoder().encode(texts)[::-1]
    )
    assert len(encoder.encoded) == 1_000


def test_no_text_is_no_vector(tmp_path):
    assert EmbeddingCache(tmp_path).vectors(HashEncoder(), []).shape == (0, 16)


@pytest.mark.parametrize("damage", ["file", "folder"])
def test_a_cache_that_cannot_be_used_says_so(tmp_path, damage):
    if damage == "file":
        (tmp_path / "embeddings.sqlite").write_bytes(b"no database at all" * 100)
        folder = tmp_path
    else:
        (tmp_path / "taken").write_text("")
        folder = tmp_path / "taken"
    with pytest.raises(UnavailableError, match="cache of vectors") as caught:
        EmbeddingCache(folder).vectors(HashEncoder(), ["a"])
    assert "may be deleted" in caught.value.hint
