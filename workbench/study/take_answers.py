"""Survey answers, tickets and events, into a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from workbench.analysis.in_words import number_of, some
from workbench.errors import BadFile, did_you_mean
from workbench.io.events import read_event_table
from workbench.io.formats import Format
from workbench.io.survey_csv import guess_mapping, personal_data_columns, responses_of
from workbench.io.tables import read_table
from workbench.io.tickets import read_tickets
from workbench.model import Response, SurveyMapping
from workbench.store import change_responses, save_responses, save_transcripts
from workbench.study.known import Imported, ImportOptions, Known, check_rows, read_rows


def take_survey(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """Answer sheets, read as study.toml says or as the columns look."""
    mappings = known.study.settings.surveys
    wanted = options.name or next((m.id for m in mappings if m.file == path.name), path.stem)
    mapping = next((m for m in mappings if m.id == wanted), None)
    table = read_table(path, encoding=options.encoding or None)
    notes = [f"{number_of(len(table.rows), 'row')}, {number_of(len(table.columns), 'column')}"]
    if mapping is None and options.kind != "survey":
        found = f"it is no list of participants, tickets, codings or codes, no event log, and study.toml has no [[survey]] for it ({some(sorted(table.columns))})"
        raise BadFile(path, found, f'If it is a survey, add [[survey]] with file = "{path.name}" to study.toml, or say --kind survey.')
    if mapping is None:
        mapping = guess_mapping(table, wanted)
        notes.append(f"study.toml says nothing of it: taken as {_shown(mapping)}")
    personal = personal_data_columns(table)
    if personal:
        notes.append(f"these columns look like personal data and should go before the study is shared: {', '.join(map(str, personal))}")
    answers, problems = read_rows(options, lambda _path, **given: responses_of(table, mapping, **given), path)
    return _take_responses(known, path, "survey", f"survey {mapping.id}", answers, options, problems, notes)


def take_tickets(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """Tickets, to be counted and to be read."""
    (read, answers), problems = read_rows(options, read_tickets, path)
    there = known.transcripts.get(read.name)
    if there is not None and there.text != read.text:
        raise BadFile(path, f'there is another transcript called "{read.name}"', "Rename the file: each batch of tickets has its own name.")
    result = _take_responses(known, path, "tickets", "tickets", answers, options, problems)
    if there is None:
        ids = {alias: p.id for alias, p in known.participants.items()}
        utterances = tuple(replace(u, participant=ids.get(u.participant or "")) for u in read.utterances)
        made = replace(read, id=uuid4().hex, utterances=utterances)
        known.transcripts[made.name] = made
        known.save.append(lambda t: save_transcripts(t, [made]))
    return result


def take_events(known: Known, path: Path, _form: Format, options: ImportOptions) -> Imported:
    """An event log.  It stays in its file; the study knows where that is."""
    table, problems = read_rows(options, read_event_table, path, known.study.settings.events)
    check_rows(options, path, problems, table.num_rows)
    return Imported(path, "events", number_of(table.num_rows, "event"), n_new=table.num_rows, left_out=problems)


def _take_responses(
    known: Known,
    path: Path,
    kind: str,
    what: str,
    answers: Sequence[Response],
    options: ImportOptions,
    problems: Sequence[str],
    notes: Sequence[str] = (),
) -> Imported:
    problems, new, changed, n_known = list(problems), [], [], 0
    for answer in answers:
        who = answer.participant
        if who and who not in known.participants and not options.new_participants:
            advice = did_you_mean(who, known.participants)
            problems.append(
                f'respondent {answer.respondent}: there is no participant "{who}" in this study. {advice} Or use --new-participants.'
            )
            continue
        now = known.responses.get((answer.survey, answer.respondent))
        person = known.participant(who, str(path), add=True).id if who else None
        mine = replace(answer, id=now.id if now else uuid4().hex, participant=person)
        if now is None:
            new.append(mine)
            known.responses[mine.survey, mine.respondent] = mine
        elif now == mine:
            n_known += 1
        elif known.again:
            changed.append(mine)
            known.responses[mine.survey, mine.respondent] = mine
        else:
            problems.append(f"respondent {answer.respondent}: the study holds other answers of theirs. Undo the import of those first.")
    check_rows(options, path, problems, len(new) + n_known)
    known.save.append(lambda t: save_responses(t, new))
    known.save.append(lambda t: change_responses(t, changed))
    n_sheets = len(new) + len(changed) + n_known
    return Imported(
        path, kind, f"{what}: {number_of(n_sheets, 'answer sheet')}", len(new), len(changed), n_known, tuple(notes), tuple(problems)
    )


def _shown(mapping: SurveyMapping) -> str:
    parts = [f"respondent = {' / '.join(mapping.respondent) or 'the row'}"]
    parts += [f"answered = {mapping.answered}"] if mapping.answered else []
    return ", ".join([*parts, number_of(len(mapping.questions), "question")])
