"""Fill in the constants at the head of a host script for this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from rythmo.errors import UsageError
from rythmo_plugin.service.fusion_prefs import quote_for_lua


def fill_constants(source: str, values: Mapping[str, str]) -> str:
    """Return `source` with its constants set to the values.

    A constant is `NAME = ...` (Python), `local NAME = ...` (Lua) or `const NAME = ...;` (JavaScript). Values
    become quoted strings that all three languages read the same way. Raises UsageError for a value with
    unprintable characters.
    """
    for name, value in values.items():
        if not value.isprintable():
            raise UsageError(
                f"A script cannot hold all characters of {value!r}.", hint="Choose a simpler folder name."
            )
        source = _set_constant(source, name, json.dumps(value, ensure_ascii=False))
    return source


def fill_lua_constants(source: str, values: Mapping[str, bytes]) -> str:
    """Return a Lua script with its constants set to bytes, which Lua passes to the system as they are.

    The script stays ASCII: other bytes are written by their numbers. Raises UsageError for control
    characters.
    """
    for name, value in values.items():
        if any(byte < 32 for byte in value):
            raise UsageError(
                f"A script cannot hold all characters of {value!r}.", hint="Choose a simpler folder name."
            )
        source = _set_constant(source, name, quote_for_lua(value).decode())
    return source


def _set_constant(source: str, name: str, quoted: str) -> str:
    line = re.compile(rf"^((?:local |const )?{re.escape(name)} = )[^;\n]*(;?)$", re.MULTILINE)
    return line.sub(lambda found: f"{found[1]}{quoted}{found[2]}", source)
