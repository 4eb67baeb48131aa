"""Suggestions over HTTP and from the command line, of a shop whose visitors have searched."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shopfront import small_demo_store
from talkers import ScriptedTalker

from assistant.evidence import corrected
from assistant.tools.catalog import as_quoted, look_for
from assistant.tools.context import TurnContext, TurnLog
from retriever.lexical import lexical_for
from retriever.product import Stamped
from retriever.records import EventRecord
from retriever.search import Searcher
from retriever.store import Store
from ui.api import Shop, create_app
from ui.shop import LocalShop, SuggestOrder

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SEARCHED = {  # query: how many visitors made it
    "tent in olive": 4,
    "camping mug": 2,
    "mug for anna@example.com": 9,
    "order 4412907 mug": 9,
    "unicorn saddle": 9,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(tmp_path_factory.mktemp("shop"))
    tents = [hit.id for hit in opened.searcher.search("tent", k=5, mode="bm25").results]
    with opened.database.transaction() as session:
        session.add_all(
            EventRecord(
                id=f"{query}-{visitor}",
                feed="test",
                content_hash="",
                kind="search",
                session_id=f"session-{visitor}",
                at=NOW,
                value={"query": query, "results": tents},
            )
            for query, visitors in SEARCHED.items()
            for visitor in range(visitors)
        )
    opened.suggester.prepare(wait=True)
    yield opened
    opened.close()


@pytest.fixture
def web(store: Store) -> TestClient:
    return TestClient(create_app(Shop(store=store, talker=ScriptedTalker([])), page=False))


def texts(web: TestClient, **asked: Any) -> list[str]:
    answer = web.get("/api/suggest", params=asked)
    assert answer.status_code == 200, answer.text
    return [each["text"] for each in answer.json().get("suggestions", answer.json().get("related"))]


def test_typing_is_answered_with_marked_suggestions(web: TestClient) -> None:
    answer = web.get("/api/suggest", params={"q": "run sh", "k": 3}).json()
    assert list(answer) == ["query", "ready", "suggestions"]
    first = answer["suggestions"][0]
    assert (first["text"], first["kind"]) == ("Running Shoes", "category")
    assert first["count"] > 1
    assert [first["text"][start:end] for start, end in first["highlight"]] == ["Run", "Sh"]
    assert len(answer["suggestions"]) <= 3


def test_slips_chinese_and_an_empty_box(web: TestClient) -> None:
    assert "Running Shoes" in texts(web, q="runing sh")
    assert any("帐篷" in text for text in texts(web, q="帐"))
    assert texts(web)[0] in texts(web, q="", k=50)
    assert texts(web, q="qqqqqq") == []


def test_what_several_visitors_searched_is_offered_and_nothing_about_a_person(web: TestClient) -> None:
    assert "tent in olive" in texts(web, q="tent in")
    offered = [text for letter in "abcmotu4" for text in texts(web, q=letter, k=50)]
    assert "camping mug" not in offered, "too few made it"
    assert not [text for text in offered if "anna" in text or "4412907" in text]
    assert "unicorn saddle" not in offered, "nothing is it now"


def test_every_suggestion_finds_something(web: TestClient, store: Store) -> None:
    beginnings = [chr(letter) for letter in range(ord("a"), ord("z") + 1)] + ["帐", "杯", "鞋", "霜", ""]
    offered = {text for beginning in beginnings for text in texts(web, q=beginning, k=50)}
    assert len(offered) > 50
    for text in offered:
        for mode in ("bm25", "full"):
            assert store.searcher.search(text, k=1, mode=mode).results, f"'{text}' finds nothing ({mode})"


def test_related_searches_are_other_ones_about_the_same_goods(web: TestClient) -> None:
    answer = web.get("/api/suggest", params={"related": "tent"}).json()
    assert list(answer) == ["query", "ready", "did_you_mean", "related"]
    related = [each["text"] for each in answer["related"]]
    assert "tent in olive" in related
    assert "Tents" not in related, "this is what was searched"
    assert answer["did_you_mean"] is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"q": "x" * 1_001}, "1,001 characters"),
        ({"q": "x" * 10_001}, "q"),
        ({"q": "x", "k": "0"}, "k"),
        ({"q": "x", "language": "fr"}, "language"),
        ({"related": ""}, "empty"),
        ({"related": "x" * 1_001}, "1,001 characters"),
    ],
)
def test_bad_questions_get_problem_documents(web: TestClient, asked: dict[str, str], told: str) -> None:
    answer = web.get("/api/suggest", params=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]


def test_control_characters_do_no_harm(web: TestClient) -> None:
    assert "Running Shoes" in texts(web, q="\x00run\x1b\x07")


def test_the_command_waits_for_the_phrases(store: Store) -> None:
    found = LocalShop(store).suggest(SuggestOrder(text="run sh"))
    assert found["ready"]
    assert found["suggestions"][0]["text"] == "Running Shoes"


def test_the_assistant_says_what_it_mended_and_searches_as_typed_what_stands_in_quotes(store: Store) -> None:
    context = TurnContext(store, "talk", None, "cart", "en", TurnLog())
    (mended,) = corrected([look_for(context, "face craem")])
    assert (mended.said, mended.meant) == ("craem", "cream")
    assert corrected([look_for(context, "face cream")]) == ()
    typed = as_quoted("face craem", 'show me face "craem"')
    assert typed == 'face "craem"'
    assert corrected([look_for(context, typed)]) == ()
    assert as_quoted("tent", 'a 12" shelf and 5" pots') == "tent"


def test_a_shop_that_was_warmed_up_has_read_its_words_and_one_that_is_closing_reads_none(store: Store) -> None:
    closing, warm = (dataclasses.replace(store) for _ in range(2))
    closing.warm_up(stopped=lambda: True)
    warm.warm_up()
    assert (closing.suggester.ready, warm.suggester.ready) == (False, True)


def test_goods_are_read_ahead_a_hundred_at_a_time_until_somebody_says_stop(store: Store) -> None:
    heard: list[bool] = []

    def stopped() -> bool:
        heard.append(True)
        return len(heard) > 3

    many = store.catalogue.first(10_000) * 7

    class Larger:
        """The shop's goods seven times over."""

        read = 0

        def first(self, limit: int) -> list[str]:
            return many[:limit]

        def stamped(self, ids: Sequence[str]) -> list[Stamped]:
            self.read += len(ids)
            return store.catalogue.stamped(ids)

    goods = Larger()
    reader = Searcher(goods, lexical_for(store.database), store.vectors, store.encoder, store.currency)
    reader.read_ahead("red tent without poles", lambda: False)
    assert goods.read == len(many) > 300
    goods.read = 0
    reader.read_ahead("red tent without poles", stopped)
    assert goods.read == 300


def test_the_first_goods_are_those_the_merchant_names_first(store: Store) -> None:
    ids = store.catalogue.first(5)
    assert len(ids) == 5
    assert ids == store.catalogue.first(10)[:5]
    positions = [key.position for key in store.catalogue.sort_keys(None).values()]
    assert [store.catalogue.sort_keys([id])[id].position for id in ids] == sorted(positions)[:5]
