"""Captions as SubRip."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile, BadRows
from workbench.io.formats import find_format
from workbench.io.srt import FORMAT, read

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="<>&{}-"), min_size=1)


def transcript(folder: Path, text: str, **options):
    path = folder / "P01.srt"
    path.write_bytes(text.encode())
    return read(path, **options)


def said(transcript):
    """Speaker and words of each utterance."""
    return [(u.speaker, transcript.excerpt(u.start, u.end)) for u in transcript.utterances]


def test_numbers_and_times_go_and_names_become_speakers(tmp_path):
    text = (
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\nMara: It was\r\n<i>gone</i>.\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nAna: So?\r\n"
    )
    read_ = transcript(tmp_path, text + "\r\n3\r\n00:00:09,000 --> 00:00:10,000\r\nMara: {\\an8}Twice &amp; more.\r\n")
    assert said(read_) == [("Mara", "It was gone."), ("Ana", "So?"), ("Mara", "Twice & more.")]
    assert [(u.start_ms, u.end_ms) for u in read_.utterances] == [(1000, 2500), (3000, 4000), (9000, 10_000)]


def test_a_blank_line_inside_a_cue_loses_no_words(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\nIt was\n\ngone\n\n2\n00:00:02,000 --> 00:00:03,000\nin 15 minutes\n"
    assert said(transcript(tmp_path, text)) == [("", "It was gone in 15 minutes")]


def test_dashes_start_turns(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\n-It was gone.\n-Again?\n\n2\n00:00:02,000 --> 00:00:03,000\n- Yes.\n"
    assert said(transcript(tmp_path, text)) == [("", "It was gone."), ("", "Again?"), ("", "Yes.")]


@pytest.mark.parametrize("words", ["a < b", "I <3 you", "R&notes &c."])
def test_what_only_looks_like_markup_is_said(tmp_path, words):
    assert said(transcript(tmp_path, f"1\n00:00:01,000 --> 00:00:02,000\n{words}\n")) == [("", words)]


def test_every_bad_cue_is_named_with_its_line(tmp_path):
    text = "1\n00:00:02,000 --> 00:00:01,000\nx\n\n2\n00:00:zz --> 00:00:03,000\ny\n\n3\n00:00:04,000 --> 00:00:05,000\nfine\n"
    with pytest.raises(BadRows, match="(?s)line 2: the cue ends.*line 6: the times"):
        transcript(tmp_path, text)
    assert said(transcript(tmp_path, text, skip_bad_rows=True)) == [("", "fine")]


def test_a_file_without_times_is_refused(tmp_path):
    with pytest.raises(BadFile, match="no times"):
        transcript(tmp_path, "Mara: It was gone.")


def test_captions_are_known_by_extension_or_by_their_beginning(tmp_path):
    for name in ("call.srt", "call.txt"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,000\r\nHi.")
        assert find_format(tmp_path / name, [FORMAT], "interview") is FORMAT


@given(said_=st.lists(WORDS.map(str.strip).filter(lambda w: w and not w.isnumeric() and "\ufeff" not in w), min_size=1, max_size=6))
def test_what_is_written_as_captions_is_read_back(said_, tmp_path_factory):
    text = "".join(f"{i + 1}\n00:{i:02}:00,000 --> 00:{i:02}:02,000\n{words}\n\n" for i, words in enumerate(said_))
    read_ = transcript(tmp_path_factory.mktemp("srt"), text, speakers="none")
    assert [words for _, words in said(read_)] == said_
