"""Interviews as Word documents."""

from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from workbench.errors import BadFile
from workbench.io.docx import FORMAT, read
from workbench.io.formats import find_format


@pytest.fixture
def document():
    return Document()


def transcript(document, folder: Path, **options):
    path = folder / "P01.docx"
    document.save(str(path))
    return read(path, **options)


def said(transcript):
    """Speaker and words of each utterance."""
    return [(u.speaker, transcript.excerpt(u.start, u.end)) for u in transcript.utterances]


def test_paragraphs_become_lines_and_names_become_speakers(document, tmp_path):
    for text in ("[00:04] Interviewer: Where?", "[00:25] Mara: On the tram. 🛒", "Twice.", "[01:06] Interviewer: So?"):
        document.add_paragraph(text)
    read_ = transcript(document, tmp_path)
    assert read_.text.split("\n")[2] == "Twice."
    assert said(read_)[1] == ("Mara", "On the tram. 🛒\nTwice.")
    assert read_.utterances[1].end_ms == 66_000


def test_a_name_in_bold_type_is_a_speaker(document, tmp_path):
    for name, words in (("Ana", " And then?"), ("Mara", " Gone."), ("Ana", " Hm.")):
        paragraph = document.add_paragraph()
        paragraph.add_run(name).bold = True
        paragraph.add_run(words)
    assert said(transcript(document, tmp_path)) == [("Ana", "And then?"), ("Mara", "Gone."), ("Ana", "Hm.")]


def test_a_name_with_its_time_in_bold_type_is_a_speaker(document, tmp_path):
    for name, words in (("Ana (00:05):", " And then?"), ("Mara (00:34):", " Gone."), ("Ana (01:00):", " Hm.")):
        paragraph = document.add_paragraph()
        paragraph.add_run(name).bold = True
        paragraph.add_run(words)
    read_ = transcript(document, tmp_path)
    assert said(read_) == [("Ana", "And then?"), ("Mara", "Gone."), ("Ana", "Hm.")]
    assert read_.utterances[1].start_ms == 34_000


def test_bold_words_of_a_sentence_are_nobody(document, tmp_path):
    for n in range(6):
        document.add_paragraph().add_run("Never").bold = n == 3
    assert {speaker for speaker, _ in said(transcript(document, tmp_path))} == {""}


def test_teams_writes_a_time_range_above_the_name(document, tmp_path):
    for text in ("0:0:0.0 --> 0:0:1.510\nAna Roe\nOK. Yeah.", "0:0:3.90 --> 0:0:4.250\nMara Vo\nUmm.", "0:0:5.0 --> 0:0:6.0\nAna Roe\nSo."):
        document.add_paragraph(text)
    read_ = transcript(document, tmp_path)
    assert said(read_) == [("Ana Roe", "OK. Yeah."), ("Mara Vo", "Umm."), ("Ana Roe", "So.")]
    assert [u.start_ms for u in read_.utterances] == [0, 3090, 5000]


def test_teams_and_otter_write_a_name_and_a_time_above_the_words(document, tmp_path):
    document.add_heading("Weekly call", 0)
    for text in ("\nAna Roe   0:05\nAnd then?", "Mara Vo   0:07\nGone.", "Ana Roe   1:02:03\nHm."):
        document.add_paragraph(text)
    read_ = transcript(document, tmp_path)
    assert said(read_) == [("Ana Roe", "And then?"), ("Mara Vo", "Gone."), ("Ana Roe", "Hm.")]
    assert read_.utterances[2].start_ms == 3_723_000


def test_tables_are_read_row_by_row_with_the_name_in_a_cell(document, tmp_path):
    table = document.add_table(0, 3)
    for row in (("00:05", "Ana", "And then?"), ("00:09", "Mara", "Gone.\nTwice."), ("01:05", "Ana", "Hm.")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph("(end)")
    read_ = transcript(document, tmp_path)
    assert said(read_) == [("Ana", "And then?"), ("Mara", "Gone.\nTwice."), ("Ana", "Hm.\n(end)")]
    assert [u.start_ms for u in read_.utterances] == [5000, 9000, 65_000]


def test_without_speakers_each_paragraph_is_an_utterance_and_headings_are_none(document, tmp_path):
    document.add_heading("Warm up", 1)
    document.add_paragraph("I see a list.\nStill a list.")
    document.add_paragraph("Now I edit.")
    assert said(transcript(document, tmp_path)) == [("", "I see a list.\nStill a list."), ("", "Now I edit.")]


def test_tracked_deletions_are_left_out_and_insertions_kept(document, tmp_path):
    document.element.body.insert(0, parse_xml(
        f"<w:p {nsdecls('w')}><w:r><w:t xml:space='preserve'>It was </w:t></w:r>"
        "<w:del w:id='1' w:author='a'><w:r><w:delText>here</w:delText></w:r></w:del>"
        "<w:ins w:id='2' w:author='a'><w:r><w:t>gone</w:t></w:r></w:ins>"
        "<w:moveFrom w:id='3' w:author='a'><w:r><w:t> away</w:t></w:r></w:moveFrom></w:p>"
    ))  # fmt: skip
    assert transcript(document, tmp_path).text.strip() == "It was gone"


def test_a_document_without_words_is_refused(document, tmp_path):
    with pytest.raises(BadFile, match=r"P01\.docx: there are no words"):
        transcript(document, tmp_path)


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"%PDF-1.7", "looks like a PDF"), (b"PK\x03\x04cut", "damaged"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "before 2007")],
)
def test_what_is_no_word_document_is_said_to_be_so(tmp_path, data, what):
    path = tmp_path / "P01.docx"
    path.write_bytes(data)
    assert find_format(path, [FORMAT]) is FORMAT
    with pytest.raises(BadFile, match=what):
        read(path)


def test_the_way_of_naming_can_be_overruled(document, tmp_path):
    for text in ("Mood: good", "Weather: bad"):
        document.add_paragraph(text)
    assert said(transcript(document, tmp_path, speakers="none"))[0] == ("", "Mood: good")
