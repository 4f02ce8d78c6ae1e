"""An event log, prepared once: sorted, as integers, in contiguous arrays.

Events are in the order of their user, then of their time; events of one user with the same time keep the order of the file.
That is the rule for ties everywhere: of two such events, the one that stands first in the file happened first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.errors import BadRows, BadSetting, MissingColumn, UnknownName
from workbench.model.moments import in_utc

Ints = NDArray[np.int32] | NDArray[np.int16]
Positions = NDArray[np.int64]
Moment = datetime | date | str

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Positions in time are whole microseconds.
_STEP = timedelta(microseconds=1)


@dataclass(frozen=True, eq=False, repr=False)
class Attribute:
    """A column of words as integers: ``values[codes[i]]`` is the value of event i, -1 means it has none."""

    codes: Ints
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class EventLog:
    """Events sorted by user and time; make one with :meth:`from_table`.

    Parameters
    ----------
    users : int32, one per event: whose it is, an index into ``user_names``
    events : int16 or int32, one per event: what happened, an index into ``event_names``
    times : int64, one per event: microseconds since 1970 in UTC
    user_starts : int64, n_users + 1: user u has the events ``user_starts[u]`` to ``user_starts[u + 1]``, end excluded
    user_names : an Arrow array of text
    event_names : every name of the file, whether or not a filter left any of its events
    attributes : further columns, by name
    """

    users: NDArray[np.int32]
    events: Ints
    times: NDArray[np.int64]
    user_starts: Positions
    user_names: pa.Array
    event_names: tuple[str, ...]
    attributes: Mapping[str, Attribute]

    @classmethod
    def from_table(
        cls, table: pa.Table | pd.DataFrame, user_col: str, event_col: str, time_col: str, attributes: Sequence[str] = ()
    ) -> EventLog:
        """A log from an Arrow table or a frame with one row per event.

        Parameters
        ----------
        user_col, event_col : who did what; kept as text
        time_col : when, as timestamps; those without a zone are UTC
        attributes : further columns to keep, for filters and groups; kept as text

        Raises
        ------
        MissingColumn
        BadRows
            A row has no user, no event or no time: nothing is dropped.
        BadSetting
            ``time_col`` holds something else than times.
        """
        data = _columns(table, [user_col, event_col, time_col, *attributes])
        times = _microseconds(data[time_col], time_col)
        _check_complete(data, [user_col, event_col, time_col])
        users, user_names = _encode(data[user_col])
        events, event_names = _encode(data[event_col])
        time_us = times.to_numpy()
        order = _sort_order(users, time_us)
        users = users[order]
        return cls(
            users=users,
            events=_narrow(events, len(event_names))[order],
            times=time_us[order],
            user_starts=np.searchsorted(users, np.arange(len(user_names) + 1)),
            user_names=user_names,
            event_names=tuple(event_names.to_pylist()),
            attributes={name: _attribute(data[name], order) for name in attributes},
        )

    @property
    def n_events(self) -> int:
        """How many events."""
        return len(self.events)

    @property
    def n_users(self) -> int:
        """How many users with at least one event."""
        return len(self.user_starts) - 1

    def __repr__(self) -> str:
        span = ""
        if self.n_events:
            first, last = (_EPOCH + timedelta(microseconds=int(t)) for t in (self.times.min(), self.times.max()))
            span = f", {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        return f"EventLog({self.n_events:,} events of {self.n_users:,} users, {len(self.event_names)} kinds{span})"

    def where(self, since: Moment | None = None, until: Moment | None = None, **attributes: str | Collection[str]) -> EventLog:
        """The events of a period and with these attributes, as a log of its own.

        Parameters
        ----------
        since, until : ``since`` is included, ``until`` is not; a day means its first moment; without a zone it is UTC
        **attributes : a value, or several of which one must hold: ``device="phone"``.  An attribute is looked at on each
            event's own row: a user who changes device is in both halves, with the events of each.  A value that no event has
            leaves an empty log.

        Raises
        ------
        UnknownName
            The log was read without this attribute.
        """
        return self._take(self.mask(since, until, attributes))

    def mask(
        self, since: Moment | None = None, until: Moment | None = None, attributes: Mapping[str, str | Collection[str]] | None = None
    ) -> NDArray[np.bool_]:
        """One boolean per event: whether it is in the period and has these attributes; see :meth:`where`."""
        keep = np.ones(self.n_events, dtype=bool)
        if since is not None:
            keep &= self.times >= microseconds(since)
        if until is not None:
            keep &= self.times < microseconds(until)
        for name, wanted in (attributes or {}).items():
            attribute = self.attribute(name)
            accepted = {wanted} if isinstance(wanted, str) else set(wanted)
            codes = [i for i, value in enumerate(attribute.values) if value in accepted]
            keep &= np.isin(attribute.codes, codes)
        return keep

    def attribute(self, name: str) -> Attribute:
        """One attribute column.

        Raises
        ------
        UnknownName
        """
        if name not in self.attributes:
            raise UnknownName("attribute of events", name, self.attributes)
        return self.attributes[name]

    def positions_of(self, names: str | Sequence[str]) -> Positions:
        """Where the events with one of these names are, in ascending order.

        Raises
        ------
        UnknownName
        """
        found = np.zeros(self.n_events, dtype=bool)
        for name in (names,) if isinstance(names, str) else names:
            if name not in self._event_codes:
                raise UnknownName("event", name, self.event_names)
            found |= self.events == self._event_codes[name]
        return np.flatnonzero(found)

    @property
    def last(self) -> datetime:
        """The time of the last event, in UTC."""
        return _EPOCH + timedelta(microseconds=int(self.times.max()))

    def followed_for(self, span: timedelta) -> datetime:
        """The first moment that the log does not follow for a whole ``span``: what begins before it is known to its end."""
        return self.last - span + _STEP

    def first_in_user(self, positions: Positions) -> Positions:
        """Of ascending positions the first one of each user."""
        return positions[run_starts(self.users[positions])]

    def next_in_user(self, targets: Positions, after: Positions) -> Positions:
        """For each position in ``after`` the next one of ``targets`` of the same user; -1 where there is none.

        ``targets`` are in ascending order; -1 in ``after`` stays -1.
        """
        index = np.searchsorted(targets, after, side="right")
        found = np.append(targets, self.n_events)[index]
        same = (after >= 0) & (found < self.user_starts[self.users[after] + 1]) if len(after) else np.zeros(0, dtype=bool)
        return np.where(same, found, -1)

    def counts(self) -> pd.DataFrame:
        """How often each event happened.

        Returns
        -------
        One row per event name, most frequent first: ``event``, ``n_events``, ``n_users`` (users who did it at least once).
        """
        n_names = len(self.event_names)
        order = np.argsort(self.events, kind="stable")
        codes, users = self.events[order], self.users[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (codes[1:] != codes[:-1]) | (users[1:] != users[:-1])
        table = pd.DataFrame(
            {
                "event": pd.Series(self.event_names, dtype=str),
                "n_events": np.bincount(codes, minlength=n_names),
                "n_users": np.bincount(codes[first], minlength=n_names),
            }
        )
        return table.sort_values(["n_events", "event"], ascending=[False, True], ignore_index=True)

    def funnel(self, steps: Sequence[str | Sequence[str]], **options: Any) -> pd.DataFrame:
        """How many users get through ordered steps; see :func:`workbench.analysis.events.funnel.funnel`."""
        from workbench.analysis.events.funnel import funnel

        return funnel(self, steps, **options)

    @cached_property
    def _event_codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.event_names)}

    def _take(self, keep: NDArray[np.bool_]) -> EventLog:
        left = self.users[keep]
        starts = run_starts(left)
        user_starts = np.append(starts, len(left))
        return EventLog(
            users=np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(user_starts)),
            events=self.events[keep],
            times=self.times[keep],
            user_starts=user_starts,
            user_names=self.user_names.take(pa.array(left[starts])),
            event_names=self.event_names,
            attributes={name: Attribute(a.codes[keep], a.values) for name, a in self.attributes.items()},
        )


def run_starts(users: NDArray[np.int32]) -> Positions:
    """Where another user begins, in an array that is sorted by user."""
    change = np.ones(len(users), dtype=bool)
    change[1:] = users[1:] != users[:-1]
    return np.flatnonzero(change)


def microseconds(moment: Moment) -> int:
    """A moment as microseconds since 1970 in UTC; a day means its first moment, and without a zone it is UTC.

    Raises
    ------
    BadSetting
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            raise BadSetting("moment", f'"{moment}" is not a day or a time', 'Write "2026-10-05" or "2026-10-05T09:30".') from None
    return (in_utc(moment) - _EPOCH) // _STEP


def _columns(table: pa.Table | pd.DataFrame, names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    found = list(table.column_names) if isinstance(table, pa.Table) else [str(c) for c in table.columns]
    for name in names:
        if name not in found:
            raise MissingColumn("events", name, found)
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table[list(dict.fromkeys(names))], preserve_index=False)
    return {name: table.column(name) for name in names}


def _microseconds(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = column.type
    if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)) and not pa.types.is_null(kind):
        advice = "Read the file with read_events, or use pandas.to_datetime(…, utc=True)."
        raise BadSetting(f'column "{name}"', f"it holds {kind}, not times", advice)
    zone = kind.tz if pa.types.is_timestamp(kind) else None
    return column.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())


def _check_complete(data: Mapping[str, pa.ChunkedArray], names: Sequence[str]) -> None:
    if not any(data[name].null_count for name in names):
        return
    missing = {name: data[name].is_null().to_numpy() for name in names}
    rows = np.flatnonzero(np.logical_or.reduce(list(missing.values())))
    problems = [f"row {i + 1}: nothing in " + " and ".join(f'"{name}"' for name in names if missing[name][i]) for i in rows.tolist()]
    raise BadRows("events", problems, len(data[names[0]]) - len(rows))


def _encode(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], pa.Array]:
    """Integers in the order of first appearance, -1 for nothing, and the texts that they stand for."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    coded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    return coded.indices.fill_null(-1).to_numpy(), coded.dictionary.cast(pa.string())


def _attribute(column: pa.ChunkedArray, order: Positions) -> Attribute:
    codes, values = _encode(column)
    return Attribute(_narrow(codes, len(values))[order], tuple(values.to_pylist()))


def _narrow(codes: NDArray[np.int32], n_names: int) -> Ints:
    return codes.astype(np.int16) if n_names <= np.iinfo(np.int16).max else codes


def _sort_order(users: NDArray[np.int32], times: NDArray[np.int64]) -> Positions:
    """Stable order by user, then time."""
    if not len(times):
        return np.zeros(0, dtype=np.int64)
    since = times - times.min()
    bits = int(since.max()).bit_length()
    if bits + int(users.max()).bit_length() > 63:
        return np.lexsort((times, users))
    # one integer that holds both sorts twice as fast as two keys
    return np.argsort((users.astype(np.int64) << bits) | since, kind="stable")
