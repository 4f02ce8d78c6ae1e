"""What can go wrong, named for the researcher's situation.

Every class takes facts and writes the sentence: where, what was found, what would be accepted, what to do next.
Each also inherits the built-in error it resembles, so that ``except LookupError`` works as expected.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class WorkbenchError(Exception):
    """The base of every error a user can cause.  Its text is one sentence for a person."""


def did_you_mean(found: str, accepted: Iterable[str]) -> str:
    """``Did you mean "stage"?``, or the list of what is accepted when nothing is close."""
    names = sorted(set(accepted))
    close = get_close_matches(found, names, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    if not names:
        return "There are none yet."
    shown = ", ".join(f'"{name}"' if "," in name else name for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"Accepted: {shown}{more}."


class NotAStudy(WorkbenchError, FileNotFoundError):
    """A folder was opened that holds no study."""

    def __init__(self, folder: object) -> None:
        super().__init__(
            f'{folder}: no study.toml here, so this is not a study. Make one with "workbench new {folder}", or name another folder.'
        )


class StudyExists(WorkbenchError, FileExistsError):
    """A new study was asked for where one is already."""

    def __init__(self, folder: object) -> None:
        super().__init__(f"{folder}: there is a study here already. Choose another folder, or open this one.")


class FolderNotEmpty(WorkbenchError, FileExistsError):
    """A new study was asked for in a folder that holds other things."""

    def __init__(self, folder: object) -> None:
        super().__init__(f"{folder}: the folder is not empty, and nothing in it was touched. Choose a new or an empty folder.")


class FolderNotWritable(WorkbenchError, PermissionError):
    """The study's folder, or a file in it, cannot be written."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(
            f"{path}: cannot be written ({reason}). Nothing was changed; give yourself write access or copy the study to a folder of yours."
        )


class DiskFull(WorkbenchError, OSError):
    """The disk took no more."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path}: the disk is full, so this change was not saved; everything saved before it is safe. Free some space and do it again."
        )


class StudyBusy(WorkbenchError, TimeoutError):
    """Another process holds the study's write lock for longer than we wait."""

    def __init__(self, path: object, timeout_s: float) -> None:
        super().__init__(
            f"{path}: another process has been writing to this study for over {timeout_s:g} s, so this change was not saved. "
            "Close the other notebook or command, then do it again."
        )


class NoLocks(WorkbenchError, OSError):
    """The file system gives no lock by which one command waits for another."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(
            f"{path}: this file system gives no lock ({reason}), so two commands could write the same page at once, and nothing was written. "
            "Put the study on a disk of this machine, or have the network folder mounted with locks."
        )


class StoreDamaged(WorkbenchError, OSError):
    """The database file is not one, or is of a newer workbench."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}.")


class StaleEdit(WorkbenchError, RuntimeError):
    """Somebody else changed the same thing in between."""

    def __init__(self, what: str, by: str | None = None) -> None:
        who = f" by {by}" if by else ""
        super().__init__(
            f"{what} was changed{who} after you read it, so your change was not saved over it. Read it again and repeat the change."
        )


class StillInUse(WorkbenchError, RuntimeError):
    """Something cannot be taken away because other things rest on it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is in use by what was made later, so it cannot be taken back. Undo the later things first.")


class NothingToUndo(WorkbenchError, LookupError):
    """Undo or redo was asked for, and there is nothing."""

    def __init__(self, coder: str, word: str) -> None:
        super().__init__(f"{coder} has nothing to {word}.")


class BadSetting(WorkbenchError, ValueError):
    """study.toml says something that cannot be read."""

    def __init__(self, where: str, found: str, accepted: str) -> None:
        super().__init__(f"{where}: {found}. {accepted}")


class BadFile(WorkbenchError, ValueError):
    """A file cannot be read as what it claims to be."""

    def __init__(self, path: object, found: str, advice: str) -> None:
        super().__init__(f"{path}: {found}. {advice}")


class BadRows(WorkbenchError, ValueError):
    """Some rows of a table cannot be imported.  Every one of them is in :attr:`problems`.

    Parameters
    ----------
    path : the file
    problems : one sentence per bad row
    n_good : rows that were fine (and were not imported either)
    """

    def __init__(self, path: object, problems: Sequence[str], n_good: int) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(f"  {p}" for p in self.problems[:20])
        more = f"\n  and {len(self.problems) - 20} more" if len(self.problems) > 20 else ""
        rows = "row" if len(self.problems) == 1 else "rows"
        super().__init__(
            f"{path}: {len(self.problems)} {rows} cannot be imported, so nothing was ({n_good} others are fine):\n{shown}{more}\n"
            "Mend the file, or use --skip-bad-rows (skip_bad_rows=True) to import the others."
        )


class MissingColumn(WorkbenchError, LookupError):
    """A table lacks a column that is needed; ``advice`` says what to do where renaming or mapping it is not said well enough."""

    def __init__(self, path: object, column: str, found: Iterable[str], purpose: str = "", advice: str = "") -> None:
        found = list(found)
        why = f" ({purpose})" if purpose else ""
        shown = ", ".join(found[:15]) + (f" and {len(found) - 15} more" if len(found) > 15 else "")
        close = get_close_matches(column, found, n=1, cutoff=0.6)
        hint = f'Did you mean "{close[0]}"?' if close else f"Its columns are: {shown or 'none'}."
        super().__init__(f'{path}: there is no column "{column}"{why}. {hint} {advice or "Rename it in the file or map it in study.toml."}')


class UnknownFormat(WorkbenchError, ValueError):
    """No reader wants this file."""

    def __init__(self, path: object, accepted: Iterable[str]) -> None:
        super().__init__(
            f"{path}: no reader knows this kind of file. Accepted: {', '.join(accepted)}. Say which with --kind, or convert it first."
        )


class UnknownParticipant(WorkbenchError, LookupError):
    """A participant is named who is not in the study."""

    def __init__(self, alias: str, accepted: Iterable[str], where: str = "") -> None:
        place = f"{where}: " if where else ""
        super().__init__(f'{place}there is no participant "{alias}" in this study. {did_you_mean(alias, accepted)}')


class UnknownTranscript(WorkbenchError, LookupError):
    """A transcript is named that is not in the study."""

    def __init__(self, name: str, accepted: Iterable[str]) -> None:
        super().__init__(f'there is no transcript "{name}" in this study. {did_you_mean(name, accepted)}')


class UnknownCode(WorkbenchError, LookupError):
    """A code is named that is not in the codebook."""

    def __init__(self, name: str, accepted: Iterable[str]) -> None:
        super().__init__(f'there is no code "{name}" in the codebook. {did_you_mean(name, accepted)}')


class UnknownName(WorkbenchError, LookupError):
    """A stage, persona, segment, measure or template is named that does not exist."""

    def __init__(self, what: str, name: str, accepted: Iterable[str]) -> None:
        super().__init__(f'there is no {what} "{name}". {did_you_mean(name, accepted)}')


class BadPosition(WorkbenchError, ValueError):
    """An excerpt's start or end lies outside its transcript."""

    def __init__(self, transcript: str, start: int, end: int, length: int) -> None:
        super().__init__(
            f"{start} to {end} is not a passage of transcript {transcript}, which has {length} characters. Use 0 <= start < end <= {length}."
        )


class BadParameter(WorkbenchError, ValueError):
    """A report was given a parameter that its template does not take, or of the wrong type."""


class ReportFailed(WorkbenchError, RuntimeError):
    """A cell of a report failed.

    Parameters
    ----------
    template : the template's name
    cell : number of the code cell, from 1
    source : first line of the cell
    error : the exception, as ``Type: message``
    partial : where the notebook lies as far as it ran
    kept : the earlier report that is still in place, if any
    may_pass : whether the same report, run again, may well succeed
    """

    def __init__(
        self, template: str, cell: int, source: str, error: str, partial: object, kept: object | None, *, may_pass: bool = False
    ) -> None:
        self.cell, self.error, self.partial, self.may_pass = cell, error, partial, may_pass
        left = f"The report from before, {kept}, was left as it is." if kept else "No report was written."
        super().__init__(
            f'{template}, code cell {cell} ("{source}") failed with {error.rstrip(".")}. As far as it ran it is in {partial}. {left}'
        )


class MissingTool(WorkbenchError, ImportError):
    """Something optional is needed and not installed."""

    def __init__(self, what: str, install: str) -> None:
        super().__init__(f"{what} is not installed. Install it with: {install}")


class NoAnswers(WorkbenchError, ValueError):
    """A number was asked for where there is nothing to count."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: there is nothing to count. Check the question, the column and the filter.")


class BadAnswers(WorkbenchError, ValueError):
    """Some answers are not on the scale of their question.

    Parameters
    ----------
    what : the measure or question
    wrong : every answer that does not fit
    n : how many answers were given
    accepted : what the scale takes, in the plural ("whole numbers from 0 to 10")
    """

    def __init__(self, what: str, wrong: Sequence[object], n: int, accepted: str) -> None:
        self.wrong, self.n, self.accepted = tuple(wrong), n, accepted
        kinds = list(dict.fromkeys(str(w) for w in wrong))
        shown = ", ".join(f'"{k}"' for k in kinds[:5]) + (f" and {len(kinds) - 5} more" if len(kinds) > 5 else "")
        verb = "does" if len(wrong) == 1 else "do"
        super().__init__(f"{what}: {len(wrong)} of {n} answers {verb} not fit ({shown}); accepted are {accepted}, or nothing.")


def cannot_write(path: object, error: OSError) -> WorkbenchError:
    """What to tell somebody whose file could not be written; an error that is a sentence already stays as it is."""
    if isinstance(error, WorkbenchError):
        return error
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(path)
    found = {
        errno.ENOENT: "the folder that it should go to does not exist",
        errno.ENOTDIR: "there is a file where a folder should be",
        errno.EEXIST: "there is a file where a folder should be",
        errno.EISDIR: "this is a folder",
        errno.ENAMETOOLONG: "the name is too long",
    }.get(error.errno or 0)
    if found is not None:
        return BadFile(path, found, "Choose another place; nothing was written.")
    return FolderNotWritable(path, error.strerror or str(error))
