"""Keys of paid services. They are read from the environment or the system's keyring and never written.

A key is never a setting (settings are stored in files) and never part of a cache key. It is removed from
every message.
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
"""The name under which the system's keyring stores Rythmo's keys."""

_HIDDEN = "[key]"
# Services quote part of a wrong key in their answers, often with asterisks in the middle.
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|xi|key|AIza)[-_]?[\w*-]{12,}")


class Key:
    """A key that `repr` and `str` hide, and that cannot be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key, for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> str:
        raise TypeError("a key cannot be pickled; read it in the process that uses it")


def find_key(variable: str) -> Key | None:
    """Return the key called `variable` from the environment, else from the keyring, else None."""
    value = os.environ.get(variable, "").strip() or _from_keyring(variable)
    return Key(value) if value else None


def require_key(variable: str, service: str) -> Key:
    """Return the key as find_key does. Raises EngineMissingError, which tells how to set it."""
    key = find_key(variable)
    if key is None:
        missing = missing_key(variable, service)[0]
        raise EngineMissingError(f"{service} needs {missing.what}.", hint=f"Set it with: {missing.command}")
    return key


def missing_key(variable: str, service: str) -> tuple[Missing, ...]:
    """Return the key as missing when there is none, else nothing."""
    if find_key(variable) is not None:
        return ()
    return (
        Missing(
            f"a key of {service}", f"{variable_command(variable)}   (or: keyring set {SERVICE} {variable})"
        ),
    )


def variable_command(variable: str, value: str = "...") -> str:
    """Return the command that sets an environment variable in this system's usual shell."""
    return f'$env:{variable} = "{value}"' if sys.platform == "win32" else f"export {variable}={value}"


def missing_package(module: str, extra: str) -> tuple[Missing, ...]:
    """Return a package as missing when it is not installed, else nothing. It is not imported."""
    parents = module.split(".")[:-1]
    if all(find_spec(".".join(parents[: n + 1])) for n in range(len(parents))) and find_spec(module):
        return ()
    return (Missing(f"the package {module}", f"pip install 'rythmo[{extra}]'"),)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without the given keys and without anything that looks like a key."""
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
        # There is no keyring on this machine, or it is locked. The environment still works.
        return ""
