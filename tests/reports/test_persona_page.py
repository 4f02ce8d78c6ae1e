"""A persona on the page: every statement says how it is known, and nobody is quoted who does not agree today."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from browser import serious_violations
from hypothesis import given
from hypothesis import strategies as st
from miniature import SETTINGS, empty_study, full_study, write, write_all
from playwright.sync_api import Browser

from workbench.analysis.intervals import estimate_share
from workbench.analysis.scope import find_persona
from workbench.charts.persona_picture import initials, picture_of
from workbench.errors import UnknownName
from workbench.model import Basis, Check, Measured, Persona, Quote, Scale, Statement, Trait, TraitKind
from workbench.reports.blocks import Block
from workbench.reports.html.exporter import render_html
from workbench.reports.run import run_report
from workbench.reports.sections.evidence import Showing
from workbench.reports.sections.persona_page import PersonaReport, persona_report
from workbench.store import remove_document, save_document
from workbench.study import Study
from workbench.study.importing import import_files
from workbench.study.sample import make_sample_study

ON = date(2026, 11, 1)
MARAS, JOONS = "the slot was gone", "Nobody keeps a slot for me"
GROUP = '[[interview]]\nfile = "group.txt"\nkind = "focus group"\nspeakers = { Mara = "P01", Joon = "P02" }\n'
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        yield made


def quote(study: Study, transcript: str, words: str, who: str, **changed: Any) -> Quote:
    start = study.load_transcript(transcript).text.index(words)
    return replace(Quote("c", who, transcript, start, start + len(words), words, "as it was saved", coders=("ana",)), **changed)


def nora(study: Study) -> Persona:
    """A persona that was saved when both agreed to be quoted."""
    said = (quote(study, "P01", MARAS, "P01"), quote(study, "P02", JOONS, "P02"))
    paid = Measured("Paid", estimate_share(5, 9, of="users"), "events")
    return Persona(
        "", "Nora, on the tram", segment={"customer": "new"}, age="30", quote=said[1],
        traits=(
            Trait(TraitKind.PAIN, Statement("Slot expires", evidence=said, code="Slot expires", said_by=("P01", "P02"), n_of=2), "check_out"),
            Trait(TraitKind.GOAL, Statement("Be quick", Basis.ASSUMED, rank=2), "check_out"),
            Trait(TraitKind.GOAL, Statement("Save money", Basis.INFERRED, said[:1], said_by=("P01",), n_of=2, rank=1)),
            Trait(TraitKind.CONSUMPTION, Statement("Pays", Basis.MEASURED, (paid,))),
        ),
        scales=(Scale("plans", "decides", {"P01": 0.1, "P02": 0.12, "gone": 0.5}),),
        checks=(Check("Slot expires", "Interviews: 2 of 3 said it.", "confirmed", ON),),
    )  # fmt: skip


def keep(study: Study, *personas: Persona) -> None:
    with study.db.atomic("ana", "personas") as transaction:
        for old in study.personas:
            remove_document(transaction, old.id)
        for persona in personas:
            save_document(transaction, persona)


def saved(study: Study, **changed: Any) -> PersonaReport:
    keep(study, replace(nora(study), **changed))
    return persona_report(study, on=ON)


def shown(report: PersonaReport) -> dict[str, Any]:
    block = report.profiles()
    assert block is not None
    return block.data["personas"][0]


def traits(report: PersonaReport) -> dict[str, dict[str, Any]]:
    return {item["text"]: item for kind in shown(report)["kinds"] for item in kind["items"]}


def blocks_of(report: PersonaReport) -> list[Block]:
    made = [
        report.summary(),
        report.proposed(),
        report.stability(),
        report.side_by_side(),
        report.profiles(),
        report.people(),
        report.method(),
    ]
    return [block for block in made if block]


def page_of(blocks: list[Block]) -> str:
    return render_html(
        v4.new_notebook(cells=[v4.new_code_cell("", outputs=[v4.new_output("execute_result", data=b._repr_mimebundle_())]) for b in blocks])
    )


# What it says


def test_each_trait_says_how_it_is_known(study: Study) -> None:
    found = traits(saved(study))
    assert {text: item["mark"] for text, item in found.items()} == {
        "Slot expires": "observed", "Be quick": "assumed", "Save money": "inferred", "Pays": "measured",
    }  # fmt: skip
    assert found["Slot expires"]["n"] == [2, 2]
    assert found["Be quick"]["from"] == "no participant said it"
    assert found["Pays"]["measures"][0]["how"].startswith("5 of 9 users (events)")


def test_goals_stand_in_order_and_at_their_stage(study: Study) -> None:
    profile = shown(saved(study))
    goals = profile["kinds"][0]
    assert (goals["title"], [g["text"] for g in goals["items"]]) == ("Goals, in order", ["Save money", "Be quick"])
    assert [(row["stage"], [g["text"] for g in row["goals"]]) for row in profile["objectives"]] == [
        ("Check out", ["Be quick"]), ("Of no stage", ["Save money"]),
    ]  # fmt: skip


def test_who_stands_behind_is_said_by_pseudonym(study: Study) -> None:
    profile = shown(saved(study))
    assert (profile["n_behind"], profile["behind"]) == (1, "Mara")
    assert "Helena Voss" not in page_of(blocks_of(persona_report(study, on=ON)))


def test_a_check_says_what_it_was_held_against(study: Study) -> None:
    check = shown(saved(study))["checks"][0]
    assert (check["result"], check["against"], check["on"]) == ("confirmed", "Interviews: 2 of 3 said it.", "1 Nov 2026")


def test_claims_are_held_against_what_came_since_a_day(study: Study) -> None:
    keep(study, nora(study))
    checks = persona_report(study, since="2026-01-01", on=ON).checks[0]
    assert [c.claim for c in checks] == ["Slot expires", "Slot expires", "Paid"], (
        "the saved one, and one for each claim that can be looked for"
    )


def test_people_who_stand_close_on_a_scale_stand_above_each_other_and_those_who_left_nowhere(study: Study) -> None:
    scale = shown(saved(study))["scales"][0]
    assert [(d["name"], d["level"]) for d in scale["dots"]] == [("Mara", 0), ("Joon", 1)]
    assert scale["says"] == "towards “plans”: Mara and Joon"


def test_what_sets_its_people_apart_is_offered_as_long_as_no_trait_rests_on_it(study: Study) -> None:
    assert saved(study).apart == [()], "one person alone is no group"


# Consent of the day


def test_words_of_who_no_longer_agrees_are_counted_and_nowhere_shown(study: Study) -> None:
    report = saved(study)
    pain = traits(report)["Slot expires"]
    assert [q["text"] for q in pain["quotes"]] == [MARAS]
    assert pain["n"] == [2, 2]
    assert "1 counted but not shown, as their speaker did not agree" in pain["rests_on"]
    assert shown(report)["quote"] is None
    assert JOONS not in page_of(blocks_of(report)) + json.dumps([b.text for b in blocks_of(report)])


def test_a_statement_in_the_words_of_who_no_longer_agrees_gives_way_to_its_code(study: Study) -> None:
    pain = Statement(JOONS, evidence=(quote(study, "P02", JOONS, "P02"),), code="Slot expires", said_by=("P02",), n_of=2)
    assert list(traits(saved(study, traits=(Trait(TraitKind.PAIN, pain),)))) == ["Slot expires"]


def test_words_are_shown_under_the_pseudonym_of_today(study: Study) -> None:
    assert traits(saved(study))["Slot expires"]["quotes"][0]["who"] == "Mara"


def test_consent_ends_with_its_last_day(study: Study, tmp_path: Path) -> None:
    people = "id,pseudonym,customer,consent_quote,consent_until\nP01,Mara,new,yes,2026-10-31\n"
    import_files(study, write(tmp_path / "more", "people.csv", people))
    said = quote(study, "P01", MARAS, "P01")
    assert Showing(study, date(2026, 10, 31)).quote(said).quotable
    assert not Showing(study, date(2026, 11, 1)).quote(said).quotable


def test_a_passage_that_runs_into_the_words_of_somebody_silent_is_not_shown(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study", SETTINGS + GROUP)) as study:
        import_files(
            study, [*write_all(tmp_path / "files"), write(tmp_path / "files", "group.txt", "Mara: It was gone.\nJoon: Mine too.\n")]
        )
        showing = Showing(study, ON)
        assert showing.quote(quote(study, "group", "It was gone.", "P01")).quotable
        assert not showing.quote(quote(study, "group", "It was gone.\nJoon: Mine", "P01")).quotable


def test_words_that_no_longer_stand_in_their_transcript_are_not_shown(study: Study) -> None:
    moved = replace(quote(study, "P01", MARAS, "P01"), start=0)
    pain = Statement("Slot expires", evidence=(moved,), said_by=("P01",), n_of=2)
    item = traits(saved(study, traits=(Trait(TraitKind.PAIN, pain),)))["Slot expires"]
    assert item["quotes"] == []
    assert "1 counted but not shown, as the transcript has changed since" in item["rests_on"]


# Which personas


def test_a_persona_is_found_by_what_stands_before_its_comma() -> None:
    both = [Persona("1", "Nora, on the tram"), Persona("2", "Lena")]
    assert find_persona(both, " nora ").id == "1"
    with pytest.raises(UnknownName, match="Nora, on the tram"):
        find_persona([*both, Persona("3", "Nora, at home")], "Nora")


def test_several_personas_stand_side_by_side(study: Study) -> None:
    keep(study, nora(study), Persona("", "Lena", segment={"customer": "returning"}))
    block = persona_report(study, on=ON).side_by_side()
    assert block is not None
    assert [p["name"] for p in block.data["personas"]] == ["Lena", "Nora, on the tram"]
    assert {row["label"]: row["cells"] for row in block.data["rows"]}["Who stands behind"] == [
        ["1 participant: Joon"],
        ["1 participant: Mara"],
    ]
    assert persona_report(study, persona="Lena", on=ON).side_by_side() is None


def test_without_personas_and_without_groups_the_page_says_why(study: Study) -> None:
    keep(study)
    report = persona_report(study, on=ON)
    said = report.proposed()
    assert said is not None
    assert (said.data["kind"], report.profiles()) == ("warning", None)
    assert "8 are the least" in said.text
    assert (said.data["title"], report.people()) == ("No groups to propose", None)


# The picture


@given(st.text())
def test_a_picture_is_the_same_for_the_same_name_and_shows_letters_only(name: str) -> None:
    assert picture_of(name) == picture_of(name)
    assert 1 <= len(initials(name)) <= 4


def test_initials_are_those_of_the_name() -> None:
    assert [initials(n) for n in ("Nora, first order on the tram", "Group 1: new", "Åsa Öberg", "…", "")] == ["N", "G1", "ÅÖ", "?", "?"]
    assert picture_of("Nora") != picture_of("Lena")


# On the page


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    with closing(make_sample_study(tmp_path_factory.mktemp("persona") / "grocery")[0]) as made:
        yield made


@pytest.fixture(scope="module")
def page_file(sample: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template, run once, on all personas of the sample study."""
    record = run_report("persona_profile", sample, {"since": "2026-10-01"})
    return sample.folder / "reports" / record.output


@pytest.fixture(scope="module")
def rich_file(sample: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A proposal accepted, with scales, checks and a name that is an attack; and what is proposed where there is none."""
    proposal = persona_report(_without_personas(sample), on=ON)
    group = replace(
        proposal.personas[0], name=f"Nora {HOSTILE}", summary=HOSTILE, age=HOSTILE, demographics={HOSTILE: HOSTILE}, scenario=HOSTILE,
        scales=(Scale(HOSTILE, "decides", dict.fromkeys(sample.participants.index, 0.4)),), checks=(Check(HOSTILE, HOSTILE, "contradicted", ON),),
    )  # fmt: skip
    report = replace(proposal, personas=(group, *proposal.personas[1:]), checks=((*group.checks,), ()))
    path = tmp_path_factory.mktemp("page") / "rich.html"
    path.write_text(page_of(blocks_of(report)), encoding="utf-8")
    return path


class _without_personas:  # noqa: N801 - reads as a phrase
    """A study in which nobody has made a persona."""

    def __init__(self, study: Study) -> None:
        self._study = study

    personas: tuple[Persona, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._study, name)


def test_the_template_shows_personas_people_and_what_sets_them_apart(page_file: Path) -> None:
    html = page_file.read_text("utf-8")
    for said in (
        "Nora, first order on the tram",
        "Side by side",
        "What sets its people apart",
        "Address check rejects a real address",
        "61\N{NO-BREAK SPACE}%",
    ):
        assert said in html
    assert "How stable the groups are" not in html


def test_the_way_to_accept_a_proposal_works(sample: Study) -> None:
    block = persona_report(_without_personas(sample), on=ON).profiles()  # type: ignore[arg-type]
    assert block is not None
    exec(block.data["accept"], {"study": sample})
    accepted = next(p for p in sample.personas if p.name == "Nora")
    assert accepted.traits
    sample.undo()


def test_who_did_not_agree_is_not_quoted_in_a_proposal(sample: Study, rich_file: Path) -> None:
    codings = sample.codings
    words = {row.text for row in codings.itertuples() if "P09" in row.voices and len(row.text) > 25}
    html = rich_file.read_text("utf-8")
    assert len(words) > 20
    assert [w for w in words if w in html] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_everything_open(chromium: Browser, page_file: Path, rich_file: Path, scheme: str) -> None:
    for file in (page_file, rich_file):
        context = chromium.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert serious_violations(page) == []
        context.close()


def test_nothing_runs_nothing_is_fetched_and_nothing_scrolls_sideways(chromium: Browser, page_file: Path, rich_file: Path) -> None:
    for file in (page_file, rich_file):
        page = chromium.new_page(viewport={"width": 400, "height": 900})
        trouble: list[str] = []
        page.on("console", lambda message, trouble=trouble: trouble.append(message.text))
        page.on("pageerror", lambda error, trouble=trouble: trouble.append(str(error)))
        page.on("dialog", lambda dialog, trouble=trouble: (trouble.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request, trouble=trouble: None if request.url.startswith("file:") else trouble.append(request.url))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        assert page.locator("main img").count() == 0
        assert trouble == []
        page.close()


def test_a_trait_opens_to_its_quotes_without_javascript_and_the_picture_says_nothing(chromium: Browser, rich_file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(rich_file.as_uri())
    trait = page.locator(".profile details.known").first
    trait.locator("summary").click()
    assert trait.locator("blockquote").first.is_visible()
    assert page.locator('svg.picture-of:not([aria-hidden="true"])').count() == 0
    context.close()
