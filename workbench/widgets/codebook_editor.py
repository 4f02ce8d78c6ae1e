"""The widget in which a codebook grows: a tree of codes, their descriptions and their excerpts."""

from __future__ import annotations

from html import escape
from typing import Any

from workbench.study import Study
from workbench.widgets._base import StudyWidget, joined_module, joined_styles
from workbench.widgets.codebook_desk import CodebookDesk
from workbench.widgets.excerpts import codebook_table


class CodebookEditor(StudyWidget):
    """Edit the codebook: create, rename, describe, colour, move, merge, split and retire codes; every step can be undone.

    A click on an excerpt goes to its passage in an :class:`InterviewCoder` of the same study on the same page, or shows it in place.

    Parameters
    ----------
    study : the study, from :func:`workbench.open_study`
    coder : whose changes these are; by default the study's
    blind : hide others' codings of a transcript until both of you have marked it done
    height : in pixels

    The table is ``workbench.code_frequency(study.codings)``, the codes themselves are ``study.codebook``.

    Raises
    ------
    BadSetting
        The study was opened as it was at an earlier moment.
    """

    _esm = joined_module("codebook_editor.js")
    _css = joined_styles("codebook_editor.css")

    def __init__(self, study: Study, coder: str | None = None, blind: bool = False, **traits: Any) -> None:
        study.check_it_is_now()
        self.study, self.coder = study, coder or study.coder
        super().__init__(CodebookDesk(study, coder=self.coder, blind=blind), **{"height": 640, **traits})

    def __repr__(self) -> str:
        return f'CodebookEditor("{self.study.settings.title}")'

    def static_form(self) -> str:
        """The codes with their definitions and how often each is used, as HTML without scripts."""
        return codebook_table(self.study.codebook, self._desk.answer({"id": "", "op": "hello"})["counts"], escape(repr(self)))
