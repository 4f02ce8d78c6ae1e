"""Numbers and counts as a reader reads them."""

from __future__ import annotations

from workbench.analysis.in_words import how_measured, interval, n_of_people, number, points, signed
from workbench.analysis.team import absent_roles, made_by
from workbench.model import CodeKind, Journey, SourceKind
from workbench.study import Study

__all__ = [
    "counts", "day_shown", "feelings", "group", "how_it_was_made", "how_many_shown", "how_measured", "joined", "interval", "lower", "n_of_people", "number", "points", "signed", "spelled",
]  # fmt: skip

_SMALL_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def group(segment: str) -> str:
    """``phone`` for the segment ``device = phone``."""
    return ", ".join(part.split(" = ", 1)[-1] for part in segment.split(", "))


def lower(text: str) -> str:
    """A name inside a sentence: its first letter small, unless it is an abbreviation."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def feelings(journey: Journey) -> str:
    """The curve of feeling in words, for those who do not see it."""
    parts = []
    for stage in journey.stages:
        e = journey.feeling(stage.id).estimate
        parts.append(f"{stage.name} {signed(e.value)} ({interval(e)}, n {e.n})" if e else f"{stage.name}: nobody's feeling was coded")
    return "Mean coded valence from −2 to +2 with a 95 % interval over participants: " + "; ".join(parts) + "."


def counts(study: Study, journey: Journey) -> str:
    """``Twelve people, 400 survey answers and 60,000 events``; what was collected is the study's, also where the map is of some people only."""
    people = f"{spelled(journey.n_of).capitalize()} {'person' if journey.n_of == 1 else 'people'}"
    surveys = [s.id for s in study.settings.surveys]
    responses = study.responses
    n_answers = int(responses["survey"].isin(surveys).sum())
    n_tickets = int((responses["survey"] == "tickets").sum())
    n_surveys = responses.loc[responses["survey"].isin(surveys), "survey"].nunique()
    parts = [f"{n_answers:,} answer sheets" + (f" of {n_surveys} surveys" if n_surveys > 1 else "")] if n_answers else []
    parts += [f"{n_tickets:,} support tickets"] if n_tickets else []
    parts += [f"{study.events.n_events:,} events of {study.events.n_users:,} users"] if study.events is not None else []
    if parts and (journey.persona or journey.segment):
        return f"{people}, in a study with {joined(parts)}"
    return joined([people, *parts])


def day_shown(study: Study) -> str:
    """The day that a page is of, which is that of its data: made again later of the same, it is the same page."""
    if study.as_of:
        return f"as it was at the end of {study.as_of:%-d %B %Y}"
    return f"data of {study.last_changed:%-d %B %Y}" if study.last_changed else ""


def how_many_shown(n: int, shown: int, *, silent: int = 0, changed: int = 0) -> str:
    """How many of ``n`` passages, a number that stands before it, are on the page, and why the others are not; nothing, where all are.

    Parameters
    ----------
    silent : passages whose speaker did not agree to be quoted
    changed : passages whose transcript has changed since
    """
    if shown >= n:
        return ""
    short = n - shown - silent - changed
    why = [f"{short} left out to keep the page short"] if short else []
    why += [f"{silent} counted but not shown, as their speaker did not agree to be quoted"] if silent else []
    why += [f"{changed} counted but not shown, as the transcript has changed since"] if changed else []
    return f"{shown or 'none'} shown, {joined(why)}"


def how_it_was_made(study: Study, journey: Journey) -> list[str]:
    """The method in a few sentences, from what is in the study."""
    transcripts, codings, book = study.transcripts, study.codings, study.codebook
    if transcripts.empty:
        return ["No interviews are in this study yet."]
    tickets = transcripts["kind"] == SourceKind.TICKET
    kinds = transcripts.loc[~tickets, "kind"].value_counts()
    heard = joined([f"{n} {kind}{'s' * (n != 1)}" for kind, n in kinds.items()])
    written = int(transcripts.loc[tickets, "n_utterances"].sum())
    heard += f" ({int(transcripts.loc[~tickets, 'n_words'].sum()):,} words)" + (f" and {written:,} support tickets" if written else "")
    coders = sorted(codings["coder"].unique())
    then = ["The study is shown as it was on that day, with the study.toml and the consent to be quoted of today."] if study.as_of else []
    both = codings.groupby("transcript")["coder"].nunique().gt(1).sum() if len(codings) else 0
    lines = [
        f"{heard}, coded by {joined(coders) or 'nobody yet'} with {len(book)} codes"
        + (f"; {both} transcripts were coded by more than one." if both else "."),
        f"A passage that was coded with a stage and with something else puts the second in the first's column. “n of {journey.n_of}” counts distinct "
        "participants, never passages. How a stage feels is the mean over participants of each one's mean coded valence, −2 to +2, with a "
        "bootstrap interval over participants. Shares have Wilson score intervals; every interval is 95 %.",
        "Moments of truth are proposed where many say the same and the feeling is clearly good or bad; the reason stands with each. "
        "Differences before and after a change are not proof that the change caused them: other things changed too.",
        *then,
    ]
    who = made_by(study.settings.team)
    if who:
        missing = absent_roles(study.settings.team)
        lines.insert(0, who + (f" Nobody in the team is {joined(list(missing))}." if missing else ""))
    if journey.n_contact_points:
        lines.append(f"The map holds {journey.n_contact_points} different contact points.")
    emotions = codings[codings["kind"] == CodeKind.EMOTION]
    if len(emotions):
        lines.append(f"{len(emotions)} codings of feeling stand behind the curve.")
    return lines


def joined(parts: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def spelled(n: int) -> str:
    """Numbers up to twelve as words."""
    return _SMALL_NUMBERS[n] if n < len(_SMALL_NUMBERS) else f"{n:,}"
