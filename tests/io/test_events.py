import gzip
import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile, BadRows, MissingColumn
from workbench.io.events import FORMAT, read_event_table, skipped_rows
from workbench.io.file_rows import connect
from workbench.io.formats import find_format
from workbench.model import EventMapping

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "events"
PLAIN = EventMapping()
WITH_CITY = EventMapping(attributes=("city",))
GOOD = "user_id,event,ts,city\nu1,search,2026-10-05 09:30:00,Zürich\nu2,pay,2026-10-05T11:30:00+02:00,\n"


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def at(hour, minute=0, second=0):
    return datetime(2026, 10, 5, hour, minute, second, tzinfo=UTC)


def rows(table):
    return [tuple(row.values()) for row in table.to_pylist()]


EXPECTED = [("u1", "search", at(9, 30), "Zürich"), ("u2", "pay", at(9, 30), None)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", GOOD.encode()),
        ("marked.csv", GOOD.encode("utf-8-sig")),
        ("excel.csv", GOOD.replace(",", ";").replace("\n", "\r\n").encode()),
        ("e.tsv", GOOD.replace(",", "\t").encode()),
        ("e.csv.gz", gzip.compress(GOOD.encode(), mtime=0)),
        ("two halves.csv.gz", gzip.compress(GOOD[:40].encode(), mtime=0) + gzip.compress(GOOD[40:].encode(), mtime=0)),
        ("renamed", gzip.compress(GOOD.encode(), mtime=0)),
        ("utf16.csv", GOOD.encode("utf-16")),
        ("windows.csv", GOOD.encode("cp1252")),
        ("windows.csv.gz", gzip.compress(GOOD.encode("cp1252"), mtime=0)),
        ("mixed line ends.csv", GOOD.replace("city\n", "city\r\n").encode()),
        ("it's [1]*?.csv", GOOD.encode()),
    ],
)
def test_text_is_read_in_whatever_wrapping(file, name, content):
    assert rows(read_event_table(file(name, content), WITH_CITY)) == EXPECTED


OBJECTS = [
    {"user_id": "u1", "event": "search", "ts": "2026-10-05 09:30:00", "city": "Zürich"},
    {"user_id": "u2", "event": "pay", "ts": "2026-10-05T11:30:00+02:00"},
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.jsonl", "\n".join(map(json.dumps, OBJECTS))),
        ("e.ndjson", "\n".join(json.dumps(o, ensure_ascii=False) for o in OBJECTS)),
        ("e.json", json.dumps(OBJECTS, indent=1)),
        ("e.jsonl.gz", gzip.compress("\n".join(map(json.dumps, OBJECTS)).encode())),
    ],
)
def test_json_is_read_line_by_line_or_as_a_list(file, name, content):
    assert rows(read_event_table(file(name, content), WITH_CITY)) == EXPECTED


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("when,uid,what", 'user = "uid"\nevent = "what"\ntime = "when"'),
        ("visitor,action,event_time", 'user = "visitor"\nevent = "action"\ntime = "event_time"'),
        ("user_id,a,b", 'user = "user_id"\nevent = "a"\ntime = "b"'),
    ],
)
def test_before_study_toml_says_what_the_columns_mean_the_lines_to_add_are_shown(file, header, said):
    row = {"when": "2026-10-05 09:30:00", "event_time": "2026-10-05 09:30:00", "b": "2026-10-05 09:30:00"}
    path = file("e.csv", f"{header}\n{','.join(row.get(name, 'x') for name in header.split(','))}\n")
    with pytest.raises(MissingColumn) as stopped:
        read_event_table(path, EventMapping())
    assert str(stopped.value).endswith(f"if these are right, add:\n[events]\n{said}")
    lines = tomllib.loads(str(stopped.value).partition("add:\n")[2])["events"]
    assert read_event_table(path, EventMapping(**lines)).num_rows == 1, "the lines do what they say"


def test_json_reaches_inside_objects(file):
    path = file("e.jsonl", json.dumps({"event": "play", "properties": {"distinct_id": 7, "time": 1791192600, "os": "Roku"}}))
    table = read_event_table(path, EventMapping("properties.distinct_id", "event", "properties.time", ("properties.os",)))
    assert rows(table) == [("7", "play", at(9, 30), "Roku")]


@pytest.mark.parametrize(
    "kind", [pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ns"), pa.timestamp("ms"), pa.int64(), pa.string(), pa.date32()]
)
def test_parquet_is_read_with_any_kind_of_time(tmp_path, kind):
    times = pa.array([date(2026, 10, 5)], pa.date32()).cast(pa.timestamp("us", "UTC"))
    times = (
        times.cast(pa.int64())
        if kind == pa.int64()
        else times.cast(kind)
        if kind != pa.timestamp("ns")
        else times.cast(pa.timestamp("us")).cast(kind)
    )
    path = tmp_path / "key=value.parquet"
    pq.write_table(pa.table({"user_id": [7], "event": ["x"], "ts": times, "city": pa.array(["Basel"]).dictionary_encode()}), path)
    assert rows(read_event_table(path, WITH_CITY)) == [("7", "x", at(0), "Basel")]


def test_columns_are_text_and_times_are_utc(file):
    assert read_event_table(file("e.csv", GOOD), WITH_CITY).schema.types == [
        pa.string(),
        pa.string(),
        pa.timestamp("us", "UTC"),
        pa.string(),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-05T09:30:00Z",
        "2026-10-05 09:30:00 UTC",
        "2026-10-05 09:30",
        "2026-10-05T05:30:00.000-04:00",
        "1791192600",
        "1791192600.0",
        "1791192600000",
        "1791192600000000",
        "1791192600000000000",
    ],
)
def test_a_time_is_told_by_its_form(file, written):
    assert read_event_table(file("e.csv", f"user_id,event,ts\nu,x,{written}\n"), PLAIN)["ts"][0].as_py() == at(9, 30)


def test_every_bad_row_is_named_at_once(file):
    path = file(
        "e.csv", 'user_id,event,ts\nu1,a,2026-10-05\n,a,2026-10-05\nu2,a\nu3,,yesterday\nu4,a,b,c\nu5,a,2026-10-05\n"u6"x,a,2026-10-05\n'
    )
    with pytest.raises(BadRows) as error:
        read_event_table(path, PLAIN)
    times = "Use 2026-10-05 09:30:00, with or without a zone, or seconds, milliseconds or microseconds since 1970."
    assert error.value.problems == (
        'row 3: nothing in "user_id"',
        "row 4: it has fewer values than the header has columns",
        f'row 5: nothing in "event"; "yesterday" in "ts" is not a time. {times}',
        "row 6: it has more values than the header has columns",
        "row 8: a quotation mark in it is not closed",
    )
    assert "(2 others are fine)" in str(error.value)


def test_skipped_rows_are_counted(file):
    path = file("e.csv", "user_id,event,ts\nu1,a,2026-10-05\n ,a,2026-10-05\nu2,a\nu3,a,20261005\n")
    table = read_event_table(path, PLAIN, skip_bad_rows=True)
    assert (table.num_rows, skipped_rows(table)) == (1, 3)
    assert skipped_rows(read_event_table(file("good.csv", GOOD), PLAIN)) == 0


def test_a_broken_line_of_json_is_named(file):
    path = file("e.jsonl", json.dumps(OBJECTS[0]) + "\n{broken\n" + json.dumps(OBJECTS[1] | {"ts": None}))
    with pytest.raises(BadRows) as error:
        read_event_table(path, PLAIN)
    assert error.value.problems == ("row 2: it is not a JSON object in UTF-8", 'row 3: nothing in "ts"')


def test_a_damaged_row_does_not_change_the_encoding_of_the_others(file):
    with pytest.raises(BadRows, match="row 4: it is not UTF-8 text"):
        read_event_table(file("e.csv", GOOD.encode() + b"u\xe9,pay,2026-10-05,Gen\xc3\xa8ve\n"), WITH_CITY)


@pytest.mark.parametrize("name", ["e.csv", "e.jsonl", "e.parquet"])
def test_a_missing_column_suggests_the_near_one(file, name):
    path = file(name, {"e.csv": GOOD, "e.jsonl": json.dumps(OBJECTS[0])}.get(name, ""))
    if name == "e.parquet":
        pq.write_table(pa.table({"user_id": ["u"], "event": ["x"], "ts": ["2026-10-05"]}), path)
    with pytest.raises(MissingColumn, match=r'no column "userid" \(who did it\). Did you mean "user_id"'):
        read_event_table(path, EventMapping(user="userid"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b" \n\n", "the file is empty"),
        ("book.csv", b"PK\x03\x04....", "looks like a ZIP file or an Office document"),
        ("broken.parquet", b"PAR1....", "it cannot be read"),
        ("broken.csv.gz", gzip.compress(GOOD.encode() * 99, mtime=0)[:-60], "damaged or cut off"),
    ],
)
def test_what_is_no_event_file_is_one_sentence(file, name, content, message):
    with pytest.raises(BadFile, match=message) as error:
        read_event_table(file(name, content), WITH_CITY)
    assert "\n" not in str(error.value)


def test_a_folder_and_a_missing_file_are_explained(tmp_path):
    with pytest.raises(BadFile, match="this is a folder"):
        read_event_table(tmp_path, PLAIN)
    with pytest.raises(BadFile, match="there is no such file"):
        read_event_table(tmp_path / "s3://bucket/e.csv", PLAIN)


def test_a_header_alone_is_an_empty_log(file):
    assert read_event_table(file("e.csv", "user_id,event,ts\n"), PLAIN).num_rows == 0


AWKWARD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), min_size=1, max_size=8).filter(
    lambda s: s.strip(" ")
)


@given(AWKWARD, AWKWARD)
def test_apostrophes_formulas_and_tags_come_back_as_they_were(tmp_path_factory, name, value):
    """Names of columns and values go through SQL and must not become any."""
    path = tmp_path_factory.mktemp("events") / "e.parquet"
    column = f"{name.casefold()}'\"; DROP"
    pq.write_table(pa.table({"user_id": ["u"], "event": ["x"], "ts": ["2026-10-05"], column: [value]}), path)
    assert rows(read_event_table(path, EventMapping(attributes=(column,)))) == [("u", "x", at(0), value)]


@pytest.mark.parametrize("value", ["it's", "</script>", "=SUM(A1)", 'say ""hi""', "a,b", "👩‍👩‍👧 عربى"])
def test_awkward_text_survives_csv(file, value):
    table = read_event_table(file("e.csv", f'user_id,event,ts\nu,"{value}",2026-10-05\n'), PLAIN)
    assert table["event"][0].as_py() == value.replace('""', '"')


def test_two_columns_of_one_name_can_both_be_had(file):
    path = file("e.csv", "user_id,event,ts,flag,flag\nu,x,2026-10-05,1,2\n")
    assert rows(read_event_table(path, EventMapping(attributes=("flag", "flag_1")))) == [("u", "x", at(0), "1", "2")]


@pytest.mark.parametrize(
    ("path", "mapping", "n", "first"),
    [
        (
            "amplitude-seeds/integration_tests/seeds/amplitude_event_data.csv",
            EventMapping("amplitude_id", "event_type", "event_time", ("country",)),
            10,
            ("75805000264", "watch_test_amplitude"),
        ),
        (
            "ga4-seeds/integration_tests/seeds/event_data.csv",
            EventMapping("user_pseudo_id", "name", "timestamp", ("device_category", "param_session_engaged_1")),
            6,
            ("pseudo_123", "purchase"),
        ),
        (
            "mixpanel-seeds/integration_tests/seeds/event.csv",
            EventMapping("distinct_id", "name", "time", ("properties",)),
            5,
            ("9e308c27-42ab-57af-beef-555708cde092", "plays"),
        ),
        (
            "segment-seeds/integration_tests/seeds/example_segment_pages.csv",
            EventMapping("anonymous_id", "path", "timestamp"),
            1,
            ("507f191e810c19729de860ea", "/product"),
        ),
    ],
)
def test_exports_of_analytics_tools_are_read(path, mapping, n, first):
    if not (SEEDS / path).exists():
        pytest.skip("the shared sample data are not here")
    table = read_event_table(SEEDS / path, mapping)
    assert table.num_rows == n
    assert rows(table)[0][:2] == first
    assert find_format(SEEDS / path, [FORMAT]) is FORMAT


def test_a_survey_is_not_taken_for_events(file):
    path = file("survey.csv", "respondent,submitted,recommend\nR1,2026-10-05,9\n")
    assert not FORMAT.sniff(path, path.read_bytes())
    assert FORMAT.sniff(path, GOOD.encode())
    assert FORMAT.sniff(path, gzip.compress(GOOD.encode(), mtime=0)[:40])


def test_reading_never_asks_the_network():
    with connect() as con:
        names = ("autoinstall_known_extensions", "autoload_known_extensions")
        assert [con.execute("SELECT current_setting(?)", [name]).fetchone() for name in names] == [(False,), (False,)]
