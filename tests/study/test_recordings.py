"""A recording is kept beside its transcript, whole and once, and is found again."""

from __future__ import annotations

import os
import shutil
import tracemalloc
import unicodedata
import wave
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from miniature import SETTINGS, empty_study, state, write

from workbench.errors import BadFile, UnknownParticipant, UnknownTranscript
from workbench.study import Study, find_recording
from workbench.study.importing import ImportOptions, import_files

MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 3
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42"
TIMED = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Mara>It was gone.\n"


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """A tenth of a second of silence, called P01."""
    path = tmp_path / "P01.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return path


def media(study: Study) -> dict[str, str]:
    """Type of the recording by transcript, of those that have one."""
    found = {t.name: find_recording(study, t) for t in study.load_transcripts()}
    return {name: recording.media_type for name, recording in found.items() if recording}


# Whose it is


@pytest.mark.parametrize("name", ["P01.mp3", "p01.MP3"])
def test_a_recording_goes_to_the_transcript_of_its_name(full: Study, tmp_path: Path, name: str) -> None:
    (result,) = import_files(full, write(tmp_path, name, MP3))
    assert (result.kind, result.n_new) == ("recording", 1)
    assert result.what == "recording of transcript P01 (audio/mpeg, 0.0 MB)"
    assert media(full) == {"P01": "audio/mpeg"}


def test_a_transcript_that_was_renamed_is_found_by_the_file_it_came_in(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "Zoom 1.txt", "Mara: hello\n"), ImportOptions(name="first talk"))
    import_files(study, write(tmp_path, "zoom 1.mp3", MP3))
    assert media(study) == {"first talk": "audio/mpeg"}


def test_accents_that_a_file_system_took_apart_are_the_same_name(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "Zoë.txt", "Mara: hello\n"))
    import_files(study, write(tmp_path, unicodedata.normalize("NFD", "zoë.mp3"), MP3))
    assert list(media(study)) == [unicodedata.normalize("NFC", "Zoë")]


@pytest.mark.parametrize("options", [ImportOptions(name="P02"), ImportOptions(participant="P02")])
def test_a_recording_of_any_name_goes_where_you_say(full: Study, tmp_path: Path, options: ImportOptions) -> None:
    import_files(full, write(tmp_path, "P01.mp4", MP4), options)
    assert media(full) == {"P02": "video/mp4"}


def test_of_two_talks_with_one_person_the_name_decides(full: Study, tmp_path: Path) -> None:
    talk, other = write(tmp_path, "again.txt", "Mara: once more\n"), write(tmp_path, "zoom.mp3", MP3)
    import_files(full, [talk, write(tmp_path, "again.mp4", MP4)], ImportOptions(participant="P01"))
    assert media(full) == {"again": "video/mp4"}
    with pytest.raises(BadFile, match=r"it could be of P01, again\. Say with --name .* Without a recording: P01, P02\."):
        import_files(full, other, ImportOptions(participant="P01"))


def test_names_that_differ_in_case_alone_are_told_apart(study: Study, tmp_path: Path) -> None:
    texts = [write(tmp_path, f"{name}.txt", f"Mara: {name}\n") for name in ("talk", "Talk")]
    import_files(study, texts)
    import_files(study, write(tmp_path, "Talk.mp3", MP3))
    assert list(media(study)) == ["Talk"]
    with pytest.raises(BadFile, match="it could be of Talk, talk"):
        import_files(study, write(tmp_path, "TALK.mp4", MP4))


def test_a_recording_of_nothing_that_is_there_names_what_has_none(full: Study, tmp_path: Path) -> None:
    """Tickets were written: nobody has a recording of them."""
    import_files(full, write(tmp_path, "P01.mp3", MP3))
    before = state(full)
    with pytest.raises(BadFile) as error:
        import_files(full, write(tmp_path, "zoom.mp4", MP4))
    found = 'there is no transcript "zoom"'
    advice = "Say with --name which transcript it is the recording of. Without a recording: P02."
    assert str(error.value) == f"{tmp_path / 'zoom.mp4'}: {found}. {advice}"
    assert state(full) == before


def test_a_name_or_a_person_that_is_not_there_is_said(full: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "P01.mp3", MP3)
    with pytest.raises(BadFile, match=r'there is no transcript "P09"\. .* Without a recording: P01, P02\.'):
        import_files(full, path, ImportOptions(name="P09"))
    with pytest.raises(UnknownParticipant, match='there is no participant "P09"'):
        import_files(full, path, ImportOptions(participant="P09"))
    assert media(full) == {}


def test_somebody_who_was_not_interviewed_has_no_recording(full: Study, tmp_path: Path) -> None:
    import_files(full, write(tmp_path, "more.csv", "id,consent_quote\nP03,yes\n"))
    with pytest.raises(BadFile, match='there is no transcript "P01" and none of P03'):
        import_files(full, write(tmp_path, "P01.mp3", MP3), ImportOptions(participant="P03"))


def test_without_transcripts_you_are_told_to_bring_them(study: Study, wav: Path) -> None:
    with pytest.raises(BadFile, match="There are no transcripts yet: import them first, or together with it"):
        import_files(study, wav)


def test_a_transcript_keeps_the_recording_that_it_has(full: Study, wav: Path, tmp_path: Path) -> None:
    import_files(full, wav)
    with pytest.raises(BadFile, match=r"transcript P01 has another recording already\. Undo the import of that one first"):
        import_files(full, write(tmp_path, "P01.mp3", MP3))
    assert media(full) == {"P01": "audio/wav"}


def test_text_that_was_renamed_is_refused_and_changes_nothing(full: Study, tmp_path: Path) -> None:
    before = state(full)
    with pytest.raises(BadFile, match=r"P01\.mp3: this is text and no recording, whatever its name says\. Save it as MP3"):
        import_files(full, write(tmp_path, "P01.mp3", "Mara: hello\n"))
    assert state(full) == before


# Once, whole, and back


@pytest.mark.parametrize("turn", [1, -1])
def test_transcript_and_recording_come_together_in_any_order(study: Study, wav: Path, tmp_path: Path, turn: int) -> None:
    results = import_files(study, [write(tmp_path, "P01.vtt", TIMED), wav][::turn])
    assert [(r.kind, r.n_new) for r in results] == [("interview", 1), ("recording", 1)]
    assert media(study) == {"P01": "audio/wav"}
    study.undo()
    assert study.load_transcripts() == []
    study.redo()
    assert media(study) == {"P01": "audio/wav"}


def test_the_same_recording_again_changes_nothing(full: Study, wav: Path, tmp_path: Path) -> None:
    import_files(full, wav)
    before = state(full)
    copy = write(tmp_path / "copies", "P02.wav", wav.read_bytes())
    said = [import_files(full, path, options)[0] for path, options in ((wav, None), (wav, ImportOptions(name="P01")), (copy, None))]
    assert [(r.n_new, r.n_known) for r in said] == [(0, 1)] * 3
    assert said[0].what == "the same file was imported before; nothing changed"
    assert state(full) == before


def test_one_recording_of_two_transcripts_is_kept_once(full: Study, wav: Path) -> None:
    import_files(full, wav)
    (result,) = import_files(full, wav, ImportOptions(name="P02"))
    assert "it is the recording of P01 too" in result.notes
    first, second = (find_recording(full, name) for name in ("P01", "P02"))
    assert first == second is not None


def test_an_import_is_taken_back_and_can_come_again(full: Study, wav: Path) -> None:
    tables = {k: v for k, v in state(full).items() if k not in ("change", "datasets", "transcript")}
    import_files(full, wav)
    full.undo()
    assert media(full) == {}
    assert {k: v for k, v in state(full).items() if k in tables} == tables
    import_files(full, wav)
    assert media(full) == {"P01": "audio/wav"}


def test_a_dry_run_attaches_nothing(full: Study, wav: Path) -> None:
    before = state(full)
    (tried,) = import_files(full, wav, ImportOptions(dry_run=True))
    assert state(full) == before
    assert [tried] == import_files(full, wav)


def test_the_study_as_it_was_has_no_recording_yet(full: Study, wav: Path, opened: Callable[..., Study]) -> None:
    import_files(full, wav)
    at = datetime.fromisoformat(full.history()[0].at)
    assert media(opened(full.folder, as_of=at - timedelta(microseconds=1))) == {}
    assert media(opened(full.folder, as_of=at)) == {"P01": "audio/wav"}


def test_what_is_said_of_an_interview_later_leaves_its_recording(study: Study, wav: Path, tmp_path: Path) -> None:
    talk = write(tmp_path, "P01.txt", "Mara: hello\n")
    import_files(study, [talk, wav])
    import_files(study, write(tmp_path, "people.csv", "id,pseudonym\nP01,Mara\n"))
    assert import_files(study, talk)[0].n_changed == 1
    assert media(study) == {"P01": "audio/wav"}


def test_a_transcript_without_times_is_said_to_have_none(study: Study, wav: Path, tmp_path: Path) -> None:
    vtt, mp3 = write(tmp_path, "timed.vtt", TIMED), write(tmp_path, "timed.mp3", MP3)
    notes = {r.path.name: r.notes for r in import_files(study, [write(tmp_path, "P01.txt", "Mara: hello\n"), wav, vtt, mp3])}
    assert notes["P01.wav"] == ["P01 has no times: the recording can be played, but not from a passage"]
    assert notes["timed.mp3"] == []


def test_a_long_recording_is_kept_without_being_held_in_memory(full: Study, wav: Path) -> None:
    with wav.open("r+b") as file:
        file.truncate(48 * 1024 * 1024)
    tracemalloc.start()
    try:
        import_files(full, wav)
        assert tracemalloc.get_traced_memory()[1] < 6 * 1024 * 1024
    finally:
        tracemalloc.stop()
    recording = find_recording(full, "P01")
    assert recording is not None
    assert recording.path.stat().st_size == wav.stat().st_size


# Found again


def test_a_recording_is_found_byte_for_byte_under_its_hash(full: Study, wav: Path) -> None:
    import_files(full, wav)
    recording = find_recording(full, full.load_transcript("P01"))
    assert recording is not None
    assert recording.path.is_absolute()
    assert recording.path.read_bytes() == wav.read_bytes()
    (source,) = (s for s in full.sources if s.kind == "recording")
    assert full.load_transcript("P01").media == f"datasets/{source.stored_as}" == f"datasets/{source.sha256}.wav"


def test_a_study_that_moved_finds_its_recordings(study: Study, wav: Path, tmp_path: Path, opened: Callable[..., Study]) -> None:
    import_files(study, [write(tmp_path, "P01.txt", "Mara: hello\n"), wav])
    study.close()
    shutil.move(study.folder, tmp_path / "elsewhere")
    assert media(opened(tmp_path / "elsewhere")) == {"P01": "audio/wav"}


def test_a_study_opened_by_a_relative_path_answers_with_an_absolute_one(
    tmp_path: Path, wav: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[..., Study]
) -> None:
    monkeypatch.chdir(tmp_path)
    empty_study(Path("here"), SETTINGS).close()
    study = opened(Path("here"))
    import_files(study, [write(tmp_path, "P01.txt", "Mara: hello\n"), wav])
    recording = find_recording(study, "P01")
    assert recording is not None
    assert recording.path.parent == tmp_path / "here" / "datasets"


def test_a_transcript_may_have_none_and_a_name_may_be_wrong(full: Study) -> None:
    assert find_recording(full, "P01") is None
    with pytest.raises(UnknownTranscript):
        find_recording(full, "P09")


def test_a_recording_that_is_gone_or_was_changed_is_said(full: Study, wav: Path) -> None:
    import_files(full, wav)
    recording = find_recording(full, "P01")
    assert recording is not None
    os.truncate(recording.path, 0)
    with pytest.raises(BadFile, match="the recording of P01 was changed after it was imported"):
        find_recording(full, "P01")
    recording.path.unlink()
    with pytest.raises(BadFile, match=r"the recording of P01 is missing\. Put it back from a backup"):
        find_recording(full, "P01")
