"""What an import keeps of its quality, on both databases: a score each time, and completions beside the products."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from import_fakes import CountedVectors, HashEncoder, ListFeed, goods

from retriever.catalogue import Catalogue
from retriever.errors import UnavailableError
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.quality.store import completions, scores

SILENT = {"id": "x", "title": "Lumo lamp in red", "description": "A lamp of series 3."}


@pytest.fixture
def shop(database, tmp_path):
    """An empty shop: ``take`` imports, ``believed`` reads a product's completions, ``scored`` a feed's scores."""
    lexical, encoder = lexical_for(database), HashEncoder()

    def take(values, name="list", encoder=encoder):
        cache = EmbeddingCache(tmp_path / encoder.name)
        return Importer(database, lexical, CountedVectors(), encoder, cache, "USD").run(ListFeed(values, name))

    def believed(id):
        with database.session() as session:
            return {found.field: found.value for found in completions(session, [id])}

    def scored(feed=""):
        with database.session() as session:
            return [held.score for held in scores(session, feed)]

    catalogue = Catalogue(database, lexical, "USD")
    return SimpleNamespace(**locals())


def test_every_import_leaves_its_score(shop):
    rows = [row | {"images": ["/a.jpg"]} for row in goods(10)]
    shop.take(rows)
    shop.take([rows[0] | {"images": []}, *rows[1:]])
    shop.take(rows)
    first, worse, again = shop.scored("list")
    assert worse < first == again < 100
    with shop.database.session() as session:
        detail = scores(session, "list")[1].detail
    assert detail == {
        "products": 10,
        "texts": 10,
        "findings": {"missing_image": 1, "missing_rating": 10},
        "not_run": {},
    }


def test_feeds_have_scores_of_their_own(shop):
    shop.take(goods(3), "a")
    shop.take([SILENT], "b")
    assert len(shop.scored()) == 2
    assert shop.scored("a") != shop.scored("b")


def test_a_refused_import_leaves_no_score(shop):
    with pytest.raises(Exception, match="no row that can be used"):
        shop.take(["nonsense"])
    assert shop.scored() == []


def test_completions_are_beside_the_product_and_not_in_it(shop):
    shop.take([*goods(10), SILENT])
    assert shop.believed("x").items() >= {("brand", "Lumo"), ("color", "red")}
    product = shop.catalogue.product("x")
    assert (product.brand, product.categories, product.attributes) == ("", (), {})
    assert "brand" not in shop.believed("p1")


def test_a_value_that_the_merchant_gives_later_takes_the_place_of_the_completion(shop):
    shop.take([*goods(10), SILENT])
    shop.take([*goods(10), SILENT | {"brand": "Ember", "attributes": {"color": "crimson"}}])
    assert "brand" not in shop.believed("x")
    assert "color" not in shop.believed("x")
    assert shop.catalogue.product("x").brand == "Ember"


def test_completions_go_with_their_product_and_stay_with_an_unchanged_one(shop):
    shop.take([*goods(10), SILENT])
    before = shop.believed("x")
    shop.take([*goods(9), SILENT])
    assert shop.believed("x") == before
    shop.take(goods(9))
    assert shop.believed("x") == {}


def test_without_an_encoder_the_checks_that_need_it_are_left_out_and_that_is_said(shop):
    class Missing(HashEncoder):
        def encode(self, texts, progress=None):
            raise UnavailableError("The encoder is missing.", "Install it.")

    shop.take(goods(3))
    report = shop.take(goods(3), encoder=Missing("missing"))
    assert report.quality[-1].model_dump() == {
        "check": "not_run",
        "count": 1,
        "examples": ("category_outlier: The encoder is missing.",),
    }
    assert shop.scored()[0] == shop.scored()[1]
