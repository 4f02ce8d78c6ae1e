"""Interviews as plain text and Markdown."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.io.formats import find_format
from workbench.io.plain_text import FORMAT, read

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1).filter(
    lambda s: s == s.strip() and "\ufeff" not in s
)
SPEAKERS = st.sampled_from(["Interviewer", "Mara", "Ömer Ü.", "דנה", "P03", "木村"])


def transcript(folder: Path, text: str, name: str = "P01.txt", **options):
    path = folder / name
    path.write_bytes(text.encode())
    return read(path, **options)


def said(transcript):
    """Speaker and words of each utterance."""
    return [(u.speaker, transcript.excerpt(u.start, u.end)) for u in transcript.utterances]


def test_the_text_is_the_files_and_utterances_leave_out_names_and_times(tmp_path):
    text = "[00:04] Interviewer: Where were you?\n[00:25] Mara: On the tram.\n[01:06] Interviewer: And then?\n"
    read_ = transcript(tmp_path, text)
    assert read_.text == text
    assert said(read_) == [("Interviewer", "Where were you?"), ("Mara", "On the tram."), ("Interviewer", "And then?")]
    assert [(u.start_ms, u.end_ms) for u in read_.utterances] == [(4000, 25_000), (25_000, 66_000), (66_000, None)]


def test_it_is_named_after_the_file_and_knows_its_bytes(tmp_path):
    read_ = transcript(tmp_path, "Hello.\r\n", "P07.txt")
    assert (read_.id, read_.name, read_.kind) == ("", "P07", "interview")
    assert read_.source == hashlib.sha256(b"Hello.\r\n").hexdigest()
    assert transcript(tmp_path, "Hello.", name="x.md").name == "x"


def test_a_line_without_a_name_continues_the_utterance(tmp_path):
    read_ = transcript(tmp_path, "Ana: Where?\nMara: On the tram,\n\nat the bridge.\nAna: And then?\n")
    assert said(read_)[1] == ("Mara", "On the tram,\n\nat the bridge.")


def test_without_speakers_each_paragraph_is_an_utterance(tmp_path):
    read_ = transcript(tmp_path, "It was gone.\nTwice.\n\n\nThen I walked home.\n")
    assert said(read_) == [("", "It was gone.\nTwice."), ("", "Then I walked home.")]


def test_headings_comments_and_front_matter_belong_to_no_utterance(tmp_path):
    text = "---\ntitle: P01\n---\n<!--\nLicence: CC0\n-->\n\n# Warm up\n\nI see a list.\n\n## Task 1: Edit\nNow I edit.\n"
    assert said(transcript(tmp_path, text, "1e.md")) == [("", "I see a list."), ("", "Now I edit.")]


def test_a_heading_interrupts_a_speaker_who_then_goes_on(tmp_path):
    read_ = transcript(tmp_path, "Ana: So?\nMara: One.\n\n## Task 2\n\nTwo.\nAna: Fine.\n", "1e.md")
    assert said(read_)[1:3] == [("Mara", "One."), ("Mara", "Two.")]


def test_what_stands_above_the_first_speaker_is_not_said(tmp_path):
    read_ = transcript(tmp_path, "Interview with P01\nPlace: Berlin\n\nAna: So?\nMara: Gone.\nAna: Hm.\nMara: Yes.\n")
    assert said(read_)[0] == ("Ana", "So?")


def test_a_name_and_time_above_the_words_belong_to_them(tmp_path):
    read_ = transcript(tmp_path, "Ana Roe   0:05\nAnd then?\n\nMara Vo   0:07\nGone.\nTwice.\n\nAna Roe   0:12\nHm.\n")
    assert said(read_)[1] == ("Mara Vo", "Gone.\nTwice.")
    assert read_.utterances[1].start_ms == 7000


def test_names_in_brackets_close_an_utterance(tmp_path):
    read_ = transcript(tmp_path, "And then?\nWhat next? [Ana]\nGone. (Mara)\nHm. [Ana]\nYes. (Mara)\n")
    assert said(read_)[:2] == [("Ana", "And then?\nWhat next?"), ("Mara", "Gone.")]


def test_times_that_run_backwards_end_nothing(tmp_path):
    read_ = transcript(tmp_path, "[00:09] Ana: So?\n[00:04] Mara: Gone.\n[00:20] Ana: Hm.\n")
    assert [u.end_ms for u in read_.utterances] == [None, 20_000, None]


def test_the_way_of_naming_can_be_overruled(tmp_path):
    assert said(transcript(tmp_path, "Mood: good\nWeather: bad\n", speakers="none")) == [("", "Mood: good\nWeather: bad")]


def test_captions_under_txt_are_left_to_the_captions_readers(tmp_path):
    path = tmp_path / "call.txt"
    for head in (b"WEBVTT\n\n", b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\n"):
        path.write_bytes(head)
        assert not FORMAT.sniff(path, head)
    path.write_text("Mara: Gone.")
    assert find_format(path, [FORMAT], "interview") is FORMAT


@given(turns=st.lists(st.tuples(SPEAKERS, WORDS), min_size=2, max_size=8), crlf=st.booleans())
def test_every_utterance_is_what_was_said_in_any_script(turns, crlf, tmp_path_factory):
    turns = [*turns, turns[0]]
    text = "".join(f"{speaker}: {words}\n" for speaker, words in turns)
    read_ = transcript(tmp_path_factory.mktemp("text"), text.replace("\n", "\r\n") if crlf else text)
    assert read_.text == text
    assert said(read_) == turns


@settings(max_examples=200)
@given(
    text=st.text(st.sampled_from("ab MA:.-\n\n#<!>[](0123456789)\u0301🛒ש\t"), max_size=200).filter(str.strip),
    name=st.sampled_from(["a.md", "a.txt"]),
)
def test_utterances_of_any_text_are_in_order_apart_and_never_blank(text, name, tmp_path_factory):
    read_ = transcript(tmp_path_factory.mktemp("text"), text, name)
    places = [place for u in read_.utterances for place in (u.start, u.end)]
    assert places == sorted(places)
    assert all(words == words.strip() != "" for _, words in said(read_))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this repository")
def test_a_real_podcast_with_times_and_a_real_chat_are_read(tmp_path):
    folder = SHARED / "transcripts"
    podcast = read(next(folder.rglob("001_*.txt")))
    assert said(podcast)[1][1].startswith("Hello and welcome to Talk Python To Me")
    assert all(u.start_ms is not None and u.speaker == "" for u in podcast.utterances)
    chat = read(min(folder.rglob("chat.txt")))
    assert {"Iván | ethrex", "Francesco Risitano (Tau)"} < {u.speaker for u in chat.utterances}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this repository")
def test_think_aloud_protocols_have_no_speakers_and_no_licence_in_them():
    files = sorted((SHARED / "study").rglob("*_transcription.md"))
    for path in files:
        read_ = read(path)
        words = [w for _, w in said(read_)]
        assert {u.speaker for u in read_.utterances} == {""}
        assert not any("SPDX" in w or w.startswith("#") for w in words)
    assert len(files) == 18
