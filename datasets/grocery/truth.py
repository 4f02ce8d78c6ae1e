"""What is planted in the sample study, and what the written files hold of it.

The sizes below are those that the files are drawn from. `write_truth` reads the files
back and counts with plain pandas, without a look at how they were made.
"""

import csv
import json
from pathlib import Path

import pandas as pd

WRITTEN = Path(__file__).resolve().parent / "written"
CHANGE = pd.Timestamp("2026-10-05", tz="UTC")

ORDERED = {"phone_before": 0.52, "phone_after": 0.67, "computer": 0.83}
TICKETS_PER_CHECKOUT = {"phone_before": 0.038, "phone_after": 0.012}
SLOT_WORRY = {"phone": 0.72, "computer": 0.45}
REORDERED = {"family": 0.58, "others": 0.34}
NPS = {
    "family": {"promoters": 0.60, "detractors": 0.15},
    "others": {"promoters": 0.33, "detractors": 0.28},
}
SATISFIED_CHECKOUT = {"phone_before": 0.40, "phone_after": 0.60, "computer": 0.78}
SUS_MEAN = 72.0

STAGES = {
    "Discover": ["visit", "view_offer"],
    "Sign up": ["sign_up_start", "address_rejected", "sign_up_done"],
    "Fill the basket": ["search", "view_product", "add_to_basket", "reorder_list"],
    "Check out": ["open_checkout", "pick_slot", "slot_expired", "pay_start", "order_placed"],
    "Receive": ["delivered", "delivered_late", "rate_delivery"],
    "Return": ["contact_support", "refund"],
}


def share(true, hits):
    """A planted share beside the counted one; low95 and high95 are about the true value."""
    n, k = len(hits), int(hits.sum())
    half = 1.96 * (true * (1 - true) / n) ** 0.5
    return {
        "true": true,
        "numerator": k,
        "denominator": n,
        "share": round(k / n, 4),
        "low95": round(true - half, 4),
        "high95": round(true + half, 4),
    }


def group_of(device, after):
    """phone_before, phone_after or computer, for two columns."""
    phone = after.map({False: "phone_before", True: "phone_after"})
    return phone.where(device == "phone", "computer")


def shares(true, groups, hits):
    return {name: share(size, hits[groups == name]) for name, size in true.items()}


def ordered_within_a_day(events):
    """The first open_checkout of each user who could be followed for a day, with its group, and whether an order followed."""
    first = events[events["event"] == "open_checkout"].drop_duplicates("user_id")
    first = first[first["ts"] <= events["ts"].max() - pd.Timedelta(days=1)]
    orders = events.loc[events["event"] == "order_placed", ["user_id", "ts"]]
    both = first.merge(orders, on="user_id", suffixes=("", "_order"))
    wait = both["ts_order"] - both["ts"]
    within = both[(wait >= pd.Timedelta(0)) & (wait <= pd.Timedelta(days=1))]
    groups = group_of(first["device"], first["ts"] >= CHANGE)
    return first.assign(group=groups, ordered=first["user_id"].isin(within["user_id"]))


def first_checkouts(events):
    """Users at their first open_checkout of all: the finding as planted."""
    first = ordered_within_a_day(events)
    return shares(ORDERED, first["group"], first["ordered"])


def first_in_the_period(events):
    """Phone users at their first open_checkout since the change, whether or not they had one before."""
    since = ordered_within_a_day(events[events["ts"] >= CHANGE])
    hits = since.loc[since["group"] == "phone_after", "ordered"]
    return {"numerator": int(hits.sum()), "denominator": len(hits), "share": round(float(hits.mean()), 4)}


def second_orders(events):
    """Users whose first order could be followed for 30 days: is there another within them?"""
    orders = events[events["event"] == "order_placed"]
    first = orders.drop_duplicates("user_id")
    both = first.merge(orders[["user_id", "ts"]], on="user_id", suffixes=("", "_next"))
    wait = both["ts_next"] - both["ts"]
    again = both[(wait > pd.Timedelta(0)) & (wait <= pd.Timedelta(days=30))]
    early = first[first["ts"] <= events["ts"].max() - pd.Timedelta(days=30)]
    groups = early["household"].where(early["household"] == "family", "others")
    return shares(REORDERED, groups, early["user_id"].isin(again["user_id"]))


def expired_tickets(events, tickets):
    """Tickets about expired slots per open_checkout on phones (each checkout counts)."""
    opened = events[(events["event"] == "open_checkout") & (events["device"] == "phone")]
    expired = tickets[tickets["reason"] == "slot expired"]
    found = {}
    for name, true in TICKETS_PER_CHECKOUT.items():
        after = name == "phone_after"
        checkouts = int(((opened["ts"] >= CHANGE) == after).sum())
        k = int(((pd.to_datetime(expired["opened_at"]) >= CHANGE) == after).sum())
        found[name] = share(true, pd.Series([True] * k + [False] * (checkouts - k)))
        found[name]["per_1000"] = round(1000 * k / checkouts, 1)
    return found


def top_two(true, groups, answers):
    """4 or 5 of 5, among those who answered."""
    given = answers.notna()
    return shares(true, groups[given], answers[given] >= 4)


def nps(survey):
    answered = survey[survey["recommend"].notna()]
    found = {}
    for name, true in NPS.items():
        score = answered.loc[(answered["household"] == "family") == (name == "family"), "recommend"]
        spread = true["promoters"] + true["detractors"]
        score_true = true["promoters"] - true["detractors"]
        half = 196 * ((spread - score_true**2) / len(score)) ** 0.5
        found[name] = {
            "true": round(100 * score_true, 1),
            "true_promoters": true["promoters"],
            "true_detractors": true["detractors"],
            "promoters": int((score >= 9).sum()),
            "detractors": int((score <= 6).sum()),
            "denominator": len(score),
            "score": round(100 * float((score >= 9).mean() - (score <= 6).mean()), 2),
            "low95": round(100 * score_true - half, 2),
            "high95": round(100 * score_true + half, 2),
        }
    return found


def sus(survey):
    """Mean of the SUS over the respondents who answered all ten items."""
    items = survey[[f"sus_{i}" for i in range(1, 11)]].dropna()
    scores = 2.5 * ((items.iloc[:, 0::2] - 1).sum(axis=1) + (5 - items.iloc[:, 1::2]).sum(axis=1))
    half = 1.96 * scores.std() / len(scores) ** 0.5
    return {
        "true": SUS_MEAN,
        "mean": round(float(scores.mean()), 3),
        "denominator": len(scores),
        "low95": round(SUS_MEAN - half, 3),
        "high95": round(SUS_MEAN + half, 3),
    }


def usability(table):
    tasks = table.groupby("task", sort=False)["success"].agg(["sum", "count"])
    return {task: {"numerator": int(k), "denominator": int(n)} for task, k, n in tasks.itertuples()}


def qualitative():
    """Who of the twelve says what: in the interviews nobody else does."""
    with (WRITTEN / "codes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        people = row["participants"].split()
        found[row["code"]] = {"kind": row["kind"], "participants": people, "count": len(people)}
    return found


def counts(column):
    return {name: int(n) for name, n in sorted(column.value_counts().items())}


def read(folder):
    """The tables as written; empty cells of the CSV files are missing values."""
    events = pd.read_parquet(folder / "events.parquet")
    names = ["survey", "usability", "tickets", "participants"]
    return events, *(pd.read_csv(folder / f"{name}.csv", encoding="utf-8") for name in names)


def find_all(folder, seed):
    events, survey, tests, tickets, people = read(folder)
    groups = group_of(survey["device"], survey["submitted"] >= "2026-10-05")
    checkouts = first_checkouts(events)
    orders = events[events["event"] == "order_placed"]
    stage_users = {stage: events.loc[events["event"].isin(names), "user_id"].nunique() for stage, names in STAGES.items()}
    return {
        "seed": seed,
        "note": "The seed was chosen: the first from 2026 on with which every realised value lies within 1.5 standard errors of its true one.",
        "weeks": {"first_day": "2026-08-31", "last_day": "2026-10-25", "change": "2026-10-05"},
        "rows": {
            "events": len(events),
            "survey": len(survey),
            "usability": len(tests),
            "tickets": len(tickets),
            "participants": len(people),
        },
        "users": events["user_id"].nunique(),
        "findings": {
            "checkout_on_phones": {k: checkouts[k] for k in ("phone_before", "computer")},
            "slot_hold_fix": {
                "ordered": {k: checkouts[k] for k in ("phone_before", "phone_after")},
                "phone_after_first_in_the_period": first_in_the_period(events),
                "tickets": expired_tickets(events, tickets),
            },
            "slot_worry": top_two(SLOT_WORRY, survey["device"], survey["slot_worry"]),
            "families_reorder": {"ordered_again": second_orders(events), "nps": nps(survey)},
            "satisfied_checkout": top_two(SATISFIED_CHECKOUT, groups, survey["satisfied_checkout"]),
            "sus": sus(survey),
            "usability": usability(tests),
        },
        "qualitative": qualitative(),
        "ticket_reasons": counts(tickets["reason"]),
        "ticket_channels": counts(tickets["channel"]),
        "comments": int(survey["comment"].notna().sum()),
        "stages": STAGES,
        "stage_users": stage_users,
        "users_with_a_second_order": int((orders["user_id"].value_counts() > 1).sum()),
        "event_counts": counts(events["event"]),
    }


def write_truth(folder, seed):
    text = json.dumps(find_all(folder, seed), ensure_ascii=False, indent=2)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
