"""The measure of recommendations' speed: made-up people, jobs in processes of their own, and the tables."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, insert, select

from benchmarks import asking, lessons, recommending
from benchmarks.apart import Limits, apart
from benchmarks.shoppers import DAY, DAYS, customer, made_up, settle, settled
from retriever.database import Database
from retriever.feeds.feed import silent
from retriever.interactions.histories import recorded_history
from retriever.interactions.log import KINDS
from retriever.records import EventRecord, ProductRecord

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
CATEGORY = np.repeat(np.arange(20), 50)
ROOMY = Limits(seconds=120, megabytes=4_000)
SHOP: dict[str, Any] = {
    "items": 1_000,
    "people": 50,
    "events": 2_500,
    "kinds": {},
    "first": {"seconds": 2.0, "processor_seconds": 1.5},
    "parts": {"crowd": {"seconds": 1.0, "processor_seconds": 0.5}},
}


def test_made_up_people_have_favourites_and_some_goods_are_wanted_far_more() -> None:
    acts = made_up(CATEGORY, 200, 20_000, now=NOW)
    per_kind = np.bincount(acts.kind, minlength=len(KINDS))
    busiest = np.bincount(acts.person[acts.person >= 0]).argmax()
    categories = np.sort(np.bincount(CATEGORY[acts.row[acts.person == busiest]], minlength=20))
    wanted = np.sort(np.bincount(acts.row, minlength=len(CATEGORY)))

    assert abs(len(acts) - 20_000) < 1_000
    assert per_kind[0] > per_kind[1] > per_kind[2] > per_kind[3] > 0, "each step is taken by fewer"
    assert categories[-3:].sum() > 0.75 * categories.sum()
    assert wanted[-100:].sum() > 0.3 * wanted.sum(), "a tenth of the goods has a third of the acts"
    assert (np.diff(acts.at) >= 0).all()
    assert NOW - (DAYS + 1) * DAY < acts.at.min() <= acts.at.max() < NOW
    assert made_up(CATEGORY, 200, 20_000, now=NOW).row.tolist() == acts.row.tolist()


def test_a_history_is_one_persons_acts_in_order() -> None:
    acts = made_up(CATEGORY, 20, 500, now=NOW)
    ids = [f"p{number}" for number in range(len(CATEGORY))]
    histories = acts.histories(ids, 20)

    assert sum(map(len, histories)) == int((acts.person >= 0).sum())
    assert all(one.at <= other.at for history in histories for one, other in pairwise(history))


def test_events_on_record_take_the_place_of_those_before(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    database.migrate()
    ids = [f"p{number}" for number in range(len(CATEGORY))]
    with database.transaction() as session:
        session.execute(insert(ProductRecord), [_product(id) for id in ids])
    settle(database, ids, made_up(CATEGORY, 20, 800, now=NOW, seed=1), now=NOW)

    acts = made_up(CATEGORY, 20, 500, now=NOW)
    settle(database, ids, acts, now=NOW)

    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(EventRecord)) == settled(database) == len(acts)
        assert session.scalar(select(func.count()).where(ProductRecord.published_at.is_(None))) == 0
    person = int(acts.person.max())
    held = {event.item for event in recorded_history(database, customer(person), now=NOW)}
    assert held == {ids[row] for row in acts.row[acts.person == person].tolist()}
    database.close()


def _product(id: str) -> dict[str, object]:
    return {
        "id": id, "feed": "bench", "content_hash": "", "title": id, "categories": [], "attributes": {}, "texts": {},
        "related": {}, "images": [], "available": True, "status": "in_stock", "currency": "USD", "position": 0,
    }  # fmt: skip


def test_a_model_is_trained_in_a_process_of_its_own() -> None:
    heard: list[str] = []
    ended = apart(lessons.Lesson("popularity", 40, 20, 400), ROOMY, lambda stage, *_: heard.append(stage))

    assert ended.why == ""
    assert set(ended.result) == {"seconds", "processor_seconds", "megabytes", "score_ms", "score_processor_ms"}
    assert "popularity: counting" in heard
    assert ended.megabytes > 0


@pytest.mark.parametrize(
    ("limits", "why"),
    [(Limits(seconds=0.2, megabytes=4_000), "ended after"), (Limits(seconds=60, megabytes=1), "ended at")],
)
def test_what_takes_too_much_is_ended(limits: Limits, why: str) -> None:
    ended = apart(partial(_sleeps, 60), limits, silent)

    assert ended.result is None
    assert ended.why.startswith(why)


def test_a_job_that_fails_says_why() -> None:
    ended = apart(lessons.Lesson("no such model", 40, 20, 400), ROOMY, silent)

    assert ended.result is None
    assert "no such model" in ended.why


def _sleeps(seconds: float, _progress: object) -> None:
    time.sleep(seconds)


def test_ratios_are_to_the_library_at_the_same_size() -> None:
    small = {"items": 10, "people": 5, "why": ""}
    figures = {"seconds": 3.0, "processor_seconds": 2.0, "megabytes": 9, "score_ms": 1.0, "score_processor_ms": 1.0}
    rows = [
        small | figures | {"model": "implicit"},
        small | figures | {"model": "als", "processor_seconds": 5.0, "score_processor_ms": 0.5},
        small | figures | {"model": "ease", "items": 99},
        {"items": 99, "people": 5, "model": "sequence", "why": "ended at 8,000 MB"},
    ]
    told = lessons.lines(rows)

    assert all(len(line) == len(lessons.HEADINGS) for line in told)
    assert [line[8:10] for line in told] == [["1.00", "1.00"], ["2.50", "0.50"], ["", ""], ["", ""]]
    assert told[3][-1] == "ended at 8,000 MB"


def test_tables_have_a_row_a_kind_of_request_and_one_a_part_that_is_read() -> None:
    figures = {f"{prefix}p{each}_ms": 1.0 for prefix in ("", "cpu_") for each in asking.PERCENTILES} | {"shown": 10.0}
    shop = SHOP | {"kinds": {"similar": figures}, "beside": {"beside a count": figures}}

    asked, built = asking.lines([shop]), asking.built_lines([shop])

    assert [line[2] for line in asked] == ["similar", "all, beside a count"]
    assert all(len(line) == len(asking.HEADINGS) for line in asked)
    assert built[1] == ["1,000", "50", "2,500", "reading the crowd", "1.0", "0.5"]


def test_shops_of_several_sizes_are_columns_of_one_table() -> None:
    figures = {"p95_ms": 20.0, "cpu_p95_ms": 15.0}
    shops = [SHOP | {"items": items, "kinds": {"similar": figures}} for items in (1_000, 10_000)]

    headings, rows = asking.scaling(shops)

    assert headings == ["what", "1,000 x 50", "10,000 x 50"]
    assert rows == [["similar", "20.0 (15.0)", "20.0 (15.0)"]]


def test_the_command_trains_shows_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "figures.json"
    asked = ["--only", "training", "--lessons", "40x20", "--models", "popularity", "--json", str(kept)]

    assert recommending.main(asked) == 0

    assert "popularity" in capsys.readouterr().out
    assert json.loads(kept.read_text(encoding="utf-8"))["training"][0]["seconds"] >= 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--models", "magic", "--only", "training"], "there is no magic; there are implicit"),
        (["--only", "everything"], "requests, training"),
        (["--only", "requests"], "--data DIR"),
        (["--lessons", "10"], "--lessons"),
    ],
)
def test_what_is_asked_wrongly_is_said_with_what_there_is(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        recommending.main(words)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err
