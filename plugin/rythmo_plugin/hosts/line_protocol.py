"""The line form that host scripts speak: a verb and fields, parted by tabs, one step a line.

UTF-8, LF at the end of a line. Inside a field a backslash is written `\\\\`, a tab `\\t`, a line end `\\n`
and a carriage return `\\r`. Lua reads it with one pattern and needs no JSON. docs/host-protocol.md says what
each verb means.
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
"""More than any report of a timeline is: 100 000 clips with long paths."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line: a verb and its fields. Numbers are written in base ten, a flag as 0 or 1."""

    verb: str
    fields: tuple[str, ...] = ()

    def field(self, index: int, default: str = "") -> str:
        """A field by place; older scripts may send fewer."""
        return self.fields[index] if index < len(self.fields) else default

    def number(self, index: int) -> int:
        """A field as a whole number. Lua writes large floats its own way. Raises InputError."""
        try:
            return round(float(self.field(index)))
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"The host script said {self.field(index)!r} where a number belongs (in {self.verb!r}).",
                hint="Install the script of this version: rythmo install.",
            ) from error

    def flag(self, index: int) -> bool:
        """A field as yes or no."""
        return self.field(index) == "1"


def step(verb: str, *fields: str | int) -> Step:
    """A step from values; `True` becomes 1."""
    return Step(verb, tuple(str(int(f)) if isinstance(f, bool) else str(f) for f in fields))


def encode(steps: Iterable[Step]) -> bytes:
    """The lines of steps."""
    text = "".join("\t".join(map(_escaped, (each.verb, *each.fields))) + "\n" for each in steps)
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> tuple[Step, ...]:
    """The steps of lines; empty lines are skipped. Raises InputError for what is far too long."""
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
