"""Load what installed packages register through entry points, built-in and third-party alike."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


def load_registered(group: str, kind: type[T]) -> Iterator[T]:
    """Yield every value of a group. One that cannot be loaded, or is not a `kind`, is logged and skipped."""
    for entry in entry_points(group=group):
        value = _load_entry(entry)
        if isinstance(value, kind):
            yield value
        elif value is not None:
            _log.error(
                "%s of %s is of type %s, not %s",
                entry.name,
                group,
                type(value).__name__,
                kind.__name__,
            )


def _load_entry(entry: EntryPoint) -> object | None:
    # A third-party package must not bring the program down: whatever it raises is logged with its traceback.
    try:
        value: object = entry.load()
    except Exception:  # noqa: BLE001 - process border: foreign code at import
        _log.exception("%s of %s cannot be loaded", entry.name, entry.dist)
        return None
    return value
