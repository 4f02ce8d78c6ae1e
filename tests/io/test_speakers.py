"""Which way of naming speakers a file uses."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadSetting
from workbench.io.speakers import STRATEGIES, Line, find_naming, is_name, split_line


def said(lines, asked=None, *, stamped=True, dash_share=0.05, voiced=False):
    """The strategy chosen, and speaker, milliseconds and words of each piece."""
    lines = [Line(line) for line in lines]
    naming = find_naming(lines, asked, stamped=stamped, dash_share=dash_share, voiced=voiced)
    pieces = [(p, line.text) for line in lines for p in split_line(line, naming)]
    return naming.strategy, [(p.speaker, p.ms, text[p.start : p.end]) for p, text in pieces]


@pytest.mark.parametrize(
    ("line", "ms"),
    [
        ("Mara: It was gone.", None),
        ("Mara:\u00a0It was gone.", None),
        ("Mara : It was gone.", None),
        ("Mara：It was gone.", None),
        ("**Mara:** It was gone.", None),
        ("**Mara**: It was gone.", None),
        ("[01:05] Mara: It was gone.", 65_000),
        ("[1:01:05] Mara: It was gone.", 3_665_000),
        ("Mara (00:01:05): It was gone.", 65_000),
        ("Mara [01:05]: It was gone.", 65_000),
        ("00:01:05 Mara: It was gone.", 65_000),
        ("00:01:05.250 - Mara: It was gone.", 65_250),
        ("00:01:05\tMara:\tIt was gone.", 65_000),
    ],
)
def test_a_name_and_a_time_before_the_words_are_understood_in_many_forms(line, ms):
    strategy, pieces = said([line, line])
    assert strategy == "names"
    assert pieces[0] == ("Mara", ms, "It was gone.")


@pytest.mark.parametrize(
    "name", ["P03", "Speaker 1", "Dr. Becky", "Francesco Risitano (Tau)", "Iván | ethrex", "Smith, John", "דנה", "木村", "O’Brien", "Q"]
)
def test_names_of_every_kind_are_names(name):
    assert said([f"{name}: yes", f"{name}: no"])[1] == [(name, None, "yes"), (name, None, "no")]


@pytest.mark.parametrize(
    "line",
    ["Note: this is late.", "https: //example.org", "10:30 was too late.", "10: 30", "See https://example.org", "I said: no", "NB: wait"],
)
def test_a_colon_alone_makes_no_speaker(line):
    ordinary = [f"The slot was gone again, number {n}." for n in range(20)]
    assert said([*ordinary, line])[0] == "none"
    _, pieces = said([*ordinary, line] * 2, stamped=False)
    assert all(speaker is None for speaker, _, _ in pieces)


def test_a_note_between_named_lines_is_not_a_speaker():
    _, pieces = said(["Ana: And then?", "Mara: Gone.", "Note: the tram stops.", "Ana: Hm.", "Mara: Yes."])
    assert pieces[2] == (None, None, "Note: the tram stops.")


def test_somebody_who_speaks_once_is_a_speaker_where_every_line_has_one():
    lines = ["Ana: And then?", "Mara: Gone.", "Waiter: Coffee?", "Ana: No.", "Mara: Please."]
    assert said(lines)[1][2] == ("Waiter", None, "Coffee?")


def test_headwords_that_each_come_once_are_a_list_and_no_conversation():
    assert said(["Task 1: Edit", "Task 2: Merge", "Task 3: Search", "Task 4: Delete"])[0] == "none"


def test_a_name_and_time_may_stand_above_the_words():
    strategy, pieces = said(["Ana   0:05", "And then?", "Mara   0:07", "Gone.", "Ana   1:02:03", "Hm."])
    assert strategy == "names"
    assert pieces[:2] == [("Ana", 5000, ""), (None, None, "And then?")]
    assert pieces[4][:2] == ("Ana", 3_723_000)


def test_a_dash_starts_a_turn_and_so_does_one_inside_a_line():
    strategy, pieces = said(["- Hello everyone.", "Thanks.", "- Thank you. - It's so good", "to have you - really - here."])
    assert strategy == "dashes"
    assert [words for _, _, words in pieces] == ["Hello everyone.", "Thanks.", "Thank you.", "It's so good", "to have you - really - here."]


def test_a_list_in_markdown_is_not_a_conversation():
    assert said(["- milk", "- bread", "- coriander"], dash_share=math.inf)[0] == "none"


def test_a_name_in_brackets_after_the_words_is_the_speaker():
    strategy, pieces = said(["And then? [Ana]", "It was gone. (Mara)", "Hm. [Ana]", "(laughs) Yes. (Mara)"])
    assert strategy == "brackets"
    assert pieces[3] == ("Mara", None, "(laughs) Yes.")


@pytest.mark.parametrize("sound", ["(laughs)", "[Music]", "[Applause]"])
def test_a_sound_in_brackets_is_nobody(sound):
    assert said([f"It was gone. {sound}", f"And again. {sound}", "Hm."])[0] == "none"


def test_a_bare_time_is_only_a_stamp_where_many_lines_begin_with_one():
    ordinary = [f"The slot was gone, number {n}." for n in range(9)]
    assert said([*ordinary, "10:30 was too late."])[1][-1] == (None, None, "10:30 was too late.")
    assert said(["00:00:08 Hello.", "00:00:41 This is Mara."])[1] == [(None, 8000, "Hello."), (None, 41_000, "This is Mara.")]


@pytest.mark.parametrize("asked", STRATEGIES)
def test_the_choice_can_be_overruled(asked):
    assert said(["Ana: And then?", "Mara: Gone."] * 3, asked)[0] == asked


def test_a_way_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(BadSetting, match='Did you mean "dashes"'):
        said(["Hello."], "dash")


@pytest.mark.parametrize("text", ["<script", "", "12", "What happened then?", "a b c d e f g", "He said it was late."])
def test_what_could_not_be_a_name_is_not_one(text):
    assert not is_name(text)


@given(line=st.text(alphabet="Ma :：[]()-–*_0123456789.,\u200f<>\t", max_size=80), asked=st.sampled_from([None, *STRATEGIES]))
def test_pieces_lie_within_their_line_and_in_order(line, asked):
    lines = [Line(line), Line("Ana: yes"), Line("Ana: no")]
    naming = find_naming(lines, asked, stamped=True, dash_share=0.05)
    places = [place for piece in split_line(lines[0], naming) for place in (piece.start, piece.end)]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= len(line)
