"""The benchmarks' own parts: what they skip and what they make up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from benchmarks.latency import throughput
from benchmarks.run import main
from benchmarks.shops import EnlargedFeed, NoisyVectors
from retriever.feeds.rows import ProductRow


class Fixed:
    """An encoder that says everything is the same."""

    name = "fixed"
    dimension = 8
    languages = None
    floor = 0.0

    def encode(self, texts: list[str], progress: object = None) -> np.ndarray:
        return np.ones((len(texts), 8), dtype=np.float32) / np.sqrt(8)


def test_what_lacks_its_data_is_skipped_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "retrieval,latency", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "skipped: retrieval" in said
    assert "skipped: latency" in said


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--only", "cooking"])
    assert caught.value.code == 2
    assert "cooking" in capsys.readouterr().err


def test_the_enlarged_shop_is_the_same_every_time_and_has_no_product_twice() -> None:
    rows = [
        ProductRow(id="a", title="Steel water bottle", price=Decimal(20)),
        ProductRow(id="b", title="Desk lamp", price=None),
    ]
    products, again = (list(EnlargedFeed(rows, 50).products()) for _ in range(2))
    assert products == again
    assert len({row.id for row in products}) == 50
    assert len({row.title for row in products}) > 2
    assert all((row.price is None) == row.id.startswith("b-") for row in products)


def test_made_up_vectors_are_near_their_originals() -> None:
    encoder = Fixed()
    base = encoder.encode(["x"])
    vectors = NoisyVectors(encoder, base).encode(["one", "two", "three"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (vectors @ base[0] > 0.8).all()
    assert not np.allclose(vectors[0], vectors[1])


def test_sizes_are_numbers_of_products(capsys: pytest.CaptureFixture[str]) -> None:
    for sizes in ("many", "0,100", ""):
        with pytest.raises(SystemExit) as caught:
            main(["--sizes", sizes])
        assert caught.value.code == 2
    assert "--sizes" in capsys.readouterr().err


def test_throughput_asks_every_query_once_however_many_threads_share_them() -> None:
    asked: list[str] = []
    queries = [f"query {n}" for n in range(7)]
    for threads in (1, 2):
        assert throughput(asked.append, queries, threads) > 0
    assert sorted(asked) == sorted(queries * 2)
