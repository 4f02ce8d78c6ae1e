"""Tables of codings, and the way there and back."""

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadRows, MissingColumn
from workbench.io.codings import FORMAT, CodingRow, read_coding_rows, write_codings


def table(tmp_path: Path, text: str, name: str = "P07.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_says_who_put_which_code_where(tmp_path):
    path = table(tmp_path, "transcript,coder,code,quote,start,end,intensity,memo,at_ms\n"
                           "P01,ana,Anxious,Is it still there,,,-2,twice,434000\nP01,ben,Check out,,10,20,,,\n")  # fmt: skip
    assert read_coding_rows(path) == [
        CodingRow(2, "P01", "ana", "Anxious", "Is it still there", intensity=-2, memo="twice", at_ms=434000),
        CodingRow(3, "P01", "ben", "Check out", start=10, end=20),
    ]


@pytest.mark.parametrize(
    ("at", "at_ms"), [("07:14", 434_000), ("1:07:14", 4_034_000), ("00:01.5", 1_500), ("125:00", 7_500_000), ("", None)]
)
def test_a_time_may_be_written_as_on_a_clock(tmp_path, at, at_ms):
    assert read_coding_rows(table(tmp_path, f"code,quote,at\nTrust,x,{at}\n"))[0].at_ms == at_ms


def test_a_time_that_is_none_is_a_bad_row(tmp_path):
    with pytest.raises(BadRows, match='row 2, column "at": "7.14" is not a time. Write minutes and seconds as 07:14'):
        read_coding_rows(table(tmp_path, "code,quote,at\nTrust,x,7.14\n"))


def test_without_a_transcript_column_the_file_is_named_after_it(tmp_path):
    assert read_coding_rows(table(tmp_path, "code,quote\nTrust,x\n"))[0].transcript == "P07"


def test_codings_with_sentiments_are_read_as_other_tools_publish_them(tmp_path):
    codes = [{"code": "slow", "verbatim_quote": "so slow", "context": "login", "sentiment": "negative"},
             {"code": "fast", "verbatim_quote": "fast", "context": "", "sentiment": "positive"},
             {"code": "both", "verbatim_quote": "hm", "context": "", "sentiment": "mixed"}]  # fmt: skip
    rows = read_coding_rows(table(tmp_path, json.dumps({"participant_id": "1e", "codes": codes}), "1e.json"))
    assert rows[0] == CodingRow(1, "1e", "", "slow", "so slow", intensity=-1, memo="login")
    assert [r.intensity for r in rows] == [-1, 1, 0]


def test_the_519_codings_of_a_published_study_are_read(shared):
    study = shared("data/study/heritrace-usability")
    rows = [row for path in sorted(study.rglob("*_codes.json")) if path.parent.name == "open_coding" for row in read_coding_rows(path)]
    assert (len(rows), len({r.transcript for r in rows})) == (519, 19)
    assert [sum(r.intensity == i for r in rows) for i in (-1, 0, 1)] == [200, 1, 318]


def test_every_bad_row_is_told_at_once(tmp_path):
    path = table(tmp_path, "code,quote,start,end,intensity\n,q,,,\nA,,,,\nA,,3,,\nA,,5,3,\nA,q,,,7\nA,q,x,4,\nA,fine,,,\n")
    with pytest.raises(BadRows) as caught:
        read_coding_rows(path)
    assert [p.removeprefix(f"row {n}, ").split(". ")[0] for n, p in enumerate(caught.value.problems, 2)] == [
        'column "code": it is empty',
        'column "quote": it is empty',
        'column "start": there is no end with it',
        'column "end": 3 is not after 5',
        'column "intensity": "7" is not a whole number from -2 to 2',
        'column "start": "x" is not a whole number from 0',
    ]
    assert [r.quote for r in read_coding_rows(path, skip_bad_rows=True)] == ["fine"]


def test_a_table_without_any_passage_is_refused(tmp_path):
    with pytest.raises(MissingColumn, match=r'"quote" \(or start and end, or at_ms, or at\)'):
        read_coding_rows(table(tmp_path, "code,memo\nA,x\n"))


words = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@\n'\","), max_size=12)
names = words.filter(lambda t: t.strip() == t != "")
texts = words.filter(lambda t: not t or t.strip())


@st.composite
def rows(draw):
    n = draw(st.integers(1, 5))
    start = draw(st.none() | st.integers(0, 10**9))
    return [
        CodingRow(i + 2, draw(names), draw(names), draw(names), draw(names), start, None if start is None else start + 1,
                  draw(st.none() | st.integers(-2, 2)), draw(texts), draw(st.none() | st.integers(0, 10**8)))
        for i in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json"])
@given(given_rows=rows())
def test_what_is_written_reads_back_exactly(tmp_path_factory, suffix, given_rows):
    path = tmp_path_factory.mktemp("c") / f"codings.{suffix}"
    write_codings(given_rows, path)
    back = read_coding_rows(path)
    assert [r.__dict__ | {"row": 0} for r in back] == [r.__dict__ | {"row": 0} for r in given_rows]


def test_a_studys_table_of_codings_is_written_with_paths_and_without_fractions_or_gaps(tmp_path):
    frame = pd.DataFrame({"transcript": ["P01", "P02"], "coder": "ana", "code": "A", "path": ["A", "B / A"], "start": [1, 2],
                          "end": [3, 4], "text": ["=1+1", "x"], "intensity": [None, -2], "start_ms": [5, None], "memo": ""})  # fmt: skip
    write_codings(frame.astype({"intensity": "Float64", "start_ms": "Int64"}), tmp_path / "c.csv")
    assert "P01,ana,A,1,3,'=1+1,,,5" in (tmp_path / "c.csv").read_text()
    assert read_coding_rows(tmp_path / "c.csv")[1] == CodingRow(3, "P02", "ana", "B / A", "x", 2, 4, -2)


@pytest.mark.parametrize(
    ("name", "head", "is_it"),
    [
        ("a.csv", b"coder,code,quote\n", True),
        ("a.csv", b"code,start,end\n", True),
        ("a.json", b'{"participant_id": "1e", "codes": [{"code": "x", "verbatim_quote": "y', True),
        ("a.csv", b"code,kind\n", False),
        ("a.json", b'{"personas": [{"code": "x", "start": 1', False),
    ],
)
def test_it_is_told_by_codes_with_words_or_positions(name, head, is_it):
    assert FORMAT.sniff(Path(name), head) is is_it
