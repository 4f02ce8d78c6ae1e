"""What an import knows: how files are to be read, the study as it will be once the files before this one are saved, what one brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from workbench.errors import BadRows, UnknownParticipant
from workbench.model import Code, Codebook, CodeKind, Contact, Opportunity, Participant, Persona, Response, Source, Transcript
from workbench.store import Transaction, load_contacts, save_codes, save_participants
from workbench.study.handle import Study

T = TypeVar("T")

_BELOW = " / "


@dataclass(frozen=True)
class ImportOptions:
    """How files are to be read.

    ``kind`` is one of :data:`workbench.io.formats.KINDS`, ``None`` to find out; ``participant`` the alias of the person interviewed;
    ``name`` of the transcript or survey; ``speakers`` how speakers are named in the text, ``coder`` of codings that
    do not say, ``encoding`` of text that is found out wrongly.
    ``new_participants`` and ``new_codes`` allow what is not known yet to be added; ``skip_bad_rows`` leaves out rows that cannot
    be imported and says which; ``dry_run`` saves nothing.
    """

    kind: str | None = None
    participant: str = ""
    name: str = ""
    speakers: str | None = None
    coder: str = ""
    encoding: str = ""
    new_participants: bool = False
    new_codes: bool = False
    skip_bad_rows: bool = False
    dry_run: bool = False

    @property
    def said(self) -> dict[str, str]:
        """What was asked for, to be kept beside the original."""
        given = {name: value for name, value in vars(self).items() if value and name != "dry_run"}
        return {name: "yes" if value is True else str(value) for name, value in given.items()}


@dataclass(frozen=True)
class Imported:
    """What one file brought.

    ``n_new``, ``n_changed`` and ``n_known`` count rows (utterances of a transcript, events of a log); ``notes`` say what was decided,
    ``left_out`` which rows were skipped and why.
    """

    path: Path
    kind: str
    what: str
    n_new: int = 0
    n_changed: int = 0
    n_known: int = 0
    notes: Sequence[str] = ()
    left_out: Sequence[str] = ()


@dataclass
class Known:
    """The study as it will be once the files before this one are saved."""

    study: Study
    participants: dict[str, Participant]
    contacts: dict[str, Contact]
    transcripts: dict[str, Transcript]
    codes: dict[str, Code]
    codings: set[tuple[str, str, str, int, int]]
    responses: dict[tuple[str, str], Response]
    personas: dict[str, Persona]
    opportunities: dict[str, Opportunity]
    sources: dict[tuple[str, str], Source]
    save: list[Callable[[Transaction], object]] = field(default_factory=list)
    #: Whether the file at hand was imported before, so that what study.toml says of it now counts.
    again: bool = False

    @classmethod
    def of(cls, study: Study) -> Known:
        """What the study holds now."""
        return cls(
            study,
            {p.alias: p for p in study.load_participants()},
            {c.participant: c for c in load_contacts(study.db)},
            {t.name: t for t in study.load_transcripts()},
            {c.id: c for c in study.codebook},
            {(c.transcript, c.code, c.coder, c.start, c.end) for c in study.load_codings()},
            {(r.survey, r.respondent): r for r in study.load_responses()},
            {p.name: p for p in study.personas},
            {o.how_might_we: o for o in study.opportunities},
            {(s.sha256, s.kind): s for s in study.sources},
        )

    @property
    def codebook(self) -> Codebook:
        """The codes, each parent before its children."""
        return Codebook(self.codes.values())

    def add_code(self, name: str) -> Code:
        """A code that the codebook does not have yet; ``Time / Slot`` goes below ``Time`` where there is one."""
        book = self.codebook
        above, _, last = name.rpartition(_BELOW)
        parent = next((c for c in book if book.path(c).casefold() == above.strip().casefold()), None)
        code = Code(uuid4().hex, last.strip() if parent else name, CodeKind.OTHER, parent.id if parent else None, position=len(book))
        chain = [code]
        while chain[0].parent:
            chain.insert(0, book.by_id(chain[0].parent))
        self.codes[code.id] = code
        self.save.append(lambda t: save_codes(t, chain))
        return code

    def participant(self, alias: str, where: str, *, add: bool) -> Participant:
        """Who an alias means.

        Raises
        ------
        UnknownParticipant
        """
        if alias not in self.participants:
            if not add:
                raise UnknownParticipant(alias, self.participants, f"{where} (import a participants file first, or use --new-participants)")
            person = self.participants[alias] = Participant(uuid4().hex, alias)
            self.save.append(lambda t: save_participants(t, [person]))
        return self.participants[alias]


def read_rows(options: ImportOptions, read: Callable[..., T], path: Path, *more: Any, **given: Any) -> tuple[T, list[str]]:
    """What a reader makes of a file, and a sentence for each row that it cannot read."""
    accepted = signature(read).parameters
    if options.encoding and accepted.keys() & {"encoding", "read_as"}:
        given["encoding"] = options.encoding
    try:
        return read(path, *more, **given), []
    except BadRows as error:
        return read(path, *more, **given, skip_bad_rows=True), list(error.problems)


def check_rows(options: ImportOptions, path: Path, problems: Sequence[str], n_good: int) -> None:
    """Stop the import if any row is bad and bad rows are not to be skipped.

    Raises
    ------
    BadRows
    """
    if problems and not options.skip_bad_rows:
        raise BadRows(path, problems, n_good)
