"""A study, opened: a thin handle that loads and saves.  The doing is in functions."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pandas as pd

from workbench.analysis.events import EventLog
from workbench.errors import BadSetting, FolderNotEmpty, NotAStudy, StudyExists, WorkbenchError, cannot_write
from workbench.io.starters import Starter, starter_codes, write_started_settings
from workbench.io.study_toml import read_settings, write_new_settings
from workbench.model import (
    Codebook,
    Coding,
    Consent,
    EmpathyMap,
    Journey,
    Opportunity,
    Participant,
    Persona,
    Response,
    Source,
    StudySettings,
    Transcript,
)
from workbench.model.moments import in_utc
from workbench.store import (
    Database,
    HistoryEntry,
    Unreadable,
    add_coding,
    last_changed,
    load_codebook,
    load_codings,
    load_documents,
    load_history,
    load_participants,
    load_responses,
    load_sources,
    load_transcript,
    load_transcripts,
    redo,
    save_codes,
    undo,
    unreadable_documents,
)
from workbench.study.tables import codings_table, participants_table, responses_table, transcripts_table

SETTINGS_FILE = "study.toml"
FOLDERS = ("datasets", "notebooks", "templates", "reports")


class Study:
    """One study on disk.  Made by :func:`open_study` and :func:`new_study`.

    Parameters
    ----------
    folder : where study.toml lies
    settings : what it says
    db : its database
    coder : whose changes these are
    as_of : show the study as it was at this moment
    """

    def __init__(self, folder: Path, settings: StudySettings, db: Database, *, coder: str, as_of: datetime | None = None) -> None:
        self.folder, self.settings, self.db, self.coder, self.as_of = folder, settings, db, coder, as_of

    def __repr__(self) -> str:
        return f'Study("{self.settings.title}", {self.folder})'

    def load_participants(self) -> list[Participant]:
        """The participants, by alias; of the study as it was with the consent that they give today."""
        found = load_participants(self.db, as_of=self.as_of)
        if self.as_of is None:
            return found
        today = {p.id: p.consent for p in load_participants(self.db)}
        return [replace(p, consent=today.get(p.id, Consent(quote=False, share=False))) for p in found]

    def load_transcripts(self) -> list[Transcript]:
        """The transcripts, whole, by name."""
        return load_transcripts(self.db, as_of=self.as_of)

    def load_transcript(self, name: str) -> Transcript:
        """One transcript, whole."""
        return load_transcript(self.db, name, as_of=self.as_of)

    def load_codings(self) -> list[Coding]:
        """The codings, by transcript and position."""
        return load_codings(self.db, as_of=self.as_of)

    def load_responses(self) -> list[Response]:
        """The answer sheets."""
        return load_responses(self.db, as_of=self.as_of)

    @property
    def aliases(self) -> dict[str, str]:
        """Alias by participant id."""
        return {p.id: p.alias for p in self.load_participants()}

    @property
    def participants(self) -> pd.DataFrame:
        """One row per participant, indexed by alias."""
        return participants_table(self.load_participants(), self.load_transcripts())

    @property
    def transcripts(self) -> pd.DataFrame:
        """One row per transcript, indexed by name."""
        return transcripts_table(self.load_transcripts(), self.codings, self.aliases)

    @property
    def codebook(self) -> Codebook:
        """The codes, each parent before its children."""
        return load_codebook(self.db, as_of=self.as_of)

    @property
    def codings(self) -> pd.DataFrame:
        """One row per coding."""
        return codings_table(self.load_codings(), self.load_transcripts(), self.codebook, self.aliases)

    @property
    def responses(self) -> pd.DataFrame:
        """One row per answer sheet of every survey."""
        return responses_table(self.load_responses(), self.aliases)

    @property
    def sources(self) -> list[Source]:
        """The original files, in the order they came."""
        return load_sources(self.db, as_of=self.as_of)

    @property
    def event_sources(self) -> list[Source]:
        """The original event files, in the order they came."""
        return load_sources(self.db, kind="events", as_of=self.as_of)

    @cached_property
    def events(self) -> EventLog | None:
        """The event log, prepared once; ``None`` when no events were imported."""
        from workbench.study.events import load_events

        return load_events(self.folder, self.settings.events, self.event_sources)

    @property
    def personas(self) -> list[Persona]:
        """The personas, by name."""
        return load_documents(self.db, Persona, as_of=self.as_of)

    @property
    def opportunities(self) -> list[Opportunity]:
        """The opportunities."""
        return load_documents(self.db, Opportunity, as_of=self.as_of)

    @property
    def unreadable(self) -> list[Unreadable]:
        """Personas, opportunities and maps that are kept and cannot be read; each says as text what to do."""
        return unreadable_documents(self.db, as_of=self.as_of)

    @property
    def empathy_maps(self) -> list[EmpathyMap]:
        """What people wrote on empathy maps; the rest is built from the codings."""
        return load_documents(self.db, EmpathyMap, as_of=self.as_of)

    @property
    def journeys(self) -> list[Journey]:
        """What people wrote on journey maps; the rest is built from the data."""
        return load_documents(self.db, Journey, as_of=self.as_of)

    def add_coding(self, transcript: str, code: str, start: int, end: int, *, intensity: int | None = None, memo: str = "") -> Coding:
        """Put a code on a passage (Unicode code points, ``end`` excluded) and commit it.

        Raises
        ------
        UnknownTranscript, UnknownCode, BadPosition
        """
        self.check_it_is_now()
        return add_coding(
            self.db,
            self.load_transcript(transcript),
            self.codebook.find(code),
            start,
            end,
            coder=self.coder,
            intensity=intensity,
            memo=memo,
        )

    def history(self, *, who: str | None = None, limit: int | None = None) -> list[HistoryEntry]:
        """Who changed what, newest first."""
        return load_history(self.db, who=who, limit=limit)

    @property
    def last_changed(self) -> datetime | None:
        """When the study was changed last, in UTC; ``None`` for one in which nothing was done yet."""
        return last_changed(self.db, as_of=self.as_of)

    def undo(self, batch: str | None = None) -> HistoryEntry:
        """Take back the coder's last action, or another one of theirs."""
        self.check_it_is_now()
        self.forget_events()
        return undo(self.db, self.coder, batch)

    def redo(self) -> HistoryEntry:
        """Do again what the coder undid last."""
        self.check_it_is_now()
        self.forget_events()
        return redo(self.db, self.coder)

    def forget_events(self) -> None:
        """Read the event files anew when they are next asked for."""
        self.__dict__.pop("events", None)

    def check_it_is_now(self) -> None:
        """Stop a change to a study that was opened as it was.

        Raises
        ------
        BadSetting
        """
        if self.as_of is not None:
            found = f"this is the study as of {self.as_of:%Y-%m-%d %H:%M}, and what was cannot be changed"
            raise BadSetting(str(self.folder), found, "Open it without as_of.")

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()


def open_study(folder: str | Path = ".", *, coder: str | None = None, as_of: datetime | date | str | None = None) -> Study:
    """Open the study in a folder; its tables are brought up to date if need be.

    Parameters
    ----------
    folder : where study.toml lies
    coder : whose changes these are; the variable ``WORKBENCH_CODER``, else the name you are logged in with
    as_of : show the study as it was at this moment; a day, such as ``"2026-11-03"``, stands for its end.  Without a zone it is UTC.
        study.toml is as it is today, and so is what participants agree to

    Raises
    ------
    NotAStudy
        There is no study.toml.
    BadSetting
        study.toml says something that cannot be read.
    StoreDamaged, FolderNotWritable
        The database cannot be opened.
    """
    place = Path(folder)
    if not (place / SETTINGS_FILE).is_file():
        raise NotAStudy(place)
    settings = read_settings(place / SETTINGS_FILE)
    # absolute, so that a notebook that changes its folder goes on writing to this study
    url = settings.store_url or (place / "study.db").absolute()
    return Study(place, settings, Database(url), coder=coder or default_coder(), as_of=moment_of(as_of) if as_of else None)


def moment_of(as_of: datetime | date | str) -> datetime:
    """A moment with its zone, UTC where none is given; a day stands for its end.

    Raises
    ------
    BadSetting
        A text is neither a day nor a moment.
    """
    if isinstance(as_of, str):
        try:
            as_of = date.fromisoformat(as_of) if len(as_of) <= len("2026-11-03") else datetime.fromisoformat(as_of)
        except ValueError:
            raise BadSetting("as_of", f'"{as_of}" is not a day', "Write it as 2026-11-03.") from None
    return in_utc(as_of if isinstance(as_of, datetime) else datetime.combine(as_of, time.max))


def new_study(
    folder: str | Path, title: str, *, coder: str | None = None, stages: Sequence[str] = (), starter: Starter | None = None
) -> Study:
    """Make a study in a new or empty folder and open it.

    Parameters
    ----------
    stages : the names of the stages to begin with
    starter : stages and codes to begin with, from :func:`~workbench.study.starters.find_starter`

    Raises
    ------
    StudyExists
    FolderNotEmpty
    FolderNotWritable
    """
    place = Path(folder)
    readable = title.encode(errors="replace").decode()
    if starter is None:
        make_folder(place, lambda path: write_new_settings(path, readable, stages))
        return open_study(place, coder=coder)
    make_folder(place, lambda path: write_started_settings(path, readable, starter))
    study = open_study(place, coder=coder)
    codes = [replace(c, id=uuid4().hex) for c in starter_codes(starter)]
    with study.db.atomic(study.coder, f'begin with the starter "{starter.title}"') as transaction:
        save_codes(transaction, codes)
    return study


def make_folder(place: Path, write_settings: Callable[[Path], object]) -> None:
    """The folders and the study.toml of a new study, or nothing."""
    if (place / SETTINGS_FILE).exists():
        raise StudyExists(place)
    was_there = place.is_dir()
    try:
        if was_there and any(place.iterdir()):
            raise FolderNotEmpty(place)
        for name in FOLDERS:
            (place / name).mkdir(parents=True, exist_ok=True)
        write_settings(place / SETTINGS_FILE)
    except WorkbenchError:
        raise
    except OSError as error:
        _take_away(place, was_there)
        raise cannot_write(place, error) from error


def _take_away(place: Path, was_there: bool) -> None:
    """What was made of a new study, so that the next attempt finds the folder as this one did."""
    with suppress(OSError):
        (place / SETTINGS_FILE).unlink(missing_ok=True)
    for folder in [place / name for name in FOLDERS] + ([] if was_there else [place]):
        with suppress(OSError):
            folder.rmdir()


def default_coder() -> str:
    """Whose changes these are when nobody says."""
    if coder := os.environ.get("WORKBENCH_CODER"):
        return coder
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may run under a user that has no name
        return "unknown"
