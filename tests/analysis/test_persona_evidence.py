"""A trait that names a code rests on what the persona's people said under it, and nobody else's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from miniature import full_study

from workbench.analysis.persona_evidence import rest_on_codes
from workbench.model import Basis, Persona, Statement, Trait, TraitKind
from workbench.study import Study


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[Study]:
    study = full_study(tmp_path)
    yield study
    study.close()


def persona(code: str, **about: object) -> Persona:
    return Persona("n", "Nora", traits=(Trait(TraitKind.PAIN, Statement("Loses the slot", Basis.ASSUMED, code=code)),), **about)  # type: ignore[arg-type]


def test_the_people_of_the_persona_are_counted(coded: Study) -> None:
    (trait,) = rest_on_codes(coded, persona("slot expires", segment={"customer": "new"})).traits
    assert (trait.statement.basis, trait.statement.said_by, trait.statement.n_of) == (Basis.OBSERVED, ("P01",), 1)
    assert [q.text for q in trait.statement.quotes] == ["the slot was gone"]


def test_participants_who_are_named_belong_too_and_consent_is_asked(coded: Study) -> None:
    (trait,) = rest_on_codes(coded, persona("Slot expires", participants=("P02",))).traits
    assert trait.statement.said_by == ("P02",)
    assert not trait.statement.quotes[0].quotable


@pytest.mark.parametrize("code", ["", "No such code"])
def test_where_nothing_was_coded_it_stays_assumed(coded: Study, code: str) -> None:
    given = persona(code, participants=("P01",))
    assert rest_on_codes(coded, given) == given
