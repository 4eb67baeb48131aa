"""Search over records and indexes held in memory: what each mode does, and what leaves it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from ranker.blend import Scored, ranked
from ranker.cross.scoring import Scores
from ranker.encoder import Progress, Vectors
from ranker.signals import Weights
from retriever.conditions import SortKey, passes
from retriever.errors import BadInputError, UnavailableError
from retriever.filters import Filters
from retriever.ordering import Ordering
from retriever.product import Availability, LocaleText, Money, PriceRange, Product, Rating, Stamped, Variant
from retriever.query import MAX_LENGTH, QueryReader
from retriever.search import MODES, Searcher, SearchResult
from retriever.spelling import Correction, Mended
from retriever.text import segment, terms
from retriever.understanding.synonyms import Expansion


def stamped(
    id: str,
    title: str,
    *prices: int | None,
    brand: str = "Alder",
    category: str = "Electronics",
    rating: tuple[float, int] | None = None,
    available: bool = True,
    color: str = "black",
    year: int | None = None,
    zh: str = "",
) -> Stamped:
    """A product with one variant a price, in cents."""
    stock = Availability(available=available, status="in_stock" if available else "out_of_stock")
    money = [None if price is None else Money(amount=price, currency="USD") for price in prices or (1000,)]
    known = sorted((price for price in money if price is not None), key=lambda price: price.amount)
    variants = tuple(
        Variant(id=f"{id}-{i}", title=title, price=price, options={"Color": color}, availability=stock)
        for i, price in enumerate(money)
    )
    return Stamped(
        product=Product(
            id=id,
            title=title,
            brand=brand,
            categories=(category,),
            price_range=PriceRange(min=known[0], max=known[-1]) if known else PriceRange(),
            rating=Rating(value=rating[0], count=rating[1]) if rating else None,
            availability=stock,
            variants=variants,
        ),
        texts={"zh": LocaleText(title=zh)} if zh else {},
        published_at=datetime(year, 1, 1, tzinfo=UTC) if year else None,
    )


class Shelf:
    """Records in memory. ``stale`` says what ``matching`` wrongly believes to satisfy every condition."""

    def __init__(self, goods: Sequence[Stamped], stale: Collection[str] = ()) -> None:
        self.goods = {item.product.id: item for item in goods}
        self.stale = set(stale)

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        return [self.goods[id] for id in ids if id in self.goods]

    def matching(self, filters: Filters) -> set[str] | None:
        if not filters.conditions():
            return None
        return self.stale | {id for id, item in self.goods.items() if passes(item.product, filters, "USD")}

    def sort_keys(self, ids: Collection[str] | None = None) -> Mapping[str, SortKey]:
        return {id: SortKey.of(item) for id, item in self.goods.items() if ids is None or id in ids}


class Words:
    """Full text in memory: the share of the query's words that a title has."""

    def __init__(self, goods: Sequence[Stamped]) -> None:
        self.titles = {
            item.product.id: set(segment(f"{item.product.title} {item.texts.get('zh', LocaleText()).title}").split())
            for item in goods
        }

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        wanted = set(terms(query))
        scores = {
            id: len(wanted & {word.lower() for word in words}) / len(wanted)
            for id, words in self.titles.items()
            if (allowed is None or id in allowed) and wanted & {word.lower() for word in words}
        }
        return ranked(scores)[:limit]


class Near:
    """Nearness in memory, as given; ``down`` is a store that does not answer."""

    def __init__(self, cosines: Mapping[str, float], *, down: bool = False) -> None:
        self.cosines = cosines
        self.down = down

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        if self.down:
            raise UnavailableError("The vector store does not answer.")
        return ranked({id: score for id, score in self.cosines.items() if allowed is None or id in allowed})[:limit]

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        raise NotImplementedError

    def remove(self, ids: Collection[str]) -> None:
        raise NotImplementedError

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        return {}

    def count(self) -> int:
        return len(self.cosines)

    def close(self) -> None:
        raise NotImplementedError


class English:
    """An encoder that has learned English only."""

    name = "english"
    dimension = 1
    languages = frozenset({"en"})
    floor = 0.3

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return np.ones((len(texts), 1), dtype=np.float32)


GOODS = (
    stamped("cable", "USB phone cable", 500, rating=(4.0, 90), year=2020),
    stamped("cheap", "Phone charger", 1299, rating=(4.8, 900), year=2024, zh="手机充电器"),
    stamped("dear", "Fast phone charger", 4900, brand="Birch", rating=(4.1, 30), year=2023),
    stamped("gone", "Phone charger stand", 1500, available=False),
    stamped("unpriced", "Wireless phone charger", None, rating=(4.9, 10)),
    stamped("lamp", "Desk lamp", 2000, category="Home", color="red"),
)
COSINES = {"cheap": 0.8, "dear": 0.7, "unpriced": 0.65, "gone": 0.6, "cable": 0.45, "lamp": 0.1}


def shop(goods: Sequence[Stamped] = GOODS, near: Near | None = None, stale: Collection[str] = ()) -> Searcher:
    return Searcher(Shelf(goods, stale), Words(goods), near or Near(COSINES), English(), "USD")


def ids(result: SearchResult) -> list[str]:
    return [hit.id for hit in result.results]


def test_price_words_are_a_condition_and_unknown_prices_never_pass() -> None:
    result = shop().search("phone charger under 20 dollars")
    assert ids(result)[0] == "cheap"
    assert set(ids(result)) == {"cheap", "gone", "cable"}
    assert result.interpretation["text"] == "phone charger"
    assert result.interpretation["price_max"] == 20
    assert result.interpretation["from_query"] == ["price_max"]


def test_explicit_filters_win_over_price_words() -> None:
    result = shop().search("phone charger under 20 dollars", filters=Filters(price_max=Decimal(6)))
    assert ids(result) == ["cable"]


@pytest.mark.parametrize("mode", MODES)
def test_conditions_hold_in_every_mode(mode: str) -> None:
    result = shop().search("phone charger", filters=Filters(brand="birch"), mode=mode)
    assert ids(result) == ["dear"]


@pytest.mark.parametrize("mode", MODES)
def test_a_record_that_changed_since_it_was_matched_does_not_leave(mode: str) -> None:
    result = shop(stale={"dear", "unpriced"}).search("phone charger", filters=Filters(price_max=Decimal(20)), mode=mode)
    assert not {"dear", "unpriced"} & set(ids(result))


def test_modes_ask_different_indexes() -> None:
    near_only = Near({"lamp": 0.9})
    assert "lamp" not in ids(shop(near=near_only).search("phone charger", mode="bm25"))
    assert ids(shop(near=near_only).search("phone charger", mode="dense")) == ["lamp"]
    assert {"lamp", "cheap"} <= set(ids(shop(near=near_only).search("phone charger", mode="hybrid")))


def test_what_is_not_near_is_no_answer() -> None:
    assert "lamp" not in ids(shop().search("phone charger", mode="dense"))
    assert ids(shop(near=Near({"lamp": 0.2})).search("zxqv", mode="full")) == []


def test_full_puts_what_can_be_bought_first() -> None:
    assert ids(shop().search("phone charger", mode="full"))[-1] == "gone"
    assert ids(shop().search("phone charger", mode="hybrid"))[-1] != "gone"


def test_scores_fall_and_results_are_at_most_k() -> None:
    result = shop().search("phone charger", k=2, mode="hybrid")
    assert len(result.results) == 2
    assert result.results[0].score >= result.results[1].score


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price_asc", ["cable", "cheap", "gone", "dear", "unpriced"]),
        ("price_desc", ["dear", "gone", "cheap", "cable", "unpriced"]),
        ("rating", ["unpriced", "cheap", "dear", "cable", "gone"]),
        ("newest", ["cheap", "dear", "cable", "unpriced", "gone"]),
    ],
)
def test_orders_put_the_unknown_last(sort: str, expected: list[str]) -> None:
    found = ids(shop().search("phone charger", sort=sort))
    assert [id for id in found if id != "gone" or sort.startswith("price")] == [
        id for id in expected if id != "gone" or sort.startswith("price")
    ]


def test_conditions_without_words_browse() -> None:
    result = shop().search("", filters=Filters(price_max=Decimal(20)), sort="price_asc")
    assert ids(result) == ["cable", "cheap", "gone", "lamp"]
    assert ids(shop().search("under 6 dollars")) == ["cable"]


def test_a_chinese_query_is_answered_by_words_alone_where_the_encoder_knows_no_chinese() -> None:
    noise = Near({"lamp": 0.9, "cable": 0.8})
    assert ids(shop(near=noise).search("充电器")) == ["cheap"]
    assert ids(shop(near=noise).search("20美元以下的充电器")) == ["cheap"]


def test_an_empty_result_names_the_condition_that_emptied_it() -> None:
    result = shop().search("phone charger", filters=Filters(brand="Birch", price_max=Decimal(20)))
    assert ids(result) == []
    assert result.relaxed == ("brand: 3 results without it", "price_max: 1 result without it")


def test_an_empty_result_that_no_single_condition_explains() -> None:
    result = shop().search("phone charger", filters=Filters(brand="Nobody", category="Nowhere"))
    assert result.relaxed == ("brand, category: 5 results without all of them",)


def test_nothing_like_it_in_the_shop_blames_no_condition() -> None:
    result = shop(near=Near({})).search("submarine", filters=Filters(price_max=Decimal(20)))
    assert ids(result) == []
    assert result.relaxed == ()


def test_leftovers_that_share_a_lesser_word_are_no_answer() -> None:
    goods = (*GOODS, stamped("app", "phone software", 100))
    scores = {"charger": 1.0, "phone": 0.2}

    class Weighted(Words):
        def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
            found = super().search(query, limit, allowed)
            return ranked(
                {hit.id: sum(scores[word] for word in scores if word in self.titles[hit.id]) for hit in found}
            )

    searcher = Searcher(Shelf(goods), Weighted(goods), Near({"cable": 0.4}), English(), "USD")
    cheap = Filters(price_max=Decimal(5))
    assert ids(searcher.search("phone charger", filters=cheap)) == ["cable"]
    assert "app" in ids(searcher.search("phone charger", filters=cheap, mode="bm25"))


def test_the_filters_that_were_applied_are_in_the_interpretation() -> None:
    wanted = Filters(price_min=Decimal("2.5"), exclude=("stand",), attributes={"color": "black"})
    said = shop().search("phone charger under 20 dollars", filters=wanted).interpretation
    assert said["filters"] == {
        "price_min": 2.5,
        "price_max": 20,
        "exclude": ["stand"],
        "attributes": {"color": "black"},
    }


def test_relaxed_is_empty_when_something_was_found() -> None:
    assert shop().search("phone charger").relaxed == ()


def test_an_empty_browse_names_its_condition_too() -> None:
    result = shop().search("", filters=Filters(category="Home", price_max=Decimal(6)))
    assert result.relaxed == ("category: 1 result without it", "price_max: 1 result without it")


def test_without_vectors_the_words_still_answer_and_the_result_says_so() -> None:
    down = shop(near=Near({}, down=True))
    result = down.search("phone charger")
    assert ids(result)[0] == "cheap"
    assert "vector store" in result.interpretation["limited"]
    with pytest.raises(UnavailableError):
        down.search("phone charger", mode="dense")


@pytest.mark.parametrize(
    ("query", "problem"),
    [("", "empty"), ("   ", "empty"), ("x" * (MAX_LENGTH + 1), "1,000"), ("🎧🎧", "no words"), ("?!", "no words")],
)
def test_a_query_that_cannot_be_searched_is_refused_with_what_to_do(query: str, problem: str) -> None:
    with pytest.raises(BadInputError, match=problem) as caught:
        shop().search(query)
    assert caught.value.hint


def test_sql_is_only_words() -> None:
    assert "cheap" in ids(shop().search("'; DROP TABLE product; -- charger"))


@pytest.mark.parametrize("wrong", [{"mode": "magic"}, {"sort": "random"}, {"k": 0}, {"k": 10**6}])
def test_unknown_modes_orders_and_amounts_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        shop().search("phone", **wrong)  # pyright: ignore[reportArgumentType]


def test_facets_count_what_was_found() -> None:
    counted = shop().search("phone charger").facets
    assert {"value": "Birch", "count": 1} in counted["brand"]
    assert {"value": "Electronics", "count": 5} in counted["category"]
    assert {"min": 10, "max": 25, "count": 2} in counted["price"]
    assert counted["attributes"]["Color"] == [{"value": "black", "count": 5}]


def test_the_reasons_are_true() -> None:
    top = shop().search("phone charger under 20 dollars").results[0]
    assert "matches: phone, charger" in top.why
    assert "close in meaning (0.80)" in top.why
    assert "price 12.99 under 20" in top.why
    assert "rated 4.8 by 900" in top.why


def test_the_json_is_the_contract() -> None:
    document = shop().search("phone charger", k=1).json_dict()
    assert list(document) == ["query", "interpretation", "results", "relaxed", "facets", "timing"]
    assert list(document["results"][0]) == ["id", "score", "product", "why"]
    assert document["results"][0]["product"]["price_range"]["min"] == {"amount": 1299, "currency": "USD"}
    assert document["timing"]["total_ms"] > 0


def test_one_and_the_same_variant_satisfies_all_conditions() -> None:
    small_red = Variant(
        id="1",
        title="",
        price=Money(amount=500, currency="USD"),
        options={"Color": "Red"},
        availability=Availability(available=False, status="out_of_stock"),
    )
    large_blue = small_red.model_copy(
        update={
            "id": "2",
            "price": Money(amount=5000, currency="USD"),
            "options": {"Color": "Blue"},
            "availability": Availability(available=True, status="in_stock"),
        }
    )
    product = GOODS[0].product.model_copy(update={"variants": (small_red, large_blue)})
    assert passes(product, Filters(attributes={"color": "red"}, price_max=Decimal(10)), "USD")
    assert not passes(product, Filters(attributes={"color": "blue"}, price_max=Decimal(10)), "USD")
    assert not passes(product, Filters(attributes={"color": "red"}, in_stock=True), "USD")
    assert not passes(product, Filters(price_max=Decimal(10)), "EUR")


class Mends:
    """Spelling that knows one slip."""

    def __init__(self, said: str, meant: str) -> None:
        self.said = said
        self.meant = meant

    def mend(self, text: str) -> Mended:
        if self.said not in text:
            return Mended(text)
        return Mended(text.replace(self.said, self.meant), (Correction(self.said, self.meant),))


def misspelt_shop(said: str, meant: str) -> Searcher:
    return Searcher(Shelf(GOODS), Words(GOODS), Near({}), English(), "USD", QueryReader("USD", Mends(said, meant)))


def test_what_was_misspelt_is_searched_as_it_was_meant_and_the_result_says_so() -> None:
    result = misspelt_shop("chargre", "charger").search("phone chargre under 20 dollars", mode="bm25")
    assert ids(result)[0] == "cheap"
    assert result.query == "phone chargre under 20 dollars"
    assert result.interpretation["text"] == "phone charger"
    assert result.interpretation["corrected"] == [{"from": "chargre", "to": "charger"}]
    assert result.interpretation["price_max"] == 20
    assert "matches: phone, charger" in result.results[0].why


def test_what_is_spelt_well_says_nothing_of_corrections() -> None:
    assert "corrected" not in misspelt_shop("chargre", "charger").search("phone charger").interpretation


def test_where_the_mended_words_find_nothing_the_original_ones_count() -> None:
    result = misspelt_shop("lamp", "zeppelin").search("lamp", mode="bm25")
    assert ids(result) == ["lamp"]
    assert result.interpretation["text"] == "lamp"
    assert "corrected" not in result.interpretation


class Prefers:
    """A cross-encoder that likes one word."""

    name = "prefers"
    weight = 5.0
    languages = None

    def __init__(self, word: str) -> None:
        self.word = word

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        return np.array([float(self.word in text) for text in texts], dtype=np.float32)


def test_another_cross_encoder_gives_another_search_and_leaves_the_first_alone() -> None:
    goods = [stamped("a", "Phone charger, white"), stamped("b", "Phone charger, black")]
    weights = Weights({"lexical": 1.0})
    near = Near({})
    first = Searcher(Shelf(goods), Words(goods), near, English(), "USD", ordering=Ordering(near, weights))
    second = first.with_reranker(Prefers("charger, black"))
    assert [hit.id for hit in second.search("phone charger").results] == ["b", "a"]
    assert [hit.id for hit in first.search("phone charger").results] == ["a", "b"]


class Also:
    """Other words for one."""

    def __init__(self, said: str, also: str, weight: float = 0.5) -> None:
        self.known = Expansion(said, also, weight, "compound")

    def expand(self, text: str) -> tuple[Expansion, ...]:
        return (self.known,) if self.known.said in text else ()


def synonymous_shop(said: str, also: str, goods: Sequence[Stamped] = GOODS) -> Searcher:
    reader = QueryReader("USD", synonyms=Also(said, also))
    return Searcher(Shelf(goods), Words(goods), Near({}), English(), "USD", reader)


@pytest.mark.parametrize("mode", ["bm25", "hybrid", "full"])
def test_what_goes_by_another_word_is_found_and_says_so(mode: str) -> None:
    result = synonymous_shop("torch", "lamp").search("red torch", mode=mode)

    assert ids(result) == ["lamp"]
    assert "matches: lamp, another word for torch" in result.results[0].why
    assert not [reason for reason in result.results[0].why if "description" in reason]
    assert {"step": "synonym", "said": "torch", "meant": "lamp"} in result.interpretation["steps"]
    assert result.interpretation["text"] == "red torch"


def test_the_words_that_were_typed_count_more_than_others() -> None:
    goods = (stamped("other", "Red lamp"), stamped("typed", "Red torch"), stamped("both", "Torch lamp red"))
    result = synonymous_shop("torch", "lamp", goods).search("red torch", mode="bm25")

    assert ids(result)[-1] == "other"
    assert [hit.score for hit in result.results] == sorted((hit.score for hit in result.results), reverse=True)
    assert not [reason for hit in result.results[:-1] for reason in hit.why if "another word" in reason]


def test_a_search_without_other_words_says_nothing_of_them() -> None:
    result = synonymous_shop("torch", "lamp").search("phone charger")
    assert not [step for step in result.interpretation["steps"] if step["step"] == "synonym"]


def test_what_has_no_other_word_in_common_is_blamed_on_the_right_condition() -> None:
    result = synonymous_shop("torch", "lamp").search("torch", filters=Filters(price_max=Decimal(5)))
    assert result.relaxed == ("price_max: 1 result without it",)


def test_what_is_not_wanted_is_looked_for_by_what_goods_without_it_say() -> None:
    goods = (stamped("sweet", "Lemon tea"), stamped("plain", "Brew unsweetened"), stamped("mug", "Mug"))
    result = shop(goods, Near({})).search("lemon tea without sugar", mode="bm25")

    assert ids(result) == ["sweet", "plain"]
    assert not [step for step in result.interpretation["steps"] if step["step"] == "synonym"]


def test_a_word_that_is_not_wanted_has_no_other_words() -> None:
    result = synonymous_shop("torch", "lamp").search("charger without torch", mode="bm25")
    assert "lamp" not in ids(result)


@pytest.mark.parametrize("query", ["phone charger", "phone charger under 20 dollars", "under 20 dollars", "zxqv"])
def test_the_ids_alone_are_those_of_a_search_by_words_and_vectors(query: str) -> None:
    assert shop().ids(query, 3) == ids(shop().search(query, 3, mode="hybrid"))


def test_ids_are_refused_what_a_search_is() -> None:
    with pytest.raises(BadInputError, match="empty"):
        shop().ids(" ", 3)
    with pytest.raises(BadInputError, match="0 results"):
        shop().ids("charger", 0)
