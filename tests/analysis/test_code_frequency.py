import pandas as pd
import pytest

from workbench.analysis.code_frequency import code_by_attribute, code_by_participant, code_frequency
from workbench.errors import UnknownName

SLOT = ("Slot expires", "Time pressure / Slot expires", "pain point")
FEE = ("Fee late", "Fee late", "pain point")


def codings(*rows):
    """Rows of participant, code, coder and start."""
    records = [
        {
            "coding": str(i),
            "participant": who,
            "transcript": who or "FG1",
            "code": c,
            "path": p,
            "kind": k,
            "coder": coder,
            "start": at,
            "end": at + 9,
        }
        for i, (who, (c, p, k), coder, at) in enumerate(rows)
    ]
    return pd.DataFrame(records, columns=["coding", "participant", "transcript", "code", "path", "kind", "coder", "start", "end"])


SAID = codings(
    ("P1", SLOT, "ana", 10),
    ("P1", SLOT, "ben", 10),
    ("P1", SLOT, "ana", 50),
    ("P2", SLOT, "ana", 10),
    ("P2", FEE, "ana", 70),
    ("", FEE, "ana", 5),
)
PEOPLE = pd.DataFrame({"device": ["phone", "phone", "computer", None]}, index=["P1", "P2", "P3", "P4"])


def test_two_coders_on_one_passage_are_two_codings_and_one_excerpt():
    slot = code_frequency(SAID).iloc[0]
    assert (slot["code"], slot["n_codings"], slot["n_excerpts"], slot["n_participants"]) == ("Slot expires", 4, 3, 2)


def test_share_is_of_everybody_who_could_have_said_it():
    slot = code_frequency(SAID, participants=PEOPLE).iloc[0]
    assert (slot["n_of"], slot["share"]) == (4, 0.5)
    assert (round(slot["low"], 3), round(slot["high"], 3)) == (0.150, 0.850)


def test_a_passage_of_nobody_counts_as_a_coding_and_not_as_a_person():
    fee = code_frequency(SAID).set_index("code").loc["Fee late"]
    assert (fee["n_codings"], fee["n_participants"], fee["n_of"]) == (2, 1, 2)


def test_participants_narrow_the_table_to_their_words():
    only = code_frequency(SAID, participants=["P1"])
    assert only["code"].tolist() == ["Slot expires"]
    assert only["share"].tolist() == [1.0]


def test_codes_of_one_name_and_two_parents_stay_apart():
    twins = codings(("P1", ("Slow", "App / Slow", "theme"), "ana", 1), ("P1", ("Slow", "Help / Slow", "theme"), "ana", 1))
    assert code_frequency(twins)["path"].tolist() == ["App / Slow", "Help / Slow"]


def test_by_coder_counts_each_coder_apart():
    table = code_frequency(SAID, by="coder")
    assert table.columns[0] == "coder"
    assert table.loc[table["coder"] == "ben", ["code", "n_codings", "n_of"]].values.tolist() == [["Slot expires", 1, 1]]


def test_by_an_unknown_column_suggests_the_near_one():
    with pytest.raises(UnknownName, match='Did you mean "coder"'):
        code_frequency(SAID, by="coders")


def test_no_codings_give_an_empty_table_with_all_columns():
    assert list(code_frequency(codings()).columns) == list(code_frequency(SAID).columns)
    assert list(code_frequency(codings(), by="coder").columns) == list(code_frequency(SAID, by="coder").columns)
    assert code_by_participant(codings()).empty


def test_matrix_has_a_row_per_code_and_a_column_per_participant():
    matrix = code_by_participant(SAID, participants=["P1", "P2", "P3"])
    assert matrix.loc["Time pressure / Slot expires"].tolist() == [3, 1, 0]
    assert matrix.loc["Fee late"].tolist() == [0, 1, 0]


def test_attribute_table_keeps_the_groups_where_nobody_said_it():
    table = code_by_attribute(SAID, PEOPLE, "device").set_index(["code", "value"])
    assert table.loc[("Slot expires", "phone"), ["n", "n_of", "share"]].tolist() == [2, 2, 1.0]
    assert table.loc[("Slot expires", "computer"), ["n", "n_of", "share"]].tolist() == [0, 1, 0.0]
    assert table.loc[("Fee late", "(not known)"), "n_of"] == 1


def test_an_unknown_attribute_names_the_known_ones():
    with pytest.raises(UnknownName, match="Accepted: device"):
        code_by_attribute(SAID, PEOPLE, "household")
