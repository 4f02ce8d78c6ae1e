"""The widget in which a researcher codes interviews."""

from __future__ import annotations

from html import escape
from typing import Any, Literal, get_args

from workbench.errors import BadSetting
from workbench.store import load_codings
from workbench.study import Study
from workbench.widgets._base import StudyWidget, joined_module, joined_styles
from workbench.widgets.coding_desk import CodingDesk
from workbench.widgets.excerpts import coded_excerpts, coded_transcript

Leaves = Literal["excerpts", "transcript", "nothing"]
_LEAVES = get_args(Leaves)


class InterviewCoder(StudyWidget):
    """Code interviews: select words, type a code, go on.  Every coding is saved when its mark says so.

    Parameters
    ----------
    study : the study, from :func:`workbench.open_study`
    transcript : the name of the transcript to begin with; by default the first that you have not marked done
    coder : whose codings these are; by default the study's
    blind : hide others' codings of a transcript until both of you have marked it done
    leaves : what stays in the notebook where the widget cannot live (after a restart, on GitHub, in print): ``"excerpts"``, the
        coded passages with their codes under pseudonyms, without those whose participants do not want to be quoted;
        ``"transcript"``, all turns of the others; or ``"nothing"``
    height : in pixels

    The table of what was coded is ``study.codings``.

    Raises
    ------
    UnknownTranscript
    BadSetting
        The study was opened as it was at an earlier moment.
    """

    _esm = joined_module("interview_coder.js")
    _css = joined_styles("interview_coder.css")

    def __init__(
        self,
        study: Study,
        transcript: str | None = None,
        coder: str | None = None,
        blind: bool = False,
        *,
        leaves: Leaves = "excerpts",
        **traits: Any,
    ) -> None:
        study.check_it_is_now()
        if leaves not in _LEAVES:
            raise BadSetting("InterviewCoder, leaves", f'there is no "{leaves}"', f"Use {', '.join(_LEAVES)}.")
        self.study, self.coder, self.leaves = study, coder or study.coder, leaves
        super().__init__(CodingDesk(study, coder=self.coder, blind=blind, first=transcript), **traits)

    def __repr__(self) -> str:
        return f'InterviewCoder("{self.study.settings.title}")'

    def static_form(self) -> str:
        """What ``leaves`` says of the transcript, as HTML without scripts."""
        desk = self._desk
        if self.leaves == "nothing" or desk.first is None:
            return f'<section class="wb-excerpts"><p>{escape(repr(self))}: run this cell to go on coding.</p></section>'
        form = coded_excerpts if self.leaves == "excerpts" else coded_transcript
        return form(self.study, desk.first, desk.sight.of(load_codings(desk.db, transcript=desk.first.id)))
