"""Define the progress event that all stages report, and the token that cancels work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from rythmo.errors import CancelledError
from rythmo.script.model import Line, Speaker, Word


@dataclass(frozen=True, slots=True)
class Cost:
    """What remote engines have charged in this job so far. `unknown` names engines without a known price."""

    amount: float
    currency: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one part of a stage runs: `chunk 3` or a line's id, on a process or machine, as text."""

    part: str
    place: str
    running: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of one stage: `done` of `total` units, with `detail` as text for people.

    `line` is the id of the line that this step is about. `lines` and `speakers` are new with this step, so
    that a page can show the script as it grows; `heard` are words recognised with it, in programme time,
    which no line holds yet. `cost` is None until a remote engine has been used.
    An event with a `placement` says where a part begins or ends, and nothing about how far the stage is.
    """

    stage: str
    done: float
    total: float
    detail: str = ""
    line: str | None = None
    lines: tuple[Line, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    heard: tuple[Word, ...] = ()
    cost: Cost | None = None
    placement: Placement | None = None

    @property
    def fraction(self) -> float:
        """The share done, 0.0 to 1.0. A stage with nothing to do counts as done."""
        return min(1.0, self.done / self.total) if self.total > 0 else 1.0


Report = Callable[[Progress], None]
Fraction01 = Callable[[float], None]
"""A callback that an engine calls with 0.0 to 1.0 as its work proceeds."""


def ignore_progress(_: object) -> None:
    """Ignore a progress report."""


class CancelToken:
    """A flag shared by whoever may stop the work and whoever does it. Safe across threads."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Request a stop. The work ends at its next `check`."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether a stop was requested."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise CancelledError if a stop was requested."""
        if self._event.is_set():
            raise CancelledError(
                "The work was stopped.", hint="Run the same command again to continue from here."
            )


NEVER = CancelToken()
"""A token for callers that never cancel."""
