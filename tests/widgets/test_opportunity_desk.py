"""What an opportunity board does to a study, asked the way the browser asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from workbench.model import OpportunityStatus
from workbench.study import Study
from workbench.study.sample import make_sample_study
from workbench.widgets import OpportunityBoard
from workbench.widgets.opportunity_desk import OpportunityDesk

EVIL = "<img src=x onerror=alert(1)>"
_ids = count()


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(make_sample_study(tmp_path / "grocery")[0]) as made:
        yield made


@pytest.fixture
def desk(study: Study) -> OpportunityDesk:
    return OpportunityDesk(study, coder="ana")


def ask(desk: OpportunityDesk, op: str, **body: Any) -> dict[str, Any]:
    answer = desk.answer({"id": f"r{next(_ids)}", "op": op, **body})
    assert answer["ok"], answer["error"]
    return answer


def refused(desk: OpportunityDesk, op: str, **body: Any) -> dict[str, Any]:
    answer = desk.answer({"id": f"r{next(_ids)}", "op": op, **body})
    assert not answer["ok"]
    return answer


def card_id(study: Study, words: str) -> str:
    return next(o.id for o in study.opportunities if words in o.how_might_we)


def card(study: Study, words: str) -> Any:
    return next(o for o in study.opportunities if words in o.how_might_we)


def column(desk: OpportunityDesk, status: str) -> list[str]:
    return [item["edit"] for item in desk.state()["lists"][status]]


def test_every_status_has_its_list_and_a_card_counts_who_said_it(desk: OpportunityDesk) -> None:
    state = ask(desk, "hello")["state"]
    assert list(state["lists"]) == [s.value for s in OpportunityStatus]
    [shipped] = state["lists"]["shipped"]
    assert (shipped["text"], shipped["n"], shipped["of"]) == ("How might we hold the slot until the payment ends?", 8, 12)
    assert shipped["extra"] == "rank 2 · 8 votes · Ruben"


def test_a_card_is_written_with_or_without_how_might_we(desk: OpportunityDesk, study: Study) -> None:
    ask(desk, "add", list="chosen", text="how might we keep bags dry", item="new")
    ask(desk, "reword", item="new", before="keep bags dry?", text="keep the bags dry in rain")
    made = card(study, "bags")
    assert (made.how_might_we, made.status) == ("keep the bags dry in rain?", "chosen")
    assert "asks nothing" in refused(desk, "add", list="chosen", text="How might we …", item="empty")["error"]


def test_the_same_request_twice_is_done_once(desk: OpportunityDesk, study: Study) -> None:
    request = {"id": "once", "op": "idea", "item": card_id(study, "slot"), "text": "Send a message before it ends"}
    answers = [OpportunityDesk(study, coder="ana").answer(request) for _ in range(2)]
    assert [a["ok"] for a in answers] == [True, True]
    assert len(card(study, "slot").ideas) == 3
    taken = {"id": "gone", "op": "remove", "item": card_id(study, "slot")}
    assert [OpportunityDesk(study, coder="ana").answer(taken)["ok"] for _ in range(2)] == [True, True]


def test_a_removed_card_comes_back_whole(desk: OpportunityDesk, study: Study) -> None:
    before = card(study, "slot")
    ask(desk, "remove", item=before.id)
    assert before.id not in {o.id for o in study.opportunities}
    assert "not there any more" in refused(desk, "note", item=before.id, text="x")["error"]
    ask(desk, "undo")
    assert card(study, "slot") == before


def test_a_card_that_is_taken_up_again_stands_where_it_stood_before_it_was_dropped(desk: OpportunityDesk, study: Study) -> None:
    id = card_id(study, "replacing")
    for status in ("chosen", "in test"):
        ask(desk, "move", item=id, list=status, before=None)
    ask(desk, "drop", item=id, dropped=True)
    ask(desk, "note", item=id, text="Too early.")
    ask(desk, "drop", item=id, dropped=False)
    assert (card(study, "replacing").status, card(study, "replacing").note) == ("in test", "Too early.")
    ask(desk, "undo")
    assert card(study, "replacing").status == "dropped"
    ask(desk, "add", list="dropped", text="send letters", item="letters")
    ask(desk, "drop", item="letters", dropped=False)
    assert card(study, "letters").status == "proposed", "it never stood anywhere else"


def test_a_column_goes_by_rank_until_somebody_orders_it(desk: OpportunityDesk, study: Study) -> None:
    slot, refunds, replacing = (card_id(study, w) for w in ("slot", "refunds", "replacing"))
    for id in (slot, refunds):
        ask(desk, "move", item=id, list="proposed", before=None)
    by_rank = ["pay small refunds without a telephone call?", "hold the slot until the payment ends?", "ask before replacing something?"]
    assert column(desk, "proposed") == by_rank
    ask(desk, "move", item=replacing, list="proposed", before=refunds)
    assert column(desk, "proposed") == [by_rank[2], *by_rank[:2]]
    ask(desk, "undo")
    assert column(desk, "proposed") == by_rank


def test_attached_evidence_counts_beside_what_the_codes_say(desk: OpportunityDesk, study: Study) -> None:
    """Somebody who said it in other words is counted, and taking the passage off again brings the old count back."""
    id, before = card_id(study, "refunds"), desk.state()["lists"]["chosen"][0]
    others = study.codings[study.codings["code"] == "Slot expires while paying"]
    said = set(study.codings[study.codings["code"] == "Refund needs a phone call"]["participant"])
    coding = others[~others["participant"].isin(said)].iloc[0]["coding"]
    ask(desk, "attach", item=id, codings=[coding])
    item = desk.state()["lists"]["chosen"][0]
    assert (item["n"], item["of"]) == (before["n"] + 1, 12)
    assert f"{before['n'] + 1} of 12 participants" in item["why"]
    assert coding in [q["coding"] for q in ask(desk, "evidence", item=id)["evidence"]["quotes"]]
    ask(desk, "detach", item=id, key=coding)
    assert desk.state()["lists"]["chosen"][0]["n"] == before["n"]


def test_what_comes_with_a_code_is_not_taken_off_one_by_one(desk: OpportunityDesk, study: Study) -> None:
    id = card_id(study, "refunds")
    quote = ask(desk, "evidence", item=id)["evidence"]["quotes"][0]
    assert "comes with a code of the card" in refused(desk, "detach", item=id, key=quote["coding"])["error"]


def test_a_number_stands_behind_a_new_card(desk: OpportunityDesk) -> None:
    ask(desk, "add", list="proposed", text="make returns effortless", item="new", measures=["SUS"])
    item = next(i for i in desk.state()["lists"]["proposed"] if i["id"] == "new")
    assert item["measured"]
    assert not item["assumed"]


def test_estimates_are_filled_in_and_nonsense_is_refused_with_the_form_as_it_was_written(desk: OpportunityDesk, study: Study) -> None:
    id = card_id(study, "replacing")
    ask(desk, "fill", of=f"item:{id}", values={"effort": "1", "confidence": "0.9", "measure": "NPS", "segment": "device=phone"})
    now = card(study, "replacing")
    assert (now.effort, now.confidence, now.measure, dict(now.segment)) == (1, 0.9, "NPS", {"device": "phone"})
    ask(desk, "fill", of=f"item:{id}", values={"effort": "", "ticket": "https://tickets.example/7"})
    assert card(study, "replacing").effort is None
    wrong = refused(desk, "fill", of=f"item:{id}", values={"confidence": "80", "owner": "Lena"})
    assert '"80" is not 0 to 1' in wrong["error"]
    assert wrong["form"]["mine"] == {"confidence": "80", "owner": "Lena"}
    assert card(study, "replacing").owner == "Oksana"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"effort": "6"}, "not on the scale"), ({"shipped": "soon"}, "is no day"), ({"measure": "Joy"}, 'no measure "Joy"'),
        ({"codes": "Slot expires while paing"}, "Did you mean"), ({"segment": "phone"}, "it is not name=value"),
    ],
)  # fmt: skip
def test_what_a_field_cannot_hold_is_one_sentence(desk: OpportunityDesk, study: Study, values: dict[str, str], sentence: str) -> None:
    assert sentence in refused(desk, "fill", of=f"item:{card_id(study, 'slot')}", values=values)["error"]


def test_a_field_that_somebody_else_changed_is_said_and_both_are_kept(desk: OpportunityDesk, study: Study) -> None:
    of, ben = f"item:{card_id(study, 'slot')}", OpportunityDesk(study, coder="ben")
    ask(ben, "fill", of=of, values={"effort": "4"}, before={"effort": "2"})
    clash = refused(desk, "fill", of=of, values={"effort": "3", "owner": "Lena"}, before={"effort": "2", "owner": "Ruben"})
    assert clash["error"].startswith("Effort, 1 little to 5 much, “hold the slot until the payment ends?”: ben made it")
    assert clash["form"]["mine"] == {"effort": "3", "owner": "Lena"}
    assert next(f for f in clash["form"]["fields"] if f["name"] == "effort")["value"] == "4"
    ask(desk, "fill", of=of, values={"effort": "3", "owner": "Lena"}, before={"effort": "4", "owner": "Ruben"})
    assert (card(study, "slot").effort, card(study, "slot").owner) == (3, "Lena")


def test_two_who_change_different_fields_do_not_meet(desk: OpportunityDesk, study: Study) -> None:
    of, ben = f"item:{card_id(study, 'slot')}", OpportunityDesk(study, coder="ben")
    desk.state()
    ask(ben, "fill", of=of, values={"effort": "4"}, before={"effort": "2"})
    ask(desk, "fill", of=of, values={"owner": "Lena"}, before={"owner": "Ruben"})
    assert (card(study, "slot").effort, card(study, "slot").owner) == (4, "Lena")


def test_other_words_for_what_somebody_reworded_come_back_in_the_form(desk: OpportunityDesk, study: Study) -> None:
    id, ben = card_id(study, "slot"), OpportunityDesk(study, coder="ben")
    ask(ben, "reword", item=id, before="hold the slot until the payment ends?", text="never lose a slot")
    clash = refused(desk, "reword", item=id, before="hold the slot until the payment ends?", text="freeze the slot?")
    assert clash["form"]["mine"] == {"how_might_we": "freeze the slot?"}
    assert "never lose a slot?" in clash["error"]


def test_a_coder_has_one_vote_for_an_idea(desk: OpportunityDesk, study: Study) -> None:
    id, idea = card_id(study, "slot"), "Choose the slot after paying"
    for _ in range(2):
        ask(desk, "vote", item=id, idea=idea, vote=True)
    ask(OpportunityDesk(study, coder="ben"), "vote", item=id, idea=idea, vote=True)
    assert card(study, "slot").ideas[1].n_votes == 4
    ask(desk, "vote", item=id, idea=idea, vote=False)
    assert list(card(study, "slot").ideas[1].voted_by) == ["ben"]


def test_one_idea_is_chosen_tried_and_its_test_written_down(desk: OpportunityDesk, study: Study) -> None:
    id, idea = card_id(study, "slot"), "Choose the slot after paying"
    ask(desk, "choose", item=id, idea=idea, chosen=True)
    assert [i.chosen for i in card(study, "slot").ideas] == [False, True]
    ask(desk, "fill", of=f"idea:{id}\n{idea}", values={"prototype": "paper", "test_result": "2 of 5 understood"})
    assert card(study, "slot").ideas[1].test_result == "2 of 5 understood"
    ask(desk, "fill", of=f"idea:{id}\n{idea}", values={}, remove=True)
    assert len(card(study, "slot").ideas) == 1
    assert "there already" in refused(desk, "idea", item=id, text=card(study, "slot").ideas[0].text)["error"]


def test_what_the_data_propose_is_taken_up_once(desk: OpportunityDesk, study: Study) -> None:
    proposed = ask(desk, "propose")["proposals"]
    assert [(p["count"], p["from"]) for p in proposed[:2]] == [
        ("7 of 12", "Address check rejects a real address"),
        ("6 of 12", "Two-hour window keeps me at home"),
    ]
    ask(desk, "accept", items=[p["id"] for p in proposed[:2]])
    assert {"Two-hour window keeps me at home"} <= {o.codes[0] for o in study.opportunities}
    assert len(ask(desk, "propose")["proposals"]) == len(proposed) - 2
    assert "none of these is proposed" in refused(desk, "accept", items=[proposed[0]["id"]])["error"]
    ask(desk, "undo")
    assert len(study.opportunities) == 3


def test_a_shipped_card_shows_its_effect_and_what_it_does_not_prove(desk: OpportunityDesk, study: Study) -> None:
    effect = ask(desk, "evidence", item=card_id(study, "slot"))["evidence"]["effect"]
    assert effect["of"] == "Orders within a day of the first checkout (device = phone), shipped 5 October 2026"
    assert [row[:2] for row in effect["rows"]] == [
        ["Before", "51 % (48 to 53)"], ["After", "67 % (63 to 71)"], ["Difference", "+17 percentage points (+12 to +22)"],
    ]  # fmt: skip
    assert "not an experiment" in effect["sentences"][-1]


def test_a_shipped_card_without_a_measure_says_what_is_missing(desk: OpportunityDesk, study: Study) -> None:
    id = card_id(study, "refunds")
    ask(desk, "move", item=id, list="shipped", before=None)
    assert "names no day on which it was shipped" in ask(desk, "evidence", item=id)["evidence"]["effect"]["lacks"]


def test_an_alert_becomes_one_card_with_its_numbers_and_its_measure(desk: OpportunityDesk, study: Study) -> None:
    [alert] = desk.state()["alerts"]
    assert (alert["card"], alert["beside"]) == ("", [card_id(study, "slot")])
    ask(desk, "take_alert", alert=alert["key"])
    made = card(study, "bring")
    assert made.how_might_we == "bring “Orders within a day of the first checkout (device = phone)” up to 80 %?"
    assert dict(made.segment) == {"device": "phone"}
    assert [m["name"].split(", ")[-1] for m in ask(desk, "evidence", item=made.id)["evidence"]["measures"]] == [
        "lately · device = phone",
        "before · device = phone",
    ]
    assert desk.state()["alerts"][0]["card"] == made.id
    assert "on the board already" in refused(desk, "take_alert", alert=alert["key"])["error"]


def test_a_study_without_anything_has_an_empty_board(tmp_path: Path) -> None:
    from workbench.study import new_study

    with closing(new_study(tmp_path / "new", "New", coder="ana")) as fresh:
        desk = OpportunityDesk(fresh, coder="ana")
        state = ask(desk, "hello")["state"]
        assert (sum(map(len, state["lists"].values())), state["ranking"], state["alerts"]) == (0, [], [])
        ask(desk, "add", list="proposed", text="begin", item="first")
        assert desk.state()["lists"]["proposed"][0]["assumed"]
        assert desk.state()["lists"]["proposed"][0]["why"].startswith("Nobody is on record")


def test_what_is_left_of_a_dead_board_is_its_lists_without_markup_of_anybodys(study: Study) -> None:
    board = OpportunityBoard(study, coder="ana")
    ask(board._desk, "add", list="proposed", text=EVIL, item="evil")
    html = board.static_form()
    assert "<strong>Shipped</strong>" in html
    assert "hold the slot until the payment ends?" in html
    assert "<img" not in html


def test_what_was_written_on_an_idea_that_is_gone_is_in_the_sentence(desk: OpportunityDesk, study: Study) -> None:
    id, idea = card_id(study, "slot"), "Choose the slot after paying"
    ask(OpportunityDesk(study, coder="ben"), "drop_idea", item=id, idea=idea)
    said = refused(desk, "fill", of=f"idea:{id}\n{idea}", values={"test_result": "4 of 5 liked it"}, before={"test_result": ""})["error"]
    assert 'Yours was: "4 of 5 liked it".' in said
