"""Codebooks, codings and syntheses: what is known is brought up to date, what cannot be placed is listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from miniature import FILES, state, write

from workbench.errors import BadRows, UnknownParticipant
from workbench.study import Study
from workbench.study.importing import ImportOptions, import_files

TREE = "name,kind,parent,definition\nTime,theme,,All of it\nSlot,pain point,Time,In time\nMoney,theme,,\nSlot,need,Money,For money\n"


def codings(folder: Path, *rows: str) -> Path:
    return write(folder, "more.csv", "\n".join(["transcript,coder,code,quote,start,end", *rows]) + "\n")


def problems(study: Study, path: Path, **options: bool) -> list[str]:
    with pytest.raises(BadRows) as error:
        import_files(study, path, ImportOptions(**options))
    return list(error.value.problems)


# Codebooks


def test_a_code_of_the_same_path_is_brought_up_to_date(full: Study, tmp_path: Path) -> None:
    before = full.codebook.find("Anxious")
    (result,) = import_files(full, write(tmp_path, "c.csv", FILES["codes.csv"].replace("Fear", "Dread")))
    assert (result.n_new, result.n_changed, result.n_known) == (0, 1, 2)
    assert (full.codebook.find("Anxious").definition, full.codebook.find("Anxious").id) == ("Dread", before.id)


def test_what_a_later_codebook_has_no_column_for_stays(full: Study, tmp_path: Path) -> None:
    (result,) = import_files(full, write(tmp_path, "c.csv", "name,kind\nanxious,emotion\nSlot expires,theme\n"))
    assert result.n_changed == 2, "one name was written otherwise, one kind was changed"
    assert (full.codebook.find("anxious").valence, full.codebook.find("Slot expires").definition) == (-2, "The slot is gone")


def test_a_path_alone_does_not_change_the_codes_above(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "tree.csv", TREE))
    import_files(study, write(tmp_path, "late.csv", "path,kind\nTime / Late,pain point\n"))
    assert (study.codebook.find("Time").kind, study.codebook.find("Time").definition) == ("theme", "All of it")
    assert study.codebook.path(study.codebook.find("Late")) == "Time / Late"


def test_bad_codes_are_said_at_once(study: Study, tmp_path: Path) -> None:
    bad = write(tmp_path, "c.csv", "name,kind,valence\nA,pian,\n,theme,\nB,emotion,7\nC,theme,\n")
    assert [p[:6] for p in problems(study, bad)] == ["row 2,", "row 3,", "row 4,"]
    (result,) = import_files(study, bad, ImportOptions(skip_bad_rows=True))
    assert ([c.name for c in study.codebook], len(result.left_out)) == (["C"], 3)


# Codings

WRONG = {
    "P01,ana,Slot expired,I left,,": 'row 2: there is no code "Slot expired" in the codebook. Did you mean "Slot expires"?',
    "P99,ana,Anxious,I left,,": 'row 2: there is no transcript "P99" in this study.',
    "P01,ana,Anxious,,5,99999": "row 2: 5 to 99999 is not a passage of transcript P01, which has ",
    "P01,ana,Anxious,,9,5": 'row 2, column "end": 5 is not after 9. Use 0 <= start < end.',
    "P01,ana,Anxious,I left,0,5": 'row 2: at 0 to 5 transcript P01 has "Inter", not the quote.',
    "P01,ana,Anxious,slot,,": "row 2: the quote is in 2 places of transcript P01, and nothing says which is meant. Add start and end, or the time",
    "P01,ana,Anxious,We never spoke of bananas and coconuts here,,": "row 2: the quote is not in transcript P01",
    "P01,ana,,I left,,": 'row 2, column "code": it is empty',
    "P01,ana,Anxious,,,": 'row 2, column "quote": it is empty. Give the words, or start and end.',
    "P01,ana,[bold]x[/],I left,,": 'row 2: there is no code "[bold]x[/]" in the codebook.',
}


@pytest.mark.parametrize("row", WRONG)
def test_a_coding_that_cannot_be_placed_is_said_and_never_guessed(full: Study, tmp_path: Path, row: str) -> None:
    before = state(full)
    (found,) = problems(full, codings(tmp_path, row))
    assert found.startswith(WRONG[row])
    assert state(full) == before


def test_all_that_is_wrong_with_codings_is_said_at_once_in_the_order_of_the_rows(full: Study, tmp_path: Path) -> None:
    found = problems(full, codings(tmp_path, *WRONG))
    assert [int(p.replace(",", ":").split(":")[0].removeprefix("row ")) for p in found] == list(range(2, 2 + len(WRONG)))


def test_the_codings_that_are_fine_come_in_when_asked(full: Study, tmp_path: Path) -> None:
    (result,) = import_files(full, codings(tmp_path, *WRONG, "P01,ana,Anxious,I left,,"), ImportOptions(skip_bad_rows=True))
    assert (result.n_new, len(result.left_out), result.notes[0]) == (1, len(WRONG), "placed: 3 exact")


def test_new_codes_are_added_when_asked_below_the_code_that_they_name(full: Study, tmp_path: Path) -> None:
    path = codings(tmp_path, "P01,ana,Anxious / Of losing it,I left,,", "P01,ana,Either / or,I left,,", "P01,ben,either / OR,I left,,")
    (result,) = import_files(full, path, ImportOptions(new_codes=True))
    assert list(result.notes) == ["placed: 3 exact", "2 new codes"]
    book = full.codebook
    assert book.by_id(book.find("Of losing it").parent or "").name == "Anxious"
    assert book.find("Either / or").parent is None


def test_a_name_that_several_codes_have_is_never_a_new_code(full: Study, tmp_path: Path) -> None:
    import_files(full, write(tmp_path, "tree.csv", TREE))
    path = codings(tmp_path, "P01,ana,Slot,I left,,")
    assert problems(full, path, new_codes=True) == ['row 2: there is no code "Slot" in the codebook. Accepted: Money / Slot, Time / Slot.']
    import_files(full, codings(tmp_path, "P01,ana,Time / Slot,I left,,"))
    assert full.codings.iloc[-1]["path"] != full.codings.iloc[0]["path"]


def test_codings_may_name_the_participant_instead_of_the_transcript(full: Study, tmp_path: Path) -> None:
    talks = [write(tmp_path, "before.txt", "I liked it, mostly.\n"), write(tmp_path, "after.txt", "And another thing: it broke.\n")]
    import_files(full, talks, ImportOptions(participant="P03", new_participants=True))
    import_files(full, write(tmp_path, "c.csv", "participant,code,quote\nP03,Anxious,another thing\n"), ImportOptions(coder="ben"))
    (added,) = full.codings[full.codings["participant"] == "P03"].itertuples()
    assert (added.text, added.transcript, added.coder) == ("another thing", "after", "ben")


def test_what_was_only_nearly_found_is_shown(full: Study, tmp_path: Path) -> None:
    (result,) = import_files(full, codings(tmp_path, "P02,ana,Anxious,I would rather not to be quoted on this,,"))
    assert result.notes[0] == "placed: 1 approximate"
    assert result.notes[1].startswith("row 2, approximate (score 0.9")


# Syntheses


def test_a_persona_is_brought_up_to_date_and_counted(full: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "s.json", FILES["synthesis.json"].replace('"name": "Nora"', '"name": "Nora", "age": "34"'))
    (result,) = import_files(full, path)
    assert (result.n_new, result.n_changed, result.n_known) == (0, 1, 1)
    assert [p.age for p in full.personas] == ["34"]


def test_what_a_synthesis_names_in_vain_is_said(full: Study, tmp_path: Path) -> None:
    path = write(
        tmp_path, "s.json",
        '{"personas": [{"name": "Zed", "segment": {"customer": "none"}}],'
        ' "opportunities": [{"how_might_we": "x?", "stage": "chek_out", "codes": ["Slot expired"], "measure": "NPS"}]}',
    )  # fmt: skip
    (result,) = import_files(full, path)
    assert list(result.notes) == [
        'persona "Zed": no participant of the study belongs to it',
        'opportunity "x?": there is no stage "chek_out". Did you mean "check_out"?',
        'opportunity "x?": there is no code "Slot expired". Did you mean "Slot expires"?',
        'opportunity "x?": there is no measure "NPS". There are none yet.',
    ]


def test_a_persona_stands_for_participants_that_are_there(full: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "s.json", '{"personas": [{"name": "Zed", "participants": ["P99"]}]}')
    with pytest.raises(UnknownParticipant, match='persona "Zed" .*there is no participant "P99"'):
        import_files(full, path)
