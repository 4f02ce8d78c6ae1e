"""Seeded draws and hand-written texts, shared by the makers of the sample study.

The draws use nothing of numpy but uniform numbers from PCG64, and then comparisons and
plain arithmetic, so that the same seed gives equal tables on every machine.
"""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

WRITTEN = Path(__file__).resolve().parent / "written"
START = pd.Timestamp("2026-08-31", tz="UTC")

# Times are whole milliseconds since the first Monday.
SECOND, MINUTE, HOUR, DAY, WEEK = 1_000, 60_000, 3_600_000, 86_400_000, 604_800_000
CHANGE, END = 5 * WEEK, 8 * WEEK

DEVICE = {"phone": 0.58, "computer": 0.42}
HOUSEHOLD = {"single": 0.30, "couple": 0.34, "family": 0.36}
CUSTOMER = {"new": 0.60, "returning": 0.40}


class Dice:
    """Seeded draws, each made of one uniform number."""

    def __init__(self, seed):
        self.uniform = np.random.Generator(np.random.PCG64(seed)).random

    def yes(self, chance):
        return self.uniform() < chance

    def between(self, low, high):
        """A whole number of low..high, without high."""
        return int(low + (high - low) * self.uniform())

    def pick(self, weights, u=None):
        """A key of `weights`; a larger `u` gives a later key."""
        left = (self.uniform() if u is None else u) * sum(weights.values())
        for value, weight in weights.items():
            left -= weight
            if left < 0:
                return value
        return list(weights)[-1]

    def shuffled(self, items):
        return sorted(items, key=lambda _: self.uniform())


class Texts:
    """Hand-written lines under headings that say whom they fit."""

    def __init__(self, path):
        self.lines, self.used, words = [], Counter(), frozenset()
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                words = frozenset(line[3:].split("; "))
            elif line and not line.startswith("# "):
                self.lines.append((words, line.replace("\\n", "\n")))

    def take(self, dice, words, again=False):
        """A line that fits `words`, among the least used ones; "" if all are used up."""
        fitting = [text for heading, text in self.lines if heading <= words]
        least = min(self.used[text] for text in fitting)
        if least and not again:
            return ""
        text = dice.shuffled(text for text in fitting if self.used[text] == least)[0]
        self.used[text] += 1
        return text


def read_people():
    with (WRITTEN / "people.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day_number(iso_date):
    return (pd.Timestamp(iso_date, tz="UTC") - START).days
