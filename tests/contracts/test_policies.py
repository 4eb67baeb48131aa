"""Finding the right policy, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from retriever.database import Database
from retriever.policies import Policies
from retriever.records import PolicyRecord


@pytest.fixture
def policies(database: Database) -> Policies:
    entries = [
        ("returns", "Returns and refunds", "Send goods back within 30 days.", "退货与退款", "30天内可以退货。"),
        ("delivery", "Delivery times", "Orders are shipped within two days.", "配送时间", "两天内发货。"),
        ("warranty", "Warranty", "Electronics have a warranty of two years; returns are free.", "", ""),
    ]
    with database.transaction() as session:
        for id, title, body, title_zh, body_zh in entries:
            texts = {"zh": {"title": title_zh, "body": body_zh}} if title_zh else {}
            session.add(
                PolicyRecord(id=id, feed="test", content_hash="", title=title, body=body, topic="", texts=texts)
            )
    return Policies(database)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("how do I return something", "returns"),
        ("refund?", "returns"),
        ("when will it be shipping", "delivery"),
        ("WARRANTIES", "warranty"),
        ("怎么退货", "returns"),
        ("什么时候发货", "delivery"),
    ],
)
def test_the_best_policy_comes_first(policies: Policies, query: str, first: str) -> None:
    found = policies.search(query, 2)

    assert found[0].id == first
    assert [policy.score for policy in found] == sorted((policy.score for policy in found), reverse=True)


@pytest.mark.parametrize("query", ["", "😀", "zeppelin", "'; DROP TABLE policy; --", "x" * 10_000])
def test_what_no_policy_speaks_of_finds_none(policies: Policies, query: str) -> None:
    assert policies.search(query) == []


def test_an_answer_is_in_the_language_of_the_question(policies: Policies) -> None:
    assert policies.search("退货")[0].title == "退货与退款"
    assert policies.search("return")[0].title == "Returns and refunds"
    assert [policy.title for policy in policies.all("zh")] == ["配送时间", "退货与退款", "Warranty"]


def test_the_limit_holds(policies: Policies) -> None:
    assert len(policies.search("returns warranty delivery", 2)) == 2
    assert policies.search("returns", 0) == []


def test_a_shop_without_policies_has_no_answer(database: Database) -> None:
    assert Policies(database).search("returns") == Policies(database).all() == []
