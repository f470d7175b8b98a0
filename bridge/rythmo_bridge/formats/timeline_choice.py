"""Chooses a timeline from a file that holds several: the one that the user names, else the first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rythmo.errors import UsageError
from rythmo.files import make_printable

_MOST_LISTED = 8


def choose_timeline(path: Path, names: Sequence[str], wanted: str) -> tuple[int, tuple[str, ...]]:
    """Choose among the timelines of a file.

    Args:
        path: The file.
        names: The names of its timelines, in order; at least one.
        wanted: The name that the user gave; empty for the first.

    Returns:
        The index of the timeline, and notes for the user about the others.

    Raises:
        UsageError: No timeline has that name, or several have.
    """
    if wanted:
        return _index_of_name(path, names, wanted), ()
    if len(names) < 2:
        return 0, ()
    note = (
        f"{path.name} holds {len(names)} timelines; {names[0]!r} is read, not {_list_names(names[1:])}."
        " Choose with --sequence NAME."
    )
    return 0, (note,)


def _index_of_name(path: Path, names: Sequence[str], wanted: str) -> int:
    exact = [place for place, name in enumerate(names) if name == wanted]
    alike = exact or [place for place, name in enumerate(names) if _plain(name) == _plain(wanted)]
    if len(alike) == 1:
        return alike[0]
    problem = "no timeline" if not alike else f"{len(alike)} timelines"
    raise UsageError(
        f"{make_printable(path)} holds {problem} called {wanted!r}.", hint=f"It holds {_list_names(names)}."
    )


def _plain(name: str) -> str:
    return name.strip().casefold()


def _list_names(names: Sequence[str]) -> str:
    shown_names = ", ".join(repr(name[:80]) for name in names[:_MOST_LISTED])
    more = len(names) - _MOST_LISTED
    return f"{shown_names} and {more} more" if more > 0 else shown_names
