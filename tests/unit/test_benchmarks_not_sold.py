"""The measure of how well goods that are not sold are told from those that are."""

from __future__ import annotations

import math

import pytest

from benchmarks.not_sold import Looked, separation


def looked(*, sold: bool = True, nearest: float = 0.4, **said: bool) -> Looked:
    named, worded, found = said.get("named", True), said.get("worded", False), said.get("found", True)
    return Looked("kayaks", sold, named, worded, found, nearest)


@pytest.mark.parametrize(
    ("each", "denied"),
    [
        (looked(), True),
        (looked(nearest=0.5), False),
        (looked(worded=True), False),
        (looked(named=False), False),
        (looked(named=False, found=False), True),
    ],
)
def test_what_is_denied(each: Looked, denied: bool) -> None:
    assert each.denied(0.45) is denied


def test_the_separation_is_the_share_of_pairs_in_the_right_order() -> None:
    sold = [looked(nearest=0.6), looked(nearest=0.3)]
    absent = [looked(sold=False, nearest=0.3), looked(sold=False, nearest=0.2)]

    assert separation([*sold, *absent]) == pytest.approx(3.5 / 4)
    assert math.isnan(separation(sold))
