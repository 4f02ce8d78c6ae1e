"""Make the numbers of the sample study: Pantry Lane, an invented grocery delivery service.

    python datasets/grocery/generate.py [OUT_DIR]

writes events.parquet, survey.csv, usability.csv, tickets.csv, participants.csv and
truth.json into OUT_DIR (by default this folder). All people are invented. What they say
and who they are is written by hand, in the folder `written`; everything else is drawn
from the probabilities below. Eight weeks, Monday 2026-08-31 to Sunday 2026-10-25, UTC.
A picked delivery slot is held for four minutes while one pays; on phones, from Monday
2026-10-05 (week 6), for fifteen. These findings are planted:

* checkout_on_phones: fewer users who open the checkout have ordered a day later on
  phones (.52 before the change) than on computers (.83).
* slot_hold_fix: with the change the phones rise to .67, and tickets about expired slots
  fall from 38 to 12 per 1,000 checkouts opened on phones.
* slot_worry: phones .72, computers .45 fear to lose the slot (4 or 5 of 5).
* families_reorder: .58 of the families whose first order is followed for 30 days, and .34 of the
  others, order again within 30 days; their NPS is +45 against +5.
* satisfied_checkout: 4 or 5 of 5 on phones .40 before and .60 after; computers .78.
* sus: the System Usability Scale has a true mean of 72.
* usability: 8, 11 and 5 of 12 people complete the three tasks (chosen by hand).

truth.json holds each true size beside the counts found in the written files. SEED was
chosen: it is the first from 2026 on with which every realised value lies within 1.5
standard errors of its true one, so well inside the 95 % interval. A real study makes no
such promise.

The parts: draws.py (seeded dice, written texts), journeys.py (event log and tickets),
this file (survey, usability test, people, writing), truth.py (true sizes and counts).
"""

import math
import statistics
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from draws import CUSTOMER, DEVICE, HOUSEHOLD, START, WRITTEN, Dice, Texts, read_people
from journeys import make_log
from truth import NPS, SATISFIED_CHECKOUT, SLOT_WORRY, write_truth

SEED = 2050
ANSWERS, COMMENTS, DAYS = 400, 180, 56

SUS = [f"sus_{i}" for i in range(1, 11)]
SCALES = ["recommend", "satisfied_checkout", "satisfied_delivery", "slot_worry", "effort"]
PERSON = ["customer", "device", "household"]
SUS_KINDS = {"lukewarm": 0.25, "content": 0.50, "glad": 0.25}
SUS_CREDITS = {  # 0 to 4 points an item; the means are 2.08, 2.88 and 3.68, so 72 of 100
    "lukewarm": dict(enumerate([0.06, 0.24, 0.34, 0.28, 0.08])),
    "content": dict(enumerate([0.02, 0.07, 0.22, 0.39, 0.30])),
    "glad": dict(enumerate([0.00, 0.01, 0.06, 0.17, 0.76])),
}
SATISFIED_DELIVERY = {1: 0.05, 2: 0.10, 3: 0.20, 4: 0.38, 5: 0.27}
EFFORT = {
    "phone": dict(enumerate([0.06, 0.09, 0.13, 0.18, 0.22, 0.20, 0.12], start=1)),
    "computer": dict(enumerate([0.02, 0.03, 0.06, 0.12, 0.22, 0.31, 0.24], start=1)),
}
TASKS = {  # column of people.csv: task, median and spread of the log-normal seconds
    "first_order": ("place a first order", 310, 0.35),
    "reorder": ("reorder last week's list", 70, 0.30),
    "refund": ("get a refund", 380, 0.40),
}


def five_points(top_two):
    """Answers 1-5 of which a share of `top_two` is 4 or 5."""
    rest = 1 - top_two
    return {1: 0.3 * rest, 2: 0.3 * rest, 3: 0.4 * rest, 4: 0.6 * top_two, 5: 0.4 * top_two}


def recommendation(promoters, detractors):
    """Answers 0-10 with these shares of 9 and 10, and of 0 to 6."""
    low = [0.03, 0.03, 0.06, 0.10, 0.14, 0.30, 0.34]
    passives = 1 - promoters - detractors
    high = [0.45 * passives, 0.55 * passives, 0.55 * promoters, 0.45 * promoters]
    return dict(enumerate([share * detractors for share in low] + high))


def period_of(submitted):
    return "before" if submitted < "2026-10-05" else "after"


def draw_answers(dice):
    """One respondent. Answers hang together by `mood`, which leaves each share as planted."""
    row = {
        "submitted": str((START + pd.Timedelta(days=dice.between(0, DAYS))).date()),
        "participant": "",
        "customer": dice.pick(CUSTOMER),
        "device": dice.pick(DEVICE),
        "household": dice.pick(HOUSEHOLD),
    }
    mood = dice.uniform()

    def answer(weights, mood=mood):
        return dice.pick(weights, mood if dice.yes(0.5) else None)

    group = row["device"]
    if group == "phone":
        group += f"_{period_of(row['submitted'])}"
    nps = NPS["family" if row["household"] == "family" else "others"]
    row["recommend"] = answer(recommendation(nps["promoters"], nps["detractors"]))
    row["satisfied_checkout"] = answer(five_points(SATISFIED_CHECKOUT[group]))
    row["satisfied_delivery"] = answer(SATISFIED_DELIVERY)
    row["slot_worry"] = answer(five_points(SLOT_WORRY[row["device"]]), 1 - mood)
    row["effort"] = answer(EFFORT[row["device"]])
    kind = answer(SUS_KINDS)
    for i, item in enumerate(SUS):  # odd items are worded well of the service, even ones ill
        credit = dice.pick(SUS_CREDITS[kind])
        row[item] = 5 - credit if i % 2 else 1 + credit
    return row


def interviewee_answers(person):
    """The answers of one of the twelve, written by hand."""
    row = {name: person[name] for name in ["submitted", *PERSON]}
    row.update({name: int(person[name]) for name in SCALES + SUS})
    return {**row, "participant": person["id"]}


def leave_out(dice, rows):
    """Take back 2 to 4 % of the answers to each question; eight people skip all of the SUS."""
    random_rows = [row for row in rows if not row["participant"]]
    for row in dice.shuffled(random_rows)[:8]:
        row.update(dict.fromkeys(SUS))
    for question in SCALES + SUS:
        missing = dice.between(0, 5) if question in SUS else dice.between(8, 16)
        for row in dice.shuffled(random_rows)[:missing]:
            row[question] = None


def mood_word(recommend):
    if recommend is None or recommend == 7:
        return "undecided"
    return "good" if recommend > 7 else "bad"


def add_comments(dice, rows):
    """Each open answer once, to somebody whom it fits; COMMENTS in all."""
    texts = Texts(WRITTEN / "comments.txt")
    for row in rows:
        row["comment"] = texts.take(dice, {row["participant"]}) if row["participant"] else ""
    left = COMMENTS - sum(row["comment"] != "" for row in rows)
    for row in dice.shuffled(row for row in rows if not row["participant"]):
        if left:
            words = {row[name] for name in PERSON} | {"anyone"}
            words |= {period_of(row["submitted"]), mood_word(row["recommend"])}
            row["comment"] = texts.take(dice, words)
            left -= row["comment"] != ""


def make_survey(dice, people):
    rows = [draw_answers(dice) for _ in range(ANSWERS - len(people))]
    rows += [interviewee_answers(person) for person in people]
    leave_out(dice, rows)
    add_comments(dice, rows)
    rows = sorted(dice.shuffled(rows), key=lambda row: row["submitted"])
    survey = pd.DataFrame(rows)
    survey.insert(0, "response_id", [f"R{number:03d}" for number in range(1, ANSWERS + 1)])
    survey[SCALES + SUS] = survey[SCALES + SUS].astype("Int64")
    return survey[["response_id", "submitted", "participant", *PERSON, *SCALES, *SUS, "comment"]]


def make_usability(dice, people):
    """Twelve people, three tasks: who succeeds is written by hand, the seconds are drawn."""
    rows = []
    for person in people:
        for column, (task, median, spread) in TASKS.items():
            success = int(person[column])
            z = statistics.NormalDist().inv_cdf(0.001 + 0.998 * dice.uniform())
            rows.append(
                {
                    "participant": person["id"],
                    "device": person["device"],
                    "task": task,
                    "success": success,
                    "seconds": round(median * math.exp(spread * z)) if success else None,
                    "errors": dice.pick({0: 5, 1: 3, 2: 2} if success else {2: 3, 3: 4, 4: 3}),
                }
            )
    return pd.DataFrame(rows).astype({"seconds": "Int64"})


def make_participants(people):
    table = pd.DataFrame(people)
    return table.loc[:, "id":"consent_until"]


def write_log(log, path):
    """Without the metadata of pandas, so that the file holds the seven columns and no more."""
    epoch_us = int(START.timestamp()) * 1_000_000
    order = ["user_id", "event", "ts", "device", "household", "customer", "order_value"]
    ts = pa.array((epoch_us + log["ms"].to_numpy() * 1_000).astype("int64"))
    columns = {
        "ts": ts.cast(pa.timestamp("us", tz="UTC")),
        "order_value": pa.array(log["order_value"], pa.float64(), from_pandas=True),
    }
    for name in ["user_id", "event", "device", "household", "customer"]:
        columns[name] = pa.array(log[name].tolist(), pa.string())
    table = pa.table({name: columns[name] for name in order})
    pq.write_table(table, path, compression="zstd", compression_level=9)


def write_csv(table, path):
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    dice, people = Dice(SEED), read_people()
    log, tickets = make_log(dice, people)
    write_log(log, out / "events.parquet")
    write_csv(tickets, out / "tickets.csv")
    write_csv(make_survey(dice, people), out / "survey.csv")
    write_csv(make_usability(dice, people), out / "usability.csv")
    write_csv(make_participants(people), out / "participants.csv")
    write_truth(out, SEED)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
