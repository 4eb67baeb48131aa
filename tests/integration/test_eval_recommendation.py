"""``shopwise eval recommendation`` and ``shopwise eval ope`` as a person runs them, on small made-up data."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retriever.errors import BadInputError
from ui.cli.app import app

ITEMS = [f"i{number}" for number in range(24)]
QUICK = ["--models", "popularity,item-item,recent,frequency,recent-frequency", "--no-vectors"]


@pytest.fixture
def sequences(tmp_path: Path) -> Path:
    """People who each keep to one of two halves of the shop, in the order of the shop."""
    rng = random.Random(0)
    lines: list[str] = []
    for person in range(60):
        half = ITEMS[:12] if person % 2 else ITEMS[12:]
        lines.append(" ".join([f"p{person}", *rng.sample(half, rng.randint(4, 9))]))
    (tmp_path / "made_sequences.txt").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.fixture
def journey(tmp_path: Path) -> Path:
    """Households that each buy the same three products week after week."""
    head = "household_id,basket_id,product_id,week,transaction_timestamp"
    rows: list[str] = []
    for household in range(30):
        for week in range(1, 54):
            at = f"2017-{1 + (week - 1) // 5:02d}-{1 + (week - 1) % 5 * 5:02d} 10:00:00"
            rows += [
                f"{household},{household * 100 + week},{(household * 3 + own) % 40},{week},{at}" for own in range(3)
            ]
    (tmp_path / "transactions.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    goods = [f"{product},kind {product % 5},GROCERY" for product in range(40)]
    (tmp_path / "products.csv").write_text(
        "\n".join(["product_id,product_category,department", *goods]), encoding="utf-8"
    )
    return tmp_path


def run(*words: str) -> dict[str, Any]:
    ended = CliRunner().invoke(app, ["eval", "recommendation", "--json", *words], catch_exceptions=False)
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)


def standings(trial: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in trial["models"]}


def test_sequences_leave_one_out_and_held_out(sequences: Path) -> None:
    page = sequences / "page.html"
    found = run("--data", str(sequences), *QUICK, "--html", str(page))
    assert (found["data"], found["people"], found["items"]) == ("made", 60, 24)
    assert [trial["name"] for trial in found["trials"]] == [
        "next item",
        "unseen items",
        "unseen people",
        "seen people and items",
    ]
    first = standings(found["trials"][0])
    assert (
        first["item-item"]["groups"]["all"]["ndcg@10"]["mean"] > first["popularity"]["groups"]["all"]["ndcg@10"]["mean"]
    )
    assert "order" in first["recent"]["skipped"]
    assert "already" in first["frequency"]["skipped"]
    assert 0 < first["item-item"]["lists"]["coverage"] <= 1
    assert sum(count for name, count in found["trials"][0]["groups"].items() if name != "all") == 60
    assert any("cannot be shuffled" in note for note in found["notes"])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == 2 * len(found["trials"])
    assert "http" not in text.replace("http-equiv", "")


def test_the_journey_is_split_at_its_week_and_what_one_bought_is_hard_to_beat(journey: Path) -> None:
    found = run("--data", str(journey), *QUICK, "--cold", "0")
    trial = found["trials"][0]
    assert (trial["name"], trial["repeats"], trial["baseline"]) == ("later purchases", True, "frequency")
    held = standings(trial)
    for name in ("frequency", "recent-frequency"):
        assert held[name]["groups"]["all"]["ndcg@10"]["mean"] == pytest.approx(1)
        assert held[name]["groups"]["all"]["precision@10"]["mean"] == pytest.approx(0.3)
    assert held["popularity"]["groups"]["all"]["ndcg@10"]["mean"] < 0.9
    assert trial["differences"]["popularity"]["ndcg@10"]["high"] < 0
    assert "diversity@10" in held["frequency"]["groups"]["all"]  # by category


def test_events_are_split_by_their_times(tmp_path: Path) -> None:
    events = [{"person": f"p{n % 9}", "item": f"i{n * n % 13}", "at": 1_000.0 + n} for n in range(200)]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    first, again = (run("--data", str(tmp_path), *QUICK, "--limit", "5", "--seed", "3") for _ in range(2))
    assert first["trials"][0]["groups"]["all"] == 5
    for one, other in zip(first["trials"], again["trials"], strict=True):
        assert [model["groups"] for model in one["models"]] == [model["groups"] for model in other["models"]]


def test_the_report_for_people_names_trials_and_who_was_left_out(sequences: Path) -> None:
    ended = CliRunner().invoke(app, ["eval", "recommendation", "--data", str(sequences), *QUICK])
    assert ended.exit_code == 0, ended.output
    assert "next item" in ended.stdout
    assert "ndcg@10 minus popularity" in ended.stdout
    assert "left out: recent" in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data", "no-such-folder"], "no folder"),
        (["--data", ".", "--models", "clairvoyance"], "no model clairvoyance"),
        (["--data", ".", "--part", "training"], "no part training"),
        (["--data", ".", "--html", "no-such-folder/page.html"], "no folder"),
    ],
)
def test_wrong_words_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        CliRunner().invoke(app, ["eval", "recommendation", *words], catch_exceptions=False)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("events.jsonl", '{"person": "ann", "item": "a"}', "line 1"),
        ("events.jsonl", "", "no events"),
        ("made_sequences.txt", "ann a b\nann c", "line 2"),
        ("made_sequences.txt", "", "empty"),
        ("other.txt", "ann a b", "no behaviour data"),
    ],
)
def test_wrong_data_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=said):
        CliRunner().invoke(app, ["eval", "recommendation", "--data", str(tmp_path)], catch_exceptions=False)


def test_off_policy_estimates_from_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    lines = [
        {"chosen": "ab"[n % 2], "propensity": 0.5, "reward": n % 2, "target": {"a": 0.1, "b": 0.9}} for n in range(400)
    ]
    log.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    words = ["eval", "ope", "--log", str(log), "--resamples", "200"]
    found = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    assert found["estimates"]["ips"]["value"]["mean"] == pytest.approx(0.9)
    assert found["estimates"]["ips"]["gain"]["mean"] == pytest.approx(0.4)
    shown = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "doubly robust" in shown
