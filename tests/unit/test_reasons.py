"""Reasons for recommendations: what the records bear out is said, what they do not is not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from held_pictures import HeldPictures
from sqlalchemy import delete

from retriever.database import Database
from retriever.interactions.consent import EVERYTHING
from retriever.interactions.recorded import recorded_acts
from retriever.product import Availability, Money, PriceRange, Product, Rating, Stamped
from retriever.profiles.choices import Chosen
from retriever.recommending.asking import Asked, Context
from retriever.recommending.candidate import OTHERS, Because, Candidate
from retriever.recommending.explaining.on_record import covers
from retriever.recommending.explaining.reasons import Reason, Reasons, short_name
from retriever.recommending.knowledge.crowd import Crowd, Repeats, Together
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.situation import Situation
from retriever.records import (
    CustomerRecord,
    EventRecord,
    Forgotten,
    OrderLineRecord,
    OrderRecord,
    ProfileChoice,
    PromotionRecord,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
FEED = {"feed": "test", "content_hash": ""}


def stamped(id: str, title: str, category: str, **also: Any) -> Stamped:
    brand, rating = also.pop("brand", ""), also.pop("rating", None)
    product = Product(
        id=id,
        title=title,
        brand=brand,
        categories=("Shop", category),
        price_range=PriceRange(min=Money(amount=1000, currency="USD"), max=Money(amount=1000, currency="USD")),
        rating=rating,
        availability=Availability(available=True, status="in_stock"),
    )
    return Stamped(product=product, **also)


LIKED = Rating(value=4.5, count=1203)
SHELF = {
    each.product.id: each
    for each in (
        stamped("lamp", "Glow Lamp, brass", "Lamps", texts={"zh": {"title": "辉光台灯"}}, rating=LIKED),
        stamped("mat", "Moss Mat", "Mats", published_at=NOW - timedelta(days=5), rating=Rating(value=3.1, count=40)),
        stamped("pole", "Alder Poles (today only $2.00)", "Poles", brand="Alder"),
        stamped("tent", "Ridge Tent", "Tents", related={"goes_with": ("mat",)}),
        stamped("tent2", "Cairn Tent", "Tents", published_at=NOW - timedelta(days=400)),
    )
}  # fmt: skip


class Shelf:
    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        return [SHELF[id] for id in ids if id in SHELF]


IDS = tuple(sorted(SHELF))
CATEGORIES = ("Lamps", "Mats", "Poles", "Tents")
GOODS = Goods(
    ids=IDS,
    categories=CATEGORIES,
    category=np.array([CATEGORIES.index(SHELF[id].product.categories[-1]) for id in IDS], np.int32),
    brands=("", "Alder"),
    brand=np.zeros(5, np.int32),
    price=np.full(5, 1000.0),
    available=np.ones(5, np.bool_),
    published=np.full(5, np.nan),
    rating=np.full(5, 4.0),
    rated=np.zeros(5, np.int64),
    position=np.arange(5),
)
CROWD = Crowd(  # lamp, mat, pole, tent, tent2
    made_at=NOW.timestamp(),
    events=40,
    people=np.array([2, 4, 9, 12, 2]),
    wanted=np.array([2.0, 4.0, 9.0, 12.0, 1.0]),
    recent=np.array([2.0, 3.0, 2.0, 9.0, 1.0]),
    before=np.array([0.0, 3.0, 2.0, 3.0, 4.0]),
    together=Together(  # mat and tent: 4 people, pole and tent: 2
        start=np.array([0, 0, 1, 2, 4, 4]),
        row=np.array([3, 3, 1, 2], np.int32),
        count=np.array([4, 2, 4, 2], np.int32),
        score=np.array([0.5, 0.2, 0.5, 0.2], np.float32),
    ),
    repeats=Repeats(np.full(5, 45 * 86_400.0), buyers=np.full(5, 9), again=np.array([0, 3, 0, 0, 3])),
)


@pytest.fixture
def shop(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """Ann bought the tent by order, the mat three times a month apart, and looked at the lamp."""
    shutil.copyfile(migrated_sqlite, tmp_path / "shop.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    order = OrderRecord(
        id="W1", customer_id="ann", status="delivered", currency="USD", total=1000, placed_at=NOW - timedelta(days=9),
        address={}, fulfillments=[], payments=[], **FEED,
    )  # fmt: skip
    order.lines = [
        OrderLineRecord(position=0, product_id="tent", variant_id="tent", title="", options={}, quantity=1, price=1)
    ]
    bought = [act(f"p{ago}", "purchase", "mat", days=ago) for ago in (91, 61, 31)]
    looked = [act(f"v{n}", "view", "lamp", days=n) for n in (1, 2, 3)]
    offers = [
        offer("now", "Alder days", {"brand": "Alder", "code": "POLE5"}, ends=datetime(2026, 11, 30, tzinfo=UTC)),
        offer("over", "Old days", {"brand": "Alder"}, ends=NOW - timedelta(days=1)),
        offer("all", "Five off", {"minimum_total": 40}),
        offer("spared", "Poles", {"category": "Shop", "except_category": "Poles"}),
    ]
    with database.transaction() as session:
        customer = CustomerRecord(id="ann", payment_methods=[], **FEED)
        session.add_all([customer, order, *bought, *looked, *offers, act("c", "add_to_cart", "pole", days=2)])
    yield database
    database.close()


def act(id: str, kind: str, product: str, *, days: float, who: str = "ann") -> EventRecord:
    return EventRecord(
        id=id, kind=kind, customer_id=who, product_id=product, at=NOW - timedelta(days=days), value={}, **FEED
    )


def offer(id: str, title: str, rules: dict[str, Any], ends: datetime | None = None) -> PromotionRecord:
    return PromotionRecord(
        id=id, title=title, rules=rules, starts_at=NOW - timedelta(days=30), ends_at=ends,
        texts={"zh": {"title": "登山杖节"}}, **FEED,
    )  # fmt: skip


Why = Callable[..., tuple[Reason, ...]]


@pytest.fixture
def why(shop: Database) -> Why:
    """The reasons for a product of which a source claims these things."""

    def of(id: str, *claims: Because, chosen: Chosen | None = None, **asked: Any) -> tuple[Reason, ...]:
        wish = Asked.model_validate({"customer_id": "ann"} | asked)
        told = frozenset(wish.history)
        acts = tuple(act for act in recorded_acts(shop, [wish.person]) if act.at <= NOW.timestamp())
        situation = Situation(wish, NOW.timestamp(), GOODS, CROWD, told=told, chosen=chosen or Chosen(), acts=acts)
        candidate = Candidate(id, 1.0, "test", claims)
        return Reasons(shop, Shelf()).of(situation, [candidate], {id: SHELF[id]})[id]

    return of


def said(reasons: Sequence[Reason]) -> list[str]:
    return [reason.text for reason in reasons]


@pytest.mark.parametrize(
    ("id", "claim", "texts"),
    [
        ("tent2", Because("bought", ("tent",)), ("because you bought Ridge Tent", "因为您买过Ridge Tent")),
        ("tent2", Because("viewed", ("lamp",)), ("because you looked at Glow Lamp", "因为您看过辉光台灯")),
        (
            "tent2",
            Because("taken", ("pole",)),
            ("because you put Alder Poles into your cart", "因为您把Alder Poles加入过购物车"),
        ),
        (
            "mat",
            Because("together", ("tent",), number=99),
            ("4 people who took Ridge Tent also took this", "4 位选了Ridge Tent的顾客也选了它"),
        ),
        ("mat", Because("goes_with", ("tent",)), ("goes with Ridge Tent", "可与Ridge Tent搭配")),
        (
            "mat",
            Because("due", ("mat",), number=7),
            ("bought about every 30 days, due now", "您大约每 30 天购买一次，该补货了"),
        ),
        (
            "pole",
            Because("promoted", ("now",)),
            ("on promotion until Sunday with the code POLE5: Alder days", "凭优惠码 POLE5 促销至星期日：登山杖节"),
        ),
        ("mat", Because("new", name="Mats"), ("new in Mats", "“垫”新品")),
        (
            "tent",
            Because("trending", name="Tents"),
            ("wanted more than before in Tents", "帐篷中近来更受欢迎"),
        ),
        ("tent", Because("popular"), ("popular in the shop", "店内热门商品")),
        ("lamp", Because("rated"), ("rated 4.5 by 1,203", "1,203 人评分 4.5")),
        (
            "lamp",
            Because("favourite", name="Lamps"),
            ("in Lamps, the kind you look at most", "属于您最常看的类别：“Lamps”"),
        ),
    ],
)
def test_what_the_records_bear_out_is_said(why: Why, id: str, claim: Because, texts: tuple[str, str]) -> None:
    assert (said(why(id, claim)), said(why(id, claim, language="zh-CN"))) == ([texts[0]], [texts[1]])


@pytest.mark.parametrize(
    ("id", "claim"),
    [
        ("tent2", Because("bought", ("lamp",))),  # only looked at
        ("tent2", Because("bought", ("gone",))),
        ("tent2", Because("viewed", ("tent",))),
        ("pole", Because("together", ("tent",), number=50)),  # two people
        ("tent2", Because("goes_with", ("tent",))),
        ("tent2", Because("due", ("tent2",), number=30)),
        ("pole", Because("promoted", ("over",), name="Old days")),
        ("pole", Because("promoted", ("all",), name="Five off")),
        ("pole", Because("promoted", ("spared",), name="Poles")),
        ("tent2", Because("promoted", ("now",), name="Alder days")),
        ("tent2", Because("new", name="Tents")),
        ("tent2", Because("trending", name="Tents")),
        ("pole", Because("popular", name="Tents")),
        ("tent2", Because("favourite", name="Tents")),
        ("tent2", Because("searched", name="tents")),
        ("tent2", Because("landed", name="Tents")),
        ("tent2", Because("told", ("lamp",))),
        ("tent2", Because("like", ("lamp",))),
        ("tent2", Because("answered", name="Tents")),
    ],
)
def test_what_they_do_not_is_not_and_something_plain_and_true_is(why: Why, id: str, claim: Because) -> None:
    for reason in why(id, claim):
        assert reason.because.kind in ("rated", "popular", "new")
        assert reason.because.kind != claim.kind or reason.because.name != claim.name


def test_the_request_itself_proves_what_it_says(why: Why) -> None:
    page = Context(query="Warm tents", category="Tents")

    assert said(why("tent2", Because("searched", name="warm tents"), context=page)) == ["found for “warm tents”"]
    assert said(why("tent2", Because("landed", name="Tents"), context=page)) == ["in Tents, where you are looking"]
    assert said(why("pole", Because("landed", name="Poles"), context=page)) == ["popular in the shop"]
    assert said(why("tent2", Because("like", ("tent",)), like=("tent",))) == ["like Ridge Tent"]
    assert said(why("lamp", Because("like", ("tent",)), like=("tent",))) == ["rated 4.5 by 1,203"]
    assert said(why("tent2", Because("told", ("lamp",)), history=("lamp",))) == ["because you had Glow Lamp"]


LOOK = HeldPictures({"tent": [1, 0], "tent2": [1, 0.2], "lamp": [1, 0], "mat": [0, 1]})


@pytest.mark.parametrize(
    ("id", "about", "pictures", "text"),
    [
        ("tent2", "tent", LOOK, "looks like Ridge Tent"),
        ("tent2", "tent", HeldPictures({"tent": [1, 0], "tent2": [0, 1]}), None),  # they look otherwise
        ("tent2", "tent", HeldPictures({"tent": [1, 0], "tent2": [1, 0.2]}, usual=0.99), None),  # as any two do
        ("tent2", "tent", HeldPictures({"tent": [1, 0]}), None),
        ("tent2", "tent", HeldPictures({}, fails=True), None),
        ("tent2", "tent", None, None),
        ("tent2", "tent2", LOOK, None),
        ("lamp", "tent", LOOK, "rated 4.5 by 1,203"),  # a lamp is not called like a tent, whatever its picture
    ],
)
def test_that_goods_look_alike_is_held_against_their_pictures(
    shop: Database, id: str, about: str, pictures: HeldPictures | None, text: str | None
) -> None:
    situation = Situation(Asked(like=(about,)), NOW.timestamp(), GOODS, CROWD)
    claimed = [Candidate(id, 1.0, "similar", (Because("looks_like", (about,)),))]
    reasons = Reasons(shop, Shelf(), pictures).of(situation, claimed, {id: SHELF[id]})[id]

    assert said(reasons) == ([text] if text else [])
    assert all(
        ground.field == "pictures"
        for reason in reasons
        if reason.because.kind == "looks_like"
        for ground in reason.grounds
    )


def test_of_two_likenesses_to_one_thing_the_one_that_shows_is_told(shop: Database) -> None:
    situation = Situation(Asked(like=("tent",), language="zh"), NOW.timestamp(), GOODS, CROWD)
    claimed = [Candidate("tent2", 1.0, "similar", (Because("like", ("tent",)), Because("looks_like", ("tent",))))]

    assert said(Reasons(shop, Shelf(), LOOK).of(situation, claimed, SHELF)["tent2"]) == ["外观与Ridge Tent相似"]
    assert said(Reasons(shop, Shelf()).of(situation, claimed, SHELF)["tent2"]) == ["与Ridge Tent相似"]


def test_answers_to_quick_questions_are_held_against_the_product(why: Why) -> None:
    answered = Context(answers={"category": "tents", "price": "500-2000"})
    dear = Context(answers={"price": "2000-5000"})

    assert said(why("tent2", Because("answered", name="Tents"), context=answered)) == ["fits your answer: Tents"]
    assert said(why("tent2", Because("answered", name="500-2000"), context=answered)) == ["within the price you named"]
    assert said(why("tent2", Because("answered", name="2000-5000"), context=dear)) == []
    assert said(why("pole", Because("answered", name="Tents"), context=answered)) == ["popular in the shop"]


def test_how_often_others_buy_is_told_as_theirs(why: Why) -> None:
    assert said(why("mat", Because("due", ("mat",), OTHERS))) == [
        "you bought it before; others buy it again about every 45 days"
    ]
    assert said(why("tent2", Because("due", ("tent2",), OTHERS))) == []


def test_a_reason_names_the_record_that_proves_it(why: Why) -> None:
    (bought,) = why("tent2", Because("bought", ("tent",)))
    (offered,) = why("pole", Because("promoted", ("now",)))

    assert [(g.type, g.id, g.field) for g in bought.grounds] == [("order", "W1", "lines.0.product_id")]
    assert [(g.type, g.id) for g in offered.grounds] == [("promotion", "now")]


def test_what_a_person_does_not_want_used_is_no_reason(why: Why, shop: Database) -> None:
    claims = (Because("bought", ("tent",)), Because("viewed", ("lamp",)), Because("due", ("mat",)))
    assert said(why("tent2", *claims, chosen=Chosen(enabled=False))) == []

    with shop.transaction() as session:
        session.add(Forgotten(customer_id="ann", kind=EVERYTHING, value="", until=NOW))
    assert said(why("tent2", *claims)) == []

    with shop.transaction() as session:
        session.execute(delete(Forgotten))
        session.add(ProfileChoice(customer_id="ann", enabled=False, changed_at=NOW))
    assert said(why("tent2", *claims)) == []


def test_another_persons_purchases_are_no_reason(why: Why) -> None:
    assert said(why("tent2", Because("bought", ("tent",)), customer_id="bob")) == []
    assert said(why("tent2", Because("bought", ("tent",)), customer_id="", session_id="s")) == []


def test_at_most_two_are_said_the_most_telling_first(why: Why) -> None:
    claims = (Because("rated"), Because("viewed", ("lamp",)), Because("bought", ("tent",)), Because("new", name="Mats"))

    assert said(why("mat", *claims)) == ["because you bought Ridge Tent", "new in Mats"]


@pytest.mark.parametrize(("name", "text"), [("Alder Ltd", "sponsored by Alder Ltd"), ("", "sponsored")])
def test_paid_placements_are_always_owned_up_to_and_first(why: Why, name: str, text: str) -> None:
    claims = [Because("goes_with", ("tent",)), Because("bought", ("tent",)), Because("sponsored", name=name)]

    assert said(why("mat", *claims)) == [text, "goes with Ridge Tent"]
    assert said(why("tent2", claims[-1])) == [text]


def test_what_the_shop_prefers_is_said_beside_what_speaks_for_it(why: Why) -> None:
    claims = (Because("goes_with", ("tent",)), Because("new", name="Mats"), Because("pinned", name="autumn"))

    assert said(why("mat", *claims)) == ["goes with Ridge Tent", "picked by the shop"]
    assert said(why("lamp", claims[-1])) == ["rated 4.5 by 1,203", "picked by the shop"]


def test_no_two_reasons_rest_on_the_same_product(why: Why) -> None:
    claims = (Because("bought", ("tent",)), Because("together", ("tent",)), Because("due", ("mat",)))

    assert said(why("mat", *claims)) == [
        "bought about every 30 days, due now",
        "4 people who took Ridge Tent also took this",
    ]


def test_a_new_thing_of_the_kind_one_looks_at_most_is_told_in_one_sentence(why: Why, shop: Database) -> None:
    with shop.transaction() as session:
        session.add_all([act(f"m{n}", "view", "mat", days=n) for n in range(1, 6)])

    reasons = why("mat", Because("favourite", name="Mats"), Because("new", name="Mats"))

    assert said(reasons) == ["new in Mats, the kind you look at most"]


def test_no_reason_tells_when_somebody_looked(why: Why) -> None:
    for reason in why("tent2", Because("viewed", ("lamp",), until=NOW.timestamp(), number=3)):
        assert not any(sign.isdigit() for sign in reason.text)


def test_the_last_day_of_a_promotion_is_told_as_people_say_it(why: Why, shop: Database) -> None:
    for id, ends, day in (("t", NOW.replace(hour=18), "today"), ("l", datetime(2027, 2, 1, tzinfo=UTC), "31 January")):
        with shop.transaction() as session:
            session.add(offer(id, "Days", {"brand": "alder"}, ends=ends))
        assert said(why("pole", Because("promoted", (id,)))) == [f"on promotion until {day}: Days"]


def test_a_promotion_covers_what_its_rules_name_and_nothing_else() -> None:
    pole = SHELF["pole"].product

    assert covers({"category": "poles", "brand": "ALDER"}, pole)
    assert covers({"products": ["pole", "tent"]}, pole)
    assert not covers({"category": "Poles", "brand": "Moss"}, pole)
    assert not covers({"amount_off": 5, "first_order": True}, pole)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Alder Poles (today only $2.00), carbon", "Alder Poles"),
        ("Mug for $5", "Mug for"),
        ("Veldfjord Moss Trooper 男款登山裤 双层织布 长款加厚 440克", "Veldfjord Moss Trooper 男款登山裤 双层织布"),
        ("Very " * 30, "Very Very Very Very Very Very Very Very Very…"),
    ],
)
def test_a_name_in_a_reason_is_short_and_holds_no_sum(title: str, name: str) -> None:
    assert short_name(title) == name


def test_unknown_products_and_an_empty_crowd_are_no_trouble(shop: Database) -> None:
    situation = Situation(Asked(), NOW.timestamp(), GOODS, CROWD)

    assert Reasons(shop, Shelf()).of(situation, [], {}) == {}
    claims = [Candidate("gone", 1.0, "test", (Because("popular"),))]
    assert Reasons(shop, Shelf()).of(situation, claims, {}) == {"gone": ()}
