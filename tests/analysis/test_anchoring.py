"""Quotes find their place: exactly, normalised, approximately, or not at all."""

import json
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.analysis.anchoring import Anchor, anchor, closest, fold, score_needed

TRAM = "I pick Thursday, ten to twelve. It didn’t know my face – so I put the PIN in. Gone again: ten to twelve was gone! “Gone,” it said."


@pytest.fixture(scope="module")
def published(shared):
    """Per participant: what they said and wrote, and the quotes that coders took from it."""
    results = shared("data/study/heritrace-usability/user_testing/results")
    said = {}
    for path in sorted(results.glob("*/open_coding/*.json")):
        name = path.stem.removesuffix("_codes")
        sources = [*path.parents[1].glob(f"transcriptions/{name}_*"), *path.parents[1].glob(f"written_answers/{name}_*")]
        quotes = [code["verbatim_quote"] for code in json.loads(path.read_text("utf-8"))["codes"]]
        said[name] = ("\n".join(source.read_text("utf-8") for source in sources), quotes)
    return said


def found(quote: str, text: str = TRAM, **options) -> tuple[str, str] | None:
    a = anchor(quote, text, **options)
    return a and (text[a.start : a.end], a.how)


def test_of_519_published_quotes_513_are_placed_and_the_other_6_are_not_there_or_are_stitched(published):
    ways = Counter(a.how if (a := anchor(quote, text)) else "not placed" for text, quotes in published.values() for quote in quotes)
    assert ways == {"exact": 381, "normalised": 112, "approximate": 20, "not placed": 6}


def test_no_published_quote_is_placed_in_the_transcript_of_somebody_else(published):
    texts = [text for text, _ in published.values()]
    others = dict(zip(published, texts[1:] + texts[:1], strict=True))
    assert [q for name, (_, quotes) in published.items() for q in quotes if anchor(q, others[name])] == []


def test_the_very_words_are_found_first():
    assert found("so I put the PIN in.") == ("so I put the PIN in.", "exact")
    assert found("  so I put ") == ("so I put", "exact")


@pytest.mark.parametrize(
    ("quote", "passage"),
    [
        ("it didn't know my face - so", "It didn’t know my face – so"),
        ('"Gone", it said', "Gone,” it said"),
        ("ten  to\ntwelve was GONE", "ten to twelve was gone"),
        ("I pick Thursday … ten to twelve was gone", "I pick Thursday, ten to twelve. It didn’t know my face – so I put the PIN in. Gone again: "
         "ten to twelve was gone"),
        ("I pick Thursday [...] know my face", "I pick Thursday, ten to twelve. It didn’t know my face"),
        ("...so I put the PIN in...", "so I put the PIN in"),
    ],
)  # fmt: skip
def test_capitals_punctuation_white_space_and_ellipses_do_not_matter(quote, passage):
    assert found(quote) == (passage, "normalised")


def test_composed_and_decomposed_letters_are_the_same_and_positions_stay_those_of_the_text():
    text = "Zuerst 🥕 dann das Café\u0301 – größer ging’s nicht."
    assert found("DAS CAFE\u0301\u0301, GRÖSSER", text) == ("das Café\u0301 – größer", "normalised")


def test_the_parts_of_an_ellipsis_must_be_in_order_and_near_each_other():
    assert found("so I put the PIN in … I pick Thursday") is None
    assert found("I pick Thursday … it said", "I pick Thursday. " + "And so on it went. " * 60 + "Oh, it said.") is None


def test_words_that_are_nearly_the_same_are_found_with_a_score():
    a = anchor("They never know my face, so I just put the PIN in. Gone again", TRAM)
    assert TRAM[a.start : a.end] == "didn’t know my face – so I put the PIN in. Gone again"
    assert (a.how, 0.8 < a.score < 0.95) == ("approximate", True)


def test_a_quote_that_stands_in_several_places_is_not_guessed_but_chosen_by_a_hint():
    assert anchor("ten to twelve", TRAM) == Anchor(17, 30, "ambiguous", 1.0, 2)
    assert found("ten to twelve", hint=80) == ("ten to twelve", "exact")
    assert anchor("ten to twelve", TRAM, hint=80).start == TRAM.rindex("ten to twelve")
    assert anchor("TEN TO TWELVE", TRAM).how == "ambiguous"


def test_whole_words_come_before_parts_of_words():
    assert anchor("in", "A pint in a bin").start == 7


@pytest.mark.parametrize("quote", ["", " \n", "…", "the PAN", "xyz", "Anything that nobody said on this tram at all"])
def test_what_is_not_there_is_not_placed(quote):
    assert anchor(quote, TRAM) is None


def test_short_quotes_need_a_higher_score():
    assert score_needed("easy files to configure") > score_needed("x" * 40) == 0.8
    assert closest("questo è molto carino", "utente, molto carino").score > 0.8
    assert anchor("questo è molto carino", "utente, molto carino") is None


@pytest.mark.parametrize("text", ["", " ", "…", "a"])
def test_there_is_nothing_in_an_empty_text(text):
    assert anchor("some words that are long enough", text) is None
    assert fold(text).text == text.strip(" …")


letters = "abcdefghijklmnopqrstuvwyzäéñçаяאبक漢🥕"
texts = st.text(letters + letters.upper() + "  .,’–\n", min_size=20, max_size=300)


@given(text=texts, data=st.data())
def test_any_unique_slice_anchors_exactly(text, data):
    start = data.draw(st.integers(0, len(text) - 20))
    end = data.draw(st.integers(start + 20, len(text)))
    quote = text[start:end]
    assume(quote.strip() and text.find(quote, text.find(quote) + 1) < 0)
    assert anchor(quote, text) == Anchor(start, end, "exact")


@given(text=texts, data=st.data())
def test_a_unique_slice_in_other_capitals_and_punctuation_anchors_normalised(text, data):
    start = data.draw(st.integers(0, len(text) - 20))
    end = data.draw(st.integers(start + 20, len(text)))
    quote = text[start:end].swapcase().translate({ord(" "): " \t", ord("."): "!?", ord("’"): "'", ord(","): " -- "})
    folded = fold(quote).text
    assume(folded and fold(text).text.count(folded) == 1 and quote.strip() not in text)
    a = anchor(quote, text)
    assert (a.how, fold(text[a.start : a.end]).text) == ("normalised", folded)
    assert start <= a.start < a.end <= end


@given(words=st.lists(st.text("abcdefghijklmnoprstuvé", min_size=3, max_size=9), min_size=60, max_size=120, unique=True), data=st.data())
def test_with_one_word_in_eight_garbled_it_anchors_approximately(words, data):
    first = data.draw(st.integers(0, len(words) - 24))
    quoted = words[first : first + 24]
    garbled = [word if i % 8 != 4 else "x" * len(word) for i, word in enumerate(quoted)]
    text = " ".join(words)
    a = anchor(" ".join(garbled), text)
    assert (a.how, text[a.start : a.end]) == ("approximate", " ".join(quoted))
