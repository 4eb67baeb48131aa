"""The synonyms that a shop's owner writes down: what the lines mean, and that no line stops a search."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from retriever.errors import BadInputError, NotFoundError
from retriever.understanding.own_synonyms import OwnSynonyms, Rule, SynonymFile, parse


def written(home: Path, *lines: str) -> SynonymFile:
    file = SynonymFile(home)
    file.path.write_text("\n".join(lines), encoding="utf-8")
    return file


def also(file: SynonymFile, text: str) -> list[str]:
    return [one.also for one in OwnSynonyms(file).expand(text)]


@pytest.mark.parametrize("line", ["couch, sofa", "Couch = Sofa", "  couch,sofa,  "])
def test_words_with_a_comma_between_them_stand_for_each_other(tmp_path: Path, line: str) -> None:
    file = written(tmp_path, line)

    assert also(file, "red couches") == ["sofa"]
    assert also(file, "sofa bed") == ["couch"]
    assert also(file, "couch or sofa") == [], "both are there already"


def test_an_arrow_goes_one_way(tmp_path: Path) -> None:
    file = written(tmp_path, "Xbox Series X => console, games console")

    assert also(file, "black xbox series x") == ["console", "games console"]
    assert also(file, "console") == []


def test_chinese_words_are_known_too(tmp_path: Path) -> None:
    assert also(written(tmp_path, "沙发, 长椅"), "红色沙发") == ["长椅"]


def test_rules_on_one_word_add_up(tmp_path: Path) -> None:
    assert also(written(tmp_path, "couch, sofa", "couch => settee"), "couch") == ["sofa", "settee"]


def test_a_line_that_is_no_rule_does_nothing_and_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "# ours", "", "lamp", "=> x", "couch, sofa  # always", "a b c d, e", "\ufffd\x00,")

    assert [str(rule) for rule in file.rules()] == ["couch, sofa"]
    assert file.unreadable() == ["lamp", "=> x", "a b c d, e", "\ufffd\x00,"]


def test_the_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    file = SynonymFile(tmp_path)
    before = file.state()
    written(tmp_path, "couch, sofa")
    os.utime(file.path, (1, 1))

    assert file.state() != before
    assert also(file, "couch") == ["sofa"]


def test_rules_are_added_once_and_taken_out_again_and_comments_stay(tmp_path: Path) -> None:
    file = written(tmp_path, "# our own words")

    assert file.add("Couch = sofa") == Rule(("couch", "sofa"))
    file.add("couch, sofa")
    file.add("hoover => vacuum cleaner")
    assert file.path.read_text() == "# our own words\ncouch, sofa\nhoover => vacuum cleaner\n"

    assert file.remove("sofa") == 1
    assert file.remove("hoover => vacuum cleaner") == 1
    assert file.path.read_text() == "# our own words\n"
    with pytest.raises(NotFoundError):
        file.remove("sofa")


@pytest.mark.parametrize(
    "line", ["", "couch", "couch =>", "=> sofa", "couch, couch", "?, !", "one two three four, five"]
)
def test_what_is_no_rule_is_refused_with_what_to_write(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadInputError) as caught:
        parse(line)
    assert caught.value.hint
