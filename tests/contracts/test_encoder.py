"""What every encoder promises, asked of the built-in model and of a folder holding a copy of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from ranker.bi.network import new_network
from ranker.bi.recipe import EncoderRecipe
from ranker.encoder import BUILT_IN, BUILT_IN_PACKAGE, Encoder, ModelMissingError, SentenceEncoder

ALIKE = 0.98  # cosine of a query's vector in int8 to the model's own


def model_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(str(resources.files(BUILT_IN_PACKAGE) / "model"), tmp_path / "minilm"))


@pytest.fixture(scope="module", params=["built-in", "folder", "graph"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    if request.param == "built-in":
        return SentenceEncoder()
    if request.param == "graph":
        return SentenceEncoder(graphs=tmp_path_factory.mktemp("graphs"))
    return SentenceEncoder(str(model_copy(tmp_path_factory.mktemp("model"))))


def test_vectors_are_float32_and_of_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode(["wireless earbuds", "a garden hose, 50 feet", ""])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, encoder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_order_is_kept_though_texts_are_batched_by_length(encoder: Encoder) -> None:
    texts = [f"product {'very ' * (i % 17)}number {i}" for i in range(70)]
    together = encoder.encode(texts)
    for i in (0, 16, 33, 69):
        assert together[i] @ encoder.encode([texts[i]])[0] > ALIKE


def test_like_texts_are_near(encoder: Encoder) -> None:
    query, near, far = encoder.encode(["bluetooth earphones", "wireless headphones", "cast iron skillet"])
    assert query @ near > query @ far + 0.3


def test_progress_rises_to_the_total(encoder: Encoder) -> None:
    heard: list[tuple[int, int]] = []
    encoder.encode([f"text {i}" for i in range(70)], progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (70, 70)
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_another_process_gives_the_same_vector() -> None:
    code = (
        "import sys; from ranker.encoder import SentenceEncoder; "
        "sys.stdout.write(SentenceEncoder().encode(['phone charger'])[0].tobytes().hex())"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_asking_for_name_and_dimension_loads_no_model() -> None:
    code = (
        "import sys; from ranker.encoder import SentenceEncoder; e = SentenceEncoder(); "
        "assert e.dimension == 384 and e.name; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_graph_gives_nearly_the_model_s_own_vectors_and_needs_no_pytorch(tmp_path: Path) -> None:
    queries = ["phone charger", "无线耳机", "", "women's running shoes size 8 without laces " * 30]
    plain, graphed = SentenceEncoder(), SentenceEncoder(graphs=tmp_path)
    graphed.encode(["the first text loads the model and makes the graph"])
    for query in queries:
        vector = graphed.encode([query])[0]
        assert vector @ plain.encode([query])[0] > ALIKE
        assert np.linalg.norm(vector) == pytest.approx(1)
    code = (
        "import sys; from pathlib import Path; from ranker.encoder import SentenceEncoder; "
        "sys.stdout.write(SentenceEncoder(graphs=Path(sys.argv[1])).encode(['phone charger'])[0].tobytes().hex()); "
        "assert 'torch' not in sys.modules"
    )
    told = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True, text=True)
    assert told.stdout == graphed.encode(["phone charger"])[0].tobytes().hex()


def test_a_graph_that_is_damaged_is_done_without(tmp_path: Path) -> None:
    SentenceEncoder(graphs=tmp_path).encode(["the graph is made"])
    (graph,) = tmp_path.glob("*/*.onnx")
    graph.write_bytes(b"no graph")
    assert SentenceEncoder(graphs=tmp_path).encode(["phone charger"])[0] == pytest.approx(
        SentenceEncoder().encode(["phone charger"])[0], abs=1e-5
    )


def test_a_changed_folder_is_another_encoder(tmp_path: Path) -> None:
    folder = model_copy(tmp_path)
    before = SentenceEncoder(str(folder)).name
    assert SentenceEncoder(str(folder)).name == before
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        last = weights.read(1)
        weights.seek(-1, 2)
        weights.write(bytes([last[0] ^ 1]))
    assert SentenceEncoder(str(folder)).name != before


def test_the_cut_is_part_of_the_name() -> None:
    assert SentenceEncoder(max_tokens=64).name != SentenceEncoder(max_tokens=128).name


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="nowhere"):
        SentenceEncoder(str(tmp_path / "nowhere")).encode(["text"])


@pytest.mark.parametrize("model", ["", BUILT_IN])
def test_the_built_in_ones_have_a_measured_floor(model: str) -> None:
    texts = ["wireless earbuds", "bluetooth headphones", "cast iron skillet"]
    encoder = SentenceEncoder(model)
    query, near, far = encoder.encode(texts)
    assert query @ far < encoder.floor < query @ near
    assert SentenceEncoder("some/model").floor == -1.0


def test_the_built_in_is_tuned_to_shops_and_can_be_had_as_it_is() -> None:
    texts = ["size 10 wide running shoes", "Mens Road Running Shoe, 2E, grey, 10", "Shoe polish, black, 50 ml"]
    tuned, plain = SentenceEncoder(), SentenceEncoder(BUILT_IN)
    assert tuned.name.split("-")[0] != plain.name.split("-")[0]
    said, as_it_is = tuned.encode(texts), plain.encode(texts)
    assert said[0] @ said[1] > said[0] @ said[2]
    assert np.abs(said - as_it_is).max() > 1e-3


def test_tuning_goes_on_from_the_tuned_one() -> None:
    texts = ["a usb charger", "two mugs"]
    assert new_network(EncoderRecipe(dropout=0.0)).encode(texts) == pytest.approx(
        SentenceEncoder().encode(texts), abs=1e-5
    )


def test_the_built_in_says_that_it_knows_english_only() -> None:
    assert SentenceEncoder().languages == frozenset({"en"})
    assert SentenceEncoder("some/model").languages is None
