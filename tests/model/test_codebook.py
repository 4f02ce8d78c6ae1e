"""A codebook is a tree in which every name can be found."""

from __future__ import annotations

import pytest

from workbench.errors import BadSetting, UnknownCode
from workbench.model import Code, Codebook, CodeKind, Coding


def book() -> Codebook:
    return Codebook([Code("2", "Slot", CodeKind.PAIN, "1"), Code("1", "Time"), Code("3", "Slot", CodeKind.NEED)])


def test_parents_stand_before_their_children() -> None:
    assert [book().path(c) for c in book()] == ["Slot", "Time", "Time / Slot"]


def test_a_name_that_several_codes_have_asks_for_the_path() -> None:
    assert book().find("time / slot").id == "2"
    assert book().find("SLOT").id == "3", "a code at the top is meant by its bare name"
    twins = Codebook([Code("1", "A"), Code("2", "B"), Code("3", "x", parent="1"), Code("4", "x", parent="2")])
    with pytest.raises(UnknownCode, match="A / x, B / x"):
        twins.find("x")


def test_two_codes_beside_each_other_cannot_share_a_name() -> None:
    with pytest.raises(BadSetting, match="another code beside it has the same name"):
        Codebook([Code("1", "Slot"), Code("2", "slot")])


def test_a_circle_of_parents_is_refused() -> None:
    with pytest.raises(BadSetting, match="its own ancestor"):
        Codebook([Code("1", "A", parent="2"), Code("2", "B", parent="1")])


def test_a_parent_must_be_in_the_codebook() -> None:
    with pytest.raises(BadSetting, match="its parent is not in the codebook"):
        Codebook([Code("1", "A", parent="9")])


@pytest.mark.parametrize("intensity", [-3, 3])
def test_intensity_is_minus_two_to_two(intensity: int) -> None:
    with pytest.raises(BadSetting, match="from -2 to 2"):
        Coding("1", "t", "c", "ana", 0, 4, "Help", intensity=intensity)
