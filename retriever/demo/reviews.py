"""What buyers say: stars, and words whose aspects follow the product's real strengths and flaws.

A review has one voice (``voices.toml``) and says what an aspect of the family lets it say. Some
are wrong (about the parcel, about another product, stars upside down), some look bought, some
name another product; which is which is kept apart from the rows, in ``ReviewTruth``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from retriever.demo.day import TODAY, of_day
from retriever.demo.dice import Dice
from retriever.demo.family import Aspect, Data, families, read
from retriever.demo.generate import SEED, Made, fill, holds
from retriever.demo.orders import Delivered, delivered
from retriever.demo.relations import products
from retriever.demo.tastes import liking, tastes
from retriever.demo.wording import slipped
from retriever.feeds.rows import EventRow, ReviewRow

Tone = Literal["good", "mixed", "bad"]
Pair = tuple[str, str]  # English, Chinese
Kind = Literal["honest", "wrong", "fake"]

CHINESE, TITLED, COMPARED, WRONG, BURSTS = 0.3, 0.5, 0.07, 0.03, 0.025
RATES, WRITES = 0.55, 0.6  # share of buyers who give stars, and of those who then write
FEWEST, MOST = 2, 16  # reviews of a product by people who did not buy it in the past year


class Voice(Data):
    """A way of speaking."""

    id: str
    weight: float
    opener: dict[Tone, list[Pair]]
    closer: dict[Tone, list[Pair]]
    slips: float = 0.04
    lower: bool = False


class Voices(Data):
    """All voices, and what any of them may say."""

    voices: list[Voice]
    titles: dict[Tone, list[Pair]]
    taste: dict[Tone, list[Pair]]
    wrong: dict[Literal["parcel", "upside_down", "stray"], list[Pair]]
    fake: dict[Literal["texts"], list[Pair]]
    compared: dict[Literal["cheaper", "dearer", "better", "worse"], list[Pair]]


@dataclass(frozen=True)
class ReviewTruth:
    """What is true of a review and not in its row.

    ``aspects`` maps an aspect of the family to 1 (praised) or -1; ``mentions`` are ids of other
    products that it names. ``slipped`` says that a word of it is misspelt.
    """

    id: str
    kind: Kind
    aspects: dict[str, int]
    mentions: tuple[str, ...]
    voice: str
    slipped: bool


@dataclass(frozen=True)
class Rating:
    """The stars that a buyer gave a piece, and when."""

    piece: Delivered
    stars: int
    at: datetime


@of_day
def reviews(today: datetime) -> tuple[tuple[ReviewRow, ReviewTruth], ...]:
    """Every review with the truth about it, product by product."""
    bought: dict[str, list[Rating]] = {}
    for rating in ratings(today):
        bought.setdefault(rating.piece.sold.made.row.id, []).append(rating)
    return tuple(found for made in products(today) for found in _of(made, bought.get(made.row.id, []), today))


@of_day
def ratings(today: datetime) -> tuple[Rating, ...]:
    """The stars of those who bought in the past year, by how much they like what they got."""
    found: list[Rating] = []
    for piece in delivered(today):
        dice = Dice(SEED, "rating", piece.order_id, piece.sold.variant_id)
        made, at = piece.sold.made, piece.at + timedelta(days=dice.between(0.5, 14))
        liked = 2.6 + 0.45 * liking(tastes()[piece.customer_id], made) - 1.6 * piece.returned
        stars = max(1, min(5, round(liked + dice.between(-0.7, 0.7))))
        if dice.share() < RATES and at < today:
            found.append(Rating(piece, stars, at))
    return tuple(found)


def rate_events(today: datetime = TODAY) -> Iterator[EventRow]:
    """The ratings as events."""
    for rating in ratings(today):
        piece = rating.piece
        yield EventRow(
            type="event",
            id=f"fs-rate-{piece.order_id}-{piece.sold.variant_id}",
            kind="rate",
            at=rating.at,
            customer_id=piece.customer_id,
            product_id=piece.sold.made.row.id,
            value={"rating": rating.stars, "order_id": piece.order_id},
        )


@cache
def _voices() -> Voices:
    return Voices.model_validate(read("voices.toml"))


def _of(made: Made, bought: list[Rating], today: datetime) -> Iterator[tuple[ReviewRow, ReviewTruth]]:
    """A product's reviews: its buyers' first, then those of people nobody knows."""
    number = 0
    for rating in bought:
        dice = Dice(SEED, "wrote", rating.piece.order_id, rating.piece.sold.variant_id)
        if dice.share() < WRITES:
            number += 1
            language = tastes()[rating.piece.customer_id].language
            yield _written(made, number, rating.stars, language, rating.at, dice, rating.piece.customer_id)
    dice = Dice(SEED, "reviews", made.row.id)
    rating, published = made.row.rating, made.row.published_at or today
    if rating is None:
        return
    others = min(rating.count, FEWEST + int((MOST - FEWEST) * dice.share() ** 1.2))
    for _ in range(others):
        number += 1
        stars = max(1, min(5, round(rating.value + dice.between(-1.7, 1.3))))
        at = published + (today - published) * dice.between(0.05, 0.999)
        yield _written(made, number, stars, "zh" if dice.share() < CHINESE else "en", at, dice, "")
    if dice.share() < BURSTS:
        start = published + (today - published) * dice.between(0.2, 0.9)
        for _ in range(dice.whole(3, 6)):
            number += 1
            yield _fake(
                made, number, min(start + timedelta(hours=dice.between(0, 40)), today - timedelta(hours=1)), dice
            )


def _written(
    made: Made, number: int, stars: int, language: str, at: datetime, dice: Dice, customer_id: str
) -> tuple[ReviewRow, ReviewTruth]:
    voice = dice.weighted(_voices().voices, [each.weight for each in _voices().voices])
    kind: Kind = "honest"
    aspects: dict[str, int] = {}
    mentions: tuple[str, ...] = ()
    if dice.share() < WRONG:
        kind, (stars, said) = "wrong", _wrong(made, language, dice)
    else:
        strengths, flaws = _judged(made)
        if stars <= 2 and not flaws and dice.share() < 0.75:
            stars = 4  # where there is nothing to complain of, few do
        chosen = _chosen(strengths, flaws, stars, dice)
        aspects = {aspect.id: sign for aspect, sign in chosen}
        said = [_say(dice.one(aspect.love if sign > 0 else aspect.complain), made, language) for aspect, sign in chosen]
        if not said or (stars == 3 and len(said) == 1) or dice.share() < 0.15:
            said.append(_say(dice.one(_voices().taste[_tone(stars)]), made, language))
        other = _compared(made, stars, language, dice)
        if other is not None:
            mentions = (other[0],)
            said.append(other[1])
    body, slips = _spoken(voice, _tone(stars), said, language, dice)
    row = ReviewRow(
        type="review",
        id=f"fs-review-{made.row.id.removeprefix('fs-')}-{number}",
        product_id=made.row.id,
        customer_id=customer_id,
        rating=stars,
        title=_in(dice.one(_voices().titles[_tone(stars)]), language) if dice.share() < TITLED else "",
        body=body,
        language=language,
        written_at=at,
    )
    return row, ReviewTruth(row.id, kind, aspects, mentions, voice.id, slips)


def _judged(made: Made) -> tuple[list[Aspect], list[Aspect]]:
    """The aspects that are strengths of a product, and those that are flaws."""
    facts = made.facts
    strengths = [aspect for aspect in made.family.aspects if holds(aspect.good, facts)]
    return strengths, [aspect for aspect in made.family.aspects if holds(aspect.bad, facts)]


def _chosen(strengths: list[Aspect], flaws: list[Aspect], stars: int, dice: Dice) -> list[tuple[Aspect, int]]:
    """What a review with so many stars speaks of."""
    wanted = {5: (dice.whole(1, 3), 0), 4: (dice.whole(1, 2), dice.whole(0, 1)), 3: (1, 1)}
    praised, blamed = wanted.get(stars, (int(dice.share() < 0.25), dice.whole(1, 2)))
    return [
        *((aspect, 1) for aspect in dice.some(strengths, min(praised, len(strengths)))),
        *((aspect, -1) for aspect in dice.some(flaws, min(blamed, len(flaws)))),
    ]


def _compared(made: Made, stars: int, language: str, dice: Dice) -> tuple[str, str] | None:
    """Another product of the family, named with something true about the two."""
    if dice.share() >= COMPARED:
        return None
    known = made.row.price is not None or any(variant.price is not None for variant in made.row.variants)
    other = dice.one(_families()[made.family.id])
    if other.row.id.removesuffix("-relisted") == made.row.id.removesuffix("-relisted"):
        return None
    if known and other.price != made.price and dice.share() < 0.5:
        what = "cheaper" if made.price < other.price else "dearer"
    elif stars >= 4 and made.grade > other.grade + 0.1:
        what = "better"
    elif stars <= 3 and made.grade < other.grade - 0.1:
        what = "worse"
    else:
        return None
    title = other.row.title if language == "en" else other.row.texts["zh"].title
    return other.row.id, _in(dice.one(_voices().compared[what]), language).replace("{other}", title)


@cache
def _families() -> dict[str, list[Made]]:
    groups: dict[str, list[Made]] = {}
    for made in products():
        groups.setdefault(made.family.id, []).append(made)
    return groups


def _wrong(made: Made, language: str, dice: Dice) -> tuple[int, list[str]]:
    """Stars and words of a review that is not about the product, or not meant as it looks."""
    share = dice.share()
    if share < 0.4:
        return dice.whole(1, 2), [_in(dice.one(_voices().wrong["parcel"]), language)]
    if share < 0.7:
        return 1, [_in(dice.one(_voices().wrong["upside_down"]), language)]
    others = [each for each in families() if each.id != made.family.id and each.aspects]
    line = dice.one(dice.one(dice.one(others).aspects).love)
    if "{" in line[0]:  # what it would fill in is another product's
        line = dice.one(_voices().taste["good"])
    return 5, [_in(dice.one(_voices().wrong["stray"]), language), _in(line, language)]


def _fake(made: Made, number: int, at: datetime, dice: Dice) -> tuple[ReviewRow, ReviewTruth]:
    language = "zh" if dice.share() < CHINESE else "en"
    row = ReviewRow(
        type="review",
        id=f"fs-review-{made.row.id.removeprefix('fs-')}-{number}",
        product_id=made.row.id,
        rating=5,
        body=_in(dice.one(_voices().fake["texts"]), language),
        language=language,
        written_at=at,
    )
    return row, ReviewTruth(row.id, "fake", {}, (), "", slipped=False)


def _spoken(voice: Voice, tone: Tone, said: list[str], language: str, dice: Dice) -> tuple[str, bool]:
    """The words in the voice, and whether a word of them is misspelt."""
    opening = [_in(dice.one(voice.opener[tone]), language)] if dice.share() < 0.6 else []
    closing = [_in(dice.one(voice.closer[tone]), language)] if dice.share() < 0.35 else []
    parts = [*opening, *said, *closing]
    if language == "zh":
        return "".join(part if part[-1] in "。！？" else f"{part}。" for part in parts), False
    text = " ".join(part if part[-1] in ".!?" else f"{part}." for part in parts)
    text = text.lower() if voice.lower else text
    changed = slipped(text, dice) if dice.share() < voice.slips else text
    return changed, changed != text


def _say(pair: Pair, made: Made, language: str) -> str:
    return fill(_in(pair, language), language, made.brand, made.name, made.values)


def _tone(stars: int) -> Tone:
    return "good" if stars >= 4 else "mixed" if stars == 3 else "bad"


def _in(pair: Pair, language: str) -> str:
    return pair[language == "zh"]
