"""What the empathy map asks of a study: its eight fields, built from the codings, with what people wrote on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.analysis.empathy import build_empathy_map
from workbench.analysis.empathy_changes import compare_empathy_maps, rebuild_empathy_map, remark, written_part
from workbench.analysis.problems import propose_problem
from workbench.analysis.scope import find_persona, parse_segment, show_segment
from workbench.model import Basis, EmpathyMap, Note, Quadrant, Statement
from workbench.model.empathy_map import INFERRED
from workbench.study import Study
from workbench.widgets.canvas_desk import StatementCanvas, field
from workbench.widgets.evidence import in_figures
from workbench.widgets.saving import Answer

_NAMES = {q: q.value.capitalize() for q in Quadrant}
_HINTS = {
    Quadrant.SAYS: "In people's own words.", Quadrant.THINKS: "What they seem to think: inferred from what they said.",
    Quadrant.DOES: "What they did.", Quadrant.FEELS: "Emotions, from −2 to +2: inferred.", Quadrant.SEES: "What is in front of them.",
    Quadrant.HEARS: "What others tell them.", Quadrant.PAINS: "What hinders and annoys.", Quadrant.GAINS: "What they want and are glad of.",
}  # fmt: skip


class EmpathyDesk(StatementCanvas[EmpathyMap]):
    """Answers the requests of an empathy map for one coder.

    Parameters
    ----------
    persona, participant, segment : whom the map is about; everybody when none is given
    stage, touchpoint : where on the journey; all of it when none is given
    """

    kind = EmpathyMap

    def __init__(
        self, study: Study, *, coder: str, persona: str = "", participant: str = "", segment: Mapping[str, str] | str | None = None,
        stage: str = "", touchpoint: str = "",
    ) -> None:  # fmt: skip
        persona = find_persona(study.personas, persona).name if persona else ""
        self.about: dict[str, Any] = {
            "persona": persona, "participant": participant, "segment": parse_segment(segment), "stage": stage, "touchpoint": touchpoint,
        }  # fmt: skip
        whom = persona or participant or show_segment(self.about["segment"]) or "everyone"
        super().__init__(study, coder=coder, id="empathy map of " + " · ".join(x for x in (whom, stage, touchpoint) if x))
        self._current = self.make(self._saved())  # a name that does not exist is said before anything is drawn

    def make(self, saved: EmpathyMap | None) -> EmpathyMap:
        """What people wrote, laid over what was coded."""
        about = {k: v or None for k, v in self.about.items()}
        built = replace(build_empathy_map(self.shelf.tables, **about), id=self.id)
        return built if saved is None else rebuild_empathy_map(saved, built)

    def to_save(self, shown: EmpathyMap) -> EmpathyMap:
        """Notes that somebody wrote, changed, moved or put in order; the others are built anew each time."""
        return written_part(shown)

    def lists(self, doc: EmpathyMap) -> Mapping[str, Sequence[Statement]]:
        """One list for each field."""
        return {q.value: doc.notes_in(q) for q in Quadrant}

    def with_list(self, doc: EmpathyMap, id: str, statements: Sequence[Statement]) -> EmpathyMap:
        """Other notes in one field."""
        others = [n for n in doc.notes if n.quadrant != id]
        return replace(doc, notes=(*others, *(Note(Quadrant(id), _known(s, Quadrant(id))) for s in statements)))

    def basis(self, list_id: str) -> Basis:
        """Words and deeds are observed, thoughts and feelings inferred."""
        return Basis.INFERRED if Quadrant(list_id) in INFERRED else Basis.OBSERVED

    def frame(self, doc: EmpathyMap) -> Answer:
        """Whom it is about, how many they are, and the problem statement."""
        return {
            "names": {q.value: name for q, name in _NAMES.items()}, "hints": {q.value: hint for q, hint in _HINTS.items()},
            "queue": f"{self.id}:",  # what waits in the browser for this map is no other map's
            "about": doc.about, "n_of": doc.n_of, "stage": doc.stage, "touchpoint": doc.touchpoint, "problem": doc.problem, "proposed": propose_problem(doc),
        }  # fmt: skip

    def tone(self, list_id: str) -> str:
        """Pains and gains."""
        return {Quadrant.PAINS.value: "bad", Quadrant.GAINS.value: "good"}.get(list_id, "")

    def note(self, s: Statement) -> str:
        """A map notes the kind of a code itself; that is nobody's remark."""
        return remark(s)

    def more(self, s: Statement, list_id: str) -> Answer:
        """Words of people are in quotation marks; a feeling has its mean."""
        felt = next((in_figures(m.estimate) for m in s.measures), "")
        quoted = list_id == Quadrant.SAYS and s.basis == Basis.OBSERVED and bool(s.code) and not s.reworded_by
        counts = f"spoke of “{s.code}”, one in these words" if quoted and s.n > 1 else ""
        return {"quoted": quoted, "extra": (felt or counts) if s.said_by else ""}

    def title(self, doc: EmpathyMap) -> str:
        """``Empathy map of …``."""
        return f"the empathy map of {doc.about}"

    def form(self, of: str) -> Answer:  # noqa: ARG002 - there is one form
        """Title and problem statement."""
        doc = self.current
        hint = propose_problem(doc) or "… needs … because …"
        fields = [field("about", "Title", doc.about), field("problem", "Problem statement", doc.problem, "area", hint)]
        return {"title": "About this map", "fields": fields}

    def filled(self, doc: EmpathyMap, of: str, values: Mapping[str, Any], *, remove: bool) -> EmpathyMap:  # noqa: ARG002
        """Title and problem statement as they were written."""
        return replace(doc, **{k: str(v) for k, v in values.items() if k in ("about", "problem")})

    def changes_since(self, before: EmpathyMap, now: EmpathyMap) -> list[str]:
        """Notes that came, went, or are shared by more or fewer."""
        table = compare_empathy_maps(before, now)
        found = []
        for row in table.itertuples(index=False):
            if row.in_map == "first":
                found.append(f"{_NAMES[Quadrant(row.quadrant)]}: “{row.statement}” went ({row.n_first} of {row.n_of_first}).")
            elif row.in_map == "second":
                found.append(f"{_NAMES[Quadrant(row.quadrant)]}: “{row.statement}” came ({row.n_second} of {row.n_of_second}).")
            elif (row.n_first, row.n_of_first) != (row.n_second, row.n_of_second):
                counts = f"{row.n_first} of {row.n_of_first} → {row.n_second} of {row.n_of_second}"
                found.append(f"{_NAMES[Quadrant(row.quadrant)]}: “{row.statement}” {counts}.")
        return found


def _known(s: Statement, quadrant: Quadrant) -> Statement:
    return replace(s, basis=Basis.INFERRED) if quadrant in INFERRED and s.basis == Basis.OBSERVED else s
