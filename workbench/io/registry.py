"""Every format that can be imported, in the order in which they are tried."""

from workbench.io import codebook, codings, docx, events, participants, plain_text, recording, srt, survey_csv, synthesis, tickets, webvtt
from workbench.io.formats import Format

FORMATS: tuple[Format, ...] = (
    webvtt.FORMAT,
    srt.FORMAT,
    docx.FORMAT,
    plain_text.FORMAT,
    recording.FORMAT,
    participants.FORMAT,
    tickets.FORMAT,
    codings.FORMAT,
    codebook.FORMAT,
    synthesis.FORMAT,
    events.FORMAT,
    survey_csv.FORMAT,
)
