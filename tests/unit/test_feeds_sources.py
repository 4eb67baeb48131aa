"""The sources beside jsonl: ESCI with its download, tau2, and the choice between them."""

from __future__ import annotations

import gzip
import hashlib
import json
from decimal import Decimal

import httpx
import pytest

from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.download import download
from retriever.feeds.esci import EsciFeed
from retriever.feeds.feed import silent
from retriever.feeds.registry import SOURCES, source_feed
from retriever.feeds.rows import CustomerRow, OrderRow, PolicyRow, ProductRow, Rejected
from retriever.feeds.tau2 import Tau2Feed, policy_entries

CHARGER = {
    "asin": "B01",
    "title": "USB charger",
    "description": "Charges phones.",
    "bullet_points": "Two ports\nFolds flat",
    "brand": "Anker",
    "color": "Black",
    "image": "https://example.org/b01.jpg",
    "price": 12.99,
    "category": ["Electronics", "Chargers"],
    "rating": 4.5,
    "rating_count": 210,
    "is_book": False,
}
BARE = {"id": "B02", "title": "Cable", "price": None, "brand": None, "color": None, "category": [], "rating": None}


@pytest.fixture
def esci_folder(tmp_path):
    content = "\n".join(json.dumps(row) for row in (CHARGER, BARE, {"title": "no id"}, 7))
    (tmp_path / "products.jsonl.gz").write_bytes(gzip.compress(content.encode()))
    return tmp_path


def test_esci_products_from_a_folder(esci_folder):
    charger, bare, nameless, number = EsciFeed(esci_folder, esci_folder).read(silent)
    row = charger[1]
    assert isinstance(row, ProductRow)
    assert row.id == "B01"
    assert row.price == Decimal("12.99")
    assert row.currency == "USD"
    assert row.description == "Two ports\nFolds flat\nCharges phones."
    assert row.attributes == {"color": "Black"}
    assert row.categories == ["Electronics", "Chargers"]
    assert row.rating.count == 210
    assert bare[1].price is None
    assert (bare[1].rating, bare[1].images, bare[1].attributes) == (None, [], {})
    assert isinstance(nameless, Rejected)
    assert nameless.line == 3
    assert isinstance(number, Rejected)


@pytest.mark.parametrize(
    "change",
    [
        {"price": "cheap"},
        {"bullet_points": 5},
        {"color": 7},
        {"category": "Toys"},
        {"rating": 9.0},
        {"id": {}, "asin": 1},
    ],
)
def test_esci_products_of_another_shape_are_rejected(tmp_path, change):
    (tmp_path / "products.jsonl").write_text(json.dumps(CHARGER | change), encoding="utf-8")
    (item,) = EsciFeed(tmp_path, tmp_path).read(silent)
    assert isinstance(item, Rejected)


def test_a_folder_without_products_is_said_so(tmp_path):
    with pytest.raises(BadInputError, match="holds neither"):
        list(EsciFeed(tmp_path, tmp_path).read(silent))


def serve(content: bytes, status: int = 200, asked: list[str] | None = None) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(str(request.url))
        length = {"content-length": str(len(content))}
        return httpx.Response(status, headers=length, stream=httpx.ByteStream(content))

    return httpx.MockTransport(answer)


def no_network(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Name or service not known")


def test_a_download_arrives_once_and_whole(tmp_path):
    content, asked, heard = b"goods" * 1_000, [], []
    sha256 = hashlib.sha256(content).hexdigest()
    target = tmp_path / "deep" / "goods.gz"
    for _ in range(2):
        path = download(
            "https://x.test/g", target, sha256, lambda *told: heard.append(told), serve(content, 200, asked)
        )
        assert path.read_bytes() == content
    assert asked == ["https://x.test/g"]
    assert heard[-1] == ("downloading", 5_000, 5_000)


@pytest.mark.parametrize(
    ("transport", "message"),
    [
        (httpx.MockTransport(no_network), "Name or service not known"),
        (serve(b"", 404), "404"),
        (serve(b"<html>Log in to the Wi-Fi</html>"), "not the expected file"),
    ],
)
def test_a_failed_download_says_what_to_do_and_leaves_nothing(tmp_path, transport, message):
    with pytest.raises(UnavailableError, match=message) as caught:
        list(EsciFeed(None, tmp_path, transport).read(silent))
    assert "give its path" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


SHOP = {
    "products": {
        "1": {
            "product_id": "1",
            "name": "T-Shirt",
            "variants": {
                "11": {"item_id": "11", "options": {"color": "blue", "size": "M"}, "available": True, "price": 50.88},
                "12": {"item_id": "12", "options": {"color": "red", "size": "M"}, "available": False, "price": 49.67},
            },
        }
    },
    "users": {
        "noah": {
            "user_id": "noah",
            "name": {"first_name": "Noah", "last_name": "Brown"},
            "email": "noah@example.com",
            "address": {"address1": "1 Main St", "address2": "", "city": "Denver", "state": "CO", "zip": "80279"},
            "payment_methods": {"gift_card_1": {"source": "gift_card", "id": "gift_card_1", "balance": 62}},
        }
    },
    "orders": {
        "#W1": {
            "order_id": "#W1",
            "user_id": "noah",
            "address": {"address1": "1 Main St", "city": "Denver"},
            "items": [
                {"name": "T-Shirt", "product_id": "1", "item_id": "11", "price": 50.88, "options": {"size": "M"}}
            ],
            "status": "delivered",
            "fulfillments": [{"tracking_id": ["357"], "item_ids": ["11"]}],
            "payment_history": [
                {"transaction_type": "payment", "amount": 50.88, "payment_method_id": "gift_card_1"},
            ],
        }
    },
}


@pytest.fixture
def tau2_folder(tmp_path):
    (tmp_path / "db.json").write_text(json.dumps(SHOP), encoding="utf-8")
    (tmp_path / "policy.md").write_text("# Policy\n\nBe kind.\n\n## Returns\n\n30 days.\n", encoding="utf-8")
    return tmp_path


def test_the_tau2_shop_from_a_folder(tau2_folder):
    product, customer, order, policy, returns = (item[1] for item in Tau2Feed(tau2_folder).read(silent))
    assert isinstance(product, ProductRow)
    assert [(v.id, v.options, v.price, v.available) for v in product.variants] == [
        ("11", {"color": "blue", "size": "M"}, Decimal("50.88"), True),
        ("12", {"color": "red", "size": "M"}, Decimal("49.67"), False),
    ]
    assert isinstance(customer, CustomerRow)
    assert (customer.name, customer.addresses[0].city, customer.payment_methods[0].balance) == (
        "Noah Brown",
        "Denver",
        62,
    )
    assert isinstance(order, OrderRow)
    assert order.lines[0].variant_id == "11"
    assert order.payments[0].kind == "payment"
    assert order.fulfillments[0].tracking_ids == ["357"]
    assert isinstance(policy, PolicyRow)
    assert (returns.id, returns.title, returns.body) == ("tau2-policy-returns", "Returns", "30 days.")


def test_tau2_objects_of_another_shape_are_rejected(tau2_folder):
    broken = SHOP | {"users": {"a": {"user_id": "a", "name": ["Noah"]}, "b": 3}, "orders": {"o": {"order_id": "o"}}}
    (tau2_folder / "db.json").write_text(json.dumps(broken), encoding="utf-8")
    rejected = [item for item in Tau2Feed(tau2_folder).read(silent) if isinstance(item, Rejected)]
    assert [item.id for item in rejected] == ["a", "", "o"]


@pytest.mark.parametrize("content", ["{", "[]", '{"products": {}}', "\udcff"])
def test_a_tau2_database_that_is_none_is_refused(tau2_folder, content):
    (tau2_folder / "db.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInputError):
        list(Tau2Feed(tau2_folder).read(silent))


def test_policies_follow_the_headings():
    text = "Before.\n# Shop\n## Orders\nGeneral.\n### Cancel\nWithin a day.\n## Empty\n## Orders\nAgain."
    assert [(entry["id"], entry["topic"], entry["body"]) for entry in policy_entries(text)] == [
        ("tau2-policy-policy", "Policy", "Before."),
        ("tau2-policy-orders", "Orders", "General."),
        ("tau2-policy-cancel", "Orders", "Within a day."),
        ("tau2-policy-orders-2", "Orders", "Again."),
    ]


def test_an_unknown_source_lists_the_known_ones(tmp_path):
    with pytest.raises(BadInputError, match="no source 'ebay'") as caught:
        source_feed("ebay", downloads=tmp_path)
    assert all(name in caught.value.hint for name in SOURCES)


@pytest.mark.parametrize(
    ("source", "path", "download_it", "message"),
    [
        ("jsonl", None, False, "needs the path"),
        ("esci", None, False, "needs a path, or --download"),
        ("esci", ".", True, "exclude each other"),
        ("tau2", "nowhere", False, "nothing at"),
        ("demo", ".", False, "takes no path"),
        ("tau2", None, True, "nothing to download"),
    ],
)
def test_a_source_says_what_it_needs(tmp_path, source, path, download_it, message):
    with pytest.raises(BadInputError, match=message):
        source_feed(source, path and tmp_path / path, download=download_it, downloads=tmp_path)


@pytest.mark.parametrize(
    ("source", "path"), [("demo", None), ("tau2", None), ("tau2", "."), ("esci", "."), ("jsonl", ".")]
)
def test_a_source_gives_its_feed(tmp_path, source, path):
    assert source_feed(source, path and tmp_path / path, downloads=tmp_path).source == source


def test_the_installed_package_is_found_without_importing_it(tmp_path, monkeypatch):
    folder = tmp_path / "inspect_evals" / "tau2" / "data" / "domains" / "retail"
    folder.mkdir(parents=True)
    (tmp_path / "inspect_evals" / "__init__.py").write_text("raise AssertionError('imported')", encoding="utf-8")
    (folder / "db.json.gz").write_bytes(gzip.compress(json.dumps(SHOP).encode()))
    (folder / "policy.txt").write_text("# Policy\nBe kind.", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert [item[1].id for item in Tau2Feed().read(silent)] == ["1", "noah", "#W1", "tau2-policy-policy"]


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(UnavailableError, match="not installed") as caught:
        list(Tau2Feed().read(silent))
    assert "shopwise[tau2]" in caught.value.hint
