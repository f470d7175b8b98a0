"""Values that installed packages register through entry points: built-ins and third parties alike."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


def registered(group: str, kind: type[T]) -> Iterator[T]:
    """Every value of a group. What cannot be loaded, or is of another kind, is logged and left out."""
    for entry in entry_points(group=group):
        value = _load(entry)
        if isinstance(value, kind):
            yield value
        elif value is not None:
            _log.error(
                "%s of %s is of the kind %s and not %s",
                entry.name,
                group,
                type(value).__name__,
                kind.__name__,
            )


def _load(entry: EntryPoint) -> object | None:
    # A third party's package must not take the program down: whatever it raises is logged whole.
    try:
        value: object = entry.load()
    except Exception:  # noqa: BLE001 - process border: foreign code at import
        _log.exception("%s of %s cannot be loaded", entry.name, entry.dist)
        return None
    return value
