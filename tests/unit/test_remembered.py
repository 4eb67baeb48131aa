"""What is made of a thing is made once, anew when the thing has changed, and not kept for ever."""

from __future__ import annotations

from retriever.remembered import Remembered


def test_a_thing_is_read_once_until_it_changes_or_is_forgotten() -> None:
    read: list[str] = []

    def length(text: str) -> int:
        read.append(text)
        return len(text)

    remembered = Remembered(length, kept=2)
    assert [remembered.of("a", "mug"), remembered.of("a", "mug"), remembered.of("a", "mugs")] == [3, 3, 4]
    assert read == ["mug", "mugs"]
    for id in ("b", "c", "a"):  # two newer ones have taken its place
        remembered.of(id, "mugs")
    assert read == ["mug", "mugs", "mugs", "mugs", "mugs"]
