"""A persona held against data: how many people it stands for, and whether what it claims is found again in what came later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from workbench.analysis.checkup import CheckedTables
from workbench.analysis.effects import midnight
from workbench.analysis.grouping import codings_heard
from workbench.analysis.intervals import difference_of_shares, estimate_share
from workbench.analysis.measures import compute_measure
from workbench.analysis.scope import StudyTables, fitting, parse_segment
from workbench.model import Check, CodeKind, Estimate, Measured, Persona, Statement, Trait, TraitKind
from workbench.model.moments import in_utc

CONFIRMED, CONTRADICTED, NOT_SEEN = "confirmed", "contradicted", "not seen"
#: How a passage feels that carries a trait of this kind; other kinds have no sign.
SIGN_OF = {TraitKind.PAIN: -1, TraitKind.DISAPPOINTS: -1, TraitKind.CHALLENGE: -1, TraitKind.PLEASES: 1}
#: Of a claim that counts nobody, at least this share of people must say it later.
AT_LEAST = 0.5


def population_share(study: StudyTables, persona: Persona) -> Estimate | None:
    """How large a share of the population a persona stands for, by its segment.

    Of the surveys that hold the attributes of the segment, the one with most respondents says it, each respondent once; else the
    event log, each user with the attributes of their first event.  Those whose attributes are not known are left out of n.  A survey
    that only participants answered tells whom the study invited, and no share.

    Returns
    -------
    The share with Wilson's interval, which speaks of the people who answered or came: who those are, it does not say.  ``None``
    where the persona has no segment, or no survey of others and no log has its attributes and values.
    """
    if not persona.segment:
        return None
    described = study.responses[study.responses["survey"].isin([s.id for s in study.settings.surveys])]
    asked = [found for _, own in described.groupby("survey") if (found := _respondents(own, persona.segment))]
    if asked:
        n, fits, survey = max(asked)
        return estimate_share(fits, n, of=f"respondents of survey {survey}")
    log = study.events
    if log is None or any(value not in getattr(log.attributes.get(name), "values", ()) for name, value in persona.segment.items()):
        return None
    first = log.user_starts[:-1]
    known = np.logical_and.reduce([log.attributes[name].codes[first] >= 0 for name in persona.segment])
    fits = int((log.mask(attributes=dict(persona.segment))[first] & known).sum())
    return estimate_share(fits, int(known.sum()), of="users") if known.any() else None


def _respondents(answers: pd.DataFrame, segment: Mapping[str, str]) -> tuple[int, int, str] | None:
    """How many people whose attributes are known, how many of them fit, and in which survey."""
    if any(name not in answers.columns or value not in set(answers[name]) for name, value in segment.items()):
        return None
    invited = answers["participant"].fillna("") != ""
    if invited.all():
        return None
    who = answers["participant"].where(invited, answers["respondent"])
    people = answers[list(segment)][~who.duplicated()].dropna()
    fits = (people == pd.Series(dict(segment))).all(axis=1)
    return len(people), int(fits.sum()), str(answers["survey"].iloc[0])


@dataclass(frozen=True)
class _Later:
    """What people who fit a persona said after it was made; ``who`` says in words which people these are."""

    codings: pd.DataFrame
    who: str

    @property
    def people(self) -> frozenset[str]:
        return frozenset(self.codings["participant"])

    def carrying(self, code: str) -> pd.DataFrame:
        """The codings of a code, by its path or its name."""
        wanted = code.casefold()
        return self.codings[(self.codings["path"].str.casefold() == wanted) | (self.codings["code"].str.casefold() == wanted)]


def validate_persona(
    study: CheckedTables,
    persona: Persona,
    since: date | None = None,
    *,
    opposites: Mapping[str, str] | None = None,
    coders: Collection[str] | None = None,
    on: date | None = None,
) -> tuple[Check, ...]:
    """What a persona claims, held against data that it was not made from.

    Parameters
    ----------
    study : an opened study
    persona : each of its traits that has a code or a measure is a claim; the others cannot be looked for
    since : the day from which on interviews and answers are new.  Transcripts that the persona quotes from are never new.
        Without a day, those count who fit its segment and whom it does not rest on, whenever they were heard; and measures cannot
        be held against anything
    opposites : by code, the code that says the contrary
    coders : use the codings of these coders only
    on : the day of the check (today)

    Returns
    -------
    One check per claim.  Of the N people who fit the persona and were heard later, n said it:

    - ``contradicted``, when more of them carry the opposite code than the code itself, or when, of those whose feeling was coded
      on such passages, more than half felt the other way (a pain point that pleased)
    - ``confirmed``, when somebody said it, and the share n of N is not clearly below the share that the claim rests on: the
      hybrid score interval of their difference (Newcombe 1998) reaches zero.  A claim that rests on no count is confirmed by
      half of them
    - ``not seen`` otherwise: silence is no contradiction

    A measure is taken anew from the day on.  With a target, it is confirmed when its whole interval lies on the side of the target
    that the persona's has, and contradicted when on the other; without one, when the two intervals overlap, and when they do not.
    """
    day = on or date.today()  # noqa: DTZ011 - a check is dated with a day of the calendar on the wall
    later = _later(study, persona, since, coders)
    against = {k.casefold(): v for k, v in (opposites or {}).items()}
    paths = {study.codebook.path(code) for code in study.codebook}  # a statement whose code shares its name has the path as its text
    checks: list[Check] = []
    for trait in persona.traits:
        if trait.statement.code:
            said = trait.statement.text if trait.statement.text in paths else trait.statement.code
            result, words = _held_against_words(trait, said, later, against.get(trait.statement.code.casefold(), ""))
            checks.append(Check(trait.statement.text, words, result, day))
        for measured in trait.statement.measures:
            result, words = _held_against_measure(study, measured, since)
            checks.append(Check(measured.name, words, result, day))
    return tuple(checks)


def _later(study: CheckedTables, persona: Persona, since: date | None, coders: Collection[str] | None) -> _Later:
    codings = codings_heard(study, coders=coders, since=since)
    quotes = [*(q for t in persona.traits for q in t.statement.quotes), *([persona.quote] if persona.quote else [])]
    people = study.participants
    fits = set(people.index[fitting(people, persona.segment)]) if persona.segment else set()
    if since is None:
        fits -= {*persona.participants, *(q.participant for q in quotes), *(a for t in persona.traits for a in t.statement.said_by)}
    else:
        fits |= set(persona.participants)
    new = codings["participant"].isin(fits) & ~codings["transcript"].isin({q.transcript for q in quotes})
    return _Later(codings[new], "who fit and " + (f"were heard since {since}" if since else "whom it does not rest on"))


# Words


def _held_against_words(trait: Trait, code: str, later: _Later, opposite: str) -> tuple[str, str]:
    """What came of it, and in words on what."""
    s, n_of = trait.statement, len(later.people)
    if not n_of:
        return NOT_SEEN, f"Interviews: there are 0 people {later.who}."
    own = later.carrying(code)
    n, n_opposite = own["participant"].nunique(), later.carrying(opposite)["participant"].nunique() if opposite else 0
    said = f"Interviews: {n} of {n_of} {later.who} said it"
    claim = f"it rests on {s.n} of {s.n_of}" if _counted(s) else "it rests on no count"
    if n_opposite > n:
        return CONTRADICTED, f'{said}, and {n_opposite} of {n_of} said "{opposite}"; {claim}.'
    n_against, n_felt = _felt_against(own, later.codings, SIGN_OF.get(trait.kind, 0))
    if 2 * n_against > n_felt:
        return CONTRADICTED, f"{said}, and {n_against} of {n_felt} whose feeling was coded felt the other way about it; {claim}."
    if n and _consistent(n, n_of, s):
        return CONFIRMED, f"{said}; {claim}."
    return NOT_SEEN, f"{said}{', clearly fewer' if n else ''}; {claim}."


def _counted(s: Statement) -> bool:
    return bool(s.said_by and s.n_of)


def _consistent(n: int, n_of: int, s: Statement) -> bool:
    """Whether a later share is not clearly below the one that was claimed."""
    if not _counted(s):
        return n >= AT_LEAST * n_of
    return difference_of_shares(n, n_of, s.n, s.n_of, of="participants").high >= 0


def _felt_against(own: pd.DataFrame, codings: pd.DataFrame, sign: int) -> tuple[int, int]:
    """How many people feel the other way on these passages, of those who show a feeling there."""
    felt = codings[(codings["kind"] == CodeKind.EMOTION) & codings["intensity"].notna()]
    both = own[["transcript", "participant", "start", "end"]].merge(
        felt[["transcript", "participant", "start", "end", "intensity"]], on=["transcript", "participant"], suffixes=("", "_felt")
    )
    both = both[(both["start"] < both["end_felt"]) & (both["start_felt"] < both["end"])]
    means = both.groupby("participant")["intensity"].mean().astype(float)
    return int((means * sign < 0).sum()), len(means)


# Numbers


def _held_against_measure(study: StudyTables, claimed: Measured, since: date | None) -> tuple[str, str]:
    source, claim = f"{claimed.source[:1].upper()}{claimed.source[1:]}", f"the persona says {_in_figures(claimed.estimate)}"
    if since is None:
        return NOT_SEEN, f"{source}: no day was named from which on data are new; {claim}."
    found = _measured_since(study, claimed, since)
    if found is None:
        return NOT_SEEN, f"{source}: there is nothing to measure since {since}; {claim}."
    result = _sided(claimed, replace(found, target=claimed.target, lower_is_better=claimed.lower_is_better))
    aim = f", target {claimed.target:g}" if claimed.target is not None else ""
    return result, f"{source}: {_in_figures(found.estimate)} since {since}; {claim}{aim}."


def _measured_since(study: StudyTables, claimed: Measured, since: date) -> Measured | None:
    moment = midnight(since)
    for setting in study.settings.measures:
        if setting.name == claimed.name:
            begins = setting.since
            if begins is not None:
                moment = max(moment, in_utc(begins))
            segment = parse_segment(claimed.segment)
            return compute_measure(replace(setting, since=moment), responses=study.responses, events=study.events, segment=segment)
    return None


def _sided(before: Measured, after: Measured) -> str:
    if before.target_met is not None:
        return NOT_SEEN if after.target_met is None else CONFIRMED if after.target_met == before.target_met else CONTRADICTED
    overlap = after.estimate.low <= before.estimate.high and before.estimate.low <= after.estimate.high
    return CONFIRMED if overlap else CONTRADICTED


def _in_figures(e: Estimate) -> str:
    if e.unit == "share":
        count = f"{e.numerator} of {e.n} {e.of}" if e.numerator is not None else f"{e.value:.0%} of {e.n} {e.of}"
        return f"{count} ({e.low:.0%} to {e.high:.0%})"
    return f"{e.value:.3g} {e.unit} ({e.low:.3g} to {e.high:.3g}, n {e.n} {e.of})"
