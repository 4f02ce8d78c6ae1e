"""Imported codings find their passages, or say why not."""

from workbench.analysis.placing import place_codings
from workbench.io.codings import CodingRow
from workbench.model import Transcript, Utterance

TEXT = "I pick a slot.\nThe slot was gone. I was furious about it, to be quite honest.\nI pick a slot."
P01 = Transcript("t1", "P01", TEXT, (Utterance(0, 14, start_ms=0), Utterance(15, 77, start_ms=5400), Utterance(78, 92, start_ms=9000)))


def place(**row):
    result = place_codings([CodingRow(2, row.pop("transcript", "P01"), "ana", "A", **row)], {"P01": P01})
    return (result.placed or result.not_placed)[0]


def test_positions_are_believed_when_they_hold_the_quote():
    placed = place(start=15, end=33, quote="the slot was gone")
    assert (placed.text, placed.how, placed.score) == ("The slot was gone.", "position", 1.0)


def test_positions_that_hold_other_words_or_none_are_not_placed_and_the_quote_is_proposed():
    other = place(start=0, end=14, quote="The slot was gone.")
    assert other.reason == 'at 0 to 14 transcript P01 has "I pick a slot.", not the quote.'
    assert (other.best.start, other.best_text) == (15, "The slot was gone.")
    assert "is not a passage of transcript P01, which has 92 characters" in place(start=80, end=99).reason


def test_a_quote_is_looked_for_from_exact_to_approximate():
    assert place(quote="I was furious").how == "exact"
    assert place(quote="the slot was... furious").text == "The slot was gone. I was furious"
    reworded = place(quote="I was so furious about this, to be quite honest")
    assert (reworded.how, reworded.text) == ("approximate", "I was furious about it, to be quite honest")


def test_a_time_decides_between_equal_places_and_stands_for_an_utterance_alone():
    assert place(quote="I pick a slot.").reason == "the quote is in 2 places of transcript P01, and nothing says which is meant."
    assert place(quote="I pick a slot.", at_ms=9000).start == 78
    assert place(quote="I pick a slot.", at_ms=8000).start == 0
    assert place(quote="I", at_ms=9000).start == 78
    assert place(at_ms=5000).text.startswith("The slot was gone.")


def test_a_quote_that_is_not_there_comes_with_the_passage_most_like_it():
    missing = place(quote="Nobody was furious in the least, to be honest")
    assert missing.reason.startswith("the quote is not in transcript P01; the passage most like it scores 0.")
    assert "furious" in missing.best_text
    assert place(quote="slut").best is None


def test_an_unknown_transcript_is_named_with_the_nearest():
    assert place(transcript="P10", quote="furious").reason == 'there is no transcript "P10" in this study. Did you mean "P01"?'


def test_a_placing_counts_what_became_of_the_rows():
    rows = [CodingRow(n, "P01", "ana", "A", quote) for n, quote in enumerate(["furious", "FURIOUS", "nowhere to be seen"], 2)]
    result = place_codings(rows, {"P01": P01})
    assert result.counts == {"position": 0, "exact": 1, "normalised": 1, "approximate": 0, "not placed": 1}
    assert repr(result) == "Placing(0 position, 1 exact, 1 normalised, 0 approximate, 1 not placed)"
