"""From a pain or a gap to what is worth doing first, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import isfinite, nan, sqrt
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analysis.answers import Scale, given_answers, read_scale
from workbench.analysis.intervals import estimate_share
from workbench.errors import BadSetting, UnknownName
from workbench.model import (
    Basis,
    Estimate,
    Journey,
    LaneKind,
    Measured,
    Opportunity,
    OpportunityStatus,
    Stage,
    Statement,
)

#: What an opportunity goes through, in this order.
LIFE_CYCLE = tuple(OpportunityStatus)
NOT_ESTIMATED = "not estimated yet"

_JUDGED = {"customer_value": "customer value", "business_value": "business value", "effort": "effort", "confidence": "confidence"}
_TOP_OF_SCORE = 20.0
#: An opportunity may name the ideas and delights beside it, too; who told of those does not have the problem.
_PROBLEMS = frozenset({LaneKind.PAIN, LaneKind.NEED, LaneKind.WEAKNESS, LaneKind.EXPECTATION, LaneKind.GOAL})


def propose_opportunities(journey: Journey) -> tuple[Opportunity, ...]:
    """An opportunity for each pain point, unmet need and missed target of a map that the team has none for yet.

    A need is unmet where its stage holds no delight; a target is missed where the whole interval of a measure lies on its wrong
    side.  Every word comes from the map: names of codes, stages and measures.  Nothing is estimated: that is for people.

    Returns
    -------
    Stage by stage: pain points, needs, measures, each most shared first.  ``statement`` is what it comes from, with its
    evidence; ``codes`` name the pain or the need; a missed measure is the ``measure`` of its opportunity, and its group the
    ``segment``.  The same problem always has the same id.
    """
    found = [o for stage in journey.stages for o in _proposed(journey, stage)]
    return tuple(o for o in found if not any(_same_problem(o, known) for known in journey.opportunities))


def opportunity_score(importance: Estimate, satisfaction: Estimate, *, correlation: float = 0.0) -> Estimate:
    """Importance plus what satisfaction lacks of it, 0 to 20 (Ulwick 2002).

    Parameters
    ----------
    importance, satisfaction : shares of people who gave one of the two best answers, which count tenfold (Ulwick 2005); or means
        whose ``unit`` names the scale (``"1 to 5"``): one that ends in 10 is taken as it is, another is stretched to 0 to 10
    correlation : of the two, where the same people answered both; 0 makes the interval wider, if people are less satisfied
        with what matters more to them a little too narrow

    Returns
    -------
    The score.  Its interval combines both intervals: each is moved to its ends in turn, and the steps are added as squares
    (Zou & Donner 2008; with correlation Newcombe 1998, method 10 for pairs).

    Raises
    ------
    BadSetting
        A mean does not say its scale.

    Examples
    --------
    Nine of ten find it important and three of ten are satisfied: 9 + (9 - 3).

    >>> round(opportunity_score(estimate_share(90, 100), estimate_share(30, 100)).value, 6)
    15.0
    """
    i, s = _out_of_ten(importance), _out_of_ten(satisfaction)
    value = _score(i.value, s.value)
    down = (value - _score(i.low, s.value), value - _score(i.value, s.high))
    up = (_score(i.high, s.value) - value, _score(i.value, s.low) - value)
    low, high = (value - _together(*down, correlation), value + _together(*up, correlation))
    method = "square-and-add interval of both (Zou & Donner 2008)"
    return Estimate(value, max(0.0, low), min(_TOP_OF_SCORE, high), min(i.n, s.n), unit="0 to 20", of=i.of, method=method)


def opportunity_scores(
    responses: pd.DataFrame,
    importance_col: str,
    satisfaction_col: str,
    *,
    by: str | None = None,
    top: Sequence[int] = (4, 5),
    scale: Scale = (1, 5),
) -> pd.DataFrame:
    """How important something is to people and how satisfied they are with it, as an opportunity score.

    Parameters
    ----------
    responses : one row per answer; who left out one of the two is left out and counted
    by : a column to score apart by: the need that was asked about, or a segment
    top : the answers that count as important and as satisfied, of ``scale``

    Returns
    -------
    One row per value of ``by`` (a single row without it), the highest score first: ``by``'s column; ``importance`` and
    ``satisfaction`` (share of ``top`` times 10, with ``importance_low`` and so on: Wilson), ``score`` (0 to 20) with ``low`` and
    ``high`` (both intervals combined, with the correlation of the two answers), ``n`` people and ``n_missing``.

    Raises
    ------
    UnknownName
        There is no such column.
    BadAnswers
        An answer is not on the scale.
    """
    for column in filter(None, (importance_col, satisfaction_col, by)):
        if column not in responses.columns:
            raise UnknownName("column of responses", column, [str(c) for c in responses.columns])
    groups = [("", responses)] if by is None else list(responses.groupby(by, sort=True))
    table = pd.DataFrame([_scored(own[importance_col], own[satisfaction_col], top, scale) for _, own in groups])
    if by is not None:
        table.insert(0, by, [name for name, _ in groups])
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True) if len(table) else table


def rank_opportunities(opportunities: Iterable[Opportunity], journey: Journey | None = None) -> pd.DataFrame:
    """What is worth doing first, and why.

    Parameters
    ----------
    journey : the map that says how many people an opportunity is about and how its stage feels

    Returns
    -------
    One row per opportunity, the most worth doing first:

    - ``rank``, ``id``, ``opportunity`` (the how-might-we), ``stage`` (name), ``status``
    - ``n`` of ``n_of`` participants who said one of its codes at its stage (its pains and needs, where it has any), as ``reach`` with ``reach_low`` and ``reach_high`` (Wilson)
    - ``severity`` with ``severity_low``, ``severity_high``: the mean valence of the stage, -2 to +2, or where nobody's feeling
      was coded the share of satisfied people; ``severity_of`` says which
    - ``customer_value``, ``business_value``, ``effort`` (1 to 5), ``confidence`` (0 to 1): as the team judged, never filled in;
      ``votes`` for its ideas
    - ``opportunity_score`` (0 to 20) with ``score_low`` and ``score_high``, where people were asked: :func:`opportunity_score`
    - ``value_over_effort``: customer plus business value, times confidence, over effort; RICE without reach (McBride 2016), which
      stands beside it
    - ``missing``: the judgements that nobody gave; such a row comes after those that are complete
    - ``why``: one sentence

    Rows rank by ``value_over_effort``, then by ``opportunity_score``, then by ``reach``.
    """
    rows = [_ranked_row(o, journey) for o in opportunities]
    if not rows:
        return pd.DataFrame(columns=["rank", *_ranked_row(Opportunity("", ""), None)])
    numbers = [*_JUDGED, "value_over_effort", "opportunity_score", "score_low", "score_high", "severity", "severity_low", "severity_high"]
    table = pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))
    keys = ["value_over_effort", "opportunity_score", "reach", "opportunity"]
    table = table.sort_values(keys, ascending=[False, False, False, True], na_position="last", ignore_index=True)
    table.insert(0, "rank", range(1, len(table) + 1))
    return table


def status_counts(opportunities: Iterable[Opportunity]) -> dict[OpportunityStatus, int]:
    """How many opportunities stand where in their life, in its order; 0 where there is none."""
    counts = Counter(o.status for o in opportunities)
    return {status: counts[status] for status in LIFE_CYCLE}


def board(opportunities: Iterable[Opportunity], journey: Journey | None = None) -> dict[OpportunityStatus, list[Opportunity]]:
    """The opportunities by where they stand in their life, in its order, each column by rank."""
    given = list(opportunities)
    order = {id: i for i, id in enumerate(rank_opportunities(given, journey)["id"])}
    given.sort(key=lambda o: order[o.id])
    return {status: [o for o in given if o.status == status] for status in LIFE_CYCLE}


def statements_behind(o: Opportunity, journey: Journey | None) -> list[Statement]:
    """What people said that an opportunity is about.

    Returns
    -------
    The statements of its codes at its stage (those of pains and needs, where there are any), and its own one, if that is of no
    code or the map has nothing of its codes.  On a map of some people only, nobody counts who is not on it.
    """
    codes = {c.casefold() for c in o.codes}
    kinds = {lane.name: lane.kind for lane in journey.lanes} if journey else {}
    cells = [c for c in journey.cells if o.stage in ("", c.stage)] if journey else []
    named = [(kinds[c.lane], s) for c in cells for s in c.statements if s.said_by and not s.hidden and s.code.casefold() in codes]
    found = [s for kind, s in named if kind in _PROBLEMS] or [s for _, s in named]
    own = _of_people_on(journey, o.statement) if o.statement else None
    return [*found, own] if own and own.said_by and not (found and own.code) else found


def _of_people_on(journey: Journey | None, own: Statement) -> Statement:
    """What an opportunity was written with is of everybody who was heard then; a map of a persona or a segment is of fewer."""
    if journey is None or not (journey.persona or journey.segment):
        return own
    here = {who for c in journey.cells for s in c.statements for who in s.said_by}
    evidence = tuple(e for e in own.evidence if isinstance(e, Measured) or e.participant in here)
    return replace(own, said_by=tuple(who for who in own.said_by if who in here), n_of=journey.n_of, evidence=evidence)


def in_words(estimate: Estimate, *, change: bool = False) -> str:
    """``52 % (48 to 56)``; a ``change`` always has its sign, and of a share it is in percentage points."""
    e, times = estimate, 100 if estimate.unit == "share" else 1
    known = isfinite(e.low) and isfinite(e.high)
    fine = change and times * max(abs(x) for x in (e.value, e.low, e.high) if isfinite(x)) < 10
    wide = e.unit != "valence" and known and times * (e.high - e.low) >= (3 if e.unit == "share" else 20)
    digits = 0 if wide and not fine else 1
    sign = "+" if change or e.unit in ("valence", "NPS points") else ""
    value, low, high = (_number(times * x, sign, digits) for x in (e.value, e.low, e.high))
    unit = {"share": " percentage points" if change else " %", "s": " s"}.get(e.unit, "")
    return f"{value}{unit} ({low} to {high})" if known else f"{value}{unit} (no interval)"


def target_in_words(measured: Measured) -> str:
    """The target of a measure, in its unit: ``80 %``; empty without one."""
    target, unit = measured.target, measured.estimate.unit
    if target is None:
        return ""
    return f"{100 * target:g} %" if unit == "share" else f"{target:g}{' s' if unit == 's' else ''}"


def segment_of(measured: Measured) -> dict[str, str]:
    """The attributes that a measure was narrowed to, from its words ``device = phone``."""
    return dict(part.split(" = ", 1) for part in re.split(r", (?=[^,=]+ = )", measured.segment) if " = " in part)


def _proposed(journey: Journey, stage: Stage) -> Iterator[Opportunity]:
    lanes = {kind: [lane.name for lane in journey.lanes if lane.kind == kind] for kind in LaneKind}

    def said(kind: LaneKind) -> list[Statement]:
        found = [s for name in lanes[kind] for s in journey.cell(stage.id, name).statements if not s.hidden]
        return sorted(found, key=lambda s: -s.n)

    for pain in said(LaneKind.PAIN):
        yield _opportunity(stage, f"spare people “{pain.text}” at “{stage.name}”", pain)
    for need in said(LaneKind.NEED) if not said(LaneKind.DELIGHT) else ():
        yield _opportunity(stage, f"meet the need “{need.text}” at “{stage.name}”", need)
    for m in (m for s in said(LaneKind.MEASURE) for m in s.measures if m.target_met is False):
        where, target = f" ({m.segment})" if m.segment else "", target_in_words(m)
        statement = Statement(f"{m.name}{where}: {in_words(m.estimate)}, target {target}", Basis.MEASURED, (m,))
        asked = f"bring “{m.name}”{where} {'down' if m.lower_is_better else 'up'} to {target}"
        yield replace(_opportunity(stage, asked, statement, f"{m.name}{where}"), measure=m.name, segment=segment_of(m))


def _opportunity(stage: Stage, asked: str, statement: Statement, about: str = "") -> Opportunity:
    about = about or statement.id or statement.code or statement.text
    codes = (statement.code,) if statement.code else ()
    return Opportunity(uuid5(NAMESPACE_OID, f"{stage.id}/{about}").hex, f"{asked}?", stage.id, statement.step, codes, statement=statement)


def _same_problem(a: Opportunity, b: Opportunity) -> bool:
    if a.id == b.id:
        return True
    shared = {c.casefold() for c in a.codes} & {c.casefold() for c in b.codes}
    same_measure = bool(a.measure) and (a.measure, dict(a.segment)) == (b.measure, dict(b.segment))
    return b.stage in ("", a.stage) and (bool(shared) or same_measure)


def _ranked_row(o: Opportunity, journey: Journey | None) -> dict[str, Any]:
    n, n_of = _said(o, journey)
    reach = estimate_share(n, n_of, of="participants") if n_of else None
    severity, severity_of = _severity(o, journey)
    asked = opportunity_score(o.importance, o.satisfaction) if o.importance and o.satisfaction else None
    missing = [word for name, word in _JUDGED.items() if getattr(o, name) is None]
    worth = None if missing else (o.customer_value + o.business_value) * o.confidence / o.effort  # type: ignore[operator]
    stage = next((s.name for s in journey.stages if s.id == o.stage), o.stage) if journey else o.stage
    return {
        "id": o.id, "opportunity": o.how_might_we, "stage": stage, "status": o.status.value,
        "n": n, "n_of": n_of, **_columns("reach", reach), **_columns("severity", severity), "severity_of": severity_of,
        **{name: getattr(o, name) for name in _JUDGED}, "votes": sum(idea.n_votes for idea in o.ideas),
        **_columns("opportunity_score", asked, "score"), "value_over_effort": worth, "missing": ", ".join(missing),
        "why": _why(o, reach, severity, severity_of, asked, worth, missing),
    }  # fmt: skip


def _columns(name: str, e: Estimate | None, ends: str = "") -> dict[str, float]:
    value, low, high = (e.value, e.low, e.high) if e else (nan, nan, nan)
    return {name: value, f"{ends or name}_low": low, f"{ends or name}_high": high}


def _said(o: Opportunity, journey: Journey | None) -> tuple[int, int]:
    """How many participants said one of the codes at the stage, and how many could have."""
    found = statements_behind(o, journey)
    return len({who for s in found for who in s.said_by}), max((s.n_of for s in found), default=0)


def _severity(o: Opportunity, journey: Journey | None) -> tuple[Estimate | None, str]:
    felt = journey.feeling(o.stage).estimate if journey else None
    if felt:
        return felt, "mean valence of the stage"
    if o.satisfaction:
        return o.satisfaction, "satisfaction with it"
    lanes = {lane.name for lane in journey.lanes if lane.kind == LaneKind.MEASURE} if journey else set()
    cells = [c for c in journey.cells if c.stage == o.stage and c.lane in lanes] if journey else []
    asked = (m for c in cells for s in c.statements for m in s.measures if re.search(r"csat|satisf", m.name, re.IGNORECASE))
    found = next((m for m in asked if m.estimate.unit == "share"), None)
    return (found.estimate, found.name) if found else (None, "")


def _why(
    o: Opportunity,
    reach: Estimate | None,
    severity: Estimate | None,
    of: str,
    asked: Estimate | None,
    worth: float | None,
    missing: list[str],
) -> str:
    parts = [
        f"{reach.numerator} of {reach.n} participants said it"
        if reach
        else (o.statement and o.statement.text.rstrip(".")) or "nobody is on record as saying it"
    ]
    parts += [f"{of} {in_words(severity)}"] if severity else []
    parts += [f"opportunity score {in_words(asked)} of {_TOP_OF_SCORE:.0f}"] if asked else []
    if worth is None:
        parts.append(f"{NOT_ESTIMATED}: {', '.join(missing)}")
    else:
        parts.append(
            f"value {o.customer_value} + {o.business_value} at {100 * (o.confidence or 0):.0f} % confidence over effort {o.effort} makes {worth:.1f}"
        )
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _scored(importance: pd.Series, satisfaction: pd.Series, top: Sequence[int], scale: Scale) -> dict[str, Any]:
    both = given_answers(importance)[0].index.intersection(given_answers(satisfaction)[0].index)
    i = s = score = None
    if len(both):
        hits = [np.isin(read_scale(answers.loc[both], str(answers.name), scale)[0], list(top)) for answers in (importance, satisfaction)]
        i, s = (estimate_share(int(hit.sum()), len(both)) for hit in hits)
        score = opportunity_score(i, s, correlation=_correlation(*hits))
    rated = {**_columns("importance", i and _out_of_ten(i)), **_columns("satisfaction", s and _out_of_ten(s))}
    ends = {name.removeprefix("score_"): value for name, value in _columns("score", score).items()}
    return {**rated, **ends, "n": len(both), "n_missing": len(importance) - len(both)}


def _correlation(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    if a.all() or b.all() or not a.any() or not b.any():
        return 0.0
    return float(np.corrcoef(a.astype(float), b.astype(float))[0, 1])


def _out_of_ten(e: Estimate) -> Estimate:
    named = re.search(r"(-?\d+) to (\d+)", e.unit)
    if e.unit != "share" and not named:
        raise BadSetting("opportunity score", f'a mean in "{e.unit}" does not say its scale', 'Use a share, or a unit such as "1 to 5".')
    low, high = (float(end) for end in named.groups()) if named else (0.0, 1.0)
    if high == 10:
        return e
    return replace(e, **{name: 10 * (getattr(e, name) - low) / (high - low) for name in ("value", "low", "high")})


def _score(importance: float, satisfaction: float) -> float:
    return importance + max(importance - satisfaction, 0.0)


def _together(a: float, b: float, correlation: float) -> float:
    return sqrt(max(0.0, a * a + b * b - 2 * correlation * a * b))


def _number(x: float, sign: str, digits: int) -> str:
    text = f"{x:{sign},.{digits}f}"
    return (text.lstrip("+-") if float(text.replace(",", "")) == 0 else text).replace("-", "−")
