"""What is asked for: for whom, what for, and what is known of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, get_args

from pydantic import Field

from retriever.interactions.recorded import SESSION
from retriever.product import Shape

Goal = Literal["personal", "similar", "complement", "popular", "new", "again"]
GOALS: tuple[Goal, ...] = get_args(Goal)
MOST = 50  # recommendations at once
MOST_NAMED = 50  # products named in one request


class Context(Shape):
    """The moment of a visit, which is all that is known of a person seen for the first time. All of it may be empty.

    Attributes:
        product_id: the page that is looked at is this product's ...
        category: ... or lists this category.
        query: what was searched for on the way here.
        referrer: the address that led here.
        locale: of the browser, such as ``zh-CN``.
        answers: to the quick questions, by the question's id.
        adult: whether the shop knows that the person is of age.
    """

    product_id: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=200)
    query: str = Field(default="", max_length=500)
    referrer: str = Field(default="", max_length=2_000)
    locale: str = Field(default="", max_length=40)
    answers: Mapping[str, str] = Field(default_factory=dict[str, str], max_length=10)
    adult: bool = False


class Asked(Shape):
    """One request for recommendations.

    Attributes:
        goal: what for; without one whatever suits the person and the moment best.
        customer_id: of a person who has signed in.
        session_id: of the visit; alone, it stands for the person.
        history: products that the person had, oldest first, told by the caller and not recorded by the shop.
        like: products that the recommendations are to be like, or to go with.
        basket: products in the cart: goods that go with them are sought, they themselves are not shown.
        exclude: products that are not to be shown.
        price_max: in major units of the shop's currency; goods without a price are left out then.
        upsell: whether dearer goods, things that go with others, and paid placements may be shown.
        k: how many.
        surface: where they are shown, for later analysis: ``page``, ``chat``, ``api`` ...
        language: of the reasons.
    """

    goal: Goal | None = None
    customer_id: str = Field(default="", max_length=200)
    session_id: str = Field(default="", max_length=200)
    history: tuple[str, ...] = Field(default=(), max_length=1_000)
    like: tuple[str, ...] = Field(default=(), max_length=MOST_NAMED)
    basket: tuple[str, ...] = Field(default=(), max_length=MOST_NAMED)
    exclude: tuple[str, ...] = Field(default=(), max_length=1_000)
    price_max: Decimal | None = Field(default=None, ge=0)
    upsell: bool = True
    k: int = Field(default=10, ge=1, le=MOST)
    surface: str = Field(default="", max_length=40)
    language: str = "en"
    context: Context = Context()

    @property
    def person(self) -> str:
        """The person's name in histories: the customer's id, or the session's after ``session:``; empty for nobody."""
        return self.customer_id or (SESSION + self.session_id if self.session_id else "")
