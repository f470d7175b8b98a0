"""One progress event for everything, and the token that stops work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from rythmo.errors import CancelledError
from rythmo.script.model import Line, Speaker


@dataclass(frozen=True, slots=True)
class Cost:
    """What remote engines have asked for in this job, as far as their prices are known; `unknown` names the
    others."""

    amount: float
    currency: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stage is: `done` of `total` units; `detail` is for people.

    `line` is the id that this step is about; `lines` and `speakers` are what is newly known with it, for
    whoever shows a script that grows. `cost` is None while nothing was asked of a remote engine.
    """

    stage: str
    done: float
    total: float
    detail: str = ""
    line: str | None = None
    lines: tuple[Line, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    cost: Cost | None = None

    @property
    def fraction(self) -> float:
        """0.0 to 1.0; a stage with nothing to do counts as done."""
        return min(1.0, self.done / self.total) if self.total > 0 else 1.0


Report = Callable[[Progress], None]
Fraction01 = Callable[[float], None]
"""What an engine is handed: call it with 0.0 to 1.0 as the work goes on."""


def silent(_: object) -> None:
    """Report to nobody."""


class CancelToken:
    """Shared between who may stop the work and who does it; safe over threads."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask for a stop; the work ends at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise CancelledError if a stop was asked for."""
        if self._event.is_set():
            raise CancelledError(
                "The work was stopped.", hint="Run the same command again to go on from here."
            )


NEVER = CancelToken()
"""A token for callers that never cancel."""
