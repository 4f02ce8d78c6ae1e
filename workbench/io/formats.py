"""The formats that can be read and written, one entry each; which of them a file is.

A reader takes a path and returns model objects; whoever called it saves them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, UnknownFormat

HEAD_BYTES = 4096

#: What a file can be imported as.
KINDS = ("participants", "interview", "recording", "survey", "events", "codebook", "codings", "tickets", "synthesis")


@dataclass(frozen=True)
class Format:
    """One kind of file.

    ``kind`` is what it holds (see :data:`KINDS`); ``sniff`` looks at the path and the first 4 KB and says whether it is this one.
    """

    name: str
    title: str
    kind: str
    extensions: Sequence[str]
    sniff: Callable[[Path, bytes], bool]
    read: Callable[..., Any]


def find_format(path: Path, formats: Iterable[Format], kind: str | None = None) -> Format:
    """The format of a file, by its extension and its first bytes; ``kind`` narrows the choice and is believed.

    Raises
    ------
    BadFile
        The path is a folder, does not exist, cannot be read or is empty, or its beginning fits no format of its extension.
    UnknownFormat
    """
    head = _head(path)
    choice = [f for f in formats if kind is None or f.kind == kind]
    for f in choice:
        if path.name.lower().endswith(tuple(f.extensions)) and f.sniff(path, head):
            return f
    possible = [f for f in choice if path.name.lower().endswith(tuple(f.extensions))]
    if possible and kind is not None:  # whoever names the kind knows better than the first bytes
        return possible[0]
    if possible:
        found = f"it begins like none of these: {'; '.join(f.title for f in possible)}"
        raise BadFile(
            path, found, f"Say which it is, to be told what it lacks: --kind {' or '.join(dict.fromkeys(f.kind for f in possible))}."
        )
    raise UnknownFormat(path, sorted({e for f in choice for e in f.extensions}))


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise BadFile(path, "this is a folder", "Name the files in it, for example with a pattern such as interviews/*.vtt.")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise BadFile(path, "there is no such file", "Check the spelling and the folder you are in.") from None
    except OSError as error:
        raise BadFile(path, f"it cannot be read ({error.strerror})", "Check who may read it.") from error
    if not head:
        raise BadFile(path, "the file is empty", "Export it again from where it came.")
    return head
