"""The list of participants: aliases, consent, and what is kept apart."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import BadRows, MissingColumn
from workbench.io.participants import FORMAT, read_participants
from workbench.model import Consent, Contact


def people(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_names_and_addresses_are_kept_apart_from_the_participant(tmp_path):
    path = people(tmp_path, "id,pseudonym,name,email,phone,customer\nP01,Mara,Helena Voss,h@example.org,,new\nP02,,,,,\n")
    (mara, other), contacts = read_participants(path)
    assert (mara.id, mara.alias, mara.pseudonym, mara.attributes) == ("", "P01", "Mara", {"customer": "new"})
    assert (other.shown_as, other.attributes) == ("P02", {})
    assert contacts == [Contact("P01", "Helena Voss", "h@example.org")]


def test_consent_is_read_and_is_as_the_model_says_where_there_is_no_column(tmp_path):
    path = people(tmp_path, "alias,consent_quote,consent_share,consent_until\nP01,yes,0,31.12.2027\nP02,FALSE,true,\n")
    (first, second), _ = read_participants(path)
    assert first.consent == Consent(quote=True, share=False, until=date(2027, 12, 31))
    assert second.consent == Consent(quote=False, share=True)
    assert read_participants(people(tmp_path, "id,age\nP01,30\n"))[0][0].consent == Consent()


def test_consent_that_is_not_said_is_asked_for_and_never_assumed(tmp_path):
    with pytest.raises(BadRows, match='row 2, column "consent_quote": it is empty. Write yes or no'):
        read_participants(people(tmp_path, "id,consent_quote\nP01,\n"))


def test_every_bad_row_is_told_at_once(tmp_path):
    path = people(tmp_path, "id,consent_share,consent_until\nP01,maybe,2027-13-01\np01,yes,\n,no,\nP04,no,\n")
    with pytest.raises(BadRows) as caught:
        read_participants(path)
    assert [p.split(":")[0] for p in caught.value.problems] == [
        'row 2, column "consent_until"',
        'row 3, column "id"',
        'row 4, column "id"',
    ]
    assert 'Column "consent_share": "maybe" is neither yes nor no' in caught.value.problems[0]
    assert [p.alias for p in read_participants(path, skip_bad_rows=True)[0]] == ["P04"]


def test_without_an_alias_column_there_are_no_participants(tmp_path):
    with pytest.raises(MissingColumn, match="the alias of each participant"):
        read_participants(people(tmp_path, "pseudonym\nMara\n"))


@pytest.mark.parametrize(
    ("head", "is_it"),
    [(b"id,pseudonym\n", True), (b"alias;consent_quote\n", True), (b"id,recommend\n", False), (b"name,consent_quote\n", False)],
)
def test_it_is_told_by_an_alias_and_a_pseudonym_or_a_consent(head, is_it):
    assert FORMAT.sniff(Path("a.csv"), head) is is_it
