"""How a forked kernel and papermill's process pass Jupyter's messages: the parts of one, with their lengths, over a stream.

The parts are those that ``jupyter_client``'s Session makes and reads, so that nothing about a message differs from an ordinary kernel's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

_HEAD = struct.Struct("!cI")
_LENGTH = struct.Struct("!Q")

SHELL, IOPUB = b"s", b"i"

#: What messages are signed with: a Session complains without a key, but nobody else can reach the two ends of our socket.
KEY = b"fork"

Parts = list[bytes]


def packed(channel: bytes, parts: Sequence[bytes | memoryview]) -> bytes:
    """One message as bytes."""
    whole = [bytes(part) for part in parts]
    return b"".join([_HEAD.pack(channel, len(whole)), *(_LENGTH.pack(len(part)) for part in whole), *whole])


class Unpacker:
    """Bytes as they arrive in, whole messages out."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, more: bytes) -> Iterator[tuple[bytes, Parts]]:
        """The channel and the parts of each message that is complete now."""
        self._bytes += more
        while (end := self._end()) is not None:
            whole = bytes(self._bytes[:end])
            del self._bytes[:end]
            yield _unpacked(whole)

    def _end(self) -> int | None:
        if len(self._bytes) < _HEAD.size:
            return None
        _, n = _HEAD.unpack_from(self._bytes)
        start = _HEAD.size + n * _LENGTH.size
        if len(self._bytes) < start:
            return None
        end = start + sum(_lengths(self._bytes, n))
        return end if len(self._bytes) >= end else None


def _lengths(of: bytes | bytearray, n: int) -> list[int]:
    return [_LENGTH.unpack_from(of, _HEAD.size + i * _LENGTH.size)[0] for i in range(n)]


def _unpacked(whole: bytes) -> tuple[bytes, Parts]:
    channel, n = _HEAD.unpack_from(whole)
    at, parts = _HEAD.size + n * _LENGTH.size, []
    for length in _lengths(whole, n):
        parts.append(whole[at : at + length])
        at += length
    return channel, parts
