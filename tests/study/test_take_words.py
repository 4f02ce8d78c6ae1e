"""Participants, and who of the speakers they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from miniature import FILES, SETTINGS, empty_study, write

from workbench.errors import BadFile, BadRows, UnknownParticipant
from workbench.store import load_contacts
from workbench.study import Study, open_study
from workbench.study.importing import ImportOptions, import_files

PEOPLE = FILES["people.csv"]


def speakers(study: Study, name: str) -> dict[str, str]:
    """Alias by speaker name."""
    return {u.speaker: study.aliases.get(u.participant or "", "") for u in study.load_transcript(name).utterances}


# Participants


def test_one_changed_row_changes_that_participant_only(full: Study, tmp_path: Path) -> None:
    (result,) = import_files(full, write(tmp_path, "later.csv", PEOPLE.replace("returning", "lost")))
    assert (result.n_new, result.n_changed, result.n_known) == (0, 1, 1)
    assert full.history()[0].entities == ("participant", "source")
    assert full.history()[0].n_changes == 2
    assert list(full.participants["customer"]) == ["new", "lost"]


def test_a_changed_address_is_a_change_and_stays_out_of_the_tables(full: Study, tmp_path: Path) -> None:
    (result,) = import_files(full, write(tmp_path, "later.csv", PEOPLE.replace("helena@", "voss@")))
    assert (result.n_changed, result.n_known) == (1, 1)
    assert {c.email for c in load_contacts(full.db)} == {"voss@example.org", "minjae@example.org"}
    assert "voss" not in full.participants.to_string()


def test_what_a_later_file_has_no_column_for_stays(full: Study, tmp_path: Path) -> None:
    """Above all a refusal to be quoted: a file with an attribute more is no consent."""
    import_files(full, write(tmp_path, "ages.csv", "id,age\nP02,27\n"), ImportOptions(kind="participants"))
    joon = full.participants.loc["P02"]
    assert (joon["pseudonym"], joon["age"], joon["customer"], joon["consent_quote"]) == ("Joon", "27", "returning", False)
    assert len(load_contacts(full.db)) == 2


def test_an_emptied_cell_takes_away_what_was_there(full: Study, tmp_path: Path) -> None:
    import_files(full, write(tmp_path, "later.csv", PEOPLE.replace("Helena Voss,helena@example.org,new", ",,")))
    assert {(c.name, c.email) for c in load_contacts(full.db)} == {("", ""), ("Minjae Baek", "minjae@example.org")}
    assert full.participants["customer"].dropna().to_dict() == {"P02": "returning"}


BAD = "id,pseudonym,consent_quote\nP03,Zoe,perhaps\n,Ann,yes\nP04,Bo,yes\nP04,Cy,no\n"


def test_every_bad_row_is_said_at_once(study: Study, tmp_path: Path) -> None:
    with pytest.raises(BadRows, match=r"3 rows cannot be imported, so nothing was \(1 others are fine\)") as error:
        import_files(study, write(tmp_path, "bad.csv", BAD))
    assert [p.partition(":")[0] for p in error.value.problems] == [
        'row 2, column "consent_quote"',
        'row 3, column "id"',
        'row 5, column "id"',
    ]


def test_bad_rows_are_skipped_when_asked_and_listed(study: Study, tmp_path: Path) -> None:
    (result,) = import_files(study, write(tmp_path, "bad.csv", BAD), ImportOptions(skip_bad_rows=True))
    assert (list(study.participants.index), result.n_new, len(result.left_out)) == (["P04"], 1, 3)


# Who is who


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Interviewer: Well?\nSomebody: yes\n", {"Interviewer": "", "Somebody": "P01"}),
        ("I: Well?\nR: yes\n", {"I": "", "R": "P01"}),
        ("R: Well?\nP: yes\n", {"R": "", "P": "P01"}),
        ("Anna: Well?\nMara: yes\nBo: no\n", {"Anna": "", "Mara": "P01", "Bo": ""}),
        ("Anna: Well?\nP01: yes\n", {"Anna": "", "P01": "P01"}),
        ("I just wrote this down.\n\nAll of it.\n", {"": "P01"}),
    ],
)
def test_the_one_who_answers_is_the_participant_of_the_file(study: Study, tmp_path: Path, said: str, expected: dict[str, str]) -> None:
    import_files(study, [write(tmp_path, "people.csv", PEOPLE), write(tmp_path, "P01_first.txt", said)])
    assert speakers(study, "P01_first") == expected


def test_who_is_meant_is_asked_where_it_is_not_clear(study: Study, tmp_path: Path) -> None:
    files = [write(tmp_path, "people.csv", PEOPLE), write(tmp_path, "P01.txt", "Anna: Well?\nBo: yes\n")]
    with pytest.raises(
        BadFile,
        match=r'who of Anna, Bo is P01 is not clear\. Say it in study\.toml with the right name:\n\[\[interview\]\]\nfile = "P01\.txt"\nspeakers = \{ "Anna" = "P01" \}',
    ):
        import_files(study, files)


GROUP = 'file = "group.txt"\nkind = "focus group"\nspeakers = { Mara = "P01", Joon = "P02" }\n'
TALK = "Moderator: Well?\nMara: yes\nJoon: no\nMara: yes!\n"


def test_a_focus_group_is_heard_as_study_toml_says(tmp_path: Path) -> None:
    study = empty_study(tmp_path / "s", f"{SETTINGS}\n[[interview]]\n{GROUP}")
    import_files(study, [write(tmp_path, "people.csv", PEOPLE), write(tmp_path, "group.txt", TALK)])
    assert speakers(study, "group") == {"Moderator": "", "Mara": "P01", "Joon": "P02"}
    assert study.transcripts.loc["group", "kind"] == "focus group"
    study.close()


def test_a_speaker_in_study_toml_who_says_nothing_is_a_mistake(tmp_path: Path) -> None:
    study = empty_study(tmp_path / "s", f"{SETTINGS}\n[[interview]]\n{GROUP.replace('Mara', 'Marra')}")
    with pytest.raises(BadFile, match='study.toml names the speaker "Marra", who says nothing in it. Did you mean "Mara"'):
        import_files(study, [write(tmp_path, "people.csv", PEOPLE), write(tmp_path, "group.txt", TALK)])
    study.close()


def test_an_unknown_participant_is_refused_and_added_when_asked(study: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "talk.txt", "Interviewer: Well?\nZoe: hello\n")
    with pytest.raises(UnknownParticipant, match=r'use --new-participants\): there is no participant "P77" in this study'):
        import_files(study, path, ImportOptions(participant="P77"))
    assert len(study.participants) == 0
    import_files(study, path, ImportOptions(participant="P77", new_participants=True))
    assert speakers(study, "talk") == {"Interviewer": "", "Zoe": "P77"}


def test_nobodys_interview_is_said_to_be_nobodys(study: Study, tmp_path: Path) -> None:
    (result,) = import_files(study, write(tmp_path, "talk.txt", "Zoe: hello\n"))
    assert list(result.notes) == ["nobody's interview: name the participant with --participant"]


def test_two_interviews_of_one_name_are_told_apart_by_you(full: Study, tmp_path: Path) -> None:
    other = write(tmp_path, "P01.txt", "Mara: something else\n")
    with pytest.raises(BadFile, match='there is another transcript called "P01". Give this one a name of its own with --name'):
        import_files(full, other)
    import_files(full, other, ImportOptions(name="P01 again"))
    assert list(full.transcripts.index) == ["P01", "P01 again", "P02", "tickets"]


def test_research_text_is_kept_as_it_was_said(study: Study, tmp_path: Path) -> None:
    said = "Mara: [bold] </script> '; drop table coding; -- =SUM(A1) é 😀 \u202e [/]\n"
    import_files(study, write(tmp_path, "t.txt", said))
    assert study.load_transcript("t").text.strip() == said.strip()


def test_an_interview_that_was_nobodys_finds_its_participant_when_it_comes_again(study: Study, tmp_path: Path) -> None:
    talk = write(tmp_path, "P01.txt", "Interviewer: Well?\nMara: The slot was gone.\n")
    (first,) = import_files(study, talk)
    assert "nobody's interview" in first.notes[0]
    import_files(study, write(tmp_path, "people.csv", PEOPLE))
    (again,) = import_files(study, talk)
    assert (again.n_changed, again.notes) == (2, ["Mara is P01"])
    assert import_files(study, talk)[0].n_changed == 0
    study.undo()
    assert not study.transcripts.loc["P01", "speakers_known"]


@pytest.mark.parametrize("heading", ["consent_qoute", "consentquotes", "e-mial", "psuedonym"])
def test_a_column_that_nearly_means_something_stops_the_import(study: Study, tmp_path: Path, heading: str) -> None:
    """A slip in a heading must not turn a no into a yes, or an address into an attribute that is shown."""
    people = write(tmp_path, "people.csv", PEOPLE)
    import_files(study, people)
    with pytest.raises(BadFile, match=f'the column "{heading}" nearly is'):
        import_files(study, write(tmp_path, "again.csv", f"id,{heading}\nP01,no\n"), ImportOptions(kind="participants"))


def test_a_changed_mapping_counts_when_the_same_survey_comes_again(study: Study, tmp_path: Path) -> None:
    sheet = write(tmp_path, "quick.csv", "who,score\na,9\nb,3\n")
    import_files(study, sheet, ImportOptions(kind="survey"))
    settings = study.folder / "study.toml"
    settings.write_text(
        settings.read_text("utf-8") + '\n[[survey]]\nid = "quick"\nrespondent = "who"\nattributes = ["score"]\n', encoding="utf-8"
    )
    again = open_study(study.folder)
    (result,) = import_files(again, sheet)
    assert result.n_changed + result.n_new == 2
    assert set(again.responses.query("survey == 'quick'")["score"]) == {"9", "3"}
    again.close()
