"""The languages of the goods, and that a query is put into one of them."""

from __future__ import annotations

from collections.abc import Collection

from retriever.query import QueryReader
from retriever.understanding.bridging import Bridge
from retriever.understanding.languages import FRESH, ShopLanguages


class Shop:
    """Languages in memory; counts how often they are read."""

    def __init__(self, *languages: str) -> None:
        self.spoken: Collection[str] = frozenset(languages)
        self.imports = 1
        self.reads = 0

    def state(self) -> object:
        return self.imports

    def read(self) -> Collection[str]:
        self.reads += 1
        return self.spoken


def test_languages_are_read_once_and_again_after_an_import() -> None:
    shop, now = Shop("en"), [0.0]
    languages = ShopLanguages(shop, lambda: now[0])
    assert languages.languages() == {"en"} == languages.languages()
    now[0] += FRESH
    assert languages.languages() == {"en"}
    assert shop.reads == 1
    shop.spoken, shop.imports = frozenset({"en", "zh"}), 2
    assert languages.languages() == {"en"}, "asked again too soon"
    now[0] += FRESH
    assert languages.languages() == {"en", "zh"}


def test_a_chinese_query_over_english_goods_is_put_into_english_and_says_so() -> None:
    reader = QueryReader("USD", bridging=Bridge(), languages=ShopLanguages(Shop("en")))
    reading = reader.read("无线耳机")
    assert "wireless" in reading.text
    assert any(step["step"] == "language" for step in reading.steps())


def test_in_a_shop_with_chinese_texts_it_stays_as_it_is() -> None:
    reader = QueryReader("USD", bridging=Bridge(), languages=ShopLanguages(Shop("en", "zh")))
    assert reader.read("无线耳机").text == "无线耳机"
