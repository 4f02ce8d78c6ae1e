"""What stands behind the traits of a persona that name a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from workbench.analysis.scope import Scope, StudyTables, codings_in_scope, find_scope, fitting
from workbench.analysis.statements import quotes_from, rows_by_place, supported
from workbench.model import Basis, CodeKind, Persona, Trait

_READ_INTO = frozenset({CodeKind.GOAL, CodeKind.NEED, CodeKind.THOUGHT})


def rest_on_codes(study: StudyTables, persona: Persona, on: date | None = None) -> Persona:
    """The persona, each of whose traits that names a code and has no evidence of its own rests on what its people said under that code.

    Parameters
    ----------
    on : the day for which consent is asked (today)

    Returns
    -------
    A trait counts the distinct participants of the persona who said it, out of those who were heard.  Goals, needs and thoughts are
    inferred, the rest is observed; where nobody said it, the trait stays as it was.
    """
    if not any(_asks(t) for t in persona.traits):
        return persona
    scope = find_scope(study, None, None, on)
    people = scope.people
    belongs = people.index.isin(list(persona.participants))
    if persona.segment:
        belongs = belongs | fitting(people, persona.segment)
    scope = replace(scope, people=people[belongs])
    rows: dict[str, list[Any]] = {}
    for row in rows_by_place(codings_in_scope(study.codings, scope)):
        rows.setdefault(row.code.casefold(), []).append(row)
    return replace(persona, traits=tuple(_resting(t, rows, scope) if _asks(t) else t for t in persona.traits))


def _asks(t: Trait) -> bool:
    return bool(t.statement.code) and not t.statement.evidence


def _resting(t: Trait, rows: Mapping[str, list[Any]], scope: Scope) -> Trait:
    said = rows.get(t.statement.code.casefold(), [])
    quotes = quotes_from(said, scope)
    if not quotes:
        return t
    basis = Basis.INFERRED if said[0].kind in _READ_INTO else Basis.OBSERVED
    return replace(t, statement=supported(t.statement, quotes, basis, len(scope.people)))
