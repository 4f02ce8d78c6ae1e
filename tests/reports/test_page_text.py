"""The words of a page are those that a reader can come to see, under the right heading, with an address that leads there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_pages import page_of
from markupsafe import escape

from workbench.reports.index.page_text import Section, page_text


def read(*parts: str) -> list[Section]:
    return list(page_text(page_of(*parts).encode()))


def words(*parts: str) -> list[str]:
    return [text for section in read(*parts) for text, _ in section.passages]


def test_a_passage_stands_under_its_heading_with_the_nearest_address() -> None:
    [section] = read('<h2 id="pains">What hurts</h2><p>The slot is gone</p><ul><li id="q-1">“I left”</li></ul>')
    assert section == Section("What hurts", "pains", (("The slot is gone", "pains"), ("“I left”", "q-1")))


def test_a_heading_without_an_address_has_that_of_the_one_before() -> None:
    assert [(s.heading, s.anchor) for s in read('<h2 id="pains">What hurts</h2><h3>At the door</h3><p>Late again</p>')][1] == (
        "At the door",
        "pains",
    )


def test_a_section_that_holds_the_heading_is_not_nearer_than_it() -> None:
    [section] = read('<section id="all"><h2 id="pains">What hurts</h2><p>The slot is gone</p></section>')
    assert section.passages == (("The slot is gone", "pains"),)


@pytest.mark.parametrize(
    "part",
    [
        "<script>secret()</script>", "<style>.secret{}</style>", "<p hidden>secret</p>", '<pre class="code">secret</pre>', "<!-- secret -->",
        '<span class="unseen">secret</span>', "<svg><title>secret</title><text>secret</text></svg>", "<template><p>secret</p></template>",
        '<p data-who="secret" title="secret">shown</p>',
    ],
)  # fmt: skip
def test_what_a_page_does_not_show_is_not_read(part: str) -> None:
    assert "secret" not in " ".join(words(part, "<p>Shown, too</p>"))


def test_what_is_outside_the_report_is_not_read() -> None:
    assert words("<p>Said</p>") == ["Said"]


def test_folded_evidence_is_read() -> None:
    assert words("<details><summary>8 of 12 say it</summary><blockquote>I left</blockquote></details>") == ["8 of 12 say it", "I left"]


def test_words_in_bold_stay_one_word_and_cards_and_cells_stay_apart() -> None:
    assert words("<p>un<b>believ</b>able, <i>really</i>.</p>") == ["unbelievable, really."]
    assert words('<a class="finding"><b>8 of 12</b><span>lost it</span></a>') == ["8 of 12 lost it"]
    assert words("<table><tr><th>Mara<td>new<td>phone</table>") == ["Mara new phone"]


def test_a_passage_is_there_once_and_numbers_alone_are_not() -> None:
    assert words("<p>Said</p><p>42 %</p><p>Said</p>") == ["Said"]


def test_a_page_may_nest_as_deep_as_it_likes() -> None:
    assert words("<div>" * 1500, "deep", "</div>" * 1500, "<p>after<!-- not --> all</p>") == ["deep", "after all"]


def test_a_page_that_is_none_has_no_words() -> None:
    assert page_text(b"") == page_text(b"  ") == page_text(b"<!-- -->") == ()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=5))
def test_every_paragraph_with_a_word_is_read_as_it_was_written(texts: list[str]) -> None:
    found = words(*(f"<p>{escape('ab ' + text)}</p>" for text in texts))
    assert found == list(dict.fromkeys(" ".join(f"ab {text}".split()) for text in texts))
