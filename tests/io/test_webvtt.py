"""Captions as WebVTT, as Zoom, Teams and podcasts write them."""

import html
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile, BadRows
from workbench.io.formats import find_format
from workbench.io.webvtt import FORMAT, read, voices

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this repository")
WPT = SHARED / "formats" / "webvtt-wpt" / "test"
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1).filter(
    lambda s: s == s.strip() and "\ufeff" not in s
)
SPEAKERS = st.sampled_from(["Mara", "Ann & Bob", "דנה", "Ömer 🛒", "O’Brien, J."])


def transcript(folder: Path, cues: str, **options):
    path = folder / "P01.vtt"
    path.write_bytes(f"WEBVTT\n\n{cues}".encode())
    return read(path, **options)


def said(transcript):
    """Speaker and words of each utterance."""
    return [(u.speaker, transcript.excerpt(u.start, u.end)) for u in transcript.utterances]


def times(transcript):
    return [(u.start_ms, u.end_ms) for u in transcript.utterances]


def clock(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def test_zoom_names_stand_before_the_words(tmp_path):
    cues = "1\n00:00:01.000 --> 00:00:02.000\nMara: Hello.\n\n2\n00:00:02.500 --> 00:00:03.000\nAna Roe: Hi: you.\n\n"
    read_ = transcript(tmp_path, cues + "3\n00:00:04.000 --> 00:00:05.000\nMara: So.\n")
    assert read_.text == "Hello.\nHi: you.\nSo."
    assert said(read_) == [("Mara", "Hello."), ("Ana Roe", "Hi: you."), ("Mara", "So.")]
    assert times(read_)[1] == (2500, 3000)


def test_close_cues_of_one_speaker_are_one_utterance(tmp_path):
    cues = "00:01.000 --> 00:02.000\n<v Ann>It was\n\n00:03.999 --> 00:05.000\n<v Ann>gone.\n\n00:07.000 --> 00:08.000\n<v Ann>Twice."
    read_ = transcript(tmp_path, cues)
    assert said(read_) == [("Ann", "It was gone."), ("Ann", "Twice.")]
    assert times(read_) == [(1000, 5000), (7000, 8000)]


def test_each_voice_of_a_cue_is_an_utterance(tmp_path):
    read_ = transcript(tmp_path, "00:01.000 --> 00:02.000\n<v Ann>One</v> <v.loud Bob>Two</v>\n")
    assert said(read_) == [("Ann", "One"), ("Bob", "Two")]


def test_dashes_start_turns_of_nobody_in_particular(tmp_path):
    cues = "00:00.000 --> 00:05.000\n- Hello everyone.\n\n00:05.000 --> 00:06.000\nThanks.\n\n00:06.000 --> 00:07.000\n- Thank you. - It's good\n\n"
    read_ = transcript(tmp_path, cues + "00:07.000 --> 00:08.000\nto have you.\n")
    assert said(read_) == [("", "Hello everyone. Thanks."), ("", "Thank you."), ("", "It's good to have you.")]


def test_without_speakers_a_sentence_ends_an_utterance(tmp_path):
    cues = "00:00.000 --> 00:01.000\nIt was\n\n00:01.000 --> 00:02.000\ngone. Again.\n\n00:02.000 --> 00:03.000\nI walked home."
    assert said(transcript(tmp_path, cues)) == [("", "It was gone. Again."), ("", "I walked home.")]


def test_names_in_brackets_name_the_cues_before_them(tmp_path):
    cues = ["And then?", "What next? [Ana]", "Gone. [Mara]", "Hm. [Ana]"]
    read_ = transcript(tmp_path, "\n\n".join(f"00:{i:02}.000 --> 00:{i + 1:02}.000\n{c}" for i, c in enumerate(cues)))
    assert said(read_) == [("Ana", "And then? What next?"), ("Mara", "Gone."), ("Ana", "Hm.")]


def test_tags_go_and_character_references_are_decoded_once(tmp_path):
    read_ = transcript(tmp_path, "00:00.000 --> 00:01.000\n<b>A</b> <c.x>&amp;lt; B</c>&nbsp;<00:00.500><i>&lt;b&gt;</i>\n")
    assert said(read_) == [("", "A &lt; B\u00a0<b>")]


@pytest.mark.parametrize("words", ["I <3 you and you", "if a < b and c > d", "black&white"])
def test_a_less_than_sign_that_opens_no_tag_loses_no_words(tmp_path, words):
    assert said(transcript(tmp_path, f"00:00.000 --> 00:01.000\n{words}\n")) == [("", words)]


def test_notes_styles_and_regions_are_not_said(tmp_path):
    cues = "STYLE\n::cue { color: red }\n\nREGION\nid:a\n\nNOTE\nby hand\n\n00:00.000 --> 00:01.000\nHi.\n\nNOTE done"
    assert said(transcript(tmp_path, cues)) == [("", "Hi.")]


def test_markup_in_a_voice_is_nobodys_name(tmp_path):
    read_ = transcript(tmp_path, "00:00.000 --> 00:01.000\n<v <script>alert(1)</script>>Hello <img src=x></v>\n")
    assert said(read_) == [("", "alert(1)>Hello")]


def test_teams_times_without_zeros_count_milliseconds(tmp_path):
    read_ = transcript(tmp_path, "0:0:6.90 --> 0:0:6.500\n<v Ann>Hello.</v>\n")
    assert times(read_) == [(6090, 6500)]


def test_every_bad_cue_is_named_with_its_line(tmp_path):
    cues = "00:03.000 --> 00:02.000\nbackwards\n\n00:xx --> 00:04.000\nunreadable\n\n00:05.000 --> 00:06.000\nfine\n\nwithout a time\n"
    with pytest.raises(BadRows) as error:
        transcript(tmp_path, cues)
    assert [re.match(r"line \d+", p)[0] for p in error.value.problems] == ["line 3", "line 6", "line 12"]
    assert said(transcript(tmp_path, cues, skip_bad_rows=True)) == [("", "fine")]


def test_a_file_without_the_signature_or_without_words_is_refused(tmp_path):
    with pytest.raises(BadFile, match="nothing is said"):
        transcript(tmp_path, "00:00.000 --> 00:01.000\n\n")
    (tmp_path / "P02.vtt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHi.")
    with pytest.raises(BadFile, match="WEBVTT"):
        read(tmp_path / "P02.vtt")


def test_captions_are_known_by_extension_or_signature(tmp_path):
    for name in ("call.vtt", "call.txt"):
        (tmp_path / name).write_text("WEBVTT\n\n")
        assert find_format(tmp_path / name, [FORMAT], "interview") is FORMAT


@given(turns=st.lists(st.tuples(SPEAKERS, WORDS), min_size=1, max_size=8), crlf=st.booleans())
def test_what_is_written_as_captions_is_read_back(turns, crlf, tmp_path_factory):
    cues = [
        f"{clock(i * 5000)} --> {clock(i * 5000 + 2500)}\n<v {html.escape(s, quote=False)}>{html.escape(w, quote=False)}</v>\n\n"
        for i, (s, w) in enumerate(turns)
    ]
    written = "".join(cues)
    read_ = transcript(tmp_path_factory.mktemp("vtt"), written.replace("\n", "\r\n") if crlf else written)
    assert said(read_) == turns
    assert read_.text == "\n".join(words for _, words in turns)
    assert times(read_) == [(i * 5000, i * 5000 + 2500) for i in range(len(turns))]


@needs_shared
@pytest.mark.parametrize("name", ["entities", "tags", "text", "timestamps", "tree-building"])
def test_cue_text_is_read_as_the_web_platform_tests_expect(name):
    for case in json.loads((WPT / "wpt-cue-parsing" / f"{name}.json").read_text(encoding="utf-8")):
        payload = case["text"][:-1].split("\n\n")[0].replace("\0", "\ufffd" if name == "text" else "\0")
        expected = "".join(re.findall(r'^\|\s*"(.*?)"$', case["expectedTree"], re.MULTILINE | re.DOTALL))
        assert "".join(text for _, text in voices(payload)).strip("\n") == expected


@needs_shared
@pytest.mark.parametrize("name", ["arrows", "ids", "newlines", "timings-60", "timings-too-long", "timings-too-short", "whitespace-chars"])
def test_files_are_read_as_the_web_platform_tests_expect(name):
    path = WPT / "wpt-file-parsing" / f"{name}.vtt"
    expected = re.findall(r"text\d", path.read_text(encoding="utf-8"))
    assert read(path, skip_bad_rows=True).text.split() == expected


@needs_shared
@pytest.mark.parametrize("path", sorted((SHARED / "transcripts").rglob("transcript*.vtt")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_real_zoom_call_keeps_every_speaker_and_every_word(path):
    lines = re.findall(r"-->.*\n(.*)", path.read_text(encoding="utf-8"))
    named = [line.split(": ", 1) for line in lines if ": " in line]
    read_ = read(path)
    assert Counter(" ".join(w for _, w in named).split()) == Counter(read_.text.split())
    assert {u.speaker for u in read_.utterances} == {name for name, _ in named}


@needs_shared
def test_real_podcasts_are_read_in_their_three_styles():
    plain, dashed, voiced = (read(next((SHARED / "transcripts" / "talkpython-vtt").glob(f"{n}*.vtt"))) for n in ("001", "303", "555"))
    assert max(u.end - u.start for u in plain.utterances) < 500
    assert said(dashed)[1:3] == [("", "Thank you."), ("", "It's so good to have you here.")]
    assert Counter(u.speaker for u in voiced.utterances) == {"Michael Kennedy": 73, "Trevor Manz": 65}
