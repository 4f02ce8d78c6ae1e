"""The only code that talks to the database."""

from workbench.store.changes import HistoryEntry, Transaction, load_history, redo, undo
from workbench.store.codebook import load_codebook, save_codes
from workbench.store.codings import add_coding, change_coding, load_codings, remove_coding, save_codings
from workbench.store.database import Database
from workbench.store.documents import load_documents, save_document
from workbench.store.participants import load_contacts, load_participants, save_participants
from workbench.store.responses import load_responses, load_sources, save_responses, save_source
from workbench.store.transcripts import load_transcript, load_transcripts, save_transcripts

__all__ = [
    "Database",
    "HistoryEntry",
    "Transaction",
    "add_coding",
    "change_coding",
    "load_codebook",
    "load_codings",
    "load_contacts",
    "load_documents",
    "load_history",
    "load_participants",
    "load_responses",
    "load_sources",
    "load_transcript",
    "load_transcripts",
    "redo",
    "remove_coding",
    "save_codes",
    "save_codings",
    "save_document",
    "save_participants",
    "save_responses",
    "save_source",
    "save_transcripts",
    "undo",
]
