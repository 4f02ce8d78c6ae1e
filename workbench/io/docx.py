"""Interviews as Word documents, with speakers as Teams, Otter and people write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadFile
from workbench.io.formats import Format
from workbench.io.plain_text import Row, find_utterances
from workbench.io.speakers import Line, is_name, is_time_range
from workbench.io.text_file import sha256_of
from workbench.io.zip_safety import check_zip
from workbench.model import Transcript, normalise_newlines

EXTENSIONS = (".docx", ".docm")

#: XML grows to about ten times its size when it is parsed.
MAX_XML_BYTES = 40 * 1024 * 1024

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
#: Not said: what is tracked as deleted or moved away, field codes, drawings with their text boxes.
_LEFT_OUT = {_W + t for t in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "delInstrText", "drawing", "pict", "object")}
_LEFT_OUT.add(_MC + "AlternateContent")
_CHARACTERS = {_W + "tab": "\t", _W + "cr": "\n", _W + "noBreakHyphen": "\u2011"}
_TITLE_STYLES = ("heading", "title", "subtitle", "toc")

#: What may stand around paragraphs without being one.
_WRAPPERS = {_W + t for t in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo")}


@dataclass(frozen=True)
class _Paragraph:
    lines: Sequence[Line]
    outside: bool = False


def sniff(path: Path, _head: bytes) -> bool:
    """Every file with the extension: what is not what it claims to be is said by :func:`read`."""
    return path.suffix.lower() in EXTENSIONS


def read(path: Path, *, name: str | None = None, speakers: str | None = None) -> Transcript:
    """The transcript in a Word document: its paragraphs, and its tables row by row, as lines of text.

    Words that tracking marks as deleted are left out, inserted ones are kept.  Headings belong to no utterance.

    Parameters
    ----------
    path : the file
    name : of the transcript; the file's name without its extension, if not given
    speakers : how speakers are named, see :data:`workbench.io.speakers.STRATEGIES`; ``None`` to find out

    Raises
    ------
    BadFile
        The file is no Word document, is damaged, protected by a password, has macros, is unsafe to unpack, or holds no words.
    """
    _check(path)
    paragraphs = _paragraphs(path)
    text = "\n".join(line.text for paragraph in paragraphs for line in paragraph.lines)
    if not text.strip():
        raise BadFile(path, "there are no words in it", "Check that it is the right document.")
    utterances = find_utterances(_rows(paragraphs), speakers)
    return Transcript(id="", name=name or path.stem, text=text, utterances=utterances, source=sha256_of(path))


def _check(path: Path) -> None:
    entries = check_zip(path)
    if any(e.filename.lower().endswith("vbaproject.bin") for e in entries):
        raise BadFile(path, "it is a Word document with macros, which are never opened here", "Save it as .docx and import that.")
    xml_bytes = sum(e.file_size for e in entries if e.filename.lower().endswith(".xml"))
    if xml_bytes > MAX_XML_BYTES:
        found = f"its text takes {xml_bytes / 2**20:.0f} MB of XML, and {MAX_XML_BYTES // 2**20} MB is the most that is read"
        raise BadFile(path, found, "Split it into several documents.")


def _paragraphs(path: Path) -> list[_Paragraph]:
    import docx

    try:
        document = docx.Document(str(path))
        names = document.styles.element.iterfind(f"{_W}style/{_W}name")
        titles = {n.getparent().get(_W + "styleId") for n in names if n.get(_W + "val", "").lower().startswith(_TITLE_STYLES)}
        return list(_blocks(document.element.body, titles))
    except Exception as error:
        found = f"it cannot be read as a Word document ({type(error).__name__})"
        raise BadFile(path, found, "Open it in Word, save it again as .docx, and import that.") from error


def _blocks(container: Any, titles: Set[str]) -> Iterator[_Paragraph]:
    for child in container:
        if child.tag == _W + "p":
            yield _paragraph(child, titles)
        elif child.tag == _W + "tbl":
            for row in _children(child, _W + "tr"):
                yield from _table_row(row, titles)
        elif child.tag in _WRAPPERS:
            yield from _blocks(child, titles)


def _children(node: Any, tag: str) -> Iterator[Any]:
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, tag)


def _paragraph(element: Any, titles: Set[str]) -> _Paragraph:
    style = element.find(f"{_W}pPr/{_W}pStyle")
    lines = [("", 0)]
    for text, bold in _fragments(element):
        first, *others = text.split("\n")
        for new_line, part in enumerate([first, *others]):
            before, n_bold = ("", 0) if new_line else lines.pop()
            lines.append((before + part, n_bold + len(part) if bold and n_bold == len(before) else n_bold))
    return _Paragraph([Line(text, (0, n) if n else None) for text, n in lines], style is not None and style.get(_W + "val") in titles)


def _fragments(node: Any, *, bold: bool = False) -> Iterator[tuple[str, bool]]:
    """The text of a paragraph piece by piece, and whether it is in bold type."""
    for child in node:
        if child.tag == _W + "t":
            yield normalise_newlines(child.text or ""), bold
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag], bold
        elif child.tag == _W + "br" and child.get(_W + "type", "textWrapping") == "textWrapping":
            yield "\n", bold
        elif child.tag not in _LEFT_OUT:
            yield from _fragments(child, bold=_is_bold(child) if child.tag == _W + "r" else bold)


def _is_bold(run: Any) -> bool:
    style = run.find(f"{_W}rPr/{_W}rStyle")
    switch = run.find(f"{_W}rPr/{_W}b")
    if switch is None:
        return style is not None and style.get(_W + "val") == "Strong"
    return switch.get(_W + "val", "true") not in ("0", "false", "off")


def _table_row(row: Any, titles: Set[str]) -> list[_Paragraph]:
    """A row as one paragraph with tabs between its cells; the first of several that could be a name is marked as one."""
    if row.find(f"{_W}trPr/{_W}del") is not None:
        return []
    paragraphs = [[_paragraph(p, titles) for p in cell.iter(_W + "p")] for cell in _children(row, _W + "tc")]
    cells = ["\n".join(line.text for p in cell for line in p.lines) for cell in paragraphs]
    filled = [i for i, cell in enumerate(cells) if cell.strip()]
    if len(filled) < 2:
        return [paragraph for i in filled for paragraph in paragraphs[i]]
    named = next((i for i in filled[:-1] if is_name(cells[i]) and "\n" not in cells[i]), None)
    first, *others = "\t".join(cells).split("\n")
    if named is None or any("\n" in cell for cell in cells[:named]):
        return [_Paragraph([Line(first), *map(Line, others)])]
    at = sum(len(cell) + 1 for cell in cells[:named])
    return [_Paragraph([Line(first, (at, at + len(cells[named]))), *map(Line, others)])]


def _rows(paragraphs: Sequence[_Paragraph]) -> Iterator[Row]:
    """The lines with their places; a row without words between paragraphs says where one ends."""
    at, after_range = 0, False
    for paragraph in paragraphs:
        for line in paragraph.lines:
            mark = (0, len(line.text)) if after_range else line.mark
            yield Row(at, Line(line.text, mark), paragraph.outside)
            after_range = is_time_range(line.text)
            at += len(line.text) + 1
        yield Row(at, Line(""))


FORMAT = Format("docx", "Interview as a Word document", "interview", EXTENSIONS, sniff, read)
