"""Codebooks as tables: kinds, trees, and the way there and back."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadRows, MissingColumn
from workbench.io.codebook import FORMAT, read_codebook, read_kind, write_codebook
from workbench.model import Code, Codebook, CodeKind


def table(tmp_path: Path, text: str, name: str = "codes.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_becomes_a_code_with_its_path_for_an_id(tmp_path):
    path = table(tmp_path, "name,kind,parent,color,definition,use,don't use,example,valence\n"
                           "Anxious,emotion,Feelings,#b4432d,worried,when said,when guessed,oh no,-2\nFeelings,theme,,,,,,,\n")  # fmt: skip
    anxious, feelings = read_codebook(path)
    assert anxious == Code("Feelings / Anxious", "Anxious", CodeKind.EMOTION, "Feelings", "#b4432d", "worried", "when said",
                           "when guessed", "oh no", -2, position=0)  # fmt: skip
    assert (feelings.id, feelings.parent, feelings.kind) == ("Feelings", None, CodeKind.THEME)


@pytest.mark.parametrize("column", ["path", "name"])
def test_a_path_makes_the_codes_above_it(tmp_path, column):
    codes = read_codebook(table(tmp_path, f"{column},kind\nTime / Slot expires,pain\ntime / Waits,action\n"))
    assert [(c.id, c.parent, c.kind) for c in codes] == [
        ("Time", None, CodeKind.OTHER),
        ("Time / Slot expires", "Time", CodeKind.PAIN),
        ("Time / Waits", "Time", CodeKind.ACTION),
    ]
    assert [c.name for c in Codebook(codes)] == ["Time", "Slot expires", "Waits"]


def test_beside_a_parent_column_a_slash_is_part_of_the_name(tmp_path):
    assert [c.name for c in read_codebook(table(tmp_path, "name,parent\nYes / no,\n"))] == ["Yes / no"]


def test_a_parent_may_be_a_path_where_its_name_is_not_the_only_one(tmp_path):
    rows = "name,parent\nA,\nB,\nX,A\nX,B\n"
    codes = read_codebook(table(tmp_path, rows + "Y,B / X\n"))
    assert codes[-1].parent == "B / X"
    with pytest.raises(BadRows, match='row 6, column "parent": 2 codes are called "X". Write its path'):
        read_codebook(table(tmp_path, rows + "Y,X\n"))


@pytest.mark.parametrize(
    ("word", "kind"),
    [("pain", CodeKind.PAIN), ("Pain points", CodeKind.PAIN), ("pain_point", CodeKind.PAIN), ("Opportunities", CodeKind.OPPORTUNITY),
     ("touch-point", CodeKind.TOUCHPOINT), ("STAGES", CodeKind.STAGE), ("panic", None)],
)  # fmt: skip
def test_kinds_have_near_spellings(word, kind):
    assert read_kind(word) == kind


def test_every_bad_row_is_told_at_once_with_what_would_be_accepted(tmp_path):
    path = table(tmp_path, "name,kind,parent,valence\nA,panic,,\nB,,C,\nC,,B,\nD,,Bb,\na,need,,\n,need,,\nF,emotion,,3\nG,need,,\n")
    with pytest.raises(BadRows) as caught:
        read_codebook(path)
    said = caught.value.problems
    assert '"panic" is not a kind of code. Accepted: stage, touchpoint' in said[0]
    assert "below it" in said[1]
    assert 'there is no code "Bb" in the file. Did you mean "B"?' in said[3]
    assert '"a" is in row 2 already' in said[4]
    assert '"3" is not a whole number from -2 to 2' in said[6]
    assert [c.name for c in read_codebook(path, skip_bad_rows=True)] == ["G"]


def test_a_codebook_needs_names(tmp_path):
    with pytest.raises(MissingColumn, match='"name"'):
        read_codebook(table(tmp_path, "kind,definition\npain,x\n"))


names = st.text(st.sampled_from("aB=-'é🥕; "), min_size=1, max_size=4).map(str.strip).filter(bool)
texts = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@\n'\""), max_size=9)


@st.composite
def codebooks(draw):
    codes: list[Code] = []
    for position, name in enumerate(draw(st.lists(names, min_size=1, max_size=6, unique_by=str.casefold))):
        above = draw(st.none() | st.sampled_from(codes)) if codes else None
        id = f"{above.id} / {name}" if above else name
        codes.append(Code(id, name, draw(st.sampled_from(CodeKind)), above.id if above else None, position=position,
                          definition=draw(texts.filter(lambda t: not t or t.strip())), valence=draw(st.none() | st.integers(-2, 2)),
                          retired=draw(st.booleans())))  # fmt: skip
    return list(Codebook(codes))


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json"])
@given(codes=codebooks())
def test_what_is_written_reads_back_equal(tmp_path_factory, suffix, codes):
    path = tmp_path_factory.mktemp("c") / f"codes.{suffix}"
    write_codebook(codes, path)
    assert read_codebook(path) == codes


@pytest.mark.parametrize(
    ("name", "head", "is_it"),
    [
        ("a.csv", b"name,kind\n", True),
        ("a.csv", b"path;definition\n", True),
        ("a.json", b'[{"name": "x", "kind": "pain"', True),
        ("a.csv", b"code,quote,kind\n", False),
        ("a.json", b'{"personas": [{"name": "x", "kind": "goal"', False),
    ],
)
def test_it_is_told_by_names_with_kinds_or_definitions(name, head, is_it):
    assert FORMAT.sniff(Path(name), head) is is_it
