"""The words of many pages as one index: kept between batches, so that only new pages are read, and packed for the page of all reports."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from workbench.files import write_whole
from workbench.reports.index.page_text import READER, Section, page_text

KEPT_FILE = ".index.json"

#: The index may add this many bytes to its page; beyond, the ends of the longest pages are left out.
MOST_BYTES = 1_500_000
#: How many characters of each page are taken, the first that fits.
LONGEST = (200_000, 50_000, 20_000, 10_000, 5_000, 2_000, 500)

Pages = Mapping[str, Sequence[Section]]


@dataclass(frozen=True)
class Packed:
    """The index as it lies in the page: gzip in base64; ``longest`` is how many characters it has of the ``n_cut`` pages that have more."""

    data: str
    longest: int
    n_cut: int


class Index(msgspec.Struct):
    """The passages of all pages, each once.

    ``texts`` are all headings and passages, ``ids`` all addresses on pages.  ``pages`` are, by name, the sections of a page: number of the
    heading, number of its address, and the passages under it in pairs: how much further in ``texts`` than the one before, and the
    number of the address, −1 where it is the heading's.  ``made_from`` is the fingerprint of each page in their order, ``reader`` how
    they were read, and ``packed`` the index as the page of all reports has it.
    """

    texts: list[str]
    ids: list[str]
    pages: dict[str, list[tuple[int, int, list[int]]]]
    made_from: dict[str, str] = {}
    reader: int = READER
    packed: Packed | None = None


def search_index(folder: Path, fingerprints: Mapping[str, str]) -> Packed:
    """The index of pages; what has not changed is as it was read before, and where nothing has, as it was packed.

    Parameters
    ----------
    folder : the study's ``reports/``
    fingerprints : SHA-256 of each page by its name

    Raises
    ------
    FolderNotWritable, DiskFull
    """
    kept = _kept(folder / KEPT_FILE)
    if kept.packed is not None and list(kept.made_from.items()) == list(fingerprints.items()):
        return kept.packed
    known = _known(kept, fingerprints)
    pages = {name: known[name] if name in known else _read(folder / f"{name}.html") for name in fingerprints}
    index, packed = _index(pages), pack(pages)
    index.made_from, index.packed = dict(fingerprints), packed
    write_whole(folder / KEPT_FILE, msgspec.json.encode(index))
    return packed


def pack(pages: Pages) -> Packed:
    """The index of the pages, in their order, as far as there is room."""
    for longest in LONGEST:
        index = _index({name: _beginning(sections, longest) for name, sections in pages.items()})
        plain = msgspec.json.encode({"texts": index.texts, "ids": index.ids, "pages": list(index.pages.values())})
        data = base64.b64encode(gzip.compress(plain, compresslevel=9, mtime=0)).decode()
        if len(data) <= MOST_BYTES:
            break
    return Packed(data, longest, sum(_length(sections) > longest for sections in pages.values()))


def _kept(path: Path) -> Index:
    """What was read and packed before; nothing, where the file is missing, old or damaged."""
    nothing = Index([], [], {})
    try:
        index = msgspec.json.decode(path.read_bytes(), type=Index)
    except (OSError, ValueError):
        return nothing
    return index if index.reader == READER else nothing


def _known(kept: Index, fingerprints: Mapping[str, str]) -> dict[str, tuple[Section, ...]]:
    """The words of the pages that have not changed since."""
    try:
        return {name: tuple(_sections(kept, name)) for name, sha256 in fingerprints.items() if kept.made_from.get(name) == sha256}
    except (ValueError, LookupError):
        return {}


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
