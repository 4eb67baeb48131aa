"""Queries in one language over goods in the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.text import holds_han
from retriever.understanding.bridging import Bridge, lexicon

ENGLISH = frozenset({"en"})
CHINESE = frozenset({"zh"})


class Catalogue:
    """A shop whose bilingual goods have taught a few words."""

    def __init__(self, **taught: str) -> None:
        self._taught = {name.replace("_", " "): (word,) for name, word in taught.items()}
        self._taught |= {words[0]: (name,) for name, words in self._taught.items()}

    def translations(self, word: str) -> Sequence[str]:
        return self._taught.get(word, ())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("无线蓝牙耳机", "wireless bluetooth headphones"),
        ("女士防水登山鞋 大号", "womens waterproof hiking boots large"),
        ("iphone 手机壳", "iphone phone case"),
        ("给狗狗戴的项圈", "dog collar"),
        ("白色T恤", "white t-shirt"),
        ("USB充电器", "USB charger"),
        ("2米数据线", "2 m usb cable"),
        ("不锈钢保温杯500毫升", "stainless steel insulated bottle 500 ml"),
    ],
)
def test_a_chinese_query_over_english_goods(said: str, meant: str) -> None:
    assert Bridge().bridge(said, ENGLISH).text == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("wireless bluetooth headphones", "无线蓝牙耳机"),
        ("women's red shoes", "女士红色鞋"),
        ("noise-cancelling earbuds", "降噪耳塞"),
        ("nonstick frying pans 28cm", "不粘平底锅 28cm"),
    ],
)
def test_an_english_query_over_chinese_goods(said: str, meant: str) -> None:
    assert Bridge().bridge(said, CHINESE).text == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("包装纸", "wrapping paper"), ("电饭煲", "rice cooker"), ("腰包", "fanny pack")]
)
def test_the_longest_wording_wins_over_its_parts(said: str, meant: str) -> None:
    assert Bridge().bridge(said, ENGLISH).text == meant


def test_each_part_says_what_it_became_and_from_where() -> None:
    bridged = Bridge(Catalogue(tide_pod="汐汐球")).bridge("红色汐汐球", ENGLISH)

    assert bridged.text == "red tide pod"
    assert [(pair.said, pair.meant, pair.why) for pair in bridged.pairs] == [
        ("红色", "red", "lexicon"),
        ("汐汐球", "tide pod", "catalogue"),
    ]


def test_what_the_shop_itself_says_comes_before_the_lexicon() -> None:
    shop = Catalogue(cellular="手机")

    assert Bridge(shop).bridge("手机壳 手机", ENGLISH).text == "phone case cellular"
    assert Bridge(shop).bridge("cellular charger", CHINESE).text == "手机充电器"


def test_unknown_parts_stay() -> None:
    assert Bridge().bridge("索尼耳机", ENGLISH).text == "索尼 headphones"
    assert Bridge().bridge("sony headphones", CHINESE).text == "sony 耳机"


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("无线耳机", {"en", "zh"}),
        ("无线耳机", {"zh"}),
        ("wireless headphones", {"en", "zh"}),
        ("wireless headphones", {"en"}),
        ("无线耳机", set[str]()),
        ("魑魅魍魉", {"en"}),
        ("zyxgadget", {"zh"}),
        ("", {"en"}),
    ],
)
def test_nothing_is_changed_where_the_shop_speaks_the_language_or_nothing_is_known(
    text: str, languages: Collection[str]
) -> None:
    bridged = Bridge().bridge(text, languages)

    assert (bridged.text, bridged.pairs) == (text, ())


def test_of_several_wordings_the_first_that_the_shop_has_goods_for_is_taken() -> None:
    stock = {"couch": 9, "stroller": 1, "cart": 50}

    assert Bridge(sold=lambda words: stock.get(words, 0)).bridge("沙发", ENGLISH).text == "couch"
    assert Bridge(sold=lambda words: stock.get(words, 0)).bridge("推车", ENGLISH).text == "stroller", "not the most"
    assert Bridge(sold=lambda words: 0).bridge("沙发", ENGLISH).text == "sofa", "the commonest one where none is sold"


def test_one_character_is_no_word_inside_another_one() -> None:
    # 马 is a horse, and 马路 is a road.
    assert Bridge().bridge("马路", ENGLISH).text == "马路"


def test_a_very_long_query_is_read_in_part_and_kept_whole() -> None:
    text = "魑" * 500

    assert Bridge().bridge(f"{text}耳机", ENGLISH).text == f"{text}耳机"


def test_the_lexicon_holds_hundreds_of_words_and_each_says_what_it_should() -> None:
    words = lexicon()

    assert len(words.english) > 900
    for said, wordings in words.english.items():
        assert holds_han(said)
        assert all(wording and wording.isascii() for wording in wordings), said
    assert words.chinese["headphon"][0] == "耳机"


@given(st.text(alphabet="无线耳机包装的 redshoe2米T", max_size=40))
def test_any_text_comes_back_in_one_piece_or_the_other(text: str) -> None:
    for languages in (ENGLISH, CHINESE):
        bridged = Bridge().bridge(text, languages)
        assert bridged.pairs or bridged.text == text
        assert all(pair.said in text for pair in bridged.pairs)
