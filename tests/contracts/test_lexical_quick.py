"""The quick index beside SQLite's full text: it finds the same, and nothing is lost with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retriever.allowed import Many
from retriever.database import Database
from retriever.lexical import Document, SqliteLexical
from retriever.lexical.quick import BusyError, QuickIndex

WORDS = ("tin", "mug", "lamp", "red", "oak", "x2", "耳机")


def goods(id: str, title: str, description: str = "") -> Document:
    return Document(id, title, "", "", "", description, "")


@pytest.fixture
def shop(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    path = tmp_path / "shop.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def write(shop: Database, lexical: SqliteLexical, *documents: Document) -> None:
    with shop.transaction() as session:
        lexical.upsert(session, documents)


def found(lexical: SqliteLexical, query: str, limit: int = 100) -> set[str]:
    return {hit.id for hit in lexical.search(query, limit)}


def folders(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.glob("shop.sqlite.words-*"))


def test_a_small_catalogue_has_none(shop: Database, tmp_path: Path) -> None:
    lexical = SqliteLexical(shop, quick_from=2)
    write(shop, lexical, goods("mug", "tin mug"))
    lexical.settle()
    assert folders(tmp_path) == []
    write(shop, lexical, goods("lamp", "oak lamp"))
    lexical.settle()
    assert len(folders(tmp_path)) == 1
    assert found(lexical, "oak tin") == {"mug", "lamp"}


def test_products_too_many_to_be_listed_are_asked_about(shop: Database) -> None:
    lexical = SqliteLexical(shop, quick_from=1)
    write(shop, lexical, goods("mug", "tin mug"), goods("cup", "tin cup"))
    lexical.settle()

    def never() -> set[str]:
        raise AssertionError("nobody goes through them all")

    allowed = Many(lambda ids: {id for id in ids if id != "cup"}, never)
    assert [hit.id for hit in lexical.search("tin", 10, allowed)] == ["mug"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=1, max_size=12),
    query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    allowed=st.sets(st.integers(0, 11)),
)
def test_it_finds_exactly_the_products_with_a_word_of_the_query(
    shop: Database, titles: list[list[str]], query: list[str], allowed: set[int]
) -> None:
    lexical = SqliteLexical(shop, quick_from=0)
    with shop.transaction() as session:
        lexical.remove(session, [f"p{n}" for n in range(12)])  # of the example before
    write(shop, lexical, *(goods(f"p{n}", " ".join(words)) for n, words in enumerate(titles)))
    lexical.settle()
    holders = {f"p{n}" for n, words in enumerate(titles) if set(words) & set(query)}
    only = {f"p{n}" for n in allowed}
    assert {hit.id for hit in lexical.search(" ".join(query), 100)} == holders
    assert {hit.id for hit in lexical.search(" ".join(query), 100, only)} == holders & only


def test_what_a_killed_process_left_is_found_by_the_next(shop: Database) -> None:
    first = SqliteLexical(shop, quick_from=0)
    write(shop, first, goods("mug", "tin mug"))
    first.settle()
    write(shop, first, goods("lamp", "oak lamp"), goods("mug", "red mug"))  # and no settling
    after = SqliteLexical(shop, quick_from=0)
    assert found(after, "oak") == {"lamp"}
    assert found(after, "tin") == set()
    assert found(after, "red") == {"mug"}


def test_a_removed_product_is_gone_at_once_and_from_the_folder_when_settled(shop: Database, tmp_path: Path) -> None:
    lexical = SqliteLexical(shop, quick_from=0)
    write(shop, lexical, *(goods(f"p{n}", "tin mug") for n in range(30)))
    lexical.settle()
    with shop.transaction() as session:
        lexical.remove(session, [f"p{n}" for n in range(29)])
    assert found(lexical, "mug", limit=1) == {"p29"}
    lexical.settle()
    assert QuickIndex(folders(tmp_path)[0]).count() == 1
    assert found(lexical, "mug") == {"p29"}


def test_a_number_is_not_given_twice(shop: Database) -> None:
    lexical = SqliteLexical(shop, quick_from=0)
    write(shop, lexical, goods("mug", "tin mug"))
    lexical.settle()
    with shop.transaction() as session:
        lexical.remove(session, ["mug"])
    write(shop, lexical, goods("lamp", "oak lamp"))
    assert found(lexical, "tin") == set()
    assert found(lexical, "lamp") == {"lamp"}


def test_a_damaged_folder_is_done_without_and_made_again(shop: Database, tmp_path: Path) -> None:
    first = SqliteLexical(shop, quick_from=0)
    write(shop, first, goods("mug", "tin mug"))
    first.settle()
    (folders(tmp_path)[0] / "meta.json").write_text("no index")
    second = SqliteLexical(shop, quick_from=0)
    assert found(second, "tin") == {"mug"}
    second.settle()
    assert QuickIndex(folders(tmp_path)[0]).count() == 1
    assert found(second, "tin") == {"mug"}


def test_a_folder_of_an_earlier_database_is_cleared_away(shop: Database, tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite.words-0123456789abcdef").mkdir()
    (tmp_path / "other.sqlite.words-0123456789abcdef").mkdir()
    lexical = SqliteLexical(shop, quick_from=0)
    write(shop, lexical, goods("mug", "tin mug"))
    lexical.settle()
    assert [folder.name for folder in folders(tmp_path)] != ["shop.sqlite.words-0123456789abcdef"]
    assert len(folders(tmp_path)) == 1
    assert (tmp_path / "other.sqlite.words-0123456789abcdef").exists()


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    index = QuickIndex(tmp_path / "index")
    other = QuickIndex(tmp_path / "index")

    def documents() -> Iterator[tuple[int, Document]]:
        with pytest.raises(BusyError):
            other.write([(2, goods("lamp", "oak lamp"))])
        yield 1, goods("mug", "tin mug")

    index.write(documents())
    other.reload()
    assert (other.last, other.count()) == (1, 1)
    other.write([(2, goods("lamp", "oak lamp"))])
    assert [number for number, _ in other.search(["lamp"], 5)] == [2]


def test_filling_is_heard_of(shop: Database) -> None:
    lexical = SqliteLexical(shop, quick_from=0)
    write(shop, lexical, *(goods(f"p{n}", "tin mug") for n in range(5)))
    heard: list[tuple[str, int, int]] = []
    lexical.settle(lambda *told: heard.append(told))
    assert heard == [("indexing words", 5, 5)]
