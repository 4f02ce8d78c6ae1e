"""What in a study is not there yet or does not fit together, so that a map would silently lack it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pandas as pd

from workbench.analysis.in_words import some
from workbench.analysis.journey import StudyTables
from workbench.analysis.measures import compute_measures, unanswered
from workbench.analysis.passages import put_into_stages
from workbench.analysis.scope import find_persona
from workbench.errors import BadSetting, UnknownName, WorkbenchError
from workbench.model import CodeKind, Journey, MeasureKind, MeasureSetting, Persona, SourceKind


class CheckedTables(StudyTables, Protocol):
    """What is looked at.  An opened study is one."""

    @property
    def transcripts(self) -> pd.DataFrame: ...
    @property
    def journeys(self) -> Sequence[Journey]: ...
    @property
    def unreadable(self) -> Sequence[object]: ...


def check_study(study: CheckedTables) -> list[str]:
    """One sentence for each thing that will be missing from the map, and what to do about it.

    Looked at: what was imported and coded so far, saved documents that cannot be read, stages and their codes, whose words a
    transcript holds, segments, events of stages, surveys, measures, the personas of saved maps.
    """
    kept = [*(str(document) for document in study.unreadable), *_people_of_maps(study)]
    return [
        *_not_yet(study),
        *kept,
        *_stages(study),
        *_interviews(study),
        *_segments(study),
        *_events(study),
        *_surveys(study),
        *_measures(study),
    ]


def check_people(journey: Journey, personas: Sequence[Persona]) -> None:
    """Stop where a saved map is of a persona that was removed.

    Raises
    ------
    BadSetting
        It says how to get the map back.
    """
    try:
        if journey.persona:
            find_persona(personas, journey.persona)
    except UnknownName:
        found = f'it is the map of the persona "{journey.persona}", who is not in the study any more'
        others = next((p.name for p in personas), "another persona")
        advice = (
            'Take back what removed the persona ("workbench history" lists it, "workbench undo ID" takes it back), give a persona this name, '
            f'or the map another persona: wb.JourneyMap(study, "{journey.title}", persona="{others}").'
        )
        raise BadSetting(f'journey "{journey.title}"', found, advice) from None


def _people_of_maps(study: CheckedTables) -> Iterator[str]:
    for journey in study.journeys:
        try:
            check_people(journey, study.personas)
        except BadSetting as error:
            yield str(error)


def _not_yet(study: CheckedTables) -> Iterator[str]:
    """The next step of a study whose map cannot hold what anybody said yet."""
    codings, stages = study.codings, study.settings.stages
    if not stages:
        yield "study.toml names no stages, so there is no map to draw. Add [[stage]] with an id and a name for each."
    if study.transcripts.empty:
        yield "No interviews are in the study yet. Bring them in with: workbench import interviews/*.vtt (or .docx, .txt, .srt)."
    elif not len(study.codebook):
        yield "There are no codes yet. Import them with workbench import codebook.csv, or make them in wb.CodebookEditor(study)."
    elif codings.empty:
        yield "Nothing is coded yet, so no map and no count speaks for anybody. Put codes on passages in wb.InterviewCoder(study)."
    elif stages and not (put_into_stages(codings, stages)["kind"] != CodeKind.STAGE).any():
        yield "No passage is coded with a stage and with something else, so no column of the map holds what people said. Put the code of a stage on whole passages."


def _stages(study: CheckedTables) -> Iterator[str]:
    codes = {c.name.casefold(): c.name for c in study.codebook.of_kind(CodeKind.STAGE)}
    meant = {name.casefold(): (stage.name, name) for stage in study.settings.stages for name in (stage.codes or (stage.name,))}
    spare = [name for key, name in codes.items() if key not in meant]
    if spare:
        yield f"No [[stage]] in study.toml has the name of the stage {_codes(spare)}: passages coded with it stand nowhere on the map. Add [[stage]] for each."
    if codes or len(study.codebook):
        for stage in study.settings.stages:
            if not any(name.casefold() in codes for name in (stage.codes or (stage.name,))):
                yield f'Stage "{stage.name}" has no code of kind "stage" with its name, so its column stays empty. Add the code, or name others with codes = […].'


def _interviews(study: CheckedTables) -> Iterator[str]:
    t = study.transcripts
    spoken = t[~t["kind"].isin([SourceKind.TICKET, SourceKind.DOCUMENT])] if len(t) else t
    nobodys = [str(name) for name, row in spoken.iterrows() if not row["speakers_known"]]
    if nobodys:
        yield f"Nobody is known to speak in {_some(nobodys)}, so what is coded there counts for nobody. Import again with --participant, or name the speakers in study.toml."


def _segments(study: CheckedTables) -> Iterator[str]:
    for name in study.settings.segments:
        if name not in study.participants.columns and len(study.participants):
            yield f'segments names "{name}", and no participant has such an attribute. Add the column to the participants file, or take it out.'


def _events(study: CheckedTables) -> Iterator[str]:
    if study.events is None:
        return
    for stage in study.settings.stages:
        unknown = [e for e in stage.events if e not in study.events.event_names]
        if unknown:
            yield f'Stage "{stage.name}" lists {_some(unknown)} under events, and the event log has none. Its events are {_some(study.events.event_names)}.'


def _surveys(study: CheckedTables) -> Iterator[str]:
    known = {s.id for s in study.settings.surveys} | {"tickets"}
    for survey in sorted(set(study.responses["survey"]) - known):
        yield f'Survey "{survey}" is imported and study.toml does not say what its columns mean. Add [[survey]] with id = "{survey}" to measure with it.'


def _measures(study: CheckedTables) -> Iterator[str]:
    responses, events = study.responses, study.events
    empty: dict[str, list[str]] = {}
    for m in study.settings.measures:
        if not m.stage:
            yield f'Measure "{m.name}" names no stage, so it is not on the map. Add stage = "…".'
            continue
        try:
            found = compute_measures(m, responses=responses, events=events)
        except WorkbenchError as error:
            yield str(error)
            continue
        if not found:
            empty.setdefault(_why(m, responses, study), []).append(m.name)
    for why, names in empty.items():
        yield f"Measure{'s' * (len(names) != 1)} {_some(names)} {'has' if len(names) == 1 else 'have'} nothing to measure: {why}"


def _why(m: MeasureSetting, responses: pd.DataFrame, study: CheckedTables) -> str:
    if m.kind == MeasureKind.CONVERSION:
        if study.events is None:
            return "no events are imported."
        return f'the events have no attribute "{m.by}".' if m.by and m.by not in study.events.attributes else "no such events."
    own = responses[responses["survey"] == m.survey]
    if own.empty:
        return f'no answers to survey "{m.survey}" are imported.'
    for name, hint in unanswered(m, responses).items():
        return f'nobody answered "{name}" of survey "{m.survey}". {hint}'
    return f'the answers have no attribute "{m.by}".' if m.by and m.by not in own.columns else "no answers are left."


def _codes(names: list[str]) -> str:
    return f"{'code' if len(names) == 1 else 'codes'} {_some(names)}"


def _some(names: Iterable[str]) -> str:
    return some(f'"{name}"' for name in names)
