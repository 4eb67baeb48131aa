"""The shop's rules as numbers: what may come back and until when, where things go, what a promotion takes off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from pydantic import Field

from retriever.demo.family import Data, Family, read
from retriever.demo.generate import Made
from retriever.feeds.rows import PromotionRow

Days = tuple[int, int]  # at least, at most
CENT = Decimal("0.01")


class Delivery(Data):
    """How long parcels take, and what does not go where."""

    ships_within: Days
    road: Days
    far_regions: list[str]
    far_road: Days
    not_to_far_regions: list[str]


class Window(Data):
    """How many days after delivery an order may come back, for orders placed from a day on."""

    since: date = Field(alias="from")
    days: int


class Holiday(Data):
    """Orders from one day of the year until another may come back until the end."""

    start: str = Field(alias="from")
    until: str
    end: str


class Bulky(Data):
    """Families whose return costs a fee, in dollars a piece."""

    families: list[str]
    fee: Decimal


class Returns(Data):
    """What may come back."""

    windows: list[Window]
    electronics_days: int
    holiday: Holiday
    never: list[str]
    bulky: Bulky
    refund_within_working_days: int
    parcel_back: Days


class PriceMatch(Data):
    """For how many days after an order a lower price of ours is refunded."""

    days: int


class Warranty(Data):
    """Years of warranty; longer ones by department or family."""

    years: int
    longer: dict[str, int]


class Rules(Data):
    """All of them."""

    delivery: Delivery
    returns: Returns
    price_match: PriceMatch
    warranty: Warranty


@cache
def rules() -> Rules:
    """The rules of ``rules.toml``."""
    return Rules.model_validate(read("rules.toml"))


def returnable(family: Family) -> bool:
    """Whether goods of the family may come back at all."""
    return not {family.department, family.id} & set(rules().returns.never)


def last_return_day(family: Family, placed: datetime, delivered: datetime) -> datetime:
    """Until when a delivered piece may be sent back, by the rule in force when it was ordered."""
    returns = rules().returns
    days = max(window.days for window in returns.windows if window.since <= placed.date())
    if family.department == "Electronics":
        days = returns.electronics_days
    last = delivered + timedelta(days=days)
    holiday = returns.holiday
    if holiday.start <= f"{placed:%m-%d}" <= holiday.until:
        end = datetime.fromisoformat(f"{placed.year + 1}-{holiday.end}T23:59:59+00:00")
        last = max(last, end)
    return last


def return_fee(family: Family, quantity: int) -> Decimal:
    """What is kept from the refund."""
    bulky = rules().returns.bulky
    return bulky.fee * quantity if family.id in bulky.families else Decimal(0)


def ships_to(family: Family, region: str) -> bool:
    """Whether goods of the family may be sent to a region of the United States."""
    delivery = rules().delivery
    return not (region in delivery.far_regions and family.id in delivery.not_to_far_regions)


def road_days(region: str) -> Days:
    """Days that a parcel is under way."""
    delivery = rules().delivery
    return delivery.far_road if region in delivery.far_regions else delivery.road


def working_days_after(start: datetime, count: int) -> datetime:
    """The moment so many working days later."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def applies(promotion: PromotionRow, made: Made, at: datetime) -> bool:
    """Whether a promotion that lowers prices covers a product at a time."""
    if "percent_off" not in promotion.rules or not runs(promotion, at):
        return False
    wanted = promotion.rules
    row = made.row
    return (
        wanted.get("category") in (None, *row.categories)
        and wanted.get("brand") in (None, row.brand)
        and wanted.get("except_category") not in row.categories
    )


def runs(promotion: PromotionRow, at: datetime) -> bool:
    """Whether a promotion is in force at a time."""
    started = promotion.starts_at is None or promotion.starts_at <= at
    return started and (promotion.ends_at is None or at < promotion.ends_at)


def reduced(price: Decimal, promotion: PromotionRow) -> Decimal:
    """A price with a promotion's percentage off, to the cent."""
    off: int = promotion.rules["percent_off"]
    return (price * (100 - off) / 100).quantize(CENT, ROUND_HALF_UP)
