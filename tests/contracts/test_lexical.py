"""What the full-text index promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from retriever.database import Database
from retriever.lexical import Document, LexicalIndex, PostgresLexical, SqliteLexical, document_of, lexical_for
from retriever.product import Availability, LocaleText, PriceRange, Product, Stamped, Variant

IN_STOCK = Availability(available=True, status="in_stock")


def goods(id: str, title: str, **more: object) -> Document:
    texts = more.pop("texts", {})
    product = Product(id=id, title=title, price_range=PriceRange(), availability=IN_STOCK, **more)
    return document_of(Stamped(product=product, texts=texts))


GOODS = [
    goods("mug", "Blue ceramic mug", brand="Café Nord", categories=("Kitchen", "Mugs & Cups")),
    goods("bottle", "Steel bottle", description="Comes in a box with a mug.", attributes={"color": "green"}),
    goods(
        "headset", "Wireless Headphones", brand="Acme", texts={"zh": LocaleText(title="无线耳机", description="降噪")}
    ),
    goods("cable", "USB-C cable for men's shaver"),
    goods("buds", "蓝牙无线耳机"),
    *(goods(f"filler-{n}", f"Plain thing number {n}") for n in range(20)),
]


@pytest.fixture(params=["as the database has it", "quick"])
def index(database: Database, request: pytest.FixtureRequest) -> LexicalIndex:
    if request.param == "quick" and database.dialect == "postgresql":
        pytest.skip("the quick index is SQLite's")
    lexical = SqliteLexical(database, quick_from=0) if request.param == "quick" else lexical_for(database)
    with database.transaction() as session:
        lexical.upsert(session, GOODS)
    lexical.settle()
    return lexical


def found(index: LexicalIndex, query: str, **more: object) -> list[str]:
    return [hit.id for hit in index.search(query, 10, **more)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("mug", {"mug", "bottle"}),
        ("MUGS", {"mug", "bottle"}),
        ("headphone", {"headset"}),
        ("acme", {"headset"}),
        ("cafe", {"mug"}),
        ("kitchen", {"mug"}),
        ("green", {"bottle"}),
        ("耳机", {"headset", "buds"}),
        ("无线耳机", {"headset", "buds"}),
        ("我想买一个降噪的", {"headset"}),
        ("usb c", {"cable"}),
        ("mens", {"cable"}),
        ("a mug for the", {"mug", "bottle"}),
        ("zeppelin", set()),
    ],
)
def test_a_query_finds_the_products_with_its_words(index: LexicalIndex, query: str, ids: set[str]) -> None:
    assert set(found(index, query)) == ids


def test_more_and_better_placed_words_come_first(index: LexicalIndex) -> None:
    assert found(index, "mug")[0] == "mug"  # in the title, not only in the description
    assert found(index, "green steel mug")[0] == "bottle"
    scores = [hit.score for hit in index.search("blue steel mug", 10)]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


def test_a_rare_word_counts_more_than_a_common_one(index: LexicalIndex) -> None:
    assert found(index, "plain shaver thing")[0] == "cable"


def test_common_words_find_what_rare_ones_leave_room_for(index: LexicalIndex, database: Database) -> None:
    if database.dialect == "postgresql":
        index = PostgresLexical(database, ranked=1)

    assert found(index, "plain shaver")[0] == "cable"
    assert len(found(index, "plain shaver")) == 10
    assert [hit.id for hit in index.search("plain shaver", 1)] == ["cable"]


def test_the_limit_holds(index: LexicalIndex) -> None:
    assert len(index.search("thing", 3)) == 3
    assert index.search("thing", 0) == []


def test_only_allowed_products_are_found(index: LexicalIndex) -> None:
    assert found(index, "mug", allowed={"bottle", "cable"}) == ["bottle"]
    assert found(index, "mug", allowed=set()) == []
    many = {f"filler-{n}" for n in range(20)} | {f"unknown-{n}" for n in range(50_000)}
    assert set(found(index, "thing mug", allowed=many)) <= {f"filler-{n}" for n in range(20)}


@pytest.mark.parametrize(
    "query",
    [
        "", " ", "😀🛒", '"', "'", "*", "-", "()", "the", "^title", "NEAR(mug bottle)", "mug NOT bottle", "title:mug",
        "mug AND", "mug*", "'; DROP TABLE product; --", "' OR 1=1 --", "mug\x00bottle", "\\", "a:*B & !c | <->", "%",
        "mug " * 2_500, "無" * 10_000, "x" * 10_000, " ".join(f"word{n}" for n in range(2_000)), "\ud800",
    ],
)  # fmt: skip
def test_no_query_does_harm(index: LexicalIndex, query: str) -> None:
    hits = index.search(query, 5)

    assert len(hits) <= 5
    assert index.mentioning([query]) <= {document.product_id for document in GOODS}
    assert found(index, "shaver") == ["cable"]


def test_operators_of_the_engines_are_words(index: LexicalIndex) -> None:
    assert set(found(index, "mug NOT bottle")) == {"mug", "bottle"}
    assert found(index, "title:zeppelin") == []


def test_upsert_replaces(index: LexicalIndex, database: Database) -> None:
    with database.transaction() as session:
        index.upsert(session, [goods("mug", "Old name"), goods("mug", "Copper teapot")])

    assert found(index, "teapot") == ["mug"]
    assert found(index, "ceramic old name") == []


def test_remove_removes(index: LexicalIndex, database: Database) -> None:
    with database.transaction() as session:
        index.remove(session, ["mug", "never-there"])

    assert found(index, "mug") == ["bottle"]


def test_a_transaction_that_fails_leaves_the_index_as_it_was(index: LexicalIndex, database: Database) -> None:
    def fail_half_way() -> None:
        with database.transaction() as session:
            index.remove(session, ["mug"])
            index.upsert(session, [goods("new", "Zeppelin")])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_half_way()

    assert found(index, "ceramic zeppelin") == ["mug"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["mug"], {"mug", "bottle"}),
        (["mugs"], {"mug", "bottle"}),
        (["ceramic mug"], {"mug"}),
        (["mug ceramic"], set()),
        (["shaver", "headphones"], {"cable", "headset"}),
        (["无线耳机"], {"headset", "buds"}),
        (["蓝牙无线耳机"], {"buds"}),
        (["", "😀"], set()),
        ([], set()),
    ],
)
def test_mentioning_names_every_product_with_a_word_or_phrase(
    index: LexicalIndex, words: list[str], ids: set[str]
) -> None:
    assert index.mentioning(words) == ids


def test_the_words_of_variants_are_found(database: Database) -> None:
    shirt = goods(
        "shirt",
        "Shirt",
        variants=(
            Variant(id="s1", title="Shirt, crimson", price=None, options={"fit": "slim"}, availability=IN_STOCK),
        ),
    )
    index = lexical_for(database)
    with database.transaction() as session:
        index.upsert(session, [shirt])

    assert found(index, "crimson") == found(index, "slim") == ["shirt"]


def test_a_text_of_any_length_is_indexed(database: Database) -> None:
    index = lexical_for(database)
    with database.transaction() as session:
        index.upsert(
            session, [goods("long", "Long " + "耳机" * 100_000, description="x" * 100_000 + " word" * 100_000)]
        )

    assert found(index, "long") == ["long"]
