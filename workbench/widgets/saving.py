"""Saving what is done in a widget: a request comes in, is done once, and its effect goes back.

Every request carries an ``id`` that the browser made. It becomes the name of the action in the change record, so a request that is
sent again, because the kernel was restarted before it answered, is recognised and answered again without being done again.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from workbench.errors import DiskFull, FolderNotWritable, NothingToUndo, StudyBusy, WorkbenchError
from workbench.store import Transaction, next_redo, next_undo, redo, study_key, touched_by, touched_since, undo, was_done
from workbench.study import Study

_LOG = logging.getLogger(__name__)
Request = Mapping[str, Any]
Answer = dict[str, Any]
Touched = Mapping[str, set[str]]

#: Passing troubles: the browser keeps such a request and sends it again.
_WILL_PASS = (StudyBusy, DiskFull, FolderNotWritable)


class Desk(ABC):
    """Answers the requests of one widget for one coder; the requests of a widget of its own are in :attr:`ops`.

    Parameters
    ----------
    study : where to read and write
    coder : whose changes these are
    """

    def __init__(self, study: Study, *, coder: str) -> None:
        self.study, self.db, self.coder = study, study.db, coder
        self.ops: dict[str, Callable[[Request], Answer]] = {"undo": self._undo, "redo": self._redo, "changes": self._changes}

    def answer(self, request: Request) -> Answer:
        """Do what is asked, once, and say what it changed; what went wrong is one sentence.

        An answer to a request that failed carries what it was about as it is, so that the browser can draw the truth.
        """
        asked = str(request.get("id", ""))
        try:
            self.turn(request)
            return {"re": asked, "ok": True, **self.ops[request["op"]](request)}
        except WorkbenchError as error:
            again = isinstance(error, _WILL_PASS)
            truth = {} if again else self._true_now(request)
            return {"re": asked, "ok": False, "error": str(error), "again": again, **truth}
        except Exception:  # noqa: BLE001 - whatever it is, the browser waits for an answer
            _LOG.exception("a request could not be done")
            sentence = "This request could not be read. Run the cell again."
            return {"re": asked, "ok": False, "error": sentence, "again": False, **self._true_now(request)}

    def _true_now(self, request: Request) -> Answer:
        """The truth, where it can be told."""
        try:
            return self.truth(request)
        except Exception:  # noqa: BLE001 - the answer goes out without it
            _LOG.debug("what a request was about cannot be read", exc_info=True)
            return {}

    def turn(self, _request: Request) -> None:  # noqa: B027 - most desks have one thing to be about
        """Turn to what the request is about."""

    def truth(self, _request: Request) -> Answer:
        """What a failed request was about, as it is."""
        return {}

    @abstractmethod
    def effect(self, touched: Touched, request: Request) -> Answer:
        """What the widget has to draw anew when these rows were touched: ids by table."""

    def greeting(self) -> Answer:
        """What every widget is told at first."""
        settings = self.study.settings
        return {"study": {"title": settings.title, "key": study_key(self.db)}, "coder": self.coder, **self.history()}

    def once(self, request: Request, action: str, do: Callable[[Transaction], object]) -> Touched:
        """One action under the request's name, unless it is in the record already; gives what it touched."""
        with self.db.atomic(self.coder, action, batch=request["id"]) as transaction:
            if not was_done(transaction):
                do(transaction)
        return touched_by(self.db, request["id"])

    def history(self) -> Answer:
        """What the coder would undo and redo next."""
        undoable, redoable = next_undo(self.db, self.coder), next_redo(self.db, self.coder)
        return {"undo": undoable[1] if undoable else "", "redo": redoable[1] if redoable else ""}

    def _changes(self, request: Request) -> Answer:
        """What others (and other tabs) have changed since; nothing but a number when nothing has."""
        since = int(request["since"])
        seq, touched = touched_since(self.db, since)
        return {"seq": seq, **self.effect(touched, request)} if touched else {"seq": since}

    def _undo(self, request: Request) -> Answer:
        return self._back_or_forth(request, next_undo, lambda batch: undo(self.db, self.coder, batch, record_as=request["id"]), "undo")

    def _redo(self, request: Request) -> Answer:
        return self._back_or_forth(request, next_redo, lambda _: redo(self.db, self.coder, record_as=request["id"]), "redo")

    def _back_or_forth(self, request: Request, find: Callable[..., Any], do: Callable[[str], object], word: str) -> Answer:
        touched = touched_by(self.db, request["id"])
        what = ""
        if not touched:
            found = find(self.db, self.coder)
            if found is None:
                raise NothingToUndo(self.coder, word)
            do(found[0])
            what, touched = found[1], touched_by(self.db, request["id"])
        return {**self.effect(touched, request), **self.history(), "did": f"{word}: {what}"}
