"""Descriptions come as web pages; what is left of them is text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.feeds.clean import plain_text

ALIVE = re.compile(r"<\s*/?(?:script|style|img|svg|iframe|a)\b[^<>]*>|onerror\s*=", re.IGNORECASE)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Intro<p>One</p><ul><li>a<li>b</ul>end", "Intro\nOne\na\nb\nend"),
        (
            "<table><tr><td>Weight</td><td>2 kg</td></tr><tr><td>Wood</td><td>oak</td></tr></table>",
            "Weight 2 kg\nWood oak",
        ),
        ("<p>a</p>\r\n<p>b</p>", "a\nb"),
        ("<a href='javascript:steal()' onclick='steal()'>Read on</a>", "Read on"),
        ("a<style>p{}</style>b<SCRIPT>steal()</SCRIPT >c", "abc"),
        ("<textarea><script>steal()</script></textarea>safe", "safe"),
        ("good <img src=x onerror=steal()", "good"),
        ("width <y and height", "width <y and height"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
    ],
)
def test_markup_becomes_text_with_its_line_breaks(html, text):
    assert plain_text(html) == text


PIECES = [
    *("<script>", "</script>", "<style>", "<img src=x onerror=e()>", "<textarea>", "</textarea>", "<p>", "<!--", "-->"),
    *("<svg>", "<math>", "<iframe>", "</iframe>", "<plaintext>", "&lt;", "&gt;", "&amp;", "<", ">", '"', "words", "\n"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_nothing_that_a_browser_would_run_is_left(html):
    assert not ALIVE.search(plain_text(html))
