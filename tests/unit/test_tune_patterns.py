"""The hand-written patterns are many, differ from each other, fit their calls, and keep evaluation apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

import pytest

from assistant.phrases import replies
from assistant.tools import TOOLS
from assistant.tune.patterns import LANGUAGES, Language, Pattern, patterns, slots

# How many texts for training and for evaluation an English phenomenon has at least.
BREADTH: dict[str, dict[str, tuple[int, int]]] = {
    "search": {
        "plain": (60, 15),
        "need": (40, 10),
        "gift": (20, 5),
        "budget_max": (50, 12),
        "budget_min": (15, 4),
        "budget_range": (25, 6),
        "budget_around": (20, 5),
        "brand": (25, 6),
        "brand_not": (20, 5),
        "avoid": (40, 10),
        "color": (20, 5),
        "size": (15, 4),
        "feature": (25, 6),
        "cheapest": (20, 5),
        "dearest": (8, 2),
        "best_rated": (20, 5),
        "newest": (12, 3),
        "in_stock": (10, 3),
        "count": (12, 3),
        "measure": (25, 6),
        "color_budget": (20, 5),
        "brand_budget": (15, 4),
        "avoid_budget": (15, 4),
        "cheapest_color": (10, 3),
        "best_rated_budget": (15, 4),
        "brand_color": (10, 3),
        "everything": (10, 3),
        "two_wishes": (12, 3),
    },
    "context": {
        "cheaper": (25, 6),
        "other_color": (20, 5),
        "other_brand": (12, 3),
        "not_brand": (10, 3),
        "without": (12, 3),
        "new_max": (15, 4),
        "drop_price": (10, 3),
        "drop_brand": (8, 2),
        "better_rated": (8, 2),
        "newer": (6, 2),
        "more": (10, 3),
        "instead": (20, 5),
        "details": (40, 10),
        "compare": (25, 6),
        "add": (30, 8),
        "add_many": (12, 3),
        "remove": (10, 3),
        "change_quantity": (8, 2),
    },
    "service": {
        "policy": (240, 60),
        "cart": (25, 6),
        "list_orders": (15, 4),
        "order": (25, 6),
        "human": (30, 8),
    },
    "talk": {
        "greet": (20, 5),
        "thanks": (12, 3),
        "bye": (10, 3),
        "who": (12, 3),
        "can": (12, 3),
        "ok": (10, 3),
        "clarify": (25, 6),
        "gift_clarify": (12, 3),
        "off_topic": (60, 15),
        "refuse": (50, 12),
        "unclear": (15, 4),
        "no_opinion": (8, 2),
    },
}
SHARE: dict[Language, float] = {"en": 1, "zh": 2 / 3}  # of that breadth in each language
POLICIES, REASONS = 30, 6  # the groups a question about rules, and the wish for a person, come in
# Which slots a change of the latest search needs; a change that is not here needs none.
CHANGED = {"color": {"color"}, "brand": {"brand"}, "not_brand": {"brand"}, "avoid": {"avoid"}, "max": {"max"}}
CHANGES = {*CHANGED, "cheaper", "drop_price", "drop_brand", "rating", "newest", "more"}
# Arguments that patterns write more simply than the tool takes them.
SIMPLER = {"search_catalog": {"around", "change"}, "update_cart": {"product_id", "quantity"}}
OWN: dict[str, set[str]] = {"en": set(), "zh": {"superlative", "budget_slang", "dialect"}}  # of one language only
FREE = {"person"}  # slots that may stand in any text
TOO_LIKE = 0.8

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def every(language: Language) -> Iterator[Pattern]:
    """All patterns of a language."""
    for room in BREADTH:
        yield from patterns(language, room)


def plain(text: str) -> str:
    """The text without capitals, spaces and marks, or itself if nothing else is in it."""
    return re.sub(r"[^\w{}]+", "", text.lower()) or text


def shape(text: str) -> str:
    """The text with each slot as one character, so that the names of slots do not make texts alike."""
    return re.sub(r"\{(\w+)\}", lambda slot: chr(0xE000 + sum(map(ord, slot[1]))), text.lower().replace("{a_", "{"))


@pytest.mark.parametrize("room", BREADTH)
def test_each_phenomenon_is_said_in_many_ways(language: Language, room: str) -> None:
    texts, held_out = Counter[str](), Counter[str]()
    for pattern in patterns(language, room):
        texts[pattern.phenomenon] += len(pattern.texts)
        held_out[pattern.phenomenon] += len(pattern.held_out)
    assert set(texts) - OWN[language] == set(BREADTH[room])
    few = {
        phenomenon: (texts[phenomenon], held_out[phenomenon])
        for phenomenon, (train, evaluate) in BREADTH[room].items()
        if texts[phenomenon] < int(train * SHARE[language]) or held_out[phenomenon] < int(evaluate * SHARE[language])
    }
    assert few == {}


def test_rules_and_the_wish_for_a_person_come_in_all_their_kinds(language: Language) -> None:
    service = patterns(language, "service")
    asked = [pattern.arguments["query"] for pattern in service if pattern.phenomenon == "policy"]
    reasons = [pattern.arguments["reason"] for pattern in service if pattern.phenomenon == "human"]
    assert (len(asked), len(set(asked))) == (POLICIES, POLICIES)
    assert (len(reasons), len(set(reasons))) == (REASONS, REASONS)


def test_a_pattern_calls_a_tool_with_its_own_arguments(language: Language) -> None:
    known = {tool.name: set(tool.args) | SIMPLER.get(tool.name, set()) for tool in TOOLS}
    for pattern in every(language):
        if pattern.tool:
            assert set(pattern.arguments) <= known[pattern.tool], pattern.phenomenon
            assert pattern.arguments.get("change", "more") in CHANGES, pattern.phenomenon


def test_a_reply_has_words_in_the_language(language: Language) -> None:
    for pattern in every(language):
        if pattern.reply:
            assert replies()[pattern.reply][language], pattern.phenomenon


def test_a_text_has_the_slots_of_its_call_and_no_others(language: Language) -> None:
    for pattern in every(language):
        wanted = slots(str(pattern.arguments)) | CHANGED.get(str(pattern.arguments.get("change")), set())
        if pattern.phenomenon == "two_wishes":
            wanted |= {"thing2"}
        for text in pattern.texts + pattern.held_out:
            found = {"thing" if slot == "a_thing" else slot for slot in slots(text)}
            assert found - FREE == wanted, text
            assert set("{}").isdisjoint(re.sub(r"\{\w+\}", "", text)), text


def test_a_gift_names_who_it_is_for(language: Language) -> None:
    for pattern in every(language):
        if pattern.phenomenon.startswith("gift"):
            for text in pattern.texts + pattern.held_out:
                assert "person" in slots(text), text


def test_of_two_wishes_the_one_searched_for_comes_first(language: Language) -> None:
    for pattern in every(language):
        if pattern.phenomenon == "two_wishes":
            for text in pattern.texts + pattern.held_out:
                assert re.findall(r"\{(?:a_)?(thing2?)\}", text) == ["thing", "thing2"], text


def test_no_text_is_written_twice(language: Language) -> None:
    written = Counter(plain(text) for pattern in every(language) for text in pattern.texts + pattern.held_out)
    assert [text for text, times in written.items() if times > 1] == []


def test_a_text_for_evaluation_is_no_near_copy_of_one_for_training(language: Language) -> None:
    training: dict[tuple[str, str], list[str]] = {}
    for pattern in every(language):
        training.setdefault(_kind(pattern), []).extend(pattern.texts)
    near = [
        (text, other)
        for pattern in every(language)
        for text in pattern.held_out
        for other in training[_kind(pattern)]
        if _alike(shape(text), shape(other))
    ]
    assert near == []


def _kind(pattern: Pattern) -> tuple[str, str]:
    """What near copies are looked for in: a phenomenon, a rule or a reason."""
    return pattern.phenomenon, str(pattern.arguments.get("query") or pattern.arguments.get("reason"))


def _alike(one: str, other: str) -> bool:
    match = SequenceMatcher(None, one, other)
    return match.real_quick_ratio() >= TOO_LIKE and match.quick_ratio() >= TOO_LIKE and match.ratio() >= TOO_LIKE
