"""A whole run of tuning an encoder: what it leaves, when the result is refused, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_bert import colour_groups, tiny_bert

from ranker.bi.judging import Recall
from ranker.bi.recipe import EncoderRecipe
from ranker.bi.run import Found, Lessons, Outcome, Plan, Shop, among, tune, worse_in
from ranker.encoder import Encoder, ModelMissingError, SentenceEncoder, Vectors
from ranker.groups import Group, TrainingDataError
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.supervision.embedded import embedded_groups

TAUGHT = colour_groups(40, seed=3)
HELD_OUT = [group for group in colour_groups(20, seed=4) if group.query not in {each.query for each in TAUGHT[:25]}]
LESSONS = Lessons([group for group in TAUGHT if group.query not in {each.query for each in HELD_OUT}], HELD_OUT)
PRODUCTS = {id: text for group in HELD_OUT for id, text in zip(group.ids, group.texts, strict=True)}


class Oracle:
    """Puts every text as near to a query as it answers it."""

    name, languages, floor = "oracle", None, -1.0
    queries = tuple(dict.fromkeys(group.query for group in HELD_OUT))
    dimension = len(queries) + 1

    def encode(self, texts: Sequence[str], progress: object = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        vectors[:, -1] = 1e-3
        for row, text in enumerate(texts):
            for place, query in enumerate(self.queries):
                known = [dict(zip(group.texts, group.gains, strict=True)) for group in HELD_OUT if group.query == query]
                vectors[row, place] = max(float(text == query), *(gains.get(text, 0.0) for gains in known))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Broken(Oracle):
    def encode(self, texts: Sequence[str], progress: object = None) -> Vectors:
        raise ModelMissingError("no such model")


def shop(in_use: Encoder) -> Shop:
    return Shop(in_use, PRODUCTS, lambda encoder, texts: encoder.encode(texts))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    torch.set_num_threads(1)
    base = tiny_bert(tmp_path_factory.mktemp("tiny"))
    recipe = EncoderRecipe(base=str(base), max_tokens=24, epochs=2, groups=6, rate=3e-3)
    return Plan(recipe, tensorboard=False)


def run(folder: Path, plan: Plan, in_use: Encoder) -> Outcome:
    return tune(folder, lambda: LESSONS, plan, shop(in_use), lambda *_: None)


def test_a_better_encoder_is_kept_with_card_curves_and_figures(tmp_path: Path, plan: Plan) -> None:
    outcome = run(tmp_path / "run-1", plan, SentenceEncoder(plan.recipe.base))
    assert outcome.kept
    assert outcome.before is not None
    assert outcome.found.ndcg > outcome.before.ndcg
    assert outcome.found.recall is not None
    assert outcome.found.recall.products == outcome.products == len(PRODUCTS)
    assert SentenceEncoder(str(outcome.encoder)).encode(["red mug"]).shape == (1, 32)
    assert json.loads((outcome.encoder / "encoder.json").read_text()) == {
        "languages": None,
        "floor": -1.0,
    }  # its base's
    card = (outcome.encoder / "README.md").read_text()
    assert f"| this encoder | {outcome.found.ndcg:.4f} | {outcome.found.recall.mean:.4f} |" in card
    assert (tmp_path / "run-1" / "curves.svg").read_text().startswith("<?xml")
    written = json.loads((tmp_path / "run-1" / "outcome.json").read_text())
    assert written == json.loads(json.dumps(outcome.json_dict()))


def test_a_tuned_encoder_says_its_languages_and_where_nonsense_begins(tmp_path: Path, plan: Plan) -> None:
    outcome = run(tmp_path / "run-1", plan, SentenceEncoder(plan.recipe.base))
    plain = SentenceEncoder(str(outcome.encoder))
    assert (plain.languages, plain.floor) == (None, -1.0)
    name = plain.name
    (outcome.encoder / "encoder.json").write_text('{"languages": ["en"], "floor": 0.41}')
    told = SentenceEncoder(str(outcome.encoder))
    assert (told.languages, told.floor) == (frozenset({"en"}), 0.41)
    assert told.name != name
    (outcome.encoder / "encoder.json").write_text("[1")
    with pytest.raises(ModelMissingError, match=r"encoder\.json cannot be read"):
        _ = SentenceEncoder(str(outcome.encoder)).floor


def test_a_worse_encoder_is_put_aside_unless_forced(tmp_path: Path, plan: Plan) -> None:
    untaught = replace(plan, recipe=replace(plan.recipe, rate=1e-9, epochs=1))
    refused = run(tmp_path / "run-1", untaught, Oracle())
    assert not refused.kept
    assert "nDCG@10 falls from 1.0000" in refused.worse[0]
    assert not (tmp_path / "run-1" / "model").exists()
    assert (refused.encoder / "modules.json").exists()
    forced = run(tmp_path / "run-1", replace(untaught, force=True), Oracle())
    assert forced.kept
    assert (tmp_path / "run-1" / "model" / "modules.json").exists()


def test_an_encoder_in_use_that_does_not_work_need_not_be_beaten(tmp_path: Path, plan: Plan) -> None:
    outcome = run(tmp_path / "run-1", replace(plan, among=0), Broken())
    assert (outcome.kept, outcome.before, outcome.fault) == (True, None, "no such model")
    assert outcome.found.recall is None
    assert "| the encoder in use before | does not work |" in (outcome.encoder / "README.md").read_text()


def test_an_interrupted_run_goes_on_with_what_it_had_gathered(tmp_path: Path, plan: Plan) -> None:
    class KilledError(Exception):
        pass

    def killed(what: str, done: int, total: int) -> None:
        if what == "training" and done == 3:
            raise KilledError

    def never() -> Lessons:
        raise AssertionError

    with pytest.raises(KilledError):
        tune(tmp_path, lambda: LESSONS, plan, shop(Broken()), killed)
    assert Plan.read(tmp_path) == plan
    assert tune(tmp_path, never, plan, shop(Broken()), lambda *_: None).kept


def test_held_out_queries_must_not_be_taught(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(TrainingDataError, match="held-out query"):
        tune(tmp_path, lambda: Lessons(TAUGHT, TAUGHT[:3]), plan, shop(Broken()), lambda *_: None)


def test_worse_in_either_figure_is_worse() -> None:
    old = Found(0.5, Recall(0.8, 9, 100))
    assert worse_in(Found(0.5, Recall(0.8, 9, 100)), old) == ()
    assert worse_in(Found(0.6, Recall(0.7, 9, 100)), old) == ("Recall@50 falls from 0.8000 to 0.7000",)
    assert worse_in(Found(0.4, None), old) == ("nDCG@10 falls from 0.5000 to 0.4000",)
    assert worse_in(Found(0.1, None), None) == ()


def test_a_large_shop_is_looked_through_in_part_with_all_that_is_judged() -> None:
    products = {str(number): "text" for number in range(100)}
    groups = [Group("mug", ("7", "9", "gone"), ("a", "b", "c"), (1.0, 0.0, 1.0))]
    drawn = among(products, groups, 20, seed=1)
    assert len(drawn) == 20
    assert {"7", "9"} <= drawn.keys()
    assert drawn != among(products, groups, 20, seed=2)
    assert among(products, groups, 200, seed=1) == products
    assert among(products, groups, 0, seed=1) == {}


class TwoProducts:
    def all_ids(self) -> list[str]:
        return ["p1", "p2"]

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        here = Availability(available=True, status="in_stock")
        made = [
            Product(id=id, title=f"Mug {id}", brand="Steel", price_range=PriceRange(), availability=here) for id in ids
        ]
        return [Stamped(product=product, texts={}) for product in made if product.id in self.all_ids()]


def test_groups_get_the_words_that_the_index_embeds() -> None:
    read = [
        Group("mug", ("p1", "gone", "p2"), ("x", "y", "z"), (1.0, 0.5, 0.0), (1.0, 2.0, 3.0), "clicks"),
        Group("cup", ("gone",), ("y",), (1.0,)),
    ]
    assert embedded_groups(read, TwoProducts()) == [
        Group("mug", ("p1", "p2"), ("Mug p1. Steel", "Mug p2. Steel"), (1.0, 0.0), (1.0, 3.0), "clicks")
    ]
