"""A report knows what it was made from: fingerprints change with what it read, and with nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from miniature import FILES, SETTINGS, empty_study, write, write_all

import workbench as wb
from workbench.reports.provenance import RunRecord, fingerprints, package_versions, provenance_facts, read_record
from workbench.store.reads import tables_read
from workbench.study import Study, open_study
from workbench.study.importing import ImportOptions, import_files


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(empty_study(tmp_path / "a study")) as made:
        import_files(made, write_all(tmp_path / "given"))
        yield made


def changed(before: dict[str, str], study: Study) -> set[str]:
    """Which inputs have another fingerprint than before, the whole aside."""
    with closing(open_study(study.folder)) as again:
        now = fingerprints(again)
    found = {name for name in now if now[name] != before[name]}
    assert ("study" in found) == bool(found)
    return found - {"study"}


def bring(name: str, text: str, **options: str) -> Callable[[Study], object]:
    return lambda study: import_files(study, write(study.folder.parent / "later", name, text), ImportOptions(**options))  # type: ignore[arg-type]


CHANGES: dict[str, tuple[Callable[[Study], object], set[str]]] = {
    "nothing": (lambda s: None, set()),
    "a coding": (lambda s: s.add_coding("P01", "Anxious", 0, 5), {"codings"}),
    "an answer": (bring("pulse.csv", FILES["pulse.csv"] + "R4,,2026-09-04,2\n"), {"responses", "sources"}),
    "consent": (bring("p.csv", FILES["people.csv"].replace("no", "yes")), {"participants", "sources"}),
    "an address": (bring("p.csv", FILES["people.csv"].replace("helena@", "voss@")), {"sources"}),
    "a code": (bring("c.csv", FILES["codes.csv"].replace("Fear", "Dread")), {"codebook", "sources"}),
    "an interview": (bring("P03.txt", "Hello there\n"), {"transcripts", "sources"}),
    "events": (bring("e.csv", FILES["events.csv"] + "u9,visit,2026-09-09\n", kind="events"), {"events", "sources"}),
    "a persona": (bring("s.json", FILES["synthesis.json"].replace("Nora", "Nelly")), {"personas", "sources"}),
    "an opportunity": (bring("s.json", FILES["synthesis.json"].replace("hold the", "keep the")), {"opportunities", "sources"}),
    "a setting": (lambda s: write(s.folder, "study.toml", SETTINGS.replace("Slots", "Carts")), {"settings"}),
    "a comment in study.toml": (lambda s: write(s.folder, "study.toml", f"# why\n{SETTINGS}"), set()),
    "the same files": (lambda s: import_files(s, sorted((s.folder.parent / "given").iterdir())), set()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_fingerprint_changes_with_its_input_and_only_with_it(study: Study, what: str) -> None:
    before = fingerprints(study)
    change, expected = CHANGES[what]
    change(study)
    assert changed(before, study) == expected


def test_what_was_taken_back_leaves_no_trace(study: Study) -> None:
    before = fingerprints(study)
    study.add_coding("P01", "Anxious", 0, 5)
    after = fingerprints(study)
    study.undo()
    assert changed(before, study) == set()
    study.redo()
    assert changed(after, study) == set()


def test_a_study_as_it_was_has_the_fingerprints_it_had(study: Study) -> None:
    before = fingerprints(study)
    then = datetime.now(UTC)
    study.add_coding("P01", "Anxious", 0, 5)
    import_files(study, write(study.folder.parent, "e.csv", FILES["events.csv"] + "u9,visit,2026-09-09\n"), ImportOptions(kind="events"))
    with closing(open_study(study.folder, as_of=then)) as past:
        assert fingerprints(past) == before


def test_the_facts_at_the_end_of_a_page_name_no_place_no_person_and_no_time_of_the_run(study: Study) -> None:
    with closing(open_study(study.folder)) as again:
        assert len(again.codings) == 4
        facts = provenance_facts(again)
    read = fingerprints(study, tables_read(study.db.place))
    changed = study.last_changed
    assert changed is not None
    assert facts == {
        "study": "a study", "data": read["study"][:12], "codebook": read["codebook"][:8], "data of": f"{changed:%Y-%m-%d %H:%M} UTC",
        "workbench": wb.__version__,
    }  # fmt: skip


def test_only_what_was_read_has_a_fingerprint(study: Study) -> None:
    assert set(fingerprints(study, ["coding", "document persona"])) == {"study", "settings", "codings", "personas"}
    assert "history" in fingerprints(study, ["something new"]), "what has no name here depends on everything"


def test_the_day_on_which_consent_ends_changes_what_a_report_may_show(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(
        "p.csv",
        FILES["people.csv"].replace("consent_quote", "consent_quote,consent_until").replace("yes", "yes,2026-11-30").replace(",no", ",no,"),
    )(study)

    def on(day: str) -> str:
        monkeypatch.setattr("workbench.reports.provenance.date", type("day", (date,), {"today": lambda: date.fromisoformat(day)}))
        return fingerprints(study)["participants"]

    assert on("2026-11-29") == on("2026-11-30") != on("2026-12-01")


def test_a_record_is_json_that_says_what_when_and_with_what() -> None:
    record = RunRecord("map", "ab", {"segment": "é"}, {"study": "cd"}, package_versions(), "3.12.1", "2026-10-05", 1.5, "ok", "map.html")
    assert json.loads(record.as_json())["parameters"] == {"segment": "é"}
    assert json.loads(record.as_json())["packages"]["workbench"] == wb.__version__
    assert '"segment": "é"' in record.as_json()


RECORD = RunRecord(
    "map", "ab", {"share": float("nan"), "days": ["Mon"]}, {"study": "cd"}, package_versions(), "3.12.1", "2026-10-05T06:00:00.000+00:00", 1.5, "ok",
    "map.html", formats=("html",), data_of="2026-10-04 06:59 UTC", before={"data_of": "2026-10-01 06:59 UTC", "shown": {"items": []}},
)  # fmt: skip


def read_back(folder: Path, text: str) -> RunRecord | None:
    write(folder, "map.json", text)
    return read_record(folder / "map.html")


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = read_back(tmp_path, RECORD.as_json())
    assert found is not None
    assert found.as_json() == RECORD.as_json()
    assert found.formats == ("html",)


def test_a_record_of_a_newer_or_an_older_version_is_read(tmp_path: Path) -> None:
    known = json.loads(RECORD.as_json())
    assert read_back(tmp_path, json.dumps({**known, "colour": "red"})) is not None
    assert read_back(tmp_path, json.dumps({k: v for k, v in known.items() if k not in ("before", "notes", "data_of")})) is not None


@pytest.mark.parametrize(
    "damage",
    [
        {"started": "yesterday"}, {"started": ""}, {"started": 3}, {"data_of": "soon"}, {"shown": []}, {"inputs": None},
        {"before": {"data_of": "then", "shown": {}}}, {"before": {"shown": {}}}, {"before": {"data_of": "2026-10-01 06:59 UTC", "shown": 1}},
    ],
)  # fmt: skip
def test_a_damaged_record_is_none(tmp_path: Path, damage: dict[str, object]) -> None:
    """A page whose record tells nonsense is made again, instead of failing for ever."""
    assert read_back(tmp_path, json.dumps({**json.loads(RECORD.as_json()), **damage})) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_what_is_no_record_is_none(tmp_path: Path, text: str) -> None:
    assert read_back(tmp_path, text) is None
