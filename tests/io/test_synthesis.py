"""Personas and opportunities as JSON."""

import json
from datetime import date
from pathlib import Path

import pytest

from workbench.errors import BadFile
from workbench.io.synthesis import FORMAT, Synthesis, read_synthesis, write_synthesis
from workbench.model import (
    Basis,
    Estimate,
    Idea,
    Measured,
    Opportunity,
    OpportunityStatus,
    Persona,
    Quote,
    Scale,
    Statement,
    Trait,
    TraitKind,
)

RICH = Synthesis(
    personas=(
        Persona(
            "p1", "Dana <script>", segment={"customer": "new"}, participants=("P01",), age="38", share=Estimate(0.4, 0.3, 0.5, 100, numerator=40),
            quote=Quote("c1", "P01", "P01", 3, 9, "=so 🥕", quotable=False), scales=(Scale("calm", "hurried", {"P01": 0.8}),),
            traits=(Trait(TraitKind.GOAL, Statement("Save the weekend", Basis.MEASURED, rank=1, said_by=("P01",), n_of=12, evidence=(
                Quote("c2", "P01", "P01", 1, 2, "x", start_ms=0), Measured("NPS", Estimate(31, 14, 44, 100, "points"), "survey pulse"),
            ))),),
        ),
    ),
    opportunities=(
        Opportunity("o1", "How might we hold the slot?", codes=("Slot expires",), ideas=(Idea("A countdown", 5, chosen=True),),
                    customer_value=5, confidence=0.5, status=OpportunityStatus.SHIPPED, shipped=date(2026, 10, 5)),
    ),
)  # fmt: skip


def synthesis(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "synthesis.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_what_is_written_reads_back_equal(tmp_path):
    write_synthesis(RICH, tmp_path / "s.json")
    assert read_synthesis(tmp_path / "s.json") == RICH
    assert '"votes"' in (tmp_path / "s.json").read_text()


def test_a_persona_is_little_more_than_a_name(tmp_path):
    found = read_synthesis(synthesis(tmp_path, {"personas": [{"name": "Dana", "traits": [{"kind": "goal", "statement": "Save time"}]}]}))
    assert found.personas == (Persona("", "Dana", traits=(Trait(TraitKind.GOAL, Statement("Save time")),)),)
    assert found.opportunities == ()


def test_an_idea_may_be_its_text(tmp_path):
    found = read_synthesis(synthesis(tmp_path, {"opportunities": [{"how_might_we": "x", "ideas": ["A countdown"]}]}))
    assert found.opportunities[0].ideas == (Idea("A countdown"),)


def test_everything_that_is_wrong_is_told_at_once_and_where(tmp_path):
    content = {
        "personas": [{"name": "Dana", "sumary": "x", "age": 38, "traits": [{"kind": "gaol", "statement": {"txt": "x"}}]}, {"id": "p2"}],
        "opportunities": [{"how_might_we": "x", "effort": 9}, 3],
    }
    with pytest.raises(BadFile) as caught:
        read_synthesis(synthesis(tmp_path, content))
    for said in (
        'personas[0]: "sumary" is not known here (Did you mean "summary"?)',
        "personas[0].age is 38, and should be text",
        "personas[0].traits[0].kind is 'gaol', and should be one of ambition, interest",
        'personas[0].traits[0].statement: "text" is missing',
        'personas[1]: "name" is missing',
        'opportunity "x": effort is 9. Use 1 to 5',
        "opportunities[1] is 3, and should be an object",
    ):
        assert said in str(caught.value)


def test_what_is_no_synthesis_is_refused(tmp_path):
    with pytest.raises(BadFile, match='"perzonas" is not known here'):
        read_synthesis(synthesis(tmp_path, {"perzonas": []}))
    with pytest.raises(BadFile, match="should be an object"):
        read_synthesis(synthesis(tmp_path, []))


def test_it_is_told_by_its_two_lists():
    assert FORMAT.sniff(Path("a.json"), b'{"personas": [')
    assert not FORMAT.sniff(Path("a.json"), b'[{"name": "x", "kind": "pain"}]')
