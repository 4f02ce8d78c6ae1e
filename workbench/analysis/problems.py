"""The problem statement of a stage: who needs what, and because of what."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.analysis.empathy import build_empathy_map
from workbench.analysis.lanes import lane_name
from workbench.analysis.scope import StudyTables, find_stage, show_segment
from workbench.model import Basis, CodeKind, EmpathyMap, Journey, LaneKind, Quadrant, Statement

_OPEN = "…"


def propose_problem(source: Journey | EmpathyMap | StudyTables, stage: str = "") -> str:
    """The words of :func:`problem_statement`; empty where there is neither a need nor a pain point."""
    found = problem_statement(source, stage)
    return found.text if found else ""


def problem_statement(source: Journey | EmpathyMap | StudyTables, stage: str = "") -> Statement | None:
    """``{who} needs {need} because {pain point}``, a proposal for a person to put into better words.

    The pain point is the one that most people share; the need is the one that most of these people have also said, for what
    different people said is no reason.  A need that somebody wrote down, with nobody behind it, comes after these.  Three dots stand
    where there is no such need, or no pain point.

    Parameters
    ----------
    source : a journey or an opened study (then of everyone), and ``stage`` says which stage; or an empathy map
    stage : id or name of a stage; an empathy map has its own

    Returns
    -------
    A statement, inferred, with the evidence of both; ``said_by`` are those who said both, and ``note`` says how many that is.
    ``None`` where there is neither a need nor a pain point.

    Raises
    ------
    UnknownName
        There is no such stage.
    """
    if isinstance(source, Journey):
        at = find_stage(source.stages, stage).id
        needs, pains = (source.cell(at, lane_name(lane)).statements for lane in (LaneKind.NEED, LaneKind.PAIN))
        return _join(_who(source.persona, "", source.segment), needs, pains, at)
    if isinstance(source, EmpathyMap):
        return _of_map(source)
    return _of_map(build_empathy_map(source, stage=find_stage(source.settings.stages, stage).id))


def _of_map(map: EmpathyMap) -> Statement | None:
    gains, pains = map.notes_in(Quadrant.GAINS), map.notes_in(Quadrant.PAINS)
    names = {q.participant: q.speaker for s in (*gains, *pains) for q in s.quotes}
    who = _who(map.persona, names.get(map.participant) or map.participant, show_segment(map.segment))
    return _join(who, [s for s in gains if s.note == CodeKind.NEED], pains, map.stage)


def _who(persona: str, participant: str, segment: str) -> str:
    """Who needs it, with the verb; a persona by the name before the comma."""
    one = persona.partition(",")[0].strip() or participant
    return f"{one} needs" if one else f"People with {segment} need" if segment else "People need"


def _join(who: str, needs: Sequence[Statement], pains: Sequence[Statement], stage: str) -> Statement | None:
    pain = min((s for s in pains if not s.hidden), key=lambda s: (-s.n, s.text), default=None)
    need = _need_of(pain, [s for s in needs if not s.hidden])
    parts = [s for s in (need, pain) if s]
    if not parts:
        return None
    said_by = sorted(set(parts[0].said_by) & set(parts[-1].said_by))
    n_of = parts[-1].n_of
    evidence = tuple(dict.fromkeys(e for s in parts for e in s.evidence))
    return Statement(
        f"{who} {_inside(need)} because {_inside(pain)}",
        Basis.INFERRED if evidence else Basis.ASSUMED,
        evidence,
        said_by=tuple(said_by),
        n_of=n_of,
        note=f"{len(said_by)} of {n_of} said both" if len(parts) == 2 and said_by else "",
        id=f"problem/{stage}",
    )


def _need_of(pain: Statement | None, needs: Sequence[Statement]) -> Statement | None:
    """The need that most people who met the pain point said; the most shared one where there is no pain point."""
    if pain is None:
        return min(needs, key=lambda s: (-s.n, s.text), default=None)
    met = set(pain.said_by)
    theirs = [s for s in needs if not met.isdisjoint(s.said_by) or not s.said_by or not met]
    return min(theirs, key=lambda s: (-len(met.intersection(s.said_by)), -s.n, s.text), default=None)


def _inside(statement: Statement | None) -> str:
    """The words of a statement as they stand inside a sentence."""
    text = statement.text.rstrip(". ") if statement else _OPEN
    first = text.partition(" ")[0]
    stays = first in ("I", "I'm", "I’m") or any(letter.isupper() for letter in first[1:])
    return text if stays else text[:1].lower() + text[1:]
