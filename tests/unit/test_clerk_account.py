"""What an account of a turn's words counts."""

from __future__ import annotations

from eval.clerk.claims import Account, Sentence


def said(text: str, *, proved: bool) -> Sentence:
    return Sentence(text=text, proved=proved, why="", stated=1, supported=int(proved))


def test_a_model_that_says_one_thing_over_and_over_is_counted_each_time():
    looped = (said("I am a tool.", proved=False),) * 3
    account = Account(
        written=looped, shown=looped, own=frozenset({"I am a tool."}), withheld=0, repaired=0, values=0, faults=()
    )
    found = {row.measure: (row.right, row.of) for row in account.rows("en", "plain")}
    assert found["unproved_shown"] == (3, 3)
    assert "unproved_composed" not in found
