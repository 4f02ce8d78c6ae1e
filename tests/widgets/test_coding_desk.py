"""What the widget asks is done once, checked against the words, and answered with what it changed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from workbench.store import load_codings, load_history, load_memos
from workbench.study import Study, open_study
from workbench.widgets.coding_desk import CodingDesk

SLOT = "The slot was gone."


def coding(words: str = SLOT, code: str = "pain", **more: Any) -> dict[str, Any]:
    from widgets.conftest import transcript

    start = transcript("t1", "P01", "p1").text.index(words)
    return {"id": str(uuid4()), "code": code, "start": start, "end": start + len(words), "text": words, **more}


def asked(op: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "op": op, "transcript": "t1", **more}


def words(study: Study) -> list[str]:
    return [c.text for c in load_codings(study.db)]


def test_a_coding_is_committed_and_answered(desk: CodingDesk, study: Study) -> None:
    c = coding()
    answer = desk.answer(asked("edit", what="code", add=[c]))
    assert answer["ok"]
    assert [(u["id"], u["start"], u["version"]) for u in answer["upserts"]] == [(c["id"], c["start"], 1)]
    assert words(study) == [SLOT]


def test_a_request_that_comes_twice_is_done_once(study: Study) -> None:
    """Also when another kernel answers the second time."""
    request = asked("edit", what="code", add=[coding()])
    first = CodingDesk(study, coder="ana").answer(request)
    again = CodingDesk(open_study(study.folder, coder="ana"), coder="ana").answer(request)
    assert again["upserts"] == first["upserts"]
    assert words(study) == [SLOT]
    assert len(load_history(study.db)) == 2


def test_an_undo_that_comes_twice_is_done_once(desk: CodingDesk, study: Study) -> None:
    for _ in range(2):
        desk.answer(asked("edit", what="code", add=[coding(code="pain" if not words(study) else "wait")]))
    request = asked("undo")
    assert desk.answer(request)["removed"] == desk.answer(request)["removed"]
    assert words(study) == [SLOT]


def test_words_that_are_not_at_the_positions_are_refused(desk: CodingDesk, study: Study) -> None:
    """A coding is never shifted in silence."""
    answer = desk.answer(asked("edit", what="code", add=[coding() | {"start": 0, "end": 5}]))
    assert not answer["ok"]
    assert "are not the ones that were selected" in answer["error"]
    assert answer["removed"]
    assert words(study) == []


def test_the_same_code_on_the_same_passage_is_one_coding(desk: CodingDesk, study: Study) -> None:
    first, second = coding(), coding()
    desk.answer(asked("edit", what="code", add=[first]))
    request = asked("edit", what="code", add=[second])
    answer = desk.answer(request)
    assert [u["id"] for u in answer["upserts"]] == [first["id"]]
    assert answer["removed"] == [second["id"]]
    assert words(study) == [SLOT]


def test_several_codings_and_a_new_code_are_one_action(desk: CodingDesk, study: Study) -> None:
    new = {"id": "new", "name": "Lost slot", "kind": "pain point", "parent": "pain", "colour": "#b4432d"}
    answer = desk.answer(asked("edit", what="code", codes=[new], add=[coding(code="new"), coding(code="wait")]))
    assert [c["depth"] for c in answer["codes"] if c["id"] == "new"] == [1]
    assert len(words(study)) == 2
    desk.answer(asked("undo"))
    assert words(study) == []
    assert "Lost slot" not in [c.name for c in study.codebook]


def test_a_code_of_the_same_name_beside_it_is_refused(desk: CodingDesk, study: Study) -> None:
    new = {"id": "new", "name": "anxious", "kind": "other"}
    answer = desk.answer(asked("edit", what="code", codes=[new], add=[coding(code="new")]))
    assert "same name" in answer["error"]
    assert words(study) == []


def test_a_change_that_somebody_else_made_first_is_not_overwritten(desk: CodingDesk) -> None:
    c = coding()
    desk.answer(asked("edit", what="code", add=[c]))
    change = {"id": c["id"], "version": 1, "patch": {"memo": "laughs"}}
    assert desk.answer(asked("edit", what="memo", change=[change]))["upserts"][0]["version"] == 2
    late = desk.answer(asked("edit", what="memo", change=[change | {"patch": {"memo": "sighs"}}]))
    assert "was changed by ana" in late["error"]
    assert [u["memo"] for u in late["upserts"]] == ["laughs"]


def test_nobody_changes_the_coding_of_another(study: Study, desk: CodingDesk) -> None:
    c = coding()
    desk.answer(asked("edit", what="code", add=[c]))
    ben = CodingDesk(study, coder="ben")
    for edit in ({"remove": [{"id": c["id"], "version": 1}]}, {"change": [{"id": c["id"], "version": 1, "patch": {"code": "wait"}}]}):
        assert "it is ana's, not ben's" in ben.answer(asked("edit", **edit))["error"]
    assert words(study) == [SLOT]


@pytest.mark.parametrize("code", ["old", "nothing"])
def test_a_code_that_takes_no_codings_is_refused(desk: CodingDesk, code: str) -> None:
    assert not desk.answer(asked("edit", add=[coding(code=code)]))["ok"]


def test_blind_keeps_others_codings_back_until_both_are_done(study: Study) -> None:
    ana, ben = CodingDesk(study, coder="ana", blind=True), CodingDesk(study, coder="ben", blind=True)
    ana.answer(asked("edit", add=[coding()]))
    seen = lambda: len(ben.answer(asked("open"))["codings"])  # noqa: E731
    assert seen() == 0
    assert ben.answer(asked("changes", since=0)).get("upserts") == []
    assert ben.answer(asked("open"))["counts"] == {}
    ana.answer(asked("done", done=True))
    assert seen() == 0
    assert ben.answer(asked("done", done=True))["reload"]
    assert seen() == 1


def test_undo_does_not_take_an_import_back(desk: CodingDesk, study: Study) -> None:
    answer = desk.answer(asked("undo"))
    assert answer["error"] == "ana has nothing to undo."
    assert study.load_transcripts()


def test_undo_and_redo_outlive_the_kernel(study: Study, desk: CodingDesk) -> None:
    desk.answer(asked("edit", add=[coding()]))
    later = CodingDesk(open_study(study.folder, coder="ana"), coder="ana")
    assert later.answer(asked("hello"))["undo"] == "code in P01"
    assert later.answer(asked("undo"))["redo"] == "code in P01"
    assert words(study) == []
    later.answer(asked("redo"))
    assert words(study) == [SLOT]


def test_what_others_change_is_told_and_nothing_else(study: Study, desk: CodingDesk) -> None:
    seq = desk.answer(asked("hello"))["seq"]
    assert set(desk.answer(asked("changes", since=seq))) == {"re", "ok", "seq"}
    CodingDesk(study, coder="ben").answer(asked("edit", add=[coding()]))
    told = desk.answer(asked("changes", since=seq))
    assert [u["coder"] for u in told["upserts"]] == ["ben"]
    assert told["seq"] == seq + 1
    assert "codes" not in told


def test_a_memo_replaces_the_one_before_and_an_empty_one_takes_it_away(desk: CodingDesk, study: Study) -> None:
    for text in ("first", "second"):
        desk.answer(asked("memo", about="transcript", about_id="t1", text=text))
    assert [m.text for m in load_memos(study.db)] == ["second"]
    assert desk.answer(asked("memo", about="transcript", about_id="t1", text=""))["memos"] == []


def test_the_overview_counts_covered_characters_of_participants(desk: CodingDesk) -> None:
    desk.answer(asked("edit", add=[coding("It was fine in the end."), coding("It was fine"), coding("Did the slot stay?")]))
    spoken = sum(len(w) for w in ("No 😀. The slot was gone. I had to start again from the list.",
                                  "I waited by the window. Then I called them. Nobody answered.", "It was fine in the end."))  # fmt: skip
    assert desk.answer(asked("overview"))["shares"] == {"t1": {"ana": round(23 / spoken, 4)}}


def test_a_busy_study_says_that_it_is_worth_asking_again(desk: CodingDesk, study: Study) -> None:
    study.db.engine.dispose()
    study.db.busy_timeout_s = 0.01
    from workbench.store import Database

    quick = Database(study.db.url, busy_timeout_s=0.01)
    desk.db, other = quick, Database(study.db.url)
    request = asked("edit", add=[coding()])
    with other.atomic("ben", "holds the lock"):
        refused = desk.answer(request)
    assert (refused["ok"], refused["again"]) == (False, True)
    assert desk.answer(request)["ok"]
    quick.close()
    other.close()


@pytest.mark.parametrize(
    "request_", [{"id": "1", "op": "nonsense"}, {"id": "2", "op": "edit"}, {"id": "3"}, {"id": "4", "op": "changes", "since": "x"}]
)
def test_a_request_that_cannot_be_read_is_answered_too(desk: CodingDesk, request_: dict[str, Any]) -> None:
    answer = desk.answer(request_)
    assert answer["re"] == request_["id"]
    assert "could not be read" in answer["error"]
