"""Encode and decode the line form of the host protocol: one step a line, a verb and tab-separated fields.

UTF-8, lines end with LF. Inside a field a backslash is written `\\\\`, a tab `\\t`, a line end `\\n` and a
carriage return `\\r`. Lua reads this with one pattern and needs no JSON parser. docs/host-protocol.md
explains the verbs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rythmo.errors import InputError

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_PLAIN = {written[1]: plain for plain, written in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TO_ESCAPE = re.compile(r"[\\\t\n\r]")
MAX_BYTES = 32 << 20
"""Above the largest report to expect: 100 000 clips with long paths."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line: a verb and its fields. Numbers are decimal, flags are 0 or 1."""

    verb: str
    fields: tuple[str, ...] = ()

    def field(self, index: int, default: str = "") -> str:
        """Return the field at an index, or `default`: older scripts may send fewer fields."""
        return self.fields[index] if index < len(self.fields) else default

    def number(self, index: int) -> int:
        """Return a field as an integer. Lua may write it as a float (`1e+06`). Raises InputError."""
        try:
            return round(float(self.field(index)))
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"The host script sent {self.field(index)!r} instead of a number (in {self.verb!r}).",
                hint="Install the script of this version: rythmo install.",
            ) from error

    def flag(self, index: int) -> bool:
        """Return whether a field is 1."""
        return self.field(index) == "1"


def step(verb: str, *fields: str | int) -> Step:
    """Make a step from values; `True` becomes 1."""
    return Step(verb, tuple(str(int(f)) if isinstance(f, bool) else str(f) for f in fields))


def encode(steps: Iterable[Step]) -> bytes:
    """Encode steps as lines."""
    text = "".join("\t".join(map(_escaped, (each.verb, *each.fields))) + "\n" for each in steps)
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> tuple[Step, ...]:
    """Decode lines to steps, skipping empty lines. Raises InputError for more than `MAX_BYTES`."""
    if len(data) > MAX_BYTES:
        raise InputError(f"The host script sent {len(data)} bytes.", hint="Split the timeline.")
    # A stray byte from a host's file name must not lose the rest, and must go back as it came.
    text = data.decode("utf-8", "surrogateescape")
    return tuple(_step(line) for line in text.split("\n") if line.strip("\r"))


def _step(line: str) -> Step:
    verb, *fields = (_unescaped(field) for field in line.rstrip("\r").split("\t"))
    return Step(verb, tuple(fields))


def _escaped(field: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], field)


def _unescaped(field: str) -> str:
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[1], found[0]), field)
