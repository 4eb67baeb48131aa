"""Synonyms as a search has them: at once, from a file, learned in the background when the shop has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from retriever.errors import UnavailableError
from retriever.understanding.own_synonyms import OwnSynonyms, SynonymFile
from retriever.understanding.recorded import LEARNED, Synonyms
from retriever.understanding.synonyms import Goods, Table, learn

HEADPHONES = [Goods("Wireless Headphones Bluetooth"), Goods("Wireless Head Phones Bluetooth")] * 2


class Shop:
    """Goods that can be imported; ``slow`` holds learning up until it is set."""

    def __init__(self) -> None:
        self.imports = 1
        self.reads = 0
        self.down = False
        self.slow = threading.Event()
        self.slow.set()

    def state(self) -> object:
        return self.imports

    def read(self) -> Table:
        if self.down:
            raise UnavailableError("The database does not answer.")
        self.reads += 1
        assert self.slow.wait(10)
        return learn(HEADPHONES)


class Clock:
    """Every look at it is a minute later."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


def synonyms(shop: Shop, home: Path) -> Synonyms:
    return Synonyms(shop, home, OwnSynonyms(SynonymFile(home)), Clock())


def also(known: Synonyms, text: str = "headphones") -> list[str]:
    return [one.also for one in known.expand(text)]


def test_nobody_waits_while_they_are_learned(tmp_path: Path) -> None:
    shop = Shop()
    shop.slow.clear()
    known = synonyms(shop, tmp_path)

    assert also(known) == also(known) == []
    shop.slow.set()
    known.settled(10)

    assert also(known) == ["head phones"]
    assert shop.reads == 1


def test_what_an_import_has_learned_is_there_for_the_next_process(tmp_path: Path) -> None:
    shop, told = Shop(), list[str]()
    synonyms(shop, tmp_path).learn(lambda stage, done, total: told.append(stage))

    assert also(synonyms(shop, tmp_path)) == ["head phones"]
    assert (shop.reads, told) == (1, ["learning synonyms"])


def _cut(path: Path) -> None:
    path.write_text(path.read_text()[:-5])


def _nonsense(path: Path) -> None:
    path.write_bytes(b"\xff\x00\n\xfe")


def _other(path: Path) -> None:
    path.write_text(path.read_text().splitlines()[0] + "\n[1, 2]\n")


@pytest.mark.parametrize("spoil", [_cut, _nonsense, _other, Path.unlink])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    shop = Shop()
    synonyms(shop, tmp_path).learn()
    spoil(tmp_path / LEARNED)

    known = synonyms(shop, tmp_path)
    known.expand("headphones")
    known.settled(10)
    assert also(known) == also(synonyms(shop, tmp_path)) == ["head phones"]
    assert shop.reads == 2


def test_after_an_import_the_old_ones_serve_until_the_new_ones_are_learned(tmp_path: Path) -> None:
    shop = Shop()
    known = synonyms(shop, tmp_path)
    known.learn()
    shop.imports += 1
    shop.slow.clear()

    assert also(known) == ["head phones"]
    shop.slow.set()
    known.settled(10)
    assert shop.reads == 2


def test_what_another_process_has_learned_is_not_learned_again(tmp_path: Path) -> None:
    shop = Shop()
    known = synonyms(shop, tmp_path)
    known.learn()
    shop.imports += 1
    synonyms(shop, tmp_path).learn()

    assert also(known) == ["head phones"]
    assert shop.reads == 2


def test_a_database_that_does_not_answer_while_learning_harms_nobody(tmp_path: Path) -> None:
    shop = Shop()
    shop.down = True
    known = synonyms(shop, tmp_path)

    known.learn()
    assert also(known) == []
    known.settled(10)
    assert not (tmp_path / LEARNED).exists()


def test_a_folder_that_cannot_be_written_costs_only_the_next_process(tmp_path: Path) -> None:
    known = synonyms(Shop(), tmp_path / "missing")
    known.learn()

    assert also(known) == ["head phones"]


def test_the_owners_words_come_first_and_at_once(tmp_path: Path) -> None:
    SynonymFile(tmp_path).add("headphones, cans")
    SynonymFile(tmp_path).add("headphones, head phones")
    shop = Shop()
    known = synonyms(shop, tmp_path)
    known.learn()

    found = known.expand("headphones")
    assert [(one.also, one.why) for one in found] == [("cans", "owner"), ("head phones", "owner")]
    assert {one.weight for one in found} == {1.0}
