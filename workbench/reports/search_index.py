"""The words of many pages as one index: kept between batches, so that only new pages are read, and packed for the page of all reports."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from workbench.errors import cannot_write
from workbench.reports.page_text import READER, Section, page_text

KEPT_FILE = ".index.json"

#: The index may add this many bytes to its page; beyond, the ends of the longest pages are left out.
MOST_BYTES = 1_500_000
#: How many characters of each page are taken, the first that fits.
LONGEST = (200_000, 50_000, 20_000, 10_000, 5_000, 2_000, 500)

Pages = Mapping[str, Sequence[Section]]


class Index(msgspec.Struct):
    """The passages of all pages, each once.

    ``texts`` are all headings and passages, ``ids`` all addresses on pages.  ``pages`` are, by name, the sections of a page: number of the
    heading, number of its address, and the passages under it in pairs: how much further in ``texts`` than the one before, and the
    number of the address, −1 where it is the heading's.  ``made_from`` is the fingerprint of each page, ``reader`` how they were read.
    """

    texts: list[str]
    ids: list[str]
    pages: dict[str, list[tuple[int, int, list[int]]]]
    made_from: dict[str, str] = {}
    reader: int = READER


@dataclass(frozen=True)
class Packed:
    """The index as it lies in the page: gzip in base64; ``longest`` is how many characters it has of the ``n_cut`` pages that have more."""

    data: str
    longest: int
    n_cut: int


def read_pages(folder: Path, fingerprints: Mapping[str, str]) -> dict[str, tuple[Section, ...]]:
    """The words of pages; of those that have not changed, as they were read before.

    Parameters
    ----------
    folder : the study's ``reports/``
    fingerprints : SHA-256 of each page by its name

    Raises
    ------
    FolderNotWritable, DiskFull
    """
    kept = _kept(folder / KEPT_FILE)
    known = {name: kept[1][name] for name, sha256 in fingerprints.items() if kept[0].get(name) == sha256}
    found = {name: known[name] if name in known else _read(folder / f"{name}.html") for name in fingerprints}
    if kept[0] != fingerprints:
        index = _index(found)
        index.made_from = dict(fingerprints)
        write_whole(folder / KEPT_FILE, msgspec.json.encode(index))
    return found


def pack(pages: Pages) -> Packed:
    """The index of the pages, in their order, as far as there is room."""
    for longest in LONGEST:
        index = _index({name: _beginning(sections, longest) for name, sections in pages.items()})
        plain = msgspec.json.encode({"texts": index.texts, "ids": index.ids, "pages": list(index.pages.values())})
        data = base64.b64encode(gzip.compress(plain, compresslevel=9, mtime=0)).decode()
        if len(data) <= MOST_BYTES:
            break
    return Packed(data, longest, sum(_length(sections) > longest for sections in pages.values()))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there as it was before until it is there as it is now.

    Raises
    ------
    FolderNotWritable, DiskFull
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def _kept(path: Path) -> tuple[dict[str, str], dict[str, tuple[Section, ...]]]:
    """The fingerprints and the words of the pages that were read before; nothing, where the file is missing, old or damaged."""
    try:
        index = msgspec.json.decode(path.read_bytes(), type=Index)
        if index.reader != READER:
            return {}, {}
        return index.made_from, {name: tuple(_sections(index, name)) for name in index.made_from}
    except (OSError, ValueError, LookupError):
        return {}, {}


def _sections(index: Index, name: str) -> Iterator[Section]:
    at = 0
    for heading, anchor, passages in index.pages[name]:
        found = []
        for step, place in zip(passages[::2], passages[1::2], strict=True):
            at += step
            found.append((index.texts[at], index.ids[anchor if place < 0 else place]))
        yield Section(index.texts[heading], index.ids[anchor], tuple(found))


def _read(page: Path) -> tuple[Section, ...]:
    try:
        return page_text(page.read_bytes())
    except OSError:
        return ()


def _index(pages: Pages) -> Index:
    texts: dict[str, int] = {}
    ids: dict[str, int] = {}
    sections: dict[str, list[tuple[int, int, list[int]]]] = {}
    for name, page in pages.items():
        at, sections[name] = 0, []
        for section in page:
            heading, anchor = texts.setdefault(section.heading, len(texts)), ids.setdefault(section.anchor, len(ids))
            numbers: list[int] = []
            for text, place in section.passages:
                number = texts.setdefault(text, len(texts))
                numbers += [number - at, -1 if place == section.anchor else ids.setdefault(place, len(ids))]
                at = number
            sections[name].append((heading, anchor, numbers))
    return Index(list(texts), list(ids), sections)


def _length(sections: Sequence[Section]) -> int:
    return sum(len(s.heading) + sum(len(text) for text, _ in s.passages) for s in sections)


def _beginning(sections: Sequence[Section], longest: int) -> list[Section]:
    """The sections as far as they have so many characters: every heading, and the passages that come first."""
    left = longest
    found = []
    for section in sections:
        passages = []
        for passage in section.passages:
            left -= len(passage[0])
            if left >= 0:
                passages.append(passage)
        found.append(Section(section.heading, section.anchor, tuple(passages)))
    return found
