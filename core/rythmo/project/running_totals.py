"""Sums that a project keeps run after run, each in a file of its own: requests of engines, time at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec
from filelock import FileLock

from rythmo.files import write_atomically
from rythmo.project.workspace import Project
from rythmo.script import store

T = TypeVar("T")


def read_totals(project: Project, file: str, kind: type[tuple[T, ...]]) -> tuple[T, ...]:
    """Return the totals of all runs. A file that cannot be read counts as none."""
    with suppress(FileNotFoundError, msgspec.MsgspecError):
        return store.decode_json((project.home / file).read_bytes(), kind)
    return ()


def add_totals(
    project: Project,
    file: str,
    kind: type[tuple[T, ...]],
    new: Sequence[T],
    merged: Callable[[Sequence[T]], tuple[T, ...]],
) -> tuple[T, ...]:
    """Add new amounts and return the totals of all runs. Raises OutputError."""
    if not new:
        return read_totals(project, file, kind)
    # One process may voice a line while another mixes; both add to the same file.
    with FileLock(project.home / ".lock-costs"):
        whole = merged((*read_totals(project, file, kind), *new))
        write_atomically(project.home / file, store.encode_json(whole, indent=2))
    return whole
