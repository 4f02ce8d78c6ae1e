"""study.toml: every mistake is named with its place and what would be accepted."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workbench.analysis.team import absent_roles
from workbench.errors import BadFile, BadSetting
from workbench.io.study_toml import parse_settings, read_settings, write_new_settings
from workbench.model import (
    STAGE_PRESETS,
    EventMapping,
    InterviewSetting,
    MeasureKind,
    MeasureSetting,
    NotifySetting,
    ReportSetting,
    ScheduleSetting,
    StageSetting,
    StageWork,
    StudySettings,
    SurveyMapping,
    TeamMember,
)

MISTAKES = {
    '[study]\ntitel = "x"': r'\[study\]: "titel" is not a setting here\. Did you mean "title"\?',
    "[studdy]": r'\[studdy\] is not a part of it\. Did you mean "study"\?',
    "[study]": r'\[study\]: "title" is missing',
    '[study]\ntitle = ["x"]': r'"title": \[\'x\'\] is not text in quotes',
    '[study]\ntitle = "x"\n[[stage]]\nid = "a"\nnaem = "b"': r'\[\[stage\]\] number 1 \("a"\): "naem" is not a setting here\. Did you mean "name"\?',
    '[study]\ntitle = "x"\n[stage]\nid = "a"': r"\[stage\] stands in single brackets\. Write \[\[stage\]\]",
    '[study]\ntitle = "x"\n[[measure]]\nname = "N"\nkind = "npss"': r"""'npss' is not one of its values\. Did you mean "nps"\?""",
    '[study]\ntitle = "x"\n[[measure]]\nname = "N"\nkind = "nps"': "kind nps needs a survey and a question",
    '[study]\ntitle = "x"\n[[measure]]\nname = "N"\nkind = "conversion"\nfrom = "a"': "a conversion needs two events",
    '[study]\ntitle = "x"\n[[measure]]\nname = "N"\nkind = "conversion"\nfrom = "a"\nto = "b"\nwithin = 3': "3 is not a span of time",
    '[study]\ntitle = "x"\n[[measure]]\nname = "N"\nkind = "conversion"\nfrom = "a"\nto = "b"\nsince = "May"': "'May' is not a date",
    '[study]\ntitle = "x"\n[[measure]]\nname = "N"\nkind = "nps"\nsurvey = "puls"\nquestion = "q"\n[[survey]]\nid = "pulse"\nrespondent = "r"': 'Did you mean "pulse"',
    '[study]\ntitle = "x"\n[[stage]]\nid = "a"\nname = "A"\n[[stage]]\nid = "a"\nname = "B"': r'two of \[\[stage\]\] are called "a"',
    '[study]\ntitle = "x"\n[[team]]\nname = "Ana"\nrol = "care"': r'\[\[team\]\] number 1 \("Ana"\): "rol" is not a setting here\. Did you mean "role"\?',
    '[study]\ntitle = "x"\n[[team]]\nrole = "care"': r'\[\[team\]\] number 1: "name" is missing',
    '[study]\ntitle = "x"\n[[teem]]\nname = "Ana"': r'\[teem\] is not a part of it\. Did you mean "team"\?',
    '[study]\ntitle = "x"\n[team]\nname = "Ana"': r"\[team\] stands in single brackets\. Write \[\[team\]\]",
    '[study]\ntitle = "x"\n[[team]]\nname = "Ana"\n[[team]]\nname = "Ana"': r'two of \[\[team\]\] are called "Ana"',
    '[study]\ntitle = "x"\nteam = [{ name = "Ana" }]\n[[team]]\nname = "Ben"': r"under \[study\] and under \[\[team\]\]",
    '[study]\ntitle = "x"\ntaem = []': r'"taem" is not a setting here\. Did you mean "team"\?',
    '[study]\ntitle = "x"\n[[interview]]\nfile = "a.vtt"\nkind = "chat"': 'there is no kind "chat"',
    '[study]\ntitle = "x"\n[[report]]\nname = "a"': r'\[\[report\]\] number 1 \("a"\): "template" is missing',
    '[study]\ntitle = "x"\n[[report]]\ntemplate = "a"\n[[report]]\ntemplate = "a"': r'two of \[\[report\]\] are called "a"\. Give each a name',
    '[study]\ntitle = "x"\n[[report]]\ntemplate = "a"\nformat = "pfd"': r"""'pfd' is not one of its values\. Did you mean "pdf"\?""",
    '[study]\ntitle = "x"\n[[report]]\ntemplate = "a"\n[[schedule]]\ncron = "@daily"\nreports = ["b"]': r'schedule "reports": there is no report "b"\. Accepted: a',
    '[study]\ntitle = "x"\n[[schedule]]\ncron = "@daily"\n[[schedule]]\ncron = "@weekly"': r'two of \[\[schedule\]\] are called "reports"\. Give each a name',
}  # fmt: skip


@pytest.mark.parametrize("toml", MISTAKES)
def test_a_mistake_is_named_with_what_would_be_accepted(toml: str) -> None:
    with pytest.raises(BadSetting, match=MISTAKES[toml]):
        parse_settings(tomllib.loads(toml))


def test_what_is_said_arrives_with_its_type() -> None:
    toml = """
        [study]
        title = "Grocery"
        segments = ["device"]
        [[stage]]
        id = "pay"
        name = "Pay"
        work = [{ text = "holds the slot", department = "Checkout" }]
        [[measure]]
        name = "Paid"
        kind = "conversion"
        stage = "pay"
        from = "open"
        to = "paid"
        within = "1 day"
        since = 2026-10-05
        target = 1
        """
    settings = parse_settings(tomllib.loads(toml))
    (measure,) = settings.measures
    assert (measure.within, measure.since) == (timedelta(days=1), datetime(2026, 10, 5, tzinfo=UTC))
    assert isinstance(measure.target, float)
    assert settings.stages[0].work[0].department == "Checkout"


def test_the_team_stands_in_tables_of_its_own_or_in_one_line() -> None:
    tables = '[study]\ntitle = "x"\n[[team]]\nname = "Ana"\nrole = "front line"\n[[team]]\nname = "Lea"\n'
    line = '[study]\ntitle = "x"\nteam = [{ name = "Ana", role = "front line" }, { name = "Lea" }]'
    team = (TeamMember("Ana", "front line"), TeamMember("Lea"))
    assert [parse_settings(tomllib.loads(toml)).team for toml in (tables, line)] == [team, team]


def test_a_new_studys_settings_can_be_read_back_whatever_its_title(tmp_path: Path) -> None:
    for title in ("Simple", 'With "quotes" and \\ and 😀', "[brackets]"):
        write_new_settings(tmp_path / "study.toml", title)
        settings = read_settings(tmp_path / "study.toml")
        assert (settings.title, len(settings.stages)) == (title, 5)


def test_a_new_studys_settings_show_every_name_that_is_accepted(tmp_path: Path) -> None:
    write_new_settings(tmp_path / "study.toml", "x")
    text = (tmp_path / "study.toml").read_text("utf-8")
    kinds = (StudySettings, StageSetting, StageWork, InterviewSetting, SurveyMapping, EventMapping, MeasureSetting, TeamMember)
    kinds += (ReportSetting, ScheduleSetting, NotifySetting)
    written = {"from_event": "from", "to_event": "to", "store_url": "url", "whom": "for"}
    names = {written.get(f.name, f.name) for kind in kinds for f in fields(kind)} - {
        "team",
        "stages",
        "surveys",
        "measures",
        "interviews",
        "events",
        "schedules",
        "notify",
    }
    assert sorted(n for n in names if not re.search(rf"\b{n} =", text)) == []
    assert [k for k in MeasureKind if k not in text] == []
    assert "[[team]]" in text


@pytest.mark.parametrize("preset", STAGE_PRESETS)
def test_a_new_study_can_begin_with_stages_that_are_common(tmp_path: Path, preset: str) -> None:
    write_new_settings(tmp_path / "study.toml", "x", STAGE_PRESETS[preset])
    assert tuple(s.name for s in read_settings(tmp_path / "study.toml").stages) == STAGE_PRESETS[preset]


def test_the_examples_in_it_are_read_when_their_hashes_are_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    write_new_settings(path, "x")
    lines = [re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    settings = read_settings(path)
    assert (len(settings.measures), settings.surveys[0].id, settings.interviews[0].speakers["Mara"]) == (2, "pulse", "P01")
    assert settings.store_url.startswith("postgresql")
    assert absent_roles(settings.team) == ()


def test_a_file_that_is_not_toml_says_in_which_line(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('[study]\ntitle = "open\n')
    with pytest.raises(BadFile, match=r"study.toml: it is not valid TOML .*line 2"):
        read_settings(path)
    path.write_bytes('[study]\ntitle = "café"'.encode("latin-1"))
    with pytest.raises(BadFile, match="not UTF-8 text"):
        read_settings(path)
