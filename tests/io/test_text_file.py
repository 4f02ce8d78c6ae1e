"""Reading bytes as text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile
from workbench.io.text_file import MAX_BYTES, read_text

SAID = "Zoë said: “it’s gone” – 🛒 e\u0301 שלום\n"
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")


def written(folder: Path, data: bytes) -> Path:
    path = folder / "P01.txt"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_removed(tmp_path, encoding):
    assert read_text(written(tmp_path, SAID.encode(encoding))) == (SAID, encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_nuls(tmp_path, encoding):
    assert read_text(written(tmp_path, "The slot was gone.".encode(encoding))) == ("The slot was gone.", encoding)


def test_western_text_that_is_not_utf8_is_windows_1252(tmp_path):
    said = "Zoë said the café was “closed” – she wasn’t sure."
    assert read_text(written(tmp_path, said.encode("cp1252"))) == (said, "cp1252")


def test_text_mostly_beyond_ascii_gets_the_most_plausible_encoding(tmp_path):
    said = "Я заказала доставку, и слот исчез, пока я платила. Это было ужасно."
    assert read_text(written(tmp_path, said.encode("cp1251"))) == (said, "cp1251")


def test_an_encoding_that_is_given_overrules_the_guess(tmp_path):
    said = "Dziękuję, to było źle."
    assert read_text(written(tmp_path, said.encode("cp1250")), "cp1250") == (said, "cp1250")


@pytest.mark.parametrize("encoding", ["ascii", "utf-9"])
def test_an_encoding_that_does_not_fit_is_named(tmp_path, encoding):
    with pytest.raises(BadFile, match=encoding):
        read_text(written(tmp_path, SAID.encode()), encoding)


def test_every_kind_of_newline_becomes_lf(tmp_path):
    assert read_text(written(tmp_path, b"a\r\nb\rc\nd"))[0] == "a\nb\nc\nd"


@given(said=st.text(CHARACTERS, min_size=1).filter(str.strip))
def test_nothing_but_newlines_is_normalised(said, tmp_path_factory):
    assert read_text(written(tmp_path_factory.mktemp("text"), said.encode()))[0] == said


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04rest", "a ZIP file"),
        (b"%PDF-1.7 rest", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"{\\rtf1 Hello}", "rich text"),
        (b"RIFF\x10\x00\x00\x00WAVE", "a sound recording"),
        (b"\x00\x00\x00\x18ftypmp42", "a video"),
    ],
)
def test_what_is_no_text_is_named(tmp_path, data, what):
    with pytest.raises(BadFile, match=what):
        read_text(written(tmp_path, data))


@pytest.mark.parametrize("data", [b"half\0text", b"\x00\x01\x02\x03\x04", b"a\x01\x02\x03b"])
def test_nuls_and_control_characters_are_refused(tmp_path, data):
    with pytest.raises(BadFile, match="no text"):
        read_text(written(tmp_path, data))


@pytest.mark.parametrize("data", [b"", b" \r\n\t", "\ufeff\u00a0\n".encode()])
def test_a_file_without_words_is_refused(tmp_path, data):
    with pytest.raises(BadFile, match="empty|nothing but blanks"):
        read_text(written(tmp_path, data))


def test_a_file_too_large_to_read_at_once_is_refused_unread(tmp_path):
    path = tmp_path / "P01.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(BadFile, match="64 MB is the most"):
        read_text(path)


def test_a_missing_file_and_a_folder_are_said_to_be_so(tmp_path):
    with pytest.raises(BadFile, match="no such file"):
        read_text(tmp_path / "P99.txt")
    with pytest.raises(BadFile, match="folder"):
        read_text(tmp_path)
