"""The labels that a study puts on passages, in a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workbench.errors import BadSetting, UnknownCode


class CodeKind(StrEnum):
    """What a code says about a passage; this is how coded interviews become a map."""

    STAGE = "stage"
    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    ACTION = "action"
    THOUGHT = "thought"
    EMOTION = "emotion"
    PAIN = "pain point"
    DELIGHT = "delight"
    NEED = "need"
    GOAL = "goal"
    OPPORTUNITY = "opportunity"
    THEME = "theme"
    OTHER = "other"


VALENCE_RANGE = (-2, 2)


@dataclass(frozen=True)
class Code:
    """One label.

    ``parent`` is the id of the code above it. ``valence`` is what an emotion is worth when a coding does not say
    (-2 very unpleasant to +2 very pleasant). ``retired`` codes keep their codings and take no new ones.
    """

    id: str
    name: str
    kind: CodeKind = CodeKind.OTHER
    parent: str | None = None
    colour: str = ""
    definition: str = ""
    use: str = ""
    dont_use: str = ""
    example: str = ""
    valence: int | None = None
    retired: bool = False
    position: int = 0

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadSetting("codebook", "a code has no name", "Give each code a name.")
        if self.valence is not None and not VALENCE_RANGE[0] <= self.valence <= VALENCE_RANGE[1]:
            raise BadSetting(f'code "{self.name}"', f"valence {self.valence} is out of range", "Use a whole number from -2 to 2.")


class Codebook(Sequence[Code]):
    """The codes of a study, each parent before its children.

    Raises
    ------
    BadSetting
        Two codes of the same parent share a name, a parent does not exist, or parents form a circle.
    """

    def __init__(self, codes: Iterable[Code] = ()) -> None:
        given = sorted(codes, key=lambda c: (c.position, c.name.casefold(), c.id))
        self._by_id = {c.id: c for c in given}
        children: dict[str | None, list[Code]] = {}
        for code in given:
            if code.parent is not None and code.parent not in self._by_id:
                raise BadSetting(f'code "{code.name}"', "its parent is not in the codebook", "Add the parent first.")
            siblings = children.setdefault(code.parent, [])
            if any(s.name.casefold() == code.name.casefold() for s in siblings):
                raise BadSetting(f'code "{code.name}"', "another code beside it has the same name", "Rename one of the two.")
            siblings.append(code)
        self._codes = tuple(_depth_first(children))
        if len(self._codes) != len(given):
            lost = next(c for c in given if c not in self._codes)
            raise BadSetting(f'code "{lost.name}"', "it is its own ancestor", "Choose another parent.")

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._codes[index]

    def __iter__(self) -> Iterator[Code]:
        return iter(self._codes)

    def __repr__(self) -> str:
        return f"Codebook({len(self)} codes)"

    def by_id(self, id: str) -> Code:
        """The code with this id.

        Raises
        ------
        UnknownCode
        """
        try:
            return self._by_id[id]
        except KeyError:
            raise UnknownCode(id, (c.name for c in self)) from None

    def path(self, code: Code) -> str:
        """A code's name with those above it: ``Time pressure / Slot expires``."""
        above = self._by_id.get(code.parent or "")
        return f"{self.path(above)} / {code.name}" if above else code.name

    def find(self, name: str) -> Code:
        """The code with this name or path, in any case; a bare name must be the only one.

        Raises
        ------
        UnknownCode
            No code has the name, or several have: then the paths to choose from are listed.
        """
        wanted = name.strip().casefold()
        hits = [c for c in self if c.name.casefold() == wanted or self.path(c).casefold() == wanted]
        exact = [c for c in hits if self.path(c).casefold() == wanted]
        if len(hits) != 1 and len(exact) != 1:
            raise UnknownCode(name, [self.path(c) for c in hits] or [c.name for c in self])
        return (exact or hits)[0]

    def of_kind(self, kind: CodeKind) -> tuple[Code, ...]:
        """The codes of one kind, in order."""
        return tuple(c for c in self if c.kind == kind)


def _depth_first(children: dict[str | None, list[Code]], parent: str | None = None) -> Iterator[Code]:
    for code in children.get(parent, ()):
        yield code
        yield from _depth_first(children, code.id)
