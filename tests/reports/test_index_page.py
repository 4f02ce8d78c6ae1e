"""The page of all reports: complete, the same from the same records, never half written, and nothing in it is markup of a participant."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from batches import CODINGS, EVENTS, study_with
from made_pages import REPORTS, fail_page, make_page, measured, page_of
from miniature import write

from workbench.errors import BadFile
from workbench.reports.batches.batch import run_batch
from workbench.reports.index import search_index
from workbench.reports.index.index_page import index_page, write_index
from workbench.reports.index.page_runs import Room
from workbench.reports.index.search_index import KEPT_FILE, pack
from workbench.reports.planned import planned_reports
from workbench.study import Study

NEW, RETURNING = "people-customer-new", "people-customer-returning"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(study_with(tmp_path, REPORTS, codings=CODINGS, events=EVENTS)) as made:
        yield made


def shown(study: Study) -> Any:
    return lxml.html.document_fromstring(index_page(study))


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def entry(study: Study, name: str) -> Any:
    return shown(study).xpath(f"//li[contains(@class,'page')][.//code='{name}']")[0]


def searched(html: str) -> dict[str, Any]:
    [data] = re.findall(r'id="wb-index">([^<]*)', html)
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(data)))
    return found


# What is listed


def test_pages_are_grouped_by_report_and_called_by_what_they_were_made_for(study: Study) -> None:
    make_page(study, NEW, page_of("<p>Said</p>"))
    page = shown(study)
    assert [text(h) for h in page.xpath("//section[@class='group']/h2")] == ["codings 3 pages", "events 1 page"]
    assert [text(h) for h in page.xpath("//h3")] == ["The whole study", "customer: new", "customer: returning", "The whole study"]
    assert entry(study, NEW).xpath(".//h3/a/@href") == [f"{NEW}.html"]
    assert entry(study, RETURNING).xpath(".//h3/a/@href") == []


def test_a_page_says_when_it_was_made_of_which_data_and_in_which_forms_it_is_there(study: Study) -> None:
    make_page(study, NEW, page_of("<p>Said</p>"), data_of="2026-11-20 08:00 UTC")
    write(study.folder, f"reports/{NEW}.pdf", b"x" * 2_400_000)
    facts = text(entry(study, NEW).xpath(".//p[@class='facts']")[0])
    assert facts == "made 22 Nov 2026 06:26 · data changed last 20 Nov 2026 08:00 · took 1.2 s · HTML 1 KB · PDF 2.4 MB"


def test_what_failed_stands_first_with_its_sentence_and_the_page_from_before(study: Study) -> None:
    make_page(study, NEW, page_of("<p>Said</p>"))
    fail_page(study, NEW, f"codings, code cell 2 failed. As far as it ran it is in {study.folder.resolve()}/reports/{NEW}.partial.ipynb.")
    [failure] = shown(study).xpath("//section[@class='failures']/div")
    assert f"it is in reports/{NEW}.partial.ipynb." in text(failure)
    assert "The page made 22 Nov 2026 06:26 is still there: customer: new" in text(failure)
    assert str(study.folder.resolve()) not in index_page(study)


def test_what_was_made_since_did_not_fail(study: Study) -> None:
    fail_page(study, NEW, "codings failed.", started="2026-11-21T06:26:00.000+00:00")
    make_page(study, NEW, page_of("<p>Said</p>"))
    assert not shown(study).xpath("//section[@class='failures']")
    assert [text(row)[:24] for row in entry(study, NEW).xpath(".//tbody/tr")] == ["22 Nov 2026 06:26made1.2", "21 Nov 2026 06:26failed1"]


def test_a_page_that_no_report_asks_for_is_listed_as_such(study: Study) -> None:
    make_page(study, "old/map", page_of("<p>Said</p>"), template="journey_map")
    write(study.folder, "reports/notes.html", "<p>no report</p>")
    [rest] = shown(study).xpath("//section[@id='rest']")
    assert rest.xpath(".//h3/a/@href") == ["old/map.html"]


def test_a_run_says_what_had_changed_since_the_one_before(study: Study) -> None:
    for day, codings in (("20", "a"), ("21", "b"), ("22", "b")):
        make_page(
            study, NEW, page_of("<p>Said</p>"), started=f"2026-11-{day}T06:26:00.000+00:00", inputs={"codings": codings, "study": codings}
        )
    why = [text(row.xpath("td")[-1]) for row in entry(study, NEW).xpath(".//tbody/tr")]
    assert why == ["It was asked for.", "Changed in the study: codings.", "There was no page yet."]


def test_many_pages_show_fewer_runs_of_each_and_a_few_show_all() -> None:
    assert (Room.for_pages(10).n_runs, Room.for_pages(200).n_runs, Room.for_pages(10_000).n_runs) == (50, 5, 5)
    assert (Room.for_pages(10).n_measures, Room.for_pages(200).n_measures, Room.for_pages(10_000).n_measures) == (6, 2, 1)


def test_a_measure_is_drawn_over_its_runs_and_said_in_words(study: Study) -> None:
    for day, value in (("15", 12.0), ("22", 21.0)):
        make_page(study, NEW, page_of(), started=f"2026-11-{day}T06:26:00.000+00:00", shown=measured(value, value - 7, value + 7))
    [measure] = entry(study, NEW).xpath(".//dl/div")
    assert text(measure) == "NPS+21 (+14 to +28, n 100)"
    assert measure.xpath(".//svg/@aria-label") == ["over 2 runs from +12 on 15 Nov 2026 to +21 on 22 Nov 2026"]
    assert len(measure.xpath(".//path")) == 3


def test_a_run_that_does_not_say_when_it_was_is_left_out(study: Study) -> None:
    make_page(study, NEW, page_of(), shown=measured(12))
    fail_page(study, NEW, "It broke.", started="tomorrow")
    make_page(study, NEW, page_of(), started="yesterday", shown=measured(21))
    found = entry(study, NEW)
    assert len(found.xpath(".//tbody/tr")) == 1
    assert text(found.xpath(".//dl/div")[0]) == "NPS+12 (no interval is known, n 100)"


def test_a_single_run_has_no_course_and_an_unknown_interval_is_said(study: Study) -> None:
    make_page(study, NEW, page_of(), shown=measured(21, n=None))
    [measure] = entry(study, NEW).xpath(".//dl/div")
    assert (text(measure), measure.xpath(".//svg")) == ("NPS+21 (no interval is known)", [])


# Safe and the same


def test_the_same_records_give_the_same_bytes(study: Study) -> None:
    make_page(study, NEW, page_of("<p>Said</p>"), shown=measured(21, 14, 28))
    first = write_index(study).read_bytes()
    (study.folder / "reports" / KEPT_FILE).unlink()
    assert write_index(study).read_bytes() == first


def test_nothing_that_somebody_wrote_is_markup(study: Study) -> None:
    evil = '</script><img src=x onerror="alert(1)">'
    make_page(study, NEW, page_of("<p>&lt;/script&gt;&lt;img src=x&gt; said</p>"), shown=measured(21, name=evil))
    fail_page(study, NEW, evil)
    html = index_page(study)
    assert "<img" not in html
    assert "</script><img src=x> said" in searched(html)["texts"]


def test_a_page_of_somebodys_own_is_left_as_it_is(study: Study) -> None:
    own = write(study.folder, "reports/index.html", "<p>Mine</p>")
    with pytest.raises(BadFile, match="page of your own"):
        write_index(study)
    assert own.read_text() == "<p>Mine</p>"


def test_a_disk_that_fails_leaves_the_page_from_before(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write_index(study).read_bytes()
    make_page(study, NEW, page_of("<p>Said</p>"))
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="disk is full"):
        write_index(study)
    assert (study.folder / "reports" / "index.html").read_bytes() == before
    assert not list((study.folder / "reports").glob("*.part"))


# The search


def test_the_search_knows_what_pages_show_under_its_heading(study: Study) -> None:
    make_page(study, NEW, page_of('<h2 id="pains">What hurts</h2><p id="q-1">The slot is gone</p><p hidden>secret</p>'))
    index = searched(index_page(study))
    [[[heading, anchor, [step, place]]]] = index["pages"]
    assert (index["texts"][heading], index["ids"][anchor]) == ("What hurts", "pains")
    assert (index["texts"][step], index["ids"][place]) == ("The slot is gone", "q-1")
    assert "secret" not in index["texts"]


def test_only_pages_that_changed_are_read_again(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    monkeypatch.setattr(search_index, "page_text", lambda html: read.append(html) or ())
    for name in (NEW, RETURNING):
        make_page(study, name, page_of("<p>Said</p>"))
    write_index(study)
    make_page(study, NEW, page_of("<p>Said since</p>"))
    write_index(study)
    assert len(read) == 3
    assert b"Said since" in read[-1]


def test_what_has_not_changed_is_not_packed_again(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    make_page(study, NEW, page_of("<p>Said</p>"))
    make_page(study, RETURNING, page_of("<p>Said too</p>"))
    first = index_page(study)
    monkeypatch.setattr(search_index, "pack", lambda _: pytest.fail("it was packed again"))
    assert index_page(study) == first


def test_pages_in_another_order_have_another_index(study: Study) -> None:
    for name in ("a", "b"):
        make_page(study, name, page_of(f"<p>Said on {name}</p>"))
    folder, prints = study.folder / "reports", {"a": "1", "b": "2"}
    first = search_index.search_index(folder, prints)
    assert search_index.search_index(folder, dict(reversed(prints.items()))) != first
    assert search_index.search_index(folder, prints) == first


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"texts":[],"ids":[],"pages":{},"made_from":{"x":"y"}}', b"\xff\xfe\x00"])
def test_a_damaged_record_of_what_was_read_is_made_anew(study: Study, damage: bytes) -> None:
    make_page(study, NEW, page_of("<p>Said</p>"))
    first, kept = write_index(study).read_bytes(), (study.folder / "reports" / KEPT_FILE)
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert write_index(study).read_bytes() == first
    assert kept.read_bytes() == whole


def test_the_words_of_a_page_that_is_gone_are_gone(study: Study) -> None:
    make_page(study, "old", page_of("<p>Said by Mara</p>"))
    write_index(study)
    (study.folder / "reports" / "old.html").unlink()
    write_index(study)
    assert b"Mara" not in (study.folder / "reports" / KEPT_FILE).read_bytes()


def test_text_that_is_left_out_is_said(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "MOST_BYTES", 3000)
    make_page(study, NEW, page_of('<h2 id="pains">What hurts</h2>', *(f"<p>Passage {n} {'abc' * n}</p>" for n in range(900))))
    note = text(shown(study).xpath("//p[@id='wb-searched']")[0])
    assert re.search(r"Of 1 long page it knows the headings and the first [\d,]+ characters\.", note)


def test_headings_are_kept_when_passages_are_left_out() -> None:
    from workbench.reports.index.page_text import Section

    long = {"a": (Section("One", "1", (("x" * 300_000, ""),)), Section("Two", "2", (("short", ""),)))}
    packed = pack(long)
    texts = json.loads(gzip.decompress(base64.b64decode(packed.data)))["texts"]
    assert (texts, packed.n_cut) == (["One", "Two"], 1)


# After every batch


def test_a_batch_ends_with_the_page_of_all_reports_also_when_nothing_changed(study: Study) -> None:
    planned = [p for p in planned_reports(study) if p.name == "codings"]
    first = run_batch(study, planned)
    page = study.folder / first.index
    before = page.read_bytes()
    page.unlink()
    again = run_batch(study, planned)
    assert [o.result for o in again.outcomes] == ["unchanged"]
    assert page.read_bytes() == before
    assert "codings.html" in before.decode()


def test_a_batch_whose_index_cannot_be_written_still_counts_and_says_so(study: Study) -> None:
    write(study.folder, "reports/index.html", "<p>Mine</p>")
    done = run_batch(study, [])
    assert (done.exit_code, done.index) == (0, "")
    assert "page of your own" in done.index_problem
