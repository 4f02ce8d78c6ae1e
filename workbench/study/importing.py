"""Files into a study: read, checked against what is there, and saved all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from workbench.errors import BadFile, BadSetting, cannot_write
from workbench.files import write_whole
from workbench.io.formats import HEAD_BYTES, KINDS, Format, find_format
from workbench.io.registry import FORMATS
from workbench.io.tables import head_columns, squash
from workbench.io.text_file import sha256_of
from workbench.model import EventMapping, Source
from workbench.store import save_source
from workbench.study.handle import Study
from workbench.study.known import Imported, ImportOptions, Known
from workbench.study.take_answers import take_events, take_survey, take_tickets
from workbench.study.take_codes import take_codebook, take_codings, take_synthesis
from workbench.study.take_recording import take_recording
from workbench.study.take_words import take_interview, take_participants

__all__ = ["ImportOptions", "Imported", "import_files"]

#: In this order, whatever the order of the files: what is named before what names it.
_TAKE: dict[str, Callable[[Known, Path, Format, ImportOptions], Imported]] = {
    "participants": take_participants,
    "interview": take_interview,
    "recording": take_recording,
    "tickets": take_tickets,
    "survey": take_survey,
    "events": take_events,
    "codebook": take_codebook,
    "codings": take_codings,
    "synthesis": take_synthesis,
}
_ORDER = list(_TAKE)

#: What holds nothing that could be brought up to date: once is enough, under whatever name.
_ONCE = frozenset({"tickets", "events"})


def import_files(study: Study, paths: str | Path | Iterable[str | Path], options: ImportOptions | None = None) -> list[Imported]:
    """Import files into a study, all of them or none.

    Participants are taken before interviews, interviews before recordings and the codebook before codings, whatever the order of
    ``paths``.  A file that was imported before changes nothing, unless something else has changed since what it brought.  Originals
    are kept byte for byte in ``datasets/``.

    Parameters
    ----------
    paths : the files, or one of them

    Raises
    ------
    BadFile, BadRows, UnknownFormat, MissingColumn, UnknownParticipant, UnknownCode
        Nothing was imported then.
    """
    options = options or ImportOptions()
    if options.kind is not None and options.kind not in KINDS:
        raise BadSetting("--kind", f'"{options.kind}" is not one', f"Accepted: {', '.join(KINDS)}.")
    study.check_it_is_now()
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(p) for p in paths]
    found = [(path, _format_of(_named(path), study.settings.events, options)) for path in given]
    known = Known.of(study)
    results, names = [], []
    originals: list[tuple[Path, Source]] = []
    for path, form in sorted(found, key=lambda f: _ORDER.index(f[1].kind)):
        n_saves = len(known.save)
        result, source = _import_one(known, path, form, options)
        results.append(result)
        names += [path.name] if len(known.save) > n_saves else []
        originals += [(path, source)] if source is not None else []
    if names and not options.dry_run:
        _commit(study, known, names, originals)
    return results


def _format_of(path: Path, events: EventMapping, options: ImportOptions) -> Format:
    """The format of a file; a table with the columns that study.toml names under [events] is events, whatever else it looks like."""
    form = find_format(path, FORMATS, options.kind)
    if options.kind is None and form.kind == "survey":
        with path.open("rb") as file:
            names = head_columns(path, file.read(HEAD_BYTES))
        if {squash(events.user), squash(events.event), squash(events.time)} <= names:
            return find_format(path, FORMATS, "events")
    return form


def _named(path: Path) -> Path:
    """The path, if its name can be written down."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="replace").decode()
        raise BadFile(shown, "its name is not Unicode text", "Rename it first.") from None
    return path


def _import_one(known: Known, path: Path, form: Format, options: ImportOptions) -> tuple[Imported, Source | None]:
    sha256 = sha256_of(path)
    before = known.sources.get((sha256, form.kind))
    if before is not None:
        return _import_again(known, path, form, options, before), None
    result = _TAKE[form.kind](known, path, form, options)
    n_rows = result.n_new + result.n_changed + result.n_known
    if not n_rows and not result.left_out:
        raise BadFile(path, "there is nothing in it to import", "Export it again from where it came.")
    source = Source(
        id=uuid4().hex, sha256=sha256, name=path.name, kind=form.kind, stored_as=sha256 + _ending(path, form),
        size_bytes=path.stat().st_size, imported=datetime.now(UTC).isoformat(timespec="seconds"), by=known.study.coder,
        options=options.said, n_rows=n_rows,
    )  # fmt: skip
    known.sources[sha256, form.kind] = source
    known.save.append(lambda t: save_source(t, source))
    return result, source


def _import_again(known: Known, path: Path, form: Format, options: ImportOptions, before: Source) -> Imported:
    n_saves = len(known.save)
    called = f" as {before.name}" if before.name != path.name else ""
    nothing = Imported(path, form.kind, f"the same file was imported before{called}; nothing changed", n_known=before.n_rows)
    if form.kind in _ONCE:
        return nothing
    known.again = True
    result = _TAKE[form.kind](known, path, form, options)
    known.again = False
    if result.n_new or result.n_changed:
        return result
    del known.save[n_saves:]
    return replace(nothing, n_known=result.n_known, left_out=result.left_out)


def _ending(path: Path, form: Format) -> str:
    """Of the name only what says the format: the rest may name somebody."""
    return max((e for e in form.extensions if path.name.lower().endswith(e)), key=len)


def _commit(study: Study, known: Known, names: Sequence[str], originals: Sequence[tuple[Path, Source]]) -> None:
    """Keep the originals, then save everything in one transaction; a failure takes back what was copied."""
    copied: list[Path] = []
    try:
        for path, source in originals:
            target = study.folder / "datasets" / source.stored_as
            if not target.exists():
                copied.append(target)
                _copy(path, target)
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        with study.db.atomic(study.coder, f"import {shown}") as transaction:
            for save in known.save:
                save(transaction)
    except BaseException:
        for target in copied:
            with suppress(OSError):
                target.unlink(missing_ok=True)
        raise
    study.forget_events()


def _copy(path: Path, target: Path) -> None:
    try:
        target.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise cannot_write(target.parent, error) from error
    write_whole(target, path)
