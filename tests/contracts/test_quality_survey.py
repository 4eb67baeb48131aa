"""``shopwise quality`` over the records of a shop, on both databases."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from import_fakes import CountedVectors, HashEncoder, ListFeed, goods

from retriever.errors import BadInputError, NotFoundError
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.locking import import_lock
from retriever.quality.store import completions, forget_completions
from retriever.quality.survey import Surveyor

ROWS = [row | {"images": ["/a.jpg"]} for row in goods(12)]
SILENT = {"id": "x", "title": "Lumo lamp in red <b>now</b>", "description": "A lamp of series 3."}


@pytest.fixture
def shop(database, tmp_path):
    """A shop with one feed of lamps: ``take`` imports more, ``look`` surveys it."""
    encoder, cache = HashEncoder(), EmbeddingCache(tmp_path / "cache")
    importer = Importer(database, lexical_for(database), CountedVectors(), encoder, cache, "USD")
    surveyor = Surveyor(database, encoder, cache, "USD")

    def take(values, name="lamps"):
        return importer.run(ListFeed(values, name))

    def look(*arguments, **options):
        return surveyor.survey(*arguments, **options)

    take([*ROWS, SILENT])
    return SimpleNamespace(**locals())


def test_the_records_score_what_their_import_scored(shop):
    survey = shop.look()
    assert survey.products == 13
    assert [held.score for held in survey.history] == [survey.score]
    assert {one.check for one in survey.findings} >= {"missing_rating", "missing_price", "html_in_title"}
    assert survey.filled["price"] == pytest.approx(12 / 13)


def test_the_worst_comes_first(shop):
    severities = [one.severity for one in shop.look().findings]
    assert severities == sorted(severities, key=("error", "warning", "info").index)


def test_one_feed_or_all(shop):
    shop.take([{"id": "y", "title": "Chair"}], "chairs")
    assert (shop.look("chairs").products, shop.look().products) == (1, 14)
    assert [held.feed for held in shop.look("chairs").history] == ["chairs"]
    assert "html_in_title" not in {one.check for one in shop.look("chairs").findings}
    with pytest.raises(NotFoundError, match="no feed 'nowhere'"):
        shop.look("nowhere")


def test_an_empty_shop_is_said_to_be_empty(database, tmp_path):
    surveyor = Surveyor(database, HashEncoder(), EmbeddingCache(tmp_path), "USD")
    with pytest.raises(NotFoundError, match="nothing to look at"):
        surveyor.survey()


def test_a_merchant_s_own_rules_change_what_is_found(shop, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text("[fields.price]\ntype = 'number'\nrange = [0, 25]\n")
    (found,) = (one for one in shop.look(rules=rules).findings if one.check == "field_range")
    assert found.count == 12
    rules.write_text("[fields.cost]\ntype = 'number'\n")
    with pytest.raises(BadInputError, match=r"fields\.cost"):
        shop.look(rules=rules)


def test_looking_keeps_nothing_and_completing_does(shop):
    def believed():
        with shop.database.session() as session:
            return {found.field: found.value for found in completions(session, ["x"])}

    before = believed()
    assert before["brand"] == "Lumo"
    with shop.database.transaction() as session:
        forget_completions(session, ["x"])
    assert shop.look().completions == ()
    assert believed() == {}
    told = {one.field: one for one in shop.look(complete=True).completions}
    assert believed() == before
    assert told["brand"].examples[0].id == "x"
    assert told["brand"].count == 1


def test_completing_waits_for_no_import(shop):
    with import_lock(shop.database), pytest.raises(Exception, match="Another import"):
        shop.look(complete=True)
