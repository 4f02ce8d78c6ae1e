"""The event log and the support tickets of the sample study: users who order, or give up."""

import pandas as pd
from draws import CHANGE, CUSTOMER, DAY, DEVICE, END, HOUR, HOUSEHOLD, MINUTE, SECOND, START, WRITTEN, Texts
from truth import ORDERED, REORDERED, TICKETS_PER_CHECKOUT

ROWS, USERS, TICKETS = 60_000, 4_700, 260
COLUMNS = ["user_id", "device", "household", "customer", "event", "ms", "order_value"]

FIRST_WEEK = dict(enumerate([0.16, 0.15, 0.14, 0.12, 0.12, 0.12, 0.10, 0.09]))
WEEKDAY = dict(enumerate([0.15, 0.12, 0.12, 0.14, 0.15, 0.14, 0.18]))
HOURS = [3, 1, 1, 1, 1, 3, 9, 16, 20, 22, 24, 28, 34, 26, 20, 20, 24, 34, 46, 56, 58, 46, 26, 10]
HOUR_OF_DAY = dict(enumerate(HOURS))
BASKET = {"single": (2_000, 7_000), "couple": (4_000, 10_500), "family": (6_000, 16_500)}  # cents

# How often a slot expires when the order fails, and when it succeeds.
EXPIRES = {"phone_before": (0.68, 0.28), "phone_after": (0.26, 0.10), "computer": (0.14, 0.05)}
# The events that lead to a ticket, and how long afterwards (at least, at most) it is opened.
AFTER = {
    "slot expired": (["slot_expired"], 2 * MINUTE, 40 * MINUTE),
    "refund": (["delivered", "delivered_late"], 20 * MINUTE, 5 * HOUR),
    "substitution": (["delivered", "delivered_late"], 10 * MINUTE, 4 * HOUR),
    "late delivery": (["delivered_late"], 1 * MINUTE, 30 * MINUTE),
    "address": (["address_rejected"], 2 * MINUTE, 60 * MINUTE),
    "other": (["delivered", "visit"], 10 * MINUTE, 6 * HOUR),
}
OTHER_REASONS = {"refund": 33, "substitution": 21, "late delivery": 19, "address": 14, "other": 13}
MADE_GOOD = {"refund": 0.8, "substitution": 0.3}
CHANNELS = {
    "refund": {"phone": 0.60, "email": 0.27, "chat": 0.13},
    "any": {"phone": 0.30, "email": 0.45, "chat": 0.25},
}
STREETS = [
    "Tanner's Row",
    "Ropewalk",
    "Quay Street",
    "Old Mill Lane",
    "Linden Road",
    "Harbour Steps",
]


def group(device, now):
    """The three groups that the change of 5 October makes."""
    return "computer" if device == "computer" else f"phone_{'before' if now < CHANGE else 'after'}"


class Journey:
    """One user, who leaves rows in the event log."""

    def __init__(self, dice, user_id, rows, windows):
        self.dice, self.rows, self.windows = dice, rows, windows
        self.device = dice.pick(DEVICE)
        self.household = dice.pick(HOUSEHOLD)
        self.customer = dice.pick(CUSTOMER)
        self.who = (user_id, self.device, self.household, self.customer)
        self.now = (7 * dice.pick(FIRST_WEEK) + dice.pick(WEEKDAY)) * DAY + self.time_of_day()
        if self.now > END - 4 * HOUR:
            self.now -= DAY

    def time_of_day(self):
        return self.dice.pick(HOUR_OF_DAY) * HOUR + self.dice.between(0, HOUR)

    def log(self, event, shortest=0, longest=0, value=None):
        """Wait some seconds, then leave a row. Nothing is logged after the study."""
        self.now += self.dice.between(shortest * SECOND, longest * SECOND)
        if self.now < END:
            self.rows.append((*self.who, event, self.now, value))

    def come_back(self, days):
        """Go to another day; False if the study is over by then."""
        self.now = (self.now // DAY + days) * DAY + self.time_of_day()
        return self.now < END - 4 * HOUR

    def visit(self):
        self.log("visit")
        if self.dice.yes(0.5 if self.customer == "new" else 0.2):
            self.log("view_offer", 0, 15 * self.dice.pick({0: 1, 1: 1}))

    def sign_up(self):
        self.log("sign_up_start", 10, 60)
        rejections = self.dice.pick({0: 0.72, 1: 0.18, 2: 0.10})
        for _ in range(rejections):
            self.log("address_rejected", 30, 120)
        if self.dice.yes(0.64 if rejections else 0.87):
            self.log("sign_up_done", 20, 90)
            return True
        return False

    def browse(self):
        """Look at products for some minutes: `fill_up` adds rows within the window."""
        start = self.now + 5 * SECOND
        self.log("search" if self.dice.yes(0.5) else "view_product", 10, 60)
        self.now += self.dice.between(1 * MINUTE, 12 * MINUTE)
        self.windows.append((self.who, start, self.now))

    def fill_basket(self, use_list=False):
        if use_list:  # one tap: these rows share one instant
            self.log("reorder_list", 5, 40)
            for _ in range(self.dice.pick({1: 1, 2: 1})):
                self.log("add_to_basket")
            return
        self.browse()
        for _ in range(self.dice.pick({1: 6, 2: 3, 3: 1})):
            self.log("add_to_basket", 4, 60)

    def pay(self, *, success):
        """From the slot picker to the order, or not. A slot may expire on the way."""
        failing, succeeding = EXPIRES[group(self.device, self.now)]
        expires = self.dice.yes(succeeding if success else failing)
        for _ in range(self.dice.pick({1: 0.6, 2: 0.3, 3: 0.1}) if expires else 0):
            self.log("pick_slot", 15, 90)
            hold = 15 * MINUTE if group(self.device, self.now) == "phone_after" else 4 * MINUTE
            gone = self.now + hold + self.dice.between(0, 4 * SECOND)
            self.log("pay_start", 15, 70)
            self.now = gone
            self.log("slot_expired")
        if success:
            self.log("pick_slot", 15, 90)
            self.log("pay_start", 15, 60)
            low, high = BASKET[self.household]
            cents = (self.dice.between(low, high) + self.dice.between(low, high)) // 2
            self.log("order_placed", *((45, 170) if self.device == "phone" else (20, 100)), cents / 100)
        elif not expires and self.dice.yes(0.6):
            self.log("pick_slot", 15, 90)

    def first_checkout(self):
        """Planted: how many order within a day, by device and period."""
        self.log("open_checkout", 15, 90)
        if self.dice.yes(ORDERED[group(self.device, self.now)]):
            if self.dice.yes(0.10) and self.now < END - 8 * HOUR:  # at the second try
                self.pay(success=False)
                self.now += self.dice.between(1 * HOUR, 4 * HOUR)
                self.visit()
                self.log("open_checkout", 15, 90)
            self.pay(success=True)
            return True
        self.pay(success=False)
        if self.dice.yes(0.15) and self.come_back(self.dice.between(2, 7)):
            self.visit()
            self.log("open_checkout", 15, 90)
            self.pay(success=True)
            return True
        return False

    def receive(self):
        """Delivered by day, one or two days after the order; `now` stays at the order."""
        ordered = self.now
        self.now = (ordered // DAY + self.dice.pick({1: 0.7, 2: 0.3})) * DAY
        self.log("delivered_late" if self.dice.yes(0.11) else "delivered", 8 * 3600, 21 * 3600)
        if self.dice.yes(0.3):
            self.log("rate_delivery", 300, 7200)
        self.now = ordered

    def order_again(self):
        """Planted: families come back more often, always within 30 days."""
        family = self.household == "family"
        while self.dice.yes(REORDERED["family" if family else "others"]):
            if not self.come_back(self.dice.pick({7: 6, 14: 3, 21: 1}) + self.dice.between(-1, 2)):
                return
            self.visit()
            self.fill_basket(use_list=self.dice.yes(0.65 if family else 0.3))
            self.log("open_checkout", 15, 90)
            self.pay(success=True)
            self.receive()
        if self.dice.yes(0.25) and self.come_back(self.dice.between(8, 25)):
            self.visit()
            self.browse()
            if self.dice.yes(0.4):
                self.log("open_checkout", 15, 90)
                self.pay(success=False)

    def live(self):
        for _ in range(self.dice.pick({0: 0.60, 1: 0.28, 2: 0.12})):
            self.visit()
            if self.dice.yes(0.4):
                self.browse()
            if not self.come_back(self.dice.between(1, 5)):
                return
        self.visit()
        if self.dice.yes(0.18) or (self.customer == "new" and not self.sign_up()):
            return
        self.fill_basket(use_list=self.customer == "returning" and self.dice.yes(0.3))
        if self.dice.yes(0.9) and self.first_checkout():
            self.receive()
            self.order_again()


def simulate(dice):
    """The rows of all users but for support and the last of the browsing."""
    rows, windows = [], []
    for number in range(1, USERS + 1):
        Journey(dice, f"u{number:05d}", rows, windows).live()
    return rows, windows


def since_start(written):
    """Milliseconds of a time written by hand; None if there is none."""
    return round((pd.Timestamp(written, tz="UTC") - START).total_seconds()) * SECOND if written else None


def interviewee_ticket(rows, person):
    """The ticket of one of the twelve: its user is the like of them with the latest cause before it."""
    same = (person["device"], person["household"], person["customer"])
    opened = since_start(person["ticket_opened"])
    causes = [row for row in rows if row[1:4] == same and row[4] == person["ticket_after"] and row[5] < opened]
    return (max(causes, key=lambda row: row[5])[:4], opened, "refund", person)


def open_tickets(dice, rows, people):
    """Support tickets (who, ms, reason, interviewee), at most one a user, each after its cause."""
    tickets = [interviewee_ticket(rows, person) for person in people if person["ticket_opened"]]
    taken = {ticket[0][0] for ticket in tickets}

    def causes(reason, fits):
        events = AFTER[reason][0]
        return dice.shuffled((row[:4], row[5]) for row in rows if row[4] in events and fits(row))

    def open_next(reason, queue):
        while True:
            who, caused = queue.pop()
            opened = caused + dice.between(*AFTER[reason][1:])
            if who[0] not in taken and opened < END:
                taken.add(who[0])
                tickets.append((who, opened // SECOND * SECOND, reason, None))
                return

    for period, rate in TICKETS_PER_CHECKOUT.items():  # planted: they fall

        def is_phone(row, period=period):
            return group(row[1], row[5]) == period

        checkouts = sum(row[4] == "open_checkout" and is_phone(row) for row in rows)
        queue = causes("slot expired", is_phone)
        for _ in range(sum(dice.yes(rate) for _ in range(checkouts))):
            open_next("slot expired", queue)
    queues = {reason: causes(reason, lambda _: True) for reason in OTHER_REASONS}
    while len(tickets) < TICKETS:
        reason = dice.pick(OTHER_REASONS)
        open_next(reason, queues[reason])
    return sorted(tickets, key=lambda ticket: (ticket[1], ticket[0]))


def channel_of(dice, reason, ms):
    """Refunds mostly need a phone call, in office hours; few know of the chat."""
    weights = dict(CHANNELS["refund" if reason == "refund" else "any"])
    if not 8 * HOUR <= ms % DAY < 20 * HOUR:
        del weights["phone"]
    return dice.pick(weights)


def refunded_at(dice, reason, channel, ms):
    """When the money is back: after minutes by chat, else after days; None if never."""
    if not dice.yes(MADE_GOOD.get(reason, 0)):
        return None
    return ms + (dice.between(MINUTE, 10 * MINUTE) if channel == "chat" else dice.between(DAY, 5 * DAY))


def fill_in(dice, text):
    """Replace the blanks of a message by invented particulars."""
    day = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"][dice.between(0, 6)]
    hour = 8 + 2 * dice.between(0, 6)
    blanks = {
        "{slot}": f"{day} {hour}-{hour + 2}",
        "{ref}": f"PL-{dice.between(10_000, 100_000)}",
        "{amount}": f"{dice.between(2, 15)}.{dice.between(0, 10)}0",
        "{minutes}": str(dice.between(11, 50)),
        "{street}": STREETS[dice.between(0, len(STREETS))],
    }
    for blank, particular in blanks.items():
        text = text.replace(blank, particular)
    return text


def write_tickets(dice, opened):
    """The ticket table, and the rows that support leaves in the event log."""
    texts = Texts(WRITTEN / "tickets.txt")
    tickets, rows = [], []
    for number, (who, ms, reason, person) in enumerate(opened, start=1):
        if person:
            channel, refunded = person["ticket_channel"], since_start(person["refunded"])
            words = {person["id"]}
        else:
            channel = channel_of(dice, reason, ms)
            refunded = refunded_at(dice, reason, channel, ms)
            words = {reason, f"by {channel}", "before" if ms < CHANGE else "after"}
        rows.append((*who, "contact_support", ms, None))
        if refunded and refunded < END:
            rows.append((*who, "refund", refunded, None))
        tickets.append(
            {
                "ticket_id": f"T-{number:04d}",
                "opened_at": (START + pd.Timedelta(ms, unit="ms")).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "user_id": who[0],
                "participant": person["id"] if person else "",
                "channel": channel,
                "reason": reason,
                "text": fill_in(dice, texts.take(dice, words, again=True)),
            }
        )
    return pd.DataFrame(tickets), rows


def fill_up(dice, rows, windows):
    """Browsing within visits that have some, until the log has exactly ROWS rows."""
    for _ in range(ROWS - len(rows)):
        who, start, end = windows[dice.between(0, len(windows))]
        event = dice.pick({"search": 0.35, "view_product": 0.65})
        rows.append((*who, event, dice.between(start, end), None))


def make_log(dice, people):
    """The event log in order of time (column `ms`), and the support tickets."""
    rows, windows = simulate(dice)
    tickets, support = write_tickets(dice, open_tickets(dice, rows, people))
    rows.extend(support)
    fill_up(dice, rows, windows)
    log = pd.DataFrame(rows, columns=COLUMNS).sort_values("ms", kind="stable")
    return log.reset_index(drop=True), tickets
