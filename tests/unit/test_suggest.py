"""What is offered while somebody types, and what else to search for."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import BadInputError, UnavailableError
from retriever.product import Availability, PriceRange, Product
from retriever.suggest import MAX_PREFIX, Suggester, Suggestion
from retriever.suggesting.index import PhraseIndex
from retriever.suggesting.phrases import Phrase, unified

PHRASES = (
    Phrase("Headphones & Earbuds", "category", 60),
    Phrase("bluetooth headphones", "product", 40),
    Phrase("Bluebird", "brand", 9),
    Phrase("blue headscarf", "attribute", 3),
    Phrase("foam mattress", "product", 12),
    Phrase("memory foam pillow", "product", 7),
    Phrase("Mattresses", "category", 30),
    Phrase("stickers", "product", 5),
    Phrase("women's boots", "product", 6),
    Phrase("crème brûlée torch", "product", 2),
    Phrase("蓝牙耳机", "product", 20),
    Phrase("黑色无线耳机", "query", 4, visitors=3, found=frozenset({"a", "b"})),
    Phrase("earbuds for running", "query", 4, visitors=8, found=frozenset({"a", "b", "c"})),
    Phrase("sleep mask", "query", 2, visitors=5, found=frozenset({"z", "y"})),
)


class Shop:
    """Phrases in memory; ``imports`` counts what changed them."""

    def __init__(self, phrases: Sequence[Phrase] = PHRASES) -> None:
        self.phrases = phrases
        self.imports = 0
        self.reads = 0
        self.down = False

    def state(self) -> object:
        return self.imports

    def read(self) -> PhraseIndex:
        if self.down:
            raise UnavailableError("The database is away.")
        self.reads += 1
        return PhraseIndex(unified(self.phrases, 1_000))


def suggester(shop: Shop | None = None) -> Suggester:
    made = Suggester(shop or Shop())
    made.prepare(wait=True)
    return made


def texts(found: Sequence[Suggestion]) -> list[str]:
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hea", "Headphones & Earbuds"),
        ("HEA", "Headphones & Earbuds"),
        ("blu he", "bluetooth headphones"),  # each word as far as it goes
        ("he blu", "bluetooth headphones"),  # in any order
        ("pillow", "memory foam pillow"),  # not the first word
        ("womens b", "women's boots"),
        ("women\u2019s b", "women's boots"),
        ("creme bru", "crème brûlée torch"),
        ("ｂｌｕｅｂ", "Bluebird"),
        ("蓝牙", "蓝牙耳机"),
        ("牙耳", "蓝牙耳机"),  # Chinese by its characters
        ("黑耳机", "黑色无线耳机"),  # which need not be neighbours
    ],
)
def test_words_are_completed(typed: str, first: str) -> None:
    assert texts(suggester().suggest(typed))[0] == first


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("haed", "Headphones & Earbuds"),  # neighbours swapped
        ("headpphone", "Headphones & Earbuds"),  # one twice
        ("blutooth", "bluetooth headphones"),  # one missing
        ("mettress", "Mattresses"),  # another vowel
        ("mattresss", "Mattresses"),
        ("bluetootg", "bluetooth headphones"),  # the key beside
        ("stixkers", "stickers"),
        ("mattzess", "Mattresses"),  # any letter, where nothing is nearer
        ("foak pillow", "memory foam pillow"),
    ],
)
def test_one_slip_is_forgiven(typed: str, found: str) -> None:
    assert found in texts(suggester().suggest(typed))


@pytest.mark.parametrize("typed", ["hae", "zzzz", "xeadphones", "hhaaedphones", "blue mattress", "!!!", "a " * 20])
def test_nothing_is_made_up(typed: str) -> None:
    assert suggester().suggest(typed) == ()


def test_an_exact_match_leaves_no_room_for_slips() -> None:
    shop = Shop([Phrase("form", "product", 1), Phrase("foam", "product", 900)])
    assert texts(suggester(shop).suggest("form")) == ["form"]


def test_what_goes_on_from_the_typed_words_comes_before_what_has_them_somewhere() -> None:
    shop = Shop([Phrase("lamp shade", "product", 3), Phrase("desk lamp", "product", 6)])
    assert texts(suggester(shop).suggest("lam")) == ["lamp shade", "desk lamp"]


def test_visitors_searches_say_more_than_titles() -> None:
    shop = Shop([Phrase("lamp oil", "product", 30), Phrase("lamp for reading", "query", 2, visitors=20)])
    assert texts(suggester(shop).suggest("lamp"))[0] == "lamp for reading"


def test_the_typed_part_is_marked() -> None:
    found = suggester().suggest("blu he", k=1)[0]
    assert [found.text[start:end] for start, end in found.highlight] == ["blu", "he"]
    chinese = suggester().suggest("耳机", k=1)[0]
    assert [chinese.text[start:end] for start, end in chinese.highlight] == ["耳机"]
    whole = suggester().suggest("womens", k=1)[0]
    assert [whole.text[start:end] for start, end in whole.highlight] == ["women's"]


def test_one_thing_is_offered_once_under_the_shops_own_name() -> None:
    shop = Shop(
        [
            Phrase("tent", "product", 9),
            Phrase("tents", "query", 5, visitors=7, found=frozenset({"t"})),
            Phrase("Tents", "category", 8),
        ]
    )
    assert suggester(shop).suggest("tent") == (Suggestion("Tents", "category", 9, ((0, 4),)),)


def test_an_empty_prefix_gets_what_is_popular_in_the_language() -> None:
    assert texts(suggester().suggest("  ", k=2)) == ["earbuds for running", "Headphones & Earbuds"]
    assert texts(suggester().suggest("", language="zh")) == ["黑色无线耳机", "蓝牙耳机"]
    assert texts(suggester().suggest("\x00\u200b", k=1)) == ["earbuds for running"]


def test_control_characters_are_no_part_of_a_word() -> None:
    assert texts(suggester().suggest("blue\x00tooth\x1b", k=1)) == []
    assert texts(suggester().suggest("\x07bluetooth\n", k=1)) == ["bluetooth headphones"]


@pytest.mark.parametrize(("prefix", "k"), [("x" * (MAX_PREFIX + 1), 8), ("x", 0), ("x", 51)])
def test_what_is_no_question_is_refused_with_a_hint(prefix: str, k: int) -> None:
    with pytest.raises(BadInputError) as caught:
        suggester().suggest(prefix, k)
    assert caught.value.hint


@given(st.text(max_size=60), st.integers(1, 50))
def test_any_text_is_answered_within_the_asked_number(prefix: str, k: int) -> None:
    known = {phrase.text for phrase in PHRASES}
    found = ANY.suggest(prefix, k)
    assert len(found) <= k
    assert len(set(texts(found))) == len(found)
    for each in found:
        assert each.text in known
        assert all(0 <= start < end <= len(each.text) for start, end in each.highlight)


ANY = suggester()


@given(st.sampled_from(PHRASES), st.data())
def test_every_phrase_is_found_by_its_own_beginnings(phrase: Phrase, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, len(phrase.text)))
    if phrase.text[:length].strip():
        assert phrase.text in texts(ANY.suggest(phrase.text[:length], k=50))


def test_a_phrase_that_names_no_product_is_never_offered() -> None:
    assert suggester(Shop([Phrase("unicorn", "query", 0, visitors=50)])).suggest("uni") == ()


def test_the_first_question_is_not_kept_waiting() -> None:
    class Slow(Shop):
        def __init__(self) -> None:
            super().__init__()
            self.go, self.done = threading.Event(), threading.Event()

        def read(self) -> PhraseIndex:
            assert self.go.wait(30)
            self.done.set()
            return super().read()

    shop = Slow()
    made = Suggester(shop)
    assert (made.suggest("hea"), made.ready) == ((), False)
    assert made.suggest("hea") == ()
    shop.go.set()
    made.prepare(wait=True)
    assert made.ready
    assert made.suggest("hea")
    assert shop.reads == 1, "one reading is enough"


def test_phrases_are_read_anew_after_an_import() -> None:
    shop = Shop([Phrase("kettle", "product", 1)])
    made = suggester(shop)
    shop.phrases, shop.imports = [Phrase("teapot", "product", 1)], 1
    made.suggest("k")  # starts the reading
    made.prepare(wait=True)
    assert (texts(made.suggest("k")), texts(made.suggest("tea"))) == ([], ["teapot"])
    assert shop.reads == 2


def test_old_phrases_serve_while_the_records_cannot_be_read() -> None:
    shop = Shop([Phrase("kettle", "product", 1)])
    made = suggester(shop)
    shop.down, shop.imports = True, 1
    assert texts(made.suggest("ket")) == ["kettle"]
    with pytest.raises(UnavailableError):
        made.prepare(wait=True)
    assert texts(made.suggest("ket")) == ["kettle"]


def test_a_known_word_that_may_be_a_slip() -> None:
    shop = Shop([Phrase("foam mattress", "product", 12), Phrase("order form", "product", 3)])
    made = suggester(shop)
    beside = [product("order form"), product("a mattress"), product("a form for a mattress")]
    meant = made.did_you_mean("Form mattress", beside)
    assert meant is not None
    assert meant.text == "foam mattress"
    assert made.did_you_mean("form mattress", [product(f"{n} mattress form") for n in "123"]) is None, "enough are so"
    assert made.did_you_mean("foam mattress", []) is None, "the shop has such"
    assert made.did_you_mean("form", []) is None, "one word alone says nothing"
    assert made.did_you_mean("form kettle", []) is None


def product(id: str, *categories: str) -> Product:
    here = Availability(available=True, status="in_stock")
    return Product(id=id, title=id, categories=categories, price_range=PriceRange(), availability=here)


def test_related_searches_share_products_or_categories_with_the_result() -> None:
    found = [product("a", "Headphones & Earbuds"), product("b", "Headphones & Earbuds")]
    related = texts(suggester().related("earbuds", found))
    assert related[0] == "earbuds for running", "shows the same goods and says more"
    assert {"黑色无线耳机", "Headphones & Earbuds"} <= set(related)
    assert "sleep mask" not in related
    assert "Mattresses" not in related


def test_nothing_is_related_to_itself_or_to_nothing() -> None:
    found = [product("a", "Mattresses"), product("b", "Mattresses")]
    assert "Mattresses" not in texts(suggester().related("mattress", found))
    assert suggester().related("mattress", []) == ()
