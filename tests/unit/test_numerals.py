"""Chinese numerals: whatever is written is read back, as it is written out and as it is spoken."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import HAN, SIZES, in_chinese

from retriever.numerals import chinese

NUMBERS = st.integers(0, 99_999_999)


@given(NUMBERS)
def test_a_number_is_read_back(number: int) -> None:
    assert chinese(in_chinese(number)) == number
    assert chinese(in_chinese(number).replace("二千", "两千").replace("零", "〇")) == number


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from(SIZES[:-1]))
def test_the_last_unit_may_be_left_out(high: int, low: int, unit: tuple[int, str]) -> None:
    size, sign = unit
    assert chinese(f"{HAN[high]}{sign}{HAN[low]}") == high * size + low * size // 10
    assert chinese(f"{HAN[high]}{sign}零{HAN[low]}") == high * size + low


@given(st.integers(10, 19), NUMBERS)
def test_ten_needs_no_one_before_it(teen: int, number: int) -> None:
    assert chinese(in_chinese(teen).removeprefix("一")) == teen
    assert chinese(in_chinese(number).replace("一十", "十")) == number


@given(NUMBERS, st.text(alphabet="0123456789", min_size=1, max_size=6))
def test_what_follows_the_point_is_a_fraction(number: int, digits: str) -> None:
    written = "".join(HAN[int(digit)] for digit in digits)
    assert chinese(f"{in_chinese(number)}点{written}") == Decimal(f"{number}.{digits}")


@given(st.text(alphabet="123456789", min_size=2, max_size=9))
def test_digits_without_a_unit_stand_for_themselves(digits: str) -> None:
    assert chinese("".join(HAN[int(digit)] for digit in digits)) == int(digits)


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万", min_size=1, max_size=12))
def test_any_row_of_numerals_is_some_number(written: str) -> None:
    assert chinese(written) >= 0


@pytest.mark.parametrize("written", ["", "点", "三点", "点五", "一下", "12", "三.五"])
def test_what_is_no_number_is_said_to_be_none(written: str) -> None:
    with pytest.raises(ValueError, match="no Chinese number"):
        chinese(written)
