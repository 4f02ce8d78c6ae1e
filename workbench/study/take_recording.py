"""Recordings beside their transcripts: into a study, and found again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

from workbench.analysis.in_words import some
from workbench.errors import BadFile, UnknownParticipant
from workbench.io.formats import Format
from workbench.io.recording import Recording, media_type_of
from workbench.io.text_file import sha256_of
from workbench.model import SourceKind, Transcript
from workbench.store import change_transcript
from workbench.study.handle import Study
from workbench.study.known import Imported, ImportOptions, Known

#: What was written, not said, and is not offered where a transcript for a recording is looked for.
_WRITTEN = frozenset({SourceKind.TICKET, SourceKind.REVIEW, SourceKind.OPEN_ANSWER})
_MOST_NAMES = 12


def find_recording(study: Study, transcript: Transcript | str) -> Recording | None:
    """Where the recording of a transcript is, as an absolute path, and its media type; ``None`` when it has none.

    Parameters
    ----------
    transcript : the transcript, or its name

    Raises
    ------
    UnknownTranscript
    BadFile
        The recording is gone, or is none any more.
    """
    of = study.load_transcript(transcript) if isinstance(transcript, str) else transcript
    if not of.media:
        return None
    path = (study.folder / of.media).absolute()
    if not path.is_file():
        advice = "Put it back from a backup, or undo its import and import it again."
        raise BadFile(path, f"the recording of {of.name} is missing", advice)
    media_type = media_type_of(path)
    if media_type is None:
        raise BadFile(path, f"the recording of {of.name} was changed after it was imported", "Put it back from a backup.")
    return Recording(path, media_type)


def take_recording(known: Known, path: Path, form: Format, options: ImportOptions) -> Imported:
    """The recording of one transcript: of the same name, unless ``name`` or ``participant`` says which.

    The same recording again stays where it is, unless it is said that it belongs to another transcript too.
    """
    media_type = form.read(path).media_type
    media = f"datasets/{sha256_of(path)}{next(e for e in form.extensions if path.name.lower().endswith(e))}"
    held_by = [t.name for t in known.transcripts.values() if t.media == media]
    if held_by and not (options.name or options.participant):
        return _there_already(path, held_by)
    of = _transcript_of(known, path, options)
    if of.media == media:
        return _there_already(path, [of.name])
    if of.media:
        advice = f"Undo the import of that one first, or say with --name whose this is. {_without_recording(known)}"
        raise BadFile(path, f"transcript {of.name} has another recording already", advice)
    mine = replace(of, media=media)
    known.transcripts[of.name] = mine
    known.save.append(lambda t: change_transcript(t, mine))
    what = f"recording of transcript {of.name} ({media_type}, {path.stat().st_size / 1e6:,.1f} MB)"
    return Imported(path, "recording", what, n_new=1, notes=list(_notes(mine, held_by)))


def _there_already(path: Path, names: Iterable[str]) -> Imported:
    return Imported(path, "recording", f"the recording of {some(sorted(names))} is there already", n_known=1)


def _notes(of: Transcript, others: Iterable[str]) -> Iterable[str]:
    if not any(u.start_ms is not None for u in of.utterances):
        yield f"{of.name} has no times: the recording can be played, but not from a passage"
    if others:
        yield f"it is the recording of {some(sorted(others))} too"


def _transcript_of(known: Known, path: Path, options: ImportOptions) -> Transcript:
    """The one transcript that is meant.

    Raises
    ------
    UnknownParticipant
    BadFile
        None is meant, or more than one could be.
    """
    wanted = options.name or path.stem
    found = _called(known, wanted)
    if options.participant and not options.name:
        found = _of_participant(known, options.participant, found, path)
    if len(found) == 1:
        return found[0]
    theirs = f" and none of {options.participant}" if options.participant and not options.name else ""
    why = f"it could be of {some(sorted(t.name for t in found), _MOST_NAMES)}" if found else f'there is no transcript "{wanted}"{theirs}'
    raise BadFile(path, why, f"Say with --name which transcript it is the recording of. {_without_recording(known)}")


def _called(known: Known, name: str) -> list[Transcript]:
    """The transcripts of a name, in any case, or else those that came in a file of that name."""
    stems = {s.sha256: Path(s.name).stem for s in known.sources.values()}
    there = known.transcripts.values()
    named = [t for t in there if _folded(t.name) == _folded(name)]
    exact = [t for t in named if t.name == name]
    return exact or named or [t for t in there if _folded(stems.get(t.source, "")) == _folded(name)]


def _of_participant(known: Known, alias: str, called: Iterable[Transcript], path: Path) -> list[Transcript]:
    """Of the transcripts of a name the one that is not somebody else's, or else all of the participant."""
    if alias not in known.participants:
        raise UnknownParticipant(alias, known.participants, str(path))
    person = known.participants[alias].id
    return [t for t in called if t.participant in (None, person)] or [t for t in known.transcripts.values() if t.participant == person]


def _folded(name: str) -> str:
    """A name as file names are compared; macOS takes letters with accents apart."""
    return normalize("NFC", name).casefold()


def _without_recording(known: Known) -> str:
    names = [t.name for t in known.transcripts.values() if not t.media and t.kind not in _WRITTEN]
    if names:
        return f"Without a recording: {some(sorted(names), _MOST_NAMES)}."
    return "Every transcript has one." if known.transcripts else "There are no transcripts yet: import them first, or together with it."
