"""Words are counted once a text, as they would be if each text were read whole."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from retriever.text import fold
from retriever.written_words import ALIEN, Written

WORD = re.compile(rf"(?<![{ALIEN}])[a-z]{{4,32}}(?![{ALIEN}])")


def counted(*texts: str) -> dict[str, int]:
    written = Written()
    for text in texts:
        written.add(text)
    return dict(written.words)


def test_a_word_counts_once_a_text() -> None:
    assert counted("Lamp, lamp \n LAMP/lamps", "a lamp x200lamp") == {"lamp": 2, "lamps": 1}


def test_equal_texts_are_told_with_their_number() -> None:
    written = Written()
    written.add("stoneware", 7)
    written.add("石墨平底锅", 2)
    assert written.words == {"stoneware": 7}
    assert written.compounds["平底锅"] == 2


@given(st.text(alphabet=st.sampled_from("abcdeÉß ﬁ\u00a0\u3000_-/'ＡＢＣＤ4\n\u0301"), max_size=60))
def test_a_form_read_by_itself_has_the_words_it_has_in_its_text(text: str) -> None:
    assert set(counted(text)) == set(WORD.findall(fold(text)))
