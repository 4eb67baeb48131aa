"""The measure of the hand-over from popularity to a person's own taste."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from benchmarks.cold_start import curves, main, quality
from eval.recommendation.data import read_log

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


def test_a_table_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(write_log(tmp_path)), "--most", "1", "--people", "5"]) == 0
    assert "known acts" in capsys.readouterr().out
