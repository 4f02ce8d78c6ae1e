"""Telling people of a run, through Apprise: which pages failed, which say something else than before.

No word of the research goes out: what a sentence quotes, what an exception said and the names of participants are left out.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from workbench.errors import MissingTool
from workbench.model import NotifyOn, NotifySetting, StudySettings, moments
from workbench.schedule.runner import Teller
from workbench.schedule.state import Page, Run

#: Of each kind, so many pages are listed.
MOST_PAGES = 20

#: ``${NAME}`` in an address stands for an environment variable, so that study.toml holds no secret.
VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_EXCEPTION = re.compile(r"(?s)(failed with [\w.]+\b).*")
_SOURCE = re.compile(r'\s?\("[^\n]*?"\)(?= failed with)')
_VALUES = re.compile(r"(The parameter \w+ is) .*? and was .*?\.(?= |;|$)")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_PATH = re.compile(r"(?<![\w.])/[^\s:,;()]+")


def teller(folder: Path, settings: StudySettings, environ: Mapping[str, str] = os.environ) -> Teller:
    """Tells whom ``[[notify]]`` names.

    Parameters
    ----------
    environ : the environment variables that ``${NAME}`` in an address stands for
    """

    def tell(run: Run) -> tuple[str, ...]:
        wanted = [(n, s) for n, s in enumerate(settings.notify, 1) if _parts(run, s.on)]
        names = _names_of_people(folder) if wanted else []
        return tuple(
            problem
            for n, setting in wanted
            for problem in _send(
                setting, message(settings.title, run, setting.on, names), f"{folder / 'study.toml'}, [[notify]] number {n}", environ
            )
        )

    return tell


def message(study: str, run: Run, on: Iterable[NotifyOn], names: Sequence[str] = ()) -> tuple[str, str]:
    """The title and the text of what somebody is told; ``names`` are those of people, which are left out."""
    parts = _parts(run, on)
    title = f"{study}: {', '.join(heading for heading, _ in parts)}"
    text = [f'Schedule "{run.schedule}", due {moments.to_the_minute(run.due)}.']
    for heading, lines in parts:
        text += ["", f"{heading}:" if lines else f"{heading}.", *lines[:MOST_PAGES]]
        if len(lines) > MOST_PAGES:
            text.append(f"- and {len(lines) - MOST_PAGES} more")
    text += ["", '"workbench schedule status" says it in full.']
    return title, _without(names, "\n".join(text))


def _parts(run: Run, on: Iterable[NotifyOn]) -> list[tuple[str, list[str]]]:
    """What is told: a heading, and a line for each page; nothing, if nobody wants to hear of this run."""
    parts: list[tuple[str, list[str]]] = []
    n = len(run.pages)
    if NotifyOn.FAILURE in on and run.error:
        parts.append((f"the reports could not be made ({_plain(run.error).rstrip('.')})", []))
    if NotifyOn.FAILURE in on and run.failed:
        parts.append((f"{len(run.failed)} of {n} {_reports(n)} failed", [f"- {p.name}: {_plain(p.error)}" for p in run.failed]))
    if NotifyOn.CHANGED in on and run.changed:
        parts.append((f"{len(run.changed)} of {n} {_reports(n)} changed", [f"- {p.name}: {_why(p)}" for p in run.changed]))
    return parts


def _reports(n: int) -> str:
    return "report" if n == 1 else "reports"


def _why(page: Page) -> str:
    return _plain(" ".join(page.why)) or ("it is new" if page.is_new else "it says something else than before")


def _plain(sentence: str) -> str:
    """A sentence without what it quotes from the study, what an exception said, and where things lie on this machine."""
    cut = _VALUES.sub(r"\1 another.", _EXCEPTION.sub(r"\1.", _SOURCE.sub("", sentence)))
    return " ".join(_PATH.sub("…", _QUOTED.sub("“…”", cut)).split())


def _without(names: Iterable[str], text: str) -> str:
    for name in sorted({n for n in names if len(n) > 1}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "(name)", text, flags=re.IGNORECASE)
    return text


def _names_of_people(folder: Path) -> list[str]:
    from workbench.store import load_contacts
    from workbench.study import open_study

    with closing(open_study(folder)) as study:
        known = [p.pseudonym for p in study.load_participants()]
        return [*known, *(each for c in load_contacts(study.db) for each in (c.name, *c.name.split(), c.email, c.phone))]


def _send(setting: NotifySetting, said: tuple[str, str], where: str, environ: Mapping[str, str]) -> list[str]:
    """One message to each address of a ``[[notify]]``; a sentence for each that could not be reached, without the address."""
    problems = []
    for n, written in enumerate(setting.to, 1):
        kind = written.partition("://")[0]
        place = f"{where}, address {n}" + (f" ({kind})" if re.fullmatch(r"[a-z0-9]{1,20}", kind) else "")
        missing = sorted({name for name in VARIABLE.findall(written) if name not in environ})
        if missing:
            told = f"the environment variable {missing[0]} is not set, so nobody was told there"
            problems.append(f"{place}: {told}. Set it for whoever runs the schedule.")
        elif problem := _apprise()(VARIABLE.sub(lambda m: environ[m[1]], written), said):
            problems.append(f"{place}: {problem}")
    return problems


def _apprise() -> Callable[[str, tuple[str, str]], str]:
    try:
        from apprise import Apprise
    except ImportError:
        sentence = str(MissingTool("Apprise, which sends messages,", 'pip install "ux-workbench[notify]"'))
        return lambda _address, _said: f"nobody was told there. {sentence}"
    # It logs addresses, and they hold secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

    def send(address: str, said: tuple[str, str]) -> str:
        title, body = said
        to = Apprise()
        if not to.add(address):
            return "this is no address that Apprise knows. Write one like slack://…, mailto://… or json://…, and check its variables."
        return (
            "" if to.notify(title=title, body=body) else "the message was not taken there. Check the address, its secret and the network."
        )

    return send
