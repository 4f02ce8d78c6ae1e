"""Bytes of a text file as text: which encoding it is in, and whether it is text at all."""

from __future__ import annotations

import codecs
import hashlib
import re
from pathlib import Path

from workbench.errors import BadFile
from workbench.model import normalise_newlines

MAX_BYTES = 64 * 1024 * 1024

_EXPORT_AS_TEXT = "Export it as text, or name the file that holds the text."

#: Longest mark first: a UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP file or an Office document"),
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or a password-protected Office document"),
    (b"{\\rtf", "a rich text (RTF) document"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"ID3", "a sound recording (MP3)"),
    (b"OggS", "a sound recording (Ogg)"),
    (b"fLaC", "a sound recording (FLAC)"),
    (b"\x1a\x45\xdf\xa3", "a video (Matroska or WebM)"),
)

_MOSTLY_NON_ASCII = 0.3
_ISOLATED = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1255", "cp1256", "cp932", "gb18030", "big5", "cp949"]
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_text(path: Path, encoding: str | None = None) -> tuple[str, str]:
    """The text of a file, its newlines normalised and nothing else, and the encoding that it was read in.

    Without ``encoding``: a byte-order mark decides, then strict UTF-8, then UTF-16 by the pattern of its NULs, then Windows-1252,
    unless most of the file is beyond ASCII: then the most plausible national encoding.

    Raises
    ------
    BadFile
        The file cannot be read, is too large, is no text, holds NUL characters, or is empty.
    """
    data = read_bytes(path)
    if not data.strip(b" \t\r\n"):
        raise BadFile(path, "the file is empty", "Export it again from where it came.")
    if encoding is None:
        _refuse_known_binary(path, data)
        text, encoding = _decode(path, data)
    else:
        text = _decode_as(path, data, encoding)
    text = normalise_newlines(text)
    _refuse_odd_characters(path, text)
    return text, encoding


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a file that is not too large.

    Raises
    ------
    BadFile
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            found = f"the file is {size / 2**20:.0f} MB, and {max_bytes // 2**20} MB is the most that is read at once"
            raise BadFile(path, found, "Split it into several files.")
        return path.read_bytes()
    except FileNotFoundError:
        raise BadFile(path, "there is no such file", "Check the spelling and the folder you are in.") from None
    except IsADirectoryError:
        raise BadFile(path, "this is a folder", "Name the files in it.") from None
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def looks_like(data: bytes) -> str | None:
    """What the first bytes of a file that is no text give it away as; ``None`` when nothing known."""
    if data[:4] == b"RIFF":
        return "a sound recording or a video (RIFF)"
    if data[4:8] == b"ftyp":
        return "a sound recording or a video (MP4)"
    return next((what for signature, what in _SIGNATURES if data.startswith(signature)), None)


def _refuse_known_binary(path: Path, data: bytes) -> None:
    what = looks_like(data)
    if what:
        raise BadFile(path, f"this looks like {what}, not like text", _EXPORT_AS_TEXT)


def _decode(path: Path, data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(path, data, encoding), encoding
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and "\0" not in text:
        return text, "utf-8"
    wide = _utf16_by_nuls(data)
    if wide:
        return _decode_as(path, data, wide), wide
    if b"\0" in data:
        raise BadFile(path, "it holds NUL characters, so it is no text or is damaged", _EXPORT_AS_TEXT)
    return _decode_national(path, data)


def _utf16_by_nuls(data: bytes) -> str | None:
    """Text in a Latin script has a NUL in nearly every second byte of its UTF-16."""
    head = data[:4096]
    half = len(head) // 2
    if half == 0 or len(data) % 2:
        return None
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.3 and even < 0.02:
        return "utf-16-le"
    if even > 0.3 and odd < 0.02:
        return "utf-16-be"
    return None


def _decode_national(path: Path, data: bytes) -> tuple[str, str]:
    sample = data[: 256 * 1024]
    beyond_ascii = sum(byte > 127 for byte in sample) / len(sample)
    if beyond_ascii < _MOSTLY_NON_ASCII:
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            pass
    from charset_normalizer import from_bytes

    best = from_bytes(data[: 1024 * 1024], cp_isolation=_ISOLATED).best()
    if best is None:
        advice = "Save it as UTF-8, or say its encoding, for example encoding='cp1250'."
        raise BadFile(path, "its encoding cannot be told, or it is no text", advice)
    return _decode_as(path, data, best.encoding), best.encoding


def _decode_as(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise BadFile(path, f'"{encoding}" is not a text encoding', "Use for example utf-8, utf-16 or cp1252.") from None
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        found = f"it cannot be read as {encoding} (byte {at} does not fit)"
        raise BadFile(path, found, "Save it as UTF-8 and import it again, or name its encoding.") from None


def _refuse_odd_characters(path: Path, text: str) -> None:
    if not text.strip():
        raise BadFile(path, "there is nothing but blanks in it", "Export it again from where it came.")
    nul = text.find("\0")
    if nul >= 0:
        raise BadFile(path, f"character {nul} is a NUL, so this is no text or is damaged", _EXPORT_AS_TEXT)
    if len(_CONTROL.findall(text)) > len(text) / 100:
        raise BadFile(path, "it is full of control characters, so it is no text", _EXPORT_AS_TEXT)
