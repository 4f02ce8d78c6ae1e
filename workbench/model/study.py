"""What study.toml says: the question, the stages, how answers and events are read, and what is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from workbench.model.journey import LaneKind
from workbench.model.reporting import NotifySetting, ReportSetting, ScheduleSetting


class MeasureKind(StrEnum):
    """How a measure is computed."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    SEQ = "seq"
    SUS = "sus"
    UMUX_LITE = "umux-lite"
    SUCCESS = "success"
    TIME = "time"
    SHARE = "share"
    MEAN = "mean"
    CONVERSION = "conversion"


@dataclass(frozen=True)
class StageWork:
    """What goes on behind the scenes of a stage, as somebody in the organisation says it is."""

    text: str
    lane: LaneKind = LaneKind.BACKSTAGE
    department: str = ""
    system: str = ""
    asserted_by: str = "process owner"


@dataclass(frozen=True)
class StageSetting:
    """One stage of the journey, in order.

    ``codes`` are the names of the codes that mean it (the code of the same name, if none is given),
    ``events`` the event names that belong to it; ``whom`` the attributes of those whose stage it is, where it is not everybody's.
    """

    id: str
    name: str
    description: str = ""
    codes: Sequence[str] = ()
    events: Sequence[str] = ()
    work: Sequence[StageWork] = ()
    whom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SurveyMapping:
    """Which columns of a survey file mean what.

    ``respondent`` names the columns that together identify a row; ``participant`` the one with the alias of an interviewee;
    ``answered`` the day; ``attributes`` the ones that describe the respondent; ``questions`` the ones that are answers
    (every other column, if none is given). ``comment`` names the open answer, ``file`` the file that this mapping is for.
    """

    id: str
    respondent: Sequence[str]
    participant: str = ""
    answered: str = ""
    attributes: Sequence[str] = ()
    questions: Sequence[str] = ()
    comment: str = ""
    title: str = ""
    file: str = ""


@dataclass(frozen=True)
class EventMapping:
    """Which columns of an event file mean what.  Times without a zone are UTC."""

    user: str = "user_id"
    event: str = "event"
    time: str = "ts"
    attributes: Sequence[str] = ()


@dataclass(frozen=True)
class MeasureSetting:
    """One number of the map.

    From a survey: ``survey``, ``questions``, and ``top`` for the answers that count (CSAT: 4 and 5).
    From events: ``from_event``, ``to_event``, ``within``.
    ``where`` keeps rows whose attribute has this value, ``by`` splits by the values of an attribute, ``since`` and ``until`` bound the time; ``target`` is what is wished for, ``lower_is_better``
    on which side of it (true for times on a task, false for everything else, if it is not said).
    """

    name: str
    kind: MeasureKind
    stage: str = ""
    survey: str = ""
    questions: Sequence[str] = ()
    top: Sequence[str] = ()
    from_event: str = ""
    to_event: str = ""
    within: timedelta | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    target: float | None = None
    lower_is_better: bool | None = None


@dataclass(frozen=True)
class InterviewSetting:
    """What an interview file does not say of itself.

    ``file`` is its name; ``participant`` the alias of the one who was interviewed, ``speakers`` the alias behind each speaker
    name where several spoke; ``held`` the day.
    """

    file: str
    participant: str = ""
    held: date | None = None
    kind: str = "interview"
    name: str = ""
    speakers: Mapping[str, str] = field(default_factory=dict)
    internal: bool = False
    language: str = ""


@dataclass(frozen=True)
class TeamMember:
    """Somebody who works on the study, and in which role (front line, care, sponsor, researcher)."""

    name: str
    role: str = ""


@dataclass(frozen=True)
class StudySettings:
    """Everything that study.toml says."""

    title: str
    question: str = ""
    goals: Sequence[str] = ()
    scope: str = ""
    language: str = "en"
    segments: Sequence[str] = ()
    team: Sequence[TeamMember] = ()
    stages: Sequence[StageSetting] = ()
    surveys: Sequence[SurveyMapping] = ()
    events: EventMapping = field(default_factory=EventMapping)
    measures: Sequence[MeasureSetting] = ()
    interviews: Sequence[InterviewSetting] = ()
    reports: Sequence[ReportSetting] = ()
    schedules: Sequence[ScheduleSetting] = ()
    notify: Sequence[NotifySetting] = ()
    store_url: str = ""


@dataclass(frozen=True)
class Response:
    """One row of a survey: who answered, when, described how, and what.

    ``answers`` holds text as it was in the file; an empty answer is not there.
    """

    id: str
    survey: str
    respondent: str
    participant: str | None = None
    answered: date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """An original file, kept byte for byte in ``datasets/`` under the name that its hash gives it."""

    id: str
    sha256: str
    name: str
    kind: str
    stored_as: str
    size_bytes: int
    imported: str = ""
    by: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    n_rows: int = 0
