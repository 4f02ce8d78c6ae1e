"""The page can say who made a map, and the team whom it lacks."""

from __future__ import annotations

import pytest

from workbench.analysis.team import absent_roles, made_by
from workbench.model import TeamMember

ANA, RUBEN, LEA = TeamMember("Ana", "researcher"), TeamMember("Ruben", "front line"), TeamMember("Lea", "sponsor")


@pytest.mark.parametrize(
    ("team", "words"),
    [
        ([], ""),
        ([ANA], "Made by Ana (researcher)."),
        ([LEA, ANA, TeamMember("Ben"), RUBEN], "Made by Ana (researcher), Ben and Ruben (front line), sponsored by Lea."),
        ([TeamMember("Lea", "leadership sponsor")], "Sponsored by Lea (leadership sponsor)."),
    ],
)
def test_it_is_said_who_made_a_map(team: list[TeamMember], words: str) -> None:
    assert made_by(team) == words


@pytest.mark.parametrize(
    ("roles", "absent"),
    [
        ([], ("front line", "customer care", "sponsor")),
        (["researcher", "Customer care"], ("front line", "sponsor")),
        (["front-line, support", "Executive sponsor"], ()),
        (["careful reader"], ("front line", "customer care", "sponsor")),
    ],
)
def test_the_roles_that_nobody_has_are_named(roles: list[str], absent: tuple[str, ...]) -> None:
    assert absent_roles([TeamMember(f"M{n}", role) for n, role in enumerate(roles)]) == absent
