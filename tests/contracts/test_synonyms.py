"""Synonyms over records: an import learns them, and clicks teach too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from import_fakes import CountedVectors, HashEncoder, ListFeed, goods

from retriever.database import Database
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.records import EventRecord
from retriever.understanding.own_synonyms import OwnSynonyms, SynonymFile
from retriever.understanding.recorded import LEARNED, RecordedGoods, Synonyms

TITLES = ("Wireless Headphones Bluetooth", "Wireless Head Phones Bluetooth") * 2


def synonyms(database: Database, home: Path) -> Synonyms:
    return Synonyms(RecordedGoods(database), home, OwnSynonyms(SynonymFile(home)))


def take(database: Database, home: Path, titles: tuple[str, ...], known: Synonyms) -> list[str]:
    told: list[str] = []
    lexical, cache = lexical_for(database), EmbeddingCache(home / "cache")
    importer = Importer(database, lexical, CountedVectors(), HashEncoder(), cache, "USD", known.learn)
    rows = [row | {"title": title} for row, title in zip(goods(len(titles)), titles, strict=True)]
    importer.run(ListFeed(rows), progress=lambda stage, done, total: told.append(stage))
    return told


def also(known: Synonyms, text: str) -> list[str]:
    return [one.also for one in known.expand(text)]


def test_an_import_learns_the_synonyms_and_the_next_process_has_them_at_once(database: Database, tmp_path: Path):
    told = take(database, tmp_path, TITLES, synonyms(database, tmp_path))

    assert told[-1] == "learning synonyms"
    kept = (tmp_path / LEARNED).read_bytes()
    assert also(synonyms(database, tmp_path), "headphones") == ["head phones"]
    assert (tmp_path / LEARNED).read_bytes() == kept


def test_another_import_learns_anew(database: Database, tmp_path: Path):
    known = synonyms(database, tmp_path)
    take(database, tmp_path, TITLES, known)
    take(database, tmp_path, ("Garden Spade", "Garden Hose", "Lamp", "Desk"), known)

    assert also(known, "headphones") == also(synonyms(database, tmp_path), "headphones") == []


def test_clicks_teach(database: Database, tmp_path: Path):
    take(database, tmp_path, ("Rucksack", "Backpack", "Rucksack", "Backpack"), synonyms(database, tmp_path))
    queries = ("school rucksack", "school backpack", "small rucksack", "small backpack")
    with database.transaction() as session:
        session.add_all(
            EventRecord(
                id=f"{query} {number}",
                feed="",
                kind="click",
                at=datetime(2026, 1, 1, tzinfo=UTC),
                product_id=f"p{number}",
                value={"query": query},
                content_hash="",
            )
            for query in queries
            for number in range(3)
        )

    assert [one.also for one in RecordedGoods(database).read().expand("rucksack")] == ["backpack"]
