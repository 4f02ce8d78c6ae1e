"""Files made to harm, or merely damaged, end in a transcript or in one sentence, soon and without filling the memory."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from workbench.errors import BadFile
from workbench.io.webvtt import read as read_webvtt
from workbench.io.zip_safety import check_zip

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile"
needs_hostile = pytest.mark.skipif(not HOSTILE.is_dir(), reason="the shared hostile files are not beside this repository")

READ_ALL = """
import json, sys
from pathlib import Path
from workbench.errors import WorkbenchError
from workbench.io import docx, plain_text, webvtt
for name in sys.argv[1:]:
    reader = {".vtt": webvtt, ".txt": plain_text}.get(Path(name).suffix, docx)
    try:
        end = type(reader.read(Path(name))).__name__
    except WorkbenchError as error:
        end = "WorkbenchError" if name in str(error) and "\\n" not in str(error).splitlines()[0] else "no sentence"
    peak_kb = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(json.dumps([name, end, peak_kb / 1024]))
"""


def hostile_files() -> list[Path]:
    folders = ("hostile-office/document", "hostile-generated", "hostile-blns", "hostile-xss", "hostile-csv-injection")
    return sorted(p for f in folders for p in (HOSTILE / f).rglob("*") if p.suffix in (".docx", ".docm", ".vtt", ".txt", ".qdpx"))


@needs_hostile
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory of a process is read from /proc")
def test_every_hostile_file_ends_in_a_transcript_or_a_sentence_without_filling_the_memory():
    files = hostile_files()
    done = subprocess.run([sys.executable, "-c", READ_ALL, *map(str, files)], capture_output=True, text=True, timeout=120, check=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(files) > 25
    assert {end for _, end, _ in results} == {"Transcript", "WorkbenchError"}
    assert max(peak_mb for *_, peak_mb in results) < 300


@needs_hostile
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("hostile-generated/zip_bomb_650MB.docx", "unpacked it would be 620 MB"),
        ("hostile-generated/billion_laughs.docx", "declares a document type"),
        ("hostile-generated/xxe_file.docx", "declares a document type"),
        ("hostile-generated/traversal.qdpx", "leads outside"),
        ("hostile-office/document/bug53475-password-is-pass.docx", "protected by a password"),
        ("hostile-office/document/truncated62886.docx", "damaged or cut short"),
    ],
)
def test_what_is_wrong_with_an_archive_is_named(name, what):
    with pytest.raises(BadFile, match=what):
        check_zip(HOSTILE / name)


@needs_hostile
def test_macros_are_named():
    from workbench.io.docx import read

    with pytest.raises(BadFile, match="macros"):
        read(HOSTILE / "hostile-office" / "document" / "SimpleMacro.docm")


@needs_hostile
def test_markup_in_captions_stays_text():
    read = read_webvtt(HOSTILE / "hostile-generated" / "html_in_cue.vtt", skip_bad_rows=True)
    assert [u.speaker for u in read.utterances] == ["", "Ann", "Bob"]
    assert read.text == "alert(1)>Hello\nOne\nTwo"


def archive(folder: Path, entries: dict[str, bytes]) -> Path:
    path = folder / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def test_an_entry_packed_too_tightly_is_refused_below_the_size_limit(tmp_path):
    with pytest.raises(BadFile, match="packed over 200 to 1"):
        check_zip(archive(tmp_path, {"word/media/a.bin": bytes(3 * 1024 * 1024)}))


def test_too_many_entries_are_refused(tmp_path):
    with pytest.raises(BadFile, match="holds 11 entries"):
        check_zip(archive(tmp_path, {f"{n}.txt": b"" for n in range(11)}), max_entries=10)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_dtd_is_found_in_any_encoding_and_anywhere(tmp_path, encoding):
    xml = "<?xml version='1.0'?><!--" + "x" * (1024 * 1024 - 30) + "--><!DOCTYPE a [<!ENTITY b 'c'>]><a/>"
    with pytest.raises(BadFile, match="DTD"):
        check_zip(archive(tmp_path, {"word/document.xml": xml.encode(encoding)}), max_ratio=10_000)


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/evil.txt", "C:\\evil.txt"])
def test_names_that_lead_outside_are_refused(tmp_path, name):
    with pytest.raises(BadFile, match="leads outside"):
        check_zip(archive(tmp_path, {name: b""}))


def test_a_harmless_archive_gives_its_entries(tmp_path):
    assert [e.filename for e in check_zip(archive(tmp_path, {"word/document.xml": b"<a/>"}))] == ["word/document.xml"]
