"""Recommendations and profiles over HTTP. A customer's are for the shop itself; a visit's for who knows its id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from retriever.errors import BadInputError
from retriever.interactions.recorded import SESSION
from retriever.profiles.building import Profiles
from retriever.profiles.profile import Muted
from retriever.profiles.wording import in_words
from retriever.recommending.asking import MOST, Asked, Context, Goal
from retriever.store import Store
from ui.ports import Recommends
from ui.security import Owner
from ui.shop import asked_of
from ui.texts import LANGUAGES

ANSWERS = "answers."  # the parameter of an answer to a quick question begins with it, and ends with the question's id
PARAMETERS = {*Asked.model_fields, *Context.model_fields} - {"context", "answers"}
CLOSED = "A customer's recommendations and profile are for the shop itself: send the owner's token."

Ids = Annotated[list[str], Query(max_length=1_000, description="Product ids: commas between them, or repeated.")]
Name = Annotated[str, Query(max_length=200)]
Authorization = Annotated[str, Header()]
Language = Annotated[str, Query(max_length=40, description="en or zh.")]


class ProfileChange(BaseModel):
    """The body of ``POST /api/profile``: what a customer or a visit decides. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    customer_id: str = Field(default="", max_length=200)
    session_id: str = Field(default="", max_length=150)
    enabled: bool | None = None
    mute: list[Muted] = Field(default=[], max_length=50)
    unmute: list[Muted] = Field(default=[], max_length=50)
    sizes: dict[str, str] = Field(default={}, max_length=50)


def recommendation_routes(store: Store, recommender: Callable[[], Recommends], owner: Owner) -> APIRouter:
    """The endpoints.

    Args:
        store: whose profiles these are.
        recommender: gives who recommends.
        owner: knows the shop itself.
    """
    routes = APIRouter(tags=["recommendations"], prefix="/api")

    @routes.get("/recommendations")
    def recommend(
        request: Request,
        authorization: Authorization = "",
        goal: Goal | None = None,
        customer_id: Name = "",
        session_id: Name = "",
        history: Ids = [],  # noqa: B006 - FastAPI copies it
        like: Ids = [],  # noqa: B006
        basket: Ids = [],  # noqa: B006
        exclude: Ids = [],  # noqa: B006
        price_max: Annotated[Decimal | None, Query(ge=0, description="In major units of the shop's currency.")] = None,
        upsell: bool = True,
        k: Annotated[int, Query(ge=1, le=MOST)] = 10,
        product_id: Name = "",
        category: Name = "",
        query: Annotated[str, Query(max_length=500)] = "",
        referrer: Annotated[str, Query(max_length=2_000)] = "",
        locale: Annotated[str, Query(max_length=40)] = "",
        adult: bool = False,
        language: Language = "",
        surface: Annotated[str, Query(max_length=40)] = "api",
    ) -> dict[str, Any]:
        """Goods for a person and a moment, each with its reasons; clicks are sent back with ``recommendation_id``.

        ``customer_id`` and ``adult`` need the owner's token, as ``Authorization: Bearer``. ``session_id`` stands for a
        visit; ``history`` is what the caller knows of a person, oldest first. ``answers.ID=OPTION`` answers a quick
        question.
        """
        if (customer_id or adult) and not owner.sent(authorization):
            raise HTTPException(401, CLOSED)
        asked = asked_of(
            {
                "goal": goal,
                "customer_id": customer_id,
                "session_id": session_id,
                "history": _split(history),
                "like": _split(like),
                "basket": _split(basket),
                "exclude": _split(exclude),
                "price_max": price_max,
                "upsell": upsell,
                "k": k,
                "surface": surface,
                "language": _spoken(language or locale),
                "context": {
                    "product_id": product_id,
                    "category": category,
                    "query": query,
                    "referrer": referrer,
                    "locale": locale,
                    "adult": adult,
                    "answers": _answers(request),
                },
            }
        )
        return recommender().recommend(asked).json_dict()

    routes.include_router(_profile_routes(store, owner))
    return routes


def _profile_routes(store: Store, owner: Owner) -> APIRouter:
    routes = APIRouter(prefix="/profile")
    profiles = Profiles(store.database, store.catalogue, store.vectors.vectors)

    @routes.get("")
    def show(
        authorization: Authorization = "", customer_id: Name = "", session_id: Name = "", language: Language = "en"
    ) -> dict[str, Any]:
        """What is known of a customer's or a visit's taste, as data and in plain words."""
        profile = profiles.of(_whose(owner.sent(authorization), customer_id, session_id))
        return {**profile.model_dump(mode="json"), "words": in_words(profile, _spoken(language))}

    @routes.get("/export")
    def export(authorization: Authorization = "", customer_id: Name = "", session_id: Name = "") -> dict[str, Any]:
        """The same with every act that it is drawn from."""
        return profiles.export(_whose(owner.sent(authorization), customer_id, session_id))

    @routes.post("")
    def change(body: ProfileChange, authorization: Authorization = "") -> dict[str, Any]:
        """Switch a profile on or off, mute interests and brands, set sizes. The answer is the profile."""
        whose = _whose(owner.sent(authorization), body.customer_id, body.session_id)
        for named, on in ((body.unmute, False), (body.mute, True)):
            if named:
                profiles.choices.mute(whose, *named, on=on)
        for kind, size in body.sizes.items():
            profiles.choices.set_size(whose, kind, size)
        if body.enabled is not None:
            profiles.choices.switch(whose, on=body.enabled)
        return show(authorization=authorization, customer_id=body.customer_id, session_id=body.session_id)

    @routes.delete("")
    def forget(
        authorization: Authorization = "", customer_id: Name = "", session_id: Name = "", what: Name = ""
    ) -> dict[str, Any]:
        """Forget everything a customer or a visit did, or what they did with ``what``.

        ``what`` is a product, category, brand, interest, or a word of titles and searches.
        """
        whose = _whose(owner.sent(authorization), customer_id, session_id)
        if what:
            return {"forgotten": profiles.forget(whose, what)}
        every = profiles.choices.forget_everything(whose) if customer_id else profiles.choices.forget_visit(session_id)
        return {"forgotten": every}

    return routes


def _whose(vouched: bool, customer_id: str, session_id: str) -> str:
    """The person's name in histories.

    Raises:
        HTTPException: if the request may not speak for that customer.
        BadInputError: if nobody is named, or two are.
    """
    if customer_id and not vouched:
        raise HTTPException(401, CLOSED)
    if bool(customer_id) == bool(session_id):
        raise BadInputError("A profile is of one person.", "Give customer_id, or session_id.")
    return customer_id or SESSION + session_id


def _split(ids: Sequence[str]) -> list[str]:
    """Ids as they may be given: repeated, or with commas between them."""
    return [id for part in ids for one in part.split(",") if (id := one.strip())]


def _answers(request: Request) -> dict[str, str]:
    """The answers to quick questions.

    Raises:
        BadInputError: if a parameter is none of ours: a misspelt condition would be passed over else.
    """
    answers: dict[str, str] = {}
    for name, value in request.query_params.items():
        if name.startswith(ANSWERS) and name != ANSWERS:
            answers[name.removeprefix(ANSWERS)] = value
        elif name not in PARAMETERS:
            raise BadInputError(f"There is no parameter '{name}'.", "The parameters are listed at /docs.")
    return answers


def _spoken(wanted: str) -> Literal["en", "zh"]:
    return "zh" if wanted[:2].lower() == LANGUAGES[1] else "en"
