"""The rules' file: what is wrong is said with its line, and the last good rules stay in force."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retriever.errors import BadInputError
from retriever.recommending.listing.belonging import Applies
from retriever.recommending.listing.rules_file import NAME, Boost, RuleBook, RulesFile, Sponsor, kept_rules, parse

GOOD = """
[lists]
sponsored = 2
long_tail = 0.3

[[rules]]
name = "Tents first"
kind = "boost"
category = "Tents"
factor = 1.5
goals = ["personal", "popular"]
surfaces = ["page"]
from = 2026-03-01
until = 2026-03-31

[[rules]]
name = "Lamps of Glow"
kind = "sponsor"
ids = ["lamp-2", "lamp-1"]
place = 3
payer = "Glow Ltd"
until = 2026-04-01T12:00:00+02:00
"""


def test_a_file_says_what_holds_for_lists_and_for_goods() -> None:
    book = parse(GOOD)
    tents, lamps = book.rules

    assert (book.lists.sponsored, book.lists.long_tail, book.lists.per_brand) == (2, 0.3, 4)
    assert isinstance(tents, Boost)
    assert tents.applies == Applies(categories=("Tents",))
    assert isinstance(lamps, Sponsor)
    assert lamps.applies == Applies(ids=("lamp-2", "lamp-1"))


@pytest.mark.parametrize(
    ("goal", "surface", "at", "holds"),
    [
        (None, "page", "2026-03-01T00:00:00", True),
        ("personal", "page", "2026-03-31T23:59:59", True),
        ("personal", "page", "2026-04-01T00:00:00", False),
        ("personal", "page", "2026-02-28T23:59:59", False),
        ("similar", "page", "2026-03-10T00:00:00", False),
        (None, "chat", "2026-03-10T00:00:00", False),
    ],
)
def test_a_rule_holds_where_and_when_it_says(goal: str | None, surface: str, at: str, holds: bool) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()

    assert parse(GOOD).rules[0].holds(goal, surface, moment) is holds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("factor = 1.5", "factor = 0.5", 10, "factor: Input should be greater than 1"),
        ("factor = 1.5", "factor = 1.5.5", 10, "Expected newline"),
        ("factor = 1.5", "faktor = 1.5", 10, "faktor: Extra inputs are not permitted"),
        ('kind = "boost"', 'kind = "push"', 6, "'push'"),
        ('category = "Tents"', "", 6, "say what it applies to"),
        ('["personal", "popular"]', '["everything"]', 11, "goals.0: Input should be 'personal'"),
        ("until = 2026-03-31", "until = 2026-02-01", 6, "it ends before it begins"),
        ("until = 2026-03-31", "until = 2026-03-31T10:00:00", 14, "until: Input should have timezone info"),
        ("place = 3", "", 16, "place: Field required"),
        ("place = 3", "place = 0", 20, "place: Input should be greater than or equal to 1"),
        ('"Lamps of Glow"', '"Tents first"', 17, "there is another rule called 'Tents first'"),
        ("long_tail = 0.3", "long_tail = 3", 4, "lists.long_tail: Input should be less than or equal to 1"),
        ("[lists]", "[list]", 2, "list: Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(before: str, after: str, line: int, reason: str) -> None:
    assert before in GOOD
    with pytest.raises(BadInputError, match=re.escape(reason)) as raised:
        parse(GOOD.replace(before, after, 1), "shop.toml")

    assert raised.value.message.startswith(f"shop.toml, line {line}: ")


def test_a_rule_may_last_to_the_end_of_days() -> None:
    assert parse(GOOD.replace("until = 2026-03-31", "until = 9999-12-31")).rules[0].holds(None, "page", 4e9)


def test_no_file_is_no_rules(tmp_path: Path) -> None:
    assert kept_rules(tmp_path).get().rules == ()


def test_the_file_is_read_anew_when_it_has_changed(tmp_path: Path) -> None:
    seconds = [0.0]
    rules = kept_rules(tmp_path, lambda: seconds[0])
    assert rules.get().rules == ()
    (tmp_path / NAME).write_text(GOOD)
    seconds[0] += 2

    assert [rule.name for rule in rules.get().rules] == ["Tents first", "Lamps of Glow"]


@pytest.mark.parametrize("broken", [GOOD.replace("1.5", "x").encode(), b"\xff\xfe\x00", b'[[rules]]\nname = "a"'])
def test_a_broken_file_leaves_the_last_good_rules_in_force(
    tmp_path: Path, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = RulesFile(tmp_path)
    file.path.write_text(GOOD)
    good = file.read()
    file.path.write_bytes(broken)

    assert file.read() == good
    assert RulesFile(tmp_path).read() == good, "after a restart too"
    assert "line" in caplog.text
    with pytest.raises(BadInputError, match="line"):
        file.checked()


def test_a_file_that_was_taken_away_takes_its_rules_along(tmp_path: Path) -> None:
    file = RulesFile(tmp_path)
    file.path.write_text(GOOD)
    assert file.read().rules
    file.path.unlink()

    assert file.read().rules == ()
    file.path.write_text("broken")
    assert RulesFile(tmp_path).read().rules == ()


def test_the_documented_example_is_a_good_file(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "recommendations.md").read_text(encoding="utf-8")
    book = parse(page.split("```toml\n")[1].split("```")[0])

    assert book.lists == RuleBook().lists, "the defaults, as it says"
    assert {rule.kind for rule in book.rules} == {"boost", "pin", "sponsor", "age", "promotion"}
