"""The constants at the head of a host script, filled in for this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from rythmo.errors import UsageError


def fill_constants(source: str, values: Mapping[str, str]) -> str:
    """`source` with `NAME = ...` (Python), `local NAME = ...` (Lua) and `const NAME = ...;` (JavaScript)
    set to the values, as quoted strings that all three languages read alike.

    Raises UsageError for a value that no such string can hold.
    """
    for name, value in values.items():
        if not value.isprintable():
            raise UsageError(
                f"{value!r} holds characters that a script cannot hold.", hint="Choose a plainer folder name."
            )
        source = _set_constant(source, name, json.dumps(value, ensure_ascii=False))
    return source


def _set_constant(source: str, name: str, quoted: str) -> str:
    line = re.compile(rf"^((?:local |const )?{re.escape(name)} = )[^;\n]*(;?)$", re.MULTILINE)
    return line.sub(lambda found: f"{found[1]}{quoted}{found[2]}", source)
