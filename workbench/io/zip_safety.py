"""Whether a ZIP may be opened at all: its size when unpacked, its names, and its XML, before any library reads it."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from workbench.errors import BadFile
from workbench.io.text_file import looks_like

MAX_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
MAX_ENTRIES = 10_000

#: Entries below this size may be as well compressed as they like.
_RATIO_FROM_BYTES = 1024 * 1024
_CHUNK = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_BYTES = 16 * 1024 * 1024
_ENCRYPTED_FLAG = 0x1
_SYMLINK, _FILE_TYPE = 0xA000, 0xF000
_XML = (".xml", ".rels", ".qde", ".qdc")
_DTD = [mark.encode(encoding) for mark in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")]

#: What zipfile raises on damage: its own error, the codecs', and those for what it does not support.
DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
_DAMAGED = "the file is damaged or cut short"
_AGAIN = "Copy or export it again from where it came."


def check_zip(
    path: Path, *, max_bytes: int = MAX_BYTES, max_ratio: float = MAX_RATIO, max_entries: int = MAX_ENTRIES
) -> list[zipfile.ZipInfo]:
    """The entries of a ZIP that is safe to unpack.

    Parameters
    ----------
    path : the file
    max_bytes : of all entries together, unpacked
    max_ratio : of an entry's size to its packed size, for entries over 1 MB
    max_entries : how many there may be

    Raises
    ------
    BadFile
        It is no ZIP, is damaged or encrypted, would unpack to too much, has names that lead outside, or its XML declares a DTD.
    """
    _refuse_other_kinds(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(path, entries, max_bytes, max_ratio, max_entries)
            for entry in entries:
                if entry.filename.lower().endswith(_XML):
                    _refuse_dtd(path, archive, entry)
    except BadFile:
        raise
    except DAMAGE as error:
        raise BadFile(path, f"{_DAMAGED} ({error})", _AGAIN) from error
    return entries


def _refuse_other_kinds(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(16)
            is_ole = head.startswith(_OLE)
            encrypted = is_ole and "EncryptedPackage".encode("utf-16-le") in head + file.read(_OLE_BYTES)
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check its name and who may read it.") from error
    if encrypted:
        raise BadFile(path, "it is protected by a password", "Open it, save it without the password, and import that.")
    if is_ole:
        raise BadFile(path, "this is an Office file from before 2007", "Save it in the current format and import that.")
    if not zipfile.is_zipfile(path):
        what = looks_like(head)
        found = f"this looks like {what}" if what and not head.startswith(b"PK") else _DAMAGED
        raise BadFile(path, found, _AGAIN)


def _check_entries(path: Path, entries: list[zipfile.ZipInfo], max_bytes: int, max_ratio: float, max_entries: int) -> None:
    advice = "If you trust it, unpack it yourself and import what is inside."
    if len(entries) > max_entries:
        raise BadFile(path, f"it holds {len(entries):,} entries, and {max_entries:,} is the most that is read", advice)
    size = sum(e.file_size for e in entries)
    if size > max_bytes:
        found = f"unpacked it would be {size / 2**20:,.0f} MB, and {max_bytes / 2**20:,.0f} MB is the most that is read"
        raise BadFile(path, found, advice)
    for entry in entries:
        if entry.file_size > _RATIO_FROM_BYTES and entry.file_size > max_ratio * entry.compress_size:
            raise BadFile(path, f'its entry "{entry.filename}" is packed over {max_ratio:g} to 1, as no document is', advice)
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise BadFile(path, "it is protected by a password", "Save it without the password and import that.")
        if _leads_outside(entry):
            raise BadFile(path, f'its entry "{entry.filename}" leads outside of it', "Ask whoever made it what it is for.")


def _leads_outside(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    absolute = name.startswith(("/", "\\")) or re.match("[A-Za-z]:", name)
    return bool(absolute) or ".." in re.split(r"[\\/]", name) or entry.external_attr >> 16 & _FILE_TYPE == _SYMLINK


def _refuse_dtd(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Entities can name files of this machine, or grow without end; no document of the formats we read declares any."""
    overlap = b""
    with archive.open(entry) as member:
        while chunk := member.read(_CHUNK):
            if any(mark in overlap + chunk for mark in _DTD):
                raise BadFile(path, f'its "{entry.filename}" declares a document type (DTD), which is never needed', _AGAIN)
            overlap = chunk[-32:]
