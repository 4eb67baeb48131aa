"""Tables as they come: encodings, quotes that never close, rows that do not fit, and none of it held in memory."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import BadInputError
from retriever.feeds.encoding import encoding_of
from retriever.feeds.rows import Rejected
from retriever.feeds.tables import MAX_RECORD, Table


@pytest.fixture
def read(tmp_path):
    """Reads bytes as a table with a column ``id``: cells by line, reasons by line, and what progress heard."""

    def read_bytes(content: bytes, **options):
        path = tmp_path / "table"
        path.write_bytes(content)
        heard: list[str] = []
        table = Table(path, [["id"]], str.casefold, lambda stage, *_: heard.append(stage), **options)
        items = list(table.rows(id_column=0))
        rejected = {item.line: item.reason for item in items if isinstance(item, Rejected)}
        return dict(item for item in items if not isinstance(item, Rejected)), rejected, heard

    return read_bytes


@pytest.mark.parametrize(
    ("encoding", "title", "heard"),
    [
        ("utf-8", "橡木 Größe", []),
        ("utf-8-sig", "橡木 Größe", []),
        ("utf-16", "橡木 Größe 🛋", ["reading as UTF-16"]),
        ("cp1252", "Größe 5 € für Ärzte", ["reading as Windows-1252"]),
        ("gb18030", "橡木书桌，可调光", ["reading as GB18030"]),
    ],
)
def test_every_encoding_is_found_out_and_said_unless_it_is_utf8(read, encoding, title, heard):
    assert read(f"id,title\na,{title}\n".encode(encoding)) == ({2: ["a", title]}, {}, heard)


@pytest.mark.parametrize("word", ["Café", "Crème brûlée", "Kühlschrank", "Ölgemälde", "Straße", "Señor", "½ inch", "®"])
def test_western_words_are_not_taken_for_chinese(word):
    assert encoding_of(f"1,{word}\n".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("word", ["灯", "红色 T恤", "手机壳,透明", "电脑桌家用办公桌"])
def test_chinese_words_are_not_taken_for_western(word):
    assert encoding_of(f"1,{word}\n".encode("gb18030")) == "gb18030"


def test_the_encoding_is_looked_for_beyond_a_plain_beginning(read):
    plain = b"id,title\n" + b"a,plain\n" * 150_000
    rows, rejected, _ = read(plain + "z,Größe\n".encode("cp1252"))
    assert (rows[150_002], rejected) == (["z", "Größe"], {})


def test_lines_in_another_encoding_are_rejected_by_line(read):
    good = "a,Café\n" * 3
    rows, rejected, _ = read(f"id,title\n{good}".encode() + "b,Café\n".encode("cp1252") + good.encode())
    assert sorted(rows) == [2, 3, 4, 6, 7, 8]
    assert rejected == {5: "not UTF-8: byte 0xe9 at place 6"}
    rows, rejected, _ = read(f"id,title\n{good}".encode("cp1252") + "b,Café\n".encode())
    assert rejected == {5: "this line is UTF-8, the rest of the file Windows-1252"}


def test_half_a_surrogate_pair_and_half_a_character_cost_one_line(read):
    wide = "id,title\n".encode("utf-16") + b"a\0,\0\x3d\xd8\n\0" + "b,x\n".encode("utf-16-le") + b"c"
    rows, rejected, _ = read(wide)
    assert rows == {3: ["b", "x"]}
    assert rejected[2].startswith("not UTF-16")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_within_quotes_are_kept_and_blank_rows_skipped(read, end):
    rows, rejected, _ = read(end.join(["id,title", 'a,"one', 'two ""2"""', "", ",", "b,x", ""]).encode())
    assert (rows, rejected) == ({2: ["a", 'one\ntwo "2"'], 6: ["b", "x"]}, {})


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_what_separates_cells_is_found_out(read, mark):
    assert read(f"id{mark}title{mark}x\na{mark}b{mark}\n".encode())[0] == {2: ["a", "b", ""]}


def test_inch_marks_in_a_tab_separated_table_are_no_quotes(read):
    rows, rejected, _ = read(b'id\ttitle\na\t15" lamp\nb\t"15" lamp\nc\t"two\nlines"\n')
    assert rows == {2: ["a", '15" lamp'], 3: ["b", '"15" lamp'], 4: ["c", "two\nlines"]}
    assert rejected == {}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b", "it has 1 cells where the headers are 2"),
        ("b,c,d", "it has 3 cells where the headers are 2"),
        ('b,"c"d', "a quote within a quoted cell; it must be written twice"),
        ("b,c\0", "a NUL byte at place 4"),
        (f"b,{'x' * 6_000}", "the line is longer than 5,000 bytes"),
        ('b,"open', "a quote within a quoted cell"),
    ],
)
def test_a_row_that_does_not_fit_is_rejected_alone(read, row, reason):
    rows, rejected, _ = read(f'id,title\na,x\n{row}\nc,y\nd,"z, z"\n'.encode(), max_line=5_000)
    assert sorted(rows) == [2, 4, 5]
    assert list(rejected) == [3]
    assert rejected[3].startswith(reason)


def test_a_quote_that_never_closes_does_not_swallow_the_file(read):
    rows, rejected, _ = read(b'id,title\na,"open\n' + b"b,x\n" * 50_000)
    assert len(rows) == 50_000
    assert list(rejected) == [2]
    assert "is a quote missing?" in rejected[2]


def test_a_quote_over_many_short_lines_is_not_held_in_memory(tmp_path):
    path = tmp_path / "table"
    with path.open("wb") as file:
        file.write(b'id,title\na,"open\n')
        for _ in range(30):
            file.write(b"x" * 900_000 + b"\n")
    tracemalloc.start()
    first = next(iter(Table(path, [["id"]], str.casefold, lambda *_: None).rows(0)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(first, Rejected)
    assert peak < 12 * MAX_RECORD


def test_duplicated_and_missing_headers_are_named(read):
    with pytest.raises(BadInputError, match="more than one column 'ID', 'title'"):
        read(b"id,title,ID,title\na,b,c,d\n")
    with pytest.raises(BadInputError, match=r"lacks the column 'id'\. Its first line has: 'name', 'price'"):
        read(b"name,price\na,b\n")


def test_an_empty_file_has_no_rows(read):
    assert read(b"") == ({}, {}, [])
    assert read(b"\n\n") == ({}, {}, [])


CELL = st.text(alphabet='ab"\n,; \té灯', max_size=6)


@given(st.lists(st.tuples(CELL, CELL), max_size=6))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("table") / "table"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "title"), *rows])
    read = list(Table(path, [["id"]], str.casefold, lambda *_: None).rows(0))
    assert [item[1] for item in read] == [list(row) for row in rows if "".join(row).strip()]
