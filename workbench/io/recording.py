"""Recordings, sound or video, told by their first bytes.  They are played, never read: only their beginning is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadFile
from workbench.io.formats import HEAD_BYTES, Format
from workbench.io.text_file import looks_like

EXTENSIONS = (".wav", ".mp3", ".m4a", ".mp4", ".m4v", ".webm", ".ogg", ".oga", ".ogv", ".opus")

#: Brands of MP4 boxes that hold no recording for a browser: pictures, and QuickTime.
_NOT_MP4 = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"qt  "})
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})

# MPEG audio, layer III: kilobits a second by index, and hertz by version (2.5, reserved, 2, 1) and index.
_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_HERTZ = ((11025, 12000, 8000, 0), (0, 0, 0, 0), (22050, 24000, 16000, 0), (44100, 48000, 32000, 0))


@dataclass(frozen=True)
class Recording:
    """A sound or video file: where it is, and what it is (``audio/mpeg``, ``video/mp4``)."""

    path: Path
    media_type: str


def read_recording(path: Path) -> Recording:
    """The recording in a file.

    Raises
    ------
    BadFile
        The file cannot be read, or its first bytes are not those of a recording that a browser plays, whatever its name says.
    """
    media_type = media_type_of(path)
    if media_type is None:
        raise BadFile(path, _what_else(_bytes_at(path, 0)), "Save it as MP3, WAV, MP4, WebM or Ogg and import that.")
    return Recording(path, media_type)


def media_type_of(path: Path) -> str | None:
    """The media type of a recording by its first bytes; ``None`` when they are of no recording that a browser plays.

    Raises
    ------
    BadFile
        The file cannot be read.
    """
    head = _bytes_at(path, 0)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return _mp4(head, path)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _webm(head)
    if head.startswith(b"OggS\0"):
        return "video/ogg" if b"\x80theora" in head else "audio/ogg"
    return "audio/mpeg" if _is_mp3(path, head) else None


def _bytes_at(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check that it is there, and who may read it.") from error


def _mp4(head: bytes, path: Path) -> str | None:
    """Recorders on telephones give sound the brand of any MP4 file; then only the name tells."""
    brand = head[8:12]
    if brand in _NOT_MP4:
        return None
    return "audio/mp4" if brand in _SOUND_BRANDS or path.suffix.lower() == ".m4a" else "video/mp4"


def _webm(head: bytes) -> str | None:
    if b"webm" not in head[:64]:  # Matroska begins with the same four bytes
        return None
    sound_only = b"V_" not in head and (b"A_OPUS" in head or b"A_VORBIS" in head)
    return "audio/webm" if sound_only else "video/webm"


def _is_mp3(path: Path, head: bytes) -> bool:
    """Whether sound frames follow the tags; a tag can be longer than what is read at once, because of the picture in it."""
    at = 0
    while size := _tag_bytes(head):
        at += size
        head = _bytes_at(path, at)
    sound = head.lstrip(b"\0")
    length = _frame_bytes(sound)
    following = sound[length : length + 4]
    return length > 0 and (len(following) < 4 or _frame_bytes(following) > 0)


def _tag_bytes(head: bytes) -> int:
    """How long the ID3v2 tag is that stands here, with its header; 0 when there is none.  Text that begins with "ID3" is no tag."""
    if len(head) < 10 or head[:3] != b"ID3" or head[3] not in (2, 3, 4) or any(byte > 127 for byte in head[6:10]):
        return 0
    size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _frame_bytes(data: bytes) -> int:
    """How long the layer III frame is that begins here; 0 when none does."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return 0
    version = data[1] >> 3 & 3
    kbps = (_KBPS_1 if version == 3 else _KBPS_2)[data[2] >> 4]
    hertz = _HERTZ[version][data[2] >> 2 & 3]
    if not kbps or not hertz:
        return 0
    return (144_000 if version == 3 else 72_000) * kbps // hertz + (data[2] >> 1 & 1)


def _what_else(head: bytes) -> str:
    if not head:
        return "the file is empty"
    what = looks_like(head)
    if what:
        return f"this looks like {what} and is no recording that a browser plays"
    return "this is no recording that a browser plays" if b"\0" in head else "this is text and no recording, whatever its name says"


def sniff(path: Path, _head: bytes) -> bool:
    """Anything with the ending of a recording: whether it is one is for :func:`read_recording` to say, and why not."""
    return path.name.lower().endswith(EXTENSIONS)


FORMAT = Format("recording", "Recording, sound or video (WAV, MP3, MP4, WebM, Ogg)", "recording", EXTENSIONS, sniff, read_recording)
