"""What every cross-encoder promises, asked of PyTorch's and of the exported ones."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_bert import colour_groups, tiny_bert

from ranker.cross.export import export
from ranker.cross.network import TorchCrossEncoder, new_network
from ranker.cross.recipe import Recipe
from ranker.cross.scoring import CrossEncoder
from ranker.cross.serving import OnnxCrossEncoder

TEXTS = ["red mug", "a large steel chair for the garden", "", "中文 mug", "lamp " * 300]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A network as PyTorch saved it and as it was exported, in fp32 and in int8."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("cross")
    network = new_network(Recipe(base=str(tiny_bert(folder / "base")), max_tokens=24))
    network.merged().save(folder / "torch")
    groups = colour_groups(4)
    export(folder / "torch", folder / "fp32", groups, allowed=-1.0)
    export(folder / "torch", folder / "int8", groups, allowed=1.0)
    return {name: folder / name for name in ("torch", "fp32", "int8")}


@pytest.fixture(params=["torch", "fp32", "int8"])
def ranker(request: pytest.FixtureRequest, folders: dict[str, Path]) -> CrossEncoder:
    folder = folders[request.param]
    return TorchCrossEncoder.read(folder) if request.param == "torch" else OnnxCrossEncoder(folder, threads=1)


def test_one_finite_float32_a_text(ranker: CrossEncoder) -> None:
    scores = ranker.score("red mug", TEXTS)
    assert scores.dtype == np.float32
    assert scores.shape == (len(TEXTS),)
    assert np.isfinite(scores).all()


def test_no_texts_give_no_scores(ranker: CrossEncoder) -> None:
    assert ranker.score("red mug", []).shape == (0,)


def test_order_is_kept_though_pairs_are_batched_by_length(ranker: CrossEncoder) -> None:
    texts = [f"{'large ' * (place % 17)}mug {place % 9}" for place in range(70)]
    together = ranker.score("a mug", texts)
    alone = [float(ranker.score("a mug", [texts[place]])[0]) for place in (0, 16, 33, 69)]
    # int8 takes its range from the whole batch, so that neighbours move a score a little.
    assert [float(together[place]) for place in (0, 16, 33, 69)] == pytest.approx(alone, abs=0.02)


def test_a_query_longer_than_the_limit_is_cut(ranker: CrossEncoder) -> None:
    assert np.isfinite(ranker.score("mug " * 500, ["red mug"])).all()


def test_the_order_of_query_and_text_matters(ranker: CrossEncoder) -> None:
    assert ranker.score("red", ["garden chair"])[0] != ranker.score("garden chair", ["red"])[0]


def test_threads_get_their_own_answers(ranker: CrossEncoder) -> None:
    queries = ["red mug", "blue lamp", "green hose", "black pan"] * 4
    alone = [ranker.score(query, TEXTS).tolist() for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert [scores.tolist() for scores in pool.map(lambda query: ranker.score(query, TEXTS), queries)] == alone


def test_a_name_is_bound_to_what_is_in_the_folder(ranker: CrossEncoder, folders: dict[str, Path]) -> None:
    names = {OnnxCrossEncoder(folders["fp32"]).name, OnnxCrossEncoder(folders["int8"]).name}
    assert len(names) == 2
    assert ranker.name not in ("", "torch", "fp32", "int8")


def test_the_exported_scores_are_pytorchs(folders: dict[str, Path]) -> None:
    expected = TorchCrossEncoder.read(folders["torch"]).score("red mug", TEXTS)
    assert OnnxCrossEncoder(folders["fp32"]).score("red mug", TEXTS) == pytest.approx(expected, abs=1e-5)
    assert OnnxCrossEncoder(folders["int8"]).score("red mug", TEXTS) == pytest.approx(expected, abs=0.05)


def test_serving_loads_no_pytorch(folders: dict[str, Path]) -> None:
    code = (
        "import sys; from pathlib import Path; from ranker.cross.serving import OnnxCrossEncoder; "
        f"assert len(OnnxCrossEncoder(Path({str(folders['int8'])!r})).score('red mug', ['mug', 'lamp'])) == 2; "
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
