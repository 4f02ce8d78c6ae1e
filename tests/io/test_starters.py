"""A starter is read with every mistake named, and becomes codes and a study.toml that can be read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import BadFile, BadSetting
from workbench.io.starters import HYPOTHESIS, read_starter, starter_codes, write_started_settings
from workbench.io.study_toml import read_settings
from workbench.model import CodeKind

STARTER = """
title = "Bakery"
about = "Bread, early."
feelings = { Hungry = -1 }
measure = [{ name = "NPS", kind = "nps", stage = "buy", survey = "pulse", question = "recommend" }]
[[stage]]
id = "smell"
name = "Smell it"
description = "From the street"
pains = ["Sold out"]
[[stage]]
id = "buy"
name = "Buy"
description = "At the counter"
questions = ["What did you say first?"]
touchpoints = [{ name = "Counter", channel = "In person", online = false }]
pains = ["Sold out"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "bakery.toml").write_text(STARTER, encoding="utf-8")
    return tmp_path / "bakery.toml"


def test_its_codes_have_kinds_and_a_guess_of_two_stages_is_one_code(path: Path) -> None:
    codes = starter_codes(read_starter(path))
    assert [(c.name, c.kind, c.valence) for c in codes] == [
        ("Smell it", CodeKind.STAGE, None), ("Buy", CodeKind.STAGE, None), ("Counter", CodeKind.TOUCHPOINT, None), ("In person", CodeKind.CHANNEL, None),
        ("Hungry", CodeKind.EMOTION, -1), ("Sold out", CodeKind.PAIN, None),
    ]  # fmt: skip
    assert [c.definition for c in codes if c.kind in (CodeKind.TOUCHPOINT, CodeKind.PAIN)] == [
        f"In person, offline. {HYPOTHESIS}",
        HYPOTHESIS,
    ]


def test_its_settings_are_stages_with_what_to_ask_and_all_else_is_a_comment(path: Path, tmp_path: Path) -> None:
    write_started_settings(tmp_path / "study.toml", 'Bread "and" rolls', read_starter(path))
    settings = read_settings(tmp_path / "study.toml")
    assert (settings.title, [s.description for s in settings.stages]) == ('Bread "and" rolls', ["From the street", "At the counter"])
    assert settings.measures == ()
    text = (tmp_path / "study.toml").read_text("utf-8")
    assert "# To ask: What did you say first?\n# To look for: Counter (In person, offline)\n" in text
    assert "hypotheses to be tested" in text


@pytest.mark.parametrize(
    ("line", "wrong", "error", "says"),
    [
        ('about = "Bread, early."', "about = ", BadFile, "it is not valid TOML"),
        ('about = "Bread, early."', 'abuot = "x"', BadFile, 'Did you mean "about"'),
        ('pains = ["Sold out"]', 'pain = ["Sold out"]', BadFile, r'stages\[0\]: "pain" is not known here \(Did you mean "pains"'),
        ("online = false", 'online = "no"', BadFile, "online is 'no', and should be true or false"),
        ('stage = "buy"', 'stage = "bye"', BadSetting, 'there is no stage "bye". Did you mean "buy"'),
        ('id = "smell"', 'id = "buy"', BadSetting, "are called"),
        ('["Sold out"]', '["Counter"]', BadSetting, "another code beside it has the same name"),
    ],
)
def test_a_mistake_in_it_is_named(path: Path, line: str, wrong: str, error: type[Exception], says: str) -> None:
    path.write_text(STARTER.replace(line, wrong, 1), encoding="utf-8")
    with pytest.raises(error, match=says):
        read_starter(path)
