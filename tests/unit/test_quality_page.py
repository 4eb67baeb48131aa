"""The quality page: one file, nothing outside it, no script, and hostile goods stay text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from retriever.quality.page import page
from retriever.quality.survey import Believed, CategoryPrices, Completed, FarPrice, Graded, PastScore, Survey

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> $x^2$ ${title} 中文 \x07'


def survey(text: str) -> Survey:
    """A survey with this text wherever the catalogue can put one."""
    five = {"least": 1.0, "quarter": 5.0, "median": 9.0, "three_quarters": 12.0, "most": 400.0}
    examples = (f"{text}: {text}", text)
    return Survey(
        feed=text,
        currency="USD",
        products=1_234,
        score=87.5,
        findings=(
            Graded(check="price_outlier", severity="warning", weight=0.3, count=3, share=0.02, examples=examples),
            Graded(check="duplicate", severity="error", weight=0.5, count=1, share=0.01, examples=()),
        ),
        not_run={"category_outlier": text},
        filled={"title": 1.0, "price": 0.4},
        prices=(CategoryPrices(category=text, count=40, **five), CategoryPrices(category="Pegs", count=9, **five)),
        price_outliers=(FarPrice(id=text, category=text, price=400, median=9),),
        completions=(
            Completed(
                field="brand",
                count=2,
                confidence=0.9,
                examples=(Believed(id=text, value=text, confidence=0.9, source=text),),
            ),
        ),
        history=tuple(PastScore(feed=text, measured_at=NOW - timedelta(days=n), score=90 - n) for n in (2, 1)),
    )


class Elements(HTMLParser):
    """Collects the names, the attributes and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_texts_stay_texts():
    shown = Elements(page(survey(HOSTILE), NOW))
    assert not shown.names & {"script", "img", "iframe", "object", "link"}
    assert not [name for name, _ in shown.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in shown.text


def test_nothing_outside_the_page_is_asked_for():
    text = page(survey("plain"), NOW)
    shown = Elements(text)
    links = [value for name, value in shown.attributes if name in ("href", "xlink:href", "src", "action")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= set(re.findall(r"url\((#[^)]*)\)", text))
    assert ("http-equiv", "Content-Security-Policy") in shown.attributes


def test_everything_is_on_it():
    shown = Elements(page(survey("Tents"), NOW)).text
    for told in ("Data quality of Tents", "1,234 products", "87.5", "price outlier", "Score over time", "2026-10-31"):
        assert told in shown


def test_the_plots_take_their_colours_from_the_page():
    text = page(survey("Tents"), NOW)
    assert text.count("<svg") == 4
    assert "currentColor" in text
    assert "var(--error)" in text
    assert not re.search(r"#0101[01]\d", text)
    assert "prefers-color-scheme: dark" in text


def test_the_same_survey_makes_the_same_page():
    assert page(survey("Tents"), NOW) == page(survey("Tents"), NOW)


def test_ids_are_unique_in_the_page():
    ids = re.findall(r'<clipPath id="([^"]+)"', page(survey("Tents"), NOW))
    assert ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("text", ["", "_private", "一" * 300])
def test_odd_names_do_no_harm(text):
    assert "<svg" in page(survey(text), NOW)


def test_a_shop_with_nothing_to_tell():
    empty = survey("").model_copy(
        update={"findings": (), "prices": (), "price_outliers": (), "completions": (), "history": (), "products": 0}
    )
    shown = page(empty, NOW)
    assert shown.count("<svg") == 1
    assert shown.count("Nothing.") == 4
