"""Keys of paid services: from the environment or the system's keyring, held in memory, never written.

A key is never a setting (settings are files), never part of a cache key, and is taken out of every message.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec

from rythmo.engines.base import Missing
from rythmo.errors import EngineMissingError

SERVICE = "rythmo"
"""The name under which the system's keyring holds Rythmo's keys."""

_HIDDEN = "[key]"
# Services repeat part of a wrong key in their answers, often with stars in the middle.
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|xi|key|AIza)[-_]?[\w*-]{12,}")


class Key:
    """A key that does not show itself: `repr` and `str` hide it, and it does not pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The key, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("a key is read where it is used, not sent there")


def find_key(variable: str) -> Key | None:
    """The key called `variable`: from the environment, else from the keyring; None: there is none."""
    value = os.environ.get(variable, "").strip() or _from_keyring(variable)
    return Key(value) if value else None


def require_key(variable: str, service: str) -> Key:
    """Like find_key. Raises EngineMissingError, which says how to give one."""
    key = find_key(variable)
    if key is None:
        missing = missing_key(variable, service)[0]
        raise EngineMissingError(f"{service} needs {missing.what}.", hint=f"Give it with: {missing.command}")
    return key


def missing_key(variable: str, service: str) -> tuple[Missing, ...]:
    """What to show in `rythmo engines` when there is no key."""
    if find_key(variable) is not None:
        return ()
    return (
        Missing(
            f"a key of {service}", f"{variable_command(variable)}   (or: keyring set {SERVICE} {variable})"
        ),
    )


def variable_command(variable: str, value: str = "...") -> str:
    """The command that sets a variable, in the shell that people have on this system."""
    return f'$env:{variable} = "{value}"' if sys.platform == "win32" else f"export {variable}={value}"


def missing_package(module: str, extra: str) -> tuple[Missing, ...]:
    """What to show when a package is not installed; looks for it without importing it."""
    parents = module.split(".")[:-1]
    if all(find_spec(".".join(parents[: n + 1])) for n in range(len(parents))) and find_spec(module):
        return ()
    return (Missing(f"the package {module}", f"pip install 'rythmo[{extra}]'"),)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the keys given and without anything that looks like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _HIDDEN)
    return _LOOKS_LIKE_A_KEY.sub(_HIDDEN, text)


@cache
def _from_keyring(variable: str) -> str:
    if find_spec("keyring") is None:
        return ""
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(SERVICE, variable) or ""
    except keyring.errors.KeyringError:
        # No keyring on this machine, or a locked one: the environment is the other way.
        return ""
