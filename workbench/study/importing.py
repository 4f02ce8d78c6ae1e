"""Files into a study: read, checked against what is there, and saved all at once or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from inspect import signature
from pathlib import Path
from uuid import uuid4

from workbench.analysis.placing import PlacedCoding, place_codings
from workbench.errors import BadFile, BadRows, BadSetting, DiskFull, FolderNotWritable, UnknownCode, UnknownParticipant, UnknownTranscript
from workbench.io.codebook import read_codebook
from workbench.io.codings import CodingRow, read_coding_rows
from workbench.io.events import read_event_table
from workbench.io.formats import KINDS, Format, find_format
from workbench.io.participants import read_participants
from workbench.io.registry import FORMATS
from workbench.io.survey_csv import guess_mapping, personal_data_columns, read_survey
from workbench.io.synthesis import read_synthesis
from workbench.io.tables import read_table
from workbench.io.tickets import read_tickets
from workbench.model import (
    Code,
    Codebook,
    CodeKind,
    Coding,
    InterviewSetting,
    Participant,
    Response,
    Source,
    SourceKind,
    SurveyMapping,
    Transcript,
)
from workbench.store import (
    Transaction,
    save_codes,
    save_codings,
    save_document,
    save_participants,
    save_responses,
    save_source,
    save_transcripts,
)
from workbench.study.handle import Study

#: Speaker names of the one who asks, in any case.
INTERVIEWERS = frozenset({"interviewer", "moderator", "researcher", "facilitator", "host", "intervistatore", "i", "r", "q"})


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
class _Known:
    """The study as it will be once the files before this one are saved."""

    study: Study
    participants: dict[str, Participant]
    transcripts: dict[str, Transcript]
    codes: dict[str, Code]
    codings: set[tuple[str, str, str, int, int]]
    responses: dict[tuple[str, str], Response]
    sources: set[tuple[str, str]]
    save: list[Callable[[Transaction], object]] = field(default_factory=list)

    @classmethod
    def of(cls, study: Study) -> _Known:
        return cls(
            study,
            {p.alias: p for p in study.load_participants()},
            {t.name: t for t in study.load_transcripts()},
            {c.id: c for c in study.codebook},
            {(c.transcript, c.code, c.coder, c.start, c.end) for c in study.load_codings()},
            {(r.survey, r.respondent): r for r in study.load_responses()},
            {(s.sha256, s.kind) for s in study.sources},
        )

    @property
    def codebook(self) -> Codebook:
        return Codebook(self.codes.values())

    def add_code(self, name: str) -> Code:
        """A code that the codebook does not have yet."""
        code = Code(uuid4().hex, name, CodeKind.OTHER, position=len(self.codes))
        self.codes[code.id] = code
        self.save.append(lambda t: save_codes(t, [code]))
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


def import_files(study: Study, paths: Iterable[str | Path], options: ImportOptions | None = None) -> list[Imported]:
    """Import files into a study, all of them or none.

    Participants are taken before interviews and the codebook before codings, whatever the order of ``paths``.  A file that was
    imported before changes nothing.  Originals are kept byte for byte in ``datasets/``.

    Raises
    ------
    BadFile, BadRows, UnknownFormat, MissingColumn, UnknownParticipant, UnknownCode
        Nothing was imported then.
    """
    options = options or ImportOptions()
    if options.kind is not None and options.kind not in KINDS:
        raise BadSetting("--kind", f'"{options.kind}" is not one', f"Accepted: {', '.join(KINDS)}.")
    found = [(path, find_format(path, FORMATS, options.kind)) for path in map(Path, paths)]
    known = _Known.of(study)
    results = []
    originals: list[tuple[Path, Source]] = []
    for path, form in sorted(found, key=lambda f: KINDS.index(f[1].kind)):
        result, source = _import_one(known, path, form, options)
        results.append(result)
        if source is not None:
            originals.append((path, source))
    if not options.dry_run and known.save:
        _commit(study, known, originals)
    return results


def _import_one(known: _Known, path: Path, form: Format, options: ImportOptions) -> tuple[Imported, Source | None]:
    sha256 = _sha256(path)
    if (sha256, form.kind) in known.sources:
        return Imported(path, form.kind, "the same file was imported before; nothing changed"), None
    known.sources.add((sha256, form.kind))
    result = _TAKE[form.kind](known, path, form, options)
    source = Source(
        id=uuid4().hex, sha256=sha256, name=path.name, kind=form.kind, stored_as=f"{sha256}{''.join(path.suffixes[-2:]).lower()}",
        size_bytes=path.stat().st_size, imported=datetime.now(UTC).isoformat(timespec="seconds"), by=known.study.coder,
        n_rows=result.n_new + result.n_changed + result.n_known,
    )  # fmt: skip
    known.save.append(lambda t: save_source(t, source))
    return result, source


def _commit(study: Study, known: _Known, originals: Sequence[tuple[Path, Source]]) -> None:
    """Keep the originals, then save everything in one transaction; a failure takes back what was copied."""
    copied: list[Path] = []
    try:
        for path, source in originals:
            target = study.folder / "datasets" / source.stored_as
            if not target.exists():
                copied.append(target)
                _copy(path, target)
        names = ", ".join(path.name for path, _ in originals[:3]) + ("" if len(originals) < 4 else f" and {len(originals) - 3} more")
        with study.db.atomic(study.coder, f"import {names}") as transaction:
            for save in known.save:
                save(transaction)
    except BaseException:
        for target in copied:
            target.unlink(missing_ok=True)
        raise
    study.__dict__.pop("events", None)


def _copy(path: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, unfinished)
        os.replace(unfinished, target)  # noqa: PTH105 - Path.replace is the same call; this name says it is atomic
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if error.errno == 28:
            raise DiskFull(target.parent) from error
        raise FolderNotWritable(target.parent, error.strerror or str(error)) from error


def _take_participants(known: _Known, path: Path, _form: Format, _options: ImportOptions) -> Imported:
    people, contacts = read_participants(path)
    new = changed = 0
    for person in people:
        now = known.participants.get(person.alias)
        mine = replace(person, id=now.id if now else uuid4().hex)
        new += now is None
        changed += now is not None and now != mine
        known.participants[person.alias] = mine
    saved = [known.participants[p.alias] for p in people]
    theirs = [replace(c, participant=known.participants[c.participant].id) for c in contacts]
    known.save.append(lambda t: save_participants(t, saved, theirs))
    return Imported(path, "participants", f"{len(people)} participants", new, changed, len(people) - new - changed)


def _take_interview(known: _Known, path: Path, form: Format, options: ImportOptions) -> Imported:
    setting = next((i for i in known.study.settings.interviews if i.file == path.name), InterviewSetting(path.name))
    wanted = {
        "name": options.name or setting.name or None, "speakers": options.speakers, "encoding": options.encoding or None,
        "skip_bad_rows": options.skip_bad_rows,
    }  # fmt: skip
    accepted = signature(form.read).parameters  # a Word document has neither an encoding nor rows
    read: Transcript = form.read(path, **{k: v for k, v in wanted.items() if k in accepted})
    if read.name in known.transcripts:
        if known.transcripts[read.name].text == read.text:
            return Imported(path, "interview", f"transcript {read.name} is there already", n_known=len(read.utterances))
        raise BadFile(path, f'there is another transcript called "{read.name}"', "Give this one a name of its own with --name.")
    alias = options.participant or setting.participant or _alias_in(path.stem, known)
    person = known.participant(alias, str(path), add=options.new_participants) if alias else None
    speakers, notes = _speakers(read, setting, person, known, str(path), options)
    made = replace(
        read.spoken_by(speakers), id=uuid4().hex, participant=person.id if person else None, held=setting.held,
        kind=SourceKind(setting.kind), internal=setting.internal, language=setting.language or known.study.settings.language,
    )  # fmt: skip
    known.transcripts[made.name] = made
    known.save.append(lambda t: save_transcripts(t, [made]))
    what = f"transcript {made.name}: {len(made.utterances)} utterances, {sum(len(made.text[u.start : u.end].split()) for u in made.utterances):,} words"
    return Imported(path, "interview", what, n_new=len(made.utterances), notes=notes)


def _some(names: Iterable[str], most: int = 6) -> str:
    shown = sorted(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def _alias_in(stem: str, known: _Known) -> str:
    """The one participant whose alias stands in a file name as a word of its own: ``P03`` in ``P03_interview``."""
    words = set("".join(c if c.isalnum() else " " for c in stem).split())
    named = [alias for alias in known.participants if alias in words]
    return named[0] if len(named) == 1 else ""


def _speakers(
    read: Transcript, setting: InterviewSetting, person: Participant | None, known: _Known, where: str, options: ImportOptions
) -> tuple[dict[str, str], list[str]]:
    """Participant id by speaker name, and what was decided."""
    if setting.speakers:
        ids = {name: known.participant(alias, where, add=options.new_participants).id for name, alias in setting.speakers.items()}
        return ids, [f"{name} is {alias}" for name, alias in setting.speakers.items()]
    if person is None:
        return {}, ["nobody's interview: name the participant with --participant"]
    others = {u.speaker for u in read.utterances if u.speaker.casefold() not in INTERVIEWERS}
    own = {n for n in others if n.casefold() in (person.pseudonym.casefold(), person.alias.casefold(), "participant", "respondent")}
    chosen = own or (others if len(others) == 1 else set())
    if not chosen:
        raise BadFile(
            where,
            f"who of {_some(others)} is {person.alias} is not clear",
            f'Say it in study.toml: [[interview]] file = "{read.name}", speakers = {{ "name" = "{person.alias}" }}.',
        )
    shown = next(iter(sorted(chosen))) or "everything said"
    return dict.fromkeys(chosen, person.id), [f"{shown} is {person.alias}"]


def _take_survey(known: _Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    mappings = known.study.settings.surveys
    wanted = options.name or next((m.id for m in mappings if m.file == path.name), path.stem)
    mapping = next((m for m in mappings if m.id == wanted), None)
    table = read_table(path)
    notes = [f"{len(table.rows)} rows, {len(table.columns)} columns"]
    if mapping is None:
        mapping = guess_mapping(table, wanted)
        notes.append(f"study.toml says nothing of it: taken as {_shown(mapping)}")
    personal = personal_data_columns(table)
    if personal:
        notes.append(f"these columns look like personal data and should go before the study is shared: {', '.join(map(str, personal))}")
    answers = read_survey(path, mapping, skip_bad_rows=options.skip_bad_rows)
    return _take_responses(known, path, "survey", f"survey {mapping.id}", answers, options, notes)


def _shown(mapping: SurveyMapping) -> str:
    parts = [f"respondent = {' / '.join(mapping.respondent) or 'the row'}"]
    parts += [f"answered = {mapping.answered}"] if mapping.answered else []
    return ", ".join([*parts, f"{len(mapping.questions)} questions"])


def _take_responses(
    known: _Known, path: Path, kind: str, what: str, answers: Sequence[Response], options: ImportOptions, notes: Sequence[str] = ()
) -> Imported:
    problems, new, n_known = [], [], 0
    for answer in answers:
        now = known.responses.get((answer.survey, answer.respondent))
        if answer.participant and answer.participant not in known.participants and not options.new_participants:
            problems.append(f'respondent {answer.respondent}: there is no participant "{answer.participant}" in this study')
            continue
        person = known.participant(answer.participant, str(path), add=True).id if answer.participant else None
        mine = replace(answer, id=now.id if now else uuid4().hex, participant=person)
        if now is None:
            new.append(mine)
            known.responses[mine.survey, mine.respondent] = mine
        elif now == mine:
            n_known += 1
        else:
            problems.append(f"respondent {answer.respondent}: the study already holds other answers of theirs")
    if problems and not options.skip_bad_rows:
        raise BadRows(path, problems, len(new) + n_known)
    known.save.append(lambda t: save_responses(t, new))
    return Imported(path, kind, f"{what}: {len(answers)} answer sheets", len(new), 0, n_known, tuple(notes), tuple(problems))


def _take_tickets(known: _Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    read, answers = read_tickets(path)
    if read.name in known.transcripts:
        raise BadFile(path, f'there is another transcript called "{read.name}"', "Rename the file: each batch of tickets has its own name.")
    result = _take_responses(known, path, "tickets", "tickets", answers, options)
    ids = {alias: p.id for alias, p in known.participants.items()}
    utterances = tuple(replace(u, participant=ids.get(u.participant or "")) for u in read.utterances)
    made = replace(read, id=uuid4().hex, utterances=utterances)
    known.transcripts[made.name] = made
    known.save.append(lambda t: save_transcripts(t, [made]))
    return result


def _take_codebook(known: _Known, path: Path, _form: Format, _options: ImportOptions) -> Imported:
    now = {known.codebook.path(c).casefold(): c for c in known.codebook}
    read = Codebook(read_codebook(path))
    ids = {c.id: now[read.path(c).casefold()].id if read.path(c).casefold() in now else uuid4().hex for c in read}
    codes = [replace(c, id=ids[c.id], parent=ids.get(c.parent or "")) for c in read]
    new = sum(c.id not in known.codes for c in codes)
    changed = sum(c.id in known.codes and known.codes[c.id] != c for c in codes)
    known.codes.update({c.id: c for c in codes})
    everything = list(known.codes.values())
    known.save.append(lambda t: save_codes(t, everything))
    return Imported(path, "codebook", f"{len(codes)} codes", new, changed, len(codes) - new - changed)


def _take_codings(known: _Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    rows = read_coding_rows(path, skip_bad_rows=options.skip_bad_rows)
    placed, problems = _placed(known, rows)
    made, n_known, new_codes = [], 0, 0
    book = known.codebook
    for transcript, found in placed:
        try:
            code = book.find(found.row.code)
        except UnknownCode as error:
            if not options.new_codes:
                problems.append(f"row {found.row.row}: {error}")
                continue
            code = known.add_code(found.row.code)
            book, new_codes = known.codebook, new_codes + 1
        coder = found.row.coder or options.coder or known.study.coder
        key = (transcript.id, code.id, coder, found.start, found.end)
        n_known += key in known.codings
        if key not in known.codings:
            known.codings.add(key)
            made.append(Coding(uuid4().hex, *key[:3], found.start, found.end, found.text, found.row.memo, found.row.intensity))
    if problems and not options.skip_bad_rows:
        raise BadRows(path, problems, len(made) + n_known)
    known.save.append(lambda t: save_codings(t, [replace(c, created=t.at) for c in made]))
    notes = [*_how(placed), *([f"{new_codes} new codes"] if new_codes else [])]
    return Imported(path, "codings", f"{len(rows)} codings", len(made), 0, n_known, tuple(notes), tuple(problems))


Placed = PlacedCoding[CodingRow]


def _placed(known: _Known, rows: Sequence[CodingRow]) -> tuple[list[tuple[Transcript, Placed]], list[str]]:
    """Each row with its transcript and passage, and a sentence for each that has none.

    A row may name a transcript, or a participant; then the one of their transcripts that holds the quote best is taken.
    """
    aliases = {p.id: alias for alias, p in known.participants.items()}
    of_person: dict[str, list[Transcript]] = {}
    for t in known.transcripts.values():
        of_person.setdefault(aliases.get(t.participant or "", ""), []).append(t)
    found, problems = [], []
    for row in rows:
        named = known.transcripts.get(row.transcript)
        candidates = [named] if named else of_person.get(row.transcript, []) if row.transcript else []
        tried = [(t, place_codings([replace(row, transcript=t.name)], {t.name: t})) for t in candidates]
        hits = [(t, p) for t, placing in tried for p in placing.placed]
        if hits:
            found.append(max(hits, key=lambda hit: (-_WAYS.index(hit[1].how), hit[1].score)))
        elif tried:
            best = max((n for _, placing in tried for n in placing.not_placed), key=lambda n: n.best.score if n.best else 0)
            problems.append(f"row {row.row}: {best.reason}")
        else:
            problems.append(f"row {row.row}: {UnknownTranscript(row.transcript, known.transcripts)}")
    return found, problems


_WAYS = ("position", "exact", "normalised", "approximate")


def _how(placed: Sequence[tuple[Transcript, Placed]]) -> list[str]:
    """How many were placed in which way, and each one that was only nearly found."""
    counts = {how: sum(p.how == how for _, p in placed) for how in _WAYS}
    return [
        "placed: " + (", ".join(f"{n} {how}" for how, n in counts.items() if n) or "none"),
        *(
            f'row {p.row.row}, approximate (score {p.score:.2f}): "{_short(p.row.quote)}" was put on "{_short(p.text)}"'
            for _, p in placed
            if p.how == "approximate"
        ),
    ]


def _take_synthesis(known: _Known, path: Path, _form: Format, _options: ImportOptions) -> Imported:
    read = read_synthesis(path)
    for persona in read.personas:
        for alias in persona.participants:
            known.participant(alias, f'{path}, persona "{persona.name}"', add=False)
    there = {**{p.name: p.id for p in known.study.personas}, **{o.how_might_we: o.id for o in known.study.opportunities}}
    personas = [replace(p, id=there.get(p.name) or p.id or uuid4().hex) for p in read.personas]
    opportunities = [replace(o, id=there.get(o.how_might_we) or o.id or uuid4().hex) for o in read.opportunities]
    known.save.append(lambda t: [save_document(t, thing) for thing in (*personas, *opportunities)])
    n_new = sum(p.name not in there for p in personas) + sum(o.how_might_we not in there for o in opportunities)
    what = f"{len(personas)} personas, {len(opportunities)} opportunities"
    return Imported(path, "synthesis", what, n_new, n_known=len(personas) + len(opportunities) - n_new)


def _take_events(known: _Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    mapping = known.study.settings.events
    table = read_event_table(path, mapping, skip_bad_rows=options.skip_bad_rows)
    return Imported(path, "events", f"{table.num_rows:,} events", n_new=table.num_rows)


_TAKE: dict[str, Callable[[_Known, Path, Format, ImportOptions], Imported]] = {
    "participants": _take_participants,
    "interview": _take_interview,
    "survey": _take_survey,
    "tickets": _take_tickets,
    "codebook": _take_codebook,
    "codings": _take_codings,
    "synthesis": _take_synthesis,
    "events": _take_events,
}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _short(words: str, length: int = 60) -> str:
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= length else one_line[: length - 1] + "…"
