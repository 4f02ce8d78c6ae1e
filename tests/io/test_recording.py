"""A recording is what its first bytes say, and is never read whole."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile
from workbench.io.formats import find_format
from workbench.io.recording import EXTENSIONS, FORMAT, media_type_of, read_recording
from workbench.io.registry import FORMATS

#: MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes.
FRAME = b"\xff\xfb\x90\x00" + bytes(413)
#: MPEG 2, layer III, 64 kbit/s, 24 kHz: 192 bytes.
SPEECH = b"\xff\xf3\x84\x00" + bytes(188)


def tag(size: int) -> bytes:
    """An ID3 tag with a picture of so many bytes."""
    return b"ID3\x04\x00\x00" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + bytes([1]) * size


def mp4(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x02\x00isommp42" + b"\x00\x00\x00\x08mdat"


def webm(kind: bytes, *codecs: bytes) -> bytes:
    return b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84" + kind + b"\x18\x53\x80\x67" + b"".join(b"\x86\x86" + c for c in codecs)


def ogg(first: bytes) -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01\x1e" + first


PLAYED = {
    "frames.mp3": (FRAME * 3, "audio/mpeg"),
    "speech.mp3": (SPEECH * 30, "audio/mpeg"),
    "one.mp3": (FRAME, "audio/mpeg"),
    "tagged.mp3": (tag(20) + FRAME * 2, "audio/mpeg"),
    "cover.mp3": (tag(300_000) + bytes(500) + FRAME * 2, "audio/mpeg"),
    "twice.mp3": (tag(5000) + tag(9) + FRAME * 2, "audio/mpeg"),
    "sound.m4a": (mp4(b"M4A "), "audio/mp4"),
    "telephone.m4a": (mp4(b"mp42"), "audio/mp4"),
    "film.mp4": (mp4(b"isom"), "video/mp4"),
    "film.m4v": (mp4(b"M4V "), "video/mp4"),
    "call.webm": (webm(b"webm", b"V_VP9", b"A_OPUS"), "video/webm"),
    "voice.webm": (webm(b"webm", b"A_OPUS"), "audio/webm"),
    "voice.ogg": (ogg(b"OpusHead"), "audio/ogg"),
    "voice.opus": (ogg(b"OpusHead"), "audio/ogg"),
    "voice.oga": (ogg(b"\x01vorbis"), "audio/ogg"),
    "film.ogv": (ogg(b"\x80theora"), "video/ogg"),
    "long.wav": (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
    "wrongly named.mp3": (mp4(b"isom"), "video/mp4"),
    "SHOUTED.MP3": (FRAME * 2, "audio/mpeg"),
}

REFUSED = {
    "text.mp3": (b"Mara: I never said that.\n", "this is text and no recording, whatever its name says"),
    "about.mp3": (b"ID3 is a way to tag recordings.\n", "is no recording that a browser plays"),
    "wide.mp3": ("Mara: hello".encode("utf-16"), "this is no recording that a browser plays"),
    "tag.mp3": (tag(40), "is no recording that a browser plays"),
    "tagged text.mp3": (tag(40) + b"hello", "is no recording that a browser plays"),
    "layer two.mp3": (b"\xff\xfd\x90\x00" + bytes(413), "is no recording that a browser plays"),
    "broken.mp3": (FRAME + b"nothing more" + bytes(9), "is no recording that a browser plays"),
    "table.wav": (b"PK\x03\x04\x00", "this looks like a ZIP file or an Office document and is no recording"),
    "old.mp4": (b"RIFF\x00\x00\x00\x00AVI LIST", "is no recording that a browser plays"),
    "picture.mp4": (mp4(b"heic"), "is no recording that a browser plays"),
    "matroska.webm": (webm(b"matroska", b"V_VP9"), "this looks like a video (Matroska or WebM) and is no recording"),
}


@pytest.mark.parametrize("name", PLAYED)
def test_a_recording_is_told_by_its_first_bytes(tmp_path: Path, name: str) -> None:
    content, media_type = PLAYED[name]
    (tmp_path / name).write_bytes(content)
    assert find_format(tmp_path / name, FORMATS) is FORMAT
    assert read_recording(tmp_path / name).media_type == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_claims_to_be_a_recording_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    content, says = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile) as error:
        find_format(tmp_path / name, FORMATS).read(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}: ")
    assert says in str(error.value)


def test_a_real_wave_file_is_known(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "P01.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    assert media_type_of(tmp_path / "P01.wav") == "audio/wav"


def test_a_file_that_is_empty_or_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "P01.mp3").touch()
    with pytest.raises(BadFile, match=r"P01\.mp3: the file is empty"):
        read_recording(tmp_path / "P01.mp3")
    with pytest.raises(BadFile, match=r"P02\.mp3: it cannot be read \(No such file or directory\)"):
        read_recording(tmp_path / "P02.mp3")


@given(st.text())
def test_no_text_is_taken_for_a_recording(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "text.mp3"
    path.write_bytes(text.encode())
    assert media_type_of(path) is None


@given(st.binary(max_size=64), st.sampled_from(EXTENSIONS), st.sampled_from([b"", b"ID3\x04\x00\x00", b"\xff\xfb", b"RIFF", b"OggS"]))
def test_any_bytes_are_a_recording_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str, beginning: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"odd{ending}"
    path.write_bytes(beginning + content)
    if media_type_of(path) is None:
        with pytest.raises(BadFile, match="Save it as MP3"):
            read_recording(path)
    else:
        assert read_recording(path).media_type.startswith(("audio/", "video/"))
