"""Support tickets, to read and to count."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import BadRows, MissingColumn
from workbench.io.tickets import FORMAT, read_tickets
from workbench.model import SourceKind

TICKETS = """\
ticket_id,opened_at,user_id,participant,channel,reason,text
T1,2026-09-02T16:18:30,u7,P02,email,refund,"Where is my money? 🥚
It was two eggs."
T2,2026-09-03,u8,,chat,,
T3,2026-09-04,u9,,chat,slot,The slot vanished.
"""


def tickets(tmp_path: Path, text: str = TICKETS) -> Path:
    path = tmp_path / "tickets.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_transcript_holds_every_ticket_that_says_something_as_an_utterance(tmp_path):
    transcript, _ = read_tickets(tickets(tmp_path))
    assert (transcript.name, transcript.kind, len(transcript.source)) == ("tickets", SourceKind.TICKET, 64)
    assert [(u.speaker, u.participant, transcript.text[u.start : u.end]) for u in transcript.utterances] == [
        ("T1", "P02", "Where is my money? 🥚\nIt was two eggs."),
        ("T3", None, "The slot vanished."),
    ]


def test_every_ticket_is_a_response_of_the_survey_tickets(tmp_path):
    first, second, _ = read_tickets(tickets(tmp_path))[1]
    assert (first.survey, first.respondent, first.participant, first.answered) == ("tickets", "T1", "P02", date(2026, 9, 2))
    assert first.attributes == {"user_id": "u7", "channel": "email"}
    assert first.answers == {"reason": "refund", "text": "Where is my money? 🥚\nIt was two eggs."}
    assert (second.participant, second.answers) == (None, {})


def test_every_bad_ticket_is_told_at_once(tmp_path):
    path = tickets(tmp_path, "ticket_id,opened_at,text\nT1,soon,x\nT1,2026-09-01,y\n,2026-09-01,z\nT4,2026-09-01,w\n")
    with pytest.raises(BadRows) as caught:
        read_tickets(path)
    assert len(caught.value.problems) == 3
    transcript, responses = read_tickets(path, skip_bad_rows=True)
    assert (transcript.text, [r.respondent for r in responses]) == ("w", ["T4"])


def test_tickets_need_an_id_a_day_and_a_text(tmp_path):
    with pytest.raises(MissingColumn, match='"opened_at"'):
        read_tickets(tickets(tmp_path, "ticket_id,text\nT1,x\n"))


def test_it_is_told_by_the_id_and_the_text():
    assert FORMAT.sniff(Path("a.csv"), TICKETS.encode())
    assert not FORMAT.sniff(Path("a.csv"), b"ticket_id,reason\n")
