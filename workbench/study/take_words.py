"""Participants and what they said, into a study."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from pathlib import Path
from uuid import uuid4

from workbench.analysis.in_words import number_of, some
from workbench.errors import BadFile, did_you_mean
from workbench.io.formats import Format
from workbench.io.participants import read_participants
from workbench.io.tables import Table, read_table
from workbench.model import Consent, Contact, InterviewSetting, Participant, SourceKind, Transcript
from workbench.store import change_transcript, save_participants, save_transcripts
from workbench.study.known import Imported, ImportOptions, Known, check_rows, read_rows

#: Speaker names of the one who asks, in any case.
INTERVIEWERS = frozenset({"interviewer", "moderator", "researcher", "facilitator", "host", "intervistatore", "int", "i", "r", "q"})
#: Speaker names of the one who answers; beside an "I", an "R" is the respondent.
_ANSWERING = frozenset({"participant", "respondent", "interviewee"})


def take_participants(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """Who took part.  What the file has no column for stays as the study has it."""
    (people, contacts), problems = read_rows(options, read_participants, path)
    check_rows(options, path, problems, len(people))
    table = read_table(path, encoding=options.encoding or None)
    given = {c.participant: c for c in contacts}
    saved, theirs, new, changed = [], [], 0, 0
    for read in people:
        now = known.participants.get(read.alias)
        person = _merged(read, now, table) if now else replace(read, id=uuid4().hex)
        before = known.contacts.get(person.id)
        contact = _contact(person.id, given.get(read.alias), before, table)
        new += now is None
        changed += now is not None and (now != person or contact != before)
        known.participants[person.alias] = person
        saved.append(person)
        if contact is not None:
            known.contacts[person.id] = contact
            theirs.append(contact)
    known.save.append(lambda t: save_participants(t, saved, theirs))
    unasked = new and not table.find("consent_quote")
    notes = [f"no column consent_quote: {number_of(new, 'new participant')} will be quoted by pseudonym"] if unasked else []
    return Imported(path, "participants", number_of(len(people), "participant"), new, changed, len(people) - new - changed, notes, problems)


def _merged(read: Participant, now: Participant, table: Table) -> Participant:
    consent = {
        field: getattr(read.consent if table.find(f"consent_{field}") else now.consent, field) for field in ("quote", "share", "until")
    }
    kept = {name: value for name, value in now.attributes.items() if name not in table.columns}
    pseudonym = read.pseudonym if table.find("pseudonym") else now.pseudonym
    return replace(read, id=now.id, pseudonym=pseudonym, attributes={**kept, **read.attributes}, consent=Consent(**consent))


def _contact(participant: str, read: Contact | None, now: Contact | None, table: Table) -> Contact | None:
    nobody = Contact(participant)
    details = {field: getattr((read if table.find(field) else now) or nobody, field) for field in ("name", "email", "phone")}
    return Contact(participant, **details) if now or any(details.values()) else None


def take_interview(known: Known, path: Path, form: Format, options: ImportOptions) -> Imported:
    """One conversation, its speakers told apart."""
    setting = next((i for i in known.study.settings.interviews if i.file == path.name), InterviewSetting(path.name))
    wanted = {"name": options.name or setting.name or None, "speakers": options.speakers}
    accepted = signature(form.read).parameters  # not every format names speakers
    read, problems = read_rows(options, form.read, path, **{k: v for k, v in wanted.items() if k in accepted})
    check_rows(options, path, problems, len(read.utterances))
    same = next((t for t in known.transcripts.values() if known.again and t.source == read.source), None)
    if same is not None:
        return _heard_again(known, path, same, read, setting, options)
    if read.name in known.transcripts:
        if known.transcripts[read.name].text == read.text:
            return _heard_again(known, path, known.transcripts[read.name], read, setting, options)
        raise BadFile(path, f'there is another transcript called "{read.name}"', "Give this one a name of its own with --name.")
    made, notes = _attributed(known, path, read, setting, options)
    known.transcripts[made.name] = made
    known.save.append(lambda t: save_transcripts(t, [made]))
    n_words = sum(len(made.text[u.start : u.end].split()) for u in made.utterances)
    what = f"transcript {made.name}: {number_of(len(made.utterances), 'utterance')}, {number_of(n_words, 'word')}"
    return Imported(path, "interview", what, n_new=len(made.utterances), notes=notes, left_out=problems)


def _attributed(
    known: Known, path: Path, read: Transcript, setting: InterviewSetting, options: ImportOptions
) -> tuple[Transcript, list[str]]:
    """The transcript with what the file does not say of itself: who speaks, when it was held, what it is."""
    alias = options.participant or setting.participant or _alias_in(path.stem, known)
    person = known.participant(alias, str(path), add=options.new_participants) if alias else None
    speakers, notes = _speakers(read, setting, person, known, path, options)
    made = replace(
        read.spoken_by(speakers), id=uuid4().hex, participant=person.id if person else None, held=setting.held,
        kind=SourceKind(setting.kind), internal=setting.internal, language=setting.language or known.study.settings.language,
    )  # fmt: skip
    return made, notes


def _heard_again(
    known: Known, path: Path, there: Transcript, read: Transcript, setting: InterviewSetting, options: ImportOptions
) -> Imported:
    """The same words a second time: what is said of them now is brought up to date, so that nobody's interview can find its person."""
    made, notes = _attributed(known, path, read, setting, options)
    mine = replace(made, id=there.id, source=there.source, media=there.media, attributes=there.attributes)
    if mine == there or (mine.participant is None and not any(u.participant for u in mine.utterances)):
        return Imported(path, "interview", f"transcript {there.name} is there already", n_known=len(read.utterances))
    known.transcripts[there.name] = mine
    known.save.append(lambda t: change_transcript(t, mine))
    return Imported(path, "interview", f"transcript {there.name} brought up to date", n_changed=len(read.utterances), notes=notes)


def _alias_in(stem: str, known: Known) -> str:
    """The one participant whose alias stands in a file name as a word of its own: ``P03`` in ``P03_interview``."""
    words = set("".join(c if c.isalnum() else " " for c in stem).split())
    named = [alias for alias in known.participants if alias in words]
    return named[0] if len(named) == 1 else ""


def _speakers(
    read: Transcript, setting: InterviewSetting, person: Participant | None, known: Known, path: Path, options: ImportOptions
) -> tuple[dict[str, str], list[str]]:
    """Participant id by speaker name, and what was decided."""
    names = {u.speaker for u in read.utterances}
    if setting.speakers:
        return _named_in_settings(setting.speakers, names, known, path, options)
    if person is None:
        return {}, ["nobody's interview: name the participant with --participant"]
    chosen = _answering(names, person)
    if not chosen:
        example = json.dumps(min(n for n in names if n and n.casefold() not in INTERVIEWERS), ensure_ascii=False)
        advice = (
            f'Say it in study.toml with the right name:\n[[interview]]\nfile = "{path.name}"\nspeakers = {{ {example} = "{person.alias}" }}'
        )
        raise BadFile(path, f"who of {some(sorted(n for n in names if n))} is {person.alias} is not clear", advice)
    shown = next(iter(sorted(chosen))) or "everything said"
    return dict.fromkeys(chosen, person.id), [f"{shown} is {person.alias}"]


def _letters(name: str) -> str:
    """A name as names are compared: without its case, and without what is no letter or digit at its ends."""
    return name.casefold().strip("".join(c for c in name.casefold() if not c.isalnum()))


def _named_in_settings(
    speakers: Mapping[str, str], names: set[str], known: Known, path: Path, options: ImportOptions
) -> tuple[dict[str, str], list[str]]:
    for name in speakers:
        if name not in names:
            raise BadFile(
                path, f'study.toml names the speaker "{name}", who says nothing in it', did_you_mean(name, (n for n in names if n))
            )
    ids = {name: known.participant(alias, str(path), add=options.new_participants).id for name, alias in speakers.items()}
    return ids, [f"{name} is {alias}" for name, alias in speakers.items()]


def _answering(names: set[str], person: Participant) -> set[str]:
    """Which of the speakers is the person interviewed; none where that is not clear."""
    folded = {name: _letters(name) for name in names}
    asking = INTERVIEWERS - {"r"} if "i" in folded.values() else INTERVIEWERS
    called = {_letters(person.pseudonym), _letters(person.alias), *_ANSWERING} - {""}
    own = {name for name in names if folded[name] in called}
    others = {name for name in names if name and folded[name] not in asking}
    if own or len(others) == 1:
        return own or others
    return names if names == {""} else set()
