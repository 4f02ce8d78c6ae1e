"""Whether a stage is the same to people whichever channel they come by: feelings, pains and measures, channel beside channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import sqrt

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from workbench.analysis.by_channel import told_of_channels
from workbench.analysis.in_words import interval, n_of_people, number, signed
from workbench.analysis.intervals import difference, difference_of_means, estimate_mean
from workbench.analysis.measures import compute_measure
from workbench.analysis.passages import codings_at, put_into_stages
from workbench.analysis.scope import StudyTables, codings_in_scope, find_scope, find_stage
from workbench.errors import BadSetting, UnknownName
from workbench.model import FEW, CodeKind, Estimate, MeasureSetting, StageSetting

COLUMNS = (
    "stage", "channel_a", "channel_b", "n_a", "n_b", "n_both", "n_of",
    "feeling_a", "low_a", "high_a", "n_felt_a", "feeling_b", "low_b", "high_b", "n_felt_b",
    "difference", "low", "high", "n_felt", "small", "clear", "pains_a_only", "pains_b_only", "measures", "clear_measures", "method", "sentence",
)  # fmt: skip

#: Ends of the scale of feelings, and of the difference of two.
_SCALE, _GAP = (-2.0, 2.0), (-4.0, 4.0)
#: With fewer people who speak of both channels, how their two feelings go together cannot be told.
_FEWEST_PAIRS = 3
_NOT_VARIED = "no interval: within a channel everybody feels the same; the ends are the limits of the scale"


@dataclass(frozen=True)
class _Channel:
    """What is told of a channel at a stage: by whom, each person's mean feeling, and who told which pain."""

    name: str
    people: frozenset[str]
    felt: Mapping[str, float]
    pains: Mapping[str, frozenset[str]]

    @property
    def feeling(self) -> Estimate | None:
        values = list(self.felt.values())
        return estimate_mean(values, limits=_SCALE, unit="valence", of="participants") if values else None

    def pains_without(self, other: _Channel) -> tuple[str, ...]:
        """``Refund needs a phone call (4 of 5)``, most shared first: n of those who speak of this channel there."""
        own = sorted(((name, len(who)) for name, who in self.pains.items() if name not in other.pains), key=lambda p: (-p[1], p[0]))
        return tuple(f"{name} ({n} of {len(self.people)})" for name, n in own)


def channel_consistency(study: StudyTables, *, stage: str | None = None, touchpoint: str | None = None) -> pd.DataFrame:
    """How people fare by each of two channels at the same stage.

    Which channel something is told of is decided by :func:`~workbench.analysis.by_channel.told_of_channels`.

    Parameters
    ----------
    study : an opened study
    stage : id or name of one stage (all of them)
    touchpoint : name or path of one: only what is told in the same words as it or as one below it (everything)

    Returns
    -------
    One row per stage and pair of channels that people speak of there, by name:

    - ``stage`` (name), ``channel_a``, ``channel_b``
    - ``n_a``, ``n_b``: participants who speak of each there, ``n_both`` of both, out of ``n_of`` who were heard and whose stage it is
    - ``feeling_a``: mean over participants of each one's mean coded feeling there, -2 to +2, with its t interval ``low_a`` to
      ``high_a`` over ``n_felt_a`` participants; the same with ``_b``
    - ``difference`` (a minus b) with ``low`` to ``high`` and its ``method``: :func:`difference_of_overlapping_means`; ``n_felt``
      participants in all; ``small`` where one side has fewer than eight
    - ``clear``: whether that interval leaves out zero.  Each pair is looked at by itself: of twenty pairs that do not differ, one
      looks clear.
    - ``pains_a_only``, ``pains_b_only``: pain points told of one and not of the other, each with n of those who speak of it.
      With few people, that nobody told a pain of a channel does not say that it is not there
    - ``measures``: the stage's measures in both channels, where the data have an attribute for them; ``clear_measures`` names those
      whose difference leaves out zero (Newcombe 1998, Zou & Donner 2008).  An attribute is one of channels when ``channel`` is in
      its name, or when it has both names of the pair among its values
    - ``sentence``: the row in words

    Raises
    ------
    UnknownName
        There is no such stage, or no touchpoint of this name was coded.
    BadSetting
        study.toml names no stages.
    """
    settings = study.settings
    if not settings.stages:
        raise BadSetting("study.toml", "it names no stages, in which channels could meet", "Add [[stage]] with an id and a name for each.")
    stages = [find_stage(settings.stages, stage)] if stage else list(settings.stages)
    scope = find_scope(study, None, None, None)
    codings = codings_in_scope(study.codings, scope)
    staged = put_into_stages(codings, settings.stages)
    at = codings_at(codings, CodeKind.TOUCHPOINT, _paths_of(codings, touchpoint)) if touchpoint else codings
    rows = []
    for setting in stages:
        people = scope.of_stage[setting.id]
        told = told_of_channels(staged[staged["participant"].isin(list(people))], setting.id)
        channels = _channels(told[told["coding"].isin(at["coding"])])
        rows += [_row(study, setting, a, b, len(people)) for a, b in combinations(channels, 2)]
    whole = dict.fromkeys(("n_a", "n_b", "n_both", "n_of", "n_felt_a", "n_felt_b", "n_felt"), "int64")
    numbers = dict.fromkeys(("feeling_a", "low_a", "high_a", "feeling_b", "low_b", "high_b", "difference", "low", "high"), "float64")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({**whole, **numbers, "small": bool, "clear": bool})


def difference_of_overlapping_means(a: Mapping[str, float], b: Mapping[str, float]) -> Estimate:
    """Mean of ``a`` minus mean of ``b``, where some people have a value in both.

    Without people in both it is the t interval of Welch (1947), with everybody in both the one for pairs; in between, the interval
    of the partially overlapping samples t test with separate variances (Derrick, Russ, Toher & White 2017).  With one or two people
    in both, these are taken as if they were different ones, because nothing can be told of how their values go together.

    Where both sides are drawn alike from the five feelings, with 2 to 15 people to a side, the interval leaves out zero in at most 6 of
    100 draws (4,000 draws for each of 30 designs).

    Parameters
    ----------
    a, b : a feeling from -2 to +2 by participant

    Returns
    -------
    The difference, its interval cut at -4 and +4; ``n`` counts each participant once.  Where a side has one value or two
    equal ones, or all values of both sides are equal, there is no interval: its ends are those limits, and the method says so.

    Raises
    ------
    NoAnswers
        A side is empty.
    """
    both, n = sorted(a.keys() & b.keys()), len(a.keys() | b.keys())
    x, y = (np.array(list(side.values()), dtype=float) for side in (a, b))
    found = difference_of_means(x, y, unit="valence", of="participants", what="feelings by channel")
    if len(both) >= _FEWEST_PAIRS:
        pairs = np.array([[a[who], b[who]] for who in both])
        found = _overlapping(found, x, y, pairs)
    flat = [len(side) for side in (x, y) if not np.ptp(side)]
    if min(len(x), len(y)) > 1 and (len(flat) == 2 or 2 in flat):  # two people who agree say nothing of how people vary
        found = replace(found, low=_GAP[0], high=_GAP[1], method=_NOT_VARIED)
    return replace(found, low=max(found.low, _GAP[0]), high=min(found.high, _GAP[1]), n=n)


def _overlapping(welch: Estimate, x: np.ndarray, y: np.ndarray, pairs: np.ndarray) -> Estimate:
    n_pairs, alone = len(pairs), len(x) + len(y) - 2 * len(pairs)
    u, v = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    if not (u and v):
        return welch
    r = np.corrcoef(pairs.T)[0, 1] if np.ptp(pairs, axis=0).all() else 0.0
    error = sqrt(max(0.0, u + v - 2 * r * sqrt(u * v) * n_pairs / sqrt(len(x) * len(y))))
    apart = (u + v) ** 2 / (u**2 / (len(x) - 1) + v**2 / (len(y) - 1))
    freedom = n_pairs - 1 + (apart - n_pairs + 1) * alone / (alone + 2 * n_pairs)
    half = float(stdtrit(freedom, 0.975)) * error
    if not error:
        return replace(welch, low=_GAP[0], high=_GAP[1], method=_NOT_VARIED)
    method = "t interval of pairs" if not alone else "partially overlapping samples t interval (Derrick et al. 2017)"
    return replace(welch, low=welch.value - half, high=welch.value + half, method=method)


def _paths_of(codings: pd.DataFrame, touchpoint: str) -> list[str]:
    """The paths of the touchpoints that are called so, and of those below them."""
    places = codings[codings["kind"] == CodeKind.TOUCHPOINT]
    wanted = touchpoint.casefold()
    paths = set(places.loc[(places["code"].str.casefold() == wanted) | (places["path"].str.casefold() == wanted), "path"])
    if not paths:
        raise UnknownName("touchpoint", touchpoint, places["path"].unique())
    return [p for p in places["path"].unique() if any(p == own or p.startswith(f"{own} / ") for own in paths)]


def _channels(told: pd.DataFrame) -> list[_Channel]:
    """The channels that something is told of, by name."""
    found = []
    for path, own in told.groupby("channel", sort=True):
        felt = own[(own["kind"] == CodeKind.EMOTION) & own["intensity"].notna()]
        by_person = felt.groupby("participant")["intensity"].mean().astype(float)
        pains = own[own["kind"] == CodeKind.PAIN].groupby("code")["participant"]
        found.append(
            _Channel(
                str(path).rpartition(" / ")[2],
                frozenset(own["participant"]),
                {str(who): value for who, value in by_person.items()},
                {str(name): frozenset(who) for name, who in pains},
            )
        )
    return found


def _row(study: StudyTables, stage: StageSetting, a: _Channel, b: _Channel, n_of: int) -> tuple[object, ...]:
    one, other = a.feeling, b.feeling
    gap = difference_of_overlapping_means(a.felt, b.felt) if one and other else None
    few = min(len(a.felt), len(b.felt)) < FEW
    clear = gap is not None and (gap.low > 0 or gap.high < 0)
    pains = a.pains_without(b), b.pains_without(a)
    measured = list(_measured(study, stage, a.name, b.name))
    said = [_felt_in_words(a, b, gap), *(f"Told of {c.name} only: {', '.join(own)}." for c, own in zip((a, b), pains, strict=True) if own)]
    said += [f"{words[0].upper()}{words[1:]}." for _, words, _ in measured]
    return (
        stage.name, a.name, b.name, len(a.people), len(b.people), len(a.people & b.people), n_of,
        *_ends(one), len(a.felt), *_ends(other), len(b.felt),
        *_ends(gap), gap.n if gap else len(a.felt.keys() | b.felt.keys()), few, clear, *pains,
        tuple(words for _, words, _ in measured), tuple(name for name, _, is_clear in measured if is_clear), gap.method if gap else "",
        f"{stage.name}, {a.name} and {b.name}: {' '.join(said)}",
    )  # fmt: skip


def _felt_in_words(a: _Channel, b: _Channel, gap: Estimate | None) -> str:
    one, other = a.feeling, b.feeling
    if gap is None or one is None or other is None:
        silent = " and ".join(c.name for c in (a, b) if not c.felt)
        return f"no feeling was coded with {silent}, so feelings cannot be compared."
    numbers = f"{_valence(a.name, one)}, {_valence(b.name, other)}"
    if (gap.low, gap.high) == _GAP:
        return f"too little to compare feelings by: {numbers}."
    apart = f"difference {signed(gap.value)} ({signed(gap.low)} to {signed(gap.high)})"
    if gap.low <= 0 <= gap.high:
        return f"no clear difference in feeling: {numbers}; {apart}."
    better = a if gap.value > 0 else b
    return f"{better.name} feels clearly better: {numbers}; {apart}."


def _valence(name: str, e: Estimate) -> str:
    return f"{name} {number(e)} ({n_of_people(e)})"


def _measured(study: StudyTables, stage: StageSetting, a: str, b: str) -> Iterator[tuple[str, str, bool]]:
    """The stage's measures in both channels: name, words, and whether they differ clearly."""
    for setting in study.settings.measures:
        split = _split(study, setting, a, b) if setting.stage == stage.id else None
        if split is None:
            continue
        name, values = split
        one, other = (compute_measure(setting, responses=study.responses, events=study.events, segment={name: v}) for v in values)
        if one and other:
            gap = difference(one.estimate, other.estimate)
            clear = gap.low > 0 or gap.high < 0
            shown = ", ".join(
                f"{c} {number(m.estimate)} ({interval(m.estimate)}, {n_of_people(m.estimate)})" for c, m in ((a, one), (b, other))
            )
            yield setting.name, f"{setting.name}: {shown}; {'a clear' if clear else 'no clear'} difference", clear


def _split(study: StudyTables, setting: MeasureSetting, a: str, b: str) -> tuple[str, tuple[str, str]] | None:
    """The attribute in the data of a measure that tells two channels apart, and their values in it."""
    for name, values in _attributes(study, setting).items():
        loosely = "channel" in re.split(r"[\W_]+", name.casefold())
        found = [[v for v in values if _means(v, channel, loosely)] for channel in (a, b)]
        if all(len(own) == 1 for own in found) and found[0] != found[1]:
            return name, (found[0][0], found[1][0])
    return None


def _attributes(study: StudyTables, setting: MeasureSetting) -> dict[str, list[str]]:
    if setting.from_event:
        return {name: list(a.values) for name, a in study.events.attributes.items()} if study.events is not None else {}
    sheets = study.responses[study.responses["survey"] == setting.survey] if len(study.responses) else study.responses
    mapped = [name for s in study.settings.surveys if s.id == setting.survey for name in s.attributes]
    names = [*dict.fromkeys([setting.by, *mapped, *(["channel"] if setting.survey == "tickets" else [])])]
    return {name: [str(v) for v in sheets[name].dropna().unique()] for name in names if name in sheets.columns}


def _means(value: str, channel: str, loosely: bool) -> bool:
    """Whether a value is a channel: by its name, or ``phone`` for “Phone call” where the attribute is one of channels."""
    words, of = (set(re.findall(r"\w+", text.casefold())) for text in (value, channel))
    return words == of or (loosely and bool(words) and words <= of)


def _ends(e: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (e.value, e.low, e.high) if e else (None, None, None)
