"""The benchmark of feeds reads what it claims to read."""

from __future__ import annotations

import pytest

from benchmarks.feeds import FORMATS, bring_in, read, write
from retriever.feeds.feed import silent
from retriever.feeds.registry import source_feed


@pytest.mark.parametrize("form", FORMATS)
def test_every_written_row_is_good(tmp_path, form):
    path = tmp_path / f"goods.{form}"
    write(path, form, 40)
    feed = source_feed(form.split("-")[0], path, downloads=tmp_path)
    products = 40 if form == "jsonl" else 10
    assert read(feed, silent) == (products, 0)
    assert bring_in(feed, tmp_path, silent) == (products, 0)
