"""The only code that talks to the database."""

from workbench.store.changes import HistoryEntry, Transaction, load_history, redo, undo
from workbench.store.codebook import load_codebook, save_codes
from workbench.store.codebook_edits import (
    add_code,
    load_code_versions,
    merge_codes,
    move_code,
    remove_code,
    revise_code,
    split_code,
)
from workbench.store.coding_edits import (
    Span,
    add_codings,
    count_codings,
    load_codings_by_id,
    load_spans,
    revise_coding,
    take_coding,
)
from workbench.store.codings import add_coding, change_coding, load_codings, remove_coding, save_codings
from workbench.store.database import Database
from workbench.store.documents import (
    Unreadable,
    document_version,
    earlier_states,
    last_editor,
    load_documents,
    remove_document,
    save_document,
    unreadable_documents,
)
from workbench.store.following import last_changed, newest_seq, next_redo, next_undo, study_key, touched_by, touched_since, was_done
from workbench.store.memos import load_done, load_memos, mark_done, save_memo
from workbench.store.participants import load_contacts, load_participants, save_participants
from workbench.store.responses import change_responses, load_responses, load_sources, save_responses, save_source
from workbench.store.runs import last_runs, load_runs, save_run
from workbench.store.transcripts import change_transcript, load_transcript, load_transcripts, save_transcripts
from workbench.store.versions import KeptVersion, keep_version, load_version, load_versions

__all__ = [
    "KeptVersion",
    "keep_version",
    "load_version",
    "load_versions",
    "Database",
    "HistoryEntry",
    "Span",
    "Transaction",
    "Unreadable",
    "add_code",
    "add_coding",
    "add_codings",
    "change_coding",
    "change_responses",
    "change_transcript",
    "count_codings",
    "document_version",
    "earlier_states",
    "last_changed",
    "last_runs",
    "last_editor",
    "load_code_versions",
    "load_codebook",
    "load_codings",
    "load_codings_by_id",
    "load_contacts",
    "load_documents",
    "load_done",
    "load_history",
    "load_memos",
    "load_participants",
    "load_responses",
    "load_sources",
    "load_spans",
    "load_runs",
    "load_transcript",
    "load_transcripts",
    "mark_done",
    "merge_codes",
    "move_code",
    "newest_seq",
    "next_redo",
    "next_undo",
    "redo",
    "remove_code",
    "remove_coding",
    "remove_document",
    "revise_code",
    "revise_coding",
    "save_codes",
    "save_codings",
    "save_document",
    "save_memo",
    "save_participants",
    "save_responses",
    "save_run",
    "save_source",
    "save_transcripts",
    "split_code",
    "study_key",
    "take_coding",
    "touched_by",
    "touched_since",
    "undo",
    "unreadable_documents",
    "was_done",
]
