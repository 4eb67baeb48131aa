"""The measure of the hand-over from popularity to a person's own taste."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cold_start import ALL, LISTS, curves, differences, draw, main, quality, to_last_new
from eval.recommendation.data import read_log
from retriever.errors import BadInputError

DAY = 86_400.0
CAMPS = ["tent", "stove", "lamp", "mat"], ["beans", "filter", "mill", "cup"]


def write_log(folder: Path) -> Path:
    """People of two camps, of whom each takes the camp's goods in a row; the second camp is the larger one."""
    lines: list[str] = []
    for person in range(90):
        camp = CAMPS[person % 3 > 0]
        turned = camp[person % 4 :] + camp[: person % 4]
        lines += [
            # A fifth of all acts, the last two of some people, come after the split.
            json.dumps({"person": f"p{person}", "item": item, "at": DAY * (at + 20 * (person >= 54 and at > 1))})
            for at, item in enumerate(turned)
        ]
    (folder / "events.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_the_quality_of_a_list() -> None:
    assert quality(["a", "b", "c"], ["b"]).tolist() == [1.0, 1 / math.log2(3)]
    assert quality(["a", "b"], ["b", "a"]).tolist() == [1.0, 1.0]
    assert quality(["a"], ["z"]).tolist() == [0.0, 0.0]


def test_what_is_known_of_a_person_takes_the_list_over(tmp_path: Path) -> None:
    log = read_log(str(write_log(tmp_path)))
    found = curves(log, people=50, model="", seed=0, say=lambda what, done, total: None, known=(0, 1, 2))

    nobody, somebody = found[0], found[2]
    assert nobody["personal"].sum() == 0
    assert somebody["blended"][:, 1].mean() > nobody["blended"][:, 1].mean()
    assert somebody["blended"][:, 1].mean() > somebody["popularity"][:, 1].mean()
    assert len({len(rows) for lists in found.values() for rows in lists.values()}) == 1


def test_all_acts_are_known_at_the_end_and_differences_are_of_the_same_people(tmp_path: Path) -> None:
    log = read_log(str(write_log(tmp_path)))
    found = curves(log, people=50, model="", seed=0, say=lambda what, done, total: None, known=(0, 1, ALL))

    compared = differences(found)
    assert list(compared) == [0, 1, ALL]
    assert compared[0][1].mean == 0, "there is nothing before no act"
    above, step = compared[ALL]
    assert above.mean == pytest.approx((found[ALL]["blended"] - found[ALL]["popularity"])[:, 1].mean())
    assert step.mean == pytest.approx((found[ALL]["blended"] - found[1]["blended"])[:, 1].mean())
    assert above.low <= above.mean <= above.high


def test_the_curves_are_drawn(tmp_path: Path) -> None:
    found = {count: {name: np.full((4, 2), 0.1) for name in LISTS} for count in (0, 1, ALL)}

    drawn = draw(found, "a shop", tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert "<svg" in drawn


def test_a_shops_histories_end_with_what_was_new(tmp_path: Path) -> None:
    acts = [{"person": "p", "item": item, "at": float(at)} for at, item in enumerate("abacbcd")]
    acts += [{"person": "q", "item": "a", "at": 0.0}, {"person": "q", "item": "a", "at": 1.0}]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, acts)), encoding="utf-8")
    log = read_log(str(tmp_path))

    ends = {part: to_last_new(log, part).people for part in ("test", "validation")}
    assert {part: "".join(event.item for event in people["p"]) for part, people in ends.items()} == {
        "test": "abacbcd",
        "validation": "abac",
    }
    assert "q" not in ends["test"], "who never turned to something new cannot be asked"


def test_what_is_taken_again_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    habits = [
        # Bread every fifth time, and something else between; it is due when the last fifth begins, after the split.
        {"person": f"p{person}", "item": "bread" if act % 5 == 1 else f"other{(person + act) % 7}", "at": DAY * act}
        for person in range(20)
        for act in range(20)
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, habits)), encoding="utf-8")
    log = read_log(str(tmp_path))
    found = curves(log, people=20, model="", seed=0, say=lambda what, done, total: None, known=(0, 15), repeats=True)

    assert found[15]["personal"].mean() == 0, "all that there is was taken before"
    assert found[15]["blended"][:, 0].mean() == 1, "but bread is due"


def test_what_is_taken_again_is_not_asked_of_data_that_leaves_out_the_last_act(tmp_path: Path) -> None:
    (tmp_path / "user_sequence.txt").write_text("1 a b c\n2 a b c\n", encoding="utf-8")

    with pytest.raises(BadInputError, match="again"):
        main(["--data", str(tmp_path), "--repeats", "--most", "1"])


def test_a_table_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(write_log(tmp_path)), "--most", "1", "--people", "5"]) == 0
    assert "known acts" in capsys.readouterr().out
